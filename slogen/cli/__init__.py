"""The command line: one command per file, each loaded when it is called."""

import gc

gc.disable()  # a command is short and its data has no cycles worth looking for; a fifth of the time goes there

import contextlib
import errno
import importlib
import os
import sys
from typing import Final, NoReturn

import click

from slogen.cli.output import EXIT_BUG, EXIT_INPUT

os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")  # looking for plugins reads every installed package

COMMANDS: Final = (
    "compile",
    "diff",
    "validate",
    "backtest",
    "suggest",
    "backfill",
    "push",
    "test",
    "explain",
    "presets",
    "schema",
    "init",
)


class _Commands(click.Group):
    """Loads only the command that is called: each brings libraries of its own."""

    def list_commands(self, _context: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, _context: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(f"slogen.cli.{name}").command
        return command


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 80})
@click.version_option(package_name="slogen", message="%(prog)s %(version)s")
def cli() -> None:
    """
    Compile SLO files into alert rules that can be trusted.

    slogen reads what your teams promise from YAML files and writes Prometheus
    recording rules and multi-window, multi-burn-rate alerts.

    \b
    Exit codes: 0 nothing to say, 1 findings or differences, 2 the input does
    not compile or the call is wrong, 3 a bug in slogen, 4 a server gave no
    answer.
    """  # noqa: D301 - click takes the character for: leave these lines as they are


def main() -> None:
    """Run the command line; a bug keeps its traceback and has an exit code of its own."""
    try:
        try:
            cli()
        finally:
            if sys.stdout:  # None where it was closed
                sys.stdout.flush()  # click ends the process before Python would tell that this fails
    except BrokenPipeError:
        # Whoever read our output has gone, as `head` does.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except OSError as error:
        if error.errno != errno.ENOSPC:
            _tell_bug()
        with contextlib.suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what it holds back cannot be written
        click.echo(f"Error: the output cannot be written: {error.strerror}", err=True)
        sys.exit(EXIT_INPUT)
    except Exception:  # noqa: BLE001 - whatever it is, it is ours
        _tell_bug()


def _tell_bug() -> NoReturn:
    sys.excepthook(*sys.exc_info())
    click.echo("This is a bug in slogen; please report it with the lines above.", err=True)
    sys.exit(EXIT_BUG)

"""The options by which a command is told of a server and how to be let in, and the access that they make."""

import math
import os
from collections.abc import Callable, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any, Final, TypeVar

import click

from slogen.cli.project import Refused
from slogen.live.access import Access, access

_Command = TypeVar("_Command", bound=Callable[..., Any])

_AT_ONCE: Final = 8
_SKEWED_SECONDS: Final = 60
_FILE: Final = click.Path(path_type=Path, dir_okay=False)
_THERE: Final = click.Path(path_type=Path, dir_okay=False, exists=True)


def _header(_context: click.Context, _parameter: click.Parameter, texts: tuple[str, ...]) -> dict[str, str]:
    headers = {}
    for number, text in enumerate(texts, 1):
        name, colon, value = text.partition(":")
        if not colon or not name.strip().replace("-", "").isalnum() or not value.strip().isprintable():
            message = f"the header that is named {'first' if number == 1 else f'as number {number}'} is not NAME:VALUE"
            raise click.BadParameter(message)
        headers[name.strip()] = value.strip()
    return headers


def _seconds(_context: click.Context, _parameter: click.Parameter, seconds: float) -> float:
    if math.isnan(seconds):  # which is within any range, for click
        message = "it is no number"
        raise click.BadParameter(message)
    return seconds


def _secret(_context: click.Context, _parameter: click.Parameter, file: Path | None) -> str:
    """What stands in a file, white space around it apart."""
    if file is None:
        return ""
    try:
        return file.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is no text"
        message = f"{file} cannot be read: {reason}"
        raise click.BadParameter(message) from error


_OPTIONS: Final = (
    click.option("--user", envvar="SLOGEN_PROMETHEUS_USER", metavar="NAME", help="For basic authentication."),
    click.option(
        "--password-file", "password", type=_FILE, callback=_secret, metavar="FILE", help="With the password."
    ),
    click.option("--token-file", "token", type=_FILE, callback=_secret, metavar="FILE", help="With a bearer token."),
    click.option(
        "--header", "headers", multiple=True, callback=_header, metavar="NAME:VALUE", help="Like X-Scope-OrgID."
    ),
    click.option("--ca", type=_THERE, metavar="FILE", help="Authorities that vouch for the server."),
    click.option("--certificate", type=_THERE, metavar="FILE", help="The client's own."),
    click.option("--key", type=_THERE, metavar="FILE", help="The certificate's key."),
    click.option(
        "--timeout",
        type=click.FloatRange(0.1, 600),
        default=30,
        callback=_seconds,
        metavar="SECONDS",
        help="For one answer.",
    ),
    click.option("--jobs", type=click.IntRange(1, 64), default=_AT_ONCE, metavar="N", help="Ask so much at once."),
)


def connection_options(command: _Command) -> _Command:
    """How the server is reached that another option names; `chosen_access` takes them, which come by keyword."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def chosen_access(url: str, options: Mapping[str, Any]) -> Access:
    """
    The server at *url*, reached by the values of `connection_options`.

    Raises:
        Refused: it is no address of a server.
    """
    try:
        given = access(url)
    except ValueError as error:
        raise Refused(str(error)) from error
    return given._replace(
        headers=options["headers"],
        timeout_seconds=options["timeout"],
        at_once=options["jobs"],
        user=options["user"] or given.user,
        password=options["password"] or _environment("PASSWORD") or given.password,
        token=options["token"] or _environment("TOKEN"),
        ca=str(options["ca"] or ""),
        certificate=str(options["certificate"] or ""),
        key=str(options["key"] or ""),
    )


def _environment(name: str) -> str:
    return os.environ.get(f"SLOGEN_PROMETHEUS_{name}", "")


def skew(seconds: float) -> list[str]:
    """What there is to say where the clock of a server is so far ahead of ours."""
    if abs(seconds) <= _SKEWED_SECONDS:
        return []
    from slogen.explain.view import span  # late: most clocks are right

    apart = span(Fraction(round(abs(seconds))))
    return [f"the clock of the server is {apart} {'ahead' if seconds > 0 else 'behind'}; it is the one used"]

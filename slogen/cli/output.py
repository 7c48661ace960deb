"""Exit codes, and diagnostics as a person or a program reads them."""

import json
import os
import sys
from collections.abc import Callable, Iterable
from typing import Any, Final

import click

from slogen.diagnostics import Diagnostic, Level, Position

EXIT_FINDINGS: Final = 1
EXIT_INPUT: Final = 2
EXIT_BUG: Final = 3
EXIT_SERVER: Final = 4
"""A server could not be reached."""

_COLOURS: Final = {Level.ERROR: "red", Level.WARNING: "yellow"}


def show(diagnostics: Iterable[Diagnostic], line_of: Callable[[Position], str | None]) -> None:
    """
    Tell each diagnostic on stderr, one line each; on a terminal with the source line and a caret below.

    *line_of* gives the line at a position, or None when it cannot be had.
    """
    fancy = sys.stderr.isatty()
    for diagnostic in diagnostics:
        if fancy:
            _show_framed(diagnostic, line_of(diagnostic.position))
        else:
            click.echo(str(diagnostic), err=True)


def _show_framed(diagnostic: Diagnostic, line: str | None) -> None:
    level = _style(f"{diagnostic.level}:", fg=_COLOURS[diagnostic.level], bold=True)
    code = _style(f"[{diagnostic.code}]", dim=True)
    click.echo(f"{_style(str(diagnostic.position), bold=True)}: {level} {diagnostic.message} {code}", err=True)
    if line is not None:
        number = str(diagnostic.position.line)
        before = "".join(c if c == "\t" else " " for c in line[: diagnostic.position.column - 1])
        click.echo(f"  {_style(number, dim=True)} | {line}", err=True)
        click.echo(f"  {' ' * len(number)} | {before}{_style('^', fg=_COLOURS[diagnostic.level], bold=True)}", err=True)
    if diagnostic.also:
        click.echo(f"  the other is at {diagnostic.also}", err=True)


def _style(text: str, **style: Any) -> str:
    return text if os.environ.get("NO_COLOR") else click.style(text, **style)


def as_data(diagnostics: Iterable[Diagnostic]) -> list[dict[str, Any]]:
    """Diagnostics as JSON carries them."""
    return [
        {
            "file": diagnostic.position.file,
            "line": diagnostic.position.line,
            "column": diagnostic.position.column,
            "level": diagnostic.level.value,
            "code": diagnostic.code,
            "message": diagnostic.message,
            "also": None if diagnostic.also is None else str(diagnostic.also),
        }
        for diagnostic in diagnostics
    ]


def print_json(data: Any) -> None:
    """*data* on stdout."""
    click.echo(json.dumps(data, indent=2, ensure_ascii=False))

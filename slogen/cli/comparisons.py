"""A comparison as it is printed, form by form; commands that compare print it alike."""

import os
import sys
from typing import Any, Final

import click

from slogen.changes import Comparison, markdown, text
from slogen.changes.data import as_data
from slogen.changes.remarks import remarks
from slogen.changes.terms import CODES
from slogen.changes.text import Look
from slogen.cli import remarks as ci
from slogen.cli.output import print_json

FORMS: Final = ("text", "json", "markdown", "github", "gitlab", "sarif")

_COLOURS: Final[dict[Look, dict[str, Any]]] = {
    Look.HEAD: {"bold": True},
    Look.ADDED: {"fg": "green"},
    Look.REMOVED: {"fg": "red"},
    Look.CHANGED: {"fg": "yellow"},
    Look.BREAKING: {"fg": "red", "bold": True},
}


def tell(comparison: Comparison, form: str) -> None:
    """*comparison* on stdout, in colours on a terminal."""
    fancy = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    match form:
        case "json":
            print_json(as_data(comparison))
        case "markdown":
            click.echo(markdown.comment(comparison), nl=False)
        case "github":
            click.echo(ci.github(remarks(comparison)), nl=False)
        case "gitlab":
            print_json(ci.gitlab(remarks(comparison)))
        case "sarif":
            print_json(ci.sarif(remarks(comparison), CODES))
        case "text":
            click.echo(as_text(comparison, fancy=fancy), nl=False, color=fancy)


def as_text(comparison: Comparison, *, fancy: bool) -> str:
    """*comparison* in lines, in colours where it is to be *fancy*."""
    if not fancy:
        return text.plain(text.lines(comparison))
    return "".join(f"{click.style(line.text, **_COLOURS.get(line.look, {}))}\n" for line in text.lines(comparison))

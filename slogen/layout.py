"""Texts for people: tables that align, paragraphs that fit a terminal, Markdown that takes text for text."""

import re
import textwrap
from collections.abc import Sequence
from itertools import zip_longest
from typing import Final

WIDTH: Final = 80
_GAP: Final = "  "
_INDENT: Final = "&emsp;"
_MARKED: Final = re.compile(r"([\\`*_{}\[\]<>#|~&$!])")
_LIST: Final = re.compile(r"^(\s*)([-+]|\d+[.)])(?=\s)", re.MULTILINE)

Rows = Sequence[Sequence[str]]
"""A table; its first row is the head."""


def table(rows: Rows, indent: int = 0) -> str:
    """*rows* in columns, a line each."""
    widths = [max(map(len, column)) for column in zip_longest(*rows, fillvalue="")]
    lines = (_GAP.join(cell.ljust(width) for cell, width in zip(row, widths, strict=False)).rstrip() for row in rows)
    return "\n".join(f"{' ' * indent}{line}".rstrip() for line in lines)


def wrapped(text: str, indent: int = 0, mark: str = "") -> str:
    """*text* as one paragraph that fits a terminal, *mark* before its first line."""
    first = " " * indent + mark
    joined = printable(text)
    return textwrap.fill(
        joined, WIDTH, initial_indent=first, subsequent_indent=" " * len(first), break_on_hyphens=False
    )


def printable(text: str) -> str:
    """*text* in one line, without what would steer a terminal."""
    joined = " ".join(text.split())
    if joined.isprintable():
        return joined
    return "".join(one if one.isprintable() else one.encode("unicode_escape").decode() for one in joined)


def shortened(text: str, most: int) -> str:
    """*text*, or so many of its characters and how many more there are."""
    left = len(text) - most
    return text if left <= 0 else f"{text[:most]}... ({left:,} more)"


def markdown_table(rows: Rows) -> str:
    """*rows* as a table of Markdown."""
    head, *body = ([_cell(cell) for cell in row] for row in rows)
    lines = [head, ["---"] * len(head), *body]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(text: str) -> str:
    bare = text.lstrip(" ")
    return _INDENT * ((len(text) - len(bare)) // 2) + markdown(bare)


def markdown(text: str) -> str:
    """*text* so that Markdown takes no character of it for more than a character."""
    marked = _MARKED.sub(r"\\\1", printable(text))
    return _LIST.sub(r"\1\\\2" if not marked[:1].isdigit() else _escaped_number, marked)


def _escaped_number(match: re.Match[str]) -> str:
    return f"{match[1]}{match[2][:-1]}\\{match[2][-1]}"

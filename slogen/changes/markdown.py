"""
A comparison as a comment on a pull request: what it comes to first, the rules folded.

All that a file may have a say in stands within fences, where GitHub and GitLab take no character for more than a
character: no mention, no reference, no HTML, no link.

Source: https://github.github.com/gfm/#fenced-code-blocks
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from slogen.changes import text
from slogen.changes.text import Line
from slogen.changes.values import Comparison
from slogen.layout import printable, shortened

MARKER: Final = "<!-- slogen diff -->"
"""The first line of each comment, by which the next run finds it and writes it anew."""
MOST: Final = 65_536
"""
A comment on GitHub has fewer characters; here they are counted as bytes, which are no fewer.

Source: https://github.com/orgs/community/discussions/27190
"""
_LEFT_OUT: Final = "So many more lines that do not fit into a comment are told by `slogen diff`: "
_LONGEST: Final = 2_000
"""So many characters of a line are told, so that no text of a file hides what comes after it."""
_RESERVE: Final = 600
"""Bytes for what stands around the fences."""
_TICKS = re.compile("`+")
_SIGNED = re.compile(r"( +)([-+!]) ")
"""What a fence for differences colours by the first character of a line."""


def comment(comparison: Comparison, most: int = MOST) -> str:
    """The *comparison* in fewer than so many bytes; what does not fit is counted."""
    head = f"{MARKER}\n### slogen diff: {text.summary(comparison)}\n\n"
    head += f"{_code(comparison.before)} → {_code(comparison.after)}\n"
    left = most - _RESERVE - len(head.encode())
    parts, cut = [head], 0
    said = [*text.about_notes(comparison), *text.about_slos(comparison)]
    for title, found in (("", said), *text.about_rules(comparison)):
        lines = [line._replace(text=shortened(_signed(line.text), _LONGEST)) for line in found]
        fitting = list(_fitting(lines, left))
        cut += len(lines) - len(fitting)
        if fitting:
            part = _folded(title, fitting) if title else f"\n{_fenced(fitting)}"
            parts.append(part)
            left -= len(part.encode())
    if cut:
        parts.append(f"\n{_LEFT_OUT}{cut:,}.\n")
    return "".join(parts)


def _signed(line: str) -> str:
    """*line*, its sign first."""
    found = _SIGNED.match(line)
    return f"{found[2]} {found[1]}{line[found.end() :]}" if found else line


def _fitting(lines: Iterable[Line], most: int) -> Iterator[Line]:
    """The first of *lines*, as many as so many bytes hold beside a fence."""
    left = most - 4 * len(_fence(lines)) - len("<details><summary>other files</summary>\n\n\n</details>\n")
    for line in lines:
        left -= len(line.text.encode()) + 1
        if left < 0:
            return
        yield line


def _folded(title: str, lines: list[Line]) -> str:
    return f"\n<details><summary>{title}</summary>\n\n{_fenced(lines)}\n</details>\n"


def _fenced(lines: list[Line]) -> str:
    fence = _fence(lines)
    return f"{fence}diff\n{text.plain(lines)}{fence}\n"


def _fence(lines: Iterable[Line]) -> str:
    """More backticks than there are in a row in any of *lines*."""
    return "`" * max(3, 1 + max((len(found) for line in lines for found in _TICKS.findall(line.text)), default=0))


def _code(untrusted: str) -> str:
    """*untrusted* text on one line as code."""
    line = printable(untrusted) or "?"
    ticks = "`" * (1 + max(map(len, _TICKS.findall(line)), default=0))
    return f"{ticks} {line} {ticks}" if ticks != "`" else f"`{line}`"

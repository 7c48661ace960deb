"""Where a query of the user's leaves its window open."""

import re
from collections.abc import Iterator

PLACEHOLDER = re.compile(r"\$window\b|\{\{\s*\.window\s*\}\}", re.ASCII)
"""What stands for the window in a query of the user's."""
_OR_TEXT = re.compile(
    r'"(?:[^"\\\n]|\\.)*+"|'
    r"'(?:[^'\\\n]|\\.)*+'"
    rf"|`[^`]*+`|\#[^\r\n]*+|\\.|(?P<window>{PLACEHOLDER.pattern})",
    re.ASCII,
)
"""A string, a comment, or a placeholder outside of both."""


def windows(query: str) -> Iterator[re.Match[str]]:
    """Where *query* leaves its window open; what stands in a string or a comment is text, and stays."""
    return (found for found in _OR_TEXT.finditer(query) if found["window"])


def quoted_windows(query: str) -> Iterator[int]:
    """Where *query* has what stands for a window within a string."""
    for found in _OR_TEXT.finditer(query):
        if not found["window"] and not found[0].startswith("#"):
            yield from (found.start() + inner.start() for inner in PLACEHOLDER.finditer(found[0]))


def fill(query: str, window: str) -> str:
    """*query* with *window* wherever it is left open."""
    return _OR_TEXT.sub(lambda found: window if found["window"] else found[0], query)

"""What is known of a regular expression in a matcher, and the short way to it for the usual ones."""

import re
from functools import lru_cache
from typing import NamedTuple

# Characters that mean themselves or any one, each perhaps repeated, and alternatives of them.
_USUAL = re.compile(r"(?:[^\\()\[\]{}*+?^$|](?:[*+?]\??)?|\|)*+")
_USUAL_EMPTY = re.compile(r"(?:.[*?]\??)*+", re.DOTALL)


class Regex(NamedTuple):
    """
    A regular expression that Prometheus takes.

    Attributes:
        matches_empty: whether it matches a label that is not there.
    """

    matches_empty: bool


class Flaw(NamedTuple):
    """
    Why Prometheus does not take a regular expression.

    Attributes:
        offset: in characters, from the start of the expression.
    """

    offset: int
    message: str


@lru_cache(maxsize=4096)
def read_regex(pattern: str) -> Regex | Flaw:
    """What is known of *pattern*, or why Prometheus does not take it."""
    if _USUAL.fullmatch(pattern):
        return Regex(any(map(_USUAL_EMPTY.fullmatch, pattern.split("|"))))
    # Late: few expressions need all of RE2's syntax, and it takes as long to load as to read a thousand selectors.
    from slogen.promql.regex_parts import FlawedError
    from slogen.promql.regex_reader import matches_empty

    try:
        return Regex(matches_empty(pattern))
    except FlawedError as flawed:
        return Flaw(flawed.offset, flawed.message)

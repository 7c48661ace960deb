"""
Label values and series that a selector selects, for tests that need one.

Whatever is found is checked against the matchers; where nothing is found, there is no answer rather than a wrong one.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Final

from slogen.promql import Matcher, Selector

NAME: Final = "__name__"
_MOST: Final = 8
_OTHERS: Final = ("", "other", "0", "1", "200")
_ANY: Final = "0x"
_CLASSES: Final = {"d": "0", "w": "x", "s": " ", "D": "x", "W": "-", "S": "x", "b": "", "A": "", "z": "", "B": ""}
_NOT_PYTHON = re.compile(r"\[\[|\[\^?\[|\[:|\\[pPQEzCx0-7]|--|&&|~~|\|\|")
"""What Python reads otherwise than RE2, or warns of."""
_QUANTIFIER = re.compile(r"([*+?]|\{(\d+)(?:,\d*)?\})\??")
_FLAGS = re.compile(r"(\(\?[a-zA-Z]+\))?")
_OPENING = re.compile(r"\((?:\?[a-zA-Z]*:|\?P?<\w+>|(?!\?))")


def labels(selector: Selector, fixed: Mapping[str, str]) -> dict[str, str] | None:
    """
    The labels of a series that *selector* selects, its name among them; None where none is found.

    Args:
        fixed: labels that the series has in any case.
    """
    conditions: dict[str, list[Matcher]] = {name: [] for name in fixed}
    for matcher in selector.matchers:
        conditions.setdefault(matcher.label, []).append(matcher)
    if selector.metric:
        conditions.setdefault(NAME, []).append(Matcher(NAME, "=", selector.metric))
    found = {}
    for label, matchers in conditions.items():
        wanted = [fixed[label]] if label in fixed else _candidates(matchers)
        value = next((one for one in wanted if all(matches(matcher, one) for matcher in matchers)), None)
        if value is None:
            return None
        if value:
            found[label] = value
    return found if NAME in found else None


def equal(series: Mapping[str, str]) -> tuple[Matcher, ...]:
    """What selects the series of these labels, its name apart."""
    return tuple(Matcher(label, "=", value) for label, value in series.items() if label != NAME)


def besides(inner: Selector, outer: Selector, fixed: Mapping[str, str]) -> dict[str, str] | None:
    """The labels of a series that *outer* selects and *inner* does not; None where none is found."""
    base = labels(outer, fixed)
    if base is None or not selects(inner, base):
        return base
    for matcher in inner.matchers:
        for value in _failing(matcher) if matcher.label not in fixed else ():
            changed = {**base, matcher.label: value}
            if selects(outer, changed) and not selects(inner, changed):
                return {name: text for name, text in changed.items() if text}
    return None


def selects(selector: Selector, series: Mapping[str, str]) -> bool:
    """Whether *selector* selects the *series* of these labels; it does where that cannot be told."""
    if selector.metric and series.get(NAME) != selector.metric:
        return False
    return all(matches(matcher, series.get(matcher.label, "")) is not False for matcher in selector.matchers)


@lru_cache(maxsize=4096)
def matches(matcher: Matcher, value: str) -> bool | None:
    """Whether *matcher* holds for *value*; None where Python cannot read its pattern."""
    if matcher.op in ("=", "!="):
        return (matcher.op == "=") == (matcher.value == value)
    pattern = _compiled(matcher.value)
    return None if pattern is None else (matcher.op == "=~") == (pattern.fullmatch(value) is not None)


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> re.Pattern[str] | None:
    if _NOT_PYTHON.search(pattern):
        return None
    try:
        return re.compile(pattern, re.ASCII)
    except re.error:
        return None


def values(matchers: Iterable[Matcher]) -> Iterator[str]:
    """Values, none of them empty, for which all of the *matchers* of one label hold."""
    every = tuple(matchers)
    return (one for one in _candidates(every) if one and all(matches(matcher, one) for matcher in every))


def _candidates(matchers: Iterable[Matcher]) -> Iterator[str]:
    every = tuple(matchers)
    for matcher in every:
        if matcher.op == "=":
            yield matcher.value
        elif matcher.op == "=~":
            yield from texts(matcher.value)
    if not any(matcher.op == "=" for matcher in every):
        yield from _OTHERS


def _failing(matcher: Matcher) -> Iterator[str]:
    """Values for which *matcher* does not hold, perhaps."""
    if matcher.op in ("!=", "!~"):
        yield from [matcher.value] if matcher.op == "!=" else texts(matcher.value)
    else:
        yield from _OTHERS


@lru_cache(maxsize=1024)
def texts(pattern: str) -> tuple[str, ...]:
    """A few texts that the regular expression *pattern* may match: one of each alternative, as short as can be."""
    flags = _FLAGS.match(pattern)
    found, end = _alternatives(pattern, flags.end() if flags else 0)
    return tuple(dict.fromkeys(found)) if end == len(pattern) else ()


def _alternatives(pattern: str, position: int) -> tuple[list[str], int]:
    """What the alternatives from *position* on may match, and where they end."""
    found: list[str] = []
    while True:
        sequence, position = _sequence(pattern, position)
        found += sequence
        if not pattern.startswith("|", position):
            return found[:_MOST], position
        position += 1


def _sequence(pattern: str, position: int) -> tuple[list[str], int]:
    heads = [""]
    while position < len(pattern) and pattern[position] not in "|)":
        atoms, end = _atom(pattern, position)
        if end == position:
            return [], position
        position = end
        if quantifier := _QUANTIFIER.match(pattern, position):
            position = quantifier.end()
            atoms = _repeated(atoms, quantifier)
        heads = [head + atom for head in heads for atom in atoms][:_MOST]
    return heads, position


def _repeated(atoms: list[str], quantifier: re.Match[str]) -> list[str]:
    if quantifier[2]:
        return [atom * int(quantifier[2]) for atom in atoms if len(atom) * int(quantifier[2]) <= 1_000]  # noqa: PLR2004
    return atoms if quantifier[1] == "+" else [*atoms, ""]


def _atom(pattern: str, position: int) -> tuple[list[str], int]:
    """What the piece at *position* may match, and where it ends; there itself where it is not known."""
    char = pattern[position]
    if char == "(":
        opening = _OPENING.match(pattern, position)
        if opening is None:
            return [], position
        inner, end = _alternatives(pattern, opening.end())
        return (inner, end + 1) if pattern.startswith(")", end) else ([], position)
    if char == "[":
        return _of_class(pattern, position)
    if char == "\\":
        letter = pattern[position + 1 : position + 2]
        known = _CLASSES.get(letter, "" if letter.isalnum() else letter)
        return ([known], position + 2) if letter and (letter in _CLASSES or known) else ([], position)
    if char in "^$":
        return [""], position + 1
    return (list(_ANY) if char == "." else [char]), position + 1


def _of_class(pattern: str, position: int) -> tuple[list[str], int]:
    end = pattern.find("]", position + 2)
    compiled = _compiled(pattern[position : end + 1]) if end >= 0 else None
    if compiled is None:
        return [], position
    return [char for char in "0ax1bA-_./ 2Z" if compiled.fullmatch(char)][:2] or [pattern[position + 1]], end + 1

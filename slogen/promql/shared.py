"""
A query over several subjects at once, taken apart: what it says of each of them, and which of them it selects.

What a service's SLOs have in common is written once, over all of them; which they are stands in matchers on a few
labels. Two such queries are compared subject by subject, without these.
"""

from collections.abc import Collection, Hashable, Iterator, Mapping
from typing import Final, NamedTuple

from slogen.promql.meaning import Meaning

NAME: Final = "__name__"
_OPERATORS: Final = {"MatchOp.Equal": "=", "MatchOp.NotEqual": "!=", "MatchOp.Re": "=~", "MatchOp.NotRe": "!~"}
_PLAIN: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_:/ ")
_JOINED: Final = 5
"""So many parts a binary expression has: two operands after how they are joined."""


class Read(NamedTuple):
    """
    A selector within a query.

    Attributes:
        metric: empty where the name is not given as such.
        matchers: label, operator and value, that of the name apart.
    """

    metric: str
    matchers: tuple[tuple[str, str, str], ...]

    def may_select(self, labels: Mapping[str, str]) -> bool:
        """Whether series with these *labels*, and perhaps others, may be among those that it selects."""
        return all(_admits(op, value, labels[label]) for label, op, value in self.matchers if label in labels)

    def selects(self, subject: Mapping[str, str]) -> bool:
        """Whether it asks for *subject* by one of its labels, and by none of them for another."""
        asked = [(op, value, subject[label]) for label, op, value in self.matchers if label in subject]
        return bool(asked) and all(_admits(*one) for one in asked)


def _admits(op: str, pattern: str, value: str) -> bool:
    """Whether a label of that *value* may meet a matcher; a pattern that is no list of texts may match anything."""
    if op in ("=", "!="):
        return (value == pattern) is (op == "=")
    if not _PLAIN.issuperset(pattern.replace("|", "")):
        return True
    return (value in pattern.split("|")) is (op == "=~")


def reads(meaning: Hashable) -> Iterator[Read]:
    """Every selector of a query."""
    if not isinstance(meaning, tuple):
        return
    if _is_selector(meaning):
        matchers = sorted((label, _OPERATORS.get(op, op), value) for label, op, value in meaning[1])
        names = [value for label, op, value in matchers if label == NAME and op == "="]
        yield Read(names[0] if names else "", tuple(one for one in matchers if one[0] != NAME))
        return
    for part in meaning:
        yield from reads(part)


def without(meaning: Hashable, labels: Collection[str]) -> Hashable:
    """The same without any matcher on one of the *labels*."""
    if not isinstance(meaning, tuple):
        return meaning
    if _is_selector(meaning):
        kind, matchers, *rest = meaning
        return (kind, frozenset(one for one in matchers if one[0] not in labels), *rest)
    return tuple(without(part, labels) for part in meaning)


def said_of(meaning: Meaning, subject: Mapping[str, str]) -> tuple[Hashable, ...]:
    """
    What a query says of a *subject*, known by its labels, without the matchers on these; empty where it says nothing.

    That are those of the alternatives which it joins by ``or`` that select the subject.
    """
    return tuple(
        kept
        for part in _alternatives(meaning)
        if (kept := _narrowed(part, subject)) is not None and _asks(part, subject)
    )


def _asks(part: Hashable, subject: Mapping[str, str]) -> bool:
    return any(read.selects(subject) for read in reads(part))


def _narrowed(part: Hashable, subject: Mapping[str, str]) -> Hashable:
    """*part* as it is for one subject, of inner alternatives those that select it; None where that is not selected."""
    if not isinstance(part, tuple):
        return part
    if _is_selector(part):
        read = next(reads(part))
        return without(part, subject) if read.may_select(subject) else None
    if _is_or(part):
        kept = [one for side in part[3:] if (one := _narrowed(side, subject)) is not None]
        return (*part[:3], *kept) if len(kept) > 1 else kept[0] if kept else None
    found = []
    for inner in part:
        narrowed = _narrowed(inner, subject)
        if narrowed is None and inner is not None:
            return None
        found.append(narrowed)
    return tuple(found)


def _alternatives(meaning: Hashable) -> Iterator[Hashable]:
    if _is_or(meaning) and isinstance(meaning, tuple):
        for side in meaning[3:]:
            yield from _alternatives(side)
    else:
        yield meaning


def _is_selector(meaning: tuple[Hashable, ...]) -> bool:
    return meaning[:1] == ("selector",) and len(meaning) > 1 and isinstance(meaning[1], frozenset)


def _is_or(meaning: Hashable) -> bool:
    return isinstance(meaning, tuple) and len(meaning) == _JOINED and meaning[:2] == ("binary", "or")

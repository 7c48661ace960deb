"""Which rule of one side is which of the other: by identity, never by place."""

from collections.abc import Callable, Hashable, Iterable, Iterator
from typing import Final, NamedTuple

from slogen import naming
from slogen.changes.fields import IDENTITY, Standing, content, of_rules
from slogen.changes.values import RuleName
from slogen.rule_files import ALERT

_MOST_COMPARED: Final = 2_500
"""So many pairs of rules with one identity are compared to find the nearest; of more, only the equal are found."""


class Pair(NamedTuple):
    """A rule on both sides; on one of them, where it was added or removed."""

    before: Standing | None
    after: Standing | None


def name_of(one: Standing) -> RuleName:
    """What a rule is known by."""
    labels = tuple((label, one.labels[label]) for label in IDENTITY if label in one.labels)
    return RuleName(one.group.name, one.rule.kind, one.rule.name, labels)


def pairs(before: Iterable[Standing], after: Iterable[Standing]) -> Iterator[Pair]:
    """
    Every rule of both sides once.

    First come those whose whole identity is the same, then those that stand in another group, then those that say the
    same under another name, and last alerts of one SLO, severity and tier.
    """
    old, new = list(before), list(after)
    for key in (_whole, _anywhere, _nameless, _alerting):
        matched, old, new = _by(key, old, new)
        yield from matched
    yield from (Pair(one, None) for one in old)
    yield from (Pair(None, one) for one in new)


def _whole(one: Standing) -> Hashable:
    return (one.group.name, one.rule.kind, one.rule.name, one.identity)


def _anywhere(one: Standing) -> Hashable:
    return (one.rule.kind, one.rule.name, one.identity)


def _nameless(one: Standing) -> Hashable:
    return (one.group.name, one.rule.kind, content(one))


def _alerting(one: Standing) -> Hashable | None:
    """None of a rule that an SLO does not have once."""
    known = one.rule.kind == ALERT and naming.SLO_ID in one.labels
    return (one.identity, one.rule.pending) if known else None


def _by(
    key: Callable[[Standing], Hashable | None], old: list[Standing], new: list[Standing]
) -> tuple[list[Pair], list[Standing], list[Standing]]:
    """Pairs of those that have the same key, and what is left of both sides, in order."""
    if not (old and new):
        return [], old, new
    buckets: dict[Hashable, tuple[list[Standing], list[Standing]]] = {}
    for side, rules in enumerate((old, new)):
        for one in rules:
            if (name := key(one)) is not None:
                buckets.setdefault(name, ([], []))[side].append(one)
    matched = [pair for of in buckets.values() for pair in _nearest(*of)]
    taken = {id(one) for pair in matched for one in pair}
    return matched, [one for one in old if id(one) not in taken], [one for one in new if id(one) not in taken]


def _nearest(old: list[Standing], new: list[Standing]) -> Iterator[Pair]:
    """As many pairs as there can be: the equal first, then those that differ in the fewest fields."""
    if len(old) == len(new) == 1:
        yield Pair(old[0], new[0])
        return
    equal: dict[Hashable, list[Standing]] = {}
    for one in old:
        equal.setdefault((one.file, content(one)), []).append(one)
    left = []
    for other in new:
        if found := equal.get((other.file, content(other))):
            yield Pair(found.pop(0), other)
        else:
            left.append(other)
    kept = [one for found in equal.values() for one in found]
    if len(kept) * len(left) > _MOST_COMPARED:
        yield from (Pair(one, other) for one, other in zip(kept, left, strict=False))
        return
    apart = sorted(
        (sum(1 for _ in of_rules(one, other)), one.file != other.file, first, second)
        for first, one in enumerate(kept)
        for second, other in enumerate(left)
    )
    ones: set[int] = set()
    others: set[int] = set()
    for *_, first, second in apart:
        if first not in ones and second not in others:
            ones.add(first)
            others.add(second)
            yield Pair(kept[first], left[second])

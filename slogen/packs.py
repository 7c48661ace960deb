"""The SLOs of a service in packs, for a target that limits how much a group or an object holds."""

from collections.abc import Callable, Iterator
from functools import partial

from slogen.rules import RuleSet, ServiceRules, narrowed

Fits = Callable[[RuleSet], bool]

_REACH = 32


def packed(rules: ServiceRules, fits: Fits) -> Iterator[RuleSet]:
    """
    The rule sets of a service, those that do not fit divided into packs of whole SLOs that do.

    A pack has groups of its own, and what its SLOs share is evaluated for them alone. The first is called as the
    service is, the others are numbered; a number that an isolated SLO is called by is left out. SLOs fill them in the
    order in which they are written, so one that is added at the end moves no other. A pack of one may not fit.
    """
    taken = {planned.owner for planned in rules.sets}
    for planned in rules.sets:
        if planned.isolated or fits(planned):
            yield planned
        else:
            yield from _divided(planned, fits, _owners(planned.owner, taken))


def _owners(service: str, taken: set[str]) -> Iterator[str]:
    yield service
    number = 2
    while True:
        if (owner := f"{service}-{number}") not in taken:
            yield owner
        number += 1


def _divided(planned: RuleSet, fits: Fits, owners: Iterator[str]) -> Iterator[RuleSet]:
    left, size = [slo.id for slo in planned.everyone.slos], 1
    near, reach = planned, 0
    while left:
        owner = next(owners)
        if reach <= size:
            # To choose a few of a few takes less time than of thousands.
            reach = min(len(left), _REACH * size)
            near = _some(planned, left, owner, reach)
        size = _largest(partial(_some, near, left, owner), fits, size, reach)
        if size == reach < len(left):
            near, reach = planned, len(left)
            size = _largest(partial(_some, near, left, owner), fits, size, reach)
        yield _some(near, left, owner, size)
        left, reach = left[size:], reach - size


def _largest(some: Callable[[int], RuleSet], fits: Fits, guess: int, limit: int) -> int:
    return _most(lambda count: fits(some(count)), guess, limit)


def _some(planned: RuleSet, left: list[str], owner: str, count: int) -> RuleSet:
    """What *planned* has for the first of the SLOs that are *left*."""
    found = narrowed(planned, frozenset(left[:count]))
    if found is None:
        message = f"{planned.owner} has none of the SLOs that it is divided into"
        raise ValueError(message)
    return found._replace(owner=owner)


def _most(fits: Callable[[int], bool], guess: int, limit: int) -> int:
    """The largest number up to *limit* that *fits*, one at least; what is less than one that fits does, too."""
    low, high, number, step = 0, limit + 1, guess, 1
    while high > limit > low:
        number = min(number, limit)
        if fits(number):
            low, number, step = number, number + step, 2 * step
        else:
            high = number
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if fits(middle) else (low, middle)
    return max(low, 1)

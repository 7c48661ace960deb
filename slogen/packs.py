"""The SLOs of a service in packs, for a target that limits how much a group or an object holds."""

from collections.abc import Callable, Iterator

from slogen.rules import RuleSet, ServiceRules, narrowed

Fits = Callable[[RuleSet], bool]


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
    chosen: list[str] = []
    pack: RuleSet | None = None
    owner = next(owners)
    for slo in planned.everyone.slos:
        more = narrowed(planned, (*chosen, slo.id))
        if more is None:
            continue
        if pack is None or fits(more._replace(owner=owner)):
            chosen, pack = [*chosen, slo.id], more._replace(owner=owner)
            continue
        yield pack
        owner, chosen = next(owners), [slo.id]
        alone = narrowed(planned, chosen)
        pack = alone._replace(owner=owner) if alone else None
    if pack:
        yield pack

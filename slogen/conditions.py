"""When the alerts of an SLO fire, as PromQL: what SLOs have in common is built and printed once."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Final, NamedTuple

from slogen import coverage, naming
from slogen.model import Slo, Tier
from slogen.policy import base_window
from slogen.promql import Binary, Expr, Matcher, Number, Selector, call, either, stencil
from slogen.rules import FINE_STEP, LONG, Origin, covering, derivations
from slogen.units import Window

VANISHED_WITHIN: Final = Window.parse("1h")
"""How long a group that has gone is remembered."""


class _Condition(NamedTuple):
    """
    When one tier holds.

    Attributes:
        threshold: error ratio above which it does.
        covered: whether the long window counts for as much of it as has been recorded.
        counted: the record of events per second that the fewest events are counted by.
    """

    long: Window
    short: Window
    threshold: Decimal
    covered: bool
    counted: str


def burning(slo: Slo, tiers: Iterable[Tier]) -> Expr:
    """Whether one of the *tiers* of *slo* holds."""
    base, covered = base_window(slo.scrape_interval), covering(slo)
    conditions = tuple(
        _Condition(tier.long, tier.short, tier.threshold, tier.long in covered, _counted(slo, tier, base))
        for tier in tiers
    )
    return _burning((slo.id,), conditions, base, slo.group_by, slo.min_events)


def blind(slo: Slo) -> Expr:
    """
    Whether the events or the errors of *slo* have no series.

    ``absent`` sees only the whole SLO; of a grouped one, each group is asked for what the others have.
    """
    return _blind((slo.id, slo.service, slo.name), base_window(slo.scrape_interval), slo.group_by)


def _counted(slo: Slo, tier: Tier, base: Window) -> str:
    if tier.long >= LONG and slo.min_events is not None and any(one is Origin.FINE for _, one in derivations(slo)):
        return naming.coarse(naming.EVENTS, FINE_STEP, base)
    return naming.base(naming.EVENTS, base)


@stencil
def _burning(
    names: tuple[str, ...],
    conditions: tuple[_Condition, ...],
    base: Window,
    group_by: tuple[str, ...],
    min_events: Decimal | None,
) -> Expr:
    (slo_id,) = names
    return either(_holds(slo_id, condition, base, group_by, min_events) for condition in conditions)


def _holds(
    slo_id: str, condition: _Condition, base: Window, group_by: tuple[str, ...], min_events: Decimal | None
) -> Expr:
    """Whether both windows of a tier are above its threshold, and enough happened in the long one."""
    threshold = Number(condition.threshold)
    short, long = (_of(naming.error_ratio(window), slo_id) for window in (condition.short, condition.long))
    both = Binary(
        Binary(short, ">", threshold), "and", Binary(_counting(long, slo_id, condition, base, group_by), ">", threshold)
    )
    if min_events is None:
        return both
    mean = call("avg_over_time", _of(condition.counted, slo_id).over(condition.long))
    enough = Binary(Binary(mean, "*", Number(condition.long.seconds)), ">=", Number(min_events))
    return Binary(both, "and", enough)


def _counting(ratio: Expr, slo_id: str, condition: _Condition, base: Window, group_by: tuple[str, ...]) -> Expr:
    """The error *ratio* of the long window; as it is where the counters are read, which hold what was before."""
    if not condition.covered:
        return ratio
    share = coverage.share(slo_id, base, condition.long)
    if group_by:
        return Binary(ratio, "*", share, on=(naming.SLO_ID,), group_left=True)
    return Binary(ratio, "*", share)


@stencil
def _blind(names: tuple[str, ...], base: Window, group_by: tuple[str, ...]) -> Expr:
    slo_id, service, name = names
    events, errors = (_of(naming.base(kind, base), slo_id) for kind in (naming.EVENTS, naming.ERRORS))
    # absent() has the labels that it was asked for, and the wording reads all three.
    named = (Matcher(naming.SLO_SERVICE, "=", service), Matcher(naming.SLO_NAME, "=", name))
    parts: list[Expr] = [call("absent", series.where(*named)) for series in (events, errors)]
    if group_by:
        seen = call("present_over_time", events.over(VANISHED_WITHIN))
        parts += [
            Binary(events, "unless", errors, on=group_by),
            Binary(errors, "unless", events, on=group_by),
            Binary(seen, "unless", events, on=group_by),
        ]
    return either(parts)


def _of(metric: str, slo_id: str) -> Selector:
    return Selector(metric, (Matcher(naming.SLO_ID, "=", slo_id),))

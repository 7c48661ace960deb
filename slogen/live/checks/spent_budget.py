"""
The error budget is spent, or burns now as fast as a tier of the SLO's alerts does not bear.

What this SLO would say if its rules had been there all along. The budget is that of the SLO window, spent by the bad
events among all of it; where the series do not reach back as far, by those that there were, as if the time before had
been without events. It burns faster than a tier bears where the error ratios of both its windows are above its
threshold and, with `min_events`, its long window has so many events; the fastest of such tiers is told. Unless the SLO
says `weigh_coverage: false`, a long window to which the series do not reach back counts for as much as they do.

The error ratios are those of the series that the SLO reads. Where these have more than 20 million samples within a
window, it is the ratio that the SLO's rules record for it; where none is recorded, this is not checked.

Source: https://sre.google/workbook/alerting-on-slos/

Asks for: instant queries, over each window of the SLO.
"""

from collections.abc import Iterator, Mapping
from fractions import Fraction

from slogen import sli_promql
from slogen.diagnostics import Level
from slogen.explain.view import percent
from slogen.live import hindsight
from slogen.live.asking import Asking, missing
from slogen.live.checks._check import Finding, NotChecked, Said
from slogen.live.hindsight import Group, Past, among, times
from slogen.model import Slo, Tier
from slogen.promql import Binary, Expr, Number, either
from slogen.units import Window, plain


def check(slo: Slo, asking: Asking) -> Iterator[Said]:
    """One warning for a budget that is spent, and one for one that burns."""
    if why := missing(slo, asking):
        yield NotChecked(why)
        return
    past = hindsight.past(slo, asking)
    if isinstance(past, str):
        yield NotChecked(past)
    else:
        yield from _spent(slo, past)
    yield from _burning(slo, asking)


def _spent(slo: Slo, past: tuple[Past, ...]) -> Iterator[Said]:
    spent = sorted((one for one in past if one.spent >= 1), key=lambda one: one.spent, reverse=True)
    if not spent:
        return
    worst = spent[0]
    budget = f"{percent(Fraction(worst.spent))} of the budget of {slo.window} is spent{among(worst.group, len(spent))}"
    share = (
        f"{percent(Fraction(worst.error_ratio))} of the events were bad, and {plain(slo.error_budget * 100)} % may be"
    )
    yield Finding(("objective",), f"{budget}: {share}", Level.WARNING)


def _burning(slo: Slo, asking: Asking) -> Iterator[Said]:
    """The fastest tier that holds; each is asked for only where one of them may."""
    tiers = [tier for alert in slo.alerts for tier in alert.tiers]
    shorts = [_above(slo, tier, tier.short, asking) for tier in tiers]
    told = [short for short in shorts if not isinstance(short, str)]
    yield from (NotChecked(short) for short in shorts if isinstance(short, str))
    if not told or not asking.query(either(told)):
        return
    for tier in tiers:
        holding = _holding(slo, tier, asking)
        if isinstance(holding, str):
            yield NotChecked(holding)
        elif holding:
            worst = max(holding, key=lambda group: holding[group])
            burn = f"the budget burns at {times(holding[worst] / float(slo.error_budget))} over {tier.long}"
            limit = f"{times(tier.burn_rate)} of {tier.name}, and so it does over {tier.short}"
            yield Finding(("objective",), f"{burn}{among(worst, len(holding))}, above the {limit}", Level.WARNING)
            return


def _above(slo: Slo, tier: Tier, window: Window, asking: Asking) -> Expr | str:
    """The error ratio of each group that is above the threshold of *tier* over one of its windows."""
    ratio = hindsight.error_ratio(slo, window, asking)
    return ratio if isinstance(ratio, str) else Binary(ratio, ">", Number(tier.threshold))


def _holding(slo: Slo, tier: Tier, asking: Asking) -> Mapping[Group, float] | str:
    """The error ratio over its long window of each group for which *tier* holds; in words, why that cannot be told."""
    long, short = (_above(slo, tier, window, asking) for window in (tier.long, tier.short))
    if isinstance(long, str) or isinstance(short, str):
        return next(one for one in (long, short) if isinstance(one, str))
    both = Binary(long, "and", short)
    if slo.min_events is not None:
        enough = Binary(sli_promql.events(slo, tier.long), ">=", Number(slo.min_events / tier.long.seconds))
        both = Binary(both, "and", enough)
    found = {hindsight.group(one.labels): one.value for one in asking.query(both) if one.value <= hindsight.BORNE}
    if not found or not slo.weigh_coverage:
        return found
    reached = hindsight.reach(slo, asking)
    everyone = max(reached.values(), default=0.0)
    weighed = {
        group: ratio * min(reached.get(group, everyone) / tier.long.seconds, 1.0) for group, ratio in found.items()
    }
    return {group: ratio for group, ratio in weighed.items() if ratio > tier.threshold}

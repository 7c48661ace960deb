"""
The error budget is spent, or burns now as fast as a tier of the SLO's alerts does not bear.

What this SLO would say if its rules had been there all along. The budget is that of the SLO window, spent by the bad
events among all of it; where the series do not reach back as far, by those that there were, as if the time before had
been without events. It burns faster than a tier bears where the error ratios of both its windows are above its
threshold and, with `min_events`, its long window has so many events; the fastest of such tiers is told.

The error ratios are those of the series that the SLO reads. Where these have more than 20 million samples within a
window, it is the ratio that the SLO's rules record for it; where none is recorded, this is not checked.

Source: https://sre.google/workbook/alerting-on-slos/

Asks for: instant queries, over each window of the SLO.
"""

from collections.abc import Iterator, Mapping

from slogen import sli_promql
from slogen.diagnostics import Level
from slogen.live import hindsight
from slogen.live.asking import Asking, missing
from slogen.live.checks._check import Finding, NotChecked, Said
from slogen.live.hindsight import Group, Past
from slogen.model import Slo, Tier
from slogen.units import plain


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
    times = f"{worst.spent:.0%} of the budget of {slo.window} is spent"
    share = f"{worst.error_ratio:.3%} of the events were bad, and {plain(slo.error_budget * 100)} % may be"
    where = hindsight.among(worst.group, len(spent))
    yield Finding(("objective",), f"{times}{where}: {share}", Level.WARNING)


def _burning(slo: Slo, asking: Asking) -> Iterator[Said]:
    for tier in (tier for alert in slo.alerts for tier in alert.tiers):
        holding = _holding(slo, tier, asking)
        if isinstance(holding, str):
            yield NotChecked(holding)
        elif holding:
            worst = max(holding, key=lambda group: holding[group])
            burn = f"the budget burns at {holding[worst] / float(slo.error_budget):.3g}x over {tier.long}"
            where = hindsight.among(worst, len(holding))
            limit = f"{float(tier.burn_rate):.3g}x of {tier.name}, and so it does over {tier.short}"
            yield Finding(("objective",), f"{burn}{where}, above the {limit}", Level.WARNING)
            return


def _holding(slo: Slo, tier: Tier, asking: Asking) -> Mapping[Group, float] | str:
    """The error ratio over its long window of each group for which *tier* holds; in words, why that cannot be told."""
    short = hindsight.error_ratios(slo, tier.short, asking)
    if isinstance(short, str):
        return short
    above = {group for group, ratio in short.items() if ratio > tier.threshold}
    if not above:
        return {}
    long = hindsight.error_ratios(slo, tier.long, asking)
    if isinstance(long, str):
        return long
    busy = _busy(slo, tier, asking)
    return {
        group: ratio
        for group, ratio in long.items()
        if group in above and ratio > tier.threshold and (busy is None or group in busy)
    }


def _busy(slo: Slo, tier: Tier, asking: Asking) -> frozenset[Group] | None:
    """The groups that have `min_events` in the long window; None where none are asked for."""
    if slo.min_events is None:
        return None
    rates = asking.query(sli_promql.events(slo, tier.long))
    least = float(slo.min_events) / tier.long.seconds
    return frozenset(hindsight.group(one.labels) for one in rates if one.value >= least)

"""
The objective was missed many times over, or never came into question.

An objective that the service has missed five times over tells nobody anything: its budget is always spent and its
alerts fire until somebody mutes them. One of whose budget not a hundredth was used does not tell good days from bad
ones. Looked at is the SLO window, as far as the series reach back, a week at least or the whole window where that is
shorter. Of a grouped SLO one group is enough that missed its objective, and none may have come near it. Where a
hundredth of the budget is less than one event, that none was bad means nothing, and this is not checked.

Source: https://sre.google/workbook/implementing-slos/, chapter 2 of the SRE Workbook, on refining objectives.

Asks for: instant queries, over the SLO window.
"""

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Final

from slogen import sli_promql
from slogen.diagnostics import Level
from slogen.explain.view import percent
from slogen.live import hindsight
from slogen.live.asking import Asking, missing
from slogen.live.checks._check import Finding, NotChecked, Said
from slogen.live.hindsight import Past, among
from slogen.model import ErrorRatio, Slo
from slogen.units import Window, plain

LEAST: Final = Window.parse("7d")
"""A shorter past does not tell how the service does."""
_MANY: Final = 5
"""So many budgets spent are no bad month."""
_NEVER: Final = 0.01
"""So small a share of the budget is not used by accident."""
_USUAL: Final = tuple(map(Decimal, ("99.99", "99.95", "99.9", "99.5", "99", "98", "95", "90", "80")))


def check(slo: Slo, asking: Asking) -> Iterator[Said]:
    """At most one warning."""
    if why := missing(slo, asking):
        yield NotChecked(why)
        return
    past = hindsight.past(slo, asking)
    if isinstance(past, str):
        yield NotChecked(past)
        return
    least = min(LEAST, slo.window)
    old = tuple(one for one in past if one.seconds >= least.seconds)
    if not old:
        yield NotChecked(f"its series are younger than {least}")
        return
    missed = sorted((one for one in old if one.burn_rate >= _MANY), key=lambda one: one.burn_rate, reverse=True)
    if missed:
        yield _missed(slo, missed[0], len(missed))
    elif all(one.burn_rate < _NEVER for one in old):
        yield _never_used(slo, max(one.burn_rate for one in old), asking)


def _missed(slo: Slo, worst: Past, groups: int) -> Finding:
    bad = f"{percent(Fraction(worst.error_ratio))} of the events of the last {slo.window} were bad"
    where = among(worst.group, groups)
    often = f"{worst.burn_rate:,.3g} times what the objective of {plain(slo.objective * 100)} leaves"
    kept = next((usual for usual in _USUAL if float(100 - usual) >= worst.error_ratio * 100), None)
    instead = f"; {plain(kept)} would have been kept" if kept else ""
    return Finding(("objective",), f"{bad}{where}, {often}{instead}", Level.WARNING)


def _never_used(slo: Slo, burn_rate: float, asking: Asking) -> Said:
    if not isinstance(slo.promql, ErrorRatio):
        events = sum(one.value for one in asking.query(sli_promql.events(slo, slo.window))) * slo.window.seconds
        if events * float(slo.error_budget) * _NEVER < 1:
            return NotChecked(f"1 % of the budget is less than one event of the {events:,.0f} in {slo.window}")
    used = f"of the budget no more than {percent(Fraction(burn_rate))} was used within the last {slo.window}"
    return Finding(("objective",), f"{used}: a stricter objective would tell good days from bad ones", Level.WARNING)

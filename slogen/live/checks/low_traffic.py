"""
So few events that a single bad one pages, or that a tier never has enough of them.

With 40 requests in an hour one error is 2.5 % of them, which burns a budget of 0.1 % at 25x: a page for one request.
`alerting: {min_events: N}` keeps a tier from holding before its long window has so many events. The message names each
tier that one error makes hold, the N with which none pages, and the tiers that then never have so many; that one error
alone writes a ticket is no finding. An N that is above what the long window ever holds makes the tier mute, which is
found where all tiers of a severity are. Of a grouped SLO the quietest group counts, new ones apart. Events
are those of the last day, or of all the time that the series have been there, an hour at least.

An SLI that is an error ratio does not tell how many events there are.

Source: https://sre.google/workbook/alerting-on-slos/#low-traffic-services-and-error-budget-alerting

Asks for: instant queries, over 24 hours.
"""

from collections.abc import Iterator
from fractions import Fraction

from slogen.diagnostics import Level
from slogen.explain import Traffic, explain
from slogen.explain.view import listed
from slogen.live.asking import Asking
from slogen.live.checks._check import Finding, NotChecked, Said
from slogen.live.hindsight import times
from slogen.live.traffic import usual_rate
from slogen.model import Severity, Slo


def check(slo: Slo, asking: Asking) -> Iterator[Said]:
    """One warning for what a single error does, and one for what can never fire."""
    found = usual_rate(slo, asking)
    if isinstance(found, str):
        yield NotChecked(found)
        return
    traffic = explain(slo, rate=found.rate).traffic
    if traffic:
        yield from _lone(slo, traffic)
        yield from _mute(slo, traffic)


def _lone(slo: Slo, traffic: Traffic) -> Iterator[Said]:
    holding = [one for one in traffic.lone if one.holds]
    first = next((one for one in holding if one.tier.severity is Severity.PAGE), None)
    if first is None:
        return
    group = " in the quietest group" if slo.group_by else ""
    burn = (
        f"one error in {_events(first.events)} of {first.tier.long} burns at {times(first.burn_rate)}{group}: it pages"
    )
    others = [
        f"{one.tier.name}, at {times(one.burn_rate)} in {_events(one.events)}" for one in holding if one is not first
    ]
    also = f"; it also holds {'; '.join(others)}" if others else ""
    yield Finding(("alerting", "min_events"), f"{burn}{also}{_calming(traffic)}", Level.WARNING)


def _calming(traffic: Traffic) -> str:
    """With which `min_events` no single error pages, and what that costs."""
    if traffic.calming is None:
        return ""
    lost = [one.tier.name for one in traffic.lone if one.tier not in traffic.left]
    mute = f", and {listed(lost)} {'has' if len(lost) == 1 else 'have'} too few events to hold" if lost else ""
    return f"; with 'min_events: {traffic.calming}' under 'alerting' no single error does{mute}"


def _mute(slo: Slo, traffic: Traffic) -> Iterator[Said]:
    for severity in Severity:
        tiers = [one for one in traffic.lone if one.tier.severity is severity]
        if tiers and all(one.mute for one in tiers):
            named = " and ".join(f"{one.tier.name} ({_events(one.events)})" for one in tiers)
            why = f"fewer than the min_events of {slo.min_events} happen in the long windows of {named}"
            message = f"{why}, so no {severity} is ever raised, however many are bad"
            yield Finding(("alerting", "min_events"), message, Level.WARNING)


def _events(events: Fraction) -> str:
    return f"{float(events):,.3g} event{'' if events == 1 else 's'}" if events < 1_000 else f"{int(events):,} events"  # noqa: PLR2004

"""
So few events that a single bad one pages, or that a tier never has enough of them.

With 40 requests in an hour one error is 2.5 % of them, which burns a budget of 0.1 % at 25x: a page for one request.
`alerting: {min_events: N}` keeps a tier from holding before its long window has so many events; the message names the N
with which no single error pages. One that is above what the long window ever holds makes the tier mute, which is
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
from slogen.live.asking import Asking
from slogen.live.checks._check import Finding, NotChecked, Said
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
    paging = [one for one in traffic.lone if one.holds and one.tier.severity is Severity.PAGE]
    if not paging:
        return
    first = paging[0]
    burn = f"one error in {_events(first.events)} of {first.tier.long} burns at {float(first.burn_rate):.3g}x"
    calm = f"; with 'min_events: {traffic.calming}' under 'alerting' no single error does" if traffic.calming else ""
    group = " in the quietest group" if slo.group_by else ""
    yield Finding(("alerting", "min_events"), f"{burn}{group}: it pages{calm}", Level.WARNING)


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

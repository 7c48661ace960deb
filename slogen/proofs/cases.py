"""
The cases of an SLO: what happens in each, and what must be seen of it.

Tiers of one severity are joined by ``or``, so a tier is proven where it alone can be what fires.
"""

import math
from collections.abc import Iterator
from decimal import Context, Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Final, NamedTuple

from slogen.model import Severity, Tier
from slogen.proofs.subject import Kind, Subject
from slogen.proofs.tiers import Tried, prove
from slogen.proofs.traffic import Phase, Timeline, holding, length
from slogen.proofs.watching import ITSELF, Ask, Check, Pace, clock, never, watch

BLIND_FOR: Final = 15 * 60
"""How long an SLO has no data before that is told, in seconds."""
STEP: Final = 60
LONG_STEP: Final = 288
"""
300 times a day; a sample is stale after five minutes, so alerts that read another group would miss slower ones.

Source: https://prometheus.io/docs/prometheus/latest/querying/basics/#staleness
"""
_HOUR: Final = 3600
_LATE: Final = 2 * _HOUR
_WARM_UP: Final = 600
_DIGITS: Final = Context(prec=4)
_ALL: Final = Decimal(1)


class Case(NamedTuple):
    """
    What happens to an SLO, and what must be seen of it.

    Attributes:
        name: a sentence.
        step: seconds between evaluations.
        interval: seconds between samples.
        timelines: one for each group.
        scale: events a second are this multiple of the usual.
        slow: whether it is about tickets, and left out where only pages are asked for.
    """

    name: str
    step: int
    interval: int
    timelines: tuple[Timeline, ...]
    checks: tuple[Check, ...]
    scale: Decimal = Decimal(1)
    slow: bool = False


class Cases(NamedTuple):
    """All cases of an SLO, and in words what they cannot prove."""

    cases: tuple[Case, ...]
    unproven: tuple[str, ...]


@lru_cache(maxsize=1024)
def cases(subject: Subject) -> Cases:
    """The cases of *subject*."""
    found = [_healthy(subject)]
    unproven = []
    for severity, tiers in subject.tiers:
        found.append(_outage(subject, severity, tiers))
        for tier in tiers:
            tried = prove(subject, severity, tier)
            if isinstance(tried, str):
                unproven.append(tried)
            else:
                found.append(_of_tier(subject, severity, tier, tried))
    found += _of_data(subject)
    return Cases(tuple(found), tuple(unproven))


def _of_data(subject: Subject) -> Iterator[Case]:
    """What is missing, what is there for the first time, and what is too little."""
    if subject.kind.counted:
        yield _idle(subject)
    if subject.weighed and subject.tiers:
        yield from _young(subject, tuple(tier for _, tiers in subject.tiers for tier in tiers))
    if subject.kind in (Kind.BAD, Kind.GOOD) and subject.fastest:
        yield _unborn(subject, *subject.fastest)
    if subject.blind:
        if subject.kind is Kind.LATENCY:
            yield _without_bucket(subject)
        yield _vanishing(subject)
        if subject.groups > 1:
            yield _vanishing_group(subject)
    if subject.min_events is not None and subject.fastest:
        yield from _few(subject, *subject.fastest)


def _grid(seconds: Fraction | int, interval: int) -> int:
    """*seconds*, rounded up to whole intervals."""
    return math.ceil(Fraction(seconds) / interval) * interval


def _first(tiers: tuple[Tier, ...]) -> Fraction:
    """How many seconds of a total outage, after none, the first tier takes to hold."""
    return min(Fraction(tier.threshold) * tier.long.seconds for tier in tiers)


def _alone(subject: Subject, timeline: Timeline) -> tuple[Timeline, ...]:
    """One group in which *timeline* passes, and where there is another, it is healthy."""
    return (timeline, tuple(Phase(phase.seconds) for phase in timeline))[: subject.groups]


def _healthy(subject: Subject) -> Case:
    timeline = (Phase(_grid(_HOUR // 2, subject.interval), subject.error_budget / 2),)
    until = length(timeline)
    checks = (
        Check(until, Ask.NEVER, why="half of the budget is spent as fast as planned"),
        Check(until, Ask.HALF_BURN, why="half of the budget is spent as fast as planned"),
    )
    return Case("healthy traffic stays silent", STEP, subject.interval, (timeline,), checks)


def _outage(subject: Subject, severity: Severity, tiers: tuple[Tier, ...]) -> Case:
    shortest: int = max(tier.short.seconds for tier in tiers)
    step = STEP if shortest <= _HOUR else LONG_STEP
    pace = Pace(step, subject.base)
    first = _first(tiers)
    timeline = (
        Phase(_grid(_HOUR // 2, subject.interval)),
        Phase(_grid(max(Fraction(shortest), first + pace.slack), subject.interval), _ALL),
        Phase(_grid(shortest + pace.slack, subject.interval)),
    )
    checks = watch(timeline, severity, tiers, pace)
    labelled = next((check for check in checks if check.groups), None)
    told = tuple(check._replace(ask=Ask.LABELS) if check is labelled else check for check in checks)
    return Case(
        f"a total outage {severity}s in time and resets in time",
        step,
        subject.interval,
        _alone(subject, timeline),
        told,
        slow=severity is Severity.TICKET,
    )


def _of_tier(subject: Subject, severity: Severity, tier: Tier, tried: Tried) -> Case:
    checks = list(watch(tried.timeline, severity, dict(subject.tiers)[severity], tried.pace))
    others = [other for other, tiers in subject.tiers if other is not severity and never(tried.timeline, tiers)]
    until = length(tried.timeline)
    checks += [Check(until, Ask.NEVER, other, why=f"too slow a burn for a {other}") for other in others]
    name = f"errors above the threshold of {tier.name} {severity} in time, below it they do not"
    if Severity.PAGE in others:
        name = f"a slow burn above the threshold of {tier.name} tickets and does not page, below it neither"
    return Case(
        f"{name}{tried.remark}",
        tried.pace.step,
        subject.interval,
        (tried.timeline,),
        tuple(checks),
        slow=severity is Severity.TICKET,
    )


def _idle(subject: Subject) -> Case:
    idle = Phase(_grid(_WARM_UP, subject.interval), traffic=0)
    checks: tuple[Check, ...] = (
        Check(idle.seconds, Ask.NO_RATIO, why="no events, no ratio"),
        Check(idle.seconds, Ask.NEVER, why="no events"),
    )
    name = "no traffic is silent and has no error ratio"
    severity, tiers = subject.fastest or (None, ())
    # Where events are to be many, those after an idle time are too few for long.
    if severity is None or subject.min_events is not None or _first(tiers) > _LATE:
        return Case(name, STEP, subject.interval, ((idle,),), checks)
    pace = Pace(STEP, subject.base)
    timeline = (idle, Phase(_grid(_first(tiers) + pace.slack, subject.interval), _ALL))
    checks += watch(timeline, severity, tiers, pace)
    return Case(f"{name}, and errors after it count", STEP, subject.interval, (timeline,), checks)


def _young(subject: Subject, tiers: tuple[Tier, ...]) -> Iterator[Case]:
    """Soon after the first deployment, half of the errors that any tier would bear after healthy history."""
    borne = _first(tiers) / 2
    blip = _grid(max(borne, Fraction(_HOUR, 12)), subject.interval)
    share = _DIGITS.divide(Decimal(borne.numerator), Decimal(borne.denominator * blip))
    quiet = Phase(_grid(_WARM_UP, subject.interval))
    timeline = (quiet, Phase(blip, share), quiet)
    if holding(timeline, tiers, before=0):  # so it would alert, were windows that are not full taken as they are
        checks = (Check(length(timeline), Ask.NEVER, why="after healthy history no tier would hold"),)
        name = "errors soon after the first deployment count for no more than later ones"
        yield Case(name, STEP, subject.interval, (timeline,), checks)


def _unborn(subject: Subject, severity: Severity, tiers: tuple[Tier, ...]) -> Case:
    first = _first(tiers)
    step = STEP if first <= _LATE else LONG_STEP
    pace = Pace(step, subject.base)
    last = _grid(first + pace.slack, subject.interval)
    if subject.kind is Kind.GOOD:
        timeline: Timeline = (Phase(last, _ALL, unborn=True),)
        return Case(
            "events without a series of good ones are all bad",
            step,
            subject.interval,
            (timeline,),
            watch(timeline, severity, tiers, pace),
        )
    warm_up = _grid(_WARM_UP, subject.interval)
    timeline = (Phase(warm_up, unborn=True), Phase(last, _ALL))
    checks = (
        Check(warm_up, Ask.ZERO_RATIO, why="no series of errors means no errors"),
        *watch(timeline, severity, tiers, pace),
    )
    name = "without a series of errors nothing alerts, and the first errors count"
    return Case(name, step, subject.interval, (timeline,), checks)


def _blind_from(subject: Subject, start: int, groups: tuple[int, ...]) -> Iterator[Check]:
    slack = Pace(STEP, subject.base).slack
    yield Check(start + BLIND_FOR - STEP, Ask.BLIND, why=f"{clock(BLIND_FOR)} have not passed since {clock(start)}")
    why = f"{clock(BLIND_FOR)} have passed since {clock(start)}, and {clock(slack)} of slack"
    yield Check(start + BLIND_FOR + slack, Ask.BLIND, groups=groups, why=why)


def _without_bucket(subject: Subject) -> Case:
    last = _grid(BLIND_FOR + 2 * Pace(STEP, subject.base).slack, subject.interval)
    missing = tuple(range(subject.groups)) if subject.groups > 1 else ()
    checks = tuple(_blind_from(subject, 0, (ITSELF, *missing)))
    timelines = ((Phase(last, unborn=True),),) * subject.groups
    return Case("a missing bucket is told", STEP, subject.interval, timelines, checks)


def _vanishing(subject: Subject) -> Case:
    warm_up = _grid(_WARM_UP, subject.interval)
    last = _grid(BLIND_FOR + Pace(STEP, subject.base).slack, subject.interval)
    timeline = (Phase(warm_up), Phase(last, gone=True))
    groups = (ITSELF, *range(subject.groups)) if subject.groups > 1 else (ITSELF,)
    checks = tuple(_blind_from(subject, warm_up, groups))
    return Case("a service that vanishes is told", STEP, subject.interval, (timeline,) * subject.groups, checks)


def _vanishing_group(subject: Subject) -> Case:
    warm_up = _grid(_WARM_UP, subject.interval)
    last = _grid(BLIND_FOR + Pace(STEP, subject.base).slack, subject.interval)
    timelines = ((Phase(warm_up + last),), (Phase(warm_up), Phase(last, gone=True)))
    checks = tuple(_blind_from(subject, warm_up, (1,)))
    return Case("a group that vanishes is told by its name", STEP, subject.interval, timelines, checks)


def _few(subject: Subject, severity: Severity, tiers: tuple[Tier, ...]) -> Iterator[Case]:
    """As many events as half of what the longest of *tiers* needs, all of them bad."""
    longest = max(tier.long.seconds for tier in tiers)
    scale: Decimal
    if subject.kind is Kind.PROBE:
        scale = Decimal(1) / subject.probes
        if longest / subject.interval >= float(subject.min_events or 0):
            return
    else:
        scale = (subject.min_events or Decimal(0)) / (2 * longest) / subject.rate
    if scale * subject.rate * subject.interval >= 1:
        scale = Decimal("0.999") / (subject.rate * subject.interval)
    timeline = (Phase(_grid(_WARM_UP, subject.interval)), Phase(_grid(_HOUR // 2, subject.interval), _ALL))
    until = length(timeline)
    checks = (Check(until, Ask.NEVER, severity, why="the longest window holds half of min_events at most"),)
    name = f"few events do not {severity}, though all of them are bad"
    yield Case(name, STEP, subject.interval, (timeline,), checks, scale=Decimal(f"{scale:.6g}"))

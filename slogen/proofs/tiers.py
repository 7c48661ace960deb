"""How one tier is shown to be what fires: errors a tenth above its threshold, and a tenth below it."""

from collections.abc import Iterator
from decimal import Context, Decimal
from fractions import Fraction
from typing import Final, NamedTuple

from slogen.model import Severity, Tier
from slogen.proofs.subject import Subject
from slogen.proofs.traffic import Phase, Timeline, length
from slogen.proofs.watching import Course, Pace, course

_STEPS: Final = (288, 120, 60)
_SPARE: Final = 8
"""The slack is at most this part of a tier's long window."""
_ABOVE: Final = Decimal("1.1")
_BELOW: Final = Decimal("0.9")
_DIGITS: Final = Context(prec=4)
"""Of an error ratio: with more, promtool's sums of it are not exact."""
_FALL: Final = 4
_CHEAP: Final = 500
"""Evaluations that a case may take without being asked to take fewer."""
_MOST: Final = 5_000
_MOST_SAMPLES: Final = 9_900
"""
promtool reads 10,000 samples at most for an expression.

Source: https://github.com/prometheus/prometheus/blob/v3.5.0/promql/promqltest/test.go (MaxSamples)
"""


class Tried(NamedTuple):
    """
    A course of events in which one tier alone can be what fires.

    Attributes:
        remark: on what is special in it, behind its name.
    """

    timeline: Timeline
    pace: Pace
    remark: str = ""


def prove(subject: Subject, severity: Severity, tier: Tier) -> Tried | str:
    """The first course that shows what *tier* does, or in words why none does."""
    tiers = dict(subject.tiers)[severity]
    pace = Pace(_step(tier, subject), subject.base)
    long = False
    for tried in _courses(subject, tiers, tier, pace):
        if length(tried.timeline) > _MOST * pace.step or _read(subject, tried) > _MOST_SAMPLES:
            long = True
        elif _decisive(tried, tiers, tier):
            return tried
    if long:
        return f"{tier.name}: its windows are longer than promtool can fill"
    implied = "another tier of the same severity fires whenever it does"
    return f"{tier.name}: {implied}"


def _step(tier: Tier, subject: Subject) -> int:
    fitting = (step for step in _STEPS if Pace(step, subject.base).slack * _SPARE <= tier.long.seconds)
    return next(fitting, _STEPS[-1])


def _read(subject: Subject, tried: Tried) -> int:
    """Samples that the longest window reads of one series."""
    return length(tried.timeline) // subject.interval if subject.raw else 0


def _courses(subject: Subject, tiers: tuple[Tier, ...], tier: Tier, pace: Pace) -> Iterator[Tried]:
    """
    From the plainest to the most contrived.

    After healthy history that fills every window; where days of it are too many, a burn below the threshold is the
    history; where another tier would fire as soon, traffic falls, which the longer windows are slower to see.
    """
    threshold, long, short = tier.threshold, tier.long.seconds, tier.short.seconds
    above, below = min(_DIGITS.plus(threshold * _ABOVE), Decimal(1)), _DIGITS.plus(threshold * _BELOW)

    def phase(seconds: Fraction | int, share: Decimal = Decimal(0), traffic: int = 1) -> Phase:
        return Phase(-(-Fraction(seconds) // subject.interval) * subject.interval, share, traffic)

    history = phase(max(one.long.seconds for one in tiers))
    detected = phase(Fraction(threshold) / Fraction(above) * long + pace.slack, above)
    plain = (history, detected, phase(long + pace.slack, below))
    if length(plain) <= _CHEAP * pace.step:
        yield Tried(plain, pace)
    over = 1 - Fraction(threshold) / Fraction(above)
    rise = Fraction(threshold - below) / Fraction(above - below) * long
    risen = (phase(long, below), phase(rise + pace.slack, above), phase(over * short + pace.slack))
    yield Tried(risen, pace)
    if subject.kind.weighted:
        yield Tried((phase(long, traffic=_FALL), *risen), pace, ", where traffic has fallen to a quarter")


def _decisive(tried: Tried, tiers: tuple[Tier, ...], tier: Tier) -> bool:
    """Whether the severity certainly fires at a time when without *tier* it certainly would not have done."""
    others = tuple(other for other in tiers if other is not tier)
    held: Course = course(tried.timeline, tiers)
    if not held.healthy_before:
        return False
    seen = held.healthy_before[0][0].__ceil__() + tried.pace.slack
    return (
        seen <= length(tried.timeline)
        and held.holds(seen - tried.pace.slack + 1, seen) is True
        and course(tried.timeline, others).holds(0, seen) is False
    )

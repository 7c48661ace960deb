"""From the times at which tiers hold, by the method, to the times at which a test looks and what it must see then."""

import math
from collections.abc import Iterator
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise
from typing import Final, NamedTuple

from slogen.model import Severity, Tier
from slogen.proofs.traffic import Span, Timeline, holding, length, throughout
from slogen.units import Window

ITSELF: Final = -1
"""Instead of a group: the SLO as a whole."""


class Ask(StrEnum):
    """What a test looks at."""

    NEVER = "never"
    """Nothing has fired since the beginning."""
    FIRING = "firing"
    """The alerts that fire, by SLO, severity and group."""
    LABELS = "labels"
    """The alerts that fire, with every label."""
    BLIND = "blind"
    """The alerts for missing data that fire, by SLO and group."""
    NO_RATIO = "no-ratio"
    """Error ratios, of which there are none."""
    ZERO_RATIO = "zero-ratio"
    """The current error ratio, which is zero."""
    HALF_BURN = "half-burn"
    """The current burn rate, which is one half, and what is left of the budget, which is so, too."""


class Check(NamedTuple):
    """
    A look at one SLO.

    Attributes:
        at: seconds from the beginning.
        severity: of the alerts that are looked at; None for all.
        groups: by number, those that are seen.
        why: what the method says, for who reads the test.
    """

    at: int
    ask: Ask
    severity: Severity | None = None
    groups: tuple[int, ...] = ()
    why: str = ""


class Pace(NamedTuple):
    """
    How often rules are evaluated, and over which window their base series are.

    Attributes:
        step: seconds.
    """

    step: int
    base: Window

    @property
    def slack(self) -> int:
        """Seconds by which an alert may be later than the method: a base window and two evaluations."""
        return self.base.seconds + 2 * self.step


class Course(NamedTuple):
    """
    When a severity holds, by the method.

    What came before the beginning is not known: as things are, a window that is not full yet says what it holds; and
    it may be taken for one that began with healthy traffic. What is certain holds both ways.
    """

    as_is: tuple[Span, ...]
    healthy_before: tuple[Span, ...]

    @property
    def turns(self) -> list[tuple[Fraction, str]]:
        """When it begins or ends to hold, and which of them."""
        spans = (*self.as_is, *self.healthy_before)
        found = {(time, word) for span in spans for time, word in zip(span, ("holds from", "holds until"), strict=True)}
        return sorted(found)

    def holds(self, start: int, end: int) -> bool | None:
        """Whether it certainly does, or does not, from *start* to *end*; None where neither is certain."""
        found = {throughout(spans, Fraction(start), Fraction(end)) for spans in self}
        return found.pop() if len(found) == 1 else None


def course(timeline: Timeline, tiers: tuple[Tier, ...]) -> Course:
    """When one of *tiers* holds."""
    usual = max(phase.traffic for phase in timeline)
    return Course(holding(timeline, tiers, before=0), holding(timeline, tiers, before=usual))


def watch(timeline: Timeline, severity: Severity, tiers: tuple[Tier, ...], pace: Pace) -> tuple[Check, ...]:
    """What must be seen of the alert of one severity: just before it turns, just after, and at the end."""
    held = course(timeline, tiers)
    whole = length(timeline)
    looks = {}
    for turn, word in held.turns:
        told = f"{severity} {word} {clock(round(turn))} by the method"
        looks[math.floor(turn) - pace.step] = f"{told}, not before" if word.endswith("from") else told
        looks[math.ceil(turn) + pace.slack] = f"{told}, and {clock(pace.slack)} of slack"
    if timeline[-1].share and whole - max(looks, default=0) > pace.slack:
        looks[whole] = f"so it stays until {clock(whole)}"
    times = sorted(time for time in looks if 0 < time <= whole)
    checks = _thinned(_looked(held, severity, [(time, looks[time]) for time in times], pace))
    return tuple(checks)


@lru_cache(maxsize=4096)
def clock(seconds: int) -> str:
    """*seconds* as Prometheus writes a time since the beginning: ``6h52s``."""
    hours, rest = divmod(seconds, 3600)
    parts = ((hours, "h"), (rest // 60, "m"), (rest % 60, "s"))
    return "".join(f"{count}{unit}" for count, unit in parts if count) or "0s"


def _looked(held: Course, severity: Severity, times: list[tuple[int, str]], pace: Pace) -> Iterator[Check]:
    for time, why in times:
        if held.holds(0, time) is False:
            yield Check(time, Ask.NEVER, severity, why=why)
            continue
        state = held.holds(max(time - pace.slack, 0), time)
        if state is not None:
            yield Check(time, Ask.FIRING, severity, (0,) if state else (), why)


def _thinned(checks: Iterator[Check]) -> Iterator[Check]:
    """Without the looks at a silence that a later one covers."""
    for check, following in pairwise((*checks, None)):
        if check and not (following and check.ask is following.ask is Ask.NEVER):
            yield check


def never(timeline: Timeline, tiers: tuple[Tier, ...]) -> bool:
    """Whether none of *tiers* can hold at any time."""
    return course(timeline, tiers).holds(0, length(timeline)) is False

"""The kinds of traffic that the accuracy of windows is measured on, each with what makes it hard."""

from dataclasses import dataclass, replace
from typing import Final

from live.traffic import CHURN, HOUR, SWINGS, Shape, swinging

DAYS: Final = 35
GAPS: Final = tuple((9 + 41 * number, 9 + 41 * number + (1 + number % 12) / 6) for number in range(1, 20))
"""In hours: every 41 hours one, of ten minutes to two hours."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """
    Traffic, and what is promised of its 30 days.

    Attributes:
        limit: percent of the true error ratio that the median is to stay within; None where events are lost.
        evaluated: whether rules are evaluated in the gaps.
    """

    shape: Shape
    limit: float | None = 0.05
    evaluated: bool = True


def _steady(_hour: float) -> float:
    return 50.0


def _rare(_hour: float) -> float:
    return 0.001


def _one_a_life(hour: float) -> float:
    return 1 / (CHURN.rate(hour) * CHURN.life)


def _worse_at_the_peak(hour: float) -> float:
    return 0.002 if 10 <= hour % 24 < 18 else 0.0002


def _worse_by_night(hour: float) -> float:
    return 0.0002 if 8 <= hour % 24 < 22 else 0.02


def _outage(hour: float) -> float:
    """All requests fail for ten minutes of every fifth day."""
    return 1.0 if 100 <= hour % 120 < 100 + 1 / 6 else 0.0005


def _by_day(hour: float) -> float:
    return 0.0 if hour % 24 < 8 else 50.0


def _since_day_28(hour: float) -> float:
    return 0.0 if hour < 28 * 24 else 0.004


def _worse_in_the_gaps(hour: float) -> float:
    return 0.02 if any(first <= hour < last for first, last in GAPS) else 0.001


_STEADY: Final = Shape(_steady, _rare)
_BURSTY: Final = Shape(swinging, _worse_at_the_peak, bursts=1.0)

PATTERNS: Final = {
    "steady": Pattern(_STEADY),
    "100x by day, bursts, errors at the peak": Pattern(_BURSTY),
    "100x by day, bursts, errors by night": Pattern(replace(_BURSTY, error_ratio=_worse_by_night)),
    "100x by day, idle hours, resets": Pattern(SWINGS),
    "restarts every 6 h": Pattern(replace(_STEADY, life=6 * HOUR)),
    "pods that live 2 h": Pattern(CHURN),
    # Of an error that raises a counter from 0, rate() over four scrapes shows between three quarters and all.
    "pods that live 2 h, one error each": Pattern(replace(CHURN, error_ratio=_one_a_life), limit=None),
    "outages of 10 min": Pattern(replace(_STEADY, error_ratio=_outage)),
    "no traffic from 0 to 8": Pattern(replace(_STEADY, rate=_by_day)),
    # All errors are days old at most, so what the 30 days lag behind, three minutes at most, shows.
    "no error series until day 28": Pattern(replace(_STEADY, error_ratio=_since_day_28, late=True)),
    "scrapes lost, errors only then": Pattern(
        replace(_STEADY, error_ratio=_worse_in_the_gaps, unseen=GAPS), limit=None
    ),
    "rules not evaluated, errors by night": Pattern(
        replace(_BURSTY, error_ratio=_worse_by_night), limit=None, evaluated=False
    ),
}

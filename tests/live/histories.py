"""Made-up histories of counters for backtests: steady traffic with incidents at random, as every seed has its own."""

import random
from collections.abc import Iterator
from typing import Final, NamedTuple

from live.backfill import Series

SCRAPE: Final = 30
PHASE: Final = 29
"""Just before the moments at which rules are evaluated, whose phase is up to 28 s: then all of them see the same."""
LONG_BEFORE: Final = 10_000_000
"""What the counters have counted before the history, so that no rate is cut short at zero."""


class Incident(NamedTuple):
    """From *start* to *end*, in Unix seconds, so large a share of the events fails."""

    start: int
    end: int
    error_ratio: float


class Shape(NamedTuple):
    """
    What the traffic of a group is like.

    Attributes:
        begin: its first moment, in Unix seconds.
        rate: events per second, by day; a tenth of it by night.
        usual: the share of them that fails where there is no incident.
        idle: from when to when there are no events.
    """

    begin: int
    rate: float
    usual: float
    incidents: tuple[Incident, ...]
    idle: tuple[int, int] = (0, 0)


def incidents(seed: int, start: int, end: int, number: int) -> tuple[Incident, ...]:
    """So many, of minutes to half a day, from a slow burn to an outage."""
    chance = random.Random(seed)  # noqa: S311 - the same each time
    found = []
    for _ in range(number):
        begin = chance.randrange(start, end)
        length = round(60 * 10 ** chance.uniform(0.6, 2.9))
        found.append(Incident(begin, begin + length, 10 ** chance.uniform(-2.6, 0)))
    return tuple(found)


def counters(labels: str, shape: Shape, end: int) -> Iterator[Series]:
    """``served_total`` and ``failed_total`` with those *labels*, scraped until *end*."""
    served, failed = float(LONG_BEFORE), float(LONG_BEFORE)
    samples = []
    for moment in range(shape.begin // SCRAPE * SCRAPE + PHASE, end, SCRAPE):
        night = (moment // 3_600) % 24 < 8
        events = 0.0 if shape.idle[0] <= moment < shape.idle[1] else shape.rate * SCRAPE * (0.1 if night else 1)
        ratio = max([shape.usual, *(one.error_ratio for one in shape.incidents if one.start <= moment < one.end)])
        served, failed = served + events, failed + events * ratio
        samples.append((moment, round(served), round(failed)))
    yield f"served_total{{{labels}}}", [(moment, count) for moment, count, _ in samples]
    yield f"failed_total{{{labels}}}", [(moment, count) for moment, _, count in samples]

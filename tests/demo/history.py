"""The history of the demo's services: what their counters would show, had they been scraped for 33 days."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

from live.backfill import Series
from live.traffic import DAY, HOUR, Shape, Traffic, make, swinging
from scenarios.scenario import load

DAYS: Final = 33
"""So much the backtest of 30 days reads: the longest alert window before it too."""
BOUNDS: Final = (0.05, 0.5, 2.0)
"""Of the buckets of the histogram, in seconds."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """
    What goes wrong on a day, from an hour of it on.

    Attributes:
        error_ratio: the share of requests that fails meanwhile.
        step: what was measured on the way to the service meanwhile.
    """

    days_ago: int
    hour: float
    hours: float
    error_ratio: float = 0.0
    step: str = ""

    def lasts(self, hour: float) -> bool:
        """Whether it does at a moment, in hours since the midnight at which the history starts."""
        start = (DAYS - self.days_ago) * 24 + self.hour
        return start <= hour < start + self.hours


OUTAGES: Final = (Trouble(11, 13, 0.75, error_ratio=0.4), Trouble(5, 9, 36, error_ratio=0.004))
LOST: Final = (Trouble(9, 4, 36, step="10% in bursts"), Trouble(3, 10, 5, step="30%"))
"""Packets, by the names of what was measured."""


def series(end: int) -> Iterator[Series]:
    """Every series up to *end*, in Unix seconds; the same on every day, so far as the day has come."""
    for name, samples in _whole_days((end // DAY - DAYS) * DAY):
        yield name, [sample for sample in samples if sample[0] <= end]


def _whole_days(start: int) -> Iterator[Series]:

    def failing(hour: float) -> float:
        return next((outage.error_ratio for outage in OUTAGES if outage.lasts(hour)), 0.0002)

    def asked(hour: float) -> float:
        return swinging(hour) / 10

    searched = make("search", Shape(asked, lambda _hour: 0.0001), start, DAYS + 1, pods=1)
    for served in (
        make("shop", Shape(asked, lambda _hour: 0.0002, bursts=1.0), start, DAYS + 1),
        make("checkout", Shape(asked, failing), start, DAYS + 1, pods=1),
        searched,
        make("reports", Shape(_asked_by_day, lambda _hour: 0.002), start, DAYS + 1, pods=1),
    ):
        yield from served.counters()
    yield from _durations(searched)


def _asked_by_day(hour: float) -> float:
    """Forty requests an hour between 08:00 and 20:00."""
    return 40 / HOUR if 8 <= hour % 24 < 20 else 0.0


def _durations(searched: Traffic) -> Iterator[Series]:
    """The histogram of what was searched; each latency is as it was measured while so many packets were lost."""
    steps = load("packet_loss").steps
    known = {step.name: {bound: step.share_under(bound) for bound in BOUNDS} for step in steps}
    (lane,) = searched.lanes
    hours = ((moment - searched.start) / HOUR for moment in lane.scrapes)
    shares = [known[next((lost.step for lost in LOST if lost.lasts(hour)), "none")] for hour in hours]
    labels = 'job="search",pod="0"'
    for bound in BOUNDS:
        counted = accumulate(asked * share[bound] for asked, share in zip(lane.requests, shares, strict=True))
        samples = list(zip(lane.scrapes, map(int, counted), strict=True))
        yield f'http_request_duration_seconds_bucket{{{labels},le="{bound}"}}', samples
    total = list(zip(lane.scrapes, accumulate(lane.requests), strict=True))
    yield f'http_request_duration_seconds_bucket{{{labels},le="+Inf"}}', total
    yield f"http_request_duration_seconds_count{{{labels}}}", total

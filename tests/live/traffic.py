"""
Made-up traffic whose every request is known: what the counters of its pods show, and the true share of errors.

Pods are scraped at moments of their own. One that is replaced has served requests after its last scrape, and
its successor some before its first: no increase of a counter ever shows those, yet they are events all the same.
"""

import math
import random
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

from live.backfill import Series

SCRAPE: Final = 30
HOUR: Final = 3600
DAY: Final = 24 * HOUR
BURST: Final = 600
"""For so many seconds at a time, the share of errors is one and the same multiple of what it is on average."""


@dataclass(frozen=True, slots=True)
class Shape:
    """
    What the traffic of one pod is like.

    Attributes:
        rate: requests per second, by the hour of the day.
        error_ratio: the share of them that fails on average, by the hour of the day.
        bursts: how unevenly errors come, as the standard deviation of the logarithm of their share.
        life: seconds until a pod is replaced.
        renamed: whether its successor has a name of its own, as in a Deployment; else its counters start anew.
    """

    rate: Callable[[float], float]
    error_ratio: Callable[[float], float]
    bursts: float
    life: int
    renamed: bool


@dataclass(frozen=True, slots=True)
class Lane:
    """A pod and its successors: the moments of their scrapes, and the requests and errors between each and the last."""

    number: int
    scrapes: range
    requests: list[int]
    errors: list[int]


@dataclass(frozen=True, slots=True)
class Traffic:
    """The requests to a service from *start* to *end*."""

    job: str
    shape: Shape
    start: int
    end: int
    lanes: tuple[Lane, ...]

    def truth(self, window: int) -> Callable[[int], float]:
        """The share of errors among the requests of the *window* that ends at a moment."""
        totals = [(lane.scrapes, *(list(accumulate(c)) for c in (lane.requests, lane.errors))) for lane in self.lanes]

        def error_ratio(end: int) -> float:
            requests = errors = 0
            for scrapes, served, failed in totals:
                first, last = (bisect_right(scrapes, moment) - 1 for moment in (end - window, end))
                requests += served[last] - served[first]
                errors += failed[last] - failed[first]
            return errors / requests

        return error_ratio

    def counters(self) -> Iterator[Series]:
        """``http_requests_total`` of every pod, with the codes 200 and 500."""
        for lane in self.lanes:
            lives = list(self._lives(lane))
            if self.shape.renamed:
                for number, life in enumerate(lives):
                    yield from self._series(f"{lane.number}-{number}", life)
            else:
                yield from self._series(f"{lane.number}", [sample for life in lives for sample in life])

    def _series(self, pod: str, life: list[tuple[int, int, int]]) -> Iterator[Series]:
        labels = f'job="{self.job}",pod="{pod}"'
        yield f'http_requests_total{{{labels},code="200"}}', [(when, served - failed) for when, served, failed in life]
        yield f'http_requests_total{{{labels},code="500"}}', [(when, failed) for when, _, failed in life]

    def _lives(self, lane: Lane) -> Iterator[list[tuple[int, int, int]]]:
        """What the counters of each pod of *lane* show: moment, requests, errors."""
        life: list[tuple[int, int, int]] = []
        served = failed = 0
        for when, requests, errors in zip(lane.scrapes, lane.requests, lane.errors, strict=True):
            if life and (when + lane.number * self.shape.life // len(self.lanes)) % self.shape.life < SCRAPE:
                yield life
                # It was replaced halfway between the scrapes.
                life, served, failed = [], requests // 2, errors // 2
            else:
                served, failed = served + requests, failed + errors
            life.append((when, served, failed))
        yield life


def make(job: str, shape: Shape, start: int, days: int, pods: int = 2) -> Traffic:
    """*days* of traffic of that *shape*; the same arguments give the same requests."""
    chance = random.Random(f"{job} {shape.life} {days} {pods}")  # noqa: S311 - it is to be the same each time
    end = start + days * DAY
    bursts = [
        chance.lognormvariate(-(shape.bursts**2) / 2, shape.bursts) for _ in range(start, end + BURST, BURST)
    ]  # 1 on average

    def lane(number: int) -> Lane:
        scrapes = range(start + number * SCRAPE // pods, end, SCRAPE)
        requests, errors = [], []
        for when in scrapes:
            hour = when % DAY / HOUR
            mean = shape.rate(hour) * SCRAPE
            requests.append(_poisson(mean, chance))
            ratio = shape.error_ratio(hour) * bursts[(when - start) // BURST]
            errors.append(min(requests[-1], _poisson(mean * ratio, chance)))
        return Lane(number, scrapes, requests, errors)

    return Traffic(job, shape, start, end, tuple(lane(number) for number in range(pods)))


def _poisson(mean: float, chance: random.Random) -> int:
    """How many requests there are where *mean* are expected."""
    if mean > 30:
        return max(0, round(chance.gauss(mean, math.sqrt(mean))))
    count, product, limit = 0, chance.random(), math.exp(-mean)
    while product > limit:
        count, product = count + 1, product * chance.random()
    return count


def swinging(hour: float) -> float:
    """A hundred times as many requests at 14:00 as at 02:00, and none at all from 04:00 to 06:00."""
    return 0.0 if 4 <= hour < 6 else 200 * 100 ** ((math.cos((hour - 14) / 24 * math.tau) - 1) / 2)


def worse_by_night(hour: float) -> float:
    """Twenty times as many errors by night, when few would notice them in a mean over time."""
    return 0.0005 if 8 <= hour < 22 else 0.01


SWINGS: Final = Shape(swinging, worse_by_night, 1.0, 6 * HOUR, renamed=False)
CHURN: Final = Shape(lambda _hour: 50.0, lambda _hour: 0.002, 0.0, 2 * HOUR, renamed=True)

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

Profile = Callable[[float], float]
"""What happens at a moment, given in hours since the midnight before the traffic starts."""


@dataclass(frozen=True, slots=True)
class Shape:
    """
    What the traffic of one pod is like.

    Attributes:
        rate: requests per second.
        error_ratio: the share of them that fails on average, within [0, 1].
        bursts: how unevenly errors come, as the standard deviation of the logarithm of their share.
        life: seconds until a pod is replaced.
        renamed: whether its successor has a name of its own, as in a Deployment; else its counters start anew.
        late: whether the counter of errors is born with the first error, as in most client libraries, or at 0.
        unseen: between which hours since the midnight before the start no pod is scraped.
    """

    rate: Profile
    error_ratio: Profile
    bursts: float = 0.0
    life: int = 100 * DAY
    renamed: bool = False
    late: bool = False
    unseen: tuple[tuple[float, float], ...] = ()


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

    def truth(self, window: int) -> Callable[[int], float | None]:
        """The share of errors among the requests of the *window* that ends at a moment; None when there were none."""
        totals = [(lane, list(accumulate(lane.requests)), list(accumulate(lane.errors))) for lane in self.lanes]

        def until(moment: int) -> tuple[int, int]:
            requests = errors = 0
            for lane, served, failed in totals:
                last = bisect_right(lane.scrapes, moment) - 1
                more, worse = self._part(lane, last + 1, (moment - lane.scrapes[last]) / SCRAPE)
                requests += served[last] + more
                errors += failed[last] + worse
            return requests, errors

        def error_ratio(end: int) -> float | None:
            (since, lost), (served, failed) = until(end - window), until(end)
            return (failed - lost) / (served - since) if served > since else None

        return error_ratio

    def _part(self, lane: Lane, scrape: int, share: float) -> tuple[int, int]:
        """The requests and errors in the first *share* of the time before a scrape; each came at any moment of it."""
        if not share or scrape >= len(lane.scrapes):
            return 0, 0
        chance = random.Random(f"{self.job} {lane.number} {scrape} {share:.3f}")  # noqa: S311 - the same each time
        requests, errors = lane.requests[scrape], lane.errors[scrape]
        failed = _binomial(errors, share, chance)
        return failed + _binomial(requests - errors, share, chance), failed

    def counters(self) -> Iterator[Series]:
        """``http_requests_total`` of every pod, with the codes 200 and 500."""
        for lane in self.lanes:
            lives = list(self._lives(lane))
            if self.shape.renamed:
                for number, life in enumerate(lives):
                    yield from self._series(f"{lane.number}-{number}", [life])
            else:
                yield from self._series(f"{lane.number}", lives)

    def _series(self, pod: str, lives: list[list[tuple[int, int, int]]]) -> Iterator[Series]:
        labels = f'job="{self.job}",pod="{pod}"'
        seen = [[sample for sample in life if not self._unseen(sample[0])] for life in lives]
        good = [(when, served - failed) for life in seen for when, served, failed in life]
        bad = [(when, failed) for life in seen for when, _, failed in life if failed or not self.shape.late]
        yield f'http_requests_total{{{labels},code="200"}}', good
        if bad:
            yield f'http_requests_total{{{labels},code="500"}}', bad

    def _unseen(self, when: int) -> bool:
        hour = (when - self.start // DAY * DAY) / HOUR
        return any(first <= hour < last for first, last in self.shape.unseen)

    def _lives(self, lane: Lane) -> Iterator[list[tuple[int, int, int]]]:
        """What the counters of each pod of *lane* show: moment, requests, errors."""
        life: list[tuple[int, int, int]] = []
        served = failed = 0
        for scrape, when in enumerate(lane.scrapes):
            requests, errors = lane.requests[scrape], lane.errors[scrape]
            if life and (when + lane.number * self.shape.life // len(self.lanes)) % self.shape.life < SCRAPE:
                yield life
                # It was replaced halfway between the scrapes.
                life = []
                served, failed = self._part(lane, scrape, 0.5)
            else:
                served, failed = served + requests, failed + errors
            life.append((when, served, failed))
        yield life


def make(job: str, shape: Shape, start: int, days: int, pods: int = 2) -> Traffic:
    """*days* of traffic of that *shape*; the same arguments give the same requests."""
    chance = random.Random(f"{job} {shape.life} {days} {pods}")  # noqa: S311 - it is to be the same each time
    end = start + days * DAY
    midnight = start // DAY * DAY
    bursts = [
        chance.lognormvariate(-(shape.bursts**2) / 2, shape.bursts) for _ in range(start, end + BURST, BURST)
    ]  # 1 on average

    def lane(number: int) -> Lane:
        scrapes = range(start + number * SCRAPE // pods, end, SCRAPE)
        requests, errors = [], []
        for when in scrapes:
            hour = (when - midnight) / HOUR
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


def _binomial(number: int, share: float, chance: random.Random) -> int:
    """How many of a *number* of requests fall into a *share* of the time in which they came."""
    if number * share * (1 - share) > 30:
        return round(chance.gauss(number * share, math.sqrt(number * share * (1 - share))))
    return sum(chance.random() < share for _ in range(number))


def swinging(hour: float) -> float:
    """A hundred times as many requests at 14:00 as at 02:00."""
    return 200 * math.exp(math.log(100) * (math.cos((hour - 14) / 24 * math.tau) - 1) / 2)


def idle_at_dawn(hour: float) -> float:
    """The same, but for 04:00 to 06:00, when there are none at all."""
    return 0.0 if 4 <= hour % 24 < 6 else swinging(hour)


def worse_by_night(hour: float) -> float:
    """Twenty times as many errors by night, when few would notice them in a mean over time."""
    return 0.0005 if 8 <= hour % 24 < 22 else 0.01


SWINGS: Final = Shape(idle_at_dawn, worse_by_night, bursts=1.0, life=6 * HOUR)
CHURN: Final = Shape(lambda _hour: 50.0, lambda _hour: 0.002, life=2 * HOUR, renamed=True)

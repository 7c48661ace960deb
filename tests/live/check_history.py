"""History made for the checks: counters that rise by so much each time, and gauges."""

from collections.abc import Iterator
from typing import Final

from live import backfill

SCRAPE: Final = 30
DAY: Final = 86_400


def history(now: int) -> Iterator[backfill.Series]:
    """Counters that rise by so much each time, and gauges."""

    def rising(name: str, each: int, step: int = SCRAPE, start: int = DAY + 7_200, end: int = 0) -> backfill.Series:
        moments = range(now - start, now - end + 1, step)
        return name, ((moment, each * number) for number, moment in enumerate(moments, 1))

    def constant(name: str, value: float) -> backfill.Series:
        return name, ((moment, value) for moment in range(now - DAY - 7_200, now + 1, SCRAPE))  # type: ignore[misc]

    yield rising('shop_requests_total{job="shop",code="200"}', 99)
    yield rising('shop_requests_total{job="shop",code="500"}', 1)
    yield rising('shop_requests_total{job="shop",code="502"}', 1, start=9_000, end=3_600)
    yield rising('shop_requests_total{job="payments",code="201"}', 5)
    yield rising('gone_requests_total{job="shop",code="200"}', 5, end=7_200)
    yield rising('shop_requests{job="shop",code="500"}', 5)
    yield rising('quiet_requests_total{job="shop",code="500"}', 1, step=90)
    for step, name in ((60, "minutely_total"), (120, "rare_total")):
        yield rising(f'{name}{{job="shop",code="500"}}', 50, step=step)
    yield rising('young_total{job="shop",code="500"}', 50, start=600)
    for name, fast in (("shop_duration_seconds", 9), ("twice_duration_seconds", 20)):
        for bound in ("0.5", "1.0", "+Inf"):
            yield rising(f'{name}_bucket{{job="shop",le="{bound}"}}', fast)
        yield rising(f'{name}_count{{job="shop"}}', 10)
    falling = range(now - DAY, now + 1, SCRAPE)
    yield 'shop_in_flight{job="shop",code="500"}', ((moment, 7 + moment // SCRAPE % 2) for moment in falling)
    restarted = range(now - DAY, now + 1, SCRAPE)
    yield 'restarted_requests_total{job="shop",code="500"}', ((at, at % 1_800) for at in restarted)
    for job, pod, each, start in (("shop", "a", 50, DAY), ("shop", "b", 50, 600), ("store", "a", 50, DAY)):
        yield rising(f'pods_total{{job="{job}",pod="{pod}",code="500"}}', each, start=start)
    yield rising('pods_total{job="store",pod="b",code="500"}', 1, step=90, start=DAY)
    yield rising('idle_total{job="shop",code="500"}', 0)
    yield constant("shop_error_ratio", 0.25)
    yield 'shop_probe{job="shop"}', ((moment, moment // SCRAPE % 2) for moment in falling)

"""History made for the checks: counters that rise by so much each time, and gauges."""

from collections.abc import Iterator
from itertools import accumulate
from math import inf, nan
from typing import Final

from live import backfill

SCRAPE: Final = 30
DAY: Final = 86_400
STEP: Final = 150
"""Seconds between the samples of what has been there for long."""
AN_HOUR: Final = 3_600


def history(now: int) -> Iterator[backfill.Series]:
    """Counters that rise by so much each time, and gauges."""

    def rising(name: str, each: int, step: int = SCRAPE, start: int = DAY + 7_200, end: int = 0) -> backfill.Series:
        moments = range(now - start, now - end + 1, step)
        return name, ((moment, each * number) for number, moment in enumerate(moments, 1))

    def constant(name: str, value: float) -> backfill.Series:
        return name, ((moment, value) for moment in range(now - DAY - 7_200, now + 1, SCRAPE))

    yield from _week(now)
    yield from _flawed(now)
    yield rising('shop_requests_total{job="shop",code="200"}', 99)
    yield rising('shop_requests_total{job="shop",code="500"}', 1)
    yield rising('shop_requests_total{job="shop",code="502"}', 1, start=9_000, end=3_600)
    yield rising('shop_requests_total{job="payments",code="201"}', 5)
    yield rising('gone_requests_total{job="shop",code="200"}', 5, end=7_200)
    yield rising('shop_requests{job="shop",code="500"}', 5)
    yield rising('quiet_requests_total{job="shop",code="500"}', 1, step=90)
    sparse = ((moment, (moment - now + DAY) // (AN_HOUR // 2)) for moment in range(now - DAY, now + 1, SCRAPE))
    yield 'sparse_total{job="shop",code="500"}', sparse
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
    yield constant("shop_error:ratio_rate2m", 0.25)
    yield 'shop_probe{job="shop"}', ((moment, moment // SCRAPE % 2) for moment in falling)


def _week(now: int) -> Iterator[backfill.Series]:
    """Services that have been there for eight days: of 10,000 events each step so many are bad, from when to when."""
    spans = {
        "half": (5, 9 * DAY, 0),
        "spent": (100, 6 * DAY, 4 * DAY),
        "burning": (200, AN_HOUR + 1_800, -1),
        "burnt": (200, 3 * AN_HOUR, AN_HOUR + 1_800),
        "bad": (300, 9 * DAY, 0),
        "perfect": (0, 0, 0),
        "rare": (0, 0, 0),
        "young": (100, 2 * DAY, DAY),
        "fresh": (200, 9 * DAY, -1),
    }
    for job, (each, first, last) in spans.items():
        age = {"young": 2 * DAY, "fresh": 900}.get(job, 8 * DAY)
        step = SCRAPE if job in ("burning", "fresh") else STEP
        moments = range(now - age, now + 1, step)
        bad = accumulate(each if first >= now - moment > last else 0 for moment in moments)
        total = accumulate(1 if job == "rare" else 10_000 for _ in moments)
        counted = list(zip(moments, total, bad, strict=True))
        yield f'old_requests_total{{job="{job}",code="200"}}', [(moment, all_ - lost) for moment, all_, lost in counted]
        yield f'old_requests_total{{job="{job}",code="500"}}', [(moment, lost) for moment, _, lost in counted]
    for pod in range(40):
        halves = (*range((now - 8 * DAY) // AN_HOUR * AN_HOUR, now, AN_HOUR // 2), now)
        samples = [(moment, moment - now + 9 * DAY) for moment in halves]
        yield f'wide_requests_total{{job="shop",pod="{pod}",code="500"}}', samples
    yield 'slo:sli_error:ratio_rate30d{slo_id="case-recorded"}', [(now - 60, 0.02), (now, 0.02)]
    for pod, ratio in ((7, 0.02), (8, 0.0)):
        labels = f'slo_id="case-recorded-group",slo_service="case",pod="{pod}"'
        yield f"slo:sli_error:ratio_rate30d{{{labels}}}", [(now - 60, ratio), (now, ratio)]


def _flawed(now: int) -> Iterator[backfill.Series]:
    """Counters with gaps, with samples that are no numbers, and many of them."""
    moments = range(now - DAY, now + 1, SCRAPE)
    for job, first, last in (("long", 5 * AN_HOUR, 4 * AN_HOUR), ("short", 3 * AN_HOUR + 80, 3 * AN_HOUR)):
        there = [moment for moment in moments if not last < now - moment < first]
        yield f'gap_total{{job="{job}",code="500"}}', [(moment, 50 * (moment - now + DAY)) for moment in there]
    for job, flaw in (("nan", nan), ("inf", inf), ("fine", 50.0)):
        samples = ((moment, 50 * (moment - now + DAY)) for moment in moments)
        yield (
            f'nan_total{{job="{job}",code="500"}}',
            [(at, flaw if at == now - 7_200 else value) for at, value in samples],
        )
    recent = range(now - 4 * SCRAPE, now + 1, SCRAPE)
    yield 'newborn_total{job="shop",code="500"}', [(moment, moment - now + 600) for moment in recent]
    for name, label, number in (("many_total", "n", 5_001), ("crowd_total", "pod", 101)):
        for each in range(number):
            labels = f'job="shop",{label}="{each}",code="500"'
            yield f"{name}{{{labels}}}", [(moment, moment - now + 600) for moment in recent]

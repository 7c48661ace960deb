"""
There are times without samples, or samples that are no numbers.

Where no series of the total has a sample for longer than a base window, nothing is recorded: what happened then is in
none of the windows, and no alert can fire. That is the scraping or the target, not the SLO; a grouped SLO is looked at
as a whole. One sample of a counter that is NaN or infinite leaves every window that holds it without a value, up to the
SLO window; a `query` drops such series before it sums, so what it reads is not looked at. Looked at is the last day, or
all the time that the series have been there within it. A server that was itself away has no samples of that time
either. Where samples are further apart than half a base window, every scrape that is late looks like a gap: see
[rare-scrapes](#rare-scrapes). More than 20 million samples are not read for it.

Asks for: instant queries, over 24 hours.
"""

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from math import isfinite
from typing import Final

from slogen.diagnostics import Level
from slogen.explain.view import span
from slogen.live import hindsight, scraping
from slogen.live.asking import Asking, missing, moment
from slogen.live.checks._check import Finding, NotChecked, Said
from slogen.live.reads import Read, reads
from slogen.model import Slo
from slogen.policy import base_window
from slogen.promql import Aggregate, Binary, Matcher, Number, Selector, Subquery, call
from slogen.units import Window

LOOK_BACK: Final = Window.parse("1d")
_STEPS: Final = 2
"""A base window moves on by this part of it: no gap of one and a half of them is missed."""
_INFINITY: Final = Number(Decimal("Infinity"))


def check(slo: Slo, asking: Asking) -> Iterator[Said]:
    """One warning for gaps, and one finding for each selector that has what is no number."""
    if why := missing(slo, asking):
        yield NotChecked(why)
        return
    samples = hindsight.samples_within(slo, LOOK_BACK, asking)
    if samples > hindsight.MOST_SAMPLES:
        yield NotChecked(f"what it reads has some {samples:,} samples within {LOOK_BACK}, too many to look at each")
        return
    yield from _gaps(slo, reads(slo)[0], asking)
    told: set[str] = set()
    for read in dict.fromkeys(reads(slo)):
        which = "" if read.written else _no_number(hindsight.counted(slo, read), asking)
        if which and which not in told:
            message = f"{which} has a sample within the last {LOOK_BACK} that is NaN or infinite"
            lost = "no window that holds it has a value, and a 'query' would drop that series"
            yield Finding(read.path, f"{message}; {lost}")
        told.add(which)


def _gaps(slo: Slo, total: Read, asking: Asking) -> Iterator[Said]:
    first = asking.first_seen(total.selector, LOOK_BACK) or asking.at
    base = base_window(slo.scrape_interval)
    real = scraping.interval(total.selector, asking)
    if real is not None and 2 * real.seconds > base.seconds:
        yield NotChecked(f"it is scraped every {real}, too seldom to tell gaps from a base window of {base}")
        return
    reached = round(min(asking.at - first, LOOK_BACK.seconds)) - base.seconds
    if reached <= base.seconds:
        yield NotChecked(f"its series are younger than {Window(2 * base.seconds)}")
        return
    step = Window(base.seconds // _STEPS)
    absent = call("absent_over_time", total.selector.over(base))
    without = asking.number(call("count_over_time", Subquery(absent, Window(reached), step)))
    if not without:
        return
    since = Binary(absent, "*", call("time"))
    last = asking.number(call("max_over_time", Subquery(since, Window(reached), step))) or asking.at
    lasting = f"{span(Fraction(without) * step.seconds)} in all within the last {LOOK_BACK}, until {moment(last)}"
    gaps = f"{total.selector} had no samples for longer than the base window, {base}; it was without for {lasting}"
    yield Finding(total.path, f"{gaps}: what happens in such a time is in no window", Level.WARNING)


def _no_number(selector: Selector, asking: Asking) -> str:
    """One of the series of *selector* that have what is no number; empty where there is none."""
    sums = call("sum_over_time", selector.over(LOOK_BACK))
    if all(isfinite(one.value) for one in asking.samples(Aggregate("sum", sums))):
        return ""
    worst = asking.samples(call("topk", Number(1), Binary(sums, "unless", Binary(sums, "<", _INFINITY))))
    labels = tuple(Matcher(label, "=", value) for one in worst for label, value in sorted(one.labels.items()))
    return str(Selector(selector.metric, labels) if labels else selector)

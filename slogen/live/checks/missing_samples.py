"""
There are times without samples, or samples that are no numbers.

Where no series of the total has a sample for longer than a base window, nothing is recorded: what happened then is in
none of the windows, and no alert can fire. That is the scraping or the target, not the SLO; a grouped SLO is looked at
as a whole. One sample of a counter that is NaN or infinite leaves every window that holds it without a value, up to the
SLO window; a `query` drops such series before it sums, so what it reads is not looked at. Looked at is the last day, or
all the time that the series have been there within it. A server that was itself away has no samples of that time
either. More than 20 million samples are not read for it.

Asks for: instant queries, over 24 hours.
"""

from collections.abc import Iterator
from decimal import Decimal
from math import isfinite
from typing import Final

from slogen.diagnostics import Level
from slogen.live import hindsight
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
    for read in dict.fromkeys(reads(slo)):
        if not read.written:
            yield from _no_numbers(read, hindsight.counted(slo, read), asking)


def _gaps(slo: Slo, total: Read, asking: Asking) -> Iterator[Said]:
    first = asking.first_seen(total.selector, LOOK_BACK) or asking.at
    base = base_window(slo.scrape_interval)
    span = round(min(asking.at - first, LOOK_BACK.seconds)) - base.seconds
    if span <= base.seconds:
        yield NotChecked(f"its series are younger than {Window(2 * base.seconds)}")
        return
    step = Window(base.seconds // _STEPS)
    absent = call("absent_over_time", total.selector.over(base))
    without = asking.number(call("count_over_time", Subquery(absent, Window(span), step)))
    if not without:
        return
    since = Binary(absent, "*", call("time"))
    last = asking.number(call("max_over_time", Subquery(since, Window(span), step))) or asking.at
    lasting = f"{Window(round(without) * step.seconds)} in all within the last {LOOK_BACK}, until {moment(last)}"
    gaps = f"{total.selector} had no samples for longer than the base window, {base}; it was without for {lasting}"
    yield Finding(total.path, f"{gaps}: what happens in such a time is in no window", Level.WARNING)


def _no_numbers(read: Read, selector: Selector, asking: Asking) -> Iterator[Said]:
    """A sum of numbers is one; where it is not, which series makes it so."""
    sums = call("sum_over_time", selector.over(LOOK_BACK))
    if all(isfinite(one.value) for one in asking.samples(Aggregate("sum", sums))):
        return
    worst = asking.samples(call("topk", Number(1), Binary(sums, "unless", Binary(sums, "<", _INFINITY))))
    labels = [Matcher(label, "=", value) for one in worst for label, value in sorted(one.labels.items())]
    which = selector if not labels else Selector(selector.metric, tuple(labels))
    message = f"{which} has a sample within the last {LOOK_BACK} that is NaN or infinite"
    yield Finding(read.path, f"{message}; no window that holds it has a value, and a 'query' would drop that series")

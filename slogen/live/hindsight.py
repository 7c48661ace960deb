"""What an SLO's own series say of its past: how far back they reach, and the share of bad events in it."""

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Final, NamedTuple

from slogen import naming, sli_promql
from slogen.live import scraping
from slogen.live.asking import Asking, first_moments
from slogen.live.reads import Read, reads
from slogen.live.traffic import DAY
from slogen.model import Latency, Slo
from slogen.promql import Aggregate, Expr, Matcher, Selector, call
from slogen.units import Window

MOST_SAMPLES: Final = 20_000_000
"""About so many samples of what an SLO reads are looked at for one question, and no more."""
BORNE: Final = 1.01
"""An error ratio up to here may be one; scrapes see two counters at different moments."""
_HUNDRED: Final = 100
_HOUR: Final = Window.parse("1h")

Group = tuple[tuple[str, str], ...]
"""Labels of a group and their values, sorted; none for an SLO that has no groups."""


class Past(NamedTuple):
    """
    What happened to a group within an SLO's window.

    Attributes:
        error_ratio: share of bad events.
        seconds: how much of the window its series reach back.
        burn_rate: budget spent per budget planned, over that time.
        spent: share of the budget of the whole window.
    """

    group: Group
    error_ratio: float
    seconds: float
    burn_rate: float
    spent: float


def past(slo: Slo, asking: Asking) -> tuple[Past, ...] | str:
    """The past of each group that had events; in words, why that cannot be told."""
    ratio = error_ratio(slo, slo.window, asking)
    if isinstance(ratio, str):
        return ratio
    ratios = {group(one.labels): one.value for one in asking.query(ratio)}
    if not ratios:
        return f"its error ratio over the last {slo.window} has no value"
    if max(ratios.values()) > BORNE:
        return f"its error ratio is {max(ratios.values()):.3g}, which is no share of its events"
    return tuple(_pasts(slo, ratios, asking))


def _pasts(slo: Slo, ratios: Mapping[Group, float], asking: Asking) -> Iterator[Past]:
    reached = reach(slo, asking)
    everyone = max(reached.values(), default=0.0)
    for labels, ratio in ratios.items():
        seconds = reached.get(labels, everyone)
        burn_rate = ratio / float(slo.error_budget)
        yield Past(labels, ratio, seconds, burn_rate, burn_rate * seconds / slo.window.seconds)


def reach(slo: Slo, asking: Asking) -> Mapping[Group, float]:
    """
    How many seconds of the SLO window the total's series of each group reach back; of all, where a query groups.

    It is true to five minutes within a day, and to an hour beyond.
    """
    total = reads(slo)[0]
    by = () if total.written else slo.group_by
    long = Aggregate("count", call("count_over_time", total.selector.over(_HOUR)), by)
    since_before = {group(one.labels) for one in asking.query(long, slo.window.seconds)}
    groups = {group(one.labels) for one in asking.query(Aggregate("count", total.selector, by))}
    reached = dict.fromkeys(since_before, float(slo.window.seconds))
    if groups <= since_before:
        return reached
    for first in (first_moments(total.selector, slo.window, _HOUR), first_moments(total.selector, DAY)):
        for one in asking.query(Aggregate("min", first, by)):
            labels, seconds = group(one.labels), asking.at - one.value
            reached[labels] = max(reached.get(labels, 0.0), seconds)
    return reached


def error_ratio(slo: Slo, window: Window, asking: Asking) -> Expr | str:
    """
    The share of bad events of each group over *window*; in words, why it cannot be told.

    It is that of the series which the SLO reads, and where these have more than `MOST_SAMPLES`, the one that its rules
    record, if they do.
    """
    samples = samples_within(slo, window, asking)
    if samples <= MOST_SAMPLES:
        return sli_promql.ratio(slo, window)
    recorded = Selector(naming.error_ratio(window), (Matcher(naming.SLO_ID, "=", slo.id),))
    if asking.count(recorded):
        return Aggregate("max", recorded, slo.group_by)
    much = f"what it reads has some {samples:,} samples within {window}, and more than {MOST_SAMPLES:,} are not read"
    return f"{much}; its rules record no {recorded.metric} here"


def samples_within(slo: Slo, window: Window, asking: Asking) -> int:
    """About how many samples the series that *slo* reads have within *window*."""
    real = scraping.interval(reads(slo)[0].selector, asking) or slo.scrape_interval
    return series(slo, asking) * window.seconds // min(real.seconds, slo.scrape_interval.seconds)


def series(slo: Slo, asking: Asking) -> int:
    """How many series the base records of *slo* are made of; one that several selectors select counts for each."""
    return sum(asking.count(selector) for selector in dict.fromkeys(counted(slo, read) for read in reads(slo)))


def counted(slo: Slo, read: Read) -> Selector:
    """The series of *read* that are counted: of all buckets of a histogram, those of the SLO's bound."""
    if isinstance(slo.promql, Latency) and read.selector == slo.promql.buckets:
        return read.selector.where(sli_promql.bound_matcher(slo.promql.bound))
    return read.selector


def group(labels: Mapping[str, str]) -> Group:
    """The group that *labels* name; an empty one is none."""
    return tuple(sorted((label, value) for label, value in labels.items() if value))


def among(worst: Group, groups: int) -> str:
    """Which group it is that a message is about, and whether there are others; empty for an SLO without groups."""
    if not worst:
        return ""
    named = ",".join(str(Matcher(label, "=", value)) for label, value in worst)
    return f" in {named}" if groups == 1 else f" in {named}, the worst of {groups} groups"


def times(rate: float | Fraction) -> str:
    """A burn rate in three digits, or all before the point: ``14.4x``."""
    return f"{float(rate):,.0f}x" if rate >= _HUNDRED else f"{float(rate):.3g}x"

"""
What an SLI is in Cloud Monitoring: filters of its own metrics, or of those that Managed Service for Prometheus holds.

That service stores a scraped counter as ``prometheus.googleapis.com/NAME/counter`` and a histogram, under its base
name, as the distribution ``prometheus.googleapis.com/NAME/histogram``, both for the resource ``prometheus_target``. A
bucket's bound is one of the distribution's, so that a cut there counts what ``le`` counts.

Source: https://docs.cloud.google.com/stackdriver/docs/managed-prometheus/prometheus-mapping
https://github.com/GoogleCloudPlatform/prometheus-engine/blob/main/pkg/export/series_cache.go
"""

from decimal import Decimal
from typing import Final, NamedTuple

from slogen import naming
from slogen.diagnostics import shown
from slogen.model import (
    BadOfTotal,
    Counter,
    ErrorRatio,
    Events,
    GoodOfTotal,
    InPromql,
    Latency,
    NativeLatency,
    PlatformLatency,
    PlatformRatio,
    Query,
    Slo,
)
from slogen.monitoring.matchers import RESOURCE, translated
from slogen.monitoring_filter import Filter, on_resource
from slogen.promql import Matcher, Selector
from slogen.source import Path

LONGEST_FILTER: Final = 2_048
"""
Characters of a filter in an alert policy; for one in an SLO no limit is stated.

Source: https://docs.cloud.google.com/monitoring/api/ref_v3/rest/v3/projects.alertPolicies#MetricThreshold
"""

_LOCATION: Final = "location"
_BUCKET, _COUNT, _SUM = "_bucket", "_count", "_sum"
_EMPTY = Filter("", "")


class Ratio(NamedTuple):
    """Two filters of three; good and bad are the total."""

    total: Filter | None = None
    good: Filter | None = None
    bad: Filter | None = None


class Cut(NamedTuple):
    """Good are the values of a distribution between 0 and *bound*, in its own unit."""

    distribution: Filter
    bound: Decimal


Indicator = Ratio | Cut
"""What an SLO in Cloud Monitoring measures."""


class Reason(NamedTuple):
    """
    Why Cloud Monitoring cannot measure an SLI.

    Attributes:
        key: where in the SLO what it cannot say is written.
    """

    message: str
    key: Path


class Refusal(NamedTuple):
    """All the reasons why Cloud Monitoring cannot measure an SLI."""

    reasons: tuple[Reason, ...]


def indicator(slo: Slo) -> Indicator | Refusal:
    """What *slo* measures there, or why it cannot."""
    reader = _Reader(slo.cloud.location if slo.cloud else "", [])
    measured = _measured(slo, reader)
    for one in filters(measured):
        if len(str(one)) > LONGEST_FILTER:
            message = f"a filter has at most {LONGEST_FILTER:,} characters, and this one {len(str(one)):,}; write less"
            reader.reasons.append(Reason(message, ("sli",)))
        if met := one.contradiction:
            message = f"no series can meet both {met[0]} and {met[1]}, as one of its filters asks; write one of them"
            reader.reasons.append(Reason(message, ("sli",)))
    return Refusal(tuple(dict.fromkeys(reader.reasons))) if reader.reasons else measured


def filters(measured: Indicator) -> tuple[Filter, ...]:
    """The filters of which an SLO there is made."""
    match measured:
        case Cut(distribution):
            return (distribution,)
        case Ratio():
            return tuple(one for one in measured if one is not None)


def in_location(slo: Slo) -> InPromql:
    """What *slo* measures as PromQL, in the location alone that its settings name, as the filters have it."""
    location = slo.cloud.location if slo.cloud else ""
    sli = slo.promql
    if not location or isinstance(slo.sli, PlatformRatio | PlatformLatency):
        return sli

    def inside(selector: Selector) -> Selector:
        placed = any(matcher.label == _LOCATION for matcher in selector.matchers)
        return selector if placed else selector.where(Matcher(_LOCATION, "=", location))

    match sli:
        case BadOfTotal(Counter(total), Counter(bad)):
            return BadOfTotal(Counter(inside(total)), Counter(inside(bad)))
        case GoodOfTotal(Counter(total), Counter(good)):
            return GoodOfTotal(Counter(inside(total)), Counter(inside(good)))
        case Latency(counts, buckets, threshold, bound):
            return Latency(inside(counts), inside(buckets), threshold, bound)
    return sli


def _measured(slo: Slo, reader: "_Reader") -> Indicator:
    """What *slo* measures; of no use where *reader* was told of reasons."""
    match slo.sli:
        case PlatformRatio(total, good, bad):
            return Ratio(total, good, bad)
        case PlatformLatency(distribution, _, bound):
            return Cut(distribution, bound)
        case BadOfTotal(every, some):
            return Ratio(total=reader.counted("total", every), bad=reader.counted("bad", some))
        case GoodOfTotal(every, some):
            return Ratio(total=reader.counted("total", every), good=reader.counted("good", some))
        case Latency(counts, buckets, _, bound):
            return Cut(reader.distribution(counts, buckets), bound)
        case NativeLatency():
            reader.refuse("a native histogram is none of the distributions that it is known to cut", ("sli", "latency"))
        case ErrorRatio():
            reader.refuse("it divides counted events, and a ratio in PromQL has none", ("sli", "ratio"))
        case _:
            reader.refuse("it counts events, and the samples of a gauge are none", ("sli", "probe"))
    return Ratio()


class _Reader(NamedTuple):
    """Reads selectors as filters, and collects the reasons why some are none."""

    location: str
    reasons: list[Reason]

    def refuse(self, message: str, key: Path) -> None:
        self.reasons.append(Reason(message, key))

    def counted(self, part: str, events: Events) -> Filter:
        """The filter of a counter."""
        if isinstance(events, Query):
            self.refuse("a filter selects series, and PromQL that calculates has no filter", ("sli", "query", part))
            return _EMPTY
        key: Path = ("sli", "availability", part)
        name = events.selector.metric
        if name.endswith((_BUCKET, _COUNT, _SUM)):
            message = (
                f"{name!r} is named like a part of a histogram or a summary, which Managed Service for Prometheus "
                "keeps whole; count with a counter"
            )
            self.refuse(message, key)
        return self.filter(events.selector, name, "counter", key)

    def distribution(self, counts: Selector, buckets: Selector) -> Filter:
        """The filter of the distribution that a histogram is."""
        key: Path = ("sli", "latency", "histogram")
        name = buckets.metric.removesuffix(_BUCKET)
        if counts != Selector(name + _COUNT, buckets.matchers) or buckets.metric != name + _BUCKET:
            message = f"{counts} and {buckets} are not the parts of one histogram, which would be one distribution"
            self.refuse(message, key)
        return self.filter(buckets, name, "histogram", key)

    def filter(self, selector: Selector, name: str, kind: str, key: Path) -> Filter:
        """The filter of the series that *selector* selects of the metric *name*."""
        if not naming.METRIC.fullmatch(name):
            written = f"the name {shown(name)} has characters that a metric has not there"
            self.refuse(written if name else "a filter has one metric; write its name before the braces", key)
        comparisons, reasons = translated(selector.matchers)
        for reason in reasons:
            self.refuse(reason, key)
        if self.location and all(matcher.label != _LOCATION for matcher in selector.matchers):
            comparisons = (on_resource(_LOCATION, "=", self.location), *comparisons)
        return Filter(f"prometheus.googleapis.com/{name}/{kind}", RESOURCE, comparisons)

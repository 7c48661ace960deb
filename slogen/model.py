"""What an SLO is once every default is applied and every preset expanded."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import NamedTuple

from slogen import naming
from slogen.diagnostics import Position
from slogen.monitoring_filter import Filter
from slogen.parts import Series
from slogen.promql import Selector, Written
from slogen.source import Path, Source
from slogen.units import Window

Labels = Mapping[str, str]


class Severity(StrEnum):
    """Who is told: a page wakes somebody, a ticket waits for the morning."""

    PAGE = "page"
    TICKET = "ticket"


class Strategy(StrEnum):
    """
    How the error ratios of the alert windows are recorded.

    ``hierarchical`` sums every window from two recorded series, ``raw`` reads the counters for each,
    ``hybrid`` reads the counters for the windows of the fastest tier alone.
    """

    HIERARCHICAL = "hierarchical"
    RAW = "raw"
    HYBRID = "hybrid"


class Returns(StrEnum):
    """What a written query gives: events per second, or events within the window."""

    RATE = "rate"
    INCREASE = "increase"


class Counter(NamedTuple):
    """Events counted by the counters that *selector* selects."""

    selector: Selector


class Query(NamedTuple):
    """Events counted by a query of the author's."""

    written: Written
    returns: Returns


Events = Counter | Query


class BadOfTotal(NamedTuple):
    """The share of bad events; bad events lie within the total."""

    total: Events
    bad: Events


class GoodOfTotal(NamedTuple):
    """The share of events that are not good; no good series while there are events means that all are bad."""

    total: Events
    good: Events


class Latency(NamedTuple):
    """
    The share of requests slower than a bucket's bound of a classic histogram.

    Attributes:
        buckets: the series of all buckets, no bound chosen.
        threshold: seconds.
        bound: *threshold* in the metric's own unit, as the bucket's ``le`` has it.
    """

    counts: Selector
    buckets: Selector
    threshold: Decimal
    bound: Decimal


class NativeLatency(NamedTuple):
    """
    The share of requests slower than a bound of a native histogram.

    Attributes:
        threshold: seconds.
        bound: *threshold* in the metric's own unit.
    """

    histogram: Selector
    threshold: Decimal
    bound: Decimal


class Probe(NamedTuple):
    """The share of samples of a 0/1 gauge that are 0."""

    selector: Selector


class ErrorRatio(NamedTuple):
    """An error ratio that a query gives; its long windows are means over time, not over events."""

    written: Written


InPromql = BadOfTotal | GoodOfTotal | Latency | NativeLatency | Probe | ErrorRatio
"""What a Prometheus can measure."""


class PlatformRatio(NamedTuple):
    """
    The share of good events that metrics of Google Cloud count: two filters of three, good and bad being the total.

    Attributes:
        promql: the same under the names by which Cloud Monitoring exposes these metrics to PromQL.
        delay: seconds until the newest data can be read, as far as it is documented.
    """

    total: Filter | None
    good: Filter | None
    bad: Filter | None
    promql: BadOfTotal | GoodOfTotal
    delay: int = 0


class PlatformLatency(NamedTuple):
    """
    The share of requests slower than a threshold, of a metric of Google Cloud that is a distribution.

    Attributes:
        threshold: seconds.
        bound: *threshold* in the metric's own unit.
        buckets: bounds that the distribution is known to have, in its own unit; empty when they are not known.
        promql: the same under the names by which Cloud Monitoring exposes the metric.
        delay: seconds until the newest data can be read, as far as it is documented.
    """

    distribution: Filter
    threshold: Decimal
    bound: Decimal
    buckets: tuple[Decimal, ...]
    promql: Latency
    delay: int = 0

    @property
    def exact(self) -> bool:
        """Whether a bucket is known to end at the threshold; else its share is estimated, and PromQL has no data."""
        return self.bound in self.buckets


Platform = PlatformRatio | PlatformLatency
"""What is measured by Google Cloud itself; an ordinary Prometheus does not hold these series."""

Sli = InPromql | Platform


class Datasource(StrEnum):
    """What answers the PromQL of the rules: a Prometheus with the metrics it scrapes, or Cloud Monitoring."""

    PROMETHEUS = "prometheus"
    CLOUD_MONITORING = "cloud-monitoring"


class Tier(NamedTuple):
    """
    One pair of alert windows with its limit.

    Attributes:
        burn_rate: budget spent per budget planned, at least 1.
        threshold: error ratio above which the tier holds, as it is printed; from 1 on it never does.
    """

    severity: Severity
    long: Window
    short: Window
    burn_rate: Fraction
    threshold: Decimal

    @property
    def name(self) -> str:
        """Severity and long window: ``page-1h``."""
        return naming.tier(self.severity, self.long)


class BurnAlert(NamedTuple):
    """The alert of one severity: it fires while one of its *tiers* holds."""

    severity: Severity
    name: str
    tiers: tuple[Tier, ...]
    labels: Labels
    annotations: Labels


class NoDataAlert(NamedTuple):
    """The alert for an SLO that has gone blind."""

    name: str
    labels: Labels
    annotations: Labels


class Place(NamedTuple):
    """Where something was written: a file that was read, and a path within it."""

    source: Source
    path: Path

    @property
    def position(self) -> Position:
        """File, line and column."""
        return self.source.position(self.path)


class CloudSettings(NamedTuple):
    """
    Where Cloud Monitoring keeps an SLO, and how it tells of it.

    Attributes:
        project: empty where nothing names it.
        location: of the series that Managed Service for Prometheus holds; empty for any. The SLO names it if *located*.
        channels: notification channels of each severity, ids or full names.
        display_name: empty for that of service and SLO.
    """

    project: str = ""
    location: str = ""
    channels: Mapping[str, tuple[str, ...]] = {}
    display_name: str = ""
    located: bool = False


class Snooze(NamedTuple):
    """
    A check of a running server that keeps to itself what it finds.

    Attributes:
        check: its code.
        until: the last day of it, in UTC, as ISO 8601 has it: two of them compare as texts.
        path: where it is written, below the SLO's own place.
    """

    check: str
    until: str
    reason: str
    path: Path


@dataclass(frozen=True, slots=True)
class Slo:
    """
    One promise, complete.

    Attributes:
        objective: promised share of good events, a ratio within (0, 1).
        group_by: labels that split the SLO; each combination has a budget of its own.
        labels: on alerts and `naming.INFO`, never on recorded series.
        window_pairs: long and short window of every tier of its policy, reachable or not, the fastest first.
        min_events: fewest events in the long window for a tier to hold; None for no limit.
        split_tiers: whether each tier is an alert of its own.
        depends_on: what it cannot do without, where it says so.
        snoozes: one for a check at most.
        cloud: where Cloud Monitoring keeps it; None where it is not to.
        weigh_coverage: whether alerts count a long window for as much of it as has been recorded.
    """

    service: str
    name: str
    description: str
    owner: str
    objective: Decimal
    window: Window
    sli: Sli
    group_by: tuple[str, ...]
    labels: Labels
    scrape_interval: Window
    strategy: Strategy
    isolated: bool
    window_pairs: tuple[tuple[Window, Window], ...]
    alerts: tuple[BurnAlert, ...]
    no_data: NoDataAlert | None
    min_events: Decimal | None
    split_tiers: bool
    depends_on: Series | None
    snoozes: tuple[Snooze, ...]
    datasource: Datasource
    cloud: CloudSettings | None
    weigh_coverage: bool
    place: Place = field(compare=False, repr=False)

    @property
    def id(self) -> str:
        """What it is called everywhere."""
        return naming.slo_id(self.service, self.name)

    @property
    def promql(self) -> InPromql:
        """What is measured, as PromQL says it: the SLI, or that of Cloud Monitoring's own names."""
        return self.sli.promql if isinstance(self.sli, Platform) else self.sli

    @property
    def error_budget(self) -> Decimal:
        """1 - objective."""
        return 1 - self.objective

"""What of an SLO decides how it is proven: SLOs that are alike in it are proven alike, whatever their names."""

from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from slogen.model import (
    BadOfTotal,
    ErrorRatio,
    GoodOfTotal,
    Latency,
    NativeLatency,
    Probe,
    Severity,
    Slo,
    Strategy,
    Tier,
)
from slogen.policy import base_window
from slogen.rules import covering
from slogen.units import Window


class Kind(StrEnum):
    """How events and errors come about; a ratio may be given as 1 minus that of good events."""

    BAD = "bad"
    GOOD = "good"
    LATENCY = "latency"
    NATIVE = "native"
    PROBE = "probe"
    QUOTIENT = "quotient"
    REST_QUOTIENT = "rest-quotient"
    GAUGE = "gauge"
    REST_GAUGE = "rest-gauge"

    @property
    def weighted(self) -> bool:
        """Whether its windows weigh events, and not moments."""
        return self not in (Kind.QUOTIENT, Kind.REST_QUOTIENT, Kind.GAUGE, Kind.REST_GAUGE)

    @property
    def counted(self) -> bool:
        """Whether it counts events, so that there may be none."""
        return self not in (Kind.PROBE, Kind.GAUGE, Kind.REST_GAUGE)


class Subject(NamedTuple):
    """
    An SLO, as far as its tests depend on it.

    Attributes:
        tiers: of each severity that alerts.
        weighed: whether every tier counts its long window for as much of it as has been recorded.
        raw: whether windows are read from the counters.
        blind: whether an alert tells of missing data.
        groups: how many groups are driven: 2 where it is grouped and two can be told apart.
    """

    tiers: tuple[tuple[Severity, tuple[Tier, ...]], ...]
    error_budget: Decimal
    base: Window
    kind: Kind
    weighed: bool
    raw: bool
    min_events: Decimal | None
    blind: bool
    groups: int

    @property
    def interval(self) -> int:
        """Seconds between samples: every base window holds two, which are enough where rates are constant."""
        return self.base.seconds // 2

    @property
    def fastest(self) -> tuple[Severity, tuple[Tier, ...]] | None:
        """The severity that tells first, and its tiers; None where no alert is for burning."""
        return min(self.tiers, default=None)

    @property
    def enough(self) -> Decimal:
        """Events a second that are twice as many as any tier needs to hold."""
        if self.min_events is None or not self.tiers:
            return Decimal(0)
        return 2 * self.min_events / min(tier.long.seconds for _, tiers in self.tiers for tier in tiers)

    @property
    def rate(self) -> Decimal:
        """Usual events a second: ten, or more where that is not `enough`."""
        return max(Decimal(10), self.enough.to_integral_value() + 1)

    @property
    def probes(self) -> int:
        """How many gauges are probed, so that there are `enough` samples."""
        return int(self.enough * self.interval) + 1


def subject(slo: Slo, kind: Kind, groups: int) -> Subject:
    """What of *slo* decides how it is proven."""
    tiers = {alert.severity: alert.tiers for alert in slo.alerts}
    longs = {tier.long for alert in slo.alerts for tier in alert.tiers}
    return Subject(
        tuple(sorted(tiers.items())),
        slo.error_budget,
        base_window(slo.scrape_interval),
        kind,
        longs <= covering(slo),
        slo.strategy is Strategy.RAW,
        slo.min_events,
        slo.no_data is not None,
        groups,
    )


def kind_of(slo: Slo) -> Kind:
    """How the events and errors of *slo* come about, as far as its SLI alone says."""
    match slo.promql:
        case BadOfTotal():
            return Kind.BAD
        case GoodOfTotal():
            return Kind.GOOD
        case Latency():
            return Kind.LATENCY
        case NativeLatency():
            return Kind.NATIVE
        case Probe():
            return Kind.PROBE
        case ErrorRatio():
            return Kind.QUOTIENT

"""A latency threshold as a bound of the metric that it cuts."""

from decimal import Decimal

from slogen.bounds import nearest
from slogen.model import Latency, PlatformLatency
from slogen.presets._preset import Distribution, Histogram
from slogen.scope import Scope
from slogen.source import Path
from slogen.units import SECONDS_PER, plain


def at_bound(threshold: Decimal, histogram: Histogram, path: Path, scope: Scope, *, preset: bool) -> Decimal:
    """The *threshold*, written at *path*, in the unit of a *histogram*; that no bucket of it ends there is told."""
    unit, buckets = histogram.unit, histogram.buckets
    bound = threshold / SECONDS_PER[unit]
    if buckets and bound not in buckets:
        remedy = "; list yours as 'buckets' under 'with' if they differ" if preset else ""
        message = f"the histogram's buckets are in {unit} and none is at {plain(bound)}; {nearest(bound, buckets)}"
        scope.error(path, "no-bucket", f"{message}{remedy}")
    return bound


def cut(distribution: Distribution, threshold: Decimal) -> PlatformLatency:
    """A distribution of Google Cloud cut at the *threshold*, in seconds."""
    bound = threshold / SECONDS_PER[distribution.unit]
    counts, buckets = distribution.filter.selector("_count"), distribution.filter.selector("_bucket")
    promql = Latency(counts, buckets, threshold, bound)
    return PlatformLatency(distribution.filter, threshold, bound, distribution.buckets, promql, distribution.delay)

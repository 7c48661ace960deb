"""
A histogram has no bucket that ends at the threshold.

The share of fast requests is read from the bucket whose upper bound, `le`, is the threshold, in any spelling. Without
one there is no value at all, so that slogen's alert for missing data fires and no other. The message names the nearest
bounds: choose one of them as the threshold, or add a bucket to the service.

Asks for: instant queries.
"""

from collections.abc import Iterator
from decimal import Decimal, InvalidOperation

from slogen.bounds import nearest
from slogen.live.asking import Asking
from slogen.live.checks._check import Finding, NotChecked, Said
from slogen.model import Latency, Slo
from slogen.promql import Aggregate
from slogen.units import plain


def check(slo: Slo, asking: Asking) -> Iterator[Said]:
    """At most one finding."""
    if not isinstance(slo.promql, Latency):
        return
    buckets, bound = slo.promql.buckets, slo.promql.bound
    series = asking.query(Aggregate("count", buckets, ("le",)))
    bounds = {found for one in series if (found := _bound(one.labels.get("le", ""))) is not None}
    if not series:
        yield NotChecked(f"there are no series of {buckets}")
    elif not bounds:
        yield Finding(("sli", "latency", "threshold"), f"the series of {buckets} have no bounds but infinity")
    elif bound not in bounds:
        near = nearest(bound, sorted(bounds))
        yield Finding(("sli", "latency", "threshold"), f"{buckets} has no bucket that ends at {plain(bound)}; {near}")


def _bound(text: str) -> Decimal | None:
    """A bound that is a number, so not infinity."""
    try:
        bound = Decimal(text)
    except InvalidOperation:
        return None
    return bound if bound.is_finite() else None

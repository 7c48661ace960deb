"""The buckets of a latency SLO over a time: how many events were no slower than each bound."""

from decimal import Decimal, InvalidOperation
from math import isfinite
from typing import Final, NamedTuple

from slogen.live.prometheus import Prometheus, Span
from slogen.model import Latency
from slogen.promql import Aggregate, call
from slogen.units import Window

_DAY: Final = Window.parse("1d")


class Buckets(NamedTuple):
    """
    What was counted, of all groups together.

    Attributes:
        events: how many.
        shares: the bounds in seconds, and the share of the events that were no slower, within [0, 1].
    """

    events: float
    shares: tuple[tuple[Decimal, float], ...]


def read_buckets(latency: Latency, prometheus: Prometheus, start: int, end: int) -> Buckets:
    """
    The buckets of *latency* between two moments, day by day, so that no event is read twice.

    Raises:
        PrometheusError: the server does not answer.
    """
    window = min(_DAY, Window(end - start))
    rates = Aggregate("sum", call("rate", latency.buckets.over(window)), ("le",))
    days = (end - start) // window.seconds
    answer = prometheus.query_range(str(rates), Span(end - (days - 1) * window.seconds, end, window.seconds))
    counted: dict[Decimal, float] = {}
    for series in answer:
        bound = _bound(series.labels.get("le", ""))
        if bound is not None:  # one bound may be spelt in several ways
            seconds = sum(value for _, value in series.values if isfinite(value))
            counted[bound] = counted.get(bound, 0.0) + seconds * window.seconds
    events = counted.get(Decimal("Infinity"), 0.0)
    if events <= 0:
        return Buckets(0.0, ())
    scale = latency.threshold / latency.bound
    bounds = sorted(bound for bound in counted if bound.is_finite())
    return Buckets(events, tuple((bound * scale, min(counted[bound] / events, 1.0)) for bound in bounds))


def _bound(text: str) -> Decimal | None:
    try:
        bound = Decimal(text.replace("Inf", "Infinity"))
    except InvalidOperation:
        return None
    return None if bound.is_nan() else bound

"""
The PromQL of an SLI: its events and errors per second, recorded as base series or read from the counters.

What each expression does when a series is missing, idle or new is the point of it; measured in
Prometheus 2.42 and 3.5.
"""

from decimal import Decimal

from slogen import naming
from slogen.model import (
    BadOfTotal,
    Counter,
    ErrorRatio,
    Events,
    GoodOfTotal,
    Latency,
    NativeLatency,
    Probe,
    Query,
    Returns,
    Slo,
)
from slogen.promql import Aggregate, Binary, Expr, Matcher, Number, Selector, call
from slogen.units import Window, plain

_ZERO, _ONE = Number(0), Number(1)
_INFINITY = Decimal("Infinity")


def recorded(kind: str, slo: Slo, base: Window) -> Selector:
    """The base series of *kind* of one SLO."""
    return Selector(naming.base(kind, base), (Matcher(naming.SLO_ID, "=", slo.id),))


def base_events(slo: Slo, base: Window) -> Expr:
    """Events per second, to be recorded."""
    if isinstance(slo.promql, ErrorRatio):
        # 1 wherever the ratio has a value, so that the rules for events give unweighted means.
        return Binary(Binary(_ZERO, "*", _sum(recorded(naming.ERRORS, slo, base), slo)), "+", _ONE)
    return events(slo, base)


def base_errors(slo: Slo, base: Window) -> Expr:
    """Errors per second, to be recorded after `base_events`, which it reads; for an error ratio, before."""
    return _errors(slo, base, _sum(recorded(naming.EVENTS, slo, base), slo))


def standalone(slo: Slo, base: Window) -> tuple[Expr, Expr]:
    """Events and errors per second, to be recorded where neither can read the other."""
    if isinstance(slo.promql, ErrorRatio):
        errors = _errors(slo, base, _ZERO)
        return Binary(Binary(_ZERO, "*", errors), "+", _ONE), errors
    total = events(slo, base)
    return total, _errors(slo, base, total)


def ratio(slo: Slo, window: Window) -> Expr:
    """The error ratio over *window*, read from the counters."""
    if isinstance(slo.promql, ErrorRatio):
        return _errors(slo, window, _ZERO)
    total = events(slo, window)
    return Binary(_errors(slo, window, total), "/", Binary(total, ">", _ZERO))


def events(slo: Slo, window: Window) -> Expr:
    """Events per second over *window*, read from the counters."""
    match slo.promql:
        case BadOfTotal(total, _) | GoodOfTotal(total, _):
            return _count(total, slo, window)
        case Latency(counts):
            return _sum(call("rate", counts.over(window)), slo)
        case NativeLatency(histogram):
            return call("histogram_count", _sum(call("rate", histogram.over(window)), slo))
        case Probe(probe):
            return _per_second(_sum(call("count_over_time", probe.over(window)), slo), window)
        case ErrorRatio():
            return _ONE


def _errors(slo: Slo, window: Window, total: Expr) -> Expr:
    match slo.promql:
        case BadOfTotal(_, bad):
            return _or_zero(_count(bad, slo, window), total)
        case GoodOfTotal(_, good):
            return call("clamp_min", Binary(total, "-", _or_zero(_count(good, slo, window), total)), _ZERO)
        case Latency(_, buckets, _, bound):
            # Nothing stands in for a missing bucket: no value is the truth, and the no-data alert tells it.
            fast = _sum(call("rate", buckets.where(bound_matcher(bound)).over(window)), slo)
            return call("clamp_min", Binary(total, "-", fast), _ZERO)
        case NativeLatency(histogram, _, bound):
            # Without observations the fraction is NaN; the comparison drops it and zero takes its place.
            fraction = call("histogram_fraction", _ZERO, Number(bound), _sum(call("rate", histogram.over(window)), slo))
            slow = Binary(total, "*", Binary(_ONE, "-", fraction))
            return _or_zero(Binary(slow, ">=", _ZERO), total)
        case Probe(probe):
            samples = call("count_over_time", probe.over(window))
            failed = Binary(samples, "-", call("sum_over_time", probe.over(window)))
            # What is neither 0 nor 1 (NaN, 2) is no probe: no value is the truth, and the no-data alert tells it.
            return Binary(_per_second(_sum(failed, slo), window), ">=", _ZERO)
        case ErrorRatio(written):
            return call("clamp_min", Aggregate("avg", _finite(written.over(window)), slo.group_by), _ZERO)


def _count(events: Events, slo: Slo, window: Window) -> Expr:
    match events:
        case Counter(selector):
            return _sum(call("rate", selector.over(window)), slo)
        case Query(written, returns):
            summed = call("clamp_min", _sum(_finite(written.over(window)), slo), _ZERO)
            return summed if returns is Returns.RATE else _per_second(summed, window)


def _finite(result: Expr) -> Expr:
    """
    The series of *result* that have a value: 0/0 is NaN and 1/0 infinite, and either would poison each window it is in.

    Below zero stays, for what noise takes from one series it gives to another; only the sum is kept from it.
    """
    return Binary(Binary(result, ">", Number(-_INFINITY)), "<", Number(_INFINITY))


def _sum(of: Expr, slo: Slo) -> Expr:
    return Aggregate("sum", of, slo.group_by)


def _per_second(increase: Expr, window: Window) -> Expr:
    return Binary(increase, "/", Number(window.seconds))


def _or_zero(errors: Expr, total: Expr) -> Expr:
    """*errors*, or zero wherever only *total* has a value: a series that never counted anything does not exist."""
    return Binary(errors, "or", Binary(_ZERO, "*", total))


def bound_matcher(bound: Decimal) -> Matcher:
    """
    The buckets whose upper bound is *bound*, however it is spelt.

    Prometheus 2 keeps the text that was scraped (``1``, ``1.0``, ``0.50``, ``1e+06``), 3 normalises it.

    Source: https://prometheus.io/docs/prometheus/latest/migration/#le-and-quantile-label-values
    """
    digits = plain(bound)
    whole, _, fraction = digits.partition(".")
    written = f"{whole}(\\.0*)?" if not fraction else f"{whole if whole != '0' else '0?'}\\.{fraction}0*"
    exponent = bound.adjusted()
    first, _, rest = plain(bound.scaleb(-exponent)).partition(".")
    mantissa = f"{first}\\.{rest}0*" if rest else f"{first}(\\.0*)?"
    sign = r"\+?" if exponent >= 0 else "-"
    return Matcher("le", "=~", f"{written}|{mantissa}[eE]{sign}0*{abs(exponent)}")

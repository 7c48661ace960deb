"""
Events of one kind are more than all events, or a ratio is outside of 0 to 1.

Bad, good and fast events are counted among all events. Where they are more, the two selectors count different things,
and neither the budget nor the alerts mean anything. Looked at is the last hour and each full hour of the last day, and
one in a hundred more is borne: scrapes see the two counters at different moments. A probe whose gauge is neither 0 nor
1 is found here too.

Asks for: instant queries, over 24 hours.
"""

from collections.abc import Iterator
from typing import Final, Literal

from slogen import sli_promql
from slogen.live.asking import RECENT, Asking, missing, over_groups, over_time
from slogen.live.checks._check import Finding, NotChecked, Said
from slogen.model import BadOfTotal, Counter, ErrorRatio, Events, GoodOfTotal, Latency, NativeLatency, Probe, Slo
from slogen.promql import Aggregate, Binary, Expr, Number, Selector, call
from slogen.units import Window

LOOK_BACK: Final = Window.parse("1d")
_HOUR: Final = RECENT
_BORNE: Final = 1.01


def check(slo: Slo, asking: Asking) -> Iterator[Said]:
    """At most one finding for each way in which the numbers cannot be."""
    if why := missing(slo, asking):
        yield NotChecked(why)
        return
    match slo.promql:
        case Probe(selector):
            yield from _probed(selector, asking)
        case ErrorRatio(written):
            yield from _bounded(Aggregate("avg", written.over(_HOUR), slo.group_by), asking)
        case BadOfTotal(total, bad):
            yield from _within(slo, "bad", _rate(slo, bad), _rate(slo, total), asking)
        case GoodOfTotal(total, good):
            yield from _within(slo, "good", _rate(slo, good), _rate(slo, total), asking)
        case Latency(counts, buckets, _, bound):
            fast = buckets.where(sli_promql.bound_matcher(bound))
            yield from _within(slo, "fast", _summed(slo, fast), _summed(slo, counts), asking)
        case NativeLatency():
            return  # one histogram cannot contradict itself


def _within(slo: Slo, kind: str, part: Expr, total: Expr, asking: Asking) -> Iterator[Said]:
    share = Binary(Binary(part, "or", Binary(Number(0), "*", total)), "/", Binary(total, ">", Number(0)))
    most = _extreme("max", share, asking)
    if most is None:
        yield NotChecked(f"there were no events within the last {LOOK_BACK}")
    elif most > _BORNE:
        path = _path(slo, kind)
        times = f"there were up to {most:.3g} times as many {kind} events as events in all"
        yield Finding(
            path, f"{times}, over an hour of the last {LOOK_BACK}; both selectors have to count the same events"
        )


def _extreme(which: Literal["min", "max"], expression: Expr, asking: Asking) -> float | None:
    """The least or the most of now and of every full hour: a server that has just begun has seen none of these."""
    grouped = over_groups(which, expression)
    found = asking.number(grouped), asking.number(over_time(f"{which}_over_time", grouped, LOOK_BACK, _HOUR))
    return {"min": min, "max": max}[which]((one for one in found if one is not None), default=None)


def _path(slo: Slo, kind: str) -> tuple[str, ...]:
    if isinstance(slo.promql, Latency):
        return ("sli", "latency")
    written = isinstance(slo.promql, BadOfTotal | GoodOfTotal) and not isinstance(slo.promql.total, Counter)
    return ("sli", "query" if written else "availability", kind)


def _bounded(ratio: Expr, asking: Asking) -> Iterator[Said]:
    low, high = _extreme("min", ratio, asking), _extreme("max", ratio, asking)
    if low is None or high is None:
        yield NotChecked(f"the query had no value within the last {LOOK_BACK}")
        return
    if low < 0:
        yield _impossible(f"as low as {low:.3g}")
    if high > _BORNE:
        yield _impossible(f"as high as {high:.3g}")


def _impossible(ratio: str) -> Finding:
    message = f"the error ratio was {ratio} over an hour of the last {LOOK_BACK}"
    return Finding(("sli", "ratio", "query"), f"{message}; it is the share of bad events, from 0 to 1")


def _probed(selector: Selector, asking: Asking) -> Iterator[Said]:
    over = selector.over(_HOUR)
    most = asking.number(over_groups("max", call("max_over_time", over)))
    least = asking.number(over_groups("min", call("min_over_time", over)))
    for found in dict.fromkeys(one for one in (least, most) if one is not None and one not in (0, 1)):
        message = f"the gauge was {found:.4g} within the last {_HOUR}; a probe is 0 or 1"
        yield Finding(("sli", "probe", "gauge"), message)


def _rate(slo: Slo, events: Events) -> Expr:
    if isinstance(events, Counter):
        return _summed(slo, events.selector)
    return Aggregate("sum", events.written.over(_HOUR), slo.group_by)


def _summed(slo: Slo, selector: Selector) -> Expr:
    return Aggregate("sum", call("rate", selector.over(_HOUR)), slo.group_by)

"""
A metric is of another type than the SLI needs.

Events are counted by counters: the rate of a gauge is a number, and no number of events. Latency needs a histogram, a
probe a gauge. The type is that of the server's metadata. Where there are none (history that was loaded from elsewhere,
remote write, some servers), a metric of which a series fell more than once in ten changes within the last hour is taken
for no counter; one that never fell passes only if its name ends as those of counters do, and else is not checked.

Asks for: `/api/v1/metadata`, else instant queries.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from slogen.live.asking import RECENT, Asking
from slogen.live.checks._check import Finding, NotChecked, Said
from slogen.live.reads import Read, reads
from slogen.model import NativeLatency, Probe, Slo
from slogen.promql import Aggregate, Binary, Number, call

_COUNTING: Final = ("_total", "_count", "_bucket", "_sum")
_PARTS: Final = ("_count", "_bucket", "_sum")
"""What the names of a histogram's series end in, which the metadata have under the name without it."""
_FALLS: Final = Number(Decimal("0.1"))


def check(slo: Slo, asking: Asking) -> Iterator[Said]:
    """One thing to say for each metric that is not of the type it should be, or may not be."""
    for read in dict.fromkeys(reads(slo)):
        if read.written or not read.selector.metric or not asking.count(read.selector):
            continue
        yield from _probed(read, asking) if isinstance(slo.promql, Probe) else _counted(slo, read, asking)


def _probed(read: Read, asking: Asking) -> Iterator[Said]:
    for wrong in set(_types(read, asking)) - {"gauge"}:
        yield Finding(read.path, f"{read.selector.metric!r} is a {wrong}; a probe is a gauge that is 0 or 1")


def _counted(slo: Slo, read: Read, asking: Asking) -> Iterator[Said]:
    metric = read.selector.metric
    types = _types(read, asking)
    native = isinstance(slo.promql, NativeLatency)
    wanted = {"histogram"} if native else {"counter", "histogram", "summary"}
    wrong = sorted(set(types) - wanted)
    if wrong:
        needed = "a histogram" if native else "a counter"
        yield Finding(read.path, f"{metric!r} is a {' and a '.join(wrong)}, and {needed} is needed here")
    elif not types and not native:
        yield from _by_falls(read, asking)
    elif not types:
        yield NotChecked(f"the server has no metadata of {metric!r}")


def _types(read: Read, asking: Asking) -> tuple[str, ...]:
    """The types that the metadata have: of the parts of a histogram under the name of the whole."""
    metric = read.selector.metric
    names = [metric.removesuffix(part) for part in _PARTS if metric.endswith(part)]
    return next((found for name in (*names, metric) if (found := asking.types(name))), ())


def _by_falls(read: Read, asking: Asking) -> Iterator[Said]:
    over = read.selector.over(RECENT)
    falls = Binary(call("resets", over), ">", Binary(call("changes", over), "*", _FALLS))
    metric = read.selector.metric
    if asking.number(Aggregate("count", falls)):
        yield Finding(read.path, f"{metric!r} falls as often as no counter does, and a counter is needed here")
    elif not metric.endswith(_COUNTING):
        yield NotChecked(f"the server has no metadata of {metric!r}, and its name does not tell that it is a counter")

"""The series that an SLO reads, and where it says so."""

from collections.abc import Iterator
from typing import NamedTuple

from slogen.model import (
    BadOfTotal,
    Counter,
    ErrorRatio,
    Events,
    GoodOfTotal,
    Latency,
    NativeLatency,
    Platform,
    Probe,
    Slo,
)
from slogen.policy import base_window
from slogen.promql import Selector
from slogen.promql.reading import OPEN, Mistake, read_query
from slogen.promql.selector import NEWEST
from slogen.rules import Origin, derivations
from slogen.source import Path


class Read(NamedTuple):
    """
    Series that are read.

    Attributes:
        path: where they are written, below the SLO's own place.
        may_be_absent: whether it can be right that there are none: no error has ever been counted.
        written: whether a query of the author's says what is done with them.
    """

    selector: Selector
    path: Path
    may_be_absent: bool = False
    written: bool = False


def reads(slo: Slo) -> tuple[Read, ...]:
    """All series that *slo* reads, those of the total first."""
    match slo.promql:
        case BadOfTotal(total, bad):
            return (*_counted(slo, total, "total"), *_counted(slo, bad, "bad", may_be_absent=True))
        case GoodOfTotal(total, good):
            return (*_counted(slo, total, "total"), *_counted(slo, good, "good"))
        case Latency(counts, buckets):
            where = ("sli", "latency", "histogram")
            return (Read(counts, where), Read(buckets, where))
        case NativeLatency(histogram):
            return (Read(histogram, ("sli", "latency", "histogram")),)
        case Probe(selector):
            return (Read(selector, ("sli", "probe", "gauge")),)
        case ErrorRatio(written):
            return _written(slo, written.text, ("sli", "ratio"), may_be_absent=False)


def _counted(slo: Slo, events: Events, key: str, *, may_be_absent: bool = False) -> tuple[Read, ...]:
    if isinstance(events, Counter):
        kind = "availability" if not isinstance(slo.sli, Platform) else "sli"
        return (Read(events.selector, ("sli", kind, key), may_be_absent),)
    return _written(slo, events.written.text, ("sli", "query", key), may_be_absent=may_be_absent)


def _written(slo: Slo, text: str, path: Path, *, may_be_absent: bool) -> tuple[Read, ...]:
    query = read_query(text, NEWEST)
    if isinstance(query, Mistake):  # it was read before, when the SLO was
        return ()
    read = (named for selector in query.selectors for named in _named(selector, slo))
    return tuple(Read(selector, path, may_be_absent, written=True) for selector in dict.fromkeys(read))


def _named(selector: Selector, slo: Slo) -> Iterator[Selector]:
    """What is selected; of a metric with a window in its name, as ``job:errors:rate$window``, for each that is read."""
    counters = (window for window, origin in derivations(slo) if origin is Origin.COUNTERS)
    for window in (base_window(slo.scrape_interval), *counters):
        yield selector._replace(metric=selector.metric.replace(OPEN, str(window)))

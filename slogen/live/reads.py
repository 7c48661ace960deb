"""The series that an SLO reads, and where it says so."""

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
from slogen.promql import Selector
from slogen.promql.reading import Mistake, read_query
from slogen.promql.selector import NEWEST
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
            return _written(written.text, ("sli", "ratio"), may_be_absent=False)


def _counted(slo: Slo, events: Events, key: str, *, may_be_absent: bool = False) -> tuple[Read, ...]:
    if isinstance(events, Counter):
        kind = "availability" if not isinstance(slo.sli, Platform) else "sli"
        return (Read(events.selector, ("sli", kind, key), may_be_absent),)
    return _written(events.written.text, ("sli", "query", key), may_be_absent=may_be_absent)


def _written(text: str, path: Path, *, may_be_absent: bool) -> tuple[Read, ...]:
    query = read_query(text, NEWEST)
    if isinstance(query, Mistake):  # it was read before, when the SLO was
        return ()
    return tuple(Read(selector, path, may_be_absent, written=True) for selector in dict.fromkeys(query.selectors))

"""
A selector finds no series, or a query has no value.

An SLO that reads nothing measures nothing: its budget never burns, and its alert for missing data fires. What the
message names is the first thing that does not hold, looked at in this order: whether the metric has series, whether
all of it was there within 7d and until when, and then, matcher by matcher, whether the metric has the label and whether
a series that meets the matchers before has the value.

Bad events may have no series while there were none. So where the metric has the labels and only the value was never
seen, the check cannot tell the healthy service from the misspelt selector, and says so.

A query of all events, or of an error ratio, may find series and still have no value, as where those that it divides
have no labels in common. That is a warning where it has none now, over a base window, and had none at any full hour of
the last day, which can also be a day without traffic.

Asks for: instant queries, `/api/v1/labels`, `/api/v1/label/<name>/values`.
"""

from collections.abc import Iterator
from difflib import get_close_matches
from typing import Final

from slogen.diagnostics import Level, shown
from slogen.live.asking import HISTORY, RECENT, Asking, moment, over_groups, over_time
from slogen.live.checks._check import Finding, NotChecked, Said
from slogen.live.reads import Read, reads
from slogen.model import BadOfTotal, ErrorRatio, GoodOfTotal, Query, Slo
from slogen.policy import base_window
from slogen.promql import Aggregate, Matcher, Selector, Written
from slogen.source import Path
from slogen.units import Window

LOOK_BACK: Final = Window.parse("1d")
_FEW: Final = 8
_ALIKE: Final = 0.85


def check(slo: Slo, asking: Asking) -> Iterator[Said]:
    """One thing to say for each selector that finds nothing."""
    lacking: set[str | Path] = set()
    for read in dict.fromkeys(reads(slo)):
        if asking.count(read.selector) or _told_already(read, lacking):
            continue
        for said in _why(read, asking):
            lacking |= {read.selector.metric, read.path}
            yield said
    if not lacking and (query := _needed(slo)):
        yield from _valueless(slo, *query, asking)


def _needed(slo: Slo) -> tuple[Written, Path] | None:
    """The query without whose value nothing is recorded, and where it is written; None where there is none such."""
    match slo.promql:
        case ErrorRatio(written):
            return written, ("sli", "ratio", "query")
        case BadOfTotal(Query(written, _), _) | GoodOfTotal(Query(written, _), _):
            return written, ("sli", "query", "total")
    return None


def _valueless(slo: Slo, written: Written, path: Path, asking: Asking) -> Iterator[Said]:
    base = base_window(slo.scrape_interval)
    value = over_groups("max", Aggregate("avg", written.over(base), slo.group_by))
    if asking.number(value) is not None:
        return
    first = asking.first_seen(reads(slo)[0].selector, LOOK_BACK) or asking.at
    if asking.at - first < 2 * base.seconds:
        yield NotChecked(f"its series are younger than {Window(2 * base.seconds)}")
    elif asking.number(over_time("max_over_time", value, LOOK_BACK, RECENT)) is None:
        none = f"the query finds series and has no value, neither now nor at any full hour of the last {LOOK_BACK}"
        yield Finding(path, f"{none}; without one nothing is recorded", Level.WARNING)


def _told_already(read: Read, lacking: set[str | Path]) -> bool:
    """Why all events have no series is why bad ones have none; and one selector names both series of a histogram."""
    return read.selector.metric in lacking if read.may_be_absent else read.path in lacking and not read.written


def _why(read: Read, asking: Asking) -> Iterator[Said]:
    selector = read.selector
    seen = asking.last_seen(selector)
    if seen is not None:
        if not read.may_be_absent:
            yield Finding(read.path, f"{selector} has no series now; the last was there until {moment(seen)}")
        return
    metric = Selector(selector.metric)
    if not selector.metric:
        yield _doubt(read, f"no metric within {HISTORY} meets {selector}")
    elif asking.count(metric):
        yield _first_unmet(read, asking)
    elif (known := asking.last_seen(metric)) is not None:
        yield _doubt(read, f"metric {selector.metric!r} has no series now; it was there until {moment(known)}")
    else:
        meant = _close(selector.metric, asking.metrics())
        yield _doubt(read, f"there is no metric {selector.metric!r}, and was none within {HISTORY}{meant}")


def _first_unmet(read: Read, asking: Asking) -> Said:
    """The first matcher that, after those before it, leaves no series."""
    met = Selector(read.selector.metric)
    for matcher in read.selector.matchers:
        narrower = met.where(matcher)
        if not asking.count(narrower):
            return _unmet(read, met, matcher, asking)
        met = narrower
    return NotChecked(f"{read.selector} had no series and, when looked at again, had some")


def _unmet(read: Read, met: Selector, matcher: Matcher, asking: Asking) -> Said:
    labels = asking.labels(met)
    if matcher.label not in labels:
        listed = f"; its labels are {_listed(labels)}" if labels else ""
        meant = _close(matcher.label, labels) or listed
        return Finding(read.path, f"{met} has no label {matcher.label!r}{meant}")
    values = asking.values(matcher.label, met)
    elsewhere = _elsewhere(met, matcher, asking)
    meant = elsewhere or ("" if matcher.value.isdecimal() else _close(matcher.value, values))  # 502 is no typo of 503
    listed = f"; its values are {_listed(values)}" if values and not meant else ""
    return _doubt(read, f"no series of {met} has {matcher}{meant}{listed}")


def _elsewhere(met: Selector, matcher: Matcher, asking: Asking) -> str:
    """Which of the matchers before to change, where other series of the metric have what is looked for."""
    found = Selector(met.metric, (matcher,))
    if not met.matchers or not asking.count(found):
        return ""
    for before in reversed(met.matchers):
        others = asking.values(before.label, found)
        if others and not asking.count(found.where(before)):
            return f"; series with {before.label} {_listed(others)} have it"
    return ""


def _doubt(read: Read, message: str) -> Said:
    """A finding, unless that there is nothing can be right."""
    if read.may_be_absent:
        return NotChecked(f"{message}; that is right if there were no bad events yet, and wrong if it is misspelt")
    return Finding(read.path, message)


def _close(wrong: str, known: tuple[str, ...]) -> str:
    """``; did you mean 'up'?``: names have long parts in common, so it is all but the same."""
    found = get_close_matches(wrong, known, n=1, cutoff=_ALIKE)
    return f"; did you mean {shown(found[0])}?" if found else ""


def _listed(words: tuple[str, ...]) -> str:
    more = f" and {len(words) - _FEW} more" if len(words) > _FEW else ""
    return ", ".join(map(shown, sorted(words)[:_FEW])) + more

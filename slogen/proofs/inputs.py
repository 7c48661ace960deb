"""The series that a test feeds to an SLO: found from its selectors, so that the shipped rules read them unchanged."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from typing import Final, NamedTuple

from slogen.model import BadOfTotal, Counter, ErrorRatio, Events, GoodOfTotal, Latency, NativeLatency, Probe, Slo
from slogen.promql import Selector, examples
from slogen.promql.functions import Version
from slogen.proofs.subject import Kind, Subject, kind_of, subject
from slogen.units import plain

FALL: Final = 4
"""Traffic is at most so many times the usual."""
_MOST_PROBES: Final = 64
_GROUPS: Final = ("one", "two")
_NO_SERIES: Final = "no series was found that its selectors select"
_NO_PAIR: Final = "no series was found that is counted in the total and not as bad, or as good"
_NO_SHAPE: Final = "its query is not of a kind for which input can be made"
_NEWEST: Final[Version] = (3, 16)


class Part(StrEnum):
    """Which events a series counts."""

    ALL = "all"
    BAD = "bad"
    GOOD = "good"


class Form(StrEnum):
    """What kind of series it is."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


class Input(NamedTuple):
    """
    A series to feed.

    Attributes:
        labels: its name among them.
        tells: whether it tells good from bad, and is what may not exist yet.
        from_traffic: a gauge that is there only while traffic is at least this multiple of the usual.
        bound: of a native histogram, in its own unit.
    """

    labels: Mapping[str, str]
    part: Part
    form: Form = Form.COUNTER
    tells: bool = False
    from_traffic: int = 1
    bound: Decimal = Decimal(0)

    @property
    def series(self) -> str:
        """As promtool reads it."""
        return _series(tuple(self.labels.items()))


@lru_cache(maxsize=4096)
def _series(labels: tuple[tuple[str, str], ...]) -> str:
    """Cached, since every case of an SLO feeds the same series."""
    named = dict(labels)
    return str(Selector(named[examples.NAME]).where(*examples.equal(named)))


class Driven(NamedTuple):
    """
    An SLO for which there is input.

    Attributes:
        groups: labels of each group that is driven; one without labels where the SLO is not grouped.
        inputs: the series of each group.
    """

    slo: Slo
    subject: Subject
    groups: tuple[dict[str, str], ...]
    inputs: tuple[tuple[Input, ...], ...]
    reads: tuple[Selector, ...]


class NotDrivenError(Exception):
    """There is no input for an SLO, for this reason."""


def drive(slo: Slo) -> Driven | str:
    """The input of *slo*, or in words why there is none."""
    try:
        kind, reads = _reads(slo)
        groups = _groups(slo, reads)
        about = subject(slo, kind, len(groups))
        made = tuple(tuple(_inputs(slo, about, reads, group)) for group in groups)
    except NotDrivenError as error:
        return str(error)
    return Driven(slo, about, groups, made, reads)


def _reads(slo: Slo) -> tuple[Kind, tuple[Selector, ...]]:
    """The kind of *slo* and the selectors that it reads, that of the total first."""
    kind = kind_of(slo)
    match slo.promql:
        case BadOfTotal(total, part) | GoodOfTotal(total, part):
            return kind, (_counter(total), _counter(part))
        case Latency(counts, buckets):
            return kind, (counts, buckets)
        case NativeLatency(selector) | Probe(selector):
            return kind, (selector,)
        case ErrorRatio(written):
            return _of_ratio(written.text)


def _counter(events: Events) -> Selector:
    if isinstance(events, Counter):
        return events.selector
    from slogen.promql.shape import Rate, shape  # late: few SLOs are queries, and reading them takes a library

    found = shape(events.written.text, _NEWEST)
    if not isinstance(found, Rate):
        raise NotDrivenError(_NO_SHAPE)
    return found.selector


def _of_ratio(text: str) -> tuple[Kind, tuple[Selector, ...]]:
    from slogen.promql.shape import Mean, Quotient, shape

    match shape(text, _NEWEST):
        case Mean(selector, rest):
            return Kind.GAUGE if not rest else Kind.REST_GAUGE, (selector,)
        case Quotient(part, total, rest):
            return Kind.QUOTIENT if not rest else Kind.REST_QUOTIENT, (total, part)
        case _:
            raise NotDrivenError(_NO_SHAPE)


def _groups(slo: Slo, reads: tuple[Selector, ...]) -> tuple[dict[str, str], ...]:
    """Labels of two groups that all of *reads* select, of one where only one is found."""
    if not slo.group_by:
        return ({},)
    found: list[dict[str, str]] = [{}, {}]
    for label in slo.group_by:
        matchers = [matcher for read in reads for matcher in read.matchers if matcher.label == label]
        values = list(dict.fromkeys(examples.values(matchers) if matchers else _GROUPS))
        if not values:
            raise NotDrivenError(_NO_SERIES)
        for group, value in zip(found, (values[0], values[min(1, len(values) - 1)]), strict=True):
            group[label] = value
    return tuple(found) if found[0] != found[1] else (found[0],)


def _inputs(slo: Slo, about: Subject, reads: tuple[Selector, ...], group: Mapping[str, str]) -> Iterator[Input]:
    match about.kind:
        case Kind.BAD | Kind.QUOTIENT:
            yield from _pair(reads[0], reads[1], group, Part.BAD, Part.GOOD)
        case Kind.GOOD | Kind.REST_QUOTIENT:
            yield from _pair(reads[0], reads[1], group, Part.GOOD, Part.BAD)
        case Kind.LATENCY:
            yield Input(_example(reads[0], group), Part.ALL)
            bound = slo.promql.bound if isinstance(slo.promql, Latency) else Decimal(0)
            yield Input(_example(reads[1], {**group, "le": plain(bound)}), Part.GOOD, tells=True)
            yield Input(_example(reads[1], {**group, "le": "+Inf"}), Part.ALL)
        case Kind.NATIVE:
            bound = slo.promql.bound if isinstance(slo.promql, NativeLatency) else Decimal(0)
            yield Input(_example(reads[0], group), Part.ALL, Form.HISTOGRAM, bound=bound)
        case Kind.PROBE:
            yield from _probes(about, reads[0], group)
        case Kind.GAUGE:
            yield Input(_example(reads[0], group), Part.BAD, Form.GAUGE)
        case Kind.REST_GAUGE:
            yield Input(_example(reads[0], group), Part.GOOD, Form.GAUGE)


def _pair(total: Selector, part: Selector, group: Mapping[str, str], is_part: Part, rest: Part) -> Iterator[Input]:
    """A counter of the part, and one of the rest where the total counts the part too; else one of all."""
    counted = _example(part, group)
    if not examples.selects(total, counted):
        yield Input(_example(total, group), Part.ALL)
    else:
        others = examples.besides(part, total, group)
        if others is None or examples.selects(part, others):
            raise NotDrivenError(_NO_PAIR)
        yield Input(others, rest)
    yield Input(counted, is_part, tells=True)


def _probes(about: Subject, gauge: Selector, group: Mapping[str, str]) -> Iterator[Input]:
    """As many gauges as there are events to be, at the usual rate and at the highest."""
    usual, most = about.probes, about.probes * FALL
    if most > _MOST_PROBES:
        message = f"min_events needs {usual} probes, more than a test has"
        raise NotDrivenError(message)
    taken = {*group, *(matcher.label for matcher in gauge.matchers)}
    label = next(one for one in ("replica", "probe", "copy", "instance", "number", "n") if one not in taken)
    for number in range(most):
        labels = {**group, label: str(number)} if number else group
        yield Input(_example(gauge, labels), Part.GOOD, Form.GAUGE, from_traffic=1 if number < usual else FALL)


def _example(selector: Selector, fixed: Mapping[str, str]) -> dict[str, str]:
    found = examples.labels(selector, fixed)
    if found is None:
        raise NotDrivenError(_NO_SERIES)
    return found

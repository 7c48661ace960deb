"""What a preset is: parameters, and the SLI that follows from them."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Annotated, Any, NamedTuple

from slogen import naming
from slogen.diagnostics import shown
from slogen.model import BadOfTotal, Counter, Sli
from slogen.monitoring_filter import Filter
from slogen.promql import Matcher, Selector
from slogen.scalars import Count, LabelName, LabelValue, filled, refuse
from slogen.shape import Field, Scalar, Shape


def _pattern(value: object) -> str:
    text = filled(value)
    # Late: only where somebody wrote a pattern of their own.
    from slogen.promql.regex import Flaw, read_regex

    read = read_regex(text)
    if isinstance(read, Flaw):
        raise refuse("bad-regex", f"{shown(text)} is not a regular expression that Prometheus takes: {read.message}")
    return text


def _metric(value: object) -> str:
    text = filled(value)
    if not naming.METRIC.fullmatch(text):
        message = f"{shown(text)} is not a metric's name; write letters, digits, '_' and ':', no digit first"
        raise refuse("bad-name", message)
    return text


Pattern = Annotated[str, Scalar(_pattern, {"type": ["string", "integer"], "pattern": r"\S"})]
"""A regular expression for a whole label value."""
MetricName = Annotated[str, Scalar(_metric, {"type": "string", "pattern": f"^{naming.METRIC.pattern}$"})]


class Params(Shape):
    """Parameters that every preset has."""

    labels: dict[LabelName, LabelValue] = Field(
        default_factory=dict, description="Further labels that the series have."
    )


class HistogramParams(Params):
    """Parameters of every preset with a histogram."""

    buckets: list[Count] | None = Field(
        None, description="The histogram's bounds in the metric's own unit, where yours differ from the usual ones."
    )


class Histogram(NamedTuple):
    """
    A classic histogram of durations.

    Attributes:
        unit: a key of `slogen.units.SECONDS_PER`.
        buckets: bounds that it is known to have, in its own unit; empty when they are not known.
    """

    counts: Selector
    bucket: Selector
    unit: str
    buckets: tuple[Decimal, ...] = ()


class Distribution(NamedTuple):
    """
    A distribution of durations among the metrics of Google Cloud.

    Attributes:
        unit: a key of `slogen.units.SECONDS_PER`.
        buckets: bounds that it is known to have, in its own unit; empty when they are not known.
        delay: seconds until the newest data can be read, as far as it is documented.
    """

    filter: Filter
    unit: str
    buckets: tuple[Decimal, ...] = ()
    delay: int = 0


class Refusal(NamedTuple):
    """Why a preset cannot measure what its parameters ask for, in words."""

    message: str


class Preset(NamedTuple):
    """
    A recipe for SLIs; the docstring of its module is its manual page.

    Attributes:
        params: its parameters, the keys under ``with``.
        availability: what the kind ``availability`` measures with them, where it has one.
        latency: the histogram, or the distribution, that the kind ``latency`` reads, where there is one.
    """

    params: type[Params]
    availability: Callable[[Any], Sli | Refusal] | None = None
    latency: Callable[[Any], Histogram | Distribution] | None = None


def equal(labels: Mapping[str, str | None]) -> tuple[Matcher, ...]:
    """A matcher for each label that has a value."""
    return tuple(Matcher(label, "=", value) for label, value in labels.items() if value is not None)


def like(patterns: Mapping[str, str | None]) -> tuple[Matcher, ...]:
    """A matcher for each label that has a regular expression."""
    return tuple(Matcher(label, "=~", pattern) for label, pattern in patterns.items() if pattern is not None)


def bad_of_total(total: Selector, bad: Matcher) -> BadOfTotal:
    """All events that *total* counts; bad are those that also meet *bad*."""
    return BadOfTotal(Counter(total), Counter(total.where(bad)))


def histogram(name: str, matchers: tuple[Matcher, ...], unit: str, buckets: tuple[Decimal, ...]) -> Histogram:
    """The classic histogram *name* with the usual suffixes."""
    return Histogram(Selector(f"{name}_count", matchers), Selector(f"{name}_bucket", matchers), unit, buckets)


def bounds(params: HistogramParams, usual: str) -> tuple[Decimal, ...]:
    """The bounds that the user says the histogram has, else the *usual* ones, written with spaces between."""
    return tuple(params.buckets) if params.buckets is not None else tuple(map(Decimal, usual.split()))

"""The shape of a slogen/v1 file and of slogen.yaml, and our words for what is wrong with them."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import takewhile
from typing import Annotated, Any, Literal, TypeVar

from pydantic_core import ErrorDetails

from slogen.diagnostics import Report, shown
from slogen.model import Datasource, Returns, Severity, Strategy
from slogen.scalars import (
    SWITCH,
    AlertName,
    Count,
    Duration,
    Filled,
    Flag,
    LabelName,
    LabelValue,
    Name,
    Objective,
    Rate,
    Share,
    Text,
    Threshold,
    Version,
    found,
)
from slogen.shape import NOT_EMPTY, Field, Shape, ValidationError, shapes
from slogen.source import Path, Source
from slogen.spec_cloud import CloudSpec, SloCloudSpec
from slogen.spec_engines import ManagedPrometheusSpec, MimirSpec, ObjectSpec, VictoriaMetricsSpec

_FEW = 12
"""So many names can be told where none is close."""
_LONGEST_GUESSED = 60
"""No name is as long; comparing takes a time that grows with the length."""
_WANTED = {
    **dict.fromkeys(("model_type", "dict_type", "model_attributes_type"), "a mapping"),
    "list_type": "a list",
    "string_type": "text",
}
"""What was expected, by pydantic's name for the mistake."""


_S = TypeVar("_S", bound=Shape)
LabelMap = dict[LabelName, LabelValue]
AnnotationMap = dict[LabelName, Text]


class AvailabilitySpec(Shape):
    """Counters: `total` with `bad` or `good`; or a preset."""

    total: Filled | None = Field(None, description="Selector of the counters of all events.")
    bad: Filled | None = Field(None, description="Selector of the counters of bad events, within the total.")
    good: Filled | None = Field(None, description="Selector of the counters of good events, within the total.")
    preset: Text | None = Field(None, description="A named recipe; `slogen presets` lists them.")
    with_: dict[str, Any] | None = Field(None, alias="with", description="The preset's parameters.")


class LatencySpec(Shape):
    """A histogram and the duration that requests should stay under; or a preset."""

    threshold: Threshold | None = Field(None, description="Longest duration of a good request, like 500ms.")
    histogram: Filled | None = Field(None, description="Selector of the histogram's base name, without _bucket.")
    count: Filled | None = Field(None, description="Selector of the _count series, where not the histogram's.")
    bucket: Filled | None = Field(None, description="Selector of the _bucket series, where not the histogram's.")
    matchers: Filled | None = Field(None, description='Which requests count, like code!~"5..".')
    unit: Literal["seconds", "milliseconds", "microseconds", "nanoseconds"] | None = Field(
        None, description="The metric's unit, where its name does not end in it."
    )
    native: Flag = Field(default=False, description="Whether it is a native histogram.")
    preset: Text | None = Field(None, description="A named recipe; `slogen presets` lists them.")
    with_: dict[str, Any] | None = Field(None, alias="with", description="The preset's parameters.")


class ProbeSpec(Shape):
    """A 0/1 gauge whose samples are the events."""

    gauge: Filled = Field(description='Selector of the gauge, like probe_success{job="blackbox"}.')


class QuerySpec(Shape):
    """Any PromQL for total with bad or good, its window written $window."""

    total: Filled | None = Field(None, description="Query of all events.")
    bad: Filled | None = Field(None, description="Query of bad events, within the total.")
    good: Filled | None = Field(None, description="Query of good events, within the total.")
    returns: Returns = Field(Returns.RATE, description="Events per second (rate), or within the window (increase).")


class RatioSpec(Shape):
    """One PromQL for the error ratio; its long windows are means over time, not over events."""

    query: Filled = Field(description="Query of the error ratio, its window written $window.")


class SliSpec(Shape):
    """What is measured: exactly one kind."""

    availability: AvailabilitySpec | None = None
    latency: LatencySpec | None = None
    probe: ProbeSpec | None = None
    query: QuerySpec | None = None
    ratio: RatioSpec | None = None


class SeveritySpec(Shape):
    """What the alert of one severity carries."""

    labels: LabelMap = Field(default_factory=dict)
    annotations: AnnotationMap = Field(default_factory=dict)


class NoDataSpec(SeveritySpec):
    """What the alert for missing data carries."""

    name: AlertName | None = Field(None, description="Its name, SLOMetricAbsent by default.")


class AlertingSpec(Shape):
    """Which alerts there are and what they carry."""

    name: AlertName | None = Field(None, description="Name of the burn alerts, ErrorBudgetBurn by default.")
    min_events: Count | None = Field(None, description="Fewest events in a tier's long window for it to hold.")
    page: Annotated[SeveritySpec | None, SWITCH] = Field(default_factory=SeveritySpec.empty)
    ticket: Annotated[SeveritySpec | None, SWITCH] = Field(default_factory=SeveritySpec.empty)
    no_data: Annotated[NoDataSpec | None, SWITCH] = Field(default_factory=NoDataSpec.empty)
    split_tiers: Flag | None = Field(None, description="Whether each tier is an alert of its own.")
    weigh_coverage: Flag | None = Field(
        None, description="Whether a long window that is not full yet counts for as much as it covers; true by default."
    )


class SloSpec(Shape):
    """One promise."""

    name: Name
    description: Text = Field("", description="What is promised, in words.")
    objective: Objective = Field(description="Promised share of good events, a percentage like 99.9.")
    window: Duration | None = Field(None, description="The SLO window, 30d by default.")
    sla: Objective | None = Field(None, description="The contract, a percentage; it must be looser than the objective.")
    sli: SliSpec
    group_by: list[LabelName] = Field(default_factory=list, description="Labels that split the SLO; one budget each.")
    labels: LabelMap = Field(default_factory=dict)
    annotations: AnnotationMap = Field(default_factory=dict)
    alerting: AlertingSpec = Field(default_factory=AlertingSpec.empty)
    scrape_interval: Duration | None = Field(None, description="How often its metrics are scraped, 30s by default.")
    strategy: Strategy | None = Field(None, description="How alert windows are recorded, hierarchical by default.")
    policy: Text | None = Field(None, description="Which table of alert tiers, workbook by default.")
    datasource: Datasource | None = Field(None, description="What answers its rules' PromQL, prometheus by default.")
    cloud_monitoring: Annotated[SloCloudSpec | None, SWITCH] = Field(default_factory=SloCloudSpec.empty)
    isolated: Flag = Field(default=False, description="Whether its rules have groups of their own.")
    depends_on: Annotated[list[Any], NOT_EMPTY] | None = Field(None, description="What it cannot do without.")
    checks: Annotated[list[Any], NOT_EMPTY] | None = Field(None, description="Checks that are snoozed for a time.")


class FileSpec(Shape):
    """A service and its promises."""

    api_version: Literal["slogen/v1"] = Field(alias="apiVersion")
    service: Name
    owner: Text = Field("", description="Who answers for it.")
    labels: LabelMap = Field(default_factory=dict)
    annotations: AnnotationMap = Field(default_factory=dict)
    targets: Annotated[list[Text], NOT_EMPTY] | None = Field(
        None, description="What is generated for this service, what slogen.yaml says by default."
    )
    slos: Annotated[list[Any], NOT_EMPTY]


class StepSpec(Shape):
    """A row of a policy: its limit is a share of the budget, or a burn rate."""

    severity: Severity
    long: Duration
    short: Duration
    budget: Share | None = Field(None, description="Share of the budget spent within the long window, like 2%.")
    burn_rate: Rate | None = Field(None, description="Budget spent per budget planned, at least 1.")


class OrganisationSpec(Shape):
    """slogen.yaml: what holds for every file below its folder."""

    api_version: Literal["slogen/v1"] = Field("slogen/v1", alias="apiVersion")
    owner: Text = ""
    labels: LabelMap = Field(default_factory=dict)
    annotations: AnnotationMap = Field(default_factory=dict)
    alerting: AlertingSpec = Field(default_factory=AlertingSpec.empty)
    window: Duration | None = None
    scrape_interval: Duration | None = None
    prometheus_version: Version | None = Field(
        None, description="The oldest Prometheus that loads the rules, 2.42 by default."
    )
    strategy: Strategy | None = None
    policy: Text | None = None
    policies: dict[Name, Annotated[list[StepSpec], NOT_EMPTY]] = Field(default_factory=dict)
    targets: Annotated[list[Text], NOT_EMPTY] | None = Field(
        None, description="What is generated, prometheus and promtool-tests by default."
    )
    datasource: Datasource | None = Field(None, description="What answers the rules' PromQL, prometheus by default.")
    cloud_monitoring: CloudSpec = Field(default_factory=CloudSpec.empty)
    prometheus_operator: ObjectSpec | None = None
    mimir: MimirSpec | None = None
    google_managed_prometheus: ManagedPrometheusSpec | None = None
    victoriametrics: VictoriaMetricsSpec | None = None
    templates: Filled | None = Field(None, description="Folder of your own templates, relative to this file.")
    exclude: list[Filled] = Field(
        default_factory=list, description="Files that hold no SLOs, as patterns relative to this file."
    )


def check(shape: type[_S], data: Any, source: Source, path: Path, report: Report) -> _S | None:
    """*data*, written at *path*, as a *shape*; None and every mistake in *report* when it is not one."""
    try:
        return shape.model_validate(data)
    except ValidationError as error:
        for detail in error.errors(include_url=False):
            _tell(detail, shape, source, path, report)
        return None


def salvage(shape: type[_S], data: Mapping[str, Any], stand_in: Mapping[str, Any]) -> _S:
    """What is right in *data*, however deep; *stand_in*, which is a *shape*, is in the place of what is not."""
    right = {**stand_in, **_copy(data)}
    while True:
        try:
            return shape.model_validate(right)
        except ValidationError as error:
            wrong = [_wrong(detail, stand_in) for detail in error.errors(include_url=False)]
            replaced = sum(_replace(right, steps, stand_in) for steps in wrong)
            if not replaced:
                right = dict(stand_in)


def _copy(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _copy(inner) for key, inner in value.items()}
    return list(map(_copy, value)) if isinstance(value, list) else value


def _wrong(detail: ErrorDetails, stand_in: Mapping[str, Any]) -> list[str]:
    """The way to what must go for a mistake to be gone; the rest of a list would have other places."""
    steps = [str(step) for step in takewhile(lambda step: isinstance(step, str), detail["loc"]) if step != "[key]"]
    lost = detail["type"] == "missing" and _at(stand_in, steps) is None
    return steps[:-1] if lost else steps


def _at(data: Any, steps: Sequence[str]) -> Any:
    for step in steps:
        data = data.get(step) if isinstance(data, Mapping) else None
    return data


def _replace(data: dict[str, Any], steps: Sequence[str], stand_in: Mapping[str, Any]) -> bool:
    """Put what *stand_in* has at *steps*, or nothing, into *data*; whether there was anything to be done."""
    holder = _at(data, steps[:-1])
    if not steps or not isinstance(holder, dict):
        return False
    right, before = _at(stand_in, steps), holder.pop(steps[-1], None)
    if right is not None:
        holder[steps[-1]] = right
    return bool(before != right)


def _tell(detail: ErrorDetails, shape: type[Shape], source: Source, path: Path, report: Report) -> None:
    location = tuple(step for step in detail["loc"] if step != "[key]")
    where, last = (*path, *location), str(location[-1]) if location else ""
    kind = detail["type"]
    if kind == "missing":
        report.error(source.position(where), "missing-key", f"key {last!r} is missing")
    elif kind == "extra_forbidden":
        known = keys(_shape_at(shape, location[:-1]))
        report.error(source.key(where), "unknown-key", f"unknown key {shown(last)}{did_you_mean(last, known)}")
    else:
        place = source.key(where) if "[key]" in detail["loc"] else source.position(where)
        report.error(place, *_words(detail))


def _words(detail: ErrorDetails) -> tuple[str, str]:
    """The code and message of a value that has the wrong type or is none of those allowed."""
    kind, value, context = detail["type"], detail["input"], detail.get("ctx", {})
    if wanted := _WANTED.get(kind):
        return "wrong-type", f"expected {wanted}, found {found(value)}"
    match kind:
        case "too_short":
            return "empty-list", "expected at least one entry, found none"
        case "enum" | "literal_error":
            expected = str(context["expected"]).replace("'", "").replace(" or ", ", ").split(", ")
            one_of = f"expected {'one of ' if len(expected) > 1 else ''}{', '.join(expected)}, found {found(value)}"
            if not isinstance(value, str):
                return "wrong-type", one_of
            return "bad-value", one_of + (close(value, expected) if len(expected) > 1 else "")
        case _:
            return kind, detail["msg"]


def _shape_at(shape: type[Shape], location: Sequence[str | int]) -> type[Shape]:
    """The innermost shape on the way that *location* takes."""
    at: Any = shape
    for step in location:
        inner = next(iter(shapes(at)), None)
        if inner is None:
            continue
        field = next((f for name, f in inner.model_fields.items() if step in (name, f.alias)), None)
        if field is not None:
            at = field.annotation
    return next(iter(shapes(at)), shape)


def keys(shape: type[Shape]) -> list[str]:
    """The keys that a shape may have, as they are written."""
    return [field.alias or name for name, field in shape.model_fields.items()]


def did_you_mean(wrong: str, known: Sequence[str] | Mapping[str, object]) -> str:
    """``; did you mean 'total'?``, or the few names that there are, or nothing."""
    few = f"; known are {', '.join(sorted(known))}" if 0 < len(known) <= _FEW else ""
    return close(wrong, known) or few


def close(wrong: str, known: Sequence[str] | Mapping[str, object]) -> str:
    """``; did you mean 'total'?``, or nothing where no name is close."""
    return _close(wrong, tuple(known)) if len(wrong) <= _LONGEST_GUESSED else ""


@lru_cache(maxsize=1024)
def _close(wrong: str, known: tuple[str, ...]) -> str:
    from difflib import get_close_matches  # late: only for what is wrong

    found = get_close_matches(wrong, known, n=1, cutoff=0.6)
    return f"; did you mean {found[0]!r}?" if found else ""

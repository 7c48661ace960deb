"""The shapes of a slogen/v1 file and of slogen.yaml."""

from typing import Annotated, Any, Literal

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
)
from slogen.shape import NOT_EMPTY, Field, Shape
from slogen.spec.cloud import CloudSpec, SloCloudSpec
from slogen.spec.engines import ManagedPrometheusSpec, MimirSpec, ObjectSpec, VictoriaMetricsSpec

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

"""
Requests served, from the span metrics of an OpenTelemetry Collector.

The Collector's span metrics connector counts and times every span of a service;
server spans are the requests that it served. The OpenTelemetry Demo measures
its services so. Good are spans that did not end with the status Error. Latency
counts all server spans, whatever their status.

    availability: {preset: otel-spans, with: {service: checkout}}
    latency: {preset: otel-spans, threshold: 400ms, with: {service: checkout}}

One operation alone, or the messages that a service consumes:

    availability:
      preset: otel-spans
      with: {service: checkout, span_name: oteldemo.CheckoutService/PlaceOrder}

    availability:
      preset: otel-spans
      with: {service: accounting, span_kind: SPAN_KIND_CONSUMER}

The connector writes every 60 s by default, so such an SLO needs
'scrape_interval: 1m'. Compute span metrics before traces are sampled, or they
count only what was kept.

The names depend on the Collector. Before 0.109 it writes no namespace, so the
metrics are called calls_total and duration_milliseconds. With 'unit: s' for the
histogram, or the feature gate
connector.spanmetrics.useSecondAsDefaultMetricsUnit (since 0.137), durations are
in seconds and their name says so:

    latency:
      preset: otel-spans
      threshold: 400ms
      with: {service: checkout, durations: traces_span_metrics_duration_seconds}

With the feature gate spanmetrics.statusCodeConvention.useOtelPrefix (since
0.141), the status is 'status_label: otel_status_code', 'bad_status: ERROR'.

Bounds, in milliseconds: 2 4 6 8 10 50 100 200 400 800 1000 1400 2000 5000 10000
15000. Bounds, where the name ends in seconds: 0.002 0.004 0.006 0.008 0.01 0.05
0.1 0.2 0.4 0.8 1 1.4 2 5 10 15.

Source of the names and bounds:
https://github.com/open-telemetry/opentelemetry-collector-contrib/blob/main/connector/spanmetricsconnector/README.md
https://github.com/open-telemetry/opentelemetry-demo/blob/main/src/otel-collector/otelcol-config.yml
https://github.com/open-telemetry/opentelemetry-collector-contrib/issues/33227
https://github.com/open-telemetry/opentelemetry-collector-contrib/pull/31806
"""

from slogen.model import BadOfTotal
from slogen.presets._preset import (
    Histogram,
    HistogramParams,
    MetricName,
    Preset,
    bad_of_total,
    bounds,
    equal,
    histogram,
)
from slogen.promql import Matcher, Selector
from slogen.scalars import Filled, LabelName
from slogen.shape import Field

_MILLISECONDS = "2 4 6 8 10 50 100 200 400 800 1000 1400 2000 5000 10000 15000"
_SECONDS = "0.002 0.004 0.006 0.008 0.01 0.05 0.1 0.2 0.4 0.8 1 1.4 2 5 10 15"


class OtelSpansParams(HistogramParams):
    """Parameters of the preset ``otel-spans``."""

    service: Filled = Field(description="Label service_name, the service that served the requests.")
    span_name: Filled | None = Field(None, description="Label span_name, to count one operation alone.")
    span_kind: Filled = Field("SPAN_KIND_SERVER", description="Label span_kind of the spans that count.")
    calls: MetricName = Field("traces_span_metrics_calls_total", description="Counter of spans.")
    durations: MetricName = Field(
        "traces_span_metrics_duration_milliseconds",
        description="Histogram of durations, base name; in seconds if the name ends so, else in milliseconds.",
    )
    status_label: LabelName = Field("status_code", description="Label that holds the status of the span.")
    bad_status: Filled = Field("STATUS_CODE_ERROR", description="The status of spans that are bad.")


def availability(params: OtelSpansParams) -> BadOfTotal:
    """Spans that did not end with the bad status."""
    total = Selector(params.calls, _matchers(params))
    return bad_of_total(total, Matcher(params.status_label, "=", params.bad_status))


def latency(params: OtelSpansParams) -> Histogram:
    """All spans, whatever their status."""
    unit, usual = ("seconds", _SECONDS) if params.durations.endswith("_seconds") else ("milliseconds", _MILLISECONDS)
    return histogram(params.durations, _matchers(params), unit, bounds(params, usual))


def _matchers(params: OtelSpansParams) -> tuple[Matcher, ...]:
    labels = {"service_name": params.service, "span_name": params.span_name, "span_kind": params.span_kind}
    return equal({**labels, **params.labels})


PRESET = Preset(OtelSpansParams, availability, latency)

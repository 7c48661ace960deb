"""
HTTP requests that a service counts itself, in Managed Service for Prometheus.

Good are answers 1xx to 3xx, bad are 5xx; 4xx do not count at all. Each can be
good, bad or ignored: 'redirects', 'client_errors', 'server_errors'. Latency is
read from a histogram of durations in seconds and counts all requests, whatever
their status.

    availability:
      preset: gcp-managed-prometheus
      with: {job: checkout, namespace: shop}
    latency:
      preset: gcp-managed-prometheus
      threshold: 500ms
      with: {job: checkout, namespace: shop}

These are the series of an ordinary Prometheus, so rules for one come out as
well. In Cloud Monitoring they are those of the resource prometheus_target,
whose labels are location, cluster, namespace, job and instance; all others are
the metric's. What differs from the preset 'http' is that client errors do not
count, and that a status of no three digits is neither good nor bad. Anything
else that is written for Prometheus goes to Cloud Monitoring likewise.

The histogram's bounds are your own, and both sides count what is at a bound
alike: 'le' includes it, and stays what it was in Managed Prometheus.

Source of the names:
https://docs.cloud.google.com/stackdriver/docs/managed-prometheus
https://docs.cloud.google.com/monitoring/api/resources#tag_prometheus_target
https://docs.cloud.google.com/stackdriver/docs/solutions/slo-monitoring/sli-metrics/prometheus
https://prometheus.io/docs/practices/naming/
"""

from slogen.model import BadOfTotal, Counter
from slogen.presets._grades import ResponseParams
from slogen.presets._preset import (
    Histogram,
    MetricName,
    Preset,
    Refusal,
    bounds,
    equal,
    histogram,
)
from slogen.presets._responses import graded_by_text
from slogen.promql import Matcher, Selector
from slogen.scalars import Filled, LabelName
from slogen.shape import Field


class ManagedPrometheusParams(ResponseParams):
    """Parameters of the preset ``gcp-managed-prometheus``."""

    job: Filled = Field(description="Label job of the scraped targets.")
    namespace: Filled | None = Field(None, description="Label namespace, that of Kubernetes.")
    cluster: Filled | None = Field(None, description="Label cluster, that of GKE.")
    location: Filled | None = Field(None, description="Label location, the zone or region of the cluster.")
    requests: MetricName = Field("http_requests_total", description="Counter of requests.")
    durations: MetricName = Field("http_request_duration_seconds", description="Histogram of durations, base name.")
    status_label: LabelName = Field("code", description="Label that holds the status of the response.")


def availability(params: ManagedPrometheusParams) -> BadOfTotal | Refusal:
    """Requests not answered with a bad status."""
    patterns = graded_by_text(params)
    if isinstance(patterns, Refusal):
        return patterns
    every = Selector(params.requests, _matchers(params))
    total, bad = (Counter(every.where(Matcher(params.status_label, "=~", pattern))) for pattern in patterns)
    return BadOfTotal(total, bad)


def latency(params: ManagedPrometheusParams) -> Histogram:
    """All requests, whatever their status."""
    return histogram(params.durations, _matchers(params), "seconds", bounds(params, ""))


def _matchers(params: ManagedPrometheusParams) -> tuple[Matcher, ...]:
    labels = {
        "location": params.location,
        "cluster": params.cluster,
        "namespace": params.namespace,
        "job": params.job,
    }
    return equal({**labels, **params.resource_labels, **params.labels})


PRESET = Preset(ManagedPrometheusParams, availability, latency)

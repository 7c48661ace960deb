"""
HTTP requests counted by a service itself, named as client libraries' guides do.

Good are requests that were not answered with a server error. Latency is read
from a histogram of durations in seconds and counts all requests, whatever
their status; its bounds are your own, so none is known here unless 'buckets'
lists them.

    availability: {preset: http, with: {job: checkout}}
    latency: {preset: http, threshold: 500ms, with: {job: checkout}}

Source of the names:
https://prometheus.io/docs/practices/naming/
https://prometheus.io/docs/practices/instrumentation/#online-serving-systems
"""

from slogen.model import BadOfTotal
from slogen.presets._preset import (
    Histogram,
    HistogramParams,
    MetricName,
    Pattern,
    Preset,
    bad_of_total,
    bounds,
    equal,
    histogram,
)
from slogen.promql import Matcher, Selector
from slogen.scalars import Filled, LabelName
from slogen.shape import Field


class HttpParams(HistogramParams):
    """Parameters of the preset ``http``."""

    job: Filled = Field(description="Label job of the scraped targets.")
    requests: MetricName = Field("http_requests_total", description="Counter of requests.")
    durations: MetricName = Field("http_request_duration_seconds", description="Histogram of durations, base name.")
    status_label: LabelName = Field("code", description="Label that holds the status of the response.")
    bad_status: Pattern = Field("5..", description="Regular expression of the statuses that are bad.")


def availability(params: HttpParams) -> BadOfTotal:
    """Requests not answered with a bad status."""
    total = Selector(params.requests, equal({"job": params.job, **params.labels}))
    return bad_of_total(total, Matcher(params.status_label, "=~", params.bad_status))


def latency(params: HttpParams) -> Histogram:
    """All requests, whatever their status."""
    return histogram(params.durations, equal({"job": params.job, **params.labels}), "seconds", bounds(params, ""))


PRESET = Preset(HttpParams, availability, latency)

"""
HTTP requests counted by a service itself, under the names that client libraries' guides use.

Good are requests that were not answered with a server error. Latency is read from a histogram of
durations in seconds; its bounds are your own, so none is known here unless ``buckets`` lists them.

    availability: {preset: http, with: {job: checkout}}
    latency: {preset: http, threshold: 500ms, with: {job: checkout}}

Source of the names: https://prometheus.io/docs/practices/naming/ and
https://prometheus.io/docs/practices/instrumentation/#online-serving-systems
"""

from pydantic import Field

from slogen.model import BadOfTotal, Counter
from slogen.presets._preset import Histogram, HistogramParams, Preset, bounds, equal, histogram
from slogen.promql import Matcher, Selector
from slogen.scalars import Filled


class HttpParams(HistogramParams):
    """Parameters of the preset ``http``."""

    job: Filled = Field(description="Label job of the scraped targets.")
    requests: Filled = Field("http_requests_total", description="Counter of requests.")
    durations: Filled = Field("http_request_duration_seconds", description="Histogram of durations, base name.")
    status_label: Filled = Field("code", description="Label that holds the status of the response.")
    bad_status: Filled = Field("5..", description="Regular expression of the statuses that are bad.")


def availability(params: HttpParams) -> BadOfTotal:
    """Requests not answered with a bad status."""
    total = Selector(params.requests, equal({"job": params.job, **params.labels}))
    bad = total.where(Matcher(params.status_label, "=~", params.bad_status))
    return BadOfTotal(Counter(total), Counter(bad))


def latency(params: HttpParams) -> Histogram:
    """All requests, whatever their status."""
    return histogram(params.durations, equal({"job": params.job, **params.labels}), "seconds", bounds(params, ""))


PRESET = Preset(HttpParams, availability, latency)

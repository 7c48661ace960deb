"""
Requests to Prometheus's own HTTP API.

Good are requests that were not answered with a server error; a query that is
wrong (400, 422) is its author's mistake. Latency counts all requests, whatever
their status.

    availability: {preset: prometheus-http}
    latency:
      preset: prometheus-http
      threshold: 1s
      with: {job: prometheus, handlers: "/api/v1/query(_range)?"}

A server that runs with --web.route-prefix puts the prefix before the handlers.
One that is scraped for native histograms keeps these buckets only with
always_scrape_classic_histograms.

Bounds, in seconds: 0.1 0.2 0.4 1 3 8 20 60 120.

Source of the names and bounds:
https://github.com/prometheus/prometheus/blob/main/web/web.go
"""

from slogen.model import BadOfTotal
from slogen.presets._preset import (
    Histogram,
    HistogramParams,
    Pattern,
    Preset,
    bad_of_total,
    bounds,
    equal,
    histogram,
    like,
)
from slogen.promql import Matcher, Selector
from slogen.scalars import Filled
from slogen.shape import Field

_BUCKETS = "0.1 0.2 0.4 1 3 8 20 60 120"


class PrometheusHttpParams(HistogramParams):
    """Parameters of the preset ``prometheus-http``."""

    job: Filled = Field("prometheus", description="Label job of the scraped Prometheus servers.")
    handlers: Pattern | None = Field(
        None, description="Regular expression of the handlers that count, like /api/v1/query(_range)?."
    )
    bad_status: Pattern = Field("5..", description="Regular expression of the statuses that are bad.")


def availability(params: PrometheusHttpParams) -> BadOfTotal:
    """Requests not answered with a bad status."""
    total = Selector("prometheus_http_requests_total", _matchers(params))
    return bad_of_total(total, Matcher("code", "=~", params.bad_status))


def latency(params: PrometheusHttpParams) -> Histogram:
    """All requests, whatever their status."""
    name = "prometheus_http_request_duration_seconds"
    return histogram(name, _matchers(params), "seconds", bounds(params, _BUCKETS))


def _matchers(params: PrometheusHttpParams) -> tuple[Matcher, ...]:
    return (*equal({"job": params.job, **params.labels}), *like({"handler": params.handlers}))


PRESET = Preset(PrometheusHttpParams, availability, latency)

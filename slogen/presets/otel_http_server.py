"""
HTTP requests measured in a server by OpenTelemetry, as Prometheus names them.

Read is the histogram http.server.request.duration of OpenTelemetry's semantic
conventions: its count is the requests, its buckets are their latency. Good are
requests that were not answered with a server error. Latency counts all
requests, whatever their status.

    availability: {preset: otel-http-server, with: {service: shop/checkout}}
    latency:
      preset: otel-http-server
      threshold: 500ms
      with: {service: shop/checkout}

The service is the value of the label 'job', which is made of service.namespace
and service.name with a slash between, or of service.name alone. Where
service.name is promoted to a label of its own:

    availability:
      preset: otel-http-server
      with: {service: checkout, service_label: service_name, route: /cart}

A request that never got a response has no status, and counts as good. Where the
instrumentation sets error.type, that one knows better, and counts both as bad:

    availability:
      preset: otel-http-server
      with: {service: shop/checkout, status_label: error_type, bad_status: .+}

Instrumentation from before the conventions became stable (1.23.0, 2023), unless
OTEL_SEMCONV_STABILITY_OPT_IN is 'http', writes http.server.duration in
milliseconds: choose 'conventions: old'.

Bounds, stable, in seconds: 0.005 0.01 0.025 0.05 0.075 0.1 0.25 0.5 0.75 1 2.5
5 7.5 10. Bounds, old, in milliseconds: 5 10 25 50 75 100 250 500 750 1000 2500
5000 7500 10000. An SDK that knows no advice on bounds uses the latter for
seconds as well; 'buckets' says so.

Source of the names and bounds:
https://opentelemetry.io/docs/specs/semconv/http/http-metrics/#metric-httpserverrequestduration
https://opentelemetry.io/docs/specs/semconv/non-normative/http-migration/
https://opentelemetry.io/docs/specs/otel/metrics/sdk/#explicit-bucket-histogram-aggregation
https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/
"""

from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from slogen.model import BadOfTotal
from slogen.presets._preset import Histogram, HistogramParams, Pattern, Preset, bad_of_total, bounds, equal, histogram
from slogen.promql import Matcher
from slogen.scalars import Filled, LabelName
from slogen.shape import Field


class OtelHttpServerParams(HistogramParams):
    """Parameters of the preset ``otel-http-server``."""

    service: Filled = Field(description="The service, as the label 'job' names it: namespace/name, or the name alone.")
    service_label: LabelName = Field("job", description="Label that names the service.")
    route: Filled | None = Field(None, description="Label http_route, like /cart/{id}, to count one route alone.")
    conventions: Literal["stable", "old"] = Field(
        "stable", description="Semantic conventions that the server follows: stable, or old for those up to 1.20."
    )
    status_label: LabelName | None = Field(
        None, description="Label that holds the status, http_response_status_code or, if old, http_status_code."
    )
    bad_status: Pattern = Field("5..", description="Regular expression of the statuses that are bad.")


@dataclass(frozen=True, slots=True)
class _Conventions:
    """What one generation of the semantic conventions calls things."""

    durations: str
    unit: str
    status_label: str
    buckets: str


_CONVENTIONS = MappingProxyType(
    {
        "stable": _Conventions(
            "http_server_request_duration_seconds",
            "seconds",
            "http_response_status_code",
            "0.005 0.01 0.025 0.05 0.075 0.1 0.25 0.5 0.75 1 2.5 5 7.5 10",
        ),
        "old": _Conventions(
            "http_server_duration_milliseconds",
            "milliseconds",
            "http_status_code",
            "5 10 25 50 75 100 250 500 750 1000 2500 5000 7500 10000",
        ),
    }
)


def availability(params: OtelHttpServerParams) -> BadOfTotal:
    """Requests not answered with a bad status."""
    status_label = params.status_label or _CONVENTIONS[params.conventions].status_label
    return bad_of_total(latency(params).counts, Matcher(status_label, "=~", params.bad_status))


def latency(params: OtelHttpServerParams) -> Histogram:
    """All requests, whatever their status."""
    names = _CONVENTIONS[params.conventions]
    matchers = equal({params.service_label: params.service, "http_route": params.route, **params.labels})
    return histogram(names.durations, matchers, names.unit, bounds(params, names.buckets))


PRESET = Preset(OtelHttpServerParams, availability, latency)

"""
Requests to a service in an Istio mesh, counted by its sidecars.

Good are requests that were not answered with a server error. Latency counts all
requests, whatever their status.

    availability: {preset: istio, with: {destination: reviews}}
    latency: {preset: istio, threshold: 500ms, with: {destination: reviews}}

The name of a service is unique within its namespace only. To name both:

    availability:
      preset: istio
      with: {destination: reviews, namespace: bookinfo}

gRPC answers with the HTTP status 200 even when a call fails; with 'protocol:
grpc' gRPC calls alone count, and the status of the call decides. Bad are by
default the numbers of the codes that OpenTelemetry calls errors of a server:
UNKNOWN, DEADLINE_EXCEEDED, UNIMPLEMENTED, INTERNAL, UNAVAILABLE and DATA_LOSS.

    availability: {preset: istio, with: {destination: payments, protocol: grpc}}
    latency:
      preset: istio
      threshold: 100ms
      with: {destination: payments, protocol: grpc}

A request is reported by the sidecar of the service, as 'destination', and by
that of its caller or the gateway, as 'source'. The service does not see what
never reached it; 'reporter: source' does, and counts only what comes from
within the mesh. In ambient mode the reporter is 'waypoint'. Requests that a
client gave up have the status 0 and count as good.

Bounds, in milliseconds: 0.5 1 5 10 25 50 100 250 500 1000 2500 5000 10000 30000
60000 300000 600000 1800000 3600000, which are Envoy's; a pod's annotation
sidecar.istio.io/statsHistogramBuckets replaces them.

Source of the names and bounds:
https://istio.io/latest/docs/reference/config/metrics/
https://github.com/istio/proxy/blob/master/source/extensions/filters/http/istio_stats/istio_stats.cc
https://github.com/envoyproxy/envoy/blob/main/source/common/stats/histogram_impl.cc
https://opentelemetry.io/docs/specs/semconv/rpc/grpc/
"""

from typing import Literal

from slogen.model import BadOfTotal
from slogen.presets._preset import Histogram, HistogramParams, Pattern, Preset, bad_of_total, bounds, equal, histogram
from slogen.promql import Matcher, Selector
from slogen.scalars import Filled
from slogen.shape import Field

_BUCKETS = "0.5 1 5 10 25 50 100 250 500 1000 2500 5000 10000 30000 60000 300000 600000 1800000 3600000"


class IstioParams(HistogramParams):
    """Parameters of the preset ``istio``."""

    destination: Filled = Field(description="Label destination_service_name, the service that is called.")
    namespace: Filled | None = Field(None, description="Label destination_service_namespace, the service's namespace.")
    workload: Filled | None = Field(None, description="Label destination_workload, to count one workload alone.")
    reporter: Literal["destination", "source", "waypoint"] = Field(
        "destination", description="Who counts: the service's sidecar, its callers', or a waypoint."
    )
    protocol: Literal["http", "grpc"] = Field(
        "http", description="Whether the status of the response or that of the gRPC call tells what is bad."
    )
    bad_status: Pattern = Field("5..", description="Regular expression of the response codes that are bad, for http.")
    bad_grpc_status: Pattern = Field(
        "2|4|12|13|14|15", description="Regular expression of the gRPC status numbers that are bad, for grpc."
    )


def availability(params: IstioParams) -> BadOfTotal:
    """Requests not answered with a bad status."""
    if params.protocol == "grpc":
        bad = Matcher("grpc_response_status", "=~", params.bad_grpc_status)
    else:
        bad = Matcher("response_code", "=~", params.bad_status)
    return bad_of_total(Selector("istio_requests_total", _matchers(params)), bad)


def latency(params: IstioParams) -> Histogram:
    """All requests, whatever their status."""
    name = "istio_request_duration_milliseconds"
    return histogram(name, _matchers(params), "milliseconds", bounds(params, _BUCKETS))


def _matchers(params: IstioParams) -> tuple[Matcher, ...]:
    labels = {
        "reporter": params.reporter,
        "destination_service_name": params.destination,
        "destination_service_namespace": params.namespace,
        "destination_workload": params.workload,
        "request_protocol": "grpc" if params.protocol == "grpc" else None,
    }
    return equal({**labels, **params.labels})


PRESET = Preset(IstioParams, availability, latency)

"""
gRPC calls handled by a server, as go-grpc-middleware counts them.

    availability: {preset: grpc-server, with: {job: payments}}
    latency: {preset: grpc-server, threshold: 250ms, with: {job: payments}}

Bad are the codes that OpenTelemetry's conventions call errors of a server:
Unknown, DeadlineExceeded, Unimplemented, Internal, Unavailable and DataLoss.
The others are mistakes of the caller (InvalidArgument, NotFound,
PermissionDenied, ...), answers that it asked for (Canceled) or limits that are
meant to hold (ResourceExhausted); 'bad_codes' judges otherwise. One service or
method alone:

    availability:
      preset: grpc-server
      with: {job: payments, service: shop.v1.Payments, method: Charge}

Latency counts unary calls alone, whatever their code: a stream lasts as long as
its client wants. The histogram is off unless the server asks for it, with
WithServerHandlingTimeHistogram or, in the older go-grpc-prometheus,
EnableHandlingTimeHistogram.

Bounds, in seconds: 0.005 0.01 0.025 0.05 0.1 0.25 0.5 1 2.5 5 10, the Go
client's; WithHistogramBuckets replaces them.

Source of the names, codes and bounds:
https://github.com/grpc-ecosystem/go-grpc-middleware/blob/main/providers/prometheus/server_metrics.go
https://opentelemetry.io/docs/specs/semconv/rpc/grpc/
https://pkg.go.dev/github.com/prometheus/client_golang/prometheus#pkg-variables
"""

from slogen.model import BadOfTotal
from slogen.presets._preset import Histogram, HistogramParams, Pattern, Preset, bad_of_total, bounds, equal, histogram
from slogen.promql import Matcher, Selector
from slogen.scalars import Filled
from slogen.shape import Field

_BUCKETS = "0.005 0.01 0.025 0.05 0.1 0.25 0.5 1 2.5 5 10"


class GrpcServerParams(HistogramParams):
    """Parameters of the preset ``grpc-server``."""

    job: Filled = Field(description="Label job of the scraped targets.")
    service: Filled | None = Field(None, description="Label grpc_service, to count one service alone.")
    method: Filled | None = Field(None, description="Label grpc_method, to count one method alone.")
    bad_codes: Pattern = Field(
        "Unknown|DeadlineExceeded|Unimplemented|Internal|Unavailable|DataLoss",
        description="Regular expression of the codes that are bad.",
    )


def availability(params: GrpcServerParams) -> BadOfTotal:
    """Calls that did not end with a bad code."""
    total = Selector("grpc_server_handled_total", _matchers(params))
    return bad_of_total(total, Matcher("grpc_code", "=~", params.bad_codes))


def latency(params: GrpcServerParams) -> Histogram:
    """All unary calls, whatever their code."""
    matchers = (*_matchers(params), Matcher("grpc_type", "=", "unary"))
    return histogram("grpc_server_handling_seconds", matchers, "seconds", bounds(params, _BUCKETS))


def _matchers(params: GrpcServerParams) -> tuple[Matcher, ...]:
    labels = {"job": params.job, "grpc_service": params.service, "grpc_method": params.method}
    return equal({**labels, **params.labels})


PRESET = Preset(GrpcServerParams, availability, latency)

"""
Requests to a service of Istio on GKE, as its sidecars report them.

Good are answers 1xx to 3xx, bad are 5xx; 4xx do not count at all. Each can be
good, bad or ignored: 'redirects', 'client_errors', 'server_errors'. Latency
counts all requests, whatever their status.

    availability:
      preset: gcp-gke-istio
      with: {destination: reviews, namespace: bookinfo}
    latency:
      preset: gcp-gke-istio
      threshold: 512ms
      with: {destination: reviews, namespace: bookinfo}

Two clusters of a project may each have a service of that name:

    availability:
      preset: gcp-gke-istio
      with:
        destination: reviews
        namespace: bookinfo
        cluster_name: shop
        location: europe-west1

The status is a number here, which a filter takes in ranges; where two of them
cannot say what is good and what is bad, slogen refuses. gRPC answers with the
HTTP status 200 even when a call fails, and a request that its client gave up
has the status 0: both are good.

The distribution is in milliseconds; its bounds are the powers of two: 1 2 4 8
16 32 64 128 256 512 1024 2048 4096 8192 16384 32768 65536 131072 262144 524288.
Between two bounds the share of fast requests is an estimate. A bucket excludes
its upper bound, which 'le' in a Prometheus histogram includes.

Source of the names, units, labels and bounds:
https://docs.cloud.google.com/monitoring/api/metrics_istio
https://docs.cloud.google.com/monitoring/api/resources#tag_k8s_container
https://github.com/istio/proxy/tree/011a6a4ff973582a1a48e4ea9525d68e995fa549/extensions/stackdriver/metric
https://cloud.google.com/monitoring/api/ref_v3/rest/v3/TypedValue#BucketOptions
"""

from typing import Final

from slogen.model import PlatformRatio
from slogen.monitoring_filter import Filter, on_metric
from slogen.presets._grades import ResponseParams
from slogen.presets._platform import DELAY, NUMBERS, series
from slogen.presets._preset import Distribution, Preset, Refusal, bounds
from slogen.presets._responses import graded_by_number
from slogen.scalars import Filled
from slogen.shape import Field

_BUCKETS: Final = " ".join(str(2**power) for power in range(20))


class GkeIstioParams(ResponseParams):
    """Parameters of the preset ``gcp-gke-istio``."""

    destination: Filled = Field(description="Label destination_service_name, the service that is called.")
    namespace: Filled = Field(description="Label destination_service_namespace, the service's namespace.")
    mesh_uid: Filled | None = Field(None, description="Label mesh_uid, where a project has several meshes.")
    cluster_name: Filled | None = Field(None, description="Label cluster_name, to count one cluster alone.")
    location: Filled | None = Field(None, description="Label location, the zone or region of the cluster.")


def availability(params: GkeIstioParams) -> PlatformRatio | Refusal:
    """Requests not answered with a bad status."""
    return graded_by_number(_series("request_count", params), params)


def latency(params: GkeIstioParams) -> Distribution:
    """All requests, whatever their status."""
    return Distribution(_series("response_latencies", params), "milliseconds", bounds(params, _BUCKETS), DELAY)


def _series(name: str, params: GkeIstioParams) -> Filter:
    labels = {"cluster_name": params.cluster_name, "location": params.location}
    every = series(f"istio.io/service/server/{name}", "k8s_container", params, labels, NUMBERS)
    service = {
        "destination_service_name": params.destination,
        "destination_service_namespace": params.namespace,
        "mesh_uid": params.mesh_uid,
    }
    return every.where(*(on_metric(label, "=", value) for label, value in service.items() if value is not None))


PRESET = Preset(GkeIstioParams, availability, latency)

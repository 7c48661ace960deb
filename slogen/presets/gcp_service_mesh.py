"""
Requests to a canonical service of Cloud Service Mesh.

Good are answers 1xx to 3xx, bad are 5xx; 4xx do not count at all. Each can be
good, bad or ignored: 'redirects', 'client_errors', 'server_errors'. Latency
counts all requests, whatever their status.

    availability:
      preset: gcp-service-mesh
      with: {canonical_service: reviews, namespace: bookinfo}
    latency:
      preset: gcp-service-mesh
      threshold: 500ms
      with: {canonical_service: reviews, namespace: bookinfo}

A canonical service is that of all workloads with one value of the label
service.istio.io/canonical-name, in one namespace, in all clusters of the mesh.
'mesh_uid', proj- and the number of the project, tells meshes apart.

The status is a number here, which a filter takes in ranges; where two of them
cannot say what is good and what is bad, slogen refuses. gRPC answers with the
HTTP status 200 even when a call fails, and a request that its client gave up
has the status 0: both are good.

The distribution is in milliseconds; its bounds are not documented, so that the
share of fast requests may be an estimate. A bucket excludes its upper bound,
which 'le' in a Prometheus histogram includes.

Source of the names, units and labels:
https://docs.cloud.google.com/monitoring/api/metrics_istio
https://cloud.google.com/monitoring/api/ref_v3/rest/v3/services#IstioCanonicalService
https://cloud.google.com/monitoring/api/ref_v3/rest/v3/TypedValue#BucketOptions
"""

from slogen.model import PlatformRatio
from slogen.monitoring_filter import Filter, on_metric
from slogen.presets._grades import ResponseParams
from slogen.presets._platform import DELAY, NUMBERS, series
from slogen.presets._preset import Distribution, Preset, Refusal, bounds
from slogen.presets._responses import graded_by_number
from slogen.scalars import Filled
from slogen.shape import Field


class ServiceMeshParams(ResponseParams):
    """Parameters of the preset ``gcp-service-mesh``."""

    canonical_service: Filled = Field(description="Label destination_canonical_service_name, the canonical service.")
    namespace: Filled = Field(description="Label destination_canonical_service_namespace, its namespace.")
    mesh_uid: Filled | None = Field(None, description="Label mesh_uid, like proj-573164786102.")


def availability(params: ServiceMeshParams) -> PlatformRatio | Refusal:
    """Requests not answered with a bad status."""
    return graded_by_number(_series("request_count", params), params)


def latency(params: ServiceMeshParams) -> Distribution:
    """All requests, whatever their status."""
    return Distribution(_series("response_latencies", params), "milliseconds", bounds(params, ""), DELAY)


def _series(name: str, params: ServiceMeshParams) -> Filter:
    service = {
        "destination_canonical_service_name": params.canonical_service,
        "destination_canonical_service_namespace": params.namespace,
        "mesh_uid": params.mesh_uid,
    }
    every = series(f"istio.io/service/server/{name}", "istio_canonical_service", params, {}, NUMBERS)
    return every.where(*(on_metric(label, "=", value) for label, value in service.items() if value is not None))


PRESET = Preset(ServiceMeshParams, availability, latency)

"""
Calls of an API that Cloud Endpoints manages, counted by its proxy.

Good are answers 1xx to 3xx, bad are 5xx; 4xx do not count at all. Each can be
good, bad or ignored: 'redirects', 'client_errors', 'server_errors'. The proxy
sees an error also when every backend is gone. Latency counts all calls,
whatever their status.

    availability:
      preset: gcp-cloud-endpoints
      with: {service: shop.endpoints.shop-prod.cloud.goog}
    latency:
      preset: gcp-cloud-endpoints
      threshold: 524.288ms
      with: {service: shop.endpoints.shop-prod.cloud.goog}

One method or version alone, and what the backend takes without the proxy:

    latency:
      preset: gcp-cloud-endpoints
      threshold: 524.288ms
      with:
        service: shop.endpoints.shop-prod.cloud.goog
        version: v2
        method: google.example.shop.v2.Shop.GetCart
        latency: backend

The data of a minute can be read up to half an hour later, so that an alert that
looks back 5 minutes has nothing to look at: it waits for longer windows.

The distribution is in seconds; its bounds, as far as one has seen them, are
0.000001 0.000002 0.000004 0.000008 0.000016 0.000032 0.000064 0.000128 0.000256
0.000512 0.001024 0.002048 0.004096 0.008192 0.016384 0.032768 0.065536 0.131072
0.262144 0.524288 1.048576 2.097152 4.194304 8.388608 16.777216 33.554432
67.108864 134.217728 268.435456 536.870912. Between two bounds the share of fast
calls is an estimate. A bucket excludes its upper bound, which 'le' in a
Prometheus histogram includes.

Source of the names, units, labels and the delay:
https://docs.cloud.google.com/monitoring/api/metrics_gcp#gcp-serviceruntime
https://docs.cloud.google.com/monitoring/api/resources#tag_api
https://cloud.google.com/monitoring/api/ref_v3/rest/v3/TypedValue#BucketOptions
"""

from types import MappingProxyType
from typing import Final, Literal

from slogen.model import PlatformRatio
from slogen.monitoring_filter import Filter
from slogen.presets._grades import ResponseParams
from slogen.presets._platform import series
from slogen.presets._preset import Distribution, Preset, Refusal, bounds
from slogen.presets._responses import graded_by_class
from slogen.scalars import Filled
from slogen.shape import Field

_DELAY: Final = 1800
_BUCKETS: Final = " ".join(f"{2**power}e-6" for power in range(30))
_LATENCIES: Final = MappingProxyType(
    {
        "total": "request_latencies",
        "backend": "request_latencies_backend",
        "overhead": "request_latencies_overhead",
    }
)


class CloudEndpointsParams(ResponseParams):
    """Parameters of the preset ``gcp-cloud-endpoints``."""

    service: Filled = Field(
        description="Label service, the name of the API, like shop.endpoints.my-project.cloud.goog."
    )
    method: Filled | None = Field(None, description="Label method, to count one method alone.")
    version: Filled | None = Field(None, description="Label version, to count one version of the API alone.")
    location: Filled | None = Field(None, description="Label location, where the API is served.")
    latency: Literal["total", "backend", "overhead"] = Field(
        "total", description="Which latency: the whole, what the backend takes, or what the proxy adds."
    )


def availability(params: CloudEndpointsParams) -> PlatformRatio | Refusal:
    """Calls not answered with a bad status."""
    return graded_by_class(_series("request_count", params), "{}xx".format, params, _DELAY)


def latency(params: CloudEndpointsParams) -> Distribution:
    """All calls, whatever their status."""
    return Distribution(_series(_LATENCIES[params.latency], params), "seconds", bounds(params, _BUCKETS), _DELAY)


def _series(name: str, params: CloudEndpointsParams) -> Filter:
    labels = {
        "service": params.service,
        "method": params.method,
        "version": params.version,
        "location": params.location,
    }
    return series(f"serviceruntime.googleapis.com/api/{name}", "api", params, labels)


PRESET = Preset(CloudEndpointsParams, availability, latency)

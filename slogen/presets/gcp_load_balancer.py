"""
Requests through an external Application Load Balancer, global or classic.

Good are answers 1xx to 3xx, bad are 5xx; 4xx do not count at all. Each can be
good, bad or ignored: 'redirects', 'client_errors', 'server_errors'. Latency
counts all requests, whatever their status.

    availability: {preset: gcp-load-balancer, with: {url_map_name: shop}}
    latency:
      preset: gcp-load-balancer
      threshold: 512ms
      with: {url_map_name: shop}

One backend behind it, as the backend answers, not as the load balancer does:

    availability:
      preset: gcp-load-balancer
      with:
        url_map_name: shop
        backend_target_name: cart
        measured: backend

What was answered from a cache, or by the load balancer itself because no
backend was there, counts in the whole alone. A request of any other class, such
as 0 for one that got no answer, is good.

The distribution is in milliseconds; its bounds are the powers of the square
root of two up to the 64th, of which every other one is a whole number: 1 2 4 8
16 32 64 128 256 512 1024 2048 4096 8192 16384 32768 65536 131072 262144 524288
1048576 2097152 4194304 8388608 16777216 33554432 67108864 134217728 268435456
536870912 1073741824 2147483648 4294967296. Between two bounds the share of fast
requests is an estimate. A bucket excludes its upper bound, which 'le' in a
Prometheus histogram includes.

Source of the names, units, labels and bounds:
https://docs.cloud.google.com/stackdriver/docs/solutions/slo-monitoring/sli-metrics/lb-metrics
https://docs.cloud.google.com/monitoring/api/metrics_gcp#gcp-loadbalancing
https://docs.cloud.google.com/monitoring/api/resources#tag_https_lb_rule
https://github.com/google/slo-generator/blob/master/docs/pratices/latency_slo_distrib_metric_cloud_monitoring.md
https://cloud.google.com/monitoring/api/ref_v3/rest/v3/TypedValue#BucketOptions
"""

from types import MappingProxyType
from typing import Final, Literal

from slogen.model import PlatformRatio
from slogen.monitoring_filter import Filter
from slogen.presets._grades import ResponseParams
from slogen.presets._platform import DELAY, NUMBERS, POWERS_OF_TWO, Types, number, series
from slogen.presets._preset import Distribution, Preset, Refusal, bounds
from slogen.presets._responses import graded_by_class, lowest
from slogen.scalars import Filled
from slogen.shape import Field

_TYPES: Final[Types] = MappingProxyType({**NUMBERS, "response_code_class": number})
_METRICS: Final = MappingProxyType(
    {"whole": ("request_count", "total_latencies"), "backend": ("backend_request_count", "backend_latencies")}
)


class LoadBalancerParams(ResponseParams):
    """Parameters of the presets ``gcp-load-balancer`` and ``gcp-app-engine-flex``."""

    url_map_name: Filled = Field(description="Label url_map_name, the URL map, which names the load balancer.")
    backend_target_name: Filled | None = Field(
        None, description="Label backend_target_name, the backend service or bucket, to count one alone."
    )
    forwarding_rule_name: Filled | None = Field(
        None, description="Label forwarding_rule_name, to count one forwarding rule alone."
    )
    measured: Literal["whole", "backend"] = Field(
        "whole", description="Whose answers and latencies count: those of the load balancer, or of its backends."
    )


def availability(params: LoadBalancerParams) -> PlatformRatio | Refusal:
    """Requests not answered with a bad status."""
    name, _ = _METRICS[params.measured]
    return graded_by_class(_series(name, params), lowest, params)


def latency(params: LoadBalancerParams) -> Distribution:
    """All requests, whatever their status."""
    _, name = _METRICS[params.measured]
    return Distribution(_series(name, params), "milliseconds", bounds(params, POWERS_OF_TWO), DELAY)


def _series(name: str, params: LoadBalancerParams) -> Filter:
    labels = {
        "url_map_name": params.url_map_name,
        "backend_target_name": params.backend_target_name,
        "forwarding_rule_name": params.forwarding_rule_name,
    }
    return series(f"loadbalancing.googleapis.com/https/{name}", "https_lb_rule", params, labels, _TYPES)


PRESET = Preset(LoadBalancerParams, availability, latency)

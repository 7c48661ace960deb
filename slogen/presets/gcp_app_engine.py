"""
Responses of a service in the standard environment of App Engine.

Good are answers 1xx to 3xx, bad are 5xx; 4xx do not count at all. Each can be
good, bad or ignored: 'redirects', 'client_errors', 'server_errors'. Latency
counts all responses, whatever their status.

    availability: {preset: gcp-app-engine, with: {module_id: default}}
    latency:
      preset: gcp-app-engine
      threshold: 512ms
      with: {module_id: default}

A request that starts an instance waits for it, and counts like any other.
Without them:

    latency:
      preset: gcp-app-engine
      threshold: 512ms
      with: {module_id: default, loading: ignored}

The status is a number here, which a filter takes in ranges; where two of them
cannot say what is good and what is bad, slogen refuses.

The distribution is in milliseconds; its bounds, as far as one has seen them,
are the powers of the square root of two up to the 64th, of which every other
one is a whole number: 1 2 4 8 16 32 64 128 256 512 1024 2048 4096 8192 16384
32768 65536 131072 262144 524288 1048576 2097152 4194304 8388608 16777216
33554432 67108864 134217728 268435456 536870912 1073741824 2147483648
4294967296. Between two bounds the share of fast responses is an estimate. A
bucket excludes its upper bound, which 'le' in a Prometheus histogram includes.

The flexible environment has no such metrics: see 'gcp-app-engine-flex'.

Source of the names, units, labels and bounds:
https://docs.cloud.google.com/monitoring/api/metrics_gcp#gcp-appengine
https://docs.cloud.google.com/monitoring/api/resources#tag_gae_app
https://github.com/google/slo-generator/blob/master/docs/pratices/latency_slo_distrib_metric_cloud_monitoring.md
https://cloud.google.com/monitoring/api/ref_v3/rest/v3/TypedValue#BucketOptions
"""

from types import MappingProxyType
from typing import Final, Literal

from slogen.model import PlatformRatio
from slogen.monitoring_filter import Filter, on_metric
from slogen.presets._grades import ResponseParams
from slogen.presets._platform import DELAY, NUMBERS, POWERS_OF_TWO, Types, series, truth
from slogen.presets._preset import Distribution, Preset, Refusal, bounds
from slogen.presets._responses import graded_by_number
from slogen.scalars import Filled
from slogen.shape import Field

_TYPES: Final[Types] = MappingProxyType({**NUMBERS, "loading": truth})


class AppEngineParams(ResponseParams):
    """Parameters of the preset ``gcp-app-engine``."""

    module_id: Filled = Field("default", description="Label module_id, the service.")
    version_id: Filled | None = Field(None, description="Label version_id, to count one version alone.")
    loading: Literal["counted", "ignored"] = Field(
        "counted", description="Whether requests that start an instance count."
    )


def availability(params: AppEngineParams) -> PlatformRatio | Refusal:
    """Responses without a bad status."""
    return graded_by_number(_series("response_count", params), params)


def latency(params: AppEngineParams) -> Distribution:
    """All responses, whatever their status."""
    return Distribution(_series("response_latencies", params), "milliseconds", bounds(params, POWERS_OF_TWO), DELAY)


def _series(name: str, params: AppEngineParams) -> Filter:
    labels = {"module_id": params.module_id, "version_id": params.version_id}
    every = series(f"appengine.googleapis.com/http/server/{name}", "gae_app", params, labels, _TYPES)
    return every if params.loading == "counted" else every.where(on_metric("loading", "=", value=False))


PRESET = Preset(AppEngineParams, availability, latency)

"""
Executions of a function of Cloud Run functions, 1st generation.

Good are executions that ended well, with the status 'ok'; all others are bad:
error, timeout, crash, out of memory, out of quota and what there may be more.
Latency counts all executions, whatever their status.

    availability:
      preset: gcp-cloud-functions-v1
      with: {function_name: resize, region: europe-west1}
    latency:
      preset: gcp-cloud-functions-v1
      threshold: 100ms
      with: {function_name: resize, region: europe-west1}

The distribution is in nanoseconds: 100ms are 100000000. Its bounds are not
documented, so that the share of fast executions may be an estimate. A bucket
excludes its upper bound, which 'le' in a Prometheus histogram includes.

Source of the names, units and labels:
https://docs.cloud.google.com/monitoring/api/metrics_gcp#gcp-cloudfunctions
https://docs.cloud.google.com/monitoring/api/resources#tag_cloud_function
https://cloud.google.com/monitoring/api/ref_v3/rest/v3/TypedValue#BucketOptions
"""

from slogen.model import Counter, GoodOfTotal, PlatformRatio
from slogen.monitoring_filter import Filter, on_metric
from slogen.presets._platform import DELAY, PlatformParams, series
from slogen.presets._preset import Distribution, Preset, bounds
from slogen.scalars import Filled
from slogen.shape import Field


class CloudFunctionsV1Params(PlatformParams):
    """Parameters of the preset ``gcp-cloud-functions-v1``."""

    function_name: Filled = Field(description="Label function_name, the function.")
    region: Filled | None = Field(None, description="Label region, like europe-west1.")


def availability(params: CloudFunctionsV1Params) -> PlatformRatio:
    """Executions that ended well."""
    total = _series("execution_count", params)
    good = total.where(on_metric("status", "=", "ok"))
    promql = GoodOfTotal(Counter(total.selector()), Counter(good.selector()))
    return PlatformRatio(total, good, None, promql, DELAY)


def latency(params: CloudFunctionsV1Params) -> Distribution:
    """All executions, whatever their status."""
    return Distribution(_series("execution_times", params), "nanoseconds", bounds(params, ""), DELAY)


def _series(name: str, params: CloudFunctionsV1Params) -> Filter:
    labels = {"function_name": params.function_name, "region": params.region}
    return series(f"cloudfunctions.googleapis.com/function/{name}", "cloud_function", params, labels)


PRESET = Preset(CloudFunctionsV1Params, availability, latency)

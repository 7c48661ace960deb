"""
Requests to a Cloud Run service, as Google Cloud counts them.

Good are answers 1xx to 3xx, bad are 5xx; 4xx do not count at all. Each can be
good, bad or ignored: 'redirects', 'client_errors', 'server_errors'. Latency
counts all requests, whatever their status.

    availability:
      preset: gcp-cloud-run
      with: {service_name: checkout, location: europe-west1}
    latency:
      preset: gcp-cloud-run
      threshold: 500ms
      with: {service_name: checkout, location: europe-west1}

Without 'location' the services of that name in all regions are one. Not counted
are requests that reach no container: unauthorised ones, and those above the
maximum of instances. Latency leaves out the start of a container.

The distribution is in milliseconds; its bounds are not documented, so that the
share of fast requests may be an estimate. A bucket excludes its upper bound:
at a threshold of 500ms, a request of just 500 ms is slow, where a Prometheus
histogram ('le') has it fast.

Source of the names, units and labels:
https://docs.cloud.google.com/monitoring/api/metrics_gcp#gcp-run
https://docs.cloud.google.com/monitoring/api/resources#tag_cloud_run_revision
https://cloud.google.com/monitoring/api/ref_v3/rest/v3/TypedValue#BucketOptions
"""

from slogen.model import PlatformRatio
from slogen.monitoring_filter import Filter
from slogen.presets._grades import ResponseParams
from slogen.presets._platform import DELAY, series
from slogen.presets._preset import Distribution, Preset, Refusal, bounds
from slogen.presets._responses import graded_by_class
from slogen.scalars import Filled
from slogen.shape import Field


class CloudRunParams(ResponseParams):
    """Parameters of the presets ``gcp-cloud-run`` and ``gcp-cloud-functions-v2``."""

    service_name: Filled = Field(description="Label service_name, the Cloud Run service.")
    location: Filled | None = Field(None, description="Label location, the region, like europe-west1.")


def availability(params: CloudRunParams) -> PlatformRatio | Refusal:
    """Requests not answered with a bad status."""
    return graded_by_class(_series("request_count", params), "{}xx".format, params)


def latency(params: CloudRunParams) -> Distribution:
    """All requests, whatever their status."""
    return Distribution(_series("request_latencies", params), "milliseconds", bounds(params, ""), DELAY)


def _series(name: str, params: CloudRunParams) -> Filter:
    labels = {"service_name": params.service_name, "location": params.location}
    return series(f"run.googleapis.com/{name}", "cloud_run_revision", params, labels)


PRESET = Preset(CloudRunParams, availability, latency)

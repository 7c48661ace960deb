"""
Requests that Envoy sends to an upstream cluster, by their final responses.

Good are requests that were not answered with a 5xx, be it by the upstream or by
Envoy itself because no upstream could. A response that Envoy retried does not
count, the one that its client got does; so the total is upstream_rq_xx, not
upstream_rq_total, which counts attempts.

    availability: {preset: envoy, with: {cluster: checkout}}
    latency: {preset: envoy, threshold: 250ms, with: {cluster: checkout}}

Latency counts the requests that the upstream answered, whatever their status. A
request that timed out has no duration: availability tells of it. Durations are
milliseconds, although the metric's name does not say so. Istio's sidecars do
not expose these metrics by default: use the preset istio for a mesh.

Bounds, in milliseconds: 0.5 1 5 10 25 50 100 250 500 1000 2500 5000 10000 30000
60000 300000 600000 1800000 3600000; histogram_bucket_settings in the stats
configuration replaces them.

Source of the names and bounds:
https://www.envoyproxy.io/docs/envoy/latest/configuration/upstream/cluster_manager/cluster_stats#dynamic-http-statistics
https://github.com/envoyproxy/envoy/blob/main/source/common/config/well_known_names.cc
https://github.com/envoyproxy/envoy/blob/main/source/common/stats/histogram_impl.cc
"""

from slogen.model import BadOfTotal
from slogen.presets._preset import Histogram, HistogramParams, Preset, bad_of_total, bounds, equal, histogram
from slogen.promql import Matcher, Selector
from slogen.scalars import Filled
from slogen.shape import Field

_BUCKETS = "0.5 1 5 10 25 50 100 250 500 1000 2500 5000 10000 30000 60000 300000 600000 1800000 3600000"


class EnvoyParams(HistogramParams):
    """Parameters of the preset ``envoy``."""

    cluster: Filled = Field(description="Label envoy_cluster_name, the upstream cluster.")


def availability(params: EnvoyParams) -> BadOfTotal:
    """Final responses that are no 5xx."""
    total = Selector("envoy_cluster_upstream_rq_xx", _matchers(params))
    return bad_of_total(total, Matcher("envoy_response_code_class", "=", "5"))


def latency(params: EnvoyParams) -> Histogram:
    """All requests that the upstream answered."""
    return histogram("envoy_cluster_upstream_rq_time", _matchers(params), "milliseconds", bounds(params, _BUCKETS))


def _matchers(params: EnvoyParams) -> tuple[Matcher, ...]:
    return equal({"envoy_cluster_name": params.cluster, **params.labels})


PRESET = Preset(EnvoyParams, availability, latency)

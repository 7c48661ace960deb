"""
Requests that reach an Ingress through Kubernetes' ingress-nginx controller.

Good are requests that were not answered with a server error. Latency counts all
requests, whatever their status, from the first byte of the request to the last
of the response: a slow client makes it longer.

    availability: {preset: ingress-nginx, with: {ingress: shop, namespace: web}}
    latency:
      preset: ingress-nginx
      threshold: 1s
      with: {ingress: shop, namespace: web}

The namespace of the Ingress is in the label exported_namespace, as Prometheus
renames what clashes with the label of the controller's own pod. Where the
scrape honours labels (honorLabels in the ServiceMonitor), give
'namespace_label: namespace'. An Ingress for a wildcard host is counted only if
the controller runs with --metrics-per-host=false.

Bounds, in seconds: 0.005 0.01 0.025 0.05 0.1 0.25 0.5 1 2.5 5 10; the
controller's flag --time-buckets replaces them.

Source of the names and bounds:
https://kubernetes.github.io/ingress-nginx/user-guide/monitoring/#request-metrics
https://github.com/kubernetes/ingress-nginx/blob/main/internal/ingress/metric/collectors/socket.go
"""

from slogen.model import BadOfTotal
from slogen.presets._preset import Histogram, HistogramParams, Pattern, Preset, bad_of_total, bounds, equal, histogram
from slogen.promql import Matcher, Selector
from slogen.scalars import Filled, LabelName
from slogen.shape import Field

_BUCKETS = "0.005 0.01 0.025 0.05 0.1 0.25 0.5 1 2.5 5 10"


class IngressNginxParams(HistogramParams):
    """Parameters of the preset ``ingress-nginx``."""

    ingress: Filled = Field(description="Label ingress, the name of the Ingress.")
    namespace: Filled | None = Field(None, description="The namespace of the Ingress.")
    namespace_label: LabelName = Field("exported_namespace", description="Label that holds that namespace.")
    bad_status: Pattern = Field("5..", description="Regular expression of the statuses that are bad.")


def availability(params: IngressNginxParams) -> BadOfTotal:
    """Requests not answered with a bad status."""
    total = Selector("nginx_ingress_controller_requests", _matchers(params))
    return bad_of_total(total, Matcher("status", "=~", params.bad_status))


def latency(params: IngressNginxParams) -> Histogram:
    """All requests, whatever their status."""
    name = "nginx_ingress_controller_request_duration_seconds"
    return histogram(name, _matchers(params), "seconds", bounds(params, _BUCKETS))


def _matchers(params: IngressNginxParams) -> tuple[Matcher, ...]:
    return equal({params.namespace_label: params.namespace, "ingress": params.ingress, **params.labels})


PRESET = Preset(IngressNginxParams, availability, latency)

"""
Requests to the Kubernetes API server.

Good are requests that were not answered with a server error; the total is all
requests. Those that the server turned away because of too many (429) count as
good, as in the Kubernetes mixin: 'bad_status: 5..|429' judges otherwise.

    availability: {preset: kubernetes-apiserver}

Latency counts all requests, whatever their status, but for those that last as
long as their client wants: the verbs WATCH and CONNECT unless 'verbs' names
them, and the subresources attach, exec, log, portforward and proxy. Kubernetes
promises 1 s for writes and for reads of one object, and 30 s for lists:

    latency:
      preset: kubernetes-apiserver
      threshold: 1s
      with: {verbs: APPLY|DELETE|PATCH|POST|PUT}

    latency:
      preset: kubernetes-apiserver
      threshold: 30s
      with: {verbs: LIST, scopes: namespace|cluster}

Time spent in admission webhooks and in the queues of priority and fairness is
left out; with 'durations: apiserver_request_duration_seconds' it is counted.
Kubernetes 1.25 and older call the histogram
apiserver_request_slo_duration_seconds.

Bounds, in seconds: 0.05 0.1 0.2 0.4 0.6 0.8 1 1.25 1.5 2 3 4 5 6 8 10 15 20 30
45 60.

Source of the names, bounds and promises:
https://github.com/kubernetes/kubernetes/blob/master/staging/src/k8s.io/apiserver/pkg/endpoints/metrics/metrics.go
https://github.com/kubernetes/kubernetes/pull/112679
https://github.com/kubernetes-monitoring/kubernetes-mixin/blob/master/rules/kube_apiserver-burnrate.libsonnet
https://github.com/kubernetes/community/blob/main/sig-scalability/slos/slos.md
"""

from slogen.model import BadOfTotal
from slogen.presets._preset import (
    Histogram,
    HistogramParams,
    MetricName,
    Pattern,
    Preset,
    bad_of_total,
    bounds,
    equal,
    histogram,
    like,
)
from slogen.promql import Matcher, Selector
from slogen.scalars import Filled
from slogen.shape import Field

_BUCKETS = "0.05 0.1 0.2 0.4 0.6 0.8 1 1.25 1.5 2 3 4 5 6 8 10 15 20 30 45 60"
_SHORT_VERBS = Matcher("verb", "!~", "CONNECT|WATCH")
_SHORT_SUBRESOURCES = Matcher("subresource", "!~", "attach|exec|log|portforward|proxy")


class KubernetesApiserverParams(HistogramParams):
    """Parameters of the preset ``kubernetes-apiserver``."""

    job: Filled = Field("apiserver", description="Label job of the scraped API servers.")
    verbs: Pattern | None = Field(None, description="Regular expression of the verbs that count, like GET|LIST.")
    scopes: Pattern | None = Field(
        None, description="Regular expression of the scopes that count: resource, namespace, cluster or empty."
    )
    bad_status: Pattern = Field("5..", description="Regular expression of the statuses that are bad.")
    durations: MetricName = Field(
        "apiserver_request_sli_duration_seconds", description="Histogram of durations, base name."
    )


def availability(params: KubernetesApiserverParams) -> BadOfTotal:
    """Requests not answered with a bad status."""
    total = Selector("apiserver_request_total", _matchers(params))
    return bad_of_total(total, Matcher("code", "=~", params.bad_status))


def latency(params: KubernetesApiserverParams) -> Histogram:
    """All requests that end by themselves, whatever their status."""
    short = (_SHORT_SUBRESOURCES,) if params.verbs else (_SHORT_VERBS, _SHORT_SUBRESOURCES)
    return histogram(params.durations, (*_matchers(params), *short), "seconds", bounds(params, _BUCKETS))


def _matchers(params: KubernetesApiserverParams) -> tuple[Matcher, ...]:
    chosen = like({"verb": params.verbs, "scope": params.scopes})
    return (*equal({"job": params.job, **params.labels}), *chosen)


PRESET = Preset(KubernetesApiserverParams, availability, latency)

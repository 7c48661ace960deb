"""
Objects for Google Cloud Managed Service for Prometheus: ``google-managed-prometheus/<service>.rules.yaml``.

``ClusterRules``, or ``Rules`` and ``GlobalRules`` where ``google_managed_prometheus`` in slogen.yaml says so; each is
below 240 KiB, larger services are divided. The operator has every selector ask for the project, location and cluster
that it runs in, for ``Rules`` the namespace, too, and gives these labels to what is recorded and to alerts. An SLO that
names one of them itself is refused, as the operator would refuse the object. Rules are evaluated against Google's
store, to which results are written afterwards: what reads records does so an evaluation late, so base series read
counters alone. Group labels, ``limit``, ``query_offset`` and ``keep_firing_for``, which these objects lack, are none
that slogen writes.

Source of the format: https://github.com/GoogleCloudPlatform/prometheus-engine/blob/main/doc/api.md#clusterrules
Source of what is added: https://github.com/GoogleCloudPlatform/prometheus-engine/blob/main/pkg/operator/apis/monitoring/v1/rules_config.go
Source of where rules are evaluated:
https://cloud.google.com/stackdriver/docs/managed-prometheus/best-practices/rule-alert-mgd
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final, NamedTuple

from slogen.backends._backend import Backend, Objection, Verdict, scraped
from slogen.backends._engine import equipped
from slogen.backends._objects import Objects
from slogen.backends._standalone import apart
from slogen.model import Datasource, Platform, Slo
from slogen.promql import Matcher, Selector, Written
from slogen.promql.reading import Mistake, read_query
from slogen.promql.selector import NEWEST
from slogen.prose import Prose
from slogen.spec.engines import Engines, ManagedPrometheusSpec

NAME: Final = "google-managed-prometheus"
_GLOBAL: Final = "GlobalRules"
_NAMESPACE: Final = "namespace"
_ADDED: Final = {
    "Rules": ("project_id", "location", "cluster", _NAMESPACE),
    "ClusterRules": ("project_id", "location", "cluster"),
    _GLOBAL: (),
}
"""The labels that the operator asks for and sets, by the kind of object."""


class _Scope(NamedTuple):
    """What is asked of every series, and set on every result."""

    spec: ManagedPrometheusSpec

    def objections(self, slo: Slo) -> Iterator[Objection]:
        """What the operator would refuse, and what there would be no series for."""
        if isinstance(slo.sli, Platform) and self.spec.kind != _GLOBAL:
            message = (
                f"the metrics of Google Cloud have no label 'cluster', which {self.spec.kind} ask for, so this SLO is "
                f"left out; write 'kind: {_GLOBAL}' under 'google_managed_prometheus' in slogen.yaml"
            )
            yield Objection(message, Verdict.SKIPS)
            return
        yield from scraped(replace(slo, datasource=Datasource.CLOUD_MONITORING))
        for label in _ADDED[self.spec.kind]:
            yield from self._about(slo, label)

    def _about(self, slo: Slo, label: str) -> Iterator[Objection]:
        sets = f"the operator sets the label {label!r} of {self.spec.kind} itself"
        asked = [matcher for selector in _selectors(slo.promql) for matcher in selector.matchers]
        refused = [matcher for matcher in asked if matcher.label == label and not self._agrees(matcher)]
        if refused:
            yield Objection(f"{sets}, and refuses {refused[0]}; leave it out, or write {_GLOBAL}", key=("sli",))
        labels = [slo.labels, *(alert.labels for alert in slo.alerts)]
        if any(label in one for one in (*labels, slo.no_data.labels if slo.no_data else {})):
            yield Objection(f"{sets}, and refuses a rule that has it; give it another name", key=("labels", label))
        if label in slo.group_by:
            message = f"{sets}, and reads the series of one {label} alone, so 'group_by' of it has one group"
            yield Objection(message, Verdict.DIFFERS, ("group_by",))

    def _agrees(self, matcher: Matcher) -> bool:
        """Whether the operator asks for just that, as far as it is known here."""
        return matcher == Matcher(_NAMESPACE, "=", self.spec.namespace or "")

    def late(self, amount: int) -> Iterator[Objection]:
        """What is different for all SLOs, unless somebody has chosen it."""
        if amount and "kind" not in self.spec.model_fields_set:
            message = (
                "rules read what others recorded an evaluation late, so that alerts fire up to two intervals later, "
                f"and {self.spec.kind} count the series of their own cluster alone; write 'kind' under "
                "'google_managed_prometheus' in slogen.yaml to choose that"
            )
            yield Objection(message, Verdict.DIFFERS, (NAME.replace("-", "_"),))


def _selectors(of: object) -> Iterator[Selector]:
    """Every selector of an SLI, those in queries of the author's among them."""
    match of:
        case Selector():
            yield of
        case Written(text):
            query = read_query(text, NEWEST)
            yield from () if isinstance(query, Mistake) else query.selectors
        case tuple():
            for part in of:
                yield from _selectors(part)


def configured(engines: Engines, prose: Prose) -> Backend:
    """The target as slogen.yaml has it."""
    spec = engines.google_managed_prometheus or ManagedPrometheusSpec.empty()
    objects = Objects(
        NAME,
        "monitoring.googleapis.com/v1",
        spec.kind,
        spec,
        lambda planned: equipped(apart(planned, prose)),
        namespaced=spec.kind == "Rules",
    )
    scope = _Scope(spec)
    return Backend(scope.objections, objects.emit, of_service=objects.objections, amount=len, of_all=scope.late)


BACKEND = configured

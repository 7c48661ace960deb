"""
Documents for the Cloud Monitoring API, below ``cloud-monitoring/<service>/``.

``service.json`` is the service, ``<slo>.slo.json`` an SLO of it, ``<slo>.<tier>.alert-policy.json`` an alert policy for
one of its tiers. Where nothing names the project, the policies say ``${PROJECT}``, which no project can be called.

Source: https://docs.cloud.google.com/stackdriver/docs/solutions/slo-monitoring/api/using-api
"""

import json
from collections.abc import Iterator
from typing import Final

from slogen.backends._backend import Artifact, Backend, Objection, Verdict
from slogen.backends._monitoring import measured, objections, together, wants
from slogen.documents import Kind, judge
from slogen.model import CloudSettings, Slo
from slogen.monitoring.documents import Document, service_document, slo_document
from slogen.monitoring.policy import Names, policy_documents
from slogen.prose import Prose
from slogen.rules import ServiceRules

PLACEHOLDER: Final = "${PROJECT}"
"""Stands for the project where nothing names it; no project can be called so."""


def emit(rules: ServiceRules, prose: Prose) -> Iterator[Artifact]:
    """The documents of a service, each fit to be sent as it is, but for a missing project."""
    slos = tuple(slo for planned in rules.sets for slo in planned.everyone.slos)
    for name, kind, document in _documents(slos, prose):
        judge(kind, document)
        text = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
        yield Artifact(f"cloud-monitoring/{rules.service}/{name}", text, rules.source, marked=False)


def names(slo: Slo) -> Names:
    """What the policies of *slo* call it, and whom they tell."""
    cloud = slo.cloud or CloudSettings()
    project = f"projects/{cloud.project or PLACEHOLDER}"
    return Names(
        f"{project}/services/{slo.service}/serviceLevelObjectives/{slo.name}",
        {
            severity: tuple(one if "/" in one else f"{project}/notificationChannels/{one}" for one in channels)
            for severity, channels in cloud.channels.items()
        },
    )


def of_service(slos: tuple[Slo, ...]) -> Iterator[Objection]:
    """What is to be said of all SLOs of a service together."""
    yield from together(slos)
    if any(slo.cloud and not slo.cloud.project and slo.alerts for slo in slos):
        message = (
            f"no project is named, so the alert policies say {PLACEHOLDER}, which no project is called; write "
            "'project' under 'cloud_monitoring' in slogen.yaml, or compile with --project"
        )
        yield Objection(message, Verdict.NEEDS)


def _documents(slos: tuple[Slo, ...], prose: Prose) -> Iterator[tuple[str, Kind, Document]]:
    yield "service.json", Kind.SERVICE, service_document(slos)
    for slo in slos:
        yield f"{slo.name}.slo.json", Kind.SLO, slo_document(slo, measured(slo))
        for tier, policy in policy_documents(slo, names(slo), prose).items():
            yield f"{slo.name}.{tier}.alert-policy.json", Kind.ALERT_POLICY, policy


BACKEND = Backend(objections, emit, wants, of_service)

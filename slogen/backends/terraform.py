"""
Terraform's configuration in JSON syntax for Cloud Monitoring: ``terraform/<service>.tf.json``.

One file holds a service with its SLOs and alert policies, which refer to each other, so that Terraform makes them in
order. All files of the folder together are one module. The project of each service is a variable of its own,
``project_<service>``, whose default is the project that is written, if one is.

Source: https://developer.hashicorp.com/terraform/language/syntax/json
https://registry.terraform.io/providers/hashicorp/google/latest/docs/resources/monitoring_custom_service
https://registry.terraform.io/providers/hashicorp/google/latest/docs/resources/monitoring_slo
https://registry.terraform.io/providers/hashicorp/google/latest/docs/resources/monitoring_alert_policy
"""

import json
import re
from collections.abc import Iterator
from typing import Final

from slogen import naming
from slogen.backends._backend import Artifact, Backend
from slogen.backends._monitoring import measured, objections, together, wants
from slogen.documents import Kind, judge
from slogen.model import Slo
from slogen.monitoring.documents import Document, service_document, slo_document
from slogen.monitoring.policy import Names, policy_documents
from slogen.prose import Prose
from slogen.rules import ServiceRules
from slogen.units import Window

_DAY: Final = Window.parse("1d")
_CAPITAL: Final = re.compile(r"[A-Z]")
_INTRODUCER: Final = re.compile(r"[$%](?=\{)")
_MAPS: Final = ("userLabels", "labels")
"""Fields whose keys are names of the user's, not the API's."""


def emit(rules: ServiceRules, prose: Prose) -> Iterator[Artifact]:
    """One file."""
    slos = tuple(slo for planned in rules.sets for slo in planned.everyone.slos)
    document = _document(rules, slos, prose)
    judge(Kind.TERRAFORM, document)
    text = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    yield Artifact(f"terraform/{rules.service}.tf.json", text, rules.source, marked=False)


def _document(rules: ServiceRules, slos: tuple[Slo, ...], prose: Prose) -> Document:
    variable = _identifier(f"project-{rules.service}")
    project = f"${{var.{variable}}}"
    resources = {
        "google_monitoring_custom_service": {_identifier(rules.service): _service(slos)},
        "google_monitoring_slo": {_identifier(slo.id): _slo(slo) for slo in slos},
        "google_monitoring_alert_policy": {
            _identifier(f"{slo.id}-{tier}"): _policy(policy)
            for slo in slos
            for tier, policy in policy_documents(slo, _names(slo, project), prose).items()
        },
    }
    return {
        "//": naming.header(rules.source).removeprefix("# "),
        "variable": {variable: _variable(slos[0])},
        "resource": {
            kind: {name: {"project": project, **arguments} for name, arguments in named.items()}
            for kind, named in resources.items()
            if named
        },
    }


def _variable(slo: Slo) -> Document:
    default = {"default": slo.cloud.project} if slo.cloud and slo.cloud.project else {}
    return {"type": "string", "description": f"The Google Cloud project of the service {slo.service}.", **default}


def _service(slos: tuple[Slo, ...]) -> Document:
    document = service_document(slos)
    del document["custom"]
    return {"service_id": slos[0].service, **_arguments(document)}


def _slo(slo: Slo) -> Document:
    document = slo_document(slo, measured(slo))
    del document["rollingPeriod"]
    indicator = document.pop("serviceLevelIndicator")
    return {
        "service": f"${{google_monitoring_custom_service.{_identifier(slo.service)}.service_id}}",
        "slo_id": slo.name,
        **_arguments(document),
        "rolling_period_days": slo.window.seconds // _DAY.seconds,
        "request_based_sli": _arguments(indicator["requestBased"]),
    }


def _policy(document: Document) -> Document:
    arguments = _arguments(document)
    # What names other resources is made here, of references, and so is not escaped.
    for written, condition in zip(arguments["conditions"], document["conditions"], strict=True):
        if "conditionThreshold" in condition:
            written["condition_threshold"]["filter"] = condition["conditionThreshold"]["filter"]
    if channels := document.get("notificationChannels"):
        arguments["notification_channels"] = channels
    return arguments


def _names(slo: Slo, project: str) -> Names:
    channels = slo.cloud.channels if slo.cloud else {}
    return Names(
        f"${{google_monitoring_slo.{_identifier(slo.id)}.name}}",
        {
            severity: tuple(one if "/" in one else f"projects/{project}/notificationChannels/{one}" for one in listed)
            for severity, listed in channels.items()
        },
    )


def _identifier(name: str) -> str:
    """*name* as Terraform names things: no two names are one, since none has an underscore."""
    identifier = name.replace("-", "_")
    return f"_{identifier}" if identifier[0].isdecimal() else identifier


def _arguments(document: Document) -> Document:
    """What the API calls by names in camel case, as the arguments of a resource."""
    return {_snake(key): _argument(value, own_keys=key in _MAPS) for key, value in document.items()}


def _argument(value: object, *, own_keys: bool = False) -> object:
    match value:
        case dict() if own_keys:
            return {key: _argument(one) for key, one in value.items()}
        case dict():
            return _arguments(value)
        case list():
            return [_argument(one) for one in value]
        case str():
            return _escaped(value)
    return value


def _snake(name: str) -> str:
    return _CAPITAL.sub(lambda match: f"_{match[0].lower()}", name)


def _escaped(text: str) -> str:
    """
    *text*, which Terraform would read as a template, as the template for itself.

    Source: https://developer.hashicorp.com/terraform/language/expressions/strings#escape-sequences-1
    """
    return _INTRODUCER.sub(lambda match: match[0] * 2, text)


BACKEND = Backend(objections, emit, wants, together)

"""The shape of what slogen.yaml says of the rule engines that rules are written for, besides Prometheus."""

import re
from typing import Annotated, Final, Literal, NamedTuple

from slogen.diagnostics import shown
from slogen.scalars import Filled, Text, filled, refuse
from slogen.shape import NOT_EMPTY, Field, Scalar, Shape

SERVICE: Final = "{service}"
"""Stands for the service in the name of an object."""
RULES_PER_GROUP: Final = 20
GROUPS_PER_TENANT: Final = 70
"""
What Mimir allows by default, under limits: ``ruler_max_rules_per_rule_group``, ``ruler_max_rule_groups_per_tenant``.

Source: https://grafana.com/docs/mimir/latest/configure/configuration-parameters/#limits
"""

_DNS_LABEL: Final = r"[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?"
_NAME: Final = r"(?:[a-z0-9][-a-z0-9.]*)?\{service\}(?:[-a-z0-9.]*[a-z0-9])?"
_LONGEST_NAME: Final = 150
"""A service has 63 characters at most, an object's name 253."""
_QUALIFIED: Final = r"[a-zA-Z0-9](?:[-a-zA-Z0-9_.]{0,61}[a-zA-Z0-9])?"
_KEY: Final = rf"(?:[a-z0-9](?:[-a-z0-9.]{{0,251}}[a-z0-9])?/)?{_QUALIFIED}"
_VALUE: Final = rf"(?:{_QUALIFIED})?"
"""
Source of the four: https://kubernetes.io/docs/concepts/overview/working-with-objects/names/ and
https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set
"""
_LIMIT: Final = r"[0-9]{1,6}"


def _object_name(value: object) -> str:
    text = filled(value)
    parts = text.replace(SERVICE, "service").split(".")
    if not re.fullmatch(_NAME, text) or len(text) > _LONGEST_NAME or not all(map(_is_dns_label, parts)):
        message = (
            f"{shown(text)} names no object of each service; write lower-case letters, digits, inner hyphens and dots "
            f"around {SERVICE}, like slogen-{SERVICE}"
        )
        raise refuse("bad-name", message)
    return text


def _is_dns_label(part: str) -> bool:
    return re.fullmatch(_DNS_LABEL, part) is not None


def _namespace(value: object) -> str:
    text = filled(value)
    if not _is_dns_label(text):
        message = f"{shown(text)} is not a namespace; write lower-case letters, digits and inner hyphens, 63 at most"
        raise refuse("bad-name", message)
    return text


def _key(value: object) -> str:
    text = filled(value)
    if not re.fullmatch(_KEY, text):
        raise refuse("bad-name", f"{shown(text)} is not a key of Kubernetes; write it like release or example.com/team")
    return text


def _label_value(value: object) -> str:
    text = value if isinstance(value, str) else filled(value)
    if not re.fullmatch(_VALUE, text):
        message = (
            f"{shown(text)} is not the value of a label of Kubernetes; write letters, digits and inner '-', '_' and "
            "'.', at most 63"
        )
        raise refuse("bad-name", message)
    return text


def _limit(value: object) -> int:
    text = filled(value)
    if not re.fullmatch(_LIMIT, text, re.ASCII):
        raise refuse("bad-number", f"{shown(text)} is no limit; write a whole number, 0 for none")
    return int(text)


ObjectName = Annotated[
    str, Scalar(_object_name, {"type": "string", "pattern": f"^{_NAME}$", "maxLength": _LONGEST_NAME})
]
Namespace = Annotated[str, Scalar(_namespace, {"type": ["string", "integer"], "pattern": f"^{_DNS_LABEL}$"})]
Key = Annotated[str, Scalar(_key, {"type": "string", "pattern": f"^{_KEY}$"})]
Value = Annotated[str, Scalar(_label_value, {"type": ["string", "integer"], "pattern": f"^{_VALUE}$"})]
Limit = Annotated[
    int,
    Scalar(
        _limit,
        {
            "anyOf": [
                {"type": "integer", "minimum": 0, "maximum": 999_999},
                {"type": "string", "pattern": f"^{_LIMIT}$"},
            ]
        },
    ),
]


class ObjectSpec(Shape):
    """The Kubernetes objects that hold rules."""

    name: ObjectName = Field(f"slogen-{SERVICE}", description="The name of each, with {service} in it.")
    namespace: Namespace | None = Field(None, description="Theirs; by default the one that they are applied in.")
    labels: dict[Key, Value] = Field(default_factory=dict, description="By which the operator selects them.")
    annotations: dict[Key, Text] = Field(default_factory=dict)


class MimirSpec(Shape):
    """The tenant of Mimir that rules are written for."""

    rules_per_group: Limit = Field(RULES_PER_GROUP, description="How many rules a group may have; 0 for any number.")
    groups_per_tenant: Limit = Field(
        GROUPS_PER_TENANT, description="How many groups the tenant may have; 0 for any number."
    )
    source_tenants: Annotated[list[Filled], NOT_EMPTY] | None = Field(
        None, description="Whose series the rules read, where not the tenant's own."
    )


class ManagedPrometheusSpec(ObjectSpec):
    """Objects of Google Cloud Managed Service for Prometheus."""

    kind: Literal["Rules", "ClusterRules", "GlobalRules"] = Field(
        "ClusterRules", description="Whose series are read: those of the namespace, the cluster, or all."
    )


class VictoriaMetricsSpec(ObjectSpec):
    """Rules for VictoriaMetrics' vmalert."""

    kind: Literal["vmalert", "VMRule"] = Field(
        "vmalert", description="Whether files of vmalert are written, or objects for VictoriaMetrics' operator."
    )


class Engines(NamedTuple):
    """What slogen.yaml says of each engine, where it says something."""

    prometheus_operator: ObjectSpec | None = None
    mimir: MimirSpec | None = None
    google_managed_prometheus: ManagedPrometheusSpec | None = None
    victoriametrics: VictoriaMetricsSpec | None = None

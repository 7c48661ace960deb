"""Rules as Kubernetes objects: one for the SLOs of a service that share groups, one for each that is isolated."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from slogen import naming
from slogen.backends._backend import Artifact, Objection
from slogen.backends._engine import EngineGroup, artifact
from slogen.model import Slo
from slogen.packs import packed
from slogen.promrules import Alert
from slogen.prose import Prose
from slogen.rules import RuleSet, ServiceRules, plan
from slogen.spec.engines import SERVICE, ObjectSpec
from slogen.yaml_text import Rendered

LARGEST: Final = 240 * 1024
"""
The most bytes of an object, as JSON: ``kubectl apply`` keeps a copy in an annotation, and all of an object's
annotations together have 256 KiB.

Source: https://kubernetes.io/docs/concepts/overview/working-with-objects/annotations/
https://github.com/kubernetes/apimachinery/blob/master/pkg/api/validation/objectmeta.go
"""
_TEMPLATE: Final = "engines/objects.yaml.j2"
_ESCAPED: Final = {"<": 6, ">": 6, "&": 6, "\u2028": 6, "\u2029": 6}
"""
How many bytes Go writes for what JSON could hold as it is.

Source: https://pkg.go.dev/encoding/json#HTMLEscape
"""

Lowered = Callable[[RuleSet], tuple[EngineGroup, ...]]


class Object(NamedTuple):
    """A Kubernetes object that holds rule groups."""

    api_version: str
    kind: str
    name: str
    namespace: str
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    groups: tuple[EngineGroup, ...]


@dataclass(frozen=True, slots=True)
class Objects:
    """
    The objects of a target.

    Attributes:
        target: its name, and its folder's.
        namespaced: whether the kind is one that lies in a namespace.
        lowered: the groups of a rule set.
    """

    target: str
    api_version: str
    kind: str
    spec: ObjectSpec
    lowered: Lowered
    namespaced: bool = True
    _known: dict[frozenset[str], tuple[tuple[RuleSet, Object], ...]] = field(default_factory=dict)

    def emit(self, rules: ServiceRules, prose: Prose) -> Iterator[Artifact]:
        """One file, a YAML document for each object."""
        objects = tuple(one for _, one in self._packs(rules))
        given = {"header": Rendered(naming.header(rules.source)), "objects": objects}
        yield artifact(self.target, rules, prose.report(_TEMPLATE, given))

    def objections(self, slos: tuple[Slo, ...]) -> Iterator[Objection]:
        """To SLOs that are too large for an object of their own."""
        rules = plan(slos[0].service, slos[0].place.source.name, slos)
        for planned, written in self._packs(rules):
            if len(planned.everyone.slos) == 1 and (size := _size(written)) > LARGEST:
                (slo,) = planned.everyone.slos
                message = (
                    f"the rules of {slo.name!r} are {size:,} bytes in JSON, and an object has {LARGEST:,}; "
                    "shorten its labels and annotations"
                )
                yield Objection(message, key=slo.place.path)

    def _packs(self, rules: ServiceRules) -> tuple[tuple[RuleSet, Object], ...]:
        """The objects of a service, worked out once: SLOs of one file have ids of their own."""
        ids = frozenset(slo.id for planned in rules.sets for slo in planned.everyone.slos)
        if ids not in self._known:
            self._known[ids] = tuple((planned, self._object(planned)) for planned in packed(rules, self._fits))
        return self._known[ids]

    def _fits(self, planned: RuleSet) -> bool:
        return _size(self._object(planned)) <= LARGEST

    def _object(self, planned: RuleSet) -> Object:
        """
        What a rule set is called: as its service is, with a number or the SLO's name behind a dot.

        No service has a dot in its name, so no two objects have one name.
        """
        spec, part = self.spec, planned.owner.removeprefix(planned.service).removeprefix("-")
        name = spec.name.replace(SERVICE, planned.service)
        return Object(
            self.api_version,
            self.kind,
            f"{name}.{part}" if part else name,
            (spec.namespace or "") if self.namespaced else "",
            spec.labels,
            spec.annotations,
            self.lowered(planned),
        )


def _size(written: Object) -> int:
    """The bytes of an object, as Go writes it in JSON."""
    text = json.dumps(_data(written), ensure_ascii=False, separators=(",", ":"))
    return len(text.encode("utf-8", "surrogatepass")) + sum(
        text.count(char) * (length - len(char.encode())) for char, length in _ESCAPED.items()
    )


def _data(written: Object) -> dict[str, Any]:
    named = {"name": written.name, "namespace": written.namespace}
    return {
        "apiVersion": written.api_version,
        "kind": written.kind,
        "metadata": {**named, "labels": written.labels, "annotations": written.annotations},
        "spec": {"groups": [_group(group) for group in written.groups]},
    }


def _group(group: EngineGroup) -> dict[str, Any]:
    return {
        "name": group.name,
        "interval": str(group.interval),
        **group.fields,
        "params": dict(group.params),
        "rules": [
            {
                rule.kind: rule.name,
                "expr": str(rule.expr),
                "labels": rule.labels,
                **({"for": str(rule.pending), "annotations": rule.annotations} if isinstance(rule, Alert) else {}),
            }
            for rule in group.rules
        ],
    }

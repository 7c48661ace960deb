"""What targets for rule engines have in common: groups in the layout of Prometheus, with fields of the engine's own."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from slogen import naming
from slogen.backends._backend import Artifact
from slogen.promrules import Group, Rule
from slogen.prose import Prose
from slogen.rules import ServiceRules
from slogen.units import Window
from slogen.yaml_text import Rendered

Fields = Mapping[str, str | tuple[str, ...]]

_TEMPLATE: Final = "engines/rules.yaml.j2"
_NO_FIELDS: Final[Fields] = {}
_NOTHING: Final[Mapping[str, str]] = {}


class EngineGroup(NamedTuple):
    """
    A rule group as an engine has it.

    Attributes:
        fields: those that Prometheus does not know, a text or a list of texts each.
        params: of the requests that evaluate the rules, a list of texts each.
    """

    name: str
    interval: Window
    rules: tuple[Rule, ...]
    fields: Fields
    params: Mapping[str, tuple[str, ...]] = MappingProxyType({})


def equipped(groups: Iterable[Group], fields: Fields = _NO_FIELDS) -> tuple[EngineGroup, ...]:
    """*groups*, each with the same *fields*."""
    return tuple(EngineGroup(group.name, group.interval, group.rules, fields) for group in groups)


def file(
    target: str, rules: ServiceRules, groups: Iterable[EngineGroup], prose: Prose, top: Mapping[str, str] = _NOTHING
) -> Artifact:
    """The rule file of a service, with what stands at the *top* of it."""
    given = {"header": Rendered(naming.header(rules.source)), "top": top, "groups": tuple(groups)}
    return artifact(target, rules, prose.report(_TEMPLATE, given))


def artifact(target: str, rules: ServiceRules, text: str) -> Artifact:
    """*text* as the file of a service below the folder of its *target*."""
    return Artifact(f"{target}/{naming.rules_file(rules.service)}", text, rules.source)

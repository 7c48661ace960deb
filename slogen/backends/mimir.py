"""
Rule files for Grafana Mimir's ruler, as ``mimirtool rules`` reads them: ``mimir/<service>.rules.yaml``.

The namespace of a service is ``slogen/<service>``. The rules are those of the target ``prometheus``; where a group
would have more of them than the tenant may, the service is divided into packs of whole SLOs, whose shared rules select
them one by one: those of two packs have the same names and labels, and yet write no series twice. The limits, and the
tenants whose series are read, stand under ``mimir`` in slogen.yaml.

Source of the format: https://grafana.com/docs/mimir/latest/manage/tools/mimirtool/#rules
"""

from collections.abc import Iterator
from typing import Final

from slogen.backends._backend import Artifact, Backend, Objection, scraped
from slogen.backends._engine import Fields, equipped, file
from slogen.model import Slo
from slogen.packs import packed
from slogen.promrules import Group, lower
from slogen.prose import Prose
from slogen.rules import RuleSet, ServiceRules, plan
from slogen.spec.engines import Engines, MimirSpec

NAME: Final = "mimir"


class _Tenant:
    """The tenant of Mimir whose rules are written."""

    def __init__(self, spec: MimirSpec, prose: Prose) -> None:
        self._spec, self._prose = spec, prose
        self._known: dict[frozenset[str], tuple[tuple[RuleSet, tuple[Group, ...]], ...]] = {}

    def emit(self, rules: ServiceRules, prose: Prose) -> Iterator[Artifact]:
        """One file, one namespace."""
        groups = (group for _, groups in self._packs(rules) for group in groups)
        tenants = self._spec.source_tenants
        fields: Fields = {"source_tenants": tuple(tenants)} if tenants else {}
        yield file(NAME, rules, equipped(groups, fields), prose, {"namespace": f"slogen/{rules.service}"})

    def objections(self, slos: tuple[Slo, ...]) -> Iterator[Objection]:
        """To SLOs that have too many rules for a group of their own."""
        most = self._spec.rules_per_group
        for planned, groups in self._packs(_planned(slos)):
            largest = max(len(group.rules) for group in groups)
            if most and largest > most:
                (slo,) = planned.everyone.slos
                message = (
                    f"{slo.name!r} alone has {largest} rules in a group, and a group of this tenant has {most} at "
                    "most; raise ruler_max_rules_per_rule_group, and 'rules_per_group' under 'mimir' in slogen.yaml, "
                    "or give it a policy of fewer tiers"
                )
                yield Objection(message, key=slo.place.path)

    def amount(self, slos: tuple[Slo, ...]) -> int:
        """How many groups a service has."""
        return sum(len(groups) for _, groups in self._packs(_planned(slos)))

    def limit(self, amount: int) -> Iterator[Objection]:
        """To more groups than the tenant may have."""
        most = self._spec.groups_per_tenant
        if most and amount > most:
            message = (
                f"these are {amount} groups, and this tenant has {most} at most; raise "
                "ruler_max_rule_groups_per_tenant, and 'groups_per_tenant' under 'mimir' in slogen.yaml, or allow more "
                "rules in a group"
            )
            yield Objection(message, key=("mimir", "groups_per_tenant"))

    def _packs(self, rules: ServiceRules) -> tuple[tuple[RuleSet, tuple[Group, ...]], ...]:
        """The packs of a service with their groups, worked out once: SLOs of one file have ids of their own."""
        ids = frozenset(slo.id for planned in rules.sets for slo in planned.everyone.slos)
        if ids not in self._known:
            packs = packed(rules, self._fits)
            self._known[ids] = tuple((planned, lower(planned, self._prose)) for planned in packs)
        return self._known[ids]

    def _fits(self, planned: RuleSet) -> bool:
        most = self._spec.rules_per_group
        return not most or all(len(group.rules) <= most for group in lower(planned, self._prose))


def _planned(slos: tuple[Slo, ...]) -> ServiceRules:
    return plan(slos[0].service, slos[0].place.source.name, slos)


def configured(engines: Engines, prose: Prose) -> Backend:
    """The target as slogen.yaml has it."""
    tenant = _Tenant(engines.mimir or MimirSpec.empty(), prose)
    return Backend(scraped, tenant.emit, of_service=tenant.objections, amount=tenant.amount, of_all=tenant.limit)


BACKEND = configured

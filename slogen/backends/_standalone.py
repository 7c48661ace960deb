"""Groups for engines in which a rule cannot read what another one recorded at the same moment."""

from slogen import naming
from slogen.policy import base_window
from slogen.promrules import Group, Record, Rule, lower
from slogen.prose import Prose
from slogen.rules import RuleSet
from slogen.sli_promql import standalone

_BASES = (naming.EVENTS, naming.ERRORS)


def apart(planned: RuleSet, prose: Prose) -> tuple[Group, ...]:
    """
    The groups of a rule set, its base series read from the counters alone.

    Errors that were counted from events of an evaluation earlier would be wrong whenever traffic changes.
    """
    own = {
        (slo.id, naming.base(kind, base)): expr
        for slo in planned.everyone.slos
        for base in (base_window(slo.scrape_interval),)
        for kind, expr in zip(_BASES, standalone(slo, base), strict=True)
    }

    def alone(rule: Rule) -> Rule:
        expr = own.get((rule.labels.get(naming.SLO_ID, ""), rule.name)) if isinstance(rule, Record) else None
        return rule if expr is None else rule._replace(expr=expr)

    return tuple(group._replace(rules=tuple(map(alone, group.rules))) for group in lower(planned, prose))

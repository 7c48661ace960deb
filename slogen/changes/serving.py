"""Which of the rules that a server runs are those of the SLOs that are compared: others run rules there, too."""

from collections.abc import Iterable

from slogen import naming
from slogen.rule_files import Rule, RuleFile


def of_slos(served: Iterable[RuleFile], wanted: Iterable[RuleFile], *, every: bool) -> tuple[RuleFile, ...]:
    """
    The groups among those *served* that are compared to the *wanted* ones.

    Args:
        every: whether all SLOs are compared, so that one which only the server knows is gone; else those of the
            services that are wanted.
    """
    groups = [group for file in wanted for group in file.groups]
    names = {group.name for group in groups}
    services = {_service(rule) for group in groups for rule in group.rules}
    found = []
    for file in served:
        kept = tuple(
            group
            for group in file.groups
            if group.name in names
            or any(_service(rule) and (every or _service(rule) in services) for rule in group.rules)
        )
        if kept:
            found.append(file._replace(groups=kept))
    return tuple(found)


def _service(rule: Rule) -> str:
    return rule.labels.get(naming.SLO_SERVICE, "")

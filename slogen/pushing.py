"""What to send to a ruler so that it evaluates what was compiled: group by group, deleting last."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from slogen.changes.comparing import Side, compare
from slogen.rule_files import RuleFile, RuleGroup

NAMESPACE = "slogen/"
"""What the names of all namespaces begin with that slogen writes or deletes."""


class Step(NamedTuple):
    """
    One request.

    Attributes:
        fields: of the group that takes the place of the one of its name; None where that is deleted.
    """

    namespace: str
    group: str
    fields: Mapping[str, Any] | None

    def __str__(self) -> str:
        return f"{'delete' if self.fields is None else 'set'} {self.group} in {self.namespace}"


def steps(wanted: Iterable[RuleFile], there: Iterable[RuleFile]) -> tuple[Step, ...]:
    """
    What makes of the groups that are *there* those that are *wanted*; nothing for groups that mean the same.

    The name of a file is its namespace. Everything is set before anything is deleted, so that no alert is missing
    meanwhile, and each step can be repeated.
    """
    old, new = (
        {(file.name, group.name): group for file in files for group in file.groups} for files in (there, wanted)
    )
    changed = [key for key, group in new.items() if key not in old or _differ(old[key], group)]
    return (
        *(Step(namespace, name, new[namespace, name].fields) for namespace, name in changed),
        *(Step(namespace, name, None) for namespace, name in old if (namespace, name) not in new),
    )


def _differ(old: RuleGroup, new: RuleGroup) -> bool:
    first, second = (
        Side(name, (RuleFile("", (group,), {}, group.place),)) for name, group in (("old", old), ("new", new))
    )
    return bool(compare(first, second))

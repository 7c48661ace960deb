"""The order of the rules of a group, where it means something: one that reads another before it is recorded lags."""

from collections.abc import Iterable
from typing import Final

from slogen.changes.fields import Standing
from slogen.changes.matching import Pair
from slogen.changes.subjects import reads_record
from slogen.changes.values import Field
from slogen.rule_files import RECORD

LATE: Final = "it stands before what it reads now, whose values it sees one evaluation later"


def moved(matched: Iterable[Pair]) -> dict[int, Field]:
    """
    The readers that stand on another side of a record that they read, by the `id` of their new standing.

    A rule sees what those before it in its group have just recorded, and of those after it what they had recorded
    before. Independent rules may stand in any order.

    Source: https://prometheus.io/docs/prometheus/latest/configuration/recording_rules/
    """
    groups: dict[tuple[str, str], list[tuple[Standing, Standing]]] = {}
    for before, after in matched:
        if before and after and before.group.name == after.group.name:
            groups.setdefault((before.file, before.group.name), []).append((before, after))
    found: dict[int, Field] = {}
    for rules in groups.values():
        if _turned(rules):
            found.update(_of_group(rules))
    return found


def _turned(rules: list[tuple[Standing, Standing]]) -> bool:
    indices = [new.number for _, new in sorted(rules, key=lambda pair: pair[0].number)]
    return indices != sorted(indices)


def _of_group(rules: list[tuple[Standing, Standing]]) -> dict[int, Field]:
    found = {}
    records: dict[str, list[tuple[Standing, Standing]]] = {}
    for old, new in rules:
        if new.rule.kind == RECORD:
            records.setdefault(new.rule.name, []).append((old, new))
    for old, new in rules:
        for name, sources in records.items():
            if name not in new.rule.expr:
                continue
            for was, now in sources:
                if (was.number < old.number) != (now.number < new.number) and reads_record(new.rule, now.rule):
                    sides = [
                        "after" if source < reader else "before"
                        for source, reader in ((was.number, old.number), (now.number, new.number))
                    ]
                    found[id(new)] = Field("order", f"{sides[0]} {name}", f"{sides[1]} {name}")
    return found

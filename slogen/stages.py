"""
Groups for an engine in which a rule cannot read at once what another one recorded: each is divided into stages.

A stage reads what the stages before it recorded, and is evaluated so much later that their results can be read.
"""

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from slogen import naming
from slogen.promql import Binary, Number, selectors
from slogen.promrules import Group, Record, Rule
from slogen.units import Window

LONGEST_STEP: Final = Window.parse("30s")
_STAGES_WITHIN: Final = 3
"""Base series, ratios and alerts follow each other within the interval of the group that pages."""


class Stage(NamedTuple):
    """
    Rules that read nothing of each other.

    Attributes:
        offset: how long after the start of each interval they are evaluated.
        first: whether they read no record at all.
    """

    group: Group
    offset: Window
    first: bool


def staged(groups: tuple[Group, ...]) -> Iterator[Stage]:
    """
    The stages of *groups*, the first of which, the fastest, does not wait for what the others record.

    Each stage begins a third of the fastest interval after the one before it, 30 seconds at most.
    """
    fast, *slow = groups
    step = min(LONGEST_STEP, Window(max(1, fast.interval // _STAGES_WITHIN)))
    yield from _divided(fast, _levels((fast,)), step)
    every = tuple(group._replace(rules=tuple(_self_contained(group))) for group in groups)
    levels = _levels(every)
    for group in every[1:] if slow else ():
        yield from _divided(group, levels, step)


def _self_contained(group: Group) -> Iterator[Rule]:
    """The rules of *group*, what is left of the budget told by the ratio itself: that is a stage less."""
    spent = {
        tuple(sorted(rule.labels.items())): rule.expr
        for rule in group.rules
        if isinstance(rule, Record) and rule.name == naming.PERIOD_BURN_RATE
    }
    for rule in group.rules:
        if isinstance(rule, Record) and rule.name == naming.BUDGET_REMAINING:
            rate = spent.get(tuple(sorted(rule.labels.items())))
            yield rule if rate is None else rule._replace(expr=Binary(Number(1), "-", rate))
        else:
            yield rule


def _levels(groups: tuple[Group, ...]) -> Mapping[str, int]:
    """How many records stand, one upon the other, below each record of *groups*."""
    reads: dict[str, set[str]] = {}
    for group in groups:
        for rule in group.rules:
            if isinstance(rule, Record):
                reads.setdefault(rule.name, set()).update(_read(rule) - {rule.name})
    levels: dict[str, int] = {}

    def level(name: str) -> int:
        if name not in levels:
            levels[name] = 1 + max((level(one) for one in reads[name] if one in reads), default=-1)
        return levels[name]

    for name in reads:
        level(name)
    return levels


def _read(rule: Rule) -> set[str]:
    return {selector.metric for selector in selectors(rule.expr)}


def _divided(group: Group, levels: Mapping[str, int], step: Window) -> Iterator[Stage]:
    by_level: dict[int, list[Rule]] = {}
    for rule in group.rules:
        below = [levels[name] for name in _read(rule) if name in levels and name != rule.name]
        by_level.setdefault(1 + max(below, default=-1), []).append(rule)
    for number, level in enumerate(sorted(by_level), 1):
        name = f"{group.name}-{number}"
        yield Stage(Group(name, group.interval, tuple(by_level[level])), Window(level * step), level == 0)

"""Prometheus rule groups: what `slogen.rules` plans, lowered to PromQL."""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple, TypeVar

from slogen import naming
from slogen.promrules.own import BLIND_FOR, Own, bases, own
from slogen.promrules.rule import Alert, Record, Rule, identity
from slogen.promrules.shared import burn_rates, means, ratios, start
from slogen.prose import Prose
from slogen.rules import COARSE_STEP, FINE_STEP, LONG, RuleSet
from slogen.units import Window

__all__ = [
    "BLIND_FOR",
    "SLOW_INTERVAL",
    "Alert",
    "Group",
    "Own",
    "Record",
    "Rule",
    "arranged",
    "bases",
    "identity",
    "lower",
    "own",
]

SLOW_INTERVAL: Final = Window.parse("2m")
"""How often what is read directly, yet seldom changes, is evaluated; a sample is stale after five minutes."""

_R = TypeVar("_R")


class Group(NamedTuple):
    """Rules that are evaluated in their order, at one time, every *interval*."""

    name: str
    interval: Window
    rules: tuple[Rule, ...]


def lower(planned: RuleSet, prose: Prose) -> tuple[Group, ...]:
    """The groups of a set of SLOs: fast for what pages, slow for what changes slowly, and what feeds the SLO window."""
    every = [own(slo, prose) for slo in planned.everyone.slos]
    return tuple(Group(name, interval, tuple(rules)) for name, interval, rules in arranged(planned, every))


def arranged(planned: RuleSet, every: Sequence[Own[_R]]) -> Iterator[tuple[str, Window, list[Rule | _R]]]:
    """Name, interval and rules of each group, *every* being what each of the SLOs has of its own."""
    fine = [one for one in planned.means if one.step == FINE_STEP]
    coarse = [one for one in planned.means if one.step == COARSE_STEP]
    long = [one for one in planned.ratios if one.window >= LONG]
    groups: tuple[tuple[str, Window, list[Rule | _R]], ...] = (
        (
            "fast",
            planned.interval,
            [
                *(rule for of in every for rule in of.bases),
                *(rule for one in planned.ratios if one.window < LONG for rule in ratios(one, planned)),
                *(rule for of in every for rule in of.burning),
            ],
        ),
        (
            "slow",
            SLOW_INTERVAL,
            [
                *(start(one, planned) for one in planned.starts),
                *(rule for one in fine for rule in means(one, planned)),
                *(rule for one in long if not one.coarse for rule in ratios(one, planned)),
                *(rule for of in every for rule in of.constants),
                *burn_rates(planned),
                *(rule for of in every for rule in of.blind),
            ],
        ),
        (
            "tier",
            COARSE_STEP,
            [
                *(rule for one in coarse for rule in means(one, planned)),
                *(rule for one in long if one.coarse for rule in ratios(one, planned)),
            ],
        ),
    )
    return ((naming.group(planned.owner, pace), interval, rules) for pace, interval, rules in groups if rules)

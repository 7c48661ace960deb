"""What the rules of an SLO cost those who evaluate them: samples that are read, by arithmetic, not measured."""

from collections.abc import Hashable, Iterable
from decimal import Decimal
from fractions import Fraction
from typing import Final

from slogen import naming
from slogen.changes.facts import Facts
from slogen.changes.subjects import is_shared
from slogen.policy import SCRAPES_PER_BASE
from slogen.promql.meaning import meaning
from slogen.promql.shared import reads, said_of
from slogen.rule_files import RECORD, Rule, RuleFile
from slogen.units import Window

_INTERVAL: Final = Decimal(60)
"""Seconds between evaluations where a group says nothing: what Prometheus does unless it is told otherwise."""
_SCRAPE: Final = Fraction(30)


class Costs:
    """The rules of one side, by whom they are about."""

    def __init__(self, files: Iterable[RuleFile]) -> None:
        self._own: dict[str, list[tuple[Rule, Decimal]]] = {}
        self._shared: dict[str, list[tuple[Rule, Decimal]]] = {}
        self._steps: dict[str, Decimal] = {}
        for group in (group for file in files for group in file.groups):
            every = group.interval or _INTERVAL
            for rule in group.rules:
                if rule.kind == RECORD:
                    self._steps[rule.name] = min(every, self._steps.get(rule.name, every))
                if own := rule.labels.get(naming.SLO_ID):
                    self._own.setdefault(own, []).append((rule, every))
                elif is_shared(rule):
                    self._shared.setdefault(rule.labels[naming.SLO_SERVICE], []).append((rule, every))

    def of(self, facts: Facts) -> Fraction:
        """
        Samples that are read each second for an SLO, were each selector to select one series.

        A range holds as many samples as its window has scrapes, or evaluations of what recorded it.
        """
        subject, scrape = facts.subject, _scrape(facts)
        own = [(meaning(rule.expr), every) for rule, every in self._own.get(subject.id, ())]
        shared = self._shared.get(subject.service, ())
        own += [(said_of(meaning(rule.expr), subject.selected_by), every) for rule, every in shared]
        return sum((self._samples(said, scrape) / Fraction(every) for said, every in own), Fraction(0))

    def _samples(self, said: Hashable, scrape: Fraction) -> Fraction:
        match said:
            case ("range", selector, float(seconds)):
                metric = next((read.metric for read in reads(selector)), "")
                return Fraction(seconds) / Fraction(self._steps.get(metric, scrape))
            case ("selector", frozenset(), *_):
                return Fraction(1)
            case ("subquery", inner, float(seconds), float(step), *_):
                return self._samples(inner, scrape) * Fraction(seconds) / Fraction(step or _INTERVAL)
            case tuple():
                return sum((self._samples(part, scrape) for part in said), Fraction(0))
        return Fraction(0)


def _scrape(facts: Facts) -> Fraction:
    """Seconds between scrapes, as the base window has it."""
    try:
        return Fraction(Window.parse(facts.bases[0]).seconds, SCRAPES_PER_BASE)
    except (IndexError, ValueError):
        return _SCRAPE

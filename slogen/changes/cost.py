"""What the rules of an SLO cost those who evaluate them: samples that are read, by arithmetic, not measured."""

import re
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
_SELECTED = re.compile(rf'\b({naming.SLO_ID}|{naming.SLO_SERVICE})(=~|=)"([-|a-z0-9]*)"', re.ASCII)
_IT: Final = "it"
_OTHERS: Final = "-"


class Costs:
    """The rules of one side, by whom they are about."""

    def __init__(self, files: Iterable[RuleFile]) -> None:
        self._own: dict[str, list[tuple[Rule, Decimal]]] = {}
        self._shared: dict[str, list[tuple[Rule, Decimal]]] = {}
        self._steps: dict[str, Decimal] = {}
        self._known: dict[Hashable, Fraction] = {}
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
        scrape = _scrape(facts)
        own = self._own.get(facts.subject.id, ())
        shared = self._shared.get(facts.subject.service, ())
        return sum((self._read(rule, facts, scrape) / Fraction(every) for rule, every in (*own, *shared)), Fraction(0))

    def _read(self, rule: Rule, facts: Facts, scrape: Fraction) -> Fraction:
        """What one evaluation reads; rules that are alike but for the SLO's name are looked at once."""
        names = facts.subject.selected_by

        def stand_in(found: re.Match[str]) -> str:
            asked = names[found[1]] in found[3].split("|")
            return f'{found[1]}="{_IT if asked else _OTHERS}"'

        text = _SELECTED.sub(stand_in, rule.expr)
        key = (text, scrape, is_shared(rule))
        if key not in self._known:
            said = meaning(text)
            about = said_of(said, dict.fromkeys(names, _IT)) if is_shared(rule) else said
            self._known[key] = self._samples(about, scrape)
        return self._known[key]

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

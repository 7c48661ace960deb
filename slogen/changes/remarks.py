"""A comparison as single remarks, the worst first, for what shows them at their places in a pull request."""

import hashlib
from collections.abc import Iterator
from typing import Final, NamedTuple

from slogen.changes.values import Comparison, Impact, RuleChange
from slogen.diagnostics import Position

RULE: Final = "rule"
"""The code of a remark on a rule that no SLO says."""
_ORDER: Final = tuple(Impact)


class Remark(NamedTuple):
    """
    One thing to say.

    Attributes:
        code: of a `slogen.changes.values.Term` or `slogen.changes.values.Note`, or `RULE`.
        message: untrusted text.
        of: what it is about: the id of an SLO, or what a rule is known by; empty for the comparison itself.
        subject: what of it, where a code is said more than once.
    """

    code: str
    impact: Impact
    message: str
    of: str = ""
    subject: str = ""
    place: Position | None = None

    @property
    def fingerprint(self) -> str:
        """The same for the same change wherever it stands and whatever stands beside it, in hexadecimal digits."""
        same = (self.code, self.of, self.subject, self.message)
        return hashlib.sha256(repr(same).encode()).hexdigest()


def remarks(comparison: Comparison) -> tuple[Remark, ...]:
    """Every term of every SLO, rules that none of these says, and notes; the worst first, else in their order."""
    found = [*_terms(comparison), *_rules(comparison), *_notes(comparison)]
    return tuple(sorted(found, key=lambda one: _ORDER.index(one.impact)))


def _terms(comparison: Comparison) -> Iterator[Remark]:
    for slo in comparison.slos:
        for term in slo.terms:
            message = f"SLO {slo.id} ({slo.change.value}): {term.message}"
            yield Remark(term.code, term.impact, message, slo.id, term.subject, slo.place)


def _rules(comparison: Comparison) -> Iterator[Remark]:
    said = {slo.id for slo in comparison.slos}
    for rule in comparison.rules:
        if rule.impact is not Impact.NOTE and not said.intersection((*rule.slos, *rule.joined, *rule.left)):
            yield Remark(RULE, rule.impact, _message(rule), str(rule.rule), "", rule.after or rule.before)


def _message(rule: RuleChange) -> str:
    why = f"; breaking: {rule.reason}" if rule.reason else ""
    fields = f" ({', '.join(field.name for field in rule.fields)})" if rule.fields else ""
    return f"{rule.rule}: {rule.change.value}{fields}{why}"


def _notes(comparison: Comparison) -> Iterator[Remark]:
    for note in comparison.notes:
        yield Remark(note.code, Impact.NOTE, note.message, place=note.place)

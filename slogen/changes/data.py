"""
A comparison as JSON carries it: all that the text says, and more.

The names are a contract; ``version`` grows when one of them goes or changes its meaning.
"""

from typing import Any, Final

from slogen.changes.values import Comparison, Field, GroupChange, Impact, Note, RuleChange, SloChange, Term
from slogen.diagnostics import Position

VERSION: Final = 1


def as_data(comparison: Comparison) -> dict[str, Any]:
    """The *comparison* as plain data."""
    return {
        "version": VERSION,
        "changed": bool(comparison),
        "breaking": comparison.impact is Impact.BREAKING,
        "before": comparison.before,
        "after": comparison.after,
        "unchanged_slos": comparison.unchanged,
        "slos": [_slo(slo) for slo in comparison.slos],
        "rules": [_rule(rule) for rule in comparison.rules],
        "groups": [_group(group) for group in comparison.groups],
        "files": [{"change": one.change.value, "target": one.target, "path": one.path} for one in comparison.files],
        "notes": [_note(note) for note in comparison.notes],
    }


def _slo(slo: SloChange) -> dict[str, Any]:
    return {
        "change": slo.change.value,
        "impact": slo.impact.value,
        "id": slo.id,
        "formerly": slo.formerly or None,
        "place": _place(slo.place),
        "terms": [_term(term) for term in slo.terms],
    }


def _term(term: Term) -> dict[str, Any]:
    return {
        "code": term.code,
        "impact": term.impact.value,
        "subject": term.subject or None,
        "before": term.before or None,
        "after": term.after or None,
        "message": term.message,
    }


def _rule(rule: RuleChange) -> dict[str, Any]:
    return {
        "change": rule.change.value,
        "impact": rule.impact.value,
        "group": rule.rule.group,
        "kind": rule.rule.kind,
        "name": rule.rule.name,
        "labels": dict(rule.rule.labels),
        "slos": list(rule.slos),
        "joined": list(rule.joined),
        "left": list(rule.left),
        "reason": rule.reason or None,
        "fields": [_field(field) for field in rule.fields],
        "before": _place(rule.before),
        "after": _place(rule.after),
    }


def _group(group: GroupChange) -> dict[str, Any]:
    return {
        "change": group.change.value,
        "name": group.name,
        "slos": list(group.slos),
        "fields": [_field(field) for field in group.fields],
        "before": _place(group.before),
        "after": _place(group.after),
    }


def _field(field: Field) -> dict[str, Any]:
    return {"name": field.name, "before": field.before, "after": field.after}


def _note(note: Note) -> dict[str, Any]:
    return {"code": note.code, "message": note.message, "place": _place(note.place)}


def _place(place: Position | None) -> dict[str, Any] | None:
    return None if place is None else {"file": place.file, "line": place.line, "column": place.column}

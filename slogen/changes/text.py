"""A comparison in lines for people: each with what it is, so that a terminal can colour it."""

import difflib
import json
import re
from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import Final, NamedTuple

from slogen.changes.values import (
    Change,
    Comparison,
    Field,
    GroupChange,
    Impact,
    RuleChange,
    SloChange,
)
from slogen.diagnostics import Position
from slogen.layout import printable

_SIGNS: Final = {Change.ADDED: "+", Change.REMOVED: "-", Change.RENAMED: "~", Change.CHANGED: "~"}
_BREAKING: Final = "!"
_AROUND: Final = 1
"""So many lines of a query are told before and after those that differ."""
_PARTED = re.compile(
    r'(?P<text>"(?:[^"\\]|\\.)*+"|\'(?:[^\'\\]|\\.)*+\'|`[^`]*+`)'
    r"|(?P<open>[(\[{])\s*+|\s*+(?P<close>[)\]},])|#[^\r\n]*+|\s++|(?<![\w:.])(?P<set>and|or|unless)(?![\w:.])",
    re.DOTALL,
)


class Look(StrEnum):
    """What a line is."""

    PLAIN = "plain"
    HEAD = "head"
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    BREAKING = "breaking"


_LOOKS: Final = {"+": Look.ADDED, "-": Look.REMOVED, "~": Look.CHANGED, _BREAKING: Look.BREAKING}


class Line(NamedTuple):
    """A line, without its end."""

    text: str
    look: Look = Look.PLAIN


def lines(comparison: Comparison) -> Iterator[Line]:
    """All that there is to say of a *comparison*: notes, SLOs, then rules, groups and other files."""
    yield Line(printable(f"{comparison.before} -> {comparison.after}"), Look.HEAD)
    yield from about_notes(comparison)
    for slo in comparison.slos:
        yield Line("")
        yield from _slo(slo)
    for head, parts in about_rules(comparison):
        yield Line("")
        yield Line(head, Look.HEAD)
        yield from parts
    yield Line("")
    yield Line(summary(comparison), Look.HEAD)


def about_notes(comparison: Comparison) -> Iterator[Line]:
    """What there is to know of the comparison itself."""
    for note in comparison.notes:
        place = f"{note.place}: " if note.place else ""
        yield Line(printable(f"note: {place}{note.message} [{note.code}]"))


def about_slos(comparison: Comparison) -> Iterator[Line]:
    """The comparison in the words of SLOs."""
    for slo in comparison.slos:
        yield from _slo(slo)


def about_rules(comparison: Comparison) -> Iterator[tuple[str, list[Line]]]:
    """Rules, groups and other files that differ, each kind after its name."""
    for head, parts in (
        ("rules", [_rule(rule) for rule in comparison.rules]),
        ("groups", [_group(group) for group in comparison.groups]),
        ("other files", [_file(one.change, one.path) for one in comparison.files]),
    ):
        if parts:
            yield head, [line for part in parts for line in part]


def summary(comparison: Comparison) -> str:
    """How much differs, in one line."""
    counts = [
        f"{count} {change.value}"
        for change in Change
        if (count := sum(slo.change is change for slo in comparison.slos))
    ]
    if comparison.unchanged:
        counts.append(f"{comparison.unchanged} the same")
    told = [f"SLOs: {', '.join(counts)}"] if counts else []
    for count, one, many in (
        (len(comparison.rules), "rule differs", "rules differ"),
        (len(comparison.groups), "group differs", "groups differ"),
        (len(comparison.files), "other file differs", "other files differ"),
        (breaking(comparison), "breaking change", "breaking changes"),
    ):
        if count:
            told.append(f"{count} {one if count == 1 else many}")
    return "; ".join(told) or "nothing differs"


def breaking(comparison: Comparison) -> int:
    """How many changes are breaking; a rule counts where no SLO says it."""
    said = {slo.id for slo in comparison.slos if slo.impact is Impact.BREAKING}
    terms = sum(term.impact is Impact.BREAKING for slo in comparison.slos for term in slo.terms)
    return terms + sum(rule.impact is Impact.BREAKING and not said.intersection(rule.slos) for rule in comparison.rules)


def _line(sign: str, text: str, indent: int = 0) -> Line:
    return Line(printable_after(" " * indent, f"{sign} {text}"), _LOOKS.get(sign, Look.PLAIN))


def printable_after(indent: str, text: str) -> str:
    """*text* after an indent, without what would steer a terminal."""
    return f"{indent}{printable(text)}"


def _at(place: Position | None) -> str:
    return f", {place}" if place else ""


def _slo(slo: SloChange) -> Iterator[Line]:
    was = f" (was {slo.formerly})" if slo.formerly else ""
    yield _line(_SIGNS[slo.change], f"SLO {slo.id}{was}: {slo.change.value}{_at(slo.place)}")
    for term in slo.terms:
        yield _line(_BREAKING if term.impact is Impact.BREAKING else "*", term.message, 2)


def _rule(rule: RuleChange) -> Iterator[Line]:
    yield _line(_SIGNS[rule.change], f"{rule.rule}{_at(rule.after or rule.before)}", 2)
    if rule.reason:
        yield _line(_BREAKING, f"breaking: {rule.reason}", 6)
    for verb, slos in (("joining", rule.joined), ("leaving", rule.left)):
        if slos:
            yield _line("*", f"{verb}: {', '.join(slos)}", 6)
    if rule.impact is Impact.NOTE:
        yield _line("*", "it selects the same SLOs in other words", 6)
        return
    for field in rule.fields:
        yield from _field(field)


def _group(group: GroupChange) -> Iterator[Line]:
    name = f"group {group.name}" if group.name else "beside the groups"
    yield _line(_SIGNS[group.change], f"{name}{_at(group.after or group.before)}", 2)
    for field in group.fields:
        yield from _field(field)


def _file(change: Change, path: str) -> Iterator[Line]:
    yield _line(_SIGNS[change], path, 2)


def _field(field: Field) -> Iterator[Line]:
    old, new = _shown(field.before), _shown(field.after)
    if field.name != "expr" and "\n" not in f"{old}{new}":
        yield Line(printable_after(" " * 6, f"{field.name}: {old or '(none)'} -> {new or '(none)'}"))
        return
    yield Line(printable_after(" " * 6, f"{field.name}:"))
    spread = laid_out if field.name == "expr" else str.splitlines
    yield from _differing(spread(old), spread(new))


def _shown(value: object) -> str:
    """A text as it is, other plain data as JSON."""
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)


def _differing(old: list[str], new: list[str]) -> Iterator[Line]:
    for number, text in enumerate(difflib.unified_diff(old, new, lineterm="", n=_AROUND)):
        if number > 1:  # after the names of the files
            sign, rest = text[:1], text[1:]
            yield Line(
                "        ..." if sign == "@" else printable_after(" " * 8, f"{sign} {rest}"),
                _LOOKS.get(sign, Look.PLAIN),
            )


def laid_out(query: str) -> list[str]:
    """*query* in lines, one for each operand of ``and``, ``or`` and ``unless``, however it was laid out."""

    def part(found: re.Match[str]) -> str:
        if found["set"]:
            return f"\n{found['set']} "
        return found["text"] or found["open"] or found["close"] or " "

    return [stripped for line in _PARTED.sub(part, query).split("\n") if (stripped := line.strip())]


def plain(found: Iterable[Line]) -> str:
    """The text of lines."""
    return "".join(f"{line.text}\n" for line in found)

"""
Prometheus rule files as anybody writes them, and rules as a server tells of them, read into the same values.

A document holds groups, or is an object of Kubernetes whose ``spec`` does (PrometheusRule, VMRule, Rules). Every field
is kept, those that are not known here too, so that nothing is lost on the way to a comparison.

Source: https://prometheus.io/docs/prometheus/latest/configuration/recording_rules/
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, Final, NamedTuple

from slogen import source
from slogen.diagnostics import Position, Report, shown
from slogen.promql.durations import DURATION, milliseconds
from slogen.promql.strings import RefusedError
from slogen.source import Path, Source

RECORD: Final = "record"
ALERT: Final = "alert"
CODE: Final = "bad-rule-file"
_INSTEAD: Final = "write a rule file as Prometheus reads it"


class Rule(NamedTuple):
    """
    A rule.

    Attributes:
        kind: `RECORD` or `ALERT`, the key under which a file names it.
        expr: PromQL as it was written, or as the server prints it.
        pending: ``for``, in seconds; 0 where nothing is written.
        keep_firing: ``keep_firing_for``, in seconds; 0 where nothing is written.
        fields: all of them, by the names that file or server gives them; scalars of a file are text.
        place: where the rule stands; for one that a server told of, the file that the server names.
    """

    kind: str
    name: str
    expr: str
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    pending: Decimal
    keep_firing: Decimal
    fields: Mapping[str, Any]
    place: Position


class RuleGroup(NamedTuple):
    """
    Rules that are evaluated in their order.

    Attributes:
        interval: in seconds; None where it is the server's own.
        fields: all of them, the rules among them.
    """

    name: str
    interval: Decimal | None
    rules: tuple[Rule, ...]
    fields: Mapping[str, Any]
    place: Position


class RuleFile(NamedTuple):
    """
    A document of groups.

    Attributes:
        name: of the file that holds it.
        fields: all of the document's; empty for what a server told.
    """

    name: str
    groups: tuple[RuleGroup, ...]
    fields: Mapping[str, Any]
    place: Position


def read(name: str, content: str | bytes, report: Report) -> tuple[RuleFile, ...]:
    """The documents of a rule file; *report* tells what Prometheus would not read, which is left out."""
    documents = source.read_all(name, content, report)
    return tuple(found for one in documents or () if (found := _document(one, report)))


def _document(document: Source, report: Report) -> RuleFile | None:
    reader = _Reader(document, report)
    within: Path = ("spec",) if _wrapped(document.data) else ()
    fields = reader.mapping(document.data, ())
    holder = reader.mapping(document.data["spec"], within) if within and fields is not None else fields
    if fields is None or holder is None:
        return None
    groups = reader.groups(holder.get("groups"), (*within, "groups")) if "groups" in holder else ()
    if "groups" not in holder:
        reader.refuse(within, f"there are no 'groups' here; {_INSTEAD}")
    return RuleFile(document.name, tuple(groups), fields, document.position())


def _wrapped(data: Any) -> bool:
    return isinstance(data, dict) and "groups" not in data and "spec" in data


class _Reader(NamedTuple):
    """Makes values of what is written; what is no rule is told, and left out."""

    source: Source
    report: Report

    def refuse(self, path: Path, message: str) -> None:
        self.report.error(self.source.position(path), CODE, message)

    def mapping(self, value: Any, path: Path) -> Mapping[str, Any] | None:
        if isinstance(value, dict):
            return value
        self.refuse(path, f"a mapping is expected here; {_INSTEAD}")
        return None

    def listed(self, value: Any, path: Path) -> Iterator[tuple[Mapping[str, Any], Path]]:
        if value is not None and not isinstance(value, list):
            self.refuse(path, f"a list is expected here; {_INSTEAD}")
            return
        for index, one in enumerate(value or ()):
            fields = self.mapping(one, (*path, index))
            if fields is not None:
                yield fields, (*path, index)

    def groups(self, value: Any, path: Path) -> Iterator[RuleGroup]:
        for fields, where in self.listed(value, path):
            name = self.needed(fields, "name", where, "the group has no name; write one")
            interval = self.seconds(fields, "interval", where)
            rules = tuple(self.rules(fields.get("rules"), (*where, "rules")))
            if name:
                yield RuleGroup(name, interval, rules, fields, self.source.position(where))

    def rules(self, value: Any, path: Path) -> Iterator[Rule]:
        for fields, where in self.listed(value, path):
            kinds = [kind for kind in (RECORD, ALERT) if fields.get(kind) is not None]
            if len(kinds) != 1:
                self.refuse(where, "a rule has either 'record' or 'alert'; write one of them")
                continue
            name = self.needed(fields, kinds[0], where, "the rule has no name; write it")
            expr = self.needed(fields, "expr", where, "the rule has no 'expr'; write one")
            if expr and name:
                yield self.rule(kinds[0], name, expr, fields, where)

    def rule(self, kind: str, name: str, expr: str, fields: Mapping[str, Any], path: Path) -> Rule:
        return Rule(
            kind,
            name,
            expr,
            self.texts(fields, "labels", path),
            self.texts(fields, "annotations", path),
            self.seconds(fields, "for", path) or Decimal(0),
            self.seconds(fields, "keep_firing_for", path) or Decimal(0),
            fields,
            self.source.position(path),
        )

    def needed(self, fields: Mapping[str, Any], key: str, path: Path, otherwise: str) -> str:
        if fields.get(key) in (None, ""):
            self.refuse((*path, key), otherwise)
        return self.text(fields, key, path)

    def text(self, fields: Mapping[str, Any], key: str, path: Path) -> str:
        value = fields.get(key)
        if value is None or isinstance(value, str):
            return value or ""
        self.refuse((*path, key), f"a text is expected as {shown(key)}; {_INSTEAD}")
        return ""

    def texts(self, fields: Mapping[str, Any], key: str, path: Path) -> Mapping[str, str]:
        if fields.get(key) is None:
            return {}
        found = self.mapping(fields[key], (*path, key)) or {}
        return {name: self.text(found, name, (*path, key)) for name in found}

    def seconds(self, fields: Mapping[str, Any], key: str, path: Path) -> Decimal | None:
        text = self.text(fields, key, path)
        if not text:
            return None
        found = duration(text)
        if found is None:
            self.refuse((*path, key), f"{shown(text)} is no duration; write it like 30s, 5m or 1h30m")
        return found


def duration(text: str) -> Decimal | None:
    """
    The seconds of a duration such as ``1h30m``, ``500ms`` or ``0``; None where *text* is none.

    Source: https://prometheus.io/docs/prometheus/latest/querying/basics/#float-literals-and-time-durations
    """
    if text == "0":
        return Decimal(0)
    try:
        return Decimal(milliseconds(text, 0)).scaleb(-3) if DURATION.fullmatch(text) else None
    except RefusedError:
        return None


def served(data: Any, server: str, report: Report) -> tuple[RuleFile, ...]:
    """
    What the ``data`` of an answer of ``/api/v1/rules`` says, by the files that it names.

    Args:
        server: what the answer came from, for *report*, which tells where it is none of that kind.

    Source: https://prometheus.io/docs/prometheus/latest/querying/api/#rules
    """
    try:
        groups = [_served_group(group, server) for group in data["groups"] or ()]
    except (KeyError, TypeError, ValueError, ArithmeticError) as error:
        report.error(Position(server), CODE, f"this does not tell of rules as Prometheus does ({type(error).__name__})")
        return ()
    files: dict[str, list[RuleGroup]] = {}
    for group in groups:
        files.setdefault(group.place.file, []).append(group)
    return tuple(RuleFile(name, tuple(of), {}, Position(name)) for name, of in files.items())


def _served_group(group: Mapping[str, Any], server: str) -> RuleGroup:
    place = Position(str(group.get("file") or server))
    rules = tuple(_served_rule(rule, place) for rule in group.get("rules") or ())
    return RuleGroup(str(group["name"]), _told_seconds(group.get("interval")), rules, group, place)


def _served_rule(rule: Mapping[str, Any], place: Position) -> Rule:
    kind = ALERT if rule.get("type") == "alerting" else RECORD
    keep_firing = rule.get("keepFiringFor", rule.get("keep_firing_for"))
    return Rule(
        kind,
        str(rule["name"]),
        str(rule["query"]),
        dict(rule.get("labels") or {}),
        dict(rule.get("annotations") or {}),
        _told_seconds(rule.get("duration")) or Decimal(0),
        _told_seconds(keep_firing) or Decimal(0),
        rule,
        place,
    )


def _told_seconds(value: float | None) -> Decimal | None:
    return None if value is None else Decimal(str(value))

"""Rules and groups field by field: what a field means is compared, not how it is written, and no field is left out."""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any, Final, NamedTuple

from slogen import naming
from slogen.changes.subjects import Subject
from slogen.changes.values import Field
from slogen.promql.meaning import meaning, same
from slogen.rule_files import Rule, RuleFile, RuleGroup, duration

_LABELS: Final = ("labels", "annotations")
_OF_RULES: Final = ("record", "alert", "expr", "for", "keep_firing_for", *_LABELS)
_OF_GROUPS: Final = ("name", "interval", "rules")
_TIMES: Final = ("query_offset", "evaluation_delay", "eval_offset", "eval_delay")
"""Other fields that hold a duration, in groups of Prometheus, Mimir and VictoriaMetrics."""


IDENTITY: Final = (*naming.IDENTITY, naming.SLO_SEVERITY, naming.SLO_TIER)
"""Labels that are part of what a rule is, not of what it says."""


class Standing(NamedTuple):
    """
    A rule and where it stands.

    Attributes:
        number: that of the rule in its group.
        labels: of its series: its own over those of its group, where the other side can only tell of both together.
        identity: values of `IDENTITY`, None for a label that it has not; those of the new SLO where one was renamed.
        served: whether a server told of it or its counterpart, which leaves out fields that servers do not tell of.
    """

    rule: Rule
    group: RuleGroup
    file: str
    number: int
    labels: Mapping[str, str]
    identity: tuple[str | None, ...]
    served: bool = False


def standing(files: Iterable[RuleFile], renamed: Mapping[str, Subject], *, served: bool) -> list[Standing]:
    """
    Every rule of *files*.

    Args:
        renamed: what an SLO is called on the other side, by its id.
        served: whether one of the sides is a server, for which labels of groups are those of their rules.
    """
    found = []
    for file in files:
        for group in file.groups:
            common = _texts(group.fields.get("labels")) if served else {}
            for number, rule in enumerate(group.rules):
                labels = {**common, **rule.labels}
                of = renamed.get(labels.get(naming.SLO_ID, ""))
                known = {**labels, **of.labels} if of else labels
                identity = tuple(map(known.get, IDENTITY))
                found.append(Standing(rule, group, file.name, number, labels, identity, served))
    return found


def _texts(labels: object) -> dict[str, str]:
    return {str(name): str(value) for name, value in labels.items()} if isinstance(labels, dict) else {}


def content(one: Standing) -> Hashable:
    """All that a rule says but for its name: equal where two rules say the same."""
    rule = one.rule
    others = () if one.served else tuple((name, repr(value)) for name, value in sorted(_others(rule.fields, _OF_RULES)))
    return (
        meaning(rule.expr),
        rule.pending,
        rule.keep_firing,
        frozenset(one.labels.items()),
        frozenset(rule.annotations.items()),
        others,
    )


def of_rules(before: Standing, after: Standing) -> Iterator[Field]:
    """The fields in which two rules differ."""
    old, new = before.rule, after.rule
    if old.name != new.name:
        yield Field(new.kind, old.name, new.name)
    if before.group.name != after.group.name:
        yield Field("group", before.group.name, after.group.name)
    if not same(old.expr, new.expr):
        yield Field("expr", old.expr, new.expr)
    yield from _spans("for", old, new, lambda rule: rule.pending)
    yield from _spans("keep_firing_for", old, new, lambda rule: rule.keep_firing)
    yield from _mappings("labels", before.labels, after.labels)
    yield from _mappings("annotations", old.annotations, new.annotations)
    if not (before.served or after.served):
        yield from _rest(old.fields, new.fields, _OF_RULES)


def _spans(name: str, old: Rule, new: Rule, of: Callable[[Rule], Decimal]) -> Iterator[Field]:
    if of(old) != of(new):
        yield Field(name, _span(old, name, of(old)), _span(new, name, of(new)))


def _span(rule: Rule | RuleGroup, name: str, seconds: Decimal | None) -> str | None:
    """As it is written, or in seconds where a server told of it; None where nothing is."""
    written = rule.fields.get(name)
    return written if isinstance(written, str) else f"{seconds.normalize():f}s" if seconds else None


def _mappings(name: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Field]:
    for key in sorted(old.keys() | new.keys()):
        if old.get(key) != new.get(key):
            yield Field(f"{name}.{key}", old.get(key), new.get(key))


def of_groups(before: RuleGroup, after: RuleGroup, *, served: bool) -> Iterator[Field]:
    """The fields in which two groups differ, their rules apart."""
    told = not served or None not in (before.interval, after.interval)
    if told and before.interval != after.interval:
        old, new = (_span(group, "interval", group.interval) for group in (before, after))
        yield Field("interval", old, new)
    if served:
        if _limit(before) != _limit(after):
            yield Field("limit", before.fields.get("limit"), after.fields.get("limit"))
        return
    yield from _rest(before.fields, after.fields, _OF_GROUPS)


def _limit(group: RuleGroup) -> str:
    """Nothing and 0 are no limit."""
    return str(group.fields.get("limit") or 0)


def of_documents(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Field]:
    """What differs beside the groups of two documents."""
    yield from _rest(_outside(before), _outside(after), ())


def _outside(fields: Mapping[str, Any]) -> dict[str, Any]:
    spec = fields.get("spec")
    kept = {name: value for name, value in fields.items() if name not in ("groups", "spec")}
    if isinstance(spec, dict):
        kept["spec"] = {name: value for name, value in spec.items() if name != "groups"} or None
    return kept


def not_told(groups: Iterable[RuleGroup]) -> dict[str, int]:
    """
    Fields that a server does not tell of, and how often they are written.

    Source: https://prometheus.io/docs/prometheus/latest/querying/api/#rules
    """
    found: dict[str, int] = {}
    for group in groups:
        names = [name for name, _ in _others(group.fields, (*_OF_GROUPS, "limit", "labels"))]
        names += [name for rule in group.rules for name, _ in _others(rule.fields, _OF_RULES)]
        for name in names:
            found[name] = found.get(name, 0) + 1
    return dict(sorted(found.items()))


def _others(fields: Mapping[str, Any], known: Iterable[str]) -> list[tuple[str, Any]]:
    return [(name, value) for name, value in fields.items() if name not in known and value is not None]


def _rest(old: Mapping[str, Any], new: Mapping[str, Any], known: Iterable[str]) -> Iterator[Field]:
    """Every field that is not among the *known* ones; mappings key by key."""
    for name in dict.fromkeys([*old, *new]):
        one, other = old.get(name), new.get(name)
        if name in known or one == other or (name in _TIMES and _seconds(one) == _seconds(other) is not None):
            continue
        if isinstance(one or {}, dict) and isinstance(other or {}, dict):
            yield from _mappings(name, one or {}, other or {})
        else:
            yield Field(name, one, other)


def _seconds(value: object) -> Decimal | None:
    return duration(value) if isinstance(value, str) else None

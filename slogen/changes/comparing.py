"""Two sides compared: what differs in the words of SLOs, then rule by rule, group by group and file by file."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from slogen import naming
from slogen.changes import facts, fields, order, terms
from slogen.changes.cost import Costs
from slogen.changes.facts import Facts
from slogen.changes.fields import Standing
from slogen.changes.matching import Pair, name_of, pairs
from slogen.changes.subjects import Subjects, identified
from slogen.changes.values import (
    Change,
    Comparison,
    Field,
    FileChange,
    GroupChange,
    Impact,
    Note,
    RuleChange,
    SloChange,
    Term,
)
from slogen.changes.verdicts import Verdicts
from slogen.diagnostics import Position
from slogen.model import Slo
from slogen.rule_files import Rule, RuleFile, RuleGroup


class Side(NamedTuple):
    """
    One of the two sides; of what is known to be the same on both, it may leave out all.

    Attributes:
        name: what it is, in words.
        rules: its rule files; the names of these are relative to the root of the repository.
        slos: those that a file tells of; the rules of others tell of them.
        folder: what stands before the names of SLO files to make them relative to the root of the repository.
        compiled: whether SLO files tell of it; else it is rules that anybody wrote, and SLOs without rules are no part.
        served: whether a server told of the rules, which does not tell of all fields.
        others: text of the generated files that are not compared rule by rule, by path below the output folder.
        out: that folder, relative to the root of the repository.
    """

    name: str
    rules: tuple[RuleFile, ...] = ()
    slos: tuple[Slo, ...] = ()
    folder: str = ""
    compiled: bool = False
    served: bool = False
    others: Mapping[str, str] = {}
    out: str = ""


def compare(before: Side, after: Side, notes: Iterable[Note] = (), unchanged: int = 0) -> Comparison:
    """
    What differs between two sides.

    Args:
        notes: what else there is to know.
        unchanged: how many SLOs are known to be the same, which the sides leave out.
    """
    old, new = _facts(before, after), _facts(after, before)
    renamed = _renamed(old, new)
    served = before.served or after.served
    standing = fields.standing(before.rules, {was: new[now].subject for was, now in renamed.items()}, served=served)
    matched = list(pairs(standing, fields.standing(after.rules, {}, served=served)))
    judge = Verdicts(
        Subjects(one.subject for one in old.values()), Subjects(one.subject for one in new.values()), renamed
    )
    moved = order.moved(matched)
    rules = [change for pair in matched if (change := _rule(pair, moved, judge))]
    slos = list(_slos(old, new, renamed, rules, (Costs(before.rules), Costs(after.rules))))
    both = len(old) - sum(1 for slo_id in old if slo_id not in new and slo_id not in renamed)
    differing = sum(1 for slo in slos if slo.change in (Change.CHANGED, Change.RENAMED))
    groups = [*_groups(before, after, judge, served=served), *([] if served else _documents(before, after))]
    return Comparison(
        before.name,
        after.name,
        terms.by_weight(slos),
        tuple(sorted(rules, key=lambda rule: (rule.impact is not Impact.BREAKING, rule.rule))),
        tuple(groups),
        tuple(_files(before, after)),
        (*notes, *_not_comparable(before, after)),
        unchanged + both - differing,
    )


def _facts(side: Side, other: Side) -> dict[str, Facts]:
    """Every SLO of a *side*, by its id; from its rules where the *other* side has nothing but rules of it."""
    own: dict[str, list[Rule]] = {}
    for rule in (rule for file in side.rules for rule in _rules(file)):
        own.setdefault(rule.labels.get(naming.SLO_ID, ""), []).append(rule)
    subjects = {slo_id: identified(rules)[0] for slo_id, rules in sorted(own.items()) if slo_id}
    modelled = {slo.id for slo in other.slos}
    ruled = {rule.labels.get(naming.SLO_ID) for file in other.rules for rule in _rules(file)}
    found = {}
    for slo in side.slos:
        place = _within(side.folder, slo.place.position)
        if slo.id in modelled or (other.compiled and (slo.id not in ruled or slo.id not in own)):
            found[slo.id] = facts.of_slo(slo)._replace(place=place)
        elif slo.id in own:
            found[slo.id] = facts.of_rules(subjects[slo.id], own[slo.id])._replace(place=place)
    for slo_id, subject in subjects.items():
        if slo_id not in found:
            found[slo_id] = facts.of_rules(subject, own[slo_id])
    return found


def _rules(file: RuleFile) -> Iterator[Rule]:
    return (rule for group in file.groups for rule in group.rules)


def _within(folder: str, place: Position | None) -> Position | None:
    return place._replace(file=f"{folder}/{place.file}") if folder and place else place


def _renamed(old: Mapping[str, Facts], new: Mapping[str, Facts]) -> dict[str, str]:
    """New id by old id of SLOs that measure the same under another one."""
    gone = [one for slo_id, one in old.items() if slo_id not in new and one.sli != ()]
    come: dict[str, list[Facts]] = {}
    for slo_id, one in new.items():
        if slo_id not in old and one.sli != ():
            come.setdefault(repr((one.modelled, one.sli)), []).append(one)
    found = {}
    for was in gone:
        candidates = come.get(repr((was.modelled, was.sli)), [])
        if candidates:
            now = min(candidates, key=lambda one: _strangeness(was, one))
            candidates.remove(now)
            found[was.subject.id] = now.subject.id
    return found


def _strangeness(was: Facts, now: Facts) -> tuple[int, str]:
    unlike = (
        was.subject.name != now.subject.name,
        was.subject.service != now.subject.service,
        was.objective != now.objective,
        was.tiers != now.tiers,
    )
    return sum(unlike), now.subject.id


def _slos(
    old: Mapping[str, Facts],
    new: Mapping[str, Facts],
    renamed: Mapping[str, str],
    rules: Iterable[RuleChange],
    costs: tuple[Costs, Costs],
) -> Iterator[SloChange]:
    differing = Counter(slo_id for rule in rules for slo_id in rule.slos)
    for slo_id, was in old.items():
        now = new.get(renamed.get(slo_id, slo_id))
        if now is None:
            yield terms.removed(was)
            continue
        count = differing[now.subject.id]
        if found := terms.changed(was, now, count, (costs[0].of(was), costs[1].of(now)) if count else None):
            yield found
    known = {*old, *renamed.values()}
    yield from (terms.added(now) for slo_id, now in new.items() if slo_id not in known)


def _rule(pair: Pair, moved: Mapping[int, Field], judge: Verdicts) -> RuleChange | None:
    before, after = pair
    if before is None or after is None:
        return _one_sided(before, after, judge)
    found = tuple(fields.of_rules(before, after))
    if id(after) in moved:
        found = (*found, moved[id(after)])
    if not found:
        return None
    verdict = judge.differing(before, after, found)
    change = Change.RENAMED if verdict.renamed else Change.CHANGED
    return RuleChange(
        change,
        name_of(after),
        verdict.slos,
        verdict.joined,
        verdict.left,
        found,
        verdict.impact,
        verdict.reason,
        before.rule.place,
        after.rule.place,
    )


def _one_sided(before: Standing | None, after: Standing | None, judge: Verdicts) -> RuleChange | None:
    if after:
        return RuleChange(Change.ADDED, name_of(after), judge.new_slos(after.rule), after=after.rule.place)
    if before:
        verdict = judge.gone(before)
        return RuleChange(
            Change.REMOVED,
            name_of(before),
            verdict.slos,
            impact=verdict.impact,
            reason=verdict.reason,
            before=before.rule.place,
        )
    return None


def _groups(before: Side, after: Side, judge: Verdicts, *, served: bool) -> Iterator[GroupChange]:
    old, new = _by_name(before.rules), _by_name(after.rules)
    for name in dict.fromkeys([*old, *new]):
        olds, news = list(old.get(name, ())), list(new.get(name, ()))
        for file, was in list(olds):
            if same := next((one for one in news if one[0] == file), None):
                olds.remove((file, was))
                news.remove(same)
                yield from _group(was, same[1], judge, served=served)
        while olds and news:
            yield from _group(olds.pop(0)[1], news.pop(0)[1], judge, served=served)
        for change, left in ((Change.REMOVED, olds), (Change.ADDED, news)):
            for _, group in left:
                yield _lone(change, group, judge)


def _by_name(files: Iterable[RuleFile]) -> dict[str, list[tuple[str, RuleGroup]]]:
    found: dict[str, list[tuple[str, RuleGroup]]] = {}
    for file in files:
        for group in file.groups:
            found.setdefault(group.name, []).append((file.name, group))
    return found


def _group(was: RuleGroup, now: RuleGroup, judge: Verdicts, *, served: bool) -> Iterator[GroupChange]:
    if found := tuple(fields.of_groups(was, now, served=served)):
        yield GroupChange(Change.CHANGED, now.name, judge.of_group(now), found, was.place, now.place)


def _lone(change: Change, group: RuleGroup, judge: Verdicts) -> GroupChange:
    empty = group._replace(interval=None, fields={})
    if change is Change.ADDED:
        told = tuple(fields.of_groups(empty, group, served=False))
        return GroupChange(change, group.name, judge.of_group(group), told, None, group.place)
    told = tuple(fields.of_groups(group, empty, served=False))
    return GroupChange(change, group.name, (), told, group.place, None)


def _documents(before: Side, after: Side) -> Iterator[GroupChange]:
    old, new = ({_document(file): file for file in side.rules} for side in (before, after))
    for key in old.keys() & new.keys():
        if found := tuple(fields.of_documents(old[key].fields, new[key].fields)):
            yield GroupChange(Change.CHANGED, "", (), found, old[key].place, new[key].place)


def _document(file: RuleFile) -> tuple[str, ...]:
    """What a document is known by: an object of Kubernetes by its name, another by its file."""
    named = file.fields.get("metadata")
    if not isinstance(named, dict):
        return (file.name,)
    return (str(file.fields.get("kind")), str(named.get("namespace")), str(named.get("name")))


def _files(before: Side, after: Side) -> Iterator[FileChange]:
    old, new = before.others, after.others
    for path in sorted(old.keys() | new.keys()):
        if old.get(path) != new.get(path):
            change = Change.CHANGED if path in old and path in new else Change.ADDED if path in new else Change.REMOVED
            out = after.out if path in new else before.out
            yield FileChange(change, path.partition("/")[0], f"{out}/{path}" if out else path)


def _not_comparable(before: Side, after: Side) -> Iterator[Note]:
    if before.served is after.served:
        return
    written = after if before.served else before
    told = fields.not_told(group for file in written.rules for group in file.groups)
    if told:
        listed = ", ".join(f"{name} ({count} times)" if count > 1 else name for name, count in told.items())
        yield Note("not-comparable", f"a server does not tell of these fields, which were not compared: {listed}")


def _gone(slo: SloChange) -> str:
    """The id that is no longer there; empty where none is gone."""
    return slo.formerly or (slo.id if slo.change is Change.REMOVED else "")


def firing(comparison: Comparison, slo_ids: Iterable[str]) -> Comparison:
    """The same, told that alerts of the SLOs with these ids fire now; it matters for those that go."""
    known = frozenset(slo_ids)
    slos = [slo._replace(terms=(_FIRING, *slo.terms)) if _gone(slo) in known else slo for slo in comparison.slos]
    return comparison._replace(slos=terms.by_weight(slos))


_FIRING = Term("firing", Impact.BREAKING, "an alert of it fires now: without its rule it resolves, whatever is wrong")

"""What a comparison of two sets of rules comes to, as plain values; `slogen.changes.data` is their JSON."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Any, NamedTuple

from slogen.diagnostics import Position


class Change(StrEnum):
    """What became of something that has an identity."""

    ADDED = "added"
    REMOVED = "removed"
    RENAMED = "renamed"
    CHANGED = "changed"


class Impact(StrEnum):
    """How much a change matters: what is breaking loses pages, history, silences or routes that were there."""

    BREAKING = "breaking"
    CHANGE = "change"
    NOTE = "note"


class Term(NamedTuple):
    """
    One change of an SLO, in the words of SLOs.

    Attributes:
        code: what changed, stable: ``objective``, ``threshold``, ``tier-lost``, ...
        subject: what of it, such as a tier (``page-1h``) or a label; empty where the code says all.
        before: as a person reads it; empty where there was none.
        after: the same; empty where there is none.
        message: the whole as a sentence without full stop; it may quote what a file says, so it is untrusted text.
    """

    code: str
    impact: Impact
    message: str
    before: str = ""
    after: str = ""
    subject: str = ""


class SloChange(NamedTuple):
    """
    What changed of one SLO; there is none of an SLO that is the same.

    Attributes:
        id: of the SLO as it is now, or as it was where it was removed.
        formerly: the id of an SLO that was renamed; empty else.
        terms: the worst first.
        place: where the SLO is written: in the new file, or in the old one where it was removed; None where rules alone
            tell of it. Its file is relative to the root of the repository.
    """

    change: Change
    id: str
    terms: tuple[Term, ...]
    formerly: str = ""
    place: Position | None = None

    @property
    def impact(self) -> Impact:
        """That of the worst of its terms."""
        return worst(term.impact for term in self.terms)


class Field(NamedTuple):
    """
    A field of a rule or group that differs.

    Attributes:
        name: as a rule file has it, parts of it after a dot: ``expr``, ``labels.severity``, ``for``, ``interval``.
            Two are of no file: ``group``, the group that a rule stands in, and ``order``, the rules before it that it
            reads.
        before: plain data; None where it was not there.
        after: plain data; None where it is not there.
    """

    name: str
    before: Any
    after: Any


class RuleName(NamedTuple):
    """
    What a rule is known by.

    Attributes:
        kind: ``record`` or ``alert``.
        labels: those that are part of its identity, sorted.
    """

    group: str
    kind: str
    name: str
    labels: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        implied = ("slo_service", "slo_name") if "slo_id" in dict(self.labels) else ()
        labels = ", ".join(f"{name}={value}" for name, value in self.labels if name not in implied)
        return f"{self.kind} {self.name}{f' ({labels})' if labels else ''} in {self.group}"


class RuleChange(NamedTuple):
    """
    What changed of one rule.

    Attributes:
        slos: ids of the SLOs whose definition this changes.
        joined: ids of SLOs that a shared rule selects and did not.
        left: ids of SLOs that it selected and does not any more.
        fields: those that differ; none of a rule that was added or removed.
        reason: why it is breaking; empty where it is not.
        before: where it stood; None where it was added.
        after: where it stands; None where it was removed.
    """

    change: Change
    rule: RuleName
    slos: tuple[str, ...] = ()
    joined: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    fields: tuple[Field, ...] = ()
    impact: Impact = Impact.CHANGE
    reason: str = ""
    before: Position | None = None
    after: Position | None = None


class GroupChange(NamedTuple):
    """What changed of a group itself, its rules apart; *slos* are those whose rules stand in it."""

    change: Change
    name: str
    slos: tuple[str, ...] = ()
    fields: tuple[Field, ...] = ()
    before: Position | None = None
    after: Position | None = None


class FileChange(NamedTuple):
    """A generated file of a target whose files are no rule files; *path* is relative to the root of the repository."""

    change: Change
    target: str
    path: str


class Note(NamedTuple):
    """
    Something to know of the comparison itself.

    Attributes:
        code: ``slogen-changed``, ``does-not-compile``, ``not-comparable``, ...
        message: a sentence without full stop; it may quote what a file says, so it is untrusted text.
    """

    code: str
    message: str
    place: Position | None = None


class Comparison(NamedTuple):
    """
    What differs between two sides.

    Attributes:
        before: what the old side is, in words, such as ``merge base of main (1a2b3c4)``.
        after: the same of the new side.
        slos: the worst first, then by id.
        rules: the breaking first, then by group and name.
        unchanged: how many SLOs, by the ids that both sides have, are the same.
    """

    before: str
    after: str
    slos: tuple[SloChange, ...] = ()
    rules: tuple[RuleChange, ...] = ()
    groups: tuple[GroupChange, ...] = ()
    files: tuple[FileChange, ...] = ()
    notes: tuple[Note, ...] = ()
    unchanged: int = 0

    def __bool__(self) -> bool:
        return bool(self.slos or self.rules or self.groups or self.files)

    @property
    def impact(self) -> Impact:
        """That of the worst change."""
        changed = (Impact.CHANGE,) if self.groups or self.files else ()
        return worst([*changed, *(slo.impact for slo in self.slos), *(rule.impact for rule in self.rules)])


_ORDER = tuple(Impact)


def worst(impacts: Iterable[Impact]) -> Impact:
    """The worst of *impacts*; a note where there is none."""
    return min(impacts, key=_ORDER.index, default=Impact.NOTE)

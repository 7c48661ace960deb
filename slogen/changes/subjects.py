"""Which SLOs a rule is about, and what it says of each of them."""

from collections.abc import Hashable, Iterable, Mapping
from typing import NamedTuple

from slogen import naming
from slogen.promql.meaning import meaning
from slogen.promql.shared import reads, said_of
from slogen.rule_files import Rule


class Subject(NamedTuple):
    """An SLO, by its identity."""

    id: str
    service: str
    name: str

    @property
    def labels(self) -> Mapping[str, str]:
        """The labels that name it on every series of its own."""
        return dict(zip(naming.IDENTITY, self, strict=True))

    @property
    def selected_by(self) -> Mapping[str, str]:
        """The labels by which a shared rule selects it."""
        return {naming.SLO_ID: self.id, naming.SLO_SERVICE: self.service}


class Subjects:
    """The SLOs of one side, those by a service at hand."""

    def __init__(self, subjects: Iterable[Subject]) -> None:
        self.by_id = {subject.id: subject for subject in subjects}
        self._by_service: dict[str, list[Subject]] = {}
        for subject in self.by_id.values():
            self._by_service.setdefault(subject.service, []).append(subject)

    def of(self, labels: Mapping[str, str]) -> list[Subject]:
        """Those that a rule with these *labels* may be about."""
        return self._by_service.get(labels.get(naming.SLO_SERVICE, ""), [])


def identified(rules: Iterable[Rule]) -> tuple[Subject, ...]:
    """The SLOs that *rules* are of, by their labels, in the order of their ids."""
    found = {}
    for rule in rules:
        if slo_id := rule.labels.get(naming.SLO_ID):
            service, name = rule.labels.get(naming.SLO_SERVICE, ""), rule.labels.get(naming.SLO_NAME, "")
            found[slo_id] = Subject(slo_id, service, name)
    return tuple(found[slo_id] for slo_id in sorted(found))


def is_shared(rule: Rule) -> bool:
    """Whether a rule is about several SLOs of a service."""
    return naming.SLO_ID not in rule.labels and naming.SLO_SERVICE in rule.labels


def sayings(rule: Rule, subjects: Subjects) -> dict[str, tuple[Hashable, ...]]:
    """What a shared rule says of each SLO that it selects, by id."""
    said = meaning(rule.expr)
    found = {subject.id: said_of(said, subject.selected_by) for subject in subjects.of(rule.labels)}
    return {slo_id: says for slo_id, says in found.items() if says}


def slos_of(rule: Rule, subjects: Subjects) -> tuple[str, ...]:
    """Ids of the SLOs that a rule is about."""
    if slo_id := rule.labels.get(naming.SLO_ID):
        return (slo_id,)
    return tuple(sorted(sayings(rule, subjects))) if is_shared(rule) else ()


def reads_record(reader: Rule, record: Rule) -> bool:
    """Whether *reader* may read what *record* records."""
    return any(read.metric == record.name and read.may_select(record.labels) for read in reads(meaning(reader.expr)))

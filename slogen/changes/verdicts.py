"""What a difference of a rule means: for which SLOs, and whether something that was there is lost by it."""

from collections.abc import Collection, Mapping
from typing import Final, NamedTuple

from slogen import naming
from slogen.changes.fields import Standing
from slogen.changes.order import LATE
from slogen.changes.subjects import Subjects, is_shared, sayings, slos_of
from slogen.changes.values import Field, Impact
from slogen.model import Severity
from slogen.rule_files import ALERT, RECORD, Rule, RuleGroup

_BASE: Final = ("slo:sli_events:rate", "slo:sli_errors:rate")
ALERT_RENAMED: Final = "routes and silences refer to the name"
RECORD_RENAMED: Final = "what was recorded stays under the old name"
SERIES_RENAMED: Final = "its series begin anew under other labels"
PAGE_LOST: Final = "it paged"
HISTORY_ENDS: Final = "the series that the windows are summed from end"


class Verdict(NamedTuple):
    """What is said of a rule that differs, as `slogen.changes.values.RuleChange` has it."""

    slos: tuple[str, ...]
    joined: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    impact: Impact = Impact.CHANGE
    reason: str = ""
    renamed: bool = False


class Verdicts:
    """
    Judges differences of rules.

    Args:
        renamed: new id of an SLO by the old one.
    """

    def __init__(self, before: Subjects, after: Subjects, renamed: Mapping[str, str]) -> None:
        self._before, self._after, self._renamed = before, after, renamed

    def differing(self, before: Standing, after: Standing, found: Collection[Field]) -> Verdict:
        """What it means that a rule differs in the fields that were *found*."""
        names = {field.name for field in found}
        reason = _reason(before.rule, after.rule, found)
        verdict = self._about(before.rule, after.rule, names)
        renamed = before.rule.name != after.rule.name or before.labels.get(naming.SLO_ID) in self._renamed
        if reason:
            return verdict._replace(impact=Impact.BREAKING, reason=reason, renamed=renamed)
        return verdict._replace(renamed=renamed)

    def _about(self, before: Rule, after: Rule, names: Collection[str]) -> Verdict:
        if not (is_shared(before) and is_shared(after)):
            return Verdict(slos_of(after, self._after))
        old = {self._renamed.get(slo_id, slo_id): said for slo_id, said in sayings(before, self._before).items()}
        new = sayings(after, self._after)
        joined, left = tuple(sorted(new.keys() - old.keys())), tuple(sorted(old.keys() - new.keys()))
        if names != {"expr"} or not (old or new):
            return Verdict(tuple(sorted(new)), joined, left)
        slos = tuple(sorted(slo_id for slo_id in old.keys() & new.keys() if old[slo_id] != new[slo_id]))
        return Verdict(slos, joined, left, Impact.CHANGE if slos or joined or left else Impact.NOTE)

    def gone(self, before: Standing) -> Verdict:
        """What it means that a rule is no longer there."""
        rule = before.rule
        slos = tuple(self._renamed.get(slo_id, slo_id) for slo_id in slos_of(rule, self._before))
        if rule.kind == ALERT and rule.labels.get(naming.SLO_SEVERITY) == Severity.PAGE:
            return Verdict(slos, impact=Impact.BREAKING, reason=PAGE_LOST)
        if rule.kind == RECORD and rule.name.startswith(_BASE) and any(slo_id in self._after.by_id for slo_id in slos):
            return Verdict(slos, impact=Impact.BREAKING, reason=HISTORY_ENDS)
        return Verdict(slos)

    def new_slos(self, rule: Rule) -> tuple[str, ...]:
        """Ids of the SLOs that a new rule is about."""
        return slos_of(rule, self._after)

    def of_group(self, group: RuleGroup) -> tuple[str, ...]:
        """Ids of the SLOs that a group has rules about."""
        return tuple(sorted({slo_id for rule in group.rules for slo_id in slos_of(rule, self._after)}))


def _reason(before: Rule, after: Rule, found: Collection[Field]) -> str:
    """Why a difference is breaking; empty where it is not."""
    if before.name != after.name:
        return ALERT_RENAMED if after.kind == ALERT else RECORD_RENAMED
    if any(field.name == "order" and field.after.startswith("before") for field in found):
        return LATE
    relabelled = any(field.name.startswith("labels.") for field in found)
    if relabelled and after.kind == RECORD and after.name != naming.INFO:
        return SERIES_RENAMED
    return ""

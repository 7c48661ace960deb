"""What changed of an SLO in its own words, each with what it does to those who rely on it."""

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from typing import Final

from slogen import naming
from slogen.changes.facts import NO_DATA, Alerting, Facts
from slogen.changes.values import Change, Impact, SloChange, Term
from slogen.explain.view import number, percent, span, whole_percent
from slogen.model import Severity
from slogen.promql import Matcher, Selector

CODES: Final = {
    "added": "an SLO is new",
    "removed": "an SLO is gone",
    "renamed": "an SLO has another id, under which its series, silences and routes begin anew",
    "firing": "an alert of an SLO that is removed fires now",
    "replay": "how often an SLO would have alerted, as it was and as it is",
    "objective": "the promised share of good events, and with it the error budget",
    "window": "the SLO window",
    "sli": "what is measured",
    "history": "series that are recorded under other names, so that their history ends",
    "tier-lost": "an alert tier is gone",
    "tier-gained": "an alert tier is new",
    "tier-window": "the short window of a tier",
    "threshold": "the error ratio above which a tier holds",
    "detection": "how soon a full outage is told of",
    "alert-renamed": "the name of an alert, which routes and silences refer to",
    "alert-lost": "an alert is gone",
    "alert-gained": "an alert is new",
    "label": "a label of an alert",
    "setting": "what else its file says",
    "rules": "rules of the SLO that differ",
    "cost": "samples that its rules read, by arithmetic",
}
"""Every code of a term, and what it says."""

_ORDER = tuple(Impact)


def added(facts: Facts) -> SloChange:
    """An SLO that was not there."""
    term = Term("added", Impact.CHANGE, f"it promises {_promise(facts)}", after=_promise(facts))
    return SloChange(Change.ADDED, facts.subject.id, (term,), place=facts.place)


def removed(facts: Facts) -> SloChange:
    """An SLO that is no longer there; that is breaking where it paged."""
    pages = [tier.name for tier in facts.tiers if tier.severity == Severity.PAGE]
    lost = f"; with it {'goes' if len(pages) == 1 else 'go'} {' and '.join(pages)}" if pages else ""
    message = f"it promised {_promise(facts)}{lost}"
    term = Term("removed", Impact.BREAKING if pages else Impact.CHANGE, message, before=_promise(facts))
    return SloChange(Change.REMOVED, facts.subject.id, (term,), place=facts.place)


def changed(before: Facts, after: Facts, rules: int, costs: tuple[Fraction, Fraction] | None) -> SloChange | None:
    """
    An SLO that is on both sides; None where it is the same.

    Args:
        rules: how many of its rules differ.
        costs: samples that its rules read a second, before and after, if that is known.
    """
    was, now = before.subject.id, after.subject.id
    found = list(_differences(before, after))
    if rules and not found and was == now:
        said = "one of its rules differs" if rules == 1 else f"{rules} of its rules differ"
        found = [Term("rules", Impact.CHANGE, said, after=str(rules))]
    if was != now:
        message = f"renamed from {was}: its series, silences and routes begin anew as {now}"
        found.append(Term("renamed", Impact.BREAKING, message, was, now))
    if not found:
        return None
    if costs and number(costs[0]) != number(costs[1]):
        was_read, read = map(number, costs)
        message = f"its rules read {was_read} -> {read} samples a second, were each metric one series"
        found.append(Term("cost", Impact.NOTE, message, was_read, read))
    found.sort(key=lambda term: _ORDER.index(term.impact))
    return SloChange(
        Change.CHANGED if was == now else Change.RENAMED, now, tuple(found), "" if was == now else was, after.place
    )


def by_weight(slos: Iterable[SloChange]) -> tuple[SloChange, ...]:
    """The worst first, then by id."""
    return tuple(sorted(slos, key=lambda slo: (_ORDER.index(slo.impact), slo.id)))


def _promise(facts: Facts) -> str:
    if facts.objective is None:
        return "what its rules do not tell"
    return f"{whole_percent(facts.objective)}{f' over {facts.window}' if facts.window else ''}"


def _differences(before: Facts, after: Facts) -> Iterator[Term]:
    yield from _objective(before, after)
    yield from _measured(before, after)
    yield from _tiers(before, after)
    yield from _detection(before, after)
    yield from _alerts(before, after)
    if before.modelled and after.modelled:
        for name, was, now in _unlike(before.settings, after.settings):
            yield Term("setting", Impact.CHANGE, _arrow(name, was, now), was, now, name)


def _objective(before: Facts, after: Facts) -> Iterator[Term]:
    if before.objective is not None and after.objective is not None and before.objective != after.objective:
        was, now = whole_percent(before.objective), whole_percent(after.objective)
        budgets = _budgets(before, after)
        yield Term("objective", Impact.CHANGE, f"objective {was} -> {now}{budgets}", was, now)
    if before.window and after.window and before.window != after.window:
        was, now = str(before.window), str(after.window)
        told = "" if before.objective != after.objective else _budgets(before, after)
        yield Term("window", Impact.CHANGE, f"SLO window {was} -> {now}{told}", was, now)


def _budgets(before: Facts, after: Facts) -> str:
    """How long everything may fail in an SLO window."""
    if not (before.window and after.window) or before.objective is None or after.objective is None:
        return ""
    was = span(Fraction(1 - before.objective) * before.window.seconds)
    now = span(Fraction(1 - after.objective) * after.window.seconds)
    if before.window == after.window:
        return f", budget {was} -> {now} per {after.window}"
    return f", budget {was} per {before.window} -> {now} per {after.window}"


def _measured(before: Facts, after: Facts) -> Iterator[Term]:
    was, now = ", ".join(before.bases), ", ".join(after.bases)
    recorded = bool(before.bases and after.bases)
    moved = recorded and before.bases != after.bases
    if moved:
        message = f"base window {was} -> {now}: slo:sli_events:rate{was} and what is summed from it end, others begin"
        yield Term("history", Impact.BREAKING, message, was, now)
    if before.modelled is not after.modelled or before.sli == after.sli or (moved and not after.modelled):
        return
    if not recorded or moved or before.subject != after.subject:
        yield Term("sli", Impact.CHANGE, "what is measured is defined otherwise")
        return
    series = Selector("", (Matcher(naming.SLO_ID, "=", after.subject.id),))
    mixed = f" until {after.window} have passed" if after.window else ""
    message = (
        f"what is measured is defined otherwise under the same names: windows mix old and new{mixed}; to mend it, "
        f"delete the series {series} by the admin API (/api/v1/admin/tsdb/delete_series), then run slogen backfill"
    )
    yield Term("sli", Impact.BREAKING, message)


def _tiers(before: Facts, after: Facts) -> Iterator[Term]:
    old, new = ({tier.name: tier for tier in facts.tiers} for facts in (before, after))
    for name, tier in old.items():
        if name not in new:
            breaking = tier.severity == Severity.PAGE
            told = f"{name} is lost: no {tier.severity} at {percent(tier.threshold)} over {tier.long} any more"
            yield Term(
                "tier-lost", Impact.BREAKING if breaking else Impact.CHANGE, told, percent(tier.threshold), "", name
            )
            continue
        other = new[name]
        if tier.threshold != other.threshold:
            was, now = percent(tier.threshold), percent(other.threshold)
            yield Term("threshold", Impact.CHANGE, f"{name} threshold {was} -> {now}", was, now, name)
        if tier.short != other.short:
            was, now = str(tier.short), str(other.short)
            yield Term("tier-window", Impact.CHANGE, f"{name} short window {was} -> {now}", was, now, name)
    for name, tier in new.items():
        if name not in old:
            told = f"{name} is new: a {tier.severity} at {percent(tier.threshold)} over {tier.long}"
            yield Term("tier-gained", Impact.CHANGE, told, "", percent(tier.threshold), name)


def _detection(before: Facts, after: Facts) -> Iterator[Term]:
    for severity in Severity:
        was, now = _soonest(before, severity), _soonest(after, severity)
        if was != now:
            told = f"a full outage raises a {severity} after {was or 'never'} -> {now or 'never'}"
            yield Term("detection", Impact.CHANGE, told, was, now, severity.value)


def _soonest(facts: Facts, severity: Severity) -> str:
    """
    How long a full outage, after no errors, takes to lift a long window above its threshold.

    Source: https://sre.google/workbook/alerting-on-slos/
    """
    found = (tier.full_outage_seconds for tier in facts.tiers if tier.severity == severity)
    seconds = [one for one in found if one is not None]
    return span(Fraction(min(seconds))) if seconds else ""


def _alerts(before: Facts, after: Facts) -> Iterator[Term]:
    old, new = ({alert.role: alert for alert in facts.alerts} for facts in (before, after))
    for role in dict.fromkeys([*old, *new]):
        was, now = old.get(role), new.get(role)
        if was and now:
            yield from _alert(role, was, now)
        elif role == NO_DATA:
            code, verb = ("alert-gained", "is new") if now else ("alert-lost", "is gone")
            name = (now or was or Alerting(role, "", {})).name
            message = f"{name}, the alert for missing data, {verb}"
            yield Term(code, Impact.CHANGE, message, was.name if was else "", now.name if now else "", role)


def _alert(role: str, was: Alerting, now: Alerting) -> Iterator[Term]:
    if was.name != now.name:
        message = f"the {role} alert {was.name} is now {now.name}: routes and silences refer to the name"
        yield Term("alert-renamed", Impact.BREAKING, message, was.name, now.name, role)
    for name, one, other in _unlike(was.labels, now.labels):
        yield Term("label", Impact.CHANGE, _arrow(f"{role} label {name}", one, other), one, other, f"{role} {name}")


def _unlike(old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    for name in dict.fromkeys([*old, *new]):
        if old.get(name, "") != new.get(name, ""):
            yield name, old.get(name, ""), new.get(name, "")


def _arrow(name: str, was: str, now: str) -> str:
    return f"{name} {was or '(none)'} -> {now or '(none)'}"

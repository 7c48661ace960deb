"""Prometheus rule groups: what `slogen.rules` plans, lowered to PromQL."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from functools import cache
from typing import Final, Generic, NamedTuple, TypeVar

from slogen import coverage, naming
from slogen.conditions import blind, burning
from slogen.model import ErrorRatio, Labels, Severity, Slo
from slogen.policy import base_window
from slogen.promql import Binary, Expr, Matcher, Number, Selector, call, either, stencil
from slogen.prose import LABEL_VALUE, Prose, Words
from slogen.rules import (
    COARSE_STEP,
    CURRENT,
    FINE_STEP,
    LONG,
    Cohort,
    Means,
    Origin,
    Ratio,
    RuleSet,
    Start,
)
from slogen.sli_promql import base_errors, base_events, ratio
from slogen.units import Window, plain, printed

SLOW_INTERVAL: Final = Window.parse("2m")
"""How often what is read directly, yet seldom changes, is evaluated; a sample is stale after five minutes."""
BLIND_FOR: Final = Window.parse("15m")

_ZERO: Final = Number(0)
_ONE: Final = Decimal(1)
_ON_ID: Final = (naming.SLO_ID,)


class Record(NamedTuple):
    """A recording rule."""

    name: str
    expr: Expr
    labels: Labels

    @property
    def kind(self) -> str:
        """The key under which a rule file names it."""
        return "record"


class Alert(NamedTuple):
    """An alerting rule; it fires once *pending* has passed, at once when that is None."""

    name: str
    expr: Expr
    labels: Labels
    annotations: Labels
    pending: Window | None = None

    @property
    def kind(self) -> str:
        """The key under which a rule file names it."""
        return "alert"


Rule = Record | Alert
_R = TypeVar("_R")


class Group(NamedTuple):
    """Rules that are evaluated in their order, at one time, every *interval*."""

    name: str
    interval: Window
    rules: tuple[Rule, ...]


class Own(NamedTuple, Generic[_R]):
    """What one SLO shares with no other: its base series, and its other rules by what they are for."""

    bases: tuple[Record, Record]
    burning: tuple[_R, ...]
    constants: tuple[_R, ...]
    blind: tuple[_R, ...]


def lower(planned: RuleSet, prose: Prose) -> tuple[Group, ...]:
    """The groups of a set of SLOs: fast for what pages, slow for what changes slowly, and what feeds the SLO window."""
    every = [own(slo, prose) for slo in planned.everyone.slos]
    return tuple(Group(name, interval, tuple(rules)) for name, interval, rules in arranged(planned, every))


def arranged(planned: RuleSet, every: Sequence[Own[_R]]) -> Iterator[tuple[str, Window, list[Rule | _R]]]:
    """Name, interval and rules of each group, *every* being what each of the SLOs has of its own."""
    fine = [means for means in planned.means if means.step == FINE_STEP]
    coarse = [means for means in planned.means if means.step == COARSE_STEP]
    long = [ratio for ratio in planned.ratios if ratio.window >= LONG]
    groups: tuple[tuple[str, Window, list[Rule | _R]], ...] = (
        (
            "fast",
            planned.interval,
            [
                *(rule for of in every for rule in of.bases),
                *(rule for ratio in planned.ratios if ratio.window < LONG for rule in _ratios(ratio, planned)),
                *(rule for of in every for rule in of.burning),
            ],
        ),
        (
            "slow",
            SLOW_INTERVAL,
            [
                *(_start(start, planned) for start in planned.starts),
                *(rule for means in fine for rule in _means(means, planned)),
                *(rule for ratio in long if not ratio.coarse for rule in _ratios(ratio, planned)),
                *(rule for of in every for rule in of.constants),
                *_burn_rates(planned),
                *(rule for of in every for rule in of.blind),
            ],
        ),
        (
            "tier",
            COARSE_STEP,
            [
                *(rule for means in coarse for rule in _means(means, planned)),
                *(rule for ratio in long if ratio.coarse for rule in _ratios(ratio, planned)),
            ],
        ),
    )
    return ((naming.group(planned.owner, pace), interval, rules) for pace, interval, rules in groups if rules)


def own(slo: Slo, prose: Prose) -> Own[Rule]:
    """What *slo* shares with no other."""
    return Own(bases(slo), _burn_alerts(slo, prose), _constants(slo), _no_data(slo, prose))


def identity(slo: Slo) -> dict[str, str]:
    """The labels that name an SLO on every series of its own."""
    return {naming.SLO_ID: slo.id, naming.SLO_SERVICE: slo.service, naming.SLO_NAME: slo.name}


def bases(slo: Slo) -> tuple[Record, Record]:
    """The records of its events and its errors, in the order in which one reads the other."""
    base, labels = base_window(slo.scrape_interval), identity(slo)
    events = Record(naming.base(naming.EVENTS, base), base_events(slo, base), labels)
    errors = Record(naming.base(naming.ERRORS, base), base_errors(slo, base), labels)
    return (errors, events) if isinstance(slo.promql, ErrorRatio) else (events, errors)


def _ratios(planned: Ratio, within: RuleSet) -> Iterator[Record]:
    name = naming.error_ratio(planned.window)
    shared = [part for part in planned.parts if part.origin is not Origin.COUNTERS]
    if shared:
        members = [_members(part.cohort) for part in shared]
        sources = tuple((of.label, of.op, part.origin, part.base) for of, part in zip(members, shared, strict=True))
        expr = _weighted(tuple(of.value for of in members), sources, planned.window)
        yield Record(name, expr, _shared_labels(within))
    for part in planned.parts:
        if part.origin is Origin.COUNTERS:
            for slo in part.cohort.slos:
                yield Record(name, ratio(slo, planned.window), identity(slo))


@stencil
def _weighted(names: tuple[str, ...], sources: tuple[tuple[str, str, Origin, Window], ...], window: Window) -> Expr:
    """Errors over events, both summed over *window*, so that every event weighs the same."""

    def ratio_of(members: Matcher, origin: Origin, base: Window) -> Expr:
        errors, events = (
            call("sum_over_time", Selector(_source(kind, origin, base), (members,), window))
            for kind in (naming.ERRORS, naming.EVENTS)
        )
        return Binary(errors, "/", Binary(events, ">", _ZERO))

    given = zip(names, sources, strict=True)
    return either(ratio_of(Matcher(label, op, name), origin, base) for name, (label, op, origin, base) in given)


def _source(kind: str, origin: Origin, base: Window) -> str:
    match origin:
        case Origin.FINE:
            return naming.coarse(kind, FINE_STEP, base)
        case Origin.COARSE:
            return naming.coarse(kind, COARSE_STEP, base)
        case _:
            return naming.base(kind, base)


def _means(means: Means, within: RuleSet) -> Iterator[Record]:
    of = _members(means.cohort)
    for kind in (naming.EVENTS, naming.ERRORS):
        expr = _mean((of.value,), of.label, of.op, naming.base(kind, means.base), means.step)
        yield Record(naming.coarse(kind, means.step, means.base), expr, _shared_labels(within))


@stencil
def _mean(names: tuple[str, ...], label: str, op: str, metric: str, step: Window) -> Expr:
    return call("avg_over_time", Selector(metric, (Matcher(label, op, *names),), step))


def _start(start: Start, within: RuleSet) -> Record:
    expr = coverage.start_of(start, _members(start.cohort))
    return Record(naming.base(naming.START, start.base), expr, _shared_labels(within))


def _members(cohort: Cohort) -> Matcher:
    """What selects the recorded series of a cohort, as short as it is right."""
    first = cohort.slos[0]
    if cohort.everyone:
        return Matcher(naming.SLO_SERVICE, "=", first.service)
    if len(cohort.slos) == 1:
        return Matcher(naming.SLO_ID, "=", first.id)
    return Matcher(naming.SLO_ID, "=~", "|".join(slo.id for slo in cohort.slos))


def _shared_labels(within: RuleSet) -> dict[str, str]:
    """Without a label, promtool would take the shared rules of two services for duplicates."""
    return identity(within.everyone.slos[0]) if within.isolated else {naming.SLO_SERVICE: within.service}


def _constants(slo: Slo) -> tuple[Record, ...]:
    labels = identity(slo)
    described = {"owner": slo.owner, "description": slo.description}
    filled = {name: value for name, value in described.items() if value}
    info = {**slo.labels, **labels, **filled}
    return (
        Record(naming.OBJECTIVE, _constant((), slo.objective), labels),
        Record(naming.ERROR_BUDGET, _constant((), slo.error_budget), labels),
        Record(naming.TIME_PERIOD, _constant((), _days(slo.window)), labels),
        Record(naming.INFO, _constant((), _ONE), info),
    )


@stencil
def _constant(_names: tuple[str, ...], value: Decimal) -> Expr:
    return call("vector", Number(value))


@cache
def _days(window: Window) -> Decimal:
    return printed(window.days)


def _burn_rates(planned: RuleSet) -> Iterator[Record]:
    labels, everyone = _shared_labels(planned), _members(planned.everyone)
    current = ((naming.error_ratio(CURRENT), everyone),)
    period = [(naming.error_ratio(window), _members(cohort)) for window, cohort in planned.periods]
    for name, ratios in ((naming.CURRENT_BURN_RATE, current), (naming.PERIOD_BURN_RATE, period)):
        names = (everyone.value, *(of.value for _, of in ratios))
        given = tuple((metric, of.label, of.op) for metric, of in ratios)
        yield Record(name, _burn_rate(names, everyone.label, everyone.op, given), labels)
    yield Record(naming.BUDGET_REMAINING, _remaining((everyone.value,), everyone.label, everyone.op), labels)


@stencil
def _burn_rate(names: tuple[str, ...], label: str, op: str, ratios: tuple[tuple[str, str, str], ...]) -> Expr:
    """Error ratios over the error budget."""
    everyone, *members = names
    budget = Selector(naming.ERROR_BUDGET, (Matcher(label, op, everyone),))
    given = zip(members, ratios, strict=True)
    ratio_of_all = either(Selector(metric, (Matcher(of, by, name),)) for name, (metric, of, by) in given)
    return Binary(ratio_of_all, "/", budget, on=_ON_ID, group_left=True)


@stencil
def _remaining(names: tuple[str, ...], label: str, op: str) -> Expr:
    return Binary(Number(1), "-", Selector(naming.PERIOD_BURN_RATE, (Matcher(label, op, *names),)))


def _burn_alerts(slo: Slo, prose: Prose) -> tuple[Alert, ...]:
    found: list[Alert] = []
    for alert in slo.alerts:
        labels = {**alert.labels, **identity(slo), naming.SLO_SEVERITY: alert.severity.value}
        told = prose.burn(_words(slo, alert.severity), burn_queries(slo.group_by, slo.window))
        annotations = _wording(told, alert.annotations)
        if slo.split_tiers:
            found += (
                Alert(alert.name, burning(slo, (tier,)), {**labels, naming.SLO_TIER: tier.name}, annotations)
                for tier in alert.tiers
            )
        else:
            found.append(Alert(alert.name, burning(slo, alert.tiers), labels, annotations))
    return tuple(found)


def _no_data(slo: Slo, prose: Prose) -> tuple[Alert, ...]:
    alert = slo.no_data
    if alert is None:
        return ()
    labels = {**alert.labels, **identity(slo), naming.SLO_SEVERITY: Severity.TICKET.value}
    annotations = _wording(prose.no_data(_words(slo, Severity.TICKET)), alert.annotations)
    return (Alert(alert.name, blind(slo), labels, annotations, BLIND_FOR),)


@cache
def burn_queries(group_by: tuple[str, ...], window: Window) -> Mapping[str, Expr]:
    """What the wording of a burn alert may ask: each gives one number for its SLO and group, or nothing."""
    matchers = tuple(Matcher(label, "=", LABEL_VALUE) for label in (naming.SLO_ID, *group_by))
    burn_rate, remaining = (Selector(name, matchers) for name in (naming.CURRENT_BURN_RATE, naming.BUDGET_REMAINING))
    left, burning = Binary(remaining, ">", _ZERO), Binary(burn_rate, ">", _ZERO)
    return {
        "burn_rate": burn_rate,
        "budget_left": remaining,
        "seconds_left": Binary(Binary(left, "*", Number(window.seconds)), "/", burning),
    }


def _wording(told: Labels, own: Labels) -> Labels:
    """What an alert tells, the user's *own* annotations over ours."""
    return {**told, **own} if own else told


def _words(slo: Slo, severity: Severity) -> Words:
    return Words(severity.value, _percent(slo.objective), str(slo.window), slo.description, slo.owner, slo.group_by)


@cache
def _percent(objective: Decimal) -> str:
    return f"{plain(objective * 100)}%"

"""The records that the SLOs of a set share: windows, means, starts and burn rates."""

from collections.abc import Iterator
from typing import Final

from slogen import coverage, naming
from slogen.promql import Binary, Expr, Matcher, Number, Selector, call, either, stencil
from slogen.promrules.rule import Record, identity
from slogen.rules import COARSE_STEP, CURRENT, FINE_STEP, Cohort, Means, Origin, Ratio, RuleSet, Start
from slogen.sli_promql import ratio
from slogen.units import Window

_ZERO: Final = Number(0)
_ON_ID: Final = (naming.SLO_ID,)


def ratios(planned: Ratio, within: RuleSet) -> Iterator[Record]:
    """The error ratio over a window: one record of all SLOs that are summed, and one of each that reads counters."""
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


def means(planned: Means, within: RuleSet) -> Iterator[Record]:
    """Events and errors per second, the means over a step."""
    of = _members(planned.cohort)
    for kind in (naming.EVENTS, naming.ERRORS):
        expr = _mean((of.value,), of.label, of.op, naming.base(kind, planned.base), planned.step)
        yield Record(naming.coarse(kind, planned.step, planned.base), expr, _shared_labels(within))


@stencil
def _mean(names: tuple[str, ...], label: str, op: str, metric: str, step: Window) -> Expr:
    return call("avg_over_time", Selector(metric, (Matcher(label, op, *names),), step))


def start(planned: Start, within: RuleSet) -> Record:
    """Since when the SLOs are recorded."""
    expr = coverage.start_of(planned, _members(planned.cohort))
    return Record(naming.base(naming.START, planned.base), expr, _shared_labels(within))


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


def burn_rates(planned: RuleSet) -> Iterator[Record]:
    """The current burn rate, that of the SLO window, and the error budget that remains."""
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

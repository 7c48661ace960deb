"""The rules that an SLO shares with no other: its base series, its alerts, its constants."""

from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from typing import Final, Generic, NamedTuple, TypeVar

from slogen import naming
from slogen.conditions import blind, burning
from slogen.model import ErrorRatio, Labels, Severity, Slo
from slogen.policy import base_window
from slogen.promql import Binary, Expr, Matcher, Number, Selector, call, stencil
from slogen.promrules.rule import Alert, Record, Rule, identity
from slogen.prose import LABEL_VALUE, Prose, Words
from slogen.sli_promql import base_errors, base_events
from slogen.units import Window, plain, printed

BLIND_FOR: Final = Window.parse("15m")

_ZERO: Final = Number(0)
_ONE: Final = Decimal(1)

_R = TypeVar("_R")


class Own(NamedTuple, Generic[_R]):
    """What one SLO shares with no other: its base series, and its other rules by what they are for."""

    bases: tuple[Record, Record]
    burning: tuple[_R, ...]
    constants: tuple[_R, ...]
    blind: tuple[_R, ...]


def own(slo: Slo, prose: Prose) -> Own[Rule]:
    """What *slo* shares with no other."""
    return Own(bases(slo), _burn_alerts(slo, prose), _constants(slo), _no_data(slo, prose))


def bases(slo: Slo) -> tuple[Record, Record]:
    """The records of its events and its errors, in the order in which one reads the other."""
    base, labels = base_window(slo.scrape_interval), identity(slo)
    events = Record(naming.base(naming.EVENTS, base), base_events(slo, base), labels)
    errors = Record(naming.base(naming.ERRORS, base), base_errors(slo, base), labels)
    return (errors, events) if isinstance(slo.promql, ErrorRatio) else (events, errors)


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

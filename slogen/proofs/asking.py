"""What a test looks at, as PromQL, and what it must see."""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Final, NamedTuple

from slogen import naming
from slogen.model import BurnAlert, Severity, Slo
from slogen.promql import Aggregate, Expr, Matcher, Number, Selector, call, quote
from slogen.proofs.inputs import Driven
from slogen.proofs.watching import ITSELF, Ask, Check, clock
from slogen.rules import CURRENT
from slogen.units import Window

_ALERTS: Final = "ALERTS"
_STATE: Final = "alertstate"
_NAME: Final = "alertname"
_FIRING: Final = "firing"
_ROUNDED: Final = Decimal("0.001")
"""promtool compares to the last digit."""
_VALUES: Final = {Ask.ZERO_RATIO: "0", Ask.HALF_BURN: "0.5"}


class Question(NamedTuple):
    """
    What several SLOs may be asked at once.

    Attributes:
        at: seconds from the beginning.
        alert: the name of the alerts that are looked at; "" for all of them.
        metric: what is looked at; "" for alerts.
        by: labels that tell groups apart.
    """

    at: int
    ask: Ask
    severity: Severity | None
    alert: str
    metric: str
    by: tuple[str, ...]
    why: str


class Sample(NamedTuple):
    """One of the samples that must be seen."""

    labels: str
    value: str


class Asked(NamedTuple):
    """
    A query, when it is made, and what it must give.

    Attributes:
        at: since the beginning.
        why: what the method says.
    """

    expr: Expr
    at: str
    why: str
    seen: tuple[Sample, ...]


def answers(one: Driven, checks: Iterable[Check]) -> Iterator[tuple[Question, list[str]]]:
    """What an SLO is asked in *checks*, each with the labels that must be seen of it."""
    slo = one.slo
    for check in checks:
        if check.ask is Ask.HALF_BURN:
            for metric in (naming.CURRENT_BURN_RATE, naming.BUDGET_REMAINING):
                yield Question(check.at, check.ask, None, "", metric, (), check.why), [_labels({naming.SLO_ID: slo.id})]
        elif check.ask is Ask.ZERO_RATIO:
            metric = naming.error_ratio(CURRENT)
            yield Question(check.at, check.ask, None, "", metric, (), check.why), [_labels({naming.SLO_ID: slo.id})]
        elif check.ask is Ask.NO_RATIO:
            yield Question(check.at, check.ask, None, "", naming.EVERY_ERROR_RATIO, (), check.why), []
        elif check.ask is Ask.BLIND:
            name = slo.no_data.name if slo.no_data else ""
            seen = [_labels(_group(one, {naming.SLO_ID: slo.id}, group)) for group in check.groups]
            yield Question(check.at, check.ask, None, name, "", slo.group_by, check.why), seen
        else:
            yield _of_burn(one, check)


def _of_burn(one: Driven, check: Check) -> tuple[Question, list[str]]:
    slo, severity = one.slo, check.severity
    if severity is None:
        return Question(check.at, check.ask, None, "", "", (), check.why), []
    alert = next(alert for alert in slo.alerts if alert.severity is severity)
    if check.ask is Ask.LABELS and not slo.split_tiers and all("{{" not in text for text in alert.labels.values()):
        seen = [_labels(_group(one, _every_label(slo, alert), group)) for group in check.groups]
        return Question(check.at, Ask.LABELS, severity, alert.name, "", (), check.why), seen
    told = {naming.SLO_ID: slo.id, naming.SLO_SEVERITY: severity.value}
    seen = [_labels(_group(one, told, group)) for group in check.groups]
    kind = Ask.NEVER if check.ask is Ask.NEVER else Ask.FIRING
    by = () if kind is Ask.NEVER else slo.group_by
    return Question(check.at, kind, severity, alert.name, "", by, check.why), seen


def _every_label(slo: Slo, alert: BurnAlert) -> dict[str, str]:
    own = {name: value for name, value in alert.labels.items() if value}
    return {
        "__name__": _ALERTS,
        _NAME: alert.name,
        _STATE: _FIRING,
        **own,
        **identity(slo),
        naming.SLO_SEVERITY: alert.severity.value,
    }


def identity(slo: Slo) -> dict[str, str]:
    """The labels that name an SLO."""
    return {naming.SLO_ID: slo.id, naming.SLO_SERVICE: slo.service, naming.SLO_NAME: slo.name}


def _group(one: Driven, labels: dict[str, str], group: int) -> dict[str, str]:
    return labels if group == ITSELF else {**labels, **one.groups[group]}


def _labels(labels: dict[str, str]) -> str:
    metric = labels.pop("__name__", "")
    return f"{metric}{{{', '.join(f'{name}={quote(value)}' for name, value in sorted(labels.items()))}}}"


def ask(question: Question, given: list[tuple[Slo, list[str]]], *, everyone: bool) -> Asked:
    """*question*, put to the SLOs of *given* at once; *everyone* where these are all of their service."""
    members = _members([slo for slo, _ in given], everyone=everyone)
    value = _VALUES.get(question.ask, "1")
    seen = tuple(Sample(labels, value) for _, every in given for labels in every)
    return Asked(_query(question, members), clock(question.at), question.why, seen)


def _query(question: Question, members: Matcher) -> Expr:
    alerts = _alerts(question, members)
    match question.ask:
        case Ask.NEVER:
            return call("count_over_time", alerts.over(Window(question.at)))
        case Ask.FIRING:
            return Aggregate("group", alerts, (naming.SLO_ID, naming.SLO_SEVERITY, *question.by))
        case Ask.BLIND:
            return Aggregate("group", alerts, (naming.SLO_ID, *question.by))
        case Ask.LABELS:
            return alerts
        case Ask.NO_RATIO:
            return Selector("", (Matcher("__name__", "=~", question.metric), members))
        case Ask.ZERO_RATIO | Ask.HALF_BURN:
            summed = Aggregate("sum", Selector(question.metric, (members,)), (naming.SLO_ID,))
            return call("round", summed, Number(_ROUNDED))


def _alerts(question: Question, members: Matcher) -> Selector:
    matchers = [Matcher(_STATE, "=", _FIRING), members]
    if question.severity:
        matchers.insert(0, Matcher(naming.SLO_SEVERITY, "=", question.severity.value))
    if question.alert:
        matchers.insert(0, Matcher(_NAME, "=", question.alert))
    return Selector(_ALERTS, tuple(matchers))


def _members(slos: list[Slo], *, everyone: bool) -> Matcher:
    if everyone and len({slo.id for slo in slos}) > 1:
        return Matcher(naming.SLO_SERVICE, "=", slos[0].service)
    ids = dict.fromkeys(slo.id for slo in slos)
    return Matcher(naming.SLO_ID, "=" if len(ids) == 1 else "=~", "|".join(ids))

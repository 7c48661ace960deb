"""
What alerts say: one test of a service's for each alert template that slogen brings.

A total outage from the beginning makes every number in the wording known: the budget burns at 1 / error budget.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Final, NamedTuple

from slogen import naming
from slogen.model import BurnAlert, NoDataAlert, Severity, Slo
from slogen.proofs.asking import identity
from slogen.proofs.cases import BLIND_FOR, LONG_STEP, STEP
from slogen.proofs.inputs import Driven
from slogen.proofs.subject import Kind
from slogen.proofs.traffic import Phase, Timeline
from slogen.proofs.watching import Pace, clock
from slogen.prose import Prose
from slogen.units import plain

_PREFIXES: Final = ("", "k", "M", "G", "T")
_LONGEST: Final = 4 * 3600


class Alert(NamedTuple):
    """An alert that fires."""

    labels: Mapping[str, str]
    annotations: Mapping[str, str]


class Told(NamedTuple):
    """All alerts of one name that fire at a time, which counts from the beginning."""

    name: str
    at: str
    seen: tuple[Alert, ...]


class Wording(NamedTuple):
    """
    What happens to one SLO while all others are healthy, and what its alerts say then.

    Attributes:
        step: seconds between evaluations.
    """

    of: Driven
    step: int
    timeline: Timeline
    told: tuple[Told, ...]


def wording(driven: list[Driven], prose: Prose) -> Wording | None:
    """What the alerts of one of these SLOs say; None where there is none whose wording is slogen's own."""
    fitting = [one for one in driven if one.subject.kind is not Kind.NATIVE and _plain(one.slo) and one.slo.alerts]
    if not fitting:
        return None
    chosen = min(fitting, key=lambda one: (len(one.slo.group_by), _last(one)))
    step = STEP if _last(chosen) <= _LONGEST else LONG_STEP
    slack = Pace(step, chosen.subject.base).slack
    interval = chosen.subject.interval
    outage, gone = (-(-time // interval) * interval for time in (int(_last(chosen)) + 1 + slack, BLIND_FOR + slack))
    told: list[Told] = []
    if not any(name.startswith("alert/burn") for name in prose.own):
        names = dict.fromkeys(alert.name for alert in chosen.slo.alerts)
        told += [Told(name, clock(outage), tuple(_burning(chosen, name, prose))) for name in names]
    if chosen.slo.no_data and not any(name.startswith("alert/no_data") for name in prose.own):
        alert = chosen.slo.no_data
        told.append(Told(alert.name, clock(outage + gone), tuple(_blind(chosen, alert, prose))))
    timeline = (Phase(outage, Decimal(1)), Phase(gone, gone=True))
    return Wording(chosen, step, timeline, tuple(told)) if told else None


def _last(one: Driven) -> Fraction:
    """When the slower severity holds in a total outage."""
    firsts = (min(Fraction(tier.threshold) * tier.long.seconds for tier in tiers) for _, tiers in one.subject.tiers)
    return max(firsts, default=Fraction(0))


def _plain(slo: Slo) -> bool:
    """Whether its labels and annotations are texts that Prometheus does not fill, and its alerts have two names."""
    alerts: list[BurnAlert | NoDataAlert] = [*slo.alerts, *([slo.no_data] if slo.no_data else [])]
    texts = (text for alert in alerts for text in (*alert.labels.values(), *alert.annotations.values()))
    distinct = slo.no_data is None or slo.no_data.name not in {alert.name for alert in slo.alerts}
    return distinct and not slo.split_tiers and not any("{{" in text for text in texts)


def _burning(one: Driven, name: str, prose: Prose) -> Iterator[Alert]:
    for alert in one.slo.alerts:
        if alert.name == name:
            rate = humanized(1 / float(one.slo.error_budget))
            words = _told(prose, "burn", {**_words(one.slo, one.groups[0]), **_of(alert.severity), "rate": rate})
            labels = _labels(one.slo, alert.labels, alert.severity, one.groups[0])
            yield Alert(labels, {**words, **alert.annotations})


def _blind(one: Driven, alert: NoDataAlert, prose: Prose) -> Iterator[Alert]:
    for group in [{}, *(one.groups[:1] if one.slo.group_by else ())]:
        words = _told(prose, "no_data", {**_words(one.slo, group), **_of(Severity.TICKET)})
        labels = _labels(one.slo, alert.labels, Severity.TICKET, group)
        yield Alert(labels, {**words, **alert.annotations})


def _told(prose: Prose, kind: str, words: Mapping[str, str]) -> dict[str, str]:
    return {part: prose.report(f"promtool/{kind}_{part}.txt.j2", words).strip() for part in ("summary", "description")}


def _of(severity: Severity) -> dict[str, str]:
    return {"severity": severity.value}


def _words(slo: Slo, group: Mapping[str, str]) -> dict[str, str]:
    return {
        "service": slo.service,
        "name": slo.name,
        "objective": f"{plain(slo.objective * 100)}%",
        "window": str(slo.window),
        "description": slo.description,
        "group": "".join(f" {label}={value}" for label, value in group.items()),
    }


def _labels(slo: Slo, own: Mapping[str, str], severity: Severity, group: Mapping[str, str]) -> dict[str, str]:
    labels = {**own, **group, **identity(slo), naming.SLO_SEVERITY: severity.value}
    return {name: value for name, value in labels.items() if value}


def humanized(value: float) -> str:
    """
    *value*, at least 1, as Prometheus' template function humanize writes it.

    Source: https://prometheus.io/docs/prometheus/latest/configuration/template_reference/#numbers
    """
    steps = 0
    while value >= 1000 and steps < len(_PREFIXES) - 1:  # noqa: PLR2004
        value, steps = value / 1000, steps + 1
    return f"{value:.4g}{_PREFIXES[steps]}"

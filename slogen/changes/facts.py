"""What there is to say of an SLO in its own words, whether its file tells or only its rules do."""

import re
from collections.abc import Hashable, Iterable, Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Final, NamedTuple

from slogen import naming
from slogen.changes.subjects import Subject
from slogen.diagnostics import Position
from slogen.model import BurnAlert, NoDataAlert, Platform, Severity, Slo
from slogen.policy import SHORTEST_BASE, base_window
from slogen.promql.meaning import meaning
from slogen.promql.shared import reads, without
from slogen.rule_files import ALERT, RECORD, Rule
from slogen.sli_promql import base_errors, base_events
from slogen.units import Window, plain

NO_DATA: Final = "no-data"
"""What the alert for missing data is called beside those of severities."""

_ERROR_RATIO = re.compile(r"slo:sli_error:ratio_rate(\w+)", re.ASCII)
_BASE = re.compile(r"slo:sli_(?:events|errors):rate(\w+)", re.ASCII)


class Held(NamedTuple):
    """
    An alert tier.

    Attributes:
        threshold: error ratio above which it holds.
    """

    severity: str
    long: Window
    short: Window
    threshold: Decimal

    @property
    def name(self) -> str:
        """As slogen calls it everywhere: ``page-1h``."""
        return naming.tier(self.severity, self.long)

    @property
    def full_outage_seconds(self) -> Decimal | None:
        """How long errors of all events, after none, take to lift the long window above the threshold; or None."""
        return self.threshold * self.long.seconds if self.threshold < 1 else None


class Alerting(NamedTuple):
    """
    An alert of an SLO.

    Attributes:
        role: a severity, or `NO_DATA`.
        labels: by which it is routed; those of its identity apart.
    """

    role: str
    name: str
    labels: Mapping[str, str]


class Facts(NamedTuple):
    """
    An SLO.

    Attributes:
        objective: promised share of good events; None where nothing tells it.
        window: None where nothing tells it.
        tiers: the fastest first.
        sli: what is measured; comparable where both sides have it from the same kind of source.
        bases: base windows that it is recorded over.
        settings: what else its file says, in print; empty where rules tell of it.
        modelled: whether the SLO file told it, not the rules.
        place: where the SLO is written; None where rules tell of it.
    """

    subject: Subject
    objective: Decimal | None
    window: Window | None
    tiers: tuple[Held, ...]
    alerts: tuple[Alerting, ...]
    sli: Hashable
    bases: tuple[str, ...]
    settings: Mapping[str, str]
    modelled: bool
    place: Position | None = None


def of_slo(slo: Slo) -> Facts:
    """What the file of an SLO tells."""
    tiers = (
        Held(tier.severity.value, tier.long, tier.short, tier.threshold) for alert in slo.alerts for tier in alert.tiers
    )
    alerts: list[BurnAlert | NoDataAlert] = [*slo.alerts, *([slo.no_data] if slo.no_data else [])]
    return Facts(
        Subject(slo.id, slo.service, slo.name),
        slo.objective,
        slo.window,
        _sorted(tiers),
        tuple(
            Alerting(one.severity.value if isinstance(one, BurnAlert) else NO_DATA, one.name, one.labels)
            for one in alerts
        ),
        _measured(slo),
        (str(base_window(slo.scrape_interval)),),
        _settings(slo),
        modelled=True,
        place=slo.place.position,
    )


def _measured(slo: Slo) -> Hashable:
    """What an SLO measures, however its selectors are written, whatever it is called, however often it is scraped."""
    names = dict(zip(naming.IDENTITY, (slo.id, slo.service, slo.name), strict=True))
    queries = (base_events(slo, SHORTEST_BASE), base_errors(slo, SHORTEST_BASE))
    said = tuple(without(meaning(str(query)), names) for query in queries)
    return (said, slo.sli if isinstance(slo.sli, Platform) else None, frozenset(slo.group_by), slo.datasource)


def _settings(slo: Slo) -> dict[str, str]:
    told: dict[str, object] = {
        "owner": slo.owner,
        "description": slo.description,
        "group_by": ", ".join(slo.group_by),
        "strategy": slo.strategy.value,
        "isolated": slo.isolated,
        "split_tiers": slo.split_tiers,
        "weigh_coverage": slo.weigh_coverage,
        "min_events": slo.min_events,
        "datasource": slo.datasource.value,
        **{f"labels.{name}": value for name, value in slo.labels.items()},
    }
    return {name: _told(value) for name, value in told.items()}


def _told(value: object) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case Decimal():
            return plain(value)
        case _:
            return str(value or "")


def _sorted(tiers: Iterable[Held]) -> tuple[Held, ...]:
    return tuple(sorted(tiers, key=lambda tier: (tier.severity, tier.long)))


def of_rules(subject: Subject, rules: Iterable[Rule]) -> Facts:
    """What the *rules* with the identity of an SLO tell."""
    records: dict[str, Rule] = {}
    alerts: list[Alerting] = []
    tiers: list[Held] = []
    bases: dict[str, None] = {}
    sli = []
    for rule in rules:
        if rule.kind == ALERT:
            role = NO_DATA if rule.pending else rule.labels.get(naming.SLO_SEVERITY, "")
            kept = {name: value for name, value in rule.labels.items() if name not in naming.RESERVED}
            alerts.append(Alerting(role, rule.name, kept))
            tiers += _tiers(rule)
            continue
        records[rule.name] = rule
        if base := _BASE.fullmatch(rule.name):
            bases[base[1]] = None
            sli.append((rule.name.partition(":rate")[0], without(meaning(rule.expr), subject.selected_by)))
    days = _constant(records.get(naming.TIME_PERIOD))
    return Facts(
        subject,
        _constant(records.get(naming.OBJECTIVE)),
        Window(int(days * 86_400)) if days and days > 0 else None,
        _sorted(tiers),
        tuple({(one.role, one.name, frozenset(one.labels.items())): one for one in alerts}.values()),
        tuple(sorted(sli, key=repr)),
        tuple(bases),
        {},
        modelled=False,
    )


def _constant(rule: Rule | None) -> Decimal | None:
    """The number of ``vector(0.999)``."""
    said = meaning(rule.expr) if rule and rule.kind == RECORD else ()
    match said:
        case ("call", "vector", ("number", str(text))):
            try:
                value = Decimal(text)
            except InvalidOperation:
                return None
            return value if value.is_finite() else None
    return None


def _tiers(rule: Rule) -> Iterator[Held]:
    """The pairs of windows over which an alert compares error ratios to one threshold."""
    severity = rule.labels.get(naming.SLO_SEVERITY, "")
    if severity not in tuple(Severity):
        return
    for limits in _together(meaning(rule.expr)):
        windows = sorted(window for window, _ in limits)
        thresholds = {threshold for _, threshold in limits}
        if len(windows) == 2 and len(thresholds) == 1:  # noqa: PLR2004 - a long and a short one
            yield Held(severity, windows[1], windows[0], thresholds.pop())


def _together(said: Hashable) -> Iterator[list[tuple[Window, Decimal]]]:
    """The limits on error ratios in each of the alternatives of a condition."""
    match said:
        case ("binary", "or", _, left, right):
            yield from _together(left)
            yield from _together(right)
        case _:
            yield list(_limits(said))


def _limits(said: Hashable) -> Iterator[tuple[Window, Decimal]]:
    match said:
        case ("binary", "and", _, left, right):
            yield from _limits(left)
            yield from _limits(right)
        case ("binary", ">", _, left, ("number", str(limit))):
            names = (_ERROR_RATIO.fullmatch(read.metric) for read in reads(left))
            for name in filter(None, names):
                try:
                    yield Window.parse(name[1]), Decimal(limit)
                except (ValueError, InvalidOperation):
                    continue

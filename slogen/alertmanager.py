"""What Alertmanager needs so that a page silences the ticket of the same SLO and group, and each goes its way."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from slogen import naming
from slogen.model import BurnAlert, Severity, Slo


class Inhibition(NamedTuple):
    """
    A page of one of *alerts* silences the ticket that has the same value of every label in *equal*.

    Attributes:
        slo_id: the only SLO that it is about; empty for all.
    """

    alerts: tuple[str, ...]
    equal: tuple[str, ...]
    slo_id: str = ""

    @property
    def source(self) -> list[str]:
        """What selects the page."""
        return self._matchers(Severity.PAGE)

    @property
    def target(self) -> list[str]:
        """What selects the ticket; the alert for missing data is one of another name."""
        return self._matchers(Severity.TICKET)

    def _matchers(self, severity: Severity) -> list[str]:
        own = [f"{naming.SLO_ID}={self.slo_id}"] if self.slo_id else []
        return [f"{naming.SLO_SEVERITY}={severity}", _named(self.alerts), *own]


def _named(alerts: Sequence[str]) -> str:
    """A matcher for alerts; nothing in their names needs quotes or means something in a regular expression."""
    return f"alertname={alerts[0]}" if len(alerts) == 1 else f"alertname=~{'|'.join(alerts)}"


def inhibitions(slos: Iterable[Slo]) -> tuple[Inhibition, ...]:
    """
    One rule for all *slos*, and one for each that needs its own.

    A label that neither alert has is equal on both, so that the labels of every grouping can stand in one rule;
    but for an SLO whose page and ticket differ in a label by which only others are grouped.

    Source: https://prometheus.io/docs/alerting/latest/configuration/#inhibition-related-settings
    """
    both = [slo for slo in slos if len(slo.alerts) == len(Severity)]
    if not both:
        return ()
    labels = tuple(sorted({label for slo in both for label in slo.group_by}))
    names = tuple(sorted({alert.name for slo in both for alert in slo.alerts}))
    own = (
        Inhibition(tuple(sorted({alert.name for alert in slo.alerts})), (naming.SLO_ID, *slo.group_by), slo.id)
        for slo in both
        if any(_differ(slo.alerts, label) for label in labels if label not in slo.group_by)
    )
    return (Inhibition(names, (naming.SLO_ID, *labels)), *own)


def _differ(alerts: Sequence[BurnAlert], label: str) -> bool:
    """Whether alerts may have different values of *label*; those of a template are known only when they fire."""
    values = {alert.labels.get(label, "") for alert in alerts}
    return len(values) > 1 or any("{{" in value for value in values)


def confused(slos: Iterable[Slo]) -> tuple[str, ...]:
    """SLOs whose alert for missing data is silenced too, since it has the name of a burn alert."""
    every = tuple(slos)
    names = {alert.name for slo in every for alert in slo.alerts}
    return tuple(slo.id for slo in every if slo.no_data and slo.no_data.name in names)


def fragment(slos: Sequence[Slo]) -> dict[str, Any]:
    """What the template of the fragment is filled with."""
    return {
        "severities": [severity.value for severity in Severity],
        "label": naming.SLO_SEVERITY,
        "group_by": ["alertname", naming.SLO_ID],
        "inhibitions": inhibitions(slos),
        "confused": confused(slos),
    }

"""The alerts of an SLO: what each carries, and which of its tiers can fire."""

from typing import NamedTuple, TypeVar

from slogen import naming
from slogen.model import BurnAlert, Labels, NoDataAlert, Severity, Tier
from slogen.organisation import Organisation
from slogen.policy import Policy, tiers
from slogen.scope import Scope
from slogen.source import Path
from slogen.spec import SeveritySpec, SloSpec
from slogen.units import Window, plain, printed

_T = TypeVar("_T")


class Settings(NamedTuple):
    """Labels and annotations that an alert has beside those of its SLO."""

    labels: Labels
    annotations: Labels


def given(*values: _T | None) -> _T | None:
    """The first value that was given at all."""
    return next((value for value in values if value is not None), None)


class AlertResolver(NamedTuple):
    """Works out the alerts of one SLO from what it and its organisation say."""

    spec: SloSpec
    organisation: Organisation
    path: Path
    scope: Scope

    def settings(self, key: str) -> Settings | None:
        """What the alert *key* carries, the SLO's over the organisation's; None when it is off."""
        own, default = getattr(self.spec.alerting, key), getattr(self.organisation.alerting, key)
        written = key in self.spec.alerting.model_fields_set
        if own is None or (default is None and not written):
            return None
        base: SeveritySpec = default or SeveritySpec.empty()
        return Settings({**base.labels, **own.labels}, {**base.annotations, **own.annotations})

    def burn(self, policy: Policy, window: Window, labels: Labels, annotations: Labels) -> tuple[BurnAlert, ...]:
        """The alert of each severity, with those of its tiers that can fire."""
        name = given(self.spec.alerting.name, self.organisation.alerting.name) or naming.BURN_ALERT
        every = tiers(policy, window, self.spec.objective)
        alerts = []
        for severity in Severity:
            settings = self.settings(severity.value)
            of_severity = tuple(tier for tier in every if tier.severity is severity)
            if settings is None or not of_severity:
                continue
            reachable = tuple(tier for tier in of_severity if tier.threshold < 1)
            self._tell_unreachable(severity, of_severity, reachable)
            alerts.append(
                BurnAlert(
                    severity,
                    name,
                    reachable,
                    {naming.SEVERITY: severity.value, **labels, **settings.labels},
                    {**annotations, **settings.annotations},
                )
            )
        return tuple(alerts)

    def _tell_unreachable(self, severity: Severity, every: tuple[Tier, ...], reachable: tuple[Tier, ...]) -> None:
        lost = [tier for tier in every if tier not in reachable]
        if not lost:
            return
        reasons = ", ".join(
            f"{tier.name} (burn rate {plain(printed(tier.burn_rate))}, threshold {plain(tier.threshold * 100)} %)"
            for tier in lost
        )
        objective = f"an objective of {plain(self.spec.objective * 100)}"
        where = (*self.path, "objective")
        if reachable:
            left = ", ".join(tier.name for tier in reachable)
            message = f"with {objective}, {reasons} can never fire and is left out; {left} is left"
            self.scope.warning(where, "unreachable-tier", message)
        else:
            remedy = f"raise it, choose another policy, or write '{severity}: false' under 'alerting'"
            message = f"with {objective} nothing can {severity}, since {reasons} can never fire; {remedy}"
            self.scope.error(where, "unreachable-severity", message)

    def no_data(self, labels: Labels, annotations: Labels) -> NoDataAlert | None:
        """The alert for an SLO that has gone blind, unless it is off."""
        settings = self.settings("no_data")
        if settings is None:
            return None
        names = (
            getattr(alerting.no_data, "name", None) for alerting in (self.spec.alerting, self.organisation.alerting)
        )
        return NoDataAlert(
            given(*names) or naming.NO_DATA_ALERT,
            {naming.SEVERITY: Severity.TICKET.value, **labels, **settings.labels},
            {**annotations, **settings.annotations},
        )

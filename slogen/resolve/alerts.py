"""The alerts of an SLO: what each carries, and which of its tiers can fire."""

from decimal import Decimal
from functools import lru_cache
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


@lru_cache(maxsize=1024)
def _by_severity(
    policy: Policy, window: Window, objective: Decimal
) -> tuple[tuple[Severity, tuple[Tier, ...], tuple[Tier, ...]], ...]:
    """Each severity that *policy* has tiers of, all of these, and those that can fire."""
    every = tiers(policy, window, objective)
    found = ((severity, tuple(tier for tier in every if tier.severity is severity)) for severity in Severity)
    return tuple((severity, of, tuple(tier for tier in of if tier.threshold < 1)) for severity, of in found if of)


class AlertResolver(NamedTuple):
    """Works out the alerts of one SLO from what it and its organisation say."""

    spec: SloSpec
    organisation: Organisation
    path: Path
    scope: Scope

    def settings(self, key: str) -> Settings | None:
        """What the alert *key* carries, the SLO's over the organisation's; None when it is off."""
        default = getattr(self.organisation.alerting, key)
        if key not in self.spec.alerting.model_fields_set:
            return Settings(default.labels, default.annotations) if default else None
        own = getattr(self.spec.alerting, key)
        if own is None:
            return None
        base: SeveritySpec = default or SeveritySpec.empty()
        return Settings({**base.labels, **own.labels}, {**base.annotations, **own.annotations})

    def burn(self, policy: Policy, window: Window, labels: Labels, annotations: Labels) -> tuple[BurnAlert, ...]:
        """The alert of each severity, with those of its tiers that can fire."""
        name = given(self.spec.alerting.name, self.organisation.alerting.name) or naming.BURN_ALERT
        alerts = []
        for severity, every, reachable in _by_severity(policy, window, self.spec.objective):
            settings = self.settings(severity.value)
            if settings is None:
                continue
            if reachable != every:
                self._tell_unreachable(severity, every, reachable)
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

"""What if an SLO promised something else, or alerted otherwise: the same events, other tiers."""

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from typing import NamedTuple, TypeVar

from slogen.diagnostics import Report
from slogen.model import BurnAlert, Slo
from slogen.organisation import Organisation
from slogen.policy import Policy, tiers
from slogen.replay.replaying import WhatIf, as_written, variant
from slogen.scope import Scope
from slogen.units import plain

_T = TypeVar("_T")


class Question(NamedTuple):
    """
    What is to be different; None leaves a thing as it is written.

    Attributes:
        objective: a ratio within (0, 1).
        min_events: 0 for no limit.
    """

    objective: Decimal | None = None
    policy: Policy | None = None
    min_events: Decimal | None = None

    @property
    def label(self) -> str:
        """What is different, in words: ``objective 99.5, policy calm``."""
        said = []
        if self.objective is not None:
            said.append(f"objective {plain(self.objective * 100)}")
        if self.policy:
            said.append(f"policy {self.policy.name}")
        if self.min_events is not None:
            said.append(f"min_events {plain(self.min_events)}" if self.min_events else "no min_events")
        return ", ".join(said)


def questions(
    objectives: Iterable[Decimal], policies: Iterable[Policy], min_events: Iterable[Decimal]
) -> tuple[Question, ...]:
    """Each of what is given with each of the others."""
    given = _given(objectives), _given(policies), _given(min_events)
    return tuple(
        question
        for objective in given[0]
        for policy in given[1]
        for least in given[2]
        if (question := Question(objective, policy, least)).label
    )


def _given(values: Iterable[_T]) -> tuple[_T | None, ...]:
    return (*dict.fromkeys(values),) or (None,)


def policy_of(slo: Slo, organisation: Organisation) -> Policy:
    """The policy that the file of *slo* names, or the *organisation*'s."""
    scope = Scope(slo.place.source, Report(), organisation.prometheus_version)
    return organisation.policies[str(scope.written((*slo.place.path, "policy")) or organisation.policy)]


def variants(slo: Slo, policy: Policy, asked: Iterable[Question]) -> tuple[WhatIf, ...]:
    """
    *slo* as it is written, and as each question has it.

    Args:
        policy: that of the SLO.
    """
    return (as_written(slo), *(_asked(slo, policy, question) for question in asked))


def fits(slo: Slo, policy: Policy) -> bool:
    """Whether the SLO window is as long as the longest alert window of *policy*."""
    return policy.longest <= slo.window


def _asked(slo: Slo, policy: Policy, question: Question) -> WhatIf:
    objective = slo.objective if question.objective is None else question.objective
    chosen = question.policy or policy
    least = slo.min_events if question.min_events is None else question.min_events or None
    reachable = [tier for tier in tiers(chosen, slo.window, objective) if tier.threshold < 1]

    def of(alert: BurnAlert) -> BurnAlert:
        return alert._replace(tiers=tuple(tier for tier in reachable if tier.severity is alert.severity))

    other = replace(
        slo,
        objective=objective,
        window_pairs=chosen.window_pairs,
        alerts=tuple(alert for alert in map(of, slo.alerts) if alert.tiers),
        min_events=least,
    )
    return WhatIf(variant(other, question.label, question.policy.name if question.policy else ""), other)

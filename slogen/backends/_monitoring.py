"""What targets of Cloud Monitoring have in common: what it cannot say of an SLO, and which SLOs are for it."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from slogen.backends._backend import Objection, Verdict
from slogen.bounds import nearest
from slogen.model import Platform, PlatformLatency, Slo
from slogen.monitoring.equivalence import Indicator, Refusal, indicator
from slogen.monitoring.labels import lawful
from slogen.monitoring.policy import LONGEST_LOOK_BACK, lost_tiers, user_labels
from slogen.units import Window, plain

HIGHEST_GOAL: Final = Decimal("0.9999")
LONGEST_WINDOW: Final = Window.parse("30d")
_DAY: Final = Window.parse("1d")


def wants(slo: Slo) -> bool:
    """Whether *slo* is to be kept there: it is, unless it says ``cloud_monitoring: false``."""
    return slo.cloud is not None


def measured(slo: Slo) -> Indicator:
    """
    What *slo* measures.

    Raises:
        ValueError: there was an objection to it, and nobody minded.
    """
    match indicator(slo):
        case Refusal(reasons):
            raise ValueError(reasons)
        case found:
            return found


def objections(slo: Slo) -> Iterator[Objection]:
    """
    What Cloud Monitoring cannot say of *slo*, and what it says otherwise.

    Source: https://cloud.google.com/monitoring/api/ref_v3/rest/v3/services.serviceLevelObjectives
    """
    if slo.objective > HIGHEST_GOAL:
        most = f"a goal is at most {plain(HIGHEST_GOAL * 100)} there"
        yield Objection(f"{most}, and this one is {plain(slo.objective * 100)}", key=("objective",))
    if slo.window > LONGEST_WINDOW or slo.window.seconds % _DAY.seconds:
        message = f"an SLO window is of whole days there, {LONGEST_WINDOW} at most, and this one is {slo.window}"
        yield Objection(message, key=("window",))
    if slo.group_by:
        message = "an SLO has one budget there, and 'group_by' asks for one per group; write an SLO for each of them"
        yield Objection(message, key=("group_by",))
    if slo.cloud and slo.cloud.located and isinstance(slo.sli, Platform):
        message = (
            "this is the location of series that Managed Service for Prometheus holds, and the preset reads none of "
            "them; write labels of its own under 'with'"
        )
        yield Objection(message, key=("cloud_monitoring", "location"))
    found = indicator(slo)
    if isinstance(found, Refusal):
        for reason in found.reasons:
            yield Objection(reason.message, key=reason.key)
    yield from _late(slo)
    yield from _estimated(slo)
    yield from _labels(slo)


def together(slos: tuple[Slo, ...]) -> Iterator[Objection]:
    """What the SLOs of one service cannot be together: in several projects."""
    projects = list(dict.fromkeys(slo.cloud.project for slo in slos if slo.cloud))
    if len(projects) > 1:
        named = " and ".join(project or "none" for project in projects)
        yield Objection(f"the SLOs of a service are in one project, and these are in {named}; write it once")


def _late(slo: Slo) -> Iterator[Objection]:
    """Data that arrive later than a short window is long."""
    delay = slo.sli.delay if isinstance(slo.sli, Platform) else 0
    short = [tier for alert in slo.alerts for tier in alert.tiers if tier.short < delay]
    if short:
        windows = ", ".join(f"{tier.short} of {tier.name}" for tier in short)
        message = (
            f"the metric can be read up to {Window(delay)} after it was measured, which is longer than the short "
            f"window {windows}; alerts fire and reset that much later"
        )
        yield Objection(message, Verdict.DIFFERS, ("sli",))


def _estimated(slo: Slo) -> Iterator[Objection]:
    """A threshold at which no bucket is known to end."""
    if not isinstance(slo.sli, PlatformLatency) or slo.sli.exact:
        return
    bound, buckets, key = slo.sli.bound, slo.sli.buckets, ("sli", "latency", "threshold")
    if buckets:
        message = (
            f"none of the distribution's buckets ends at {plain(bound)}, so how many events are below it is estimated; "
            f"{nearest(bound, buckets)}; list yours as 'buckets' under 'with' if they differ"
        )
        yield Objection(message, Verdict.DIFFERS, key)
    if lost := lost_tiers(slo):
        reason = "an alert that needs 'min_events'" if slo.min_events else f"a window beyond {LONGEST_LOOK_BACK}"
        known = "no bucket is known to end at the threshold"
        names = ", ".join(tier.name for tier in lost)
        message = f"{reason} is asked for in PromQL, which counts whole buckets, and {known}; without {names}"
        remedy = "list the distribution's bounds as 'buckets' under 'with'"
        yield Objection(f"{message}; {remedy}", Verdict.DIFFERS, key)


def _labels(slo: Slo) -> Iterator[Objection]:
    """Labels that an alert policy cannot have, or, where there is none, the SLO."""
    policies = [user_labels(slo, alert, tier) for alert in slo.alerts for tier in alert.tiers]
    for message in dict.fromkeys(one for labels in policies or [lawful(slo.labels)] for one in labels.lost):
        yield Objection(message, Verdict.DIFFERS, ("labels",))

"""What an SLO's numbers mean: budget, detection and reset times, traffic, downtime; values, no text."""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from fractions import Fraction
from math import ceil
from typing import Final, NamedTuple

from slogen import policy
from slogen.dependencies import Combined
from slogen.model import BurnAlert, ErrorRatio, PlatformLatency, PlatformRatio, Severity, Slo, Strategy, Tier
from slogen.promrules import SLOW_INTERVAL
from slogen.rules import LONG
from slogen.units import Window

ERROR_RATIOS: Final = (Fraction(1), Fraction(1, 10), Fraction(1, 100))
"""The outages that are explained: everything fails, a tenth does, a hundredth does."""

PERIODS: Final = (
    ("day", Window.parse("1d")),
    ("week", Window.parse("7d")),
    ("month", Window.parse("30d")),
    ("year", Window.parse("365d")),
)
"""
The periods of the table of nines, as long as the SRE Book has them.

Source: https://sre.google/sre-book/availability-table/
"""
NINES: Final = tuple(map(Decimal, ("0.9", "0.95", "0.99", "0.995", "0.999", "0.9995", "0.9999", "0.99999")))

LOW_PAGE: Final = Fraction(1, 10)
"""A page that needs more errors than this leaves outages to tickets that people would want to be woken for."""


class Timing(NamedTuple):
    """
    What an alert does about errors at a steady ratio, in seconds; traffic is steady too.

    Attributes:
        detection: from the first error until it fires; None when it never does.
        reset: from the last error until it no longer fires; None when it never did.
        outage: shortest outage after which *reset* is true, which is when every tier that can hold does.
    """

    error_ratio: Fraction
    detection: Fraction | None
    reset: Fraction | None
    outage: Fraction | None


class TierFacts(NamedTuple):
    """
    A tier, the share of the budget that is spent when it detects, and its times.

    Attributes:
        lag: seconds by which Prometheus may be later than the arithmetic.
    """

    tier: Tier
    limit: Fraction
    spent: Fraction
    timings: tuple[Timing, ...]
    lag: int


class SeverityFacts(NamedTuple):
    """The alert of a severity, which fires as soon as one of its tiers holds and until the last lets go."""

    severity: Severity
    alert: str
    timings: tuple[Timing, ...]


class LoneError(NamedTuple):
    """
    One bad event within a tier's long window at a steady rate.

    Attributes:
        events: within the long window.
        burn_rate: of that one error; None where no event is to be expected.
        holds: whether it alone makes the tier hold.
        mute: whether the tier needs more events than there are.
    """

    tier: Tier
    events: Fraction
    burn_rate: Fraction
    holds: bool
    mute: bool


class Traffic(NamedTuple):
    """
    The budget of an SLO in events.

    Attributes:
        rate: events per second, in each group of a grouped SLO.
        events: in the SLO window.
        budget: bad events in it that keep the promise.
        lone: for each tier, what a single bad event does.
        calming: the least `min_events` with which none makes a tier hold; None where none does anyway.
        left: tiers that still have enough events with it.
    """

    rate: Fraction
    events: Fraction
    budget: Fraction
    lone: tuple[LoneError, ...]
    calming: int | None
    left: tuple[Tier, ...]


class Normal(NamedTuple):
    """
    What a day as any other does to the budget.

    Attributes:
        spent_after: seconds until the budget is gone; None where it lasts.
        holding: the tiers that hold all the time.
    """

    error_ratio: Fraction
    burn_rate: Fraction
    spent_after: Fraction | None
    holding: tuple[Tier, ...]


class Explanation(NamedTuple):
    """
    All that is to be said about an SLO.

    Attributes:
        tolerated: seconds of errors at each of `ERROR_RATIOS` that the SLO window bears.
        left_out: long and short windows of tiers that can never fire.
        weighted: whether its windows weigh every event the same.
        uncounted: whether a rate was given for an SLI that counts no events.
    """

    slo: Slo
    tolerated: tuple[tuple[Fraction, Fraction], ...]
    tiers: tuple[TierFacts, ...]
    severities: tuple[SeverityFacts, ...]
    left_out: tuple[tuple[Window, Window], ...]
    traffic: Traffic | None
    normal: Normal | None
    combined: Combined | None
    weighted: bool
    uncounted: bool

    @property
    def page_above(self) -> Fraction | None:
        """The error ratio up to which nothing pages, where something does at all."""
        return min((one.limit for one in self.tiers if one.tier.severity is Severity.PAGE), default=None)

    @property
    def page_too_late(self) -> bool:
        """Whether a total outage spends the budget before Prometheus pages."""
        total = self.tolerated[0][1]
        times = [
            one.timings[0].detection + one.lag
            for one in self.tiers
            if one.tier.severity is Severity.PAGE and one.timings[0].detection is not None
        ]
        return bool(times) and min(times) >= total


def explain(
    slo: Slo, *, rate: Fraction | None = None, errors: Fraction | None = None, combined: Combined | None = None
) -> Explanation:
    """
    What the numbers of *slo* mean.

    Args:
        rate: events per second, above 0.
        errors: share of bad events on a day as any other, within [0, 1].
        combined: what its parts can promise together.
    """
    budget = Fraction(slo.error_budget)
    every = tuple(tier for alert in slo.alerts for tier in alert.tiers)
    weighted = not isinstance(slo.sli, ErrorRatio)
    alerting = {(tier.long, tier.short) for tier in every}
    return Explanation(
        slo,
        tuple((ratio, _tolerated(slo.window, budget, ratio)) for ratio in ERROR_RATIOS),
        tuple(_tier_facts(tier, slo) for tier in every),
        tuple(SeverityFacts(alert.severity, alert.name, _severity_timings(alert, slo)) for alert in slo.alerts),
        tuple(pair for pair in slo.window_pairs if pair not in alerting) if len(slo.alerts) == len(Severity) else (),
        _traffic(slo, rate, every) if rate is not None and weighted else None,
        None if errors is None else _normal(slo, errors, every),
        combined,
        weighted,
        rate is not None and not weighted,
    )


def _tolerated(window: Window, budget: Fraction, error_ratio: Fraction) -> Fraction:
    """Errors at *error_ratio* for so many seconds spend the whole budget; no more than the window has."""
    return min(window.seconds * budget / error_ratio, Fraction(window.seconds))


def _tier_facts(tier: Tier, slo: Slo) -> TierFacts:
    return TierFacts(
        tier,
        policy.threshold(tier.burn_rate, slo.objective),
        policy.budget_spent(tier.burn_rate, tier.long, slo.window),
        tuple(timing(tier, slo.objective, ratio) for ratio in ERROR_RATIOS),
        lag(slo, tier),
    )


def timing(tier: Tier, objective: Decimal, error_ratio: Fraction) -> Timing:
    """What a tier does about errors at *error_ratio*."""
    found = policy.detection_seconds(tier.burn_rate, tier.long, objective, error_ratio)
    if found is None:
        return Timing(error_ratio, None, None, None)
    limit = policy.threshold(tier.burn_rate, objective)
    return Timing(error_ratio, found, policy.reset_seconds(limit, tier.short, error_ratio), found)


def lag(slo: Slo, tier: Tier) -> int:
    """
    Seconds by which Prometheus may be later than the arithmetic.

    One base window and one evaluation, and for windows of a day and more one evaluation of what they are summed
    from; a window that is read from the counters waits for one scrape and one evaluation. A metric of Google Cloud
    comes later by as much as is documented of it.
    """
    scrape = slo.scrape_interval.seconds
    direct = slo.strategy is Strategy.RAW or (
        slo.strategy is Strategy.HYBRID and (tier.long, tier.short) == slo.window_pairs[0]
    )
    slow = SLOW_INTERVAL.seconds if tier.long >= LONG else 0
    delay = slo.sli.delay if isinstance(slo.sli, PlatformRatio | PlatformLatency) else 0
    return delay + (scrape if direct else policy.base_window(slo.scrape_interval).seconds) + scrape + slow


def _severity_timings(alert: BurnAlert, slo: Slo) -> tuple[Timing, ...]:
    return tuple(severity_timing(alert.tiers, slo.objective, ratio) for ratio in ERROR_RATIOS)


def severity_timing(tiers: Iterable[Tier], objective: Decimal, error_ratio: Fraction) -> Timing:
    """What an alert of several *tiers* does: it fires with the first of them, and resets with the last that held."""
    timings = [timing(tier, objective, error_ratio) for tier in tiers]
    detections = [one.detection for one in timings if one.detection is not None]
    resets = [one.reset for one in timings if one.reset is not None]
    if not detections:
        return Timing(error_ratio, None, None, None)
    return Timing(error_ratio, min(detections), max(resets), max(detections))


def _traffic(slo: Slo, rate: Fraction, every: tuple[Tier, ...]) -> Traffic:
    lone = tuple(_lone_error(slo, tier, rate) for tier in every)
    events = rate * slo.window.seconds
    # What does not page calms best: a ticket that one error raises costs nobody a night.
    loud = [one for one in lone if one.holds and one.tier.severity is Severity.PAGE]
    loud = loud or [one for one in lone if one.holds]
    calming = max((ceil(1 / policy.threshold(one.tier.burn_rate, slo.objective)) for one in loud), default=None)
    left = tuple(one.tier for one in lone if calming is not None and one.events >= calming)
    return Traffic(rate, events, events * Fraction(slo.error_budget), lone, calming, left)


def _lone_error(slo: Slo, tier: Tier, rate: Fraction) -> LoneError:
    """
    One error among the events of a tier's windows, of which the long one has the more.

    Source: https://sre.google/workbook/alerting-on-slos/#low-traffic-services-and-error-budget-alerting
    """
    events = rate * tier.long.seconds
    error_ratio = 1 / max(events, Fraction(1))
    mute = slo.min_events is not None and events < Fraction(slo.min_events)
    holds = not mute and error_ratio > policy.threshold(tier.burn_rate, slo.objective)
    return LoneError(tier, events, error_ratio / Fraction(slo.error_budget), holds, mute)


def _normal(slo: Slo, errors: Fraction, every: tuple[Tier, ...]) -> Normal:
    burn_rate = errors / Fraction(slo.error_budget)
    holding = tuple(tier for tier in every if errors > policy.threshold(tier.burn_rate, slo.objective))
    return Normal(errors, burn_rate, slo.window.seconds / burn_rate if burn_rate > 1 else None, holding)


class Downtime(NamedTuple):
    """Seconds of total outage that an objective bears in each of `PERIODS`, and the SLOs that have it."""

    objective: Decimal
    seconds: tuple[Fraction, ...]
    slos: tuple[str, ...]


def nines(slos: Iterable[Slo]) -> Iterator[Downtime]:
    """The table of nines, the objectives of *slos* among them."""
    ids: dict[Decimal, list[str]] = {objective: [] for objective in NINES}
    for slo in slos:
        ids.setdefault(slo.objective, []).append(slo.id)
    for objective, having in sorted(ids.items()):
        lost = 1 - Fraction(objective)
        yield Downtime(objective, tuple(lost * period.seconds for _, period in PERIODS), tuple(having))

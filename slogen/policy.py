"""
The method: which tiers alert, when each holds, and what that costs of the budget.

Source: https://sre.google/workbook/alerting-on-slos/, chapter 5 of the SRE Workbook, "Alerting on SLOs".
"""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cache, lru_cache
from typing import Final, NamedTuple

from slogen import naming
from slogen.model import Severity, Tier
from slogen.units import Window, printed

REFERENCE: Final = Window.parse("30d")
"""The SLO window for which the Workbook's burn rates are stated."""
SHORTEST_SCALED: Final = Window.parse("14d")
"""For SLO windows from here on the budget shares stay; for shorter ones the burn rates of 30d stay."""
SLOWEST: Final = Fraction(1)
"""A slower burn keeps the promise, so no tier alerts on one."""

SHORTEST_BASE: Final = Window.parse("1m")
LONGEST_BASE: Final = Window.parse("5m")
SCRAPES_PER_BASE: Final = 4


class BudgetShare(NamedTuple):
    """A limit given as the share of the budget, within (0, 1], that may be spent within the long window."""

    share: Fraction


class BurnRate(NamedTuple):
    """A limit given as a burn rate, at least 1, whatever the SLO window."""

    rate: Fraction


class Step(NamedTuple):
    """A row of a policy: a severity, two windows, and a limit."""

    severity: Severity
    limit: BudgetShare | BurnRate
    long: Window
    short: Window

    @property
    def name(self) -> str:
        """Severity and long window: ``page-1h``."""
        return naming.tier(self.severity, self.long)


@dataclass(frozen=True, slots=True, eq=False)
class Policy:
    """A table of alert tiers, the fastest first; each is itself alone, so that it is cheap to look things up by."""

    name: str
    steps: tuple[Step, ...]

    @property
    def window_pairs(self) -> tuple[tuple[Window, Window], ...]:
        """Long and short window of every tier."""
        return _window_pairs(self)

    @property
    def longest(self) -> Window:
        """The longest alert window."""
        return _longest(self)


@cache
def _window_pairs(policy: Policy) -> tuple[tuple[Window, Window], ...]:
    return tuple((step.long, step.short) for step in policy.steps)


@cache
def _longest(policy: Policy) -> Window:
    return max(step.long for step in policy.steps)


def _step(severity: Severity, percent: int, long: str, short: str) -> Step:
    return Step(severity, BudgetShare(Fraction(percent, 100)), Window.parse(long), Window.parse(short))


WORKBOOK: Final = Policy(
    "workbook",
    (
        _step(Severity.PAGE, 2, "1h", "5m"),
        _step(Severity.PAGE, 5, "6h", "30m"),
        _step(Severity.TICKET, 10, "1d", "2h"),
        _step(Severity.TICKET, 10, "3d", "6h"),
    ),
)
"""
The Workbook's table 5-8, with the pages of its text: 2 % in 1h, 5 % in 6h, 10 % in 1d and in 3d.

Source: https://sre.google/workbook/alerting-on-slos/#recommended_parameters_for_an_slo_based_a
"""


def burn_rate(step: Step, slo_window: Window) -> Fraction:
    """
    Budget spent per budget planned at which *step* holds, at least 1.

    A budget share scales with the SLO window: share x SLO window / long window. Below 14 days it does
    not: with the shares kept, 10 % of a week in 3 days would ticket at a burn rate of 0.23 for ever.
    """
    match step.limit:
        case BurnRate(rate):
            return max(rate, SLOWEST)
        case BudgetShare(share):
            period = slo_window if slo_window >= SHORTEST_SCALED else REFERENCE
            return max(share * period.seconds / step.long.seconds, SLOWEST)


def threshold(rate: Fraction, objective: Decimal) -> Fraction:
    """The error ratio at which the budget burns at *rate*: rate x (1 - objective). From 1 on it is never reached."""
    return rate * Fraction(1 - objective)


@lru_cache(maxsize=1024)
def tiers(policy: Policy, slo_window: Window, objective: Decimal) -> tuple[Tier, ...]:
    """The tiers of *policy* for an SLO, those that can never fire among them."""
    rates = ((step, burn_rate(step, slo_window)) for step in policy.steps)
    return tuple(
        Tier(step.severity, step.long, step.short, rate, printed(threshold(rate, objective))) for step, rate in rates
    )


def detection_seconds(rate: Fraction, long: Window, objective: Decimal, error_ratio: Fraction) -> Fraction | None:
    """
    How long errors at *error_ratio*, after none, take to lift the long window above its threshold.

    (1 - objective) / error ratio x long window x burn rate; None where they never do.
    """
    limit = threshold(rate, objective)
    return limit / error_ratio * long.seconds if error_ratio > limit else None


def budget_spent(rate: Fraction, long: Window, slo_window: Window) -> Fraction:
    """The share of the budget spent when a tier holds: burn rate x long window / SLO window."""
    return rate * long.seconds / slo_window.seconds


def reset_seconds(limit: Fraction, short: Window, error_ratio: Fraction) -> Fraction:
    """
    How long a tier holds on after errors at *error_ratio* end: short window x (1 - threshold / error ratio).

    It holds for an outage that lasted at least as long as the tier took to detect it, at steady traffic: then the
    short window is above the threshold when the errors end, and below it once so much of it is behind them; the long
    window, in which the outage counts for less, falls no earlier.
    """
    return short.seconds * max(1 - limit / error_ratio, Fraction(0))


@lru_cache(maxsize=256)
def base_window(scrape_interval: Window) -> Window:
    """The window of the base series: four scrapes, between 1m and 5m."""
    return min(max(Window(SCRAPES_PER_BASE * scrape_interval.seconds), SHORTEST_BASE), LONGEST_BASE)

"""
When the alerts of the default policy fire and reset, for an SLO of 99.9 % over 30 days.

The theory is the Workbook's: an outage is detected after (1 - objective) / error ratio x long window x burn rate;
the tier holds on for short window x (1 - threshold / error ratio) after it. To that come at most a base window of
two minutes and two evaluations.

Source: https://sre.google/workbook/alerting-on-slos/
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from promtool.harness import (
    DAY,
    HOUR,
    MINUTE,
    STRATEGIES,
    Expectation,
    Json,
    Promtool,
    Trial,
    counter,
    firing,
    firing_series,
    never,
    number,
    shop,
    slo,
)

BASE = 2 * MINUTE
STEP = 30
SLOW_STEP = 4 * MINUTE
"""Of trials over days; a sample is stale after five minutes."""


@dataclass(frozen=True)
class Incident:
    """
    Errors at a constant *ratio* after none at all.

    Attributes:
        fires: when the first tier of a severity holds, in seconds from the start, by the theory.
        resets: when its last tier lets go, in seconds from the end.
    """

    ratio: float
    during: int
    fires: int
    resets: int
    strategies: tuple[str, ...] = ("hierarchical",)

    @property
    def share(self) -> str:
        return f"errors-{1000 * self.ratio:g}"

    def slos(self) -> list[Json]:
        total, bad = f'served_total{{job="{self.share}"}}', f'failed_total{{job="{self.share}"}}'
        sli = {"availability": {"total": total, "bad": bad}}
        return [slo(sli, f"{self.share}-{strategy}", strategy=strategy) for strategy in self.strategies]

    def series(self, start: int, until: int, every: int) -> dict[str, str]:
        """Ten events a second all the time."""
        spans = [(start, 0.0), (self.during, 10 * self.ratio), (until - start - self.during, 0.0)]
        return {
            f'served_total{{job="{self.share}"}}': counter((until, 10), every=every),
            f'failed_total{{job="{self.share}"}}': counter(*spans, every=every),
        }

    def expected(self, severity: str, start: int, step: int) -> Iterator[Expectation]:
        """Neither event comes before the theory by more than a step, nor later than by a base window and two steps."""
        slack, end = BASE + 2 * step, start + self.during
        for strategy in self.strategies:
            slo_id = f"shop-{self.share}-{strategy}"
            yield never(start + self.fires - step, severity, slo_id)
            yield firing(start + self.fires + slack, severity, slo=slo_id, among=severity)
            yield firing(end + self.resets - step, severity, slo=slo_id, among=severity)
            yield firing(end + self.resets + slack, slo=slo_id, among=severity)
            yield from self.not_after_hierarchical(strategy, severity, end, step)

    def not_after_hierarchical(self, strategy: str, severity: str, end: int, step: int) -> Iterator[Expectation]:
        """The alert comes before that of the strategy hierarchical, by a base window and a step at most, or with it."""

        def first(which: str) -> str:
            alerts = firing_series(f"shop-{self.share}-{which}", severity)
            return f"sum(min_over_time(timestamp({alerts})[{self.during}s:{step}s] @ {end}))"

        if strategy != "hierarchical":
            earlier = f"({first('hierarchical')} - {first(strategy)})"
            yield number(end, f"({earlier} >= bool 0) * ({earlier} <= bool {BASE + step})", 1)


PAGES = (
    Incident(1, HOUR, fires=52, resets=1789, strategies=STRATEGIES),
    Incident(0.1, HOUR, fires=518, resets=1692, strategies=STRATEGIES),
    Incident(0.05, HOUR, fires=1037, resets=1584),
)
SLOW_PAGE = Incident(0.01, 4 * HOUR, fires=12960, resets=720)
TICKETS = (
    Incident(1, 2 * HOUR, fires=259, resets=21578),
    Incident(0.1, 2 * HOUR, fires=2592, resets=21384),
    Incident(0.05, 2 * HOUR, fires=5184, resets=21168),
    Incident(0.01, 8 * HOUR, fires=25920, resets=19440),
)
RAW_TICKET = Incident(0.1, 2 * HOUR, fires=2592, resets=21384, strategies=("hierarchical", "raw"))


def trial(severity: str, incidents: Sequence[Incident], start: int, step: int, every: int = 30, **keys: Any) -> Trial:
    until = start + max(one.during + one.resets for one in incidents) + BASE + 3 * step
    series = {name: values for one in incidents for name, values in one.series(start, until, every).items()}
    expected = [expectation for one in incidents for expectation in one.expected(severity, start, step)]
    return Trial(
        shop(*(one for incident in incidents for one in incident.slos())),
        series,
        expected,
        every=every,
        step=step,
        **keys,
    )


def test_an_outage_pages_by_the_tier_of_an_hour_and_resets_by_that_of_six(tool: Promtool) -> None:
    # Four quiet hours keep the tier of six from being the first.
    tool.judge(trial("page", PAGES, 4 * HOUR, STEP, without=("tier",)))


def test_errors_below_the_first_threshold_page_by_the_tier_of_six_hours(tool: Promtool) -> None:
    tool.judge(trial("page", [SLOW_PAGE], 6 * HOUR, STEP, without=("tier",)))


def test_an_outage_tickets_after_three_quiet_days_and_resets_by_the_tier_of_three(tool: Promtool) -> None:
    tool.judge(trial("ticket", TICKETS, 3 * DAY, SLOW_STEP, without=("tier",)))


def test_the_strategy_raw_tickets_and_resets_within_the_same_bounds(tool: Promtool) -> None:
    # promtool reads 10,000 samples of a series at most, which three days of samples at 30s and a raw rule exceed.
    tool.judge(trial("ticket", [RAW_TICKET], 3 * DAY, SLOW_STEP, every=MINUTE, without=("tier",)))

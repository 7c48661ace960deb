"""min_events: where little happens, a few failures are no reason to wake anybody."""

import pytest

from promtool.harness import (
    HOUR,
    MINUTE,
    STRATEGIES,
    Promtool,
    counter,
    firing,
    holding,
    in_every_strategy,
    settled,
    shop,
    slo,
)

SERVED, FAILED = 'served_total{job="shop"}', 'failed_total{job="shop"}'
SLI = {"availability": {"total": SERVED, "bad": FAILED}}
ENOUGH = {"min_events": 1000}

# A request every five minutes, the fourth of which fails.
ONE = [(4 * MINUTE + 30, 0.0), (30, 1 / 30)]
NO_MORE = [(5 * MINUTE, 0.0)]
FEW = {SERVED: counter(*ONE * 12), FAILED: counter(*NO_MORE * 3, *ONE, *NO_MORE * 8)}
MANY = {SERVED: counter((HOUR, 10)), FAILED: counter((15 * MINUTE, 0), (45 * MINUTE, 1))}
DEAD = 21 * MINUTE
"""When the windows of FEW hold four requests, one of them failed: a hundred times what a page is for."""


def test_one_failed_request_of_few_alerts_nobody(tool: Promtool) -> None:
    slos = in_every_strategy(SLI, alerting=ENOUGH)
    tool.judge(settled(slos, FEW, [firing(at) for at in range(5 * MINUTE, HOUR, 5 * MINUTE)], step=30))


def test_without_min_events_one_failed_request_of_few_pages(tool: Promtool) -> None:
    expected = [firing(DEAD, "page", "ticket", slo=f"shop-{name}") for name in STRATEGIES]
    tool.judge(settled(in_every_strategy(SLI), FEW, expected, step=30))


def test_the_same_share_of_many_requests_pages(tool: Promtool) -> None:
    expected = [firing(HOUR, "page", "ticket", slo=f"shop-{name}") for name in STRATEGIES]
    tool.judge(settled(in_every_strategy(SLI, alerting=ENOUGH), MANY, expected))


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_events_are_counted_in_the_long_window_of_each_tier(tool: Promtool, strategy: str) -> None:
    # A request every 40 seconds fails: 90 in the hour of the first tier, 540 in the six of the second, 2160 in a day.
    # An SLO counts its mean rate x window, so all of it holds as soon as there is a mean.
    series = {SERVED: counter((HOUR, 0.025)), FAILED: counter((HOUR, 0.025))}
    slos = shop(
        *(
            slo(SLI, f"at-least-{least}", strategy=strategy, alerting={"min_events": least, "split_tiers": True})
            for least in (80, 100, 600, 2200, 7000)
        )
    )
    holds = {
        80: ("page-1h", "page-6h", "ticket-1d", "ticket-3d"),
        100: ("page-6h", "ticket-1d", "ticket-3d"),
        600: ("ticket-1d", "ticket-3d"),
        2200: ("ticket-3d",),
        7000: (),
    }
    expected = [holding(30 * MINUTE, f"shop-at-least-{least}", *tiers) for least, tiers in holds.items()]
    tool.judge(settled(slos, series, expected))


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_events_are_counted_where_the_only_tier_is_a_long_one(tool: Promtool, strategy: str) -> None:
    organisation = "policies: {slow: [{severity: ticket, long: 1d, short: 2h, budget: 10%}]}"
    slos = shop(slo(SLI, strategy=strategy, policy="slow", alerting=ENOUGH))
    tool.judge(settled(slos, MANY, [firing(HOUR, "ticket")], more=organisation))

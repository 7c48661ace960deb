"""An SLO with group_by has one budget for each group, and each group that goes blind is told."""

from promtool.harness import (
    ABSENT,
    HOUR,
    MINUTE,
    STRATEGIES,
    Promtool,
    Trial,
    alike_each,
    blind_groups,
    counter,
    each,
    firing_groups,
    in_every_strategy,
    nothing,
    samples,
    settled,
    shop,
    slo,
)

EVENTS, ERRORS = "slo:sli_events:rate2m", "slo:sli_errors:rate2m"
RATIO_5M, RATIO_1D, RATIO_30D = (f"slo:sli_error:ratio_rate{window}" for window in ("5m", "1d", "30d"))
BY_BAD = {"availability": {"total": 'served_total{job="shop"}', "bad": 'failed_total{job="shop"}'}}
BY_GOOD = {"availability": {"total": 'served_total{job="shop"}', "good": 'fine_total{job="shop"}'}}
LATENCY = {"latency": {"histogram": 'latency_seconds{job="shop"}', "threshold": "500ms"}}
BY_REGION = ["region"]


def served(region: str) -> str:
    return f'served_total{{job="shop",region="{region}"}}'


def failed(region: str) -> str:
    return f'failed_total{{job="shop",region="{region}"}}'


def test_each_region_has_its_own_ratio_and_budget_and_only_the_failing_one_alerts(tool: Promtool) -> None:
    series = {
        served("eu"): counter((20 * MINUTE, 10)),
        failed("eu"): counter((20 * MINUTE, 1)),
        served("us"): counter((20 * MINUTE, 1000)),
        failed("us"): counter((20 * MINUTE, 0.5)),
    }
    expected = [
        *alike_each(20 * MINUTE, RATIO_5M, "region", {"eu": 0.1, "us": 0.0005}),
        *alike_each(20 * MINUTE, RATIO_1D, "region", {"eu": 0.1, "us": 0.0005}),
        *alike_each(20 * MINUTE, RATIO_30D, "region", {"eu": 0.1, "us": 0.0005}),
        *alike_each(20 * MINUTE, "slo:current_burn_rate:ratio", "region", {"eu": 100, "us": 0.5}),
        *alike_each(20 * MINUTE, "slo:period_burn_rate:ratio", "region", {"eu": 100, "us": 0.5}),
        *alike_each(20 * MINUTE, "slo:period_error_budget_remaining:ratio", "region", {"eu": -99, "us": 0.5}),
        *(firing_groups(20 * MINUTE, "page", "region", "eu", slo=f"shop-{name}") for name in STRATEGIES),
        *(firing_groups(20 * MINUTE, "ticket", "region", "eu", slo=f"shop-{name}") for name in STRATEGIES),
        blind_groups(20 * MINUTE, "region"),
    ]
    tool.judge(settled(in_every_strategy(BY_BAD, group_by=BY_REGION), series, expected))


def test_a_region_without_an_error_series_has_no_errors_while_another_has(tool: Promtool) -> None:
    series = {served("eu"): counter((HOUR, 10)), failed("eu"): counter((HOUR, 1)), served("us"): counter((HOUR, 10))}
    expected = [
        *alike_each(30 * MINUTE, ERRORS, "region", {"eu": 1, "us": 0}),
        *alike_each(30 * MINUTE, RATIO_5M, "region", {"eu": 0.1, "us": 0}),
        *alike_each(30 * MINUTE, RATIO_30D, "region", {"eu": 0.1, "us": 0}),
        blind_groups(30 * MINUTE, "region"),
    ]
    tool.judge(Trial(in_every_strategy(BY_BAD, group_by=BY_REGION), series, expected))


def test_a_region_where_nothing_good_was_ever_counted_is_out_and_the_other_is_not(tool: Promtool) -> None:
    series = {
        served("eu"): counter((HOUR, 10)),
        served("us"): counter((HOUR, 10)),
        'fine_total{job="shop",region="us"}': counter((HOUR, 10)),
    }
    expected = [
        *alike_each(10 * MINUTE, RATIO_5M, "region", {"eu": 1, "us": 0}),
        *alike_each(10 * MINUTE, RATIO_30D, "region", {"eu": 1, "us": 0}),
        firing_groups(10 * MINUTE, "page", "region", "eu"),
    ]
    tool.judge(Trial(in_every_strategy(BY_GOOD, group_by=BY_REGION), series, expected))


def test_an_idle_region_has_no_ratio_and_the_busy_one_keeps_its_own(tool: Promtool) -> None:
    series = {served("eu"): counter((HOUR, 0)), served("us"): counter((HOUR, 10)), failed("us"): counter((HOUR, 1))}
    expected = [
        *alike_each(30 * MINUTE, EVENTS, "region", {"eu": 0, "us": 10}),
        *alike_each(30 * MINUTE, RATIO_5M, "region", {"us": 0.1}),
        *alike_each(30 * MINUTE, RATIO_30D, "region", {"us": 0.1}),
        blind_groups(30 * MINUTE, "region"),
    ]
    tool.judge(Trial(in_every_strategy(BY_BAD, group_by=BY_REGION), series, expected))


def test_two_labels_make_a_budget_for_each_combination(tool: Promtool) -> None:
    series = {
        'served_total{job="shop",region="eu",tenant="a"}': counter((HOUR, 10)),
        'served_total{job="shop",region="eu",tenant="b"}': counter((HOUR, 10)),
        'failed_total{job="shop",region="eu",tenant="b"}': counter((HOUR, 5)),
    }
    expected = [
        samples(
            30 * MINUTE,
            f'max by (region, tenant) ({RATIO_5M}{{slo_name="{name}"}})',
            {'region="eu",tenant="a"': 0, 'region="eu",tenant="b"': 0.5},
        )
        for name in STRATEGIES
    ]
    tool.judge(Trial(in_every_strategy(BY_BAD, group_by=["region", "tenant"]), series, expected))


def test_a_region_that_vanished_is_told_after_a_quarter_of_an_hour_and_forgotten_after_an_hour(tool: Promtool) -> None:
    gone = 30 * MINUTE
    series = {served("eu"): counter((3 * HOUR, 10)), served("us"): counter((gone, 10))}
    expected = [
        nothing(gone + 3 * MINUTE, f'{ERRORS}{{region="us"}}'),
        blind_groups(gone + 15 * MINUTE, "region"),
        blind_groups(gone + 18 * MINUTE, "region", "us"),
        blind_groups(gone + 55 * MINUTE, "region", "us"),
        blind_groups(gone + 64 * MINUTE, "region"),
    ]
    tool.judge(Trial(shop(slo(BY_BAD, group_by=BY_REGION)), series, expected))


def test_a_region_that_has_only_errors_is_told(tool: Promtool) -> None:
    series = {served("eu"): counter((HOUR, 10)), failed("us"): counter((HOUR, 1))}
    expected = [
        each(20 * MINUTE, ERRORS, "region", {"eu": 0, "us": 1}),
        each(20 * MINUTE, RATIO_5M, "region", {"eu": 0}),
        blind_groups(14 * MINUTE, "region"),
        blind_groups(17 * MINUTE, "region", "us"),
        firing_groups(20 * MINUTE, "page", "region"),
    ]
    tool.judge(Trial(shop(slo(BY_BAD, group_by=BY_REGION)), series, expected))


def test_a_region_that_has_events_but_no_record_of_errors_is_told(tool: Promtool) -> None:
    series = {
        'latency_seconds_count{job="shop",region="eu"}': counter((HOUR, 10)),
        'latency_seconds_bucket{job="shop",region="eu",le="0.5"}': counter((HOUR, 9)),
        'latency_seconds_count{job="shop",region="us"}': counter((HOUR, 10)),
        'latency_seconds_bucket{job="shop",region="us",le="0.6"}': counter((HOUR, 9)),
    }
    expected = [
        *alike_each(20 * MINUTE, ERRORS, "region", {"eu": 1}),
        *alike_each(20 * MINUTE, RATIO_5M, "region", {"eu": 0.1}),
        *alike_each(20 * MINUTE, RATIO_30D, "region", {"eu": 0.1}),
        blind_groups(14 * MINUTE, "region"),
        blind_groups(17 * MINUTE, "region", "us"),
    ]
    tool.judge(Trial(in_every_strategy(LATENCY, group_by=BY_REGION), series, expected))


def test_when_every_region_vanishes_the_slo_itself_stays_told(tool: Promtool) -> None:
    gone = 20 * MINUTE
    series = {served("eu"): counter((gone, 10), (2 * HOUR, ABSENT))}
    expected = [
        blind_groups(gone + 18 * MINUTE, "region", "", "eu"),
        blind_groups(gone + 64 * MINUTE, "region", ""),
    ]
    tool.judge(Trial(shop(slo(BY_BAD, group_by=BY_REGION)), series, expected))

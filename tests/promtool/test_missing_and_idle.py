"""What the rules say when a series is missing, idle, restarted or gone."""

from promtool.harness import (
    ABSENT,
    HOUR,
    MINUTE,
    RESTART,
    Promtool,
    alike,
    blind,
    counter,
    each,
    firing,
    in_every_strategy,
    nothing,
    number,
    samples,
    settled,
    shop,
    slo,
)

EVENTS, ERRORS = "slo:sli_events:rate2m", "slo:sli_errors:rate2m"
RATIO_5M, RATIO_30M, RATIO_1H = (f"slo:sli_error:ratio_rate{window}" for window in ("5m", "30m", "1h"))
RATIO_1D, RATIO_3D, RATIO_30D = (f"slo:sli_error:ratio_rate{window}" for window in ("1d", "3d", "30d"))
REMAINING = "slo:period_error_budget_remaining:ratio"

OK, BAD = 'requests_total{job="shop",code="200"}', 'requests_total{job="shop",code="500"}'
BY_BAD = {
    "availability": {"total": 'requests_total{job="shop"}', "bad": 'requests_total{job="shop",code=~"5.."}'},
}
BY_GOOD = {
    "availability": {"total": 'requests_total{job="shop"}', "good": 'requests_total{job="shop",code!~"5.."}'},
}


def test_while_no_error_series_exists_there_are_no_errors(tool: Promtool) -> None:
    expected = [
        samples(20 * MINUTE, ERRORS, dict.fromkeys(_identities(ERRORS), 0)),
        *(alike(20 * MINUTE, ratio, 0) for ratio in (RATIO_5M, RATIO_1H, RATIO_1D, RATIO_30D)),
        alike(20 * MINUTE, REMAINING, 1),
        firing(20 * MINUTE),
        blind(20 * MINUTE, False),
    ]
    tool.judge(settled(in_every_strategy(BY_BAD), {OK: counter((HOUR, 10))}, expected))


def test_of_an_error_that_raises_a_counter_from_zero_three_quarters_are_seen_at_least(tool: Promtool) -> None:
    seen = f'sum_over_time({ERRORS}{{slo_name="hierarchical"}}[1h]) * 30'  # times the seconds between evaluations
    first, later = "0x20 1x100", "1x20 2x100"
    for values, least in ((first, 0.75), (later, 1)):
        expected = [
            number(HOUR, f"{seen} >= bool {least - 0.001}", 1),
            number(HOUR, f"{seen} <= bool 1.001", 1),
        ]
        series = {OK: counter((HOUR, 10)), BAD: values}
        tool.judge(settled(in_every_strategy(BY_BAD), series, expected, step=30))


def test_the_first_errors_count_from_the_second_sample_of_their_new_series(tool: Promtool) -> None:
    series = {OK: counter((HOUR, 8)), BAD: counter((30 * MINUTE, ABSENT), (30 * MINUTE, 2))}
    expected = [
        alike(30 * MINUTE, ERRORS, 0),
        alike(31 * MINUTE, f"{ERRORS} > bool 0", 1),
        alike(35 * MINUTE, ERRORS, 2),
        alike(45 * MINUTE, RATIO_5M, 0.2),
        firing(45 * MINUTE, "page", "ticket"),
        blind(45 * MINUTE, False),
    ]
    tool.judge(settled(in_every_strategy(BY_BAD), series, expected))


def test_errors_that_are_there_from_the_start_clash_with_nothing(tool: Promtool) -> None:
    series = {OK: counter((20 * MINUTE, 9)), BAD: counter((20 * MINUTE, 1))}
    expected = [alike(20 * MINUTE, ratio, 0.1) for ratio in (RATIO_5M, RATIO_1H, RATIO_1D, RATIO_3D, RATIO_30D)]
    tool.judge(settled(in_every_strategy(BY_BAD), series, expected))


def test_without_traffic_a_ratio_has_no_value_and_the_hour_after_it_is_not_poisoned(tool: Promtool) -> None:
    series = {OK: counter((HOUR, 0), (HOUR, 9)), BAD: counter((HOUR, 0), (HOUR, 1))}
    idle = [
        alike(50 * MINUTE, EVENTS, 0),
        alike(50 * MINUTE, ERRORS, 0),
        *(nothing(50 * MINUTE, ratio) for ratio in (RATIO_5M, RATIO_30M, RATIO_1H, RATIO_1D, RATIO_3D, RATIO_30D)),
        nothing(50 * MINUTE, REMAINING),
        firing(50 * MINUTE),
        blind(50 * MINUTE, False),
    ]
    busy = [alike(90 * MINUTE, ratio, 0.1) for ratio in (RATIO_5M, RATIO_1H, RATIO_1D, RATIO_3D, RATIO_30D)]
    tool.judge(settled(in_every_strategy(BY_BAD), series, [*idle, *busy, firing(90 * MINUTE, "page", "ticket")]))


def test_an_idle_hour_after_errors_weighs_nothing(tool: Promtool) -> None:
    series = {OK: counter((HOUR, 99), (HOUR, 0)), BAD: counter((HOUR, 1), (HOUR, 0))}
    expected = [
        nothing(110 * MINUTE, RATIO_5M),
        nothing(110 * MINUTE, RATIO_30M),
        *(alike(110 * MINUTE, ratio, 0.01) for ratio in (RATIO_1H, RATIO_1D, RATIO_3D, RATIO_30D)),
    ]
    tool.judge(settled(in_every_strategy(BY_BAD), series, expected))


def test_an_event_weighs_the_same_by_day_and_by_night(tool: Promtool) -> None:
    # Half an hour of 99 events a second without errors, then half an hour of 1 that fails: 1 of 100, not one half.
    idle, half = (15 * MINUTE, 0), 30 * MINUTE
    series = {OK: counter(idle, (half, 99), (half, 0), idle), BAD: counter(idle, (half, 0), (half, 1), idle)}
    expected = [alike(90 * MINUTE, ratio, 0.01, to=0.001) for ratio in (RATIO_1D, RATIO_3D, RATIO_30D)]
    tool.judge(settled(in_every_strategy(BY_BAD), series, expected))


def test_a_restart_that_sets_counters_back_changes_no_rate(tool: Promtool) -> None:
    life = 10 * MINUTE
    series = {
        OK: counter((life, 9), RESTART, (life, 9), RESTART, (life, 9)),
        BAD: counter((life, 1), RESTART, (life, 1), RESTART, (life, 1)),
    }
    expected = [
        *(alike(life + after, EVENTS, 10) for after in (60, 120, 180)),
        *(alike(life + after, ERRORS, 1) for after in (60, 120, 180)),
        *(alike(30 * MINUTE, ratio, 0.1) for ratio in (RATIO_5M, RATIO_30M, RATIO_1D, RATIO_30D)),
    ]
    tool.judge(settled(in_every_strategy(BY_BAD), series, expected))


def test_one_lost_scrape_in_four_leaves_no_gap(tool: Promtool) -> None:
    held = [(90, 9.0), (30, ABSENT)] * 15
    failed = [(90, 1.0), (30, ABSENT)] * 15
    expected = [
        samples(30 * MINUTE, f"count_over_time({EVENTS}[20m]) >= bool 20", dict.fromkeys(_identities(), 1)),
        alike(30 * MINUTE, RATIO_5M, 0.1),
        blind(30 * MINUTE, False),
    ]
    tool.judge(settled(in_every_strategy(BY_BAD), {OK: counter(*held), BAD: counter(*failed)}, expected))


def test_a_source_that_vanishes_leaves_no_zeros_behind_and_is_told_after_a_quarter_of_an_hour(tool: Promtool) -> None:
    gone = 30 * MINUTE
    series = {OK: counter((gone, 9)), BAD: counter((gone, 1))}
    expected = [
        nothing(gone + 2 * MINUTE + 30, EVENTS),
        nothing(gone + 2 * MINUTE + 30, ERRORS),
        nothing(gone + 8 * MINUTE, RATIO_5M),
        blind(gone + 15 * MINUTE, False),
        *(blind(gone + 18 * MINUTE, True, slo=f"shop-{name}") for name in ("hierarchical", "raw", "hybrid")),
        blind(gone + 70 * MINUTE, True),
    ]
    tool.judge(settled(in_every_strategy(BY_BAD), series, expected))


def test_errors_without_events_are_told_and_do_not_page(tool: Promtool) -> None:
    sli = {"availability": {"total": 'served_total{job="shop"}', "bad": 'failed_total{job="shop"}'}}
    expected = [
        number(20 * MINUTE, ERRORS, 1),
        nothing(20 * MINUTE, EVENTS),
        nothing(20 * MINUTE, RATIO_5M),
        firing(20 * MINUTE),
        blind(14 * MINUTE, False),
        blind(16 * MINUTE, True),
    ]
    tool.judge(settled(shop(slo(sli)), {'failed_total{job="shop"}': counter((HOUR, 1))}, expected))


def test_a_total_outage_from_the_first_request_on_pages_although_nothing_good_was_ever_counted(tool: Promtool) -> None:
    expected = [
        alike(10 * MINUTE, ERRORS, 10),
        *(alike(10 * MINUTE, ratio, 1) for ratio in (RATIO_5M, RATIO_1H, RATIO_1D, RATIO_30D)),
        *(firing(3 * MINUTE, "page", "ticket", slo=f"shop-{name}") for name in ("hierarchical", "raw", "hybrid")),
        blind(20 * MINUTE, False),
    ]
    tool.judge(settled(in_every_strategy(BY_GOOD), {BAD: counter((HOUR, 10))}, expected))


def test_what_is_not_good_is_bad(tool: Promtool) -> None:
    series = {OK: counter((20 * MINUTE, 9)), BAD: counter((20 * MINUTE, 1))}
    expected = [alike(20 * MINUTE, ratio, 0.1) for ratio in (RATIO_5M, RATIO_1H, RATIO_1D, RATIO_30D)]
    tool.judge(settled(in_every_strategy(BY_GOOD), series, expected))


def test_without_traffic_nothing_is_bad_although_nothing_is_good(tool: Promtool) -> None:
    expected = [alike(30 * MINUTE, ERRORS, 0), nothing(30 * MINUTE, RATIO_5M), firing(30 * MINUTE)]
    tool.judge(settled(in_every_strategy(BY_GOOD), {OK: counter((HOUR, 0))}, expected))


def test_more_good_than_total_is_no_errors_rather_than_less_than_none(tool: Promtool) -> None:
    sli = {"availability": {"total": 'served_total{job="shop"}', "good": 'fine_total{job="shop"}'}}
    series = {'served_total{job="shop"}': counter((HOUR, 10)), 'fine_total{job="shop"}': counter((HOUR, 11))}
    expected = [alike(30 * MINUTE, ERRORS, 0), alike(30 * MINUTE, RATIO_5M, 0), alike(30 * MINUTE, RATIO_30D, 0)]
    tool.judge(settled(in_every_strategy(sli), series, expected))


def test_good_events_without_a_total_are_told(tool: Promtool) -> None:
    sli = {"availability": {"total": 'served_total{job="shop"}', "good": 'fine_total{job="shop"}'}}
    expected = [nothing(20 * MINUTE, ERRORS), blind(20 * MINUTE, True), firing(20 * MINUTE)]
    tool.judge(settled(shop(slo(sli)), {'fine_total{job="shop"}': counter((HOUR, 1))}, expected))


def test_the_budget_that_is_left_is_what_the_errors_of_the_slo_window_leave(tool: Promtool) -> None:
    # 4 of 10,000 events failed: 40 % of a budget of 0.1 %.
    series = {OK: counter((20 * MINUTE, 9.996)), BAD: counter((20 * MINUTE, 0.004))}
    expected = [
        alike(20 * MINUTE, "slo:current_burn_rate:ratio", 0.4),
        alike(20 * MINUTE, "slo:period_burn_rate:ratio", 0.4),
        alike(20 * MINUTE, REMAINING, 0.6),
        each(
            20 * MINUTE, "slo:time_period:days", "slo_id", {f"shop-{n}": 30 for n in ("hierarchical", "raw", "hybrid")}
        ),
    ]
    tool.judge(settled(in_every_strategy(BY_BAD), series, expected))


def _identities(metric: str = "") -> list[str]:
    named = f'__name__="{metric}",' if metric else ""
    return [
        f'{named}slo_id="shop-{name}",slo_service="shop",slo_name="{name}"'
        for name in ("hierarchical", "raw", "hybrid")
    ]

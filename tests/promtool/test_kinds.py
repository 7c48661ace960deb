"""Probes, written queries and error ratios."""

from promtool.harness import (
    ABSENT,
    HOUR,
    MINUTE,
    Json,
    Promtool,
    Trial,
    alike,
    alike_each,
    blind,
    blind_groups,
    counter,
    each,
    firing,
    firing_groups,
    gauge,
    in_every_strategy,
    nothing,
    number,
    shop,
    slo,
)

EVENTS, ERRORS = "slo:sli_events:rate2m", "slo:sli_errors:rate2m"
RATIO_5M, RATIO_1H, RATIO_1D, RATIO_30D = (f"slo:sli_error:ratio_rate{window}" for window in ("5m", "1h", "1d", "30d"))
RATIOS = (RATIO_5M, RATIO_1H, RATIO_1D, RATIO_30D)
PROBE = {"probe": {"gauge": 'probe_success{job="shop"}'}}
SUM_OF_BAD = 'sum(rate(failed_total{job="shop"}[$window]))'
SUM_OF_TOTAL = 'sum(rate(served_total{job="shop"}[$window]))'
SERVED, FAILED, FINE = 'served_total{job="shop"}', 'failed_total{job="shop"}', 'fine_total{job="shop"}'


def query(total: str, returns: str = "rate", **part: str) -> Json:
    return {"query": {"total": total, "returns": returns, **part}}


def test_a_probe_that_fails_is_an_error_at_every_sample(tool: Promtool) -> None:
    # 10 of 50 minutes.
    series = {'probe_success{job="shop"}': gauge((20 * MINUTE, 1), (10 * MINUTE, 0), (20 * MINUTE, 1))}
    expected = [
        alike(30 * MINUTE, RATIO_5M, 1),
        alike(50 * MINUTE, RATIO_5M, 0),
        *(alike(50 * MINUTE, ratio, 0.2, to=0.05) for ratio in (RATIO_1H, RATIO_1D, RATIO_30D)),
        firing(30 * MINUTE, "page", "ticket"),
    ]
    tool.judge(Trial(in_every_strategy(PROBE), series, expected))


def test_a_probe_counts_its_samples_as_events_per_second(tool: Promtool) -> None:
    # 3.x leaves the sample at the window's start out, 2.x counts it: 4 or 5 within two minutes.
    series = {'probe_success{job="shop"}': gauge((HOUR, 1))}
    expected = [alike(20 * MINUTE, f"({EVENTS} >= bool 0.0333) * ({EVENTS} < bool 0.0417)", 1)]
    tool.judge(Trial(in_every_strategy(PROBE), series, expected))


def test_one_of_two_probes_that_fails_is_half_the_events(tool: Promtool) -> None:
    series = {
        'probe_success{job="shop",instance="a"}': gauge((20 * MINUTE, 1)),
        'probe_success{job="shop",instance="b"}': gauge((20 * MINUTE, 0)),
    }
    tool.judge(Trial(in_every_strategy(PROBE), series, [alike(20 * MINUTE, ratio, 0.5) for ratio in RATIOS]))


def test_a_probe_that_vanishes_is_told_and_is_neither_up_nor_down(tool: Promtool) -> None:
    gone = 20 * MINUTE
    series = {'probe_success{job="shop"}': gauge((gone, 1), (HOUR, ABSENT))}
    expected = [
        nothing(gone + 3 * MINUTE, EVENTS),
        nothing(gone + 3 * MINUTE, ERRORS),
        firing(gone + 18 * MINUTE),
        blind(gone + 15 * MINUTE, False),
        blind(gone + 18 * MINUTE, True),
    ]
    tool.judge(Trial(in_every_strategy(PROBE), series, expected))


def test_each_probed_instance_has_its_own_budget(tool: Promtool) -> None:
    series = {
        'probe_success{job="shop",instance="a"}': gauge((HOUR, 1)),
        'probe_success{job="shop",instance="b"}': gauge((HOUR, 0)),
        'probe_success{job="shop",instance="c"}': gauge((10 * MINUTE, 1), (50 * MINUTE, ABSENT)),
    }
    expected = [
        *alike_each(9 * MINUTE, RATIO_5M, "instance", {"a": 0, "b": 1, "c": 0}),
        firing_groups(30 * MINUTE, "page", "instance", "b"),
        blind_groups(30 * MINUTE, "instance", "c"),
    ]
    tool.judge(Trial(in_every_strategy(PROBE, group_by=["instance"]), series, expected))


def test_a_query_may_return_a_rate_or_an_increase(tool: Promtool) -> None:
    increase = query('increase(served_total{job="shop"}[$window])', "increase", bad="increase(failed_total[$window])")
    rate = query("rate(served_total[{{.window}}])", bad="rate(failed_total[{{ .window }}])")
    good = query("rate(served_total[$window]) # all", good="rate(served_total[$window]) - rate(failed_total[$window])")
    series = {SERVED: counter((20 * MINUTE, 10)), FAILED: counter((20 * MINUTE, 1))}
    expected = [
        alike(20 * MINUTE, EVENTS, 10),
        alike(20 * MINUTE, ERRORS, 1),
        *(alike(20 * MINUTE, ratio, 0.1) for ratio in RATIOS),
        firing(20 * MINUTE, "page", "ticket"),
        blind(20 * MINUTE, False),
    ]
    tool.judge(*(Trial(in_every_strategy(sli), series, expected) for sli in (increase, rate, good)))


def test_a_query_without_bad_events_has_no_errors_and_one_without_good_events_is_out(tool: Promtool) -> None:
    bad, good = (
        query(SUM_OF_TOTAL, bad=SUM_OF_BAD),
        query(SUM_OF_TOTAL, good='sum(rate(fine_total{job="shop"}[$window]))'),
    )
    series = {SERVED: counter((HOUR, 10))}
    tool.judge(
        Trial(in_every_strategy(bad), series, [alike(10 * MINUTE, ratio, 0) for ratio in (ERRORS, *RATIOS)]),
        Trial(in_every_strategy(good), series, [alike(10 * MINUTE, ratio, 1) for ratio in RATIOS]),
    )


def test_a_query_that_gives_nan_for_a_while_poisons_no_window(tool: Promtool) -> None:
    # A share of nothing is NaN: 0/0 until the requests start.
    share = 'sum(rate(failed_total{job="shop"}[$window])) / sum(rate(served_total{job="shop"}[$window]))'
    sli = query(f"{share} * 0 + 10", bad=f"{share} * 10")
    series = {SERVED: counter((30 * MINUTE, 0), (30 * MINUTE, 10)), FAILED: counter((30 * MINUTE, 0), (30 * MINUTE, 1))}
    expected = [
        nothing(29 * MINUTE, EVENTS),
        nothing(29 * MINUTE, ERRORS),
        *(nothing(29 * MINUTE, ratio) for ratio in RATIOS),
        *(alike(HOUR, ratio, 0.1, to=0.01) for ratio in RATIOS),
    ]
    tool.judge(Trial(in_every_strategy(sli), series, expected))


def test_one_nan_in_a_counter_empties_the_windows_that_hold_it_and_a_query_drops_it(tool: Promtool) -> None:
    nan = 20 * MINUTE
    series = {SERVED: "0+300x39 NaN 12300+300x180", FAILED: counter((110 * MINUTE, 1))}
    counted = slo({"availability": {"total": SERVED, "bad": FAILED}}, "counted")
    queried = slo(query(SUM_OF_TOTAL, bad=SUM_OF_BAD), "queried")

    def ratio(window: str, name: str) -> str:
        return f'slo:sli_error:ratio_rate{window}{{slo_name="{name}"}}'

    expected = [
        number(nan - MINUTE, ratio("1h", "counted"), 0.1),
        nothing(nan + MINUTE, ratio("5m", "counted")),
        number(nan + 10 * MINUTE, ratio("5m", "counted"), 0.1),
        nothing(nan + 50 * MINUTE, ratio("1h", "counted")),
        number(nan + 65 * MINUTE, ratio("1h", "counted"), 0.1),
        nothing(nan + 65 * MINUTE, ratio("30d", "counted")),
        *(number(nan + 10 * MINUTE, ratio(window, "queried"), 0.1, to=0.05) for window in ("5m", "1h", "30d")),
    ]
    tool.judge(Trial(shop(counted, queried), series, expected))


def test_a_bad_query_that_gives_nan_while_there_are_events_counts_as_no_errors(tool: Promtool) -> None:
    sli = query(SUM_OF_TOTAL, bad='0 * sum(rate(idle_total{job="shop"}[$window])) / sum(rate(idle_total[$window]))')
    series = {SERVED: counter((HOUR, 10)), 'idle_total{job="shop"}': counter((HOUR, 0))}
    tool.judge(Trial(in_every_strategy(sli), series, [alike(30 * MINUTE, ratio, 0) for ratio in (ERRORS, *RATIOS)]))


def test_what_a_query_divides_by_zero_is_dropped_and_the_rest_is_counted(tool: Promtool) -> None:
    # Of two pods one divides by nothing, first 0/0, then 1/0.
    share = "(rate(failed_total[$window]) / rate(served_total[$window])) * 0 + rate(failed_total[$window])"
    sli = query('rate(served_total{pod="a"}[$window])', bad=share)
    pods = {
        'served_total{pod="a"}': counter((HOUR, 10)),
        'failed_total{pod="a"}': counter((HOUR, 1)),
        'served_total{pod="b"}': counter((HOUR, 0)),
        'failed_total{pod="b"}': counter((30 * MINUTE, 0), (30 * MINUTE, 1)),
    }
    expected = [alike(at, record, 0.1, to=0.01) for at in (25 * MINUTE, 55 * MINUTE) for record in RATIOS]
    tool.judge(Trial(in_every_strategy(sli), pods, expected))


def test_a_total_that_is_infinite_for_a_while_poisons_no_window(tool: Promtool) -> None:
    sli = query("sum(rate(served_total[$window])) / sum(healthy)", bad="sum(rate(failed_total[$window]))")
    series = {
        SERVED: counter((HOUR, 10)),
        FAILED: counter((HOUR, 1)),
        "healthy": gauge((20 * MINUTE, 1), (10 * MINUTE, 0), (30 * MINUTE, 1)),
    }
    expected = [
        nothing(29 * MINUTE, EVENTS),
        alike(HOUR, EVENTS, 10),
        alike(HOUR, RATIO_5M, 0.1, to=0.01),
        # Errors that were counted meanwhile stay: nobody knows among how many events.
        *(alike(HOUR, ratio, 0.1, to=0.05) for ratio in RATIOS),
    ]
    tool.judge(Trial(in_every_strategy(sli), series, expected))


def test_each_region_of_a_query_has_its_own_ratio(tool: Promtool) -> None:
    sli = query("sum by (region) (rate(served_total[$window]))", bad="sum by (region) (rate(failed_total[$window]))")
    series = {
        'served_total{region="eu"}': counter((HOUR, 10)),
        'served_total{region="us"}': counter((HOUR, 10)),
        'failed_total{region="us"}': counter((HOUR, 1)),
    }
    expected = [one for ratio in RATIOS for one in alike_each(30 * MINUTE, ratio, "region", {"eu": 0, "us": 0.1})]
    tool.judge(Trial(in_every_strategy(sli, group_by=["region"]), series, expected))


RATIO = {"ratio": {"query": "avg_over_time(error_ratio[$window])"}}


def test_the_windows_of_an_error_ratio_are_means_over_time_not_over_events(tool: Promtool) -> None:
    series = {"error_ratio": gauge((20 * MINUTE, 0), (10 * MINUTE, 0.5), (20 * MINUTE, 0))}
    expected = [
        alike(30 * MINUTE, EVENTS, 1),
        alike(30 * MINUTE, ERRORS, 0.5),
        alike(30 * MINUTE, RATIO_5M, 0.5),
        *(alike(50 * MINUTE, ratio, 0.1, to=0.01) for ratio in (RATIO_1H, RATIO_1D, RATIO_30D)),
        firing(30 * MINUTE, "page", "ticket"),
    ]
    tool.judge(Trial(in_every_strategy(RATIO), series, expected))


def test_a_ratio_that_is_nan_has_no_value_and_poisons_no_window(tool: Promtool) -> None:
    share = {"ratio": {"query": "sum(rate(failed_total[$window])) / sum(rate(served_total[$window]))"}}
    series = {SERVED: counter((30 * MINUTE, 0), (30 * MINUTE, 10)), FAILED: counter((30 * MINUTE, 0), (30 * MINUTE, 1))}
    expected = [
        *(nothing(29 * MINUTE, record) for record in (EVENTS, ERRORS, *RATIOS)),
        firing(29 * MINUTE),
        *(alike(HOUR, ratio, 0.1, to=0.01) for ratio in RATIOS),
    ]
    tool.judge(Trial(in_every_strategy(share), series, expected))


def test_a_ratio_that_is_infinite_has_no_value_and_poisons_no_window(tool: Promtool) -> None:
    # Errors that are counted where no request is: 1/0 until the requests start.
    share = {"ratio": {"query": "sum(rate(failed_total[$window])) / sum(rate(served_total[$window]))"}}
    series = {SERVED: counter((30 * MINUTE, 0), (30 * MINUTE, 10)), FAILED: counter((HOUR, 1))}
    expected = [
        *(nothing(29 * MINUTE, record) for record in (EVENTS, ERRORS, RATIO_1H, RATIO_30D)),
        firing(29 * MINUTE),
        blind(29 * MINUTE, told=True),
        alike(HOUR, RATIO_5M, 0.1, to=0.01),
        alike(HOUR, ERRORS, 0.1, to=0.01),
    ]
    tool.judge(Trial(in_every_strategy(share), series, expected))


def test_a_ratio_a_little_below_zero_is_zero(tool: Promtool) -> None:
    series = {"error_ratio": gauge((HOUR, -0.001))}
    tool.judge(Trial(in_every_strategy(RATIO), series, [alike(30 * MINUTE, one, 0) for one in (ERRORS, *RATIOS)]))


def test_a_gauge_that_is_neither_0_nor_1_is_no_probe_and_told(tool: Promtool) -> None:
    series = {'probe_success{job="shop"}': gauge((30 * MINUTE, 2), (HOUR, 1))}
    expected = [
        nothing(29 * MINUTE, ERRORS),
        blind(29 * MINUTE, told=True),
        blind(90 * MINUTE, told=False),
        alike(90 * MINUTE, RATIO_5M, 0),
    ]
    tool.judge(Trial(in_every_strategy(PROBE), series, expected))


def test_an_error_ratio_that_is_missing_is_told(tool: Promtool) -> None:
    gone = 20 * MINUTE
    series = {"error_ratio": gauge((gone, 0.5), (HOUR, ABSENT))}
    expected = [
        *(nothing(gone + 3 * MINUTE, record) for record in (EVENTS, ERRORS)),
        blind(gone + 15 * MINUTE, False),
        blind(gone + 18 * MINUTE, True),
    ]
    tool.judge(Trial(in_every_strategy(RATIO), series, expected))


def test_each_region_of_an_error_ratio_has_its_own_mean(tool: Promtool) -> None:
    sli = {"ratio": {"query": "avg by (region) (avg_over_time(error_ratio[$window]))"}}
    series = {'error_ratio{region="eu"}': gauge((HOUR, 0.5)), 'error_ratio{region="us"}': gauge((HOUR, 0))}
    expected = [
        *(one for ratio in RATIOS for one in alike_each(30 * MINUTE, ratio, "region", {"eu": 0.5, "us": 0})),
        firing_groups(30 * MINUTE, "page", "region", "eu"),
    ]
    tool.judge(Trial(in_every_strategy(sli, group_by=["region"]), series, expected))


def test_errors_of_one_kind_leave_the_other_slos_of_the_service_alone(tool: Promtool) -> None:
    slos = shop(
        slo(PROBE, "probe"),
        slo(RATIO, "ratio"),
        slo(query(SUM_OF_TOTAL, bad=SUM_OF_BAD), "query"),
        slo({"availability": {"total": SERVED, "good": FINE}}, "good"),
    )
    series = {
        'probe_success{job="shop"}': gauge((HOUR, 1)),
        "error_ratio": gauge((HOUR, 0.2)),
        SERVED: counter((HOUR, 10)),
        FAILED: counter((HOUR, 1)),
        FINE: counter((HOUR, 7)),
    }
    ratios = {"probe": 0, "ratio": 0.2, "query": 0.1, "good": 0.3}
    expected = [each(30 * MINUTE, ratio, "slo_name", ratios) for ratio in RATIOS]
    tool.judge(Trial(slos, series, expected))

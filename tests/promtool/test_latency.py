"""Latency: a bucket in every spelling of its bound, one that does not exist, and native histograms."""

import pytest

from promtool.harness import (
    ABSENT,
    HOUR,
    MINUTE,
    STRATEGIES,
    Json,
    Promtool,
    Trial,
    alike,
    alike_each,
    blind,
    counter,
    firing,
    in_every_strategy,
    nothing,
)

EVENTS, ERRORS = "slo:sli_events:rate2m", "slo:sli_errors:rate2m"
RATIO_5M, RATIO_1H, RATIO_1D, RATIO_30D = (f"slo:sli_error:ratio_rate{window}" for window in ("5m", "1h", "1d", "30d"))
COUNT = 'latency_seconds_count{job="shop"}'


def latency(threshold: str, **keys: object) -> Json:
    return {"latency": {"histogram": 'latency_seconds{job="shop"}', "threshold": threshold, **keys}}


def bucket(bound: str) -> str:
    return f'latency_seconds_bucket{{job="shop",le="{bound}"}}'


def test_what_is_not_within_the_bucket_is_too_slow(tool: Promtool) -> None:
    series = {
        COUNT: counter((20 * MINUTE, 10)),
        bucket("0.25"): counter((20 * MINUTE, 5)),
        bucket("0.5"): counter((20 * MINUTE, 9)),
        bucket("5"): counter((20 * MINUTE, 9.5)),
        bucket("+Inf"): counter((20 * MINUTE, 10)),
    }
    expected = [
        alike(20 * MINUTE, EVENTS, 10),
        alike(20 * MINUTE, ERRORS, 1),
        *(alike(20 * MINUTE, ratio, 0.1) for ratio in (RATIO_5M, RATIO_1H, RATIO_1D, RATIO_30D)),
        firing(20 * MINUTE, "page", "ticket"),
        blind(20 * MINUTE, False),
    ]
    tool.judge(Trial(in_every_strategy(latency("500ms")), series, expected))


def test_a_bucket_that_does_not_exist_is_told_and_never_means_no_errors(tool: Promtool) -> None:
    series = {COUNT: counter((HOUR, 10)), bucket("0.75"): counter((HOUR, 5)), bucket("+Inf"): counter((HOUR, 10))}
    expected = [
        alike(20 * MINUTE, EVENTS, 10),
        nothing(20 * MINUTE, ERRORS),
        nothing(20 * MINUTE, f"count_over_time({ERRORS}[20m])"),
        nothing(20 * MINUTE, RATIO_5M),
        nothing(20 * MINUTE, RATIO_30D),
        nothing(20 * MINUTE, "slo:period_error_budget_remaining:ratio"),
        firing(20 * MINUTE),
        blind(14 * MINUTE, False),
        *(blind(16 * MINUTE, True, slo=f"shop-{name}") for name in STRATEGIES),
    ]
    tool.judge(Trial(in_every_strategy(latency("500ms")), series, expected))


def test_without_requests_none_is_too_slow_and_the_slo_is_not_blind(tool: Promtool) -> None:
    series = {COUNT: counter((HOUR, 0)), bucket("0.5"): counter((HOUR, 0))}
    expected = [
        alike(20 * MINUTE, ERRORS, 0),
        nothing(20 * MINUTE, RATIO_5M),
        nothing(20 * MINUTE, RATIO_30D),
        blind(20 * MINUTE, False),
        firing(20 * MINUTE),
    ]
    tool.judge(Trial(in_every_strategy(latency("500ms")), series, expected))


def test_a_histogram_that_vanishes_is_told(tool: Promtool) -> None:
    gone = 10 * MINUTE
    series = {COUNT: counter((gone, 10), (HOUR, ABSENT)), bucket("0.5"): counter((gone, 9), (HOUR, ABSENT))}
    expected = [nothing(gone + 3 * MINUTE, ERRORS), blind(gone + 15 * MINUTE, False), blind(gone + 18 * MINUTE, True)]
    tool.judge(Trial(in_every_strategy(latency("500ms")), series, expected))


def test_more_requests_in_the_bucket_than_counted_are_no_errors_rather_than_less_than_none(tool: Promtool) -> None:
    series = {COUNT: counter((HOUR, 10)), bucket("0.5"): counter((HOUR, 10.5))}
    expected = [alike(20 * MINUTE, ratio, 0) for ratio in (ERRORS, RATIO_5M, RATIO_30D)]
    tool.judge(Trial(in_every_strategy(latency("500ms")), series, expected))


SPELLINGS = {
    ("500ms", "seconds"): (
        ["0.5", "0.50", "0.500", ".5", "5e-01", "5e-1", "5E-01", "5.0e-01"],
        ["0.05", "0.55", "0.51", "5", "5e-02", "5e+01", "50.5", "0,5", "+Inf"],
    ),
    ("1s", "seconds"): (
        ["1", "1.0", "1.00", "1e0", "1e+00", "1.0e+00"],
        ["0.1", "10", "11", "1.1", "1.01", "1e+01", "1e-00001", "+Inf"],
    ),
    ("2500ms", "seconds"): (["2.5", "2.50", "2.5e+00", "2.5e0"], ["2", "2.05", "25", "2.5e+01", "12.5"]),
    ("10s", "seconds"): (["10", "10.0", "1e1", "1e+01", "1.0e+01"], ["1", "1.0", "100", "1e+10", "110"]),
    ("1s", "microseconds"): (
        ["1e+06", "1e6", "1E+06", "1.0e+06", "1000000", "1000000.0"],
        ["1e+05", "1e-06", "1e+16", "100000", "1000000.5", "10000000"],
    ),
    ("25ms", "milliseconds"): (["25", "25.0", "2.5e+01", "2.5e1"], ["2.5", "250", "25.5", "2.5e+02"]),
}


@pytest.mark.parametrize(("threshold", "unit"), SPELLINGS)
def test_a_bound_is_found_in_every_spelling_and_never_mistaken_for_another(
    tool: Promtool, threshold: str, unit: str
) -> None:
    right, wrong = SPELLINGS[threshold, unit]
    sli = {
        "latency": {"count": "requests_count", "bucket": "requests_bucket", "unit": unit, "threshold": threshold},
    }
    series = {}
    for bound in [*right, *wrong]:
        series[f'requests_count{{spelling="{bound}"}}'] = counter((10 * MINUTE, 10))
        series[f'requests_bucket{{spelling="{bound}",le="{bound}"}}'] = counter((10 * MINUTE, 9))
    expected = alike_each(10 * MINUTE, RATIO_5M, "spelling", dict.fromkeys(right, 0.1))
    tool.judge(Trial(in_every_strategy(sli, group_by=["spelling"]), series, expected, without=("slow", "tier")))


# Of four observations one is within (0.25, 0.5], two within (0.5, 1] and one within (1, 2].
NONE, FOUR = "{{schema:0 offset:-1 buckets:[0 0 0]}}", "{{schema:0 sum:3 count:4 offset:-1 buckets:[1 2 1]}}"


def test_a_native_histogram_is_read_at_a_bound_exactly(tool3: Promtool) -> None:
    series = {'latency_seconds{job="shop"}': f"{NONE}+{FOUR}x40"}
    expected = [
        *(alike(20 * MINUTE, ratio, 0.25) for ratio in (RATIO_5M, RATIO_1H, RATIO_1D, RATIO_30D)),
        alike(20 * MINUTE, EVENTS, 0.1333),
        alike(20 * MINUTE, ERRORS, 0.0333),
        firing(20 * MINUTE, "page", "ticket"),
    ]
    tool3.judge(Trial(in_every_strategy(latency("1s", native="true")), series, expected))


def test_a_native_histogram_without_observations_has_no_errors_and_poisons_nothing(tool3: Promtool) -> None:
    series = {'latency_seconds{job="shop"}': f"{NONE}x60 {FOUR}+{FOUR}x59"}
    idle = [
        alike(29 * MINUTE, EVENTS, 0),
        alike(29 * MINUTE, ERRORS, 0),
        *(nothing(29 * MINUTE, ratio) for ratio in (RATIO_5M, RATIO_1H, RATIO_1D, RATIO_30D)),
        blind(29 * MINUTE, False),
    ]
    busy = [alike(HOUR, ratio, 0.25) for ratio in (RATIO_5M, RATIO_1H, RATIO_1D, RATIO_30D)]
    tool3.judge(Trial(in_every_strategy(latency("1s", native="true")), series, [*idle, *busy]))


def test_a_native_histogram_that_is_missing_is_told(tool3: Promtool) -> None:
    expected = [nothing(20 * MINUTE, ERRORS), blind(20 * MINUTE, True)]
    tool3.judge(Trial(in_every_strategy(latency("1s", native="true")), {}, expected))


def test_each_region_of_a_native_histogram_has_its_own_ratio(tool3: Promtool) -> None:
    series = {
        'latency_seconds{job="shop",region="eu"}': f"{NONE}+{FOUR}x60",
        'latency_seconds{job="shop",region="us"}': f"{NONE}x60",
    }
    expected = [
        *alike_each(20 * MINUTE, RATIO_5M, "region", {"eu": 0.25}),
        *alike_each(20 * MINUTE, EVENTS, "region", {"eu": 0.1333, "us": 0}),
    ]
    tool3.judge(Trial(in_every_strategy(latency("1s", native="true"), group_by=["region"]), series, expected))

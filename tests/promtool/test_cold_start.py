"""
What the alerts make of windows that are not full yet.

An SLO of 99.9 % over 30 days, whose rules run from the first moment of each test. As after healthy history, an outage
is to be detected after (1 - objective) / error ratio x long window x burn rate, and what is no outage is not to alert.

Source: https://sre.google/workbook/alerting-on-slos/
"""

import pytest

from promtool.harness import (
    ABSENT,
    DAY,
    HOUR,
    MINUTE,
    STRATEGIES,
    Expectation,
    Json,
    Promtool,
    Trial,
    compiled,
    counter,
    each,
    firing,
    firing_groups,
    holding,
    never,
    nothing,
    number,
    rule_groups,
    samples,
    shop,
    slo,
)

BASE, STEP = 2 * MINUTE, 30
SLACK = BASE + 2 * STEP
BLIP = 30 * MINUTE
"""When a fifth of all requests fails, for five minutes."""
WEIGHED: Json = {}
UNWEIGHED: Json = {"alerting": {"weigh_coverage": False}}
START = "slo:sli_start:rate2m"


def sli(job: str, labels: str = "") -> Json:
    return {"availability": {"total": f'served_total{{job="{job}"{labels}}}', "bad": f'failed_total{{job="{job}"}}'}}


def series(job: str, *errors: tuple[int, float], labels: str = "", idle: int = 0) -> dict[str, str]:
    """Ten events a second after *idle* seconds without a series, and *errors* a second of them."""
    before = [(idle, ABSENT)] if idle else []
    until = sum(seconds for seconds, _ in errors)
    return {
        f'served_total{{job="{job}"{labels}}}': counter(*before, (until, 10)),
        f'failed_total{{job="{job}"{labels}}}': counter(*before, *errors),
    }


def blip(until: int, at: int = BLIP) -> tuple[tuple[int, float], ...]:
    return (at, 0), (5 * MINUTE, 2), (until - at - 5 * MINUTE, 0)


def test_a_blip_after_the_first_deployment_tickets_for_six_hours_unless_coverage_counts(tool: Promtool) -> None:
    end = 7 * HOUR
    slos = shop(slo(sli("shop"), "weighed", **WEIGHED), slo(sli("shop"), "unweighed", **UNWEIGHED))
    expected = [
        never(end, "ticket", "shop-weighed"),
        *(firing(at, "ticket", slo="shop-unweighed", among="ticket") for at in (BLIP + 2 * MINUTE, HOUR, 6 * HOUR)),
        # It is worth a page for five minutes, as it would be at any other time, and not for half an hour.
        firing(BLIP + 13 * MINUTE, slo="shop-weighed"),
        firing(BLIP + 30 * MINUTE, "page", slo="shop-unweighed", among="page"),
    ]
    tool.judge(Trial(slos, series("shop", *blip(end)), expected, step=MINUTE))


def test_what_is_recorded_stays_what_was_measured(tool: Promtool) -> None:
    slos = shop(slo(sli("shop"), "weighed", **WEIGHED), slo(sli("shop"), "unweighed", **UNWEIGHED))
    # A fifth of the requests of 5 of 50 minutes.
    expected = [
        each(50 * MINUTE, "slo:sli_error:ratio_rate3d", "slo_name", {"weighed": 0.02, "unweighed": 0.02}, to=0.002)
    ]
    tool.judge(Trial(slos, series("shop", *blip(HOUR)), expected, step=STEP))


# When a tier of each severity holds: an error ratio from the first moment on, and seconds by the theory.
OUTAGES: dict[str, dict[str, tuple[float, int]]] = {
    "page": {"all": (10, 52), "tenth": (1, 518), "twentieth": (0.5, 1037)},
    "ticket": {"all": (10, 259), "tenth": (1, 2592)},
}


@pytest.mark.parametrize("severity", OUTAGES)
def test_an_outage_from_the_first_moment_on_alerts_as_after_healthy_history(tool: Promtool, severity: str) -> None:
    outages = OUTAGES[severity]
    end = max(fires for _, fires in outages.values()) + SLACK
    slos = shop(*(slo(sli(name), name) for name in outages))
    expected = []
    inputs: dict[str, str] = {}
    for name, (errors, fires) in outages.items():
        inputs |= series(name, (end, errors))
        expected += [
            never(fires - STEP, severity, f"shop-{name}"),
            firing(fires + SLACK, severity, slo=f"shop-{name}", among=severity),
        ]
    tool.judge(Trial(slos, inputs, expected, step=STEP))


def test_few_errors_from_the_first_moment_on_page_by_the_tier_of_six_hours(tool: Promtool) -> None:
    fires = 12960
    inputs = series("shop", (fires + SLACK, 0.1))
    expected = [never(fires - 2 * MINUTE, "page"), firing(fires + SLACK, "page", among="page")]
    tool.judge(Trial(shop(slo(sli("shop"))), inputs, expected, step=MINUTE))


def test_a_service_that_runs_twenty_minutes_in_four_hours_still_tickets(tool: Promtool) -> None:
    # Of its requests one in 200 fails. All of the time, that spends the budget five times too fast; in three days there
    # are six hours of samples, so that a window counted by its samples would never be more than a twelfth full.
    run, pause, runs = 20 * MINUTE, 220 * MINUTE, 19
    expected, inputs = [], {}
    for name, between in (("idle", 0), ("gone", ABSENT)):
        for metric, rate in (("served_total", 10), ("failed_total", 0.05)):
            inputs[f'{metric}{{job="{name}"}}'] = counter(*[(pause, between), (run, rate)] * runs, every=MINUTE)
        # The tiers hold once a fifth of the three days is covered, or three fifths of the one.
        expected += [firing(at, slo=f"shop-{name}") for at in (4 * HOUR, 12 * HOUR)]
        expected += [firing(at, "ticket", slo=f"shop-{name}") for at in (21 * HOUR, 2 * DAY, runs * (run + pause))]
    slos = shop(*(slo(sli(name), name) for name in ("idle", "gone")))
    tool.judge(Trial(slos, inputs, expected, every=MINUTE, step=4 * MINUTE))


def test_an_slo_that_is_added_to_an_old_service_has_an_age_of_its_own(tool: Promtool) -> None:
    added, end = 3 * HOUR, 4 * HOUR
    slos = shop(slo(sli("old"), "old"), slo(sli("new"), "new"))
    inputs = series("old", (end, 0)) | series("new", *blip(HOUR), idle=added)
    expected = [
        each(added - STEP, f"time() - {START}", "slo_name", {"old": added - 2 * STEP}),
        each(end, f"time() - {START}", "slo_name", {"old": end - STEP, "new": end - added - 2 * STEP}),
        never(end, "ticket"),
    ]
    tool.judge(Trial(slos, inputs, expected, step=STEP))


def test_the_groups_of_an_slo_share_its_age(tool: Promtool) -> None:
    slos = shop(slo(sli("shop"), group_by=["region"]))
    until = HOUR
    inputs = series("shop", *blip(until), labels=',region="north"')
    inputs |= series("shop", (BLIP, 0), (until - BLIP, 10), labels=',region="south"')
    expected = [
        each(until, f"time() - {START}", "slo_name", {"orders": until - STEP}),
        firing_groups(BLIP + 52 + SLACK, "page", "region", "south"),
        firing_groups(until, "ticket", "region", "south"),
    ]
    tool.judge(Trial(slos, inputs, expected, step=STEP))


def test_split_tiers_hold_one_after_the_other_as_their_windows_fill(tool: Promtool) -> None:
    # All requests fail: each tier holds after its theory's time, the longest long window last.
    slos = shop(slo(sli("shop"), alerting={"split_tiers": True, "min_events": 100}))
    inputs = series("shop", (20 * MINUTE, 10))
    expected = [
        holding(30, "shop-orders"),
        holding(52 + SLACK, "shop-orders", "page-1h", "page-6h"),
        holding(10 * MINUTE, "shop-orders", "page-1h", "page-6h", "ticket-1d", "ticket-3d"),
    ]
    tool.judge(Trial(slos, inputs, expected, step=STEP))


def test_windows_that_are_read_from_counters_need_no_coverage() -> None:
    text = compiled(shop(*(slo(sli(name), name, strategy=name) for name in STRATEGIES)))
    alerts = {
        (rule["labels"]["slo_name"], rule["labels"]["slo_severity"]): rule["expr"].count(START)
        for group in rule_groups(text)
        for rule in group["rules"]
        if rule.get("alert") == "ErrorBudgetBurn"
    }

    assert alerts == {
        ("hierarchical", "page"): 2,
        ("hierarchical", "ticket"): 2,
        ("raw", "page"): 0,
        ("raw", "ticket"): 0,
        ("hybrid", "page"): 1,
        ("hybrid", "ticket"): 2,
    }


@pytest.mark.parametrize("where", ["slo", "organisation", "nowhere"])
def test_coverage_is_left_out_where_nobody_wants_it(where: str) -> None:
    wanted = UNWEIGHED if where == "slo" else WEIGHED
    organisation = "alerting: {weigh_coverage: false}" if where == "organisation" else ""

    assert (START in compiled(shop(slo(sli("shop"), **wanted)), organisation)) == (where == "nowhere")


def test_an_slo_may_want_coverage_where_its_organisation_does_not() -> None:
    own = shop(slo(sli("shop"), alerting={"weigh_coverage": True}))

    assert START in compiled(own, "alerting: {weigh_coverage: false}")


IDENTITY = 'slo_id="shop-orders",slo_service="shop",slo_name="orders"'


def remembered(at: int, expected: int | None) -> Expectation:
    """What the rule for the start gives at *at* seconds, where nothing but the given series is recorded."""
    (expr,) = (
        rule["expr"]
        for group in rule_groups(compiled(shop(slo(sli("shop")))))
        for rule in group["rules"]
        if rule.get("record") == START
    )
    return nothing(at, expr) if expected is None else samples(at, expr, {IDENTITY: expected})


def test_the_start_outlives_gaps_but_not_empty_windows_nor_an_idle_service(tool: Promtool) -> None:
    # Recorded from 30m on, for two hours; then nothing is evaluated.
    first, last = 30 * MINUTE, 2 * HOUR + 30 * MINUTE
    known = f"_x{first // 30} {first}x{(last - first) // 30}"
    inputs = {f"{START}{{{IDENTITY}}}": known, f"slo:sli_events:rate2m{{{IDENTITY}}}": f"_x{100 * 120} 1x2"}
    expected = [
        remembered(last + 30, first),
        remembered(last + 15 * MINUTE, first),
        remembered(last + HOUR, first),
        remembered(last + 2 * DAY, first),
        remembered(last + 3 * DAY + HOUR, None),
        remembered(100 * HOUR, 100 * HOUR),
    ]
    tool.judge(Trial(shop(slo(sli("shop"))), inputs, expected, without=("fast", "slow", "tier")))


def test_the_start_of_a_removed_slo_is_not_handed_on_for_those_that_stay(tool: Promtool) -> None:
    removed = IDENTITY.replace("orders", "removed")
    inputs = {f"{START}{{{removed}}}": "0x2 _x120"} | series("shop", (HOUR, 0))
    expected = [nothing(HOUR, f'{START}{{slo_name="removed"}}'), number(HOUR, f"time() - {START}", HOUR - STEP)]
    tool.judge(Trial(shop(slo(sli("shop")), slo(sli("other"), "other")), inputs, expected, step=STEP))

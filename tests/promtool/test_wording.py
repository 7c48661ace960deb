"""Labels and annotations of the alerts, as Prometheus fills them in."""

from promtool.harness import (
    BLIND,
    BURN,
    HOUR,
    MINUTE,
    Json,
    Promtool,
    alerts,
    counter,
    firing,
    holding,
    nothing,
    samples,
    settled,
    shop,
    slo,
)

SLI = {"availability": {"total": "served_total", "bad": "failed_total"}}
IDENTITY = {"slo_id": "shop-orders", "slo_service": "shop", "slo_name": "orders"}
PAGE = {**IDENTITY, "slo_severity": "page", "severity": "page"}
TICKET = {**IDENTITY, "slo_severity": "ticket", "severity": "ticket"}

# One of a hundred fails: ten times the budget.
TENFOLD = {"served_total": counter((HOUR, 10)), "failed_total": counter((HOUR, 0.1))}
PAGE_SUMMARY = "shop orders is burning its error budget fast"
TICKET_SUMMARY = "shop orders is burning its error budget"
PROMISE = "The objective is 99.9% over 30d."
SPENT = f"{PROMISE}\nThe budget burns at 10 times the planned rate now.\nIt is spent."


def test_a_plain_slo_tells_what_burns_how_fast_and_what_is_left(tool: Promtool) -> None:
    expected = [
        alerts(
            30 * MINUTE,
            BURN,
            (PAGE, {"summary": PAGE_SUMMARY, "description": SPENT}),
            (TICKET, {"summary": TICKET_SUMMARY, "description": SPENT}),
        )
    ]
    tool.judge(settled(shop(slo(SLI)), TENFOLD, expected))


def test_while_budget_is_left_the_description_says_for_how_long(tool: Promtool) -> None:
    # After a crowd without errors, one of ten requests fails: 30 days' budget would last a hundredth of that, 7h 12m.
    crowd, calm = 20 * MINUTE, 70 * MINUTE
    series = {
        "served_total": counter((crowd, 10_000_000), (calm, 1)),
        "failed_total": counter((crowd, 0), (calm, 0.1)),
    }
    told = (
        f"{PROMISE} Orders are taken.\n"
        "The budget burns at 100 times the planned rate now.\n"
        "100% of it is left, at this rate for 7h 11m 59s."
    )
    slos = shop(slo(SLI, description="Orders are taken."))
    expected = [alerts(88 * MINUTE, BURN, (PAGE, {"summary": PAGE_SUMMARY, "description": told}))]
    tool.judge(settled(slos, series, expected))


def test_a_group_is_named_and_asked_for_its_own_budget(tool: Promtool) -> None:
    series = {
        'served_total{region="eu"}': counter((HOUR, 10)),
        'failed_total{region="eu"}': counter((HOUR, 0.1)),
        'served_total{region="us"}': counter((HOUR, 10)),
        'failed_total{region="us"}': counter((HOUR, 1)),
        'served_total{region="ap"}': counter((HOUR, 10)),
    }

    def told(region: str, severity: str, rate: int) -> tuple[Json, Json]:
        fast = " fast" if severity == "page" else ""
        return (
            {**IDENTITY, "region": region, "slo_severity": severity, "severity": severity},
            {
                "summary": f"shop orders region={region} is burning its error budget{fast}",
                "description": f"{PROMISE}\nThe budget burns at {rate} times the planned rate now.\nIt is spent.",
            },
        )

    burning = {"eu": 10, "us": 100}
    expected = [
        alerts(30 * MINUTE, BURN, *(told(g, s, rate) for g, rate in burning.items() for s in ("page", "ticket")))
    ]
    tool.judge(settled(shop(slo(SLI, group_by=["region"])), series, expected))


def test_without_values_nothing_is_said_and_nothing_fails(tool: Promtool) -> None:
    # The slow group has not had its turn: no burn rate, no budget.
    expected = [alerts(30 * MINUTE, BURN, (PAGE, {"summary": PAGE_SUMMARY, "description": f"{PROMISE}\n\n"}))]
    tool.judge(settled(shop(slo(SLI)), TENFOLD, expected, without=("slow", "tier")))


def test_a_missing_budget_leaves_the_burn_rate_standing(tool: Promtool) -> None:
    description = f"{PROMISE}\nThe budget burns at 10 times the planned rate now.\n"
    expected = [
        nothing(30 * MINUTE, "slo:period_error_budget_remaining:ratio"),
        alerts(
            30 * MINUTE,
            BURN,
            (PAGE, {"summary": PAGE_SUMMARY, "description": description}),
            (TICKET, {"summary": TICKET_SUMMARY, "description": description}),
        ),
    ]
    tool.judge(settled(shop(slo(SLI)), TENFOLD, expected, without=("tier",)))


def test_a_group_value_with_quotes_braces_and_percent_signs_is_asked_for_as_it_is(tool: Promtool) -> None:
    odd = r"a\"b\\c{{.}}%d%q|"
    plain = r'a"b\c{{.}}%d%q|'
    series = {
        f'served_total{{tenant="{odd}"}}': counter((HOUR, 10)),
        f'failed_total{{tenant="{odd}"}}': counter((HOUR, 0.1)),
    }
    told = {
        "summary": f"shop orders tenant={plain} is burning its error budget fast",
        "description": SPENT,
    }
    expected = [alerts(30 * MINUTE, "Fast", ({**PAGE, "tenant": plain}, told))]
    slos = shop(slo(SLI, group_by=["tenant"], alerting={"name": "Fast", "ticket": False}))
    tool.judge(settled(slos, series, expected))


def test_what_is_written_is_told_literally(tool: Promtool) -> None:
    description = 'Orders {{ $value }} are "taken", 100 % {{ of }} them \\ on time.'
    told = {"summary": PAGE_SUMMARY, "description": SPENT.replace(PROMISE, f"{PROMISE} {description}")}
    slos = shop(slo(SLI, description=description, alerting={"ticket": False}), owner="team {{ $labels.x }}")
    tool.judge(settled(slos, TENFOLD, [alerts(30 * MINUTE, BURN, (PAGE, told))]))


def test_labels_and_annotations_of_the_author_pass_through_and_their_templates_run(tool: Promtool) -> None:
    slos = shop(
        slo(
            SLI,
            labels={"tier": "1"},
            annotations={"dashboard": "https://dash.example/{{ $labels.slo_id }}"},
            alerting={
                "page": {
                    "labels": {"severity": "critical", "escalation": "{{ $labels.slo_name }}-oncall"},
                    "annotations": {"summary": "{{ $labels.slo_service }} burns at {{ $value | humanizePercentage }}"},
                },
                "ticket": {"labels": {"severity": "warning"}},
            },
        ),
        labels={"tier": "2", "area": "trade"},
        annotations={"runbook_url": "https://runbooks.example/shop"},
    )
    common = {"tier": "1", "area": "trade"}
    links = {"dashboard": "https://dash.example/shop-orders", "runbook_url": "https://runbooks.example/shop"}
    expected = [
        alerts(
            30 * MINUTE,
            BURN,
            (
                {**PAGE, **common, "severity": "critical", "escalation": "orders-oncall"},
                {**links, "summary": "shop burns at 1%", "description": SPENT},
            ),
            (
                {**TICKET, **common, "severity": "warning"},
                {**links, "summary": TICKET_SUMMARY, "description": SPENT},
            ),
        ),
        *(samples(30 * MINUTE, f'count({{__name__=~"slo:.*",{label}!=""}})', {}) for label in ("tier", "area")),
        samples(
            30 * MINUTE,
            "slo_info",
            {'__name__="slo_info",slo_id="shop-orders",slo_service="shop",slo_name="orders",tier="1",area="trade"': 1},
        ),
    ]
    tool.judge(settled(slos, TENFOLD, expected))


def test_split_tiers_are_an_alert_each_with_the_tiers_name(tool: Promtool) -> None:
    # Seven times the budget: above 6, 3 and 1, below 14.4.
    series = {"served_total": counter((HOUR, 10)), "failed_total": counter((HOUR, 0.07))}
    slos = shop(
        slo(SLI, alerting={"split_tiers": True, "ticket": False}), slo(SLI, "both", alerting={"split_tiers": True})
    )
    told = {
        "summary": PAGE_SUMMARY,
        "description": f"{PROMISE}\nThe budget burns at 7 times the planned rate now.\nIt is spent.",
    }
    expected = [
        holding(30 * MINUTE, "shop-orders", "page-6h"),
        holding(30 * MINUTE, "shop-both", "page-6h", "ticket-1d", "ticket-3d"),
    ]
    alone = shop(slo(SLI, alerting={"split_tiers": True, "ticket": False}))
    tool.judge(
        settled(slos, series, expected),
        settled(alone, series, [alerts(30 * MINUTE, BURN, ({**PAGE, "slo_tier": "page-6h"}, told))]),
    )


def test_an_alert_that_is_switched_off_does_not_fire(tool: Promtool) -> None:
    slos = shop(
        slo(SLI, "no-page", alerting={"page": False}),
        slo(SLI, "no-ticket", alerting={"ticket": False}),
        slo(
            {"availability": {"total": "none_total", "bad": "failed_total"}}, "no-no-data", alerting={"no_data": False}
        ),
    )
    expected = [
        firing(30 * MINUTE, "ticket", slo="shop-no-page"),
        firing(30 * MINUTE, "page", slo="shop-no-ticket"),
        alerts(30 * MINUTE, BLIND),
    ]
    tool.judge(settled(slos, TENFOLD, expected))


def test_alerts_have_the_names_that_their_slo_gives_them(tool: Promtool) -> None:
    slos = shop(
        slo(SLI, alerting={"name": "OrdersFail", "ticket": False, "no_data": {"name": "OrdersGone"}}),
        slo(
            {"availability": {"total": "none_total", "bad": "nor_this_total"}},
            "gone",
            alerting={"no_data": {"name": "Gone"}},
        ),
    )
    blind = {"slo_id": "shop-gone", "slo_service": "shop", "slo_name": "gone"}
    expected = [
        alerts(30 * MINUTE, BURN),
        alerts(30 * MINUTE, BLIND),
        alerts(30 * MINUTE, "OrdersFail", (PAGE, {"summary": PAGE_SUMMARY, "description": SPENT})),
        alerts(30 * MINUTE, "OrdersGone"),
        alerts(
            30 * MINUTE,
            "Gone",
            (
                {**blind, "slo_severity": "ticket", "severity": "ticket"},
                {"summary": "shop gone has gone blind", "description": BLIND_TEXT},
            ),
        ),
    ]
    tool.judge(settled(slos, TENFOLD, expected))


BLIND_TEXT = (
    "No events or no errors are recorded, so nothing would alert if the objective of 99.9% over 30d were missed.\n"
    "Its metrics are gone, or the series that its SLI names do not exist (for latency: a bucket with that bound)."
)


def test_a_blind_group_is_named(tool: Promtool) -> None:
    series = {'served_total{region="eu"}': counter((HOUR, 10)), 'failed_total{region="us"}': counter((HOUR, 10))}
    slos = shop(
        slo(
            SLI,
            group_by=["region"],
            alerting={"no_data": {"labels": {"severity": "info"}, "annotations": {"note": "{{ $labels.region }}!"}}},
        )
    )
    told = {"summary": "shop orders region=us has gone blind", "description": BLIND_TEXT, "note": "us!"}
    expected = [alerts(20 * MINUTE, BLIND, ({**TICKET, "severity": "info", "region": "us"}, told))]
    tool.judge(settled(slos, series, expected))

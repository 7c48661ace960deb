"""The passes of a backfill, and what the command refuses before it asks a server."""

import re
from pathlib import Path

import pytest

import slogen
from command import slogen as run
from slogen import backfill
from slogen.promql import selectors
from slogen.promrules import Record, Rule
from slogen.prose import Prose

SLOS = """
apiVersion: slogen/v1
service: shop
slos:
  - {name: bad, objective: 99.9, sli: {availability: {total: all_total, bad: bad_total}}}
  - {name: good, objective: 99.9, group_by: [region], sli: {availability: {total: all_total, good: good_total}}}
  - {name: slow, objective: 99, sli: {latency: {histogram: wait_seconds, threshold: 500ms}}}
  - {name: ratio, objective: 99, sli: {ratio: {query: "avg_over_time(share[$window])"}}}
  - {name: raw, objective: 99, strategy: raw, sli: {probe: {gauge: up}}}
  - {name: rare, objective: 99, scrape_interval: 2m, sli: {probe: {gauge: up}}}
"""
RULES = slogen.compile({"slos/shop.yaml": SLOS}).rules
EVERY = tuple(f"shop-{name}" for name in ("bad", "good", "slow", "ratio", "raw", "rare"))


@pytest.mark.parametrize("chosen", [*((one,) for one in EVERY), EVERY, ("shop-bad", "shop-raw", "shop-rare")])
def test_every_pass_reads_only_what_the_passes_before_it_have_recorded(chosen: tuple[str, ...]) -> None:
    recorded: set[str] = set()
    for groups in backfill.passes(RULES, chosen, 1_000, Prose()):
        records = [rule for group in groups for rule in group.rules if isinstance(rule, Record)]
        read = {selector.metric for record in records for selector in selectors(record.expr)}
        assert {metric for metric in read if metric.startswith("slo:")} <= recorded
        recorded |= {record.name for record in records}
    assert {"slo:sli_error:ratio_rate30d", "slo:period_error_budget_remaining:ratio", "slo_info"} <= recorded


@pytest.mark.parametrize("slo_id", EVERY)
def test_a_backfill_reads_and_writes_no_record_of_an_slo_that_was_not_chosen(slo_id: str) -> None:
    for groups in backfill.passes(RULES, (slo_id,), 1_000, Prose()):
        for rule in (rule for group in groups for rule in group.rules):
            assert rule.labels.get("slo_id", slo_id) == slo_id
            named = [{m.label: m.value for m in one.matchers} for one in selectors(rule.expr)]
            assert all(one.get("slo_id") == slo_id for one in named if "slo_id" in one or "slo_service" in one)


def every_rule(slo_id: str) -> list[Rule]:
    groups = (group for groups in backfill.passes(RULES, (slo_id,), 1_000, Prose()) for group in groups)
    return [rule for group in groups for rule in group.rules]


def test_no_alert_is_evaluated_and_the_start_is_that_of_the_history() -> None:
    rules = every_rule("shop-bad")

    assert all(isinstance(rule, Record) for rule in rules)
    assert [str(rule.expr) for rule in rules if rule.name == "slo:sli_start:rate2m"] == ["vector(1000)"]


def test_what_is_read_from_counters_has_no_start() -> None:
    names = {rule.name for rule in every_rule("shop-raw")}

    assert "slo:sli_events:rate2m" in names
    assert not any(name.startswith("slo:sli_start:") for name in names)


def test_what_is_waited_for_are_all_records_of_a_pass_for_the_chosen_slos_alone() -> None:
    chosen = ("shop-bad", "shop-rare")
    for groups in backfill.passes(RULES, chosen, 1_000, Prose()):
        (one,) = selectors(backfill.recorded(groups, chosen))
        names, ids = (re.compile(matcher.value) for matcher in one.matchers)

        assert [matcher.label for matcher in one.matchers] == ["__name__", "slo_id"]
        assert all(names.fullmatch(rule.name) for group in groups for rule in group.rules)
        assert [slo_id for slo_id in EVERY if ids.fullmatch(slo_id)] == [*chosen]
        assert one.window
        assert all(one.window > group.interval for group in groups)


def test_a_history_ends_before_the_first_of_events_and_errors() -> None:
    slo, *_ = slogen.compile({"slos/shop.yaml": SLOS}).slos
    (one,) = selectors(backfill.measured(slo))

    assert [matcher.value for matcher in one.matchers] == ["slo:sli_events:rate2m|slo:sli_errors:rate2m", "shop-bad"]


def test_blocks_are_as_long_as_one_range_query_allows() -> None:
    first, second, *_ = backfill.passes(RULES, ("shop-bad",), 1_000, Prose())

    assert str(backfill.block(first)) == "54h"  # 6,480 points at 30s; 162h would be 19,440
    assert str(backfill.block(second[1:])) == "162h"  # 4,860 at 2m; 486h would be 14,580


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (("--run", "--promtool=true"), 2, "--run writes into the server's data folder"),
        (("--promtool=true",), 2, "the printed calls need rule files"),
        (("--run", "--data=.", "--promtool=no-such-tool"), 2, "'no-such-tool' is not to be found"),
        (("--last=soon",), 2, "'soon' is not a duration"),
        (("--rules=out", "--until=9", "--promtool=true", "--slo=shop-bed"), 2, "did you mean 'shop-bad'?"),
        (("--rules=out", "--promtool=false", "--slo=shop-bad"), 4, "does not answer"),
    ],
)
def test_a_wrong_call_is_refused_in_words(tmp_path: Path, arguments: tuple[str, ...], code: int, told: str) -> None:
    (tmp_path / "slos").mkdir()
    (tmp_path / "slos/shop.yaml").write_text(SLOS)

    done = run("backfill", *arguments, cwd=tmp_path)

    assert done.returncode == code, done.stderr
    assert told in done.stderr


def test_constants_that_have_a_history_of_their_own_are_left_out() -> None:
    constants = {"slo:objective:ratio", "slo:error_budget:ratio", "slo:time_period:days", "slo_info"}

    def names(*, constants: bool) -> set[str]:
        found = backfill.passes(RULES, ("shop-bad",), 1_000, Prose(), constants=constants)
        return {rule.name for groups in found for group in groups for rule in group.rules}

    assert names(constants=True) - names(constants=False) == constants
    assert names(constants=False) < names(constants=True)

"""The replay of alerts over history: against windows summed one by one, and what is told besides."""

from array import array
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from math import isnan, nan
from typing import NamedTuple

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

import slogen
from slogen.diagnostics import Report
from slogen.model import Severity, Slo, Tier
from slogen.organisation import read_organisation
from slogen.policy import WORKBOOK
from slogen.replay.data import data
from slogen.replay.history import History, Series, notes, read_window
from slogen.replay.replaying import as_written, backtest
from slogen.replay.result import Gap, GroupReplay, Lack
from slogen.replay.whatif import questions, variants
from slogen.units import Window

MINUTE, HOUR, DAY = 60, 3_600, 86_400
START = 1_760_054_400
ORGANISATION = """
policies:
  brisk:
    - {severity: page, burn_rate: 10, long: 20m, short: 5m}
    - {severity: page, burn_rate: 4, long: 1h, short: 10m}
    - {severity: ticket, burn_rate: 1.5, long: 1d, short: 1h}
"""


def slo(more: str = "", *, objective: str = "99.37", policy: str = "brisk") -> Slo:
    """An SLO; its thresholds are ratios that no sum of small numbers comes to exactly."""
    text = f"""
apiVersion: slogen/v1
service: shop
slos:
  - name: answers
    objective: {objective}
    policy: {policy}
    sli: {{availability: {{total: served_total, bad: failed_total}}}}
{more}
"""
    (found,) = slogen.compile({"slos/shop.yaml": text}, organisation=("slogen.yaml", ORGANISATION)).slos
    return found


def of(events: Sequence[float], errors: Sequence[float], step: int = MINUTE) -> History:
    """A history of one group."""
    return History(START, step, len(events), (Series({}, array("d", events), array("d", errors)),))


def replayed(which: Slo, history: History, since: int) -> GroupReplay:
    (group,) = backtest([as_written(which)], history, since).replays[0].groups
    return group


def firing(group: GroupReplay, severity: Severity, history: History) -> set[int]:
    """The moments at which an alert was firing."""
    until = history.at(history.points)
    return {
        at
        for one in group.firings
        if one.severity is severity
        for at in range(one.start, one.end or until, history.step)
    }


Values = list[tuple[float, float]]


class Slowly(NamedTuple):
    """
    Whether tiers hold, each window summed by itself from what it holds.

    Attributes:
        values: events and errors per second, every minute.
        slots: their means over two minutes.
    """

    slo: Slo
    values: Values
    slots: Values

    def holds(self, tier: Tier, index: int) -> bool:
        begun = next(at for at, (event, _) in enumerate(self.values) if not isnan(event))
        young = self.slo.weigh_coverage and begun > 0
        age = max(index - -(-begun // 2) * 2, 0) * MINUTE
        share = min(age / tier.long.seconds, 1) if young else 1
        threshold = float(tier.threshold)
        burning = self.ratio(tier.short, index) > threshold and self.ratio(tier.long, index) * share > threshold
        return burning and self.enough(tier, index)

    def window(self, window: Window, index: int) -> Values:
        """What is summed: the values, or from a day on the means, as of their last evaluation."""
        if window < DAY:
            return self.values[max(index + 1 - window // MINUTE, 0) : index + 1]
        return self.slots[max(index // 2 + 1 - window // (2 * MINUTE), 0) : index // 2 + 1]

    def ratio(self, window: Window, index: int) -> float:
        summed = self.window(window, index)
        events = sum(event for event, _ in summed if not isnan(event))
        return sum(error for _, error in summed if not isnan(error)) / events if events > 0 else 0.0

    def enough(self, tier: Tier, index: int) -> bool:
        seen = [event for event, _ in self.window(tier.long, index) if not isnan(event)]
        least = self.slo.min_events
        return least is None or (bool(seen) and mean(seen) * tier.long.seconds >= least)


def slowly(which: Slo, history: History) -> Slowly:
    (series,) = history.groups
    values = list(zip(series.events, series.errors, strict=True))
    pairs = [values[max(end - 1, 0) : end + 1] for end in range(0, len(values), 2)]
    slots = [(mean([event for event, _ in one]), mean([error for _, error in one])) for one in pairs]
    return Slowly(which, values, slots)


def mean(values: Sequence[float]) -> float:
    known = [value for value in values if not isnan(value)]
    return sum(known) / len(known) if known else nan


STRETCH = st.tuples(
    st.integers(1, 60),
    st.sampled_from([0.0, 1.0, 7.0, 50.0, nan]),
    st.sampled_from([0.0, 0.0, 0.01, 0.03, 0.09, 0.5]),
    st.sampled_from([False, False, False, True]),
)
"""Minutes, events per second, the share of them that fails, and whether errors have no value."""


@settings(max_examples=60, phases=(Phase.explicit, Phase.reuse, Phase.generate))  # to make it smaller takes minutes
@given(
    st.lists(STRETCH, min_size=3, max_size=12),
    st.sampled_from(["", "    alerting: {min_events: 5000}", "    alerting: {weigh_coverage: false}"]),
    st.sampled_from([0, 0, 1_201, 1_430]),
    st.booleans(),
)
def test_alerts_fire_where_every_window_summed_by_itself_says(
    stretches: list[tuple[int, float, float, bool]], more: str, late: int, odd: bool
) -> None:
    which = slo(more)
    lead = DAY // MINUTE + 4 + odd
    events = [nan] * late + [20.0] * (lead - late)
    errors = [nan if isnan(event) else 0.0 for event in events]
    for length, rate, share, lost in stretches:
        events += [rate] * length
        errors += [nan if lost else rate * share] * length
    history = of(events, errors)
    slow = slowly(which, history)

    group = replayed(which, history, history.at(lead))

    looked_at = range(lead, history.points, 7)
    for alert in which.alerts:
        found = firing(group, alert.severity, history)
        assert [history.at(index) in found for index in looked_at] == [
            any(slow.holds(tier, index) for tier in alert.tiers) for index in looked_at
        ]


LEAD = 3 * DAY // MINUTE + 4


def test_errors_without_events_make_no_ratio_and_with_a_few_do() -> None:
    which = slo(objective="99.9", policy="workbook")
    none, few = (of([0.0] * (LEAD + 90), [0.0] * LEAD + [1.0] * 90) for _ in range(2))
    few.groups[0].events[LEAD + 60 :] = array("d", [2.0] * 30)

    assert replayed(which, none, none.at(LEAD)).firings == ()
    assert replayed(which, few, few.at(LEAD)).firings[0].start == few.at(LEAD + 60)


def test_a_slot_of_two_minutes_with_one_value_weighs_as_much_as_any_other() -> None:
    which = slo(objective="99.9", policy="workbook")
    # Of each two minutes of the last day one has no value: its errors are a share of the means, not half of it.
    events = [10.0] * (LEAD - 1441) + [10.0, nan] * 720 + [10.0] * 2
    errors = [0.0] * (LEAD - 1441) + [0.032, nan] * 720 + [0.032] * 2
    history = of(events, errors)

    group = replayed(which, history, history.at(LEAD))

    # 0.32 % over a day is above 0.3 %; of three days it is 0.107 %, which is above 0.1 % only if no slot weighs less.
    assert {tier for one in group.firings for tier in one.tiers} == {"ticket-1d", "ticket-3d"}


def test_a_young_slo_counts_for_as_much_of_a_window_as_it_is_old() -> None:
    old, young = (
        of(
            [10.0 if begun <= moment else nan for moment in range(LEAD + 60)],
            [0.0] * LEAD + [2.0] * 5 + [0.0] * 55,
        )
        for begun in (0, LEAD - 30)
    )
    careless = slo("    alerting: {weigh_coverage: false}", objective="99.9", policy="workbook")
    careful = slo(objective="99.9", policy="workbook")

    def tickets(which: Slo, history: History) -> list[tuple[str, ...]]:
        return [
            one.tiers for one in replayed(which, history, history.at(LEAD)).firings if one.severity == Severity.TICKET
        ]

    assert tickets(careful, old) == []
    assert tickets(careful, young) == []
    assert tickets(careless, old) == []
    assert len(tickets(careless, young)) == 1


def test_a_week_is_one_in_which_the_slo_was_there() -> None:
    which = slo(objective="99.9", policy="workbook")
    errors = [0.0] * (LEAD + 9 * DAY // MINUTE) + [10.0] * 30 + [0.0] * 30
    old, young = (
        of([10.0 if begun <= moment else nan for moment in range(len(errors))], errors)
        for begun in (0, LEAD + 8 * DAY // MINUTE)
    )

    often, rare = (backtest([as_written(which)], one, one.at(LEAD)).replays[0] for one in (young, old))

    assert often.count(Severity.PAGE) == rare.count(Severity.PAGE) == 1
    assert rare.per_week(Severity.PAGE) == pytest.approx(7 / 9, rel=0.01)
    assert often.per_week(Severity.PAGE) == pytest.approx(7, rel=0.05)


def steady(moments: int, ratio: float = 0.0) -> History:
    """Ten events a second, of which so large a share fails after three days."""
    return of([10.0] * (LEAD + moments), [0.0] * LEAD + [10.0 * ratio] * moments)


def test_an_outage_is_told_with_its_tiers_its_peak_and_what_it_had_spent() -> None:
    which = slo(objective="99.9", policy="workbook")
    history = of([10.0] * (LEAD + 600), [0.0] * LEAD + [10.0] * 30 + [0.0] * 570)

    group = replayed(which, history, history.at(LEAD))

    page, ticket = sorted(group.firings, key=lambda one: one.severity)
    # 1.44 % of an hour are 52 seconds, so the first minute is enough; 5 minutes after the last, nothing is left.
    assert (page.start - history.at(LEAD), page.tiers) == (0, ("page-1h", "page-6h"))
    assert page.earlier  # it fires at the first moment of all, and nobody knows since when
    assert page.peak_burn == pytest.approx(500)
    assert page.budget_spent == pytest.approx(1 / 60 * 1000 / 720)
    assert page.end == history.at(LEAD + 30 + 29)  # the half hour of the second tier has the outage longest
    assert ticket.tiers == ("ticket-1d", "ticket-3d")
    assert group.errors == 18_000
    assert group.error_ratio == pytest.approx(0.05)


def test_an_alert_that_fires_on_is_without_an_end_and_one_that_fired_before_is_said_to() -> None:
    which = slo(objective="99.9", policy="workbook")
    history = steady(600, 0.5)

    (page,) = (one for one in replayed(which, history, history.at(LEAD + 300)).firings if one.severity == "page")
    (later,) = (one for one in replayed(which, history, history.at(LEAD - 60)).firings if one.severity == "page")

    assert (page.earlier, page.start, page.end) == (True, history.at(LEAD + 300), None)
    assert (later.earlier, later.end) == (False, None)
    assert later.start == history.at(LEAD + 1)  # 1.44 % of an hour at one half are 104 seconds


def test_a_burn_just_below_the_slowest_tier_fires_nothing_and_one_just_above_a_ticket() -> None:
    which = slo(objective="99.9", policy="workbook")
    below, above = (of([10.0] * (2 * LEAD), [10.0 * ratio] * (2 * LEAD)) for ratio in (0.00099, 0.00101))

    assert replayed(which, below, below.at(LEAD)).firings == ()
    assert [one.tiers for one in replayed(which, above, above.at(LEAD)).firings] == [("ticket-3d",)]


def test_the_budget_is_what_an_slo_window_of_such_traffic_allows() -> None:
    which = slo(objective="99.9", policy="workbook")
    moments = 30 * DAY // MINUTE
    history = of([10.0] * (LEAD + moments), [0.01] * (LEAD + moments))

    budget = replayed(which, history, history.at(LEAD)).budget

    assert (budget[0].moment, budget[-1].moment) == (history.at(LEAD), history.at(LEAD + moments - 1))
    assert budget[0].remaining == pytest.approx(1, abs=0.001)
    assert budget[len(budget) // 2].remaining == pytest.approx(0.5, abs=0.01)
    assert budget[-1].remaining == pytest.approx(0)


def test_after_an_slo_window_what_was_spent_before_it_is_given_back() -> None:
    which = replace(slo(objective="99.9", policy="workbook"), window=Window.parse("7d"))
    week = 7 * DAY // MINUTE
    history = of([10.0] * (LEAD + 2 * week), [0.0] * LEAD + [0.02] * (week // 2) + [0.0] * (2 * week - week // 2))

    budget = replayed(which, history, history.at(LEAD)).budget

    assert min(point.remaining for point in budget) == pytest.approx(0, abs=0.001)
    assert budget[-1].remaining == pytest.approx(1, abs=0.02)


def test_times_with_too_little_data_are_told_by_what_is_lacking() -> None:
    quiet = [10.0] * LEAD + [nan] * 14 + [10.0] * 60 + [nan] * 15 + [10.0] * 60 + [0.0] * 59 + [10.0] * 60 + [0.0] * 60
    history = of([*quiet, *[10.0] * 9], [0.0] * (len(quiet) + 9))
    at = history.at

    assert replayed(slo(policy="workbook"), history, at(LEAD)).gaps == (
        Gap(Lack.MISSING, at(LEAD + 74), at(LEAD + 89)),
        Gap(Lack.IDLE, at(LEAD + 268), at(LEAD + 328)),
    )


def test_too_few_events_to_page_are_told_while_no_long_window_has_enough() -> None:
    rates = [10.0] * LEAD + [0.0001] * (12 * 60) + [10.0] * 60
    history = of(rates, [0.0] * len(rates))
    some, none = (replayed(slo(more, policy="workbook"), history, history.at(LEAD)).gaps for more in (FEW, ""))

    (few,) = some
    assert few.lack is Lack.FEW
    # Six hours hold 216,000 events as long as one of them does; what comes after is too little for either window.
    assert few.start == pytest.approx(history.at(LEAD + 360), abs=2 * MINUTE)
    assert few.end == pytest.approx(history.at(LEAD + 12 * 60), abs=2 * MINUTE)
    assert none == ()


FEW = "    alerting: {min_events: 500}"


def test_what_ifs_stand_beside_what_is_written() -> None:
    which = slo(FEW, objective="99.9", policy="workbook")
    brisk = read_organisation("slogen.yaml", ORGANISATION, Report()).policies["brisk"]
    asked = questions((Decimal("0.99"), Decimal("0.999")), [brisk], iter([Decimal(0)]))
    history = steady(300, 0.02)

    found = backtest(variants(which, WORKBOOK, asked), history, history.at(LEAD))

    assert [one.variant.label for one in found.replays] == [
        "",
        "objective 99, policy brisk, no min_events",
        "objective 99.9, policy brisk, no min_events",
    ]
    assert [one.count(Severity.PAGE) for one in found.replays] == [1, 0, 1]
    assert [one.variant.min_events for one in found.replays] == [500, None, None]
    assert found.replays[1].variant.tiers[0].threshold == Decimal("0.1")


def test_a_stricter_objective_has_the_tiers_that_a_looser_one_had_to_leave_out() -> None:
    which = slo(objective="93", policy="workbook")
    strict = variants(which, WORKBOOK, questions([Decimal("0.999")], [], []))[1]

    assert "page-1h" not in [tier.name for tier in which.alerts[0].tiers]
    assert [tier.name for tier in strict.slo.alerts[0].tiers] == ["page-1h", "page-6h"]


def test_a_severity_that_is_off_stays_off_in_a_what_if() -> None:
    which = slo("    alerting: {ticket: false}", policy="workbook")
    (_, strict) = variants(which, WORKBOOK, questions([Decimal("0.999")], [], []))

    assert [alert.severity for alert in strict.slo.alerts] == [Severity.PAGE]


@pytest.mark.parametrize(
    ("strategy", "step", "said"),
    [
        ("hierarchical", 30, []),
        ("hierarchical", 60, ["rules are evaluated every 30s, and replayed every 1m"]),
        ("hierarchical", 300, ["at a step of 5m bursts are evened out"]),
        ("raw", 30, ["its alerts read the counters (strategy: raw)"]),
        ("hybrid", 60, ["its alerts read the counters (strategy: hybrid)", "rules are evaluated every 30s"]),
    ],
)
def test_what_a_replay_cannot_see_is_said(strategy: str, step: int, said: list[str]) -> None:
    told = notes(slo(f"    strategy: {strategy}"), step)

    assert len(told) == len(said)
    assert all(note.startswith(begin) for note, begin in zip(told, said, strict=True))


@pytest.mark.parametrize(
    ("query", "seconds"),
    [
        ("avg(shop_error:ratio_rate$window)", 2 * MINUTE),
        ("avg(shop_error:ratio_rate{{.window}})", 2 * MINUTE),
        ("avg(avg_over_time(shop_error_ratio[$window]))", 5 * MINUTE),
        ("avg(avg_over_time(shop_error_ratio[5m] offset $window))", 5 * MINUTE),
        ("avg(avg_over_time(shop_error_ratio[$window:1m])) # not rate$window", 5 * MINUTE),
    ],
)
def test_a_window_in_a_name_is_that_of_the_rules_whatever_the_step(query: str, seconds: int) -> None:
    written = f"sli: {{ratio: {{query: '{query}'}}}}"
    text = f"apiVersion: slogen/v1\nservice: shop\nslos: [{{name: answers, objective: 99, {written}}}]\n"
    (read,) = slogen.compile({"slos/shop.yaml": text}).slos

    assert read_window(read, 5 * MINUTE).seconds == seconds
    assert read_window(read, MINUTE).seconds == 2 * MINUTE


def test_the_json_has_all_that_was_found() -> None:
    which = slo(objective="99.9", policy="workbook")
    history = steady(600, 0.5)
    found = backtest([as_written(which)], history, history.at(LEAD - 60))

    told = data(found)

    (variant,) = told["variants"]
    (group,) = variant["groups"]
    assert (told["slo"], told["step_seconds"], told["unread"]) == ("shop-answers", 60, None)
    assert (variant["pages"], variant["tickets"]) == (1, 1)
    assert variant["pages_per_week"] == pytest.approx(604_800 / (659 * 60), abs=1e-5)
    assert [alert["tiers"][0] for alert in group["alerts"]] == ["page-1h", "ticket-1d"]
    assert len(group["budget"]) <= 242
    assert [tier["threshold"] for tier in variant["tiers"]] == [0.0144, 0.006, 0.003, 0.001]

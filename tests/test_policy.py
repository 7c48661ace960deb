"""
The method, held to numbers that are typed in.

Source: https://sre.google/workbook/alerting-on-slos/
"""

from decimal import Decimal
from fractions import Fraction

import pytest

from slogen.model import Severity
from slogen.policy import (
    WORKBOOK,
    BudgetShare,
    BurnRate,
    Policy,
    Step,
    base_window,
    budget_spent,
    burn_rate,
    detection_seconds,
    reset_seconds,
    threshold,
    tiers,
)
from slogen.units import Window, plain, printed


def rates(slo_window: str) -> list[str]:
    return [plain(printed(burn_rate(step, Window.parse(slo_window)))) for step in WORKBOOK.steps]


def thresholds(slo_window: str, objective: str) -> list[str]:
    found = tiers(WORKBOOK, Window.parse(slo_window), Decimal(objective))
    return [plain(tier.threshold) for tier in found]


def test_the_workbooks_table() -> None:
    table = [(step.severity, step.limit, str(step.long), str(step.short), step.name) for step in WORKBOOK.steps]

    assert table == [
        (Severity.PAGE, BudgetShare(Fraction(2, 100)), "1h", "5m", "page-1h"),
        (Severity.PAGE, BudgetShare(Fraction(5, 100)), "6h", "30m", "page-6h"),
        (Severity.TICKET, BudgetShare(Fraction(10, 100)), "1d", "2h", "ticket-1d"),
        (Severity.TICKET, BudgetShare(Fraction(10, 100)), "3d", "6h", "ticket-3d"),
    ]


@pytest.mark.parametrize(
    ("slo_window", "expected"),
    [
        ("30d", ["14.4", "6", "3", "1"]),
        ("28d", ["13.44", "5.6", "2.8", "1"]),  # the last would be 0.9333: below 1 the promise is kept
        ("90d", ["43.2", "18", "9", "3"]),
        ("40d", ["19.2", "8", "4", "1.33333333333"]),
        ("14d", ["6.72", "2.8", "1.4", "1"]),
        ("13d", ["14.4", "6", "3", "1"]),
        ("7d", ["14.4", "6", "3", "1"]),
        ("3d", ["14.4", "6", "3", "1"]),
    ],
)
def test_the_burn_rates_of_each_slo_window(slo_window: str, expected: list[str]) -> None:
    assert rates(slo_window) == expected


@pytest.mark.parametrize(
    ("slo_window", "objective", "expected"),
    [
        ("30d", "0.999", ["0.0144", "0.006", "0.003", "0.001"]),
        ("30d", "0.99", ["0.144", "0.06", "0.03", "0.01"]),
        ("30d", "0.9995", ["0.0072", "0.003", "0.0015", "0.0005"]),
        ("30d", "0.999999", ["0.0000144", "0.000006", "0.000003", "0.000001"]),
        ("28d", "0.999", ["0.01344", "0.0056", "0.0028", "0.001"]),
        ("7d", "0.999", ["0.0144", "0.006", "0.003", "0.001"]),
        ("90d", "0.99", ["0.432", "0.18", "0.09", "0.03"]),
        ("40d", "0.999", ["0.0192", "0.008", "0.004", "0.00133333333333"]),
    ],
)
def test_the_thresholds_are_exact_and_only_what_does_not_end_is_rounded(
    slo_window: str, objective: str, expected: list[str]
) -> None:
    assert thresholds(slo_window, objective) == expected


def test_a_threshold_of_one_is_never_reached() -> None:
    # 14.4 x (1 - 0.9306) = 0.99936, 14.4 x (1 - 0.9305) = 1.0008
    assert thresholds("30d", "0.9306")[0] == "0.99936"
    assert thresholds("30d", "0.9305")[0] == "1.0008"


def test_a_burn_rate_of_a_policy_stays_whatever_the_slo_window() -> None:
    step = Step(Severity.PAGE, BurnRate(Fraction("14.4")), Window.parse("1h"), Window.parse("5m"))

    assert {burn_rate(step, Window.parse(slo_window)) for slo_window in ("7d", "28d", "90d")} == {Fraction("14.4")}


def test_a_policy_knows_its_longest_window_and_its_pairs() -> None:
    quick = Policy("quick", WORKBOOK.steps[:2])

    assert str(WORKBOOK.longest) == "3d"
    assert str(quick.longest) == "6h"
    assert [tuple(map(str, pair)) for pair in quick.window_pairs] == [("1h", "5m"), ("6h", "30m")]


@pytest.mark.parametrize(
    ("rate", "long", "error_ratio", "seconds"),
    [
        # (1 - objective) / error ratio x long window x burn rate: an outage of all requests pages after 51.84 s.
        ("14.4", "1h", "1", "51.84"),
        ("14.4", "1h", "0.1", "518.4"),
        ("14.4", "1h", "0.0288", "1800"),
        ("6", "6h", "1", "129.6"),
        ("3", "1d", "1", "259.2"),
        ("1", "3d", "1", "259.2"),
        ("1", "3d", "0.002", "129600"),
    ],
)
def test_detection_takes_longer_the_fewer_the_errors(rate: str, long: str, error_ratio: str, seconds: str) -> None:
    found = detection_seconds(Fraction(rate), Window.parse(long), Decimal("0.999"), Fraction(error_ratio))

    assert found == Fraction(seconds)


@pytest.mark.parametrize("error_ratio", ["0.0144", "0.01", "0"])
def test_what_does_not_exceed_the_threshold_is_never_detected(error_ratio: str) -> None:
    assert detection_seconds(Fraction("14.4"), Window.parse("1h"), Decimal("0.999"), Fraction(error_ratio)) is None


@pytest.mark.parametrize(
    ("rate", "long", "slo_window", "share"),
    [
        ("14.4", "1h", "30d", "0.02"),
        ("6", "6h", "30d", "0.05"),
        ("3", "1d", "30d", "0.1"),
        ("1", "3d", "30d", "0.1"),
        ("13.44", "1h", "28d", "0.02"),
        ("43.2", "1h", "90d", "0.02"),
        ("1", "3d", "7d", "3/7"),
    ],
)
def test_the_budget_spent_when_a_tier_holds(rate: str, long: str, slo_window: str, share: str) -> None:
    assert budget_spent(Fraction(rate), Window.parse(long), Window.parse(slo_window)) == Fraction(share)


@pytest.mark.parametrize(
    ("limit", "short", "error_ratio", "seconds"),
    [
        ("0.0144", "5m", "1", "295.68"),
        ("0.0144", "5m", "0.0288", "150"),
        ("0.006", "30m", "1", "1789.2"),
        ("0.001", "6h", "0.002", "10800"),
        ("0.0144", "5m", "0.0144", "0"),
        ("0.0144", "5m", "0.001", "0"),  # it never held
    ],
)
def test_a_tier_holds_on_for_part_of_its_short_window(limit: str, short: str, error_ratio: str, seconds: str) -> None:
    assert reset_seconds(Fraction(limit), Window.parse(short), Fraction(error_ratio)) == Fraction(seconds)


def test_a_threshold_is_the_burn_rate_times_the_error_budget() -> None:
    assert threshold(Fraction("14.4"), Decimal("0.999")) == Fraction("0.0144")
    assert threshold(Fraction(4, 3), Decimal("0.999")) == Fraction(4, 3000)


@pytest.mark.parametrize(
    ("scrape_interval", "base"),
    [
        ("5s", "1m"),
        ("15s", "1m"),
        ("16s", "64s"),
        ("30s", "2m"),
        ("1m", "4m"),
        ("75s", "5m"),
        ("2m", "5m"),
        ("10m", "5m"),
    ],
)
def test_the_base_window_is_four_scrapes_between_one_and_five_minutes(scrape_interval: str, base: str) -> None:
    assert str(base_window(Window.parse(scrape_interval))) == base

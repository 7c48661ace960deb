"""Windows, latencies and numbers: what is read, what is refused, and how each is printed."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slogen.units import Window, latency_seconds, plain, printed


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("30s", 30),
        ("5m", 300),
        ("1h30m", 5_400),
        ("90m", 5_400),
        ("2m30s", 150),
        ("1d", 86_400),
        ("30d", 2_592_000),
        ("4w", 2_419_200),
        ("1w1d1h1m1s", 694_861),
        ("05m", 300),
        ("3660d", 316_224_000),
    ],
)
def test_a_window_is_written_as_prometheus_writes_durations(text: str, seconds: int) -> None:
    assert Window.parse(text).seconds == seconds


@pytest.mark.parametrize(
    "text",
    [
        "",
        "5",
        "m",
        "5 m",
        " 5m",
        "5m ",
        "5m\n",
        "5M",
        "-5m",
        "+5m",
        "1.5h",
        "5min",
        "500ms",
        "1y",
        "1m1h",
        "5m5m",
        "1e3s",
        "1_0s",
        "\u0665m",
        "\uff15m",
        "∞",
    ],
)
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not a duration; write it like 30s, 5m, 1h30m or 30d$"):
        Window.parse(text)


@pytest.mark.parametrize("text", ["0s", "0d0h0m0s", "3661d", "999999999w"])
def test_no_time_and_more_than_ten_years_are_out_of_range(text: str) -> None:
    with pytest.raises(ValueError, match=r"is out of range; a duration is longer than 0s and at most 3660d$"):
        Window.parse(text)


@pytest.mark.parametrize(
    ("text", "printed_as"),
    [
        ("60s", "1m"),
        ("90s", "90s"),
        ("1h30m", "90m"),
        ("60m", "1h"),
        ("24h", "1d"),
        ("36h", "36h"),
        ("7d", "7d"),
        ("4w", "28d"),
        ("28d", "28d"),
        ("3660d", "3660d"),
        ("2m30s", "150s"),
    ],
)
def test_a_window_is_printed_in_the_largest_unit_that_divides_it_days_at_most(text: str, printed_as: str) -> None:
    window = Window.parse(text)

    assert str(window) == printed_as
    assert f"{window}" == printed_as
    assert Window.parse(printed_as) == window
    assert repr(window) == f"Window.parse({printed_as!r})"


@given(st.integers(1, 3_660 * 86_400))
def test_a_printed_window_reads_as_itself(seconds: int) -> None:
    assert Window.parse(str(Window(seconds))).seconds == seconds


def test_windows_compare_by_length_and_know_their_days() -> None:
    assert Window.parse("24h") == Window.parse("1d")
    assert Window.parse("59m") < Window.parse("1h")
    assert Window.parse("36h").days == Fraction(3, 2)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("500ms", "0.5"),
        ("0.25s", "0.25"),
        ("2s", "2"),
        ("2m", "120"),
        ("1h", "3600"),
        ("250us", "0.00025"),
        ("250µs", "0.00025"),
        ("100ns", "0.0000001"),
        ("2.5ms", "0.0025"),
        ("00.5s", "0.5"),
    ],
)
def test_a_latency_is_exact_in_seconds(text: str, seconds: str) -> None:
    assert latency_seconds(text) == Decimal(seconds)


@pytest.mark.parametrize(
    "text", ["", "5", "500 ms", ".5s", "5.s", "1d", "1h30m", "1e3ms", "-1s", "\uff15s", "1s\n", "500MS"]
)
def test_what_is_no_latency_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not a latency; write it like 500ms, 0\.25s or 2s$"):
        latency_seconds(text)


@pytest.mark.parametrize("text", ["0s", "0.000ms"])
def test_a_latency_of_zero_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"is zero; a latency threshold is longer than 0s$"):
        latency_seconds(text)


@pytest.mark.parametrize(
    ("value", "digits"),
    [
        (Decimal("0.0144"), "0.0144"),
        (Decimal("99.90"), "99.9"),
        (Decimal("1E+3"), "1000"),
        (Decimal(100), "100"),
        (Decimal("10.0"), "10"),
        (Decimal("1E-10"), "0.0000000001"),
        (Decimal("0.00"), "0"),
        (86_400, "86400"),
        (0, "0"),
    ],
)
def test_a_number_is_printed_in_plain_digits(value: Decimal | int, digits: str) -> None:
    assert plain(value) == digits


@given(st.decimals(allow_nan=False, allow_infinity=False, places=12, min_value=-(10**15), max_value=10**15))
def test_a_printed_number_reads_as_itself(value: Decimal) -> None:
    text = plain(value)

    assert Decimal(text) == value
    assert "e" not in text.lower()


@pytest.mark.parametrize(
    ("value", "digits"),
    [
        (Fraction(144, 10_000), "0.0144"),
        (Fraction(4, 3), "1.33333333333"),
        (Fraction(2, 3), "0.666666666667"),
        (Fraction(1, 1024), "0.0009765625"),
        (Fraction(1, 7), "0.142857142857"),
        (Fraction(20_000, 3), "6666.66666667"),
        (Fraction(3), "3"),
        (Fraction(0), "0"),
        (Fraction(1, 2**40), "0.0000000000009094947017729282379150390625"),
    ],
)
def test_what_ends_is_printed_exactly_and_what_does_not_to_twelve_digits(value: Fraction, digits: str) -> None:
    assert plain(printed(value)) == digits


def test_the_twelfth_digit_is_the_nearest() -> None:
    endless = Fraction(1, 3 * 10**30)

    assert plain(printed(Fraction("1.000000000005") + endless)) == "1.00000000001"
    assert plain(printed(Fraction("1.000000000005") - endless)) == "1"

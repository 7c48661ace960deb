"""Where things lie in the drawings of a page."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slogen.page.drawing import HEIGHT, ROOM, Share, Time, thinned
from slogen.page.moments import Mark, length, marks, moment
from slogen.replay.result import Point

HOUR, DAY = 3_600, 86_400
MIDNIGHT = 1_795_478_400  # 24 Nov 2026


def curve(*shares: float) -> tuple[Point, ...]:
    return tuple(Point(number, share) for number, share in enumerate(shares))


@pytest.mark.parametrize(
    ("least", "told"),
    [
        (1.0, ["100 %", "75 %", "50 %", "25 %", "0 %"]),
        (0.0, ["100 %", "75 %", "50 %", "25 %", "0 %"]),
        (-0.3, ["100 %", "50 %", "0 %", "\u221250 %"]),
        (-2.9, ["100 %", "0 %", "\u2212100 %", "\u2212200 %", "\u2212300 %"]),
        (-11.0, ["0 %", "\u2212500 %", "\u22121000 %", "\u22121500 %"]),
    ],
)
def test_the_axis_of_a_budget_goes_down_to_what_was_overspent(least: float, told: list[str]) -> None:
    share = Share([curve(1.0, least)])

    assert [mark["text"] for mark in share.marks()] == told
    assert [mark["text"] for mark in share.marks() if mark["zero"]] == ["0 %"]


def test_all_of_a_budget_is_at_the_top_and_the_lowest_mark_at_the_bottom() -> None:
    share = Share([curve(1.0, 0.4), curve(0.9, -0.4)])

    assert share.pixels(1.0) == f"{ROOM:.1f}"
    assert share.pixels(-0.5) == f"{HEIGHT - ROOM:.1f}"
    assert share.curve(curve(1.0, 0.25, -0.5), Time(0, 2)) == "0,0 500,500 1000,1000"


def test_a_bar_that_is_too_short_to_be_seen_is_widened_within_the_axis() -> None:
    time = Time(0, 30 * DAY)

    assert time.bar(3 * DAY, 6 * DAY) == {"x": "10.000%", "width": "10.000%"}
    assert time.bar(3 * DAY, 3 * DAY + 60) == {"x": "10.000%", "width": "0.250%"}
    assert time.bar(30 * DAY - 60, None) == {"x": "99.750%", "width": "0.250%"}
    assert time.bar(27 * DAY, None) == {"x": "90.000%", "width": "10.000%"}


def test_marks_stand_at_midnight_or_at_a_full_hour() -> None:
    assert [mark.text for mark in marks(MIDNIGHT - 30 * DAY + HOUR, MIDNIGHT)][-1] == "23 Nov"
    assert marks(MIDNIGHT - 6 * HOUR, MIDNIGHT + 6 * HOUR) == (
        *(Mark(0.0, "18:00"), Mark(1 / 6, "20:00"), Mark(2 / 6, "22:00"), Mark(3 / 6, "24 Nov")),
        *(Mark(4 / 6, "02:00"), Mark(5 / 6, "04:00"), Mark(1.0, "06:00")),
    )


@given(start=st.integers(0, 4_000_000_000), long=st.integers(0, 400 * DAY))
def test_an_axis_of_time_has_few_marks_all_of_them_on_it(start: int, long: int) -> None:
    found = marks(start, start + long)

    assert len(found) <= 8
    assert all(0 <= mark.at <= 1 for mark in found)


def test_moments_are_told_in_utc() -> None:
    assert moment(MIDNIGHT + 10 * HOUR + 300) == ("24 Nov", 2026, "10:05", "2026-11-24T10:05:00Z")
    assert length(5_400) == "1h30m"


@given(st.lists(st.floats(-5, 1), max_size=3_000))
def test_a_thinned_curve_keeps_its_ends_its_peaks_and_its_order(shares: list[float]) -> None:
    points = curve(*shares)
    kept = thinned(points)

    assert len(kept) <= 502
    assert kept == [point for point in points if point in set(kept)]
    assert {*points[:1], *points[-1:]} <= set(kept)
    if shares:
        assert min(point.remaining for point in kept) == min(shares)
        assert max(point.remaining for point in kept) == max(shares)

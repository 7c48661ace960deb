"""What a history supports: objectives with headroom, and with events enough to tell."""

from decimal import Decimal

import pytest

from slogen.model import Severity
from slogen.policy import WORKBOOK, tiers
from slogen.replay.result import GroupReplay, Point, Replay, Variant
from slogen.replay.suggesting import bounds, suggest
from slogen.units import Window


def replay(objective: str, events: float, errors: float, *, worst: float | None = None) -> Replay:
    """Of one group, whose budget was once down to *worst*."""
    ratio = Decimal(objective)
    left = worst if worst is not None else 1 - errors / events / float(1 - ratio)
    group = GroupReplay({}, events, errors, errors / events, (), (Point(0, 1.0), Point(1, left), Point(2, 1.0)), ())
    every = tiers(WORKBOOK, Window.parse("30d"), ratio)
    return Replay(Variant("", ratio, "", every, None), 604_800, (group,))


def suggested(replays: list[Replay], headroom: float) -> Decimal | None:
    found = suggest(replays, headroom).suggested
    return found and found.objective


def test_half_a_budget_is_left_at_the_objective_that_is_suggested_and_not_at_the_next() -> None:
    options = [replay(objective, 1e6, 500) for objective in ("0.99", "0.998", "0.999", "0.9995")]

    assert suggested(options, 0.5) == Decimal("0.999")
    assert suggested(options, 0.51) == Decimal("0.998")
    assert suggested(options, 0.0) == Decimal("0.9995")
    assert suggested(options, 0.96) is None


def test_the_worst_moment_counts_not_the_end_alone() -> None:
    assert suggested([replay("0.999", 1e6, 100, worst=0.4)], 0.5) is None
    assert suggested([replay("0.999", 1e6, 100, worst=0.6)], 0.5) == Decimal("0.999")


def test_no_objective_is_suggested_of_which_chance_decides() -> None:
    few, enough = (suggest([replay("0.999", events, 0)], 0.5) for events in (9_999, 10_001))

    assert (few.suggested, few.written.countable) == (None, False)
    assert enough.suggested is not None
    assert (enough.written.pages, few.written.tickets) == (0, 0)
    assert replay("0.999", 10, 0).count(Severity.PAGE) == 0


def test_seconds_of_an_error_ratio_count_as_often_as_it_is_read() -> None:
    """30 days are 2,592,000 seconds and, with 30 s between two, 86,400 readings: ten may fail at 99.98 %."""
    options = [replay(objective, 30 * 86_400, 0) for objective in ("0.999", "0.9998", "0.9999", "0.99999")]

    found = suggest(options, 0.5, each=30)

    assert found.suggested
    assert found.suggested.objective == Decimal("0.9998")
    assert found.events == 86_400
    assert suggested(options, 0.5) == Decimal("0.99999")  # as of so many events


def test_no_objective_kept_is_told_apart_from_too_few_events_to_tell() -> None:
    few, missed = suggest([replay("0.999", 100, 0)], 0.5), suggest([replay("0.999", 1e6, 5_000)], 0.5)

    assert (few.suggested, few.kept) == (None, True)
    assert (missed.suggested, missed.kept) == (None, False)


@pytest.mark.parametrize(("events", "supported"), [(1e9, "0.9995"), (15_000, "0.999"), (50, None)])
def test_a_bound_supports_what_its_share_does_with_headroom(events: float, supported: str | None) -> None:
    (fast, slow) = bounds([(Decimal("0.5"), 0.9998), (Decimal("0.1"), 0.5)], events, 0.5)

    assert (fast.seconds, fast.supported) == (Decimal("0.1"), None)
    assert slow.supported == (supported and Decimal(supported))

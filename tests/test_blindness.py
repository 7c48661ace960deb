"""The alert for missing data in a replay: a ticket like any other, for the SLO and for each of its groups."""

from array import array
from collections.abc import Sequence
from math import nan

import slogen
from slogen.model import Severity, Slo
from slogen.replay.data import data
from slogen.replay.history import History, Series
from slogen.replay.replaying import as_written, backtest
from slogen.replay.result import Blind, Replay

MINUTE, HOUR, DAY = 60, 3_600, 86_400
START = 1_760_054_400
LEAD = 3 * DAY // MINUTE + 4
"""What fills the windows before the replay begins; an evaluation of the slow rules lies on it."""


def slo(more: str = "") -> Slo:
    text = f"""
apiVersion: slogen/v1
service: shop
slos:
  - {{name: answers, objective: 99.9, sli: {{availability: {{total: served_total, bad: failed_total}}}}{more}}}
"""
    (found,) = slogen.compile({"slos/shop.yaml": text}).slos
    return found


def of(*groups: tuple[Sequence[float], Sequence[float]]) -> History:
    """Events and errors of each group, every minute."""
    made = [
        Series({"region": f"r{number}"} if len(groups) > 1 else {}, array("d", events), array("d", errors))
        for number, (events, errors) in enumerate(groups)
    ]
    return History(START, MINUTE, len(groups[0][0]), tuple(made))


def replayed(which: Slo, history: History, since: int = LEAD) -> Replay:
    return backtest([as_written(which)], history, history.at(since)).replays[0]


def seen(gone: range, moments: int = 200) -> list[float]:
    """Ten events a second, and no series of them for so many minutes of the replay."""
    return [nan if at - LEAD in gone else 10.0 for at in range(LEAD + moments)]


def never(events: Sequence[float]) -> list[float]:
    """No errors, wherever there is a series of events."""
    return [event * 0 for event in events]


def alone(gone: range, which: Slo | None = None) -> Replay:
    return replayed(which or slo(), of((seen(gone), never(seen(gone)))))


def test_half_an_hour_without_series_is_a_ticket_once_it_has_lasted_for_a_quarter() -> None:
    replay = alone(range(10, 40))

    # Asked every two minutes, a quarter of an hour is over after sixteen.
    assert replay.groups[0].blind == (Blind(START + (LEAD + 26) * MINUTE, START + (LEAD + 40) * MINUTE, earlier=False),)
    assert replay.count(Severity.TICKET) == 1
    assert replay.count(Severity.PAGE) == 0
    assert replay.per_week(Severity.TICKET) > 0


def test_a_quarter_of_an_hour_without_series_is_none() -> None:
    assert alone(range(10, 25)).count(Severity.TICKET) == 0


def test_without_that_alert_nobody_is_told() -> None:
    off = alone(range(10, 40), slo(", alerting: {no_data: false}"))

    assert off.count(Severity.TICKET) == 0
    assert not off.variant.no_data


def test_errors_without_a_value_are_missing_too_and_make_no_ratio() -> None:
    events = seen(range(0))

    replay = replayed(slo(), of((events, [nan] * len(events))))

    (group,) = replay.groups
    assert group.blind == (Blind(START + LEAD * MINUTE, None, earlier=True),)
    assert group.error_ratio is None
    assert replayed(slo(), of((events, never(events)))).groups[0].error_ratio == 0


def test_nobody_misses_what_was_never_there_before() -> None:
    young = [nan] * (LEAD + 60) + [10.0] * 140

    assert replayed(slo(), of((young, never(young)))).count(Severity.TICKET) == 0
    gone = [*young[:-60], *[nan] * 60]
    assert replayed(slo(), of((gone, never(gone)))).count(Severity.TICKET) == 1


def test_a_group_that_vanished_is_told_for_an_hour_and_the_others_not() -> None:
    here, gone = seen(range(0)), seen(range(10, 300))

    replay = replayed(slo(", group_by: [region]"), of((here, never(here)), (gone, never(gone))))

    first, second = replay.groups
    assert first.blind == replay.blind == ()
    assert second.blind == (Blind(START + (LEAD + 26) * MINUTE, START + (LEAD + 70) * MINUTE, earlier=False),)


def test_when_all_groups_vanish_each_is_told_and_the_whole_as_long_as_it_lasts() -> None:
    gone = seen(range(10, 190))

    replay = replayed(slo(", group_by: [region]"), of((gone, never(gone)), (gone, never(gone))))

    assert replay.blind == (Blind(START + (LEAD + 26) * MINUTE, START + (LEAD + 190) * MINUTE, earlier=False),)
    assert [len(group.blind) for group in replay.groups] == [1, 1]
    assert replay.count(Severity.TICKET) == 3


def test_the_json_tells_them_beside_the_alerts_that_burn() -> None:
    gone = seen(range(10, 40))
    found = backtest([as_written(slo())], history := of((gone, never(gone))), history.at(LEAD))

    (variant,) = data(found)["variants"]
    assert variant["tickets"] == 1
    assert variant["groups"][0]["no_data_alerts"] == [
        {"severity": "ticket", "start": history.at(LEAD + 26), "end": history.at(LEAD + 40), "earlier": False}
    ]

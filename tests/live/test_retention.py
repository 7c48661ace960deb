"""What a server tells of itself, and what the checks make of one that tells less than Prometheus does."""

from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import pytest

import slogen
from live.faulty import Answer, Answering, Asked, Faulty, faulty, success, vector
from live.server import Toolchain, running
from slogen.live.access import access
from slogen.live.prometheus import connect
from slogen.live.validating import Result, State, validate

NOW: Final = 1_800_000_000
DAY: Final = 86_400

SLOS: Final = """\
apiVersion: slogen/v1
service: shop
slos:
"""
SLO: Final = """\
  - name: NAME
    objective: 99.9
    window: 7d
    sli: {availability: {total: requests_total, bad: 'requests_total{code="500"}'}}
"""


def telling(since: int, status: Mapping[str, Any]) -> Answering:
    """A server with five series that are there *since* a moment, and what it says of itself, by path."""

    def answering(answer: Answer, asked: Asked) -> None:
        what = asked.path.removeprefix("/api/v1/status/")
        if "/status/" in asked.path:
            answer.send(200, success(status[what])) if what in status else answer.send(404, "404 page not found")
        elif asked.path.endswith("/query"):
            there = float(asked.parameters["time"]) >= since
            stamp = asked.parameters["query"].startswith("min(min_over_time(timestamp(")
            answer.send(200, vector(*([since] if stamp else [5] if there else [])))
        else:
            answer.send(200, success([]))

    return answering


def checked(server: Faulty, check: str, slos: int = 1, **more: str) -> list[Result]:
    """What *check* says of each of so many SLOs."""
    lines = "".join(f"    {key}: {value}\n" for key, value in more.items())
    file = SLOS + "".join(SLO.replace("NAME", f"slo{number}") + lines for number in range(slos))
    compilation = slogen.compile({"shop.yaml": file}, targets=["prometheus"])
    with closing(connect(access(server.url))) as connection:
        results = validate(compilation.slos, connection, NOW, at_once=8, tell=lambda: None)
    return [result for result in results if result.check == check]


OLD, YOUNG = NOW - 30 * DAY, NOW - 2 * DAY
SILENT: Final[Mapping[str, Any]] = {}
LONG: Final = {"runtimeinfo": {"storageRetention": "1y2w3d"}}
SIZED: Final = {"runtimeinfo": {"storageRetention": "10GiB"}}
EITHER: Final = {"runtimeinfo": {"storageRetention": "15d or 10GiB"}}
SHORT: Final = {"runtimeinfo": {"storageRetention": "2d"}}
FLAGGED: Final = {"flags": {"storage.tsdb.retention.time": "5d"}}

LONGER: Final = "keep them longer with --storage.tsdb.retention.time"
LAST: Final = "the budget is told from the last 5d alone"
BEGINS: Final = ", and those that it has begin 2027-01-13 08:00 UTC"

CASES: Final = {
    "long": (YOUNG, LONG, State.PASSED, ""),
    "nothing told, old series": (OLD, SILENT, State.PASSED, ""),
    "nothing told, young series": (
        *(YOUNG, SILENT, State.NOT_CHECKED),
        f"the server does not tell how long it keeps samples{BEGINS}",
    ),
    "size told, old series": (OLD, SIZED, State.PASSED, ""),
    "size told, young series": (YOUNG, SIZED, State.NOT_CHECKED, f"the server keeps '10GiB'{BEGINS}"),
    "time and size, old series": (OLD, EITHER, State.PASSED, ""),
    "time and size, young series": (YOUNG, EITHER, State.NOT_CHECKED, f"the server keeps '15d or 10GiB'{BEGINS}"),
    "shorter than an alert window": (
        *(OLD, SHORT, State.FOUND),
        f"the server keeps samples for 2d, and ticket-3d looks at 3d; {LONGER}",
    ),
    "shorter than the SLO window, by a flag": (
        *(OLD, FLAGGED, State.FOUND),
        f"the server keeps samples for 5d, and the SLO window is 7d, so {LAST}; {LONGER}, or shorten the window",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_what_is_told_of_retention_and_else_what_there_is_of_samples_counts(case: str) -> None:
    since, status, state, said = CASES[case]
    with faulty(telling(since, status)) as server:
        (result,) = checked(server, "short-retention")

    assert (result.state, result.unreachable) == (state, False)
    assert [*(finding.message for finding in result.findings), *result.reasons] == [said] * bool(said)


def test_what_a_server_does_not_tell_it_is_asked_once_whoever_wants_to_know() -> None:
    with faulty(telling(OLD, SILENT)) as server:
        results = checked(server, "short-retention", slos=20)

    assert {result.state for result in results} == {State.PASSED}
    asked = [asked.path for asked in server.asked if "/status/" in asked.path]
    assert asked == ["/api/v1/status/runtimeinfo", "/api/v1/status/flags"]


def test_a_server_that_counts_no_samples_leaves_the_cost_not_checked() -> None:
    with faulty(telling(OLD, SILENT)) as server:
        (result,) = checked(server, "costly-reads")

    assert (result.state, result.reasons) == (
        State.NOT_CHECKED,
        ("the server does not tell how many samples a query looks at",),
    )


def test_a_real_server_tells_how_long_it_keeps_samples(tools: Toolchain, tmp_path: Path) -> None:
    flag = "--storage.tsdb.retention.size=1GB"
    with (
        running(tools, tmp_path, lambda _: {}, flag, retention="18d") as server,
        closing(connect(access(server.url))) as connection,
    ):
        assert connection.retention() == "18d or 1GiB"

"""The recorded long windows against the truth: 35 days of traffic whose every request is known."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from live import backfill, traffic
from live.accuracy import START, deviations, served
from live.server import Toolchain
from slogen.model import Strategy

DAYS = 35
WINDOWS = ("1d", "3d", "30d")
PROBES = 100

RIGHT = 0.1
"""Percent of the true error ratio."""
EDGES = 0.03
"""What the coarser edges of a recorded window may add, in the same percent; more would be a loss of events."""

Made = Callable[[str, traffic.Shape], tuple[traffic.Traffic, Path]]
Report = Callable[[object], None]


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """The traffic of a service, and the OpenMetrics of its counters; made once for all servers."""

    @cache
    def make(job: str, shape: traffic.Shape) -> tuple[traffic.Traffic, Path]:
        requests = traffic.make(job, shape, START, DAYS)
        text = tmp_path_factory.mktemp(job) / "raw.om"
        backfill.write(text, requests.counters())
        return requests, text

    return make


def test_a_day_and_more_is_right_despite_swings_resets_and_idle_hours(
    tools: Toolchain, tmp_path: Path, made: Made, report: Report
) -> None:
    requests, text = made("swings", traffic.SWINGS)
    with served(tools, tmp_path, requests, text) as server:
        for window in WINDOWS:
            recorded = deviations(server, requests, Strategy.HIERARCHICAL, window, PROBES)
            report(f"swings, resets, idle hours, Prometheus {tools.major}.x: {recorded}")
            assert recorded.median < RIGHT, window


def test_pods_that_come_and_go_cost_no_more_than_reading_their_counters_does(
    tools: Toolchain, tmp_path: Path, made: Made, report: Report
) -> None:
    requests, text = made("churn", traffic.CHURN)
    with served(tools, tmp_path, requests, text) as server:
        for window in WINDOWS:
            recorded = deviations(server, requests, Strategy.HIERARCHICAL, window, PROBES)
            raw = deviations(server, requests, Strategy.RAW, window, PROBES)
            for deviation in (recorded, raw):
                report(f"pods that live for 2 h, Prometheus {tools.major}.x: {deviation}")
            assert recorded.median < RIGHT, window
            assert recorded.median < raw.median + EDGES, window

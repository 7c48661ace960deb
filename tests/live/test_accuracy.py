"""The recorded long windows against the truth: 35 days of traffic whose every request is known."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from live import backfill, traffic
from live.accuracy import START, Deviations, apart, deviations, excess, question, served, spread
from live.server import Server, Toolchain
from slogen.model import Strategy
from slogen.units import Window

DAYS = 35
WINDOWS = ("1d", "3d", "30d")
MOMENTS = 100

RIGHT = 0.1
"""Percent of the true error ratio."""
MARGIN = 0.05
"""By which reading the counters may be better, in the same percent: a quarter of the share that no scrape sees."""

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
            recorded = asked(server, requests, Strategy.HIERARCHICAL, window, spread(requests, window, MOMENTS))
            report(f"swings, resets, idle hours, Prometheus {tools.major}.x: {recorded}")
            assert len(recorded.percent) == MOMENTS
            assert recorded.median < RIGHT, window


def test_pods_that_come_and_go_cost_no_more_than_reading_their_counters_does(
    tools: Toolchain, tmp_path: Path, made: Made, report: Report
) -> None:
    """
    A pod of two hours serves 0.2 % of its requests before its first scrape and after its last.

    What the server makes up for those differs between its versions and between a window of minutes and of days, so
    the two differ. Not by chance alone: on 2.x the counters are closer to the truth, on 3.x the recorded series are.
    """
    requests, text = made("churn", traffic.CHURN)
    moments = apart(requests, "1d")
    with served(tools, tmp_path, requests, text) as server:
        recorded, raw = (asked(server, requests, one, "1d", moments) for one in (Strategy.HIERARCHICAL, Strategy.RAW))
        further = excess(recorded.percent, raw.percent)
        for figure in (recorded, raw, f"hierarchical is further off than raw by {further} points"):
            report(f"pods that live for 2 h, Prometheus {tools.major}.x: {figure}")
        assert recorded.median < RIGHT
        assert further.mean + further.margin < MARGIN
        month = asked(server, requests, Strategy.HIERARCHICAL, "30d", spread(requests, "30d", MOMENTS))
        assert month.median < RIGHT


def asked(server: Server, requests: traffic.Traffic, strategy: Strategy, window: str, moments: range) -> Deviations:
    truth = requests.truth(Window.parse(window).seconds)
    return deviations(server, question(requests.job, strategy, window), truth, moments)

"""`make demo`, as it is called: it shows what it says, in a page that a browser opens, and leaves nothing running."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from browsing import opened, started, width_of

ROOT = Path(__file__).parents[2]
ADDRESS = re.compile(r"http://127\.0\.0\.1:(\d+), and runs the rules")
NIGHTS = re.compile(r"^ *no events: 3[01] times, 1[45]d\w* in all, 12h\w* at longest$", re.MULTILINE)
"""Of thirty days; where they begin and end by night, that night's two halves count."""


@contextmanager
def demo(folder: Path, prometheus: Path) -> Iterator["subprocess.Popen[str]"]:
    """The demo, killed where a test fails before it ends."""
    environment = os.environ | {"PYTHONPATH": str(ROOT / "tests"), "PROMETHEUS3_DIR": str(prometheus.parent)}
    command = [sys.executable, "-m", "demo", str(folder)]
    output: Any = subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=output, text=True) as running:
        try:
            yield running
        finally:
            running.kill()


def listens(told: str) -> bool:
    """Whether the server that was told of is still there."""
    address = ADDRESS.search(told)
    assert address, told
    with socket.socket() as caller:
        return caller.connect_ex(("127.0.0.1", int(address[1]))) == 0


def test_the_demo_shows_an_outage_a_slow_search_and_a_service_that_is_idle_at_night(
    tmp_path: Path, prometheus3: Path, chromium: Path
) -> None:
    with demo(tmp_path / "demo", prometheus3) as running:
        told, complained = running.communicate(timeout=240)
    page = tmp_path / "demo/backtest.html"

    assert running.returncode == 0, complained
    assert not listens(told)
    assert list(page.parent.iterdir()) == [page]
    assert told.rstrip().endswith(f"The page is {page.as_uri()}")
    assert NIGHTS.search(told)
    assert re.search(r"reports\.yaml:\d+:\d+: warning: one error in .*: it pages", told)
    with started(chromium) as browser, opened(browser, page) as seen:
        rows = [row.split("\t") for row in seen.page.locator("table.summary tbody tr").all_inner_texts()]
        pages, tickets = ({row[0]: int(row[at].split()[0]) for row in rows} for at in (5, 6))
        quiet = {"shop-availability": 0, "search-availability": 0}
        assert pages == {
            "checkout-availability": 1,
            "search-latency": 1,
            **quiet,
            "reports-availability": pytest.approx(5, abs=3),
        }
        assert tickets["checkout-availability"] == 2
        assert {name: tickets[name] for name in quiet} == quiet
        assert seen.page.locator("#s1 svg.plot").count() == 1
        assert NIGHTS.search(seen.page.locator(".lacks").inner_text())
        assert seen.complaints == []
        assert seen.requests == [page.as_uri()]
        assert width_of(seen.page) == 1400


def test_the_demo_stops_its_server_when_it_is_interrupted(tmp_path: Path, prometheus3: Path) -> None:
    with demo(tmp_path / "demo", prometheus3) as running:
        assert running.stdout
        told = ""
        while not ADDRESS.search(told):
            line = running.stdout.readline()
            assert line, told
            told += line
        assert listens(told)
        running.send_signal(signal.SIGINT)
        _, complained = running.communicate(timeout=60)

    assert running.returncode == 130
    assert complained.endswith("stopped\n")
    assert "Traceback" not in complained
    assert not listens(told)
    assert not list((tmp_path / "demo").iterdir())

"""`slogen explain` with the traffic of a real server."""

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from command import slogen
from live import backfill
from live.faulty import closed_port
from live.server import Server, Toolchain, eventually, running

SLOS = """\
apiVersion: slogen/v1
service: shop
slos:
  - name: orders
    objective: 99.9
    sli: {availability: {total: 'orders_total', bad: 'orders_total{code="500"}'}}
  - name: pods
    objective: 99
    group_by: [pod]
    sli: {availability: {total: 'pods_total', bad: 'pods_total{code="500"}'}}
  - name: new
    objective: 99
    sli: {availability: {total: 'new_total', bad: 'new_total{code="500"}'}}
"""
DAY = 86_400
SCRAPE = 60


@pytest.fixture(scope="module")
def server(prometheus3: Path, promtool3: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Two orders a second of which one in 400 fails, a busy and a quiet pod, and a counter that is ten minutes old."""
    folder, now = tmp_path_factory.mktemp("explain"), int(time.time()) // SCRAPE * SCRAPE

    def rising(name: str, per_second: float, start: int = DAY + 7_200) -> backfill.Series:
        return name, ((at, (at - now + start) * per_second) for at in range(now - start, now + 1, SCRAPE))

    series = [
        rising('orders_total{code="200"}', 1.995),
        rising('orders_total{code="500"}', 0.005),
        rising('pods_total{code="200",pod="busy"}', 10),
        rising('pods_total{code="200",pod="quiet"}', 0.5),
        rising('new_total{code="200"}', 10, start=600),
    ]
    tools = Toolchain(3, prometheus3, promtool3)
    backfill.write(folder / "history.txt", series)
    backfill.raw(tools, folder, folder / "history.txt")
    with running(tools, folder) as started:
        eventually(lambda: started.query("orders_total"), bool)
        yield started


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "shop.yaml").write_text(SLOS)
    return tmp_path


def test_rate_and_errors_are_those_of_the_last_day_and_who_has_none_is_told(server: Server, project: Path) -> None:
    done = slogen("explain", "shop.yaml", "--prometheus", server.url, "--format", "json", cwd=project)

    assert done.returncode == 0, done.stderr
    orders, pods, new = json.loads(done.stdout)["slos"]
    assert orders["traffic"]["events_per_second"] == pytest.approx(2, rel=0.01)
    assert orders["normal"]["burn_rate"] == pytest.approx(2.5, rel=0.01)
    assert pods["traffic"]["events_per_second"] == pytest.approx(0.5, rel=0.01)  # the quietest
    assert (pods["normal"], new["traffic"], new["normal"]) == (None, None, None)
    assert done.stderr == "shop-new: how many events there are is not known: its series are younger than 1h\n"


def test_what_is_given_holds_instead(server: Server, project: Path) -> None:
    given = ("--rate", "7", "--slo", "shop/orders", "--format", "json")

    done = slogen("explain", "shop.yaml", "--prometheus", server.url, *given, cwd=project)

    (orders,) = json.loads(done.stdout)["slos"]
    assert orders["traffic"]["events_per_second"] == 7
    assert orders["normal"]["burn_rate"] == pytest.approx(2.5, rel=0.01)


def test_a_server_that_gives_no_answer_is_one_error_and_exit_4(project: Path) -> None:
    done = slogen("explain", "shop.yaml", "--prometheus", f"http://127.0.0.1:{closed_port()}", cwd=project)

    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (4, "", 1)
    assert "nothing listens there" in done.stderr

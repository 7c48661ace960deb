"""`slogen diff --prometheus`: what a change would have done over the history of a real server."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from command import slogen
from live import backfill
from live.server import Server, Toolchain, eventually, running

SLOS = """\
apiVersion: slogen/v1
service: shop
slos:
  - name: orders
    objective: OBJECTIVE
    sli: {availability: {total: 'orders_total', bad: 'orders_total{code="500"}'}}
  - name: missing
    objective: OBJECTIVE
    sli: {availability: {total: 'missing_total', bad: 'missing_total{code="500"}'}}
"""
SCRAPE = 60
HOUR = 3_600


@pytest.fixture(scope="module")
def server(prometheus3: Path, promtool3: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Ten orders a second for four days, of which one in 50 failed for six hours, a day ago."""
    folder, now = tmp_path_factory.mktemp("replay"), int(time.time()) // SCRAPE * SCRAPE
    moments = range(now - 96 * HOUR, now + 1, SCRAPE)

    def failed(at: int) -> float:
        return min(max(at - (now - 24 * HOUR), 0), 6 * HOUR) * 0.2

    series: list[backfill.Series] = [
        ('orders_total{code="200"}', ((at, (at - moments[0]) * 10 - failed(at)) for at in moments)),
        ('orders_total{code="500"}', ((at, failed(at)) for at in moments)),
    ]
    tools = Toolchain(3, prometheus3, promtool3)
    backfill.write(folder / "history.txt", series)
    backfill.raw(tools, folder, folder / "history.txt")
    with running(tools, folder) as started:
        eventually(lambda: started.query("orders_total"), bool)
        yield started


def test_how_often_each_side_would_have_alerted_is_told(server: Server, tmp_path: Path) -> None:
    for side, objective in (("before", "99"), ("after", "99.9")):
        (tmp_path / f"{side}.yaml").write_text(SLOS.replace("OBJECTIVE", objective))

    def diff(*arguments: str) -> tuple[int, Any]:
        shared = ("after.yaml", "--against", "before.yaml", "--prometheus", server.url, "--format", "json")
        done = slogen("diff", *shared, *arguments, cwd=tmp_path, env={"XDG_CACHE_HOME": str(tmp_path / "cache")})
        assert done.stderr == ""
        return done.returncode, json.loads(done.stdout)

    code, told = diff()

    assert code == 1
    said = {slo["id"]: [term for term in slo["terms"] if term["code"] == "replay"] for slo in told["slos"]}
    (orders,), (missing,) = said["shop-orders"], said["shop-missing"]
    # Errors of 2 % burn 1 % at 2x, which is too short for a ticket, and 0.1 % at 20x, which pages, then tickets.
    assert (orders["before"], orders["after"]) == ("0 pages, 0 tickets", "1 page, 1 ticket")
    assert orders["message"] == "over the last 30d it would have raised 0 pages, 0 tickets -> 1 page, 1 ticket"
    assert orders["impact"] == "note"
    assert missing["message"].startswith("how often it would have alerted over the last 30d is not known: ")
    assert "replay" not in [note["code"] for note in told["notes"]], "the sum is not known where a part of it is not"


def test_the_whole_change_is_summed_up_where_every_slo_can_tell(server: Server, tmp_path: Path) -> None:
    whole, _, _ = SLOS.partition("  - name: missing")
    for side, objective in (("before", "99"), ("after", "99.9")):
        (tmp_path / f"{side}.yaml").write_text(whole.replace("OBJECTIVE", objective))

    for old, new, said in (
        ("before", "after", "paged 1 time more, and raised 1 ticket more"),
        ("after", "before", "paged 1 time less, and raised 1 ticket fewer"),
    ):
        shared = (f"{new}.yaml", "--against", f"{old}.yaml", "--prometheus", server.url)
        done = slogen("diff", *shared, cwd=tmp_path, env={"XDG_CACHE_HOME": str(tmp_path / "cache")})
        assert f"note: over the last 30d this change would have {said} [replay]\n" in done.stdout

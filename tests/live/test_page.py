"""`slogen backtest --html` against a real server: names that somebody hostile put into it, and pages that fail."""

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from browsing import opened, started, width_of
from command import slogen
from live import backfill
from live.faulty import closed_port
from live.server import Server, Toolchain, running

HOUR, SCRAPE = 3_600, 60
HOSTILE = (
    "<script>document.title='taken over'</script>",
    '"><img src=x onerror="document.title=\'taken over\'">',
    "plain",
)
SLOS = """\
apiVersion: slogen/v1
service: shop
slos:
  - name: availability
    description: "</style><script>document.title='taken over'</script>"
    objective: 99.9
    group_by: [path]
    sli: {availability: {total: 'requests_total{job="shop"}', bad: 'requests_total{job="shop",code="500"}'}}
  - name: unknown
    objective: 99
    sli: {availability: {total: 'nothing_total{job="shop"}', bad: 'nothing_total{job="shop",code="500"}'}}
"""


@pytest.fixture(scope="module")
def server(prometheus3: Path, promtool3: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Four days of requests to hostile paths, one of which fails for an hour on the last."""
    folder = tmp_path_factory.mktemp("paths")
    tools = Toolchain(3, prometheus3, promtool3)
    now = int(time.time())
    backfill.write(folder / "raw.om", requests(now - 96 * HOUR, now))
    backfill.raw(tools, folder, folder / "raw.om")
    with running(tools, folder) as ready:
        yield ready


def requests(start: int, end: int) -> Iterator[backfill.Series]:
    for path in HOSTILE:
        label = path.replace("\\", "\\\\").replace('"', '\\"')
        scrapes = range(start, end, SCRAPE)
        outage = (end - 10 * HOUR, end - 9 * HOUR)
        failed = [min(max(moment - outage[0], 0), HOUR) // SCRAPE if path == "plain" else 0 for moment in scrapes]
        total = [100 * number for number in range(len(scrapes))]
        for code, counts in (("200", [every - bad for every, bad in zip(total, failed, strict=True)]), ("500", failed)):
            name = f'requests_total{{job="shop",path="{label}",code="{code}"}}'
            yield name, zip(scrapes, [count * 50 if code == "500" else count for count in counts], strict=True)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "slos").mkdir()
    (tmp_path / "slogen.yaml").write_text("scrape_interval: 1m\n")
    (tmp_path / "slos/shop.yaml").write_text(SLOS)
    return tmp_path


def backtest(folder: Path, url: str, html: str, *arguments: str) -> Any:
    kept = {name: "" for name in os.environ if name.lower().endswith("_proxy")}
    command = ["backtest", "--prometheus", url, "--last", "12h", "--no-cache", "--html", html]
    return slogen(*command, *arguments, cwd=folder, env=kept)


def test_what_somebody_put_into_labels_is_words(server: Server, folder: Path, chromium: Path) -> None:
    done = backtest(folder, server.url, "page.html", "--objective", "99.5")

    assert done.returncode == 1, done.stderr  # one SLO has no history
    with started(chromium) as browser, opened(browser, folder / "page.html", 375) as seen:
        assert seen.page.title().startswith("Backtest of 2 SLOs: 1 page")
        assert [told.split('path="')[1].removesuffix('"') for told in seen.page.locator("h3").all_inner_texts()] == [
            *sorted(HOSTILE)
        ]
        assert seen.page.locator("#s1 > p").first.inner_text().startswith("</style><script>")
        assert seen.page.locator("#s2").inner_text().startswith("shop / unknown\n\nIt could not be replayed: ")
        assert not seen.page.locator("script, img").count()
        assert seen.complaints == []
        assert len(seen.requests) == 1
        assert width_of(seen.page) == 375


def test_the_page_is_written_beside_json(server: Server, folder: Path) -> None:
    done = backtest(folder, server.url, "page.html", "--format", "json")

    assert [slo["slo"] for slo in json.loads(done.stdout)["slos"]] == ["shop-availability", "shop-unknown"]
    assert (folder / "page.html").read_text("utf-8").startswith("<!DOCTYPE html>\n")


def test_a_page_that_cannot_be_written_is_a_wrong_call(server: Server, folder: Path) -> None:
    done = backtest(folder, server.url, "missing/page.html")

    assert done.returncode == 2
    assert "missing/page.html cannot be written: No such file or directory" in done.stderr


def test_a_template_of_ones_own_that_cannot_be_filled_is_told_with_its_line(server: Server, folder: Path) -> None:
    (folder / "own/backtest").mkdir(parents=True)
    (folder / "slogen.yaml").write_text("scrape_interval: 1m\ntemplates: own\n")
    (folder / "own/backtest/page.html.j2").write_text("<p>\n[[ nobody ]]\n")
    done = backtest(folder, server.url, "page.html")

    assert done.returncode == 2
    assert "own/backtest/page.html.j2:2" in done.stderr
    assert "'nobody' is undefined [bad-template]" in done.stderr
    assert not (folder / "page.html").exists()


def test_a_template_of_ones_own_escapes_too(server: Server, folder: Path) -> None:
    (folder / "own/backtest").mkdir(parents=True)
    (folder / "slogen.yaml").write_text("scrape_interval: 1m\ntemplates: own\n")
    (folder / "own/backtest/page.html.j2").write_text("[[ slos[0].description ]]\n")
    backtest(folder, server.url, "page.html")

    assert (folder / "page.html").read_text("utf-8") == (
        "&lt;/style&gt;&lt;script&gt;document.title=&#39;taken over&#39;&lt;/script&gt;\n"
    )


def test_without_an_answer_the_last_page_stays(folder: Path) -> None:
    (folder / "page.html").write_text("the last one")
    done = backtest(folder, f"http://127.0.0.1:{closed_port()}", "page.html")

    assert done.returncode == 4
    assert "page.html was not written, for nothing was replayed" in done.stderr
    assert (folder / "page.html").read_text() == "the last one"

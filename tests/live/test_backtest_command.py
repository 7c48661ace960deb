"""slogen backtest against a real Prometheus: what it tells, what it keeps on disk, and how it ends."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

import pytest

from command import slogen as run
from live import backfill
from live.histories import Incident, Shape, counters
from live.server import Server, Toolchain, running
from slogen import compile as compiled
from slogen.live.access import Access, access
from slogen.live.cache import Cache
from slogen.live.history import Historian
from slogen.live.prometheus import connect

HOUR, DAY = 3_600, 86_400
START: Final = 1_760_054_400
"""A midnight."""
OUTAGE: Final = Incident(START + 4 * DAY + 2 * HOUR, START + 4 * DAY + 3 * HOUR, 0.5)
END: Final = START + 4 * DAY + 12 * HOUR
SLOS: Final = """
apiVersion: slogen/v1
service: shop
slos:
  - name: answers
    objective: 99.9
    sli: {availability: {total: 'served_total{job="shop"}', bad: 'failed_total{job="shop"}'}}
"""
GHOST: Final = """
  - name: ghost
    objective: 99.9
    sli: {availability: {total: 'served_total{job="ghost"}', bad: 'failed_total{job="ghost"}'}}
"""
LATENCY: Final = """
  - name: speed
    objective: 99
    sli: {latency: {histogram: 'took_seconds{job="shop"}', threshold: 500ms}}
"""
CLOUD: Final = """
apiVersion: slogen/v1
service: cloud
slos:
  - name: answers
    objective: 99.9
    sli: {availability: {preset: gcp-cloud-run, with: {service_name: checkout, location: europe-west1}}}
    cloud_monitoring: {project: shop-prod}
targets: [cloud-monitoring]
"""
POLICIES: Final = """
policies:
  calm:
    - {severity: page, burn_rate: 20, long: 1h, short: 5m}
  far:
    - {severity: page, burn_rate: 2, long: 40d, short: 1d}
"""


class Shop(NamedTuple):
    """A folder with SLO files, and a server that knows what they read."""

    folder: Path
    server: Server

    def backtest(self, *more: str, url: str = "") -> Any:
        """Run the command over the last twelve hours of the history."""
        asked = ["--prometheus", url or self.server.url, "--until", str(END), "--last", "12h", *more]
        return run("backtest", *asked, cwd=self.folder, env={"XDG_CACHE_HOME": str(self.folder / "cache")})

    def told(self, *more: str) -> Any:
        """What it tells as JSON."""
        done = self.backtest("--format", "json", *more)
        assert done.returncode in (0, 1), done.stderr
        return json.loads(done.stdout)

    def kept(self) -> list[Path]:
        """The files of the cache."""
        return sorted((self.folder / "cache/slogen").glob("*"))


def buckets() -> Iterator[backfill.Series]:
    """A histogram: of ten thousand requests 9,000 take no more than 0.1 s, 9,997 no more than half a second."""
    moments = range(START - HOUR, END, 30)
    for bound, share in (("0.1", 0.9), ("0.5", 0.9997), ("+Inf", 1.0)):
        counts = [(at, round(10_000_000 + (at - START) * 20 * share)) for at in moments]
        yield f'took_seconds_bucket{{job="shop",le="{bound}"}}', counts
    yield 'took_seconds_count{job="shop"}', [(at, 10_000_000 + (at - START) * 20) for at in moments]


@pytest.fixture(scope="module", params=[3], ids=["3.x"])
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    major = request.param
    tools = Toolchain(major, *(request.getfixturevalue(f"{name}{major}") for name in ("prometheus", "promtool")))
    folder = tmp_path_factory.mktemp("history")
    traffic = counters('job="shop"', Shape(START - HOUR, 50, 0.0004, (OUTAGE,)), END)
    backfill.write(folder / "raw.om", (*traffic, *buckets()))
    backfill.raw(tools, folder, folder / "raw.om")
    with running(tools, folder) as started:
        yield started


@pytest.fixture
def shop(server: Server, tmp_path: Path) -> Shop:
    (tmp_path / "slos").mkdir()
    (tmp_path / "slos/shop.yaml").write_text(SLOS)
    (tmp_path / "slogen.yaml").write_text(POLICIES)
    return Shop(tmp_path, server)


def test_an_outage_is_told_as_the_page_and_the_ticket_that_it_would_have_been(shop: Shop) -> None:
    done = shop.backtest()

    assert done.returncode == 0, done.stderr
    assert "page    2025-10-14 02:0" in done.stdout
    assert "ticket  2025-10-14 02:" in done.stdout
    assert "as written     99.9 %      1" in done.stdout
    assert "1 SLO; 3 requests" in done.stderr  # the time, events, errors


def test_the_json_tells_the_same_with_the_page_within_three_minutes_of_theory(shop: Shop) -> None:
    (slo,) = shop.told()["slos"]

    (variant,) = slo["variants"]
    (group,) = variant["groups"]
    page, ticket = group["alerts"]
    assert (slo["slo"], slo["start"], slo["end"]) == ("shop-answers", END - 12 * HOUR, END)
    assert (variant["pages"], variant["tickets"]) == (1, 1)
    assert (page["severity"], page["tiers"]) == ("page", ["page-1h", "page-6h"])
    # 1.44 % of an hour at one half are 104 seconds, at night as by day.
    assert 104 <= page["start"] - OUTAGE.start <= 104 + 180
    assert 0.02 <= page["budget_spent"] <= 0.04
    # The half hour of the second tier falls below 0.6 % once 98.8 % of it are after the outage.
    assert abs(page["end"] - OUTAGE.end - 1_780) <= 180
    assert sorted(ticket["tiers"]) == ["ticket-1d", "ticket-3d"]
    assert 0 < page["peak_burn"] <= 500
    assert group["error_ratio"] == pytest.approx(group["errors"] / group["events"])


def test_what_ifs_stand_side_by_side(shop: Shop) -> None:
    more = ("--objective", "99.9", "--objective", "90", "--policy", "calm", "--min-events", "0")
    variants = shop.told(*more)["slos"][0]["variants"]

    assert [(one["label"], one["pages"], one["tickets"]) for one in variants] == [
        ("", 1, 1),
        ("objective 99.9, policy calm, no min_events", 1, 0),
        ("objective 90, policy calm, no min_events", 0, 0),
    ]
    assert [tier["tier"] for tier in variants[1]["tiers"]] == ["page-1h"]
    text = shop.backtest("--objective", "90").stdout
    assert "objective 90       90 %  none can fire" not in text
    assert "objective 90" in text


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--policy", "clam"], "there is no policy 'clam'; did you mean 'calm'?"),
        (
            ["--policy", "far"],
            "the SLO window of shop-answers, 30d, is shorter than the longest alert window of policy far",
        ),
        (["--objective", "101"], "'101' leaves no error budget"),
        (["--objective", "much"], "'much' is not"),
        (["--slo", "shop-answer"], "there is no SLO 'shop-answer'; did you mean 'shop-answers'?"),
        (["--last", "1m"], "--last is longer than --step"),
        (["--step", "soon"], "'soon' is not a duration"),
        (["--ca", "none.pem"], "File 'none.pem' does not exist"),
        (["--certificate", "slos"], "File 'slos' is a directory"),
    ],
)
def test_a_wrong_call_is_refused_before_anything_is_asked(shop: Shop, more: list[str], said: str) -> None:
    done = shop.backtest(*more, url="http://127.0.0.1:1")

    assert done.returncode == 2
    assert said in " ".join(done.stderr.replace("│", " ").split())


def test_a_second_run_asks_for_what_is_recent_alone_and_tells_the_same(shop: Shop) -> None:
    first, second = shop.told(), shop.told()

    assert first["slos"] == second["slos"]
    assert len(shop.kept()) == 8  # four days of events and of errors; the fifth has not ended
    assert first["server"]["requests"] == second["server"]["requests"] == 3


def test_a_second_run_over_whole_days_asks_for_the_time_alone(shop: Shop) -> None:
    whole = ("--until", str(START + 4 * DAY - 60))
    first, second, without = shop.told(*whole), shop.told(*whole), shop.told(*whole, "--no-cache")

    assert first["slos"] == second["slos"] == without["slos"]
    assert [told["server"]["requests"] for told in (first, second, without)] == [3, 1, 3]


def test_what_is_kept_is_for_the_user_alone_and_names_nothing(shop: Shop) -> None:
    shop.backtest("--header", "X-Scope-OrgID: team-a")

    folder = shop.folder / "cache/slogen"
    assert folder.stat().st_mode & 0o777 == 0o700
    for file in shop.kept():
        assert file.stat().st_mode & 0o777 == 0o600
        assert b"team-a" not in file.read_bytes()
        assert b"served_total" not in file.read_bytes()


def test_a_folder_that_others_can_read_is_closed_to_them(shop: Shop) -> None:
    folder = shop.folder / "cache/slogen"
    folder.mkdir(parents=True, mode=0o755)

    shop.backtest()

    assert folder.stat().st_mode & 0o777 == 0o700
    assert shop.kept()


def test_nothing_is_kept_or_read_with_no_cache(shop: Shop) -> None:
    assert shop.backtest("--no-cache").returncode == 0
    assert shop.kept() == []


def test_what_another_tenant_was_answered_is_not_taken(shop: Shop) -> None:
    shop.backtest("--header", "X-Scope-OrgID: team-a")
    before = set(shop.kept())
    shop.backtest("--header", "X-Scope-OrgID: team-b")

    assert len(shop.kept()) == 2 * len(before)


@pytest.mark.parametrize("damage", [b"", b"{", b'{"name": 1}\n', b"[]\n\xff", b"\x00" * 4096])
def test_damaged_files_are_as_good_as_none(shop: Shop, damage: bytes) -> None:
    before = shop.told()
    for file in shop.kept():
        file.write_bytes(damage)

    after = shop.told()

    assert after["slos"] == before["slos"]
    assert all(file.read_bytes() != damage for file in shop.kept())


def test_a_changed_value_is_found_by_its_sum(shop: Shop) -> None:
    before = shop.told()
    for file in shop.kept():
        content = bytearray(file.read_bytes())
        content[-3] ^= 0x40
        file.write_bytes(content)

    assert shop.told()["slos"] == before["slos"]


def test_a_cache_that_cannot_be_made_is_told_and_nothing_else_changes(shop: Shop) -> None:
    before = shop.told()
    (shop.folder / "full").write_text("a file where a folder should be")
    asked = ["--prometheus", shop.server.url, "--until", str(END), "--last", "12h", "--format", "json"]
    done = run("backtest", *asked, cwd=shop.folder, env={"XDG_CACHE_HOME": str(shop.folder / "full")})

    told = json.loads(done.stdout)
    assert told["slos"] == before["slos"]
    assert "answers cannot be kept in" in told["server"]["notes"][0]


@pytest.mark.parametrize(("late", "kept"), [(3_599, 2), (3_600, 4)])
def test_a_day_is_kept_once_it_ended_an_hour_ago(server: Server, tmp_path: Path, late: int, kept: int) -> None:
    (slo,) = compiled({"slos/shop.yaml": SLOS}, organisation=None).slos
    given: Access = access(server.url)
    cache = Cache(tmp_path / "cache", given)
    end = START + 2 * DAY
    historian = Historian(connect(given), cache, step=300, now=end + late, end=end + 60)

    historian.history([slo], START + 3 * DAY + 600)

    assert len(list((tmp_path / "cache").iterdir())) == kept


def test_an_slo_without_history_is_told_with_why_and_the_others_are_replayed(shop: Shop) -> None:
    (shop.folder / "slos/shop.yaml").write_text(SLOS + GHOST)

    done = shop.backtest()

    assert done.returncode == 1
    assert "shop-ghost: not replayed: the server has no values of its events and errors in that time" in done.stdout
    assert "shop-answers  2025-10-14" in done.stdout


def test_an_slo_whose_errors_nothing_tells_is_not_taken_for_one_without_errors(shop: Shop) -> None:
    (shop.folder / "slos/shop.yaml").write_text(SLOS + LATENCY.replace("500ms", "400ms"))

    done = shop.backtest()
    asked = ["--prometheus", shop.server.url, "--until", str(END), "--last", "100h", "--no-cache"]
    suggested = run("suggest", *asked, cwd=shop.folder)

    why = "the server has events of it in that time, and no values of its errors; validate tells why"
    assert (done.returncode, suggested.returncode) == (1, 1)
    assert f"shop-speed: not replayed: {why}" in done.stdout
    assert f"shop-speed: nothing to suggest: {why}" in suggested.stdout


def test_what_cloud_monitoring_measures_is_not_replayed_and_no_finding(shop: Shop) -> None:
    (shop.folder / "slos/shop.yaml").write_text(CLOUD)

    done = shop.backtest()

    assert done.returncode == 0
    assert "cloud-answers: not replayed: Cloud Monitoring measures it" in done.stdout


def test_a_server_that_does_not_answer_is_one_finding_and_exit_4(shop: Shop) -> None:
    begun = time.monotonic()
    text, data = (shop.backtest(*more, url="http://127.0.0.1:1") for more in ([], ["--format", "json"]))

    assert (text.returncode, data.returncode) == (4, 4)
    assert "error: http://127.0.0.1:1: nothing listens there [unreachable]" in text.stdout
    assert json.loads(data.stdout)["server"]["unreachable"] == "http://127.0.0.1:1: nothing listens there"
    assert time.monotonic() - begun < 60


def suggested(shop: Shop, *more: str) -> list[Any]:
    asked = ["--prometheus", shop.server.url, "--until", str(END), "--last", "100h", "--format", "json", *more]
    done = run("suggest", *asked, cwd=shop.folder, env={"XDG_CACHE_HOME": str(shop.folder / "cache")})
    assert done.returncode == 0, done.stderr
    found: list[Any] = json.loads(done.stdout)["slos"]
    return found


def test_the_strictest_objective_is_suggested_that_leaves_the_headroom(shop: Shop) -> None:
    found = {percent: suggested(shop, "--headroom", percent)[0] for percent in ("0", "50", "90")}

    for percent, one in found.items():
        left, objective = 1 - int(percent) / 100, one["suggested"]["objective"]
        stricter = next(step for step in (0.9, 0.95, 0.98, 0.99, 0.995, 0.998, 0.999) if step > objective)
        assert one["error_ratio"] <= (1 - objective) * left
        assert one["error_ratio"] > (1 - stricter) * left
        assert one["suggested"]["budget_spent"] == pytest.approx(one["error_ratio"] / (1 - objective))
    assert len({one["suggested"]["objective"] for one in found.values()}) == 3
    assert (found["50"]["written"]["pages"], found["50"]["written"]["tickets"]) == (1, 1)


def test_an_objective_is_suggested_with_a_doubt_where_nothing_bad_was_ever_counted(shop: Shop) -> None:
    misspelt = SLOS.replace("name: answers", "name: misspelt").replace(
        'failed_total{job="shop"}', 'failed_total{job="s"}'
    )
    (shop.folder / "slos/shop.yaml").write_text(SLOS + misspelt[misspelt.index("  - name") :])
    asked = ["--prometheus", shop.server.url, "--until", str(END), "--last", "100h", "--no-cache"]

    told = run("suggest", *asked, cwd=shop.folder).stdout

    answers, misspelt = told.split("shop-misspelt")
    assert "nothing bad was counted in all that time; validate tells whether" in misspelt
    assert "nothing bad" not in answers


def test_each_bound_of_a_latency_is_told_with_what_it_supports(shop: Shop) -> None:
    (shop.folder / "slos/shop.yaml").write_text(SLOS + LATENCY)

    _, speed = suggested(shop)

    assert [(one["seconds"], round(one["good"], 4), one["objective"]) for one in speed["thresholds"]] == [
        (0.1, 0.9, None),
        (0.5, 0.9997, 0.999),
    ]
    assert speed["suggested"]["objective"] == 0.999
    asked = ("--prometheus", shop.server.url, "--until", str(END), "--last", "1d", "--no-cache")
    text = run("suggest", *asked, cwd=shop.folder).stdout
    assert "within 0.1s: 90 % were, which supports no objective" in text
    assert "within 0.5s: 99.97 % were, which supports 99.9 %" in text


def test_a_time_too_short_to_suggest_from_is_refused_and_an_hour_is_not(shop: Shop) -> None:
    asked = ("--prometheus", shop.server.url, "--until", str(END), "--no-cache")
    short, hour = (run("suggest", *asked, "--last", last, cwd=shop.folder) for last in ("59m", "1h"))

    assert (short.returncode, hour.returncode) == (2, 0)

"""What `slogen explain --alertmanager` prints, held to Debian's amtool and to a real Alertmanager."""

import json
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import slogen
from command import slogen as run
from live.server import Server, eventually, launched, started
from slogen.alertmanager import confused, inhibitions

FILE = """\
apiVersion: slogen/v1
service: shop
slos:
  - {name: plain, objective: 99.9, sli: {probe: {gauge: up}}}
  - {name: grouped, objective: 99.9, sli: {probe: {gauge: up}}, group_by: [region]}
  - {name: zoned, objective: 99.9, sli: {probe: {gauge: up}}, group_by: [region, zone], alerting: {name: ZoneBurn}}
  - name: labelled
    objective: 99.9
    sli: {probe: {gauge: up}}
    alerting: {page: {labels: {region: everywhere}}, ticket: {labels: {severity: warning}}}
  - {name: only-tickets, objective: 99.9, sli: {probe: {gauge: up}}, alerting: {page: false}}
"""
BURN, ABSENT = "ErrorBudgetBurn", "SLOMetricAbsent"


def slos(text: str = FILE) -> tuple[slogen.Slo, ...]:
    return slogen.compile({"slos/shop.yaml": text}).slos


@pytest.fixture(scope="module")
def fragment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The fragment for the SLOs above, printed by the command."""
    folder = tmp_path_factory.mktemp("alertmanager")
    (folder / "shop.yaml").write_text(FILE, "utf-8")
    told = run("explain", "shop.yaml", "--alertmanager", cwd=folder)
    assert (told.returncode, told.stderr) == (0, "")
    (folder / "alertmanager.yml").write_text(told.stdout, "utf-8")
    return folder / "alertmanager.yml"


def test_amtool_finds_nothing_wrong_with_it(amtool: Path, fragment: Path) -> None:
    told = subprocess.run([amtool, "check-config", fragment], check=False, capture_output=True, text=True)

    assert told.returncode == 0, told.stdout + told.stderr
    assert " - 2 inhibit rules" in told.stdout
    assert " - 2 receivers" in told.stdout


@pytest.mark.parametrize(
    ("labels", "receiver"),
    [
        (["slo_severity=page", f"alertname={BURN}", "severity=critical"], "slogen-page"),
        (["slo_severity=ticket", f"alertname={BURN}", "severity=critical"], "slogen-ticket"),
        (["slo_severity=ticket", f"alertname={ABSENT}"], "slogen-ticket"),
    ],
)
def test_each_severity_has_its_receiver_whatever_the_users_own_label_says(
    labels: list[str], receiver: str, amtool: Path, fragment: Path
) -> None:
    asked = ["config", "routes", "test", f"--config.file={fragment}", f"--verify.receivers={receiver}"]

    told = subprocess.run([amtool, *asked, *labels], check=False, capture_output=True, text=True)

    assert (told.returncode, told.stdout.strip()) == (0, receiver), told.stderr


def test_one_rule_is_enough_for_all_but_slos_whose_own_labels_differ() -> None:
    every, own = inhibitions(slos())

    assert (every.alerts, every.equal, every.slo_id) == ((BURN, "ZoneBurn"), ("slo_id", "region", "zone"), "")
    assert (own.alerts, own.equal, own.slo_id) == ((BURN,), ("slo_id",), "shop-labelled")


def test_slos_with_one_severity_need_no_rule() -> None:
    assert inhibitions(one for one in slos() if one.name == "only-tickets") == ()


def test_an_alert_for_missing_data_that_has_the_name_of_a_burn_alert_is_told() -> None:
    named = FILE.replace("{name: ZoneBurn}", "{name: ZoneBurn, no_data: {name: ZoneBurn}}")

    assert confused(slos(named)) == ("shop-zoned",)
    assert confused(slos()) == ()


@contextmanager
def serving(alertmanager: Path, config: Path, folder: Path) -> Iterator[str]:
    """An Alertmanager that runs *config*, by its URL."""
    flags = [f"--config.file={config}", f"--storage.path={folder}", "--cluster.listen-address="]

    def start(port: int) -> Server:
        command = [str(alertmanager), *flags, f"--web.listen-address=127.0.0.1:{port}"]
        return launched(command, folder, port, cwd=alertmanager.parent)

    with started(start) as server:
        yield f"{server.url}/api/v2/alerts"


def _asked(url: str, body: Any = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"})  # noqa: S310
    with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 - our own server
        text = answer.read()
    return json.loads(text) if text else None


def alert(slo: str, severity: str, name: str = BURN, **labels: str) -> dict[str, Any]:
    return {"labels": {"alertname": name, "slo_id": f"shop-{slo}", "slo_severity": severity, **labels}}


FIRING = [
    alert("plain", "page"),
    alert("plain", "ticket"),
    alert("plain", "ticket", ABSENT),
    alert("grouped", "page", region="eu"),
    alert("grouped", "ticket", region="eu"),
    alert("grouped", "ticket", region="us"),
    alert("zoned", "page", "ZoneBurn", region="eu", zone="a"),
    alert("zoned", "ticket", "ZoneBurn", region="eu", zone="a"),
    alert("zoned", "ticket", "ZoneBurn", region="eu", zone="b"),
    alert("labelled", "page", region="everywhere"),
    alert("labelled", "ticket"),
    alert("only-tickets", "ticket"),
]
SILENCED = {
    ("shop-plain", BURN, "", ""),
    ("shop-grouped", BURN, "eu", ""),
    ("shop-zoned", "ZoneBurn", "eu", "a"),
    ("shop-labelled", BURN, "", ""),
}


def test_a_page_silences_the_ticket_of_the_same_slo_and_group_and_nothing_else(
    alertmanager: Path, fragment: Path, tmp_path: Path
) -> None:
    with serving(alertmanager, fragment, tmp_path) as url:
        _asked(url, FIRING)
        # Which alerts inhibit is known a moment after they came in.
        found = eventually(
            lambda: _asked(url), lambda found: len(found) == len(FIRING) and len(_silenced(found)) >= len(SILENCED)
        )

    assert {one["labels"]["slo_severity"] for one in found if one["status"]["inhibitedBy"]} == {"ticket"}
    assert _silenced(found) == SILENCED


def _silenced(found: list[Any]) -> set[tuple[str, ...]]:
    silenced = [one["labels"] for one in found if one["status"]["inhibitedBy"]]
    return {(one["slo_id"], one["alertname"], one.get("region", ""), one.get("zone", "")) for one in silenced}

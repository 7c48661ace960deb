"""What lies in the server is found of many SLOs alike, and told once: with how many they are, and a place for each."""

import json
import time
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from command import slogen
from live.faulty import Answer, Asked, Faulty, faulty, success, vector

HEAD = "apiVersion: slogen/v1\nservice: shop\nslos:\n"
SLO = """\
  - {name: NAME, objective: 99.9, sli: {availability: {total: asked_total, bad: failed_total}}, checks: [BORNE]}
"""
BORNE = ", ".join(
    f"{{snooze: {check}, until: 2999-12-31, reason: the server answers with the same to everything}}"
    for check in ("outside-total", "rare-scrapes", "wrong-type")
)
KEPT = "the server keeps samples for 15d, and the SLO window is 30d, so the budget is told from the last 15d alone"
UNTOLD = "the server does not tell how many samples a query looks at"


@pytest.fixture(scope="module")
def server() -> Iterator[Faulty]:
    """A server that keeps samples for 15 days, counts none, and has five old series of whatever it is asked for."""

    def answering(answer: Answer, asked: Asked) -> None:
        if asked.path.endswith("/runtimeinfo"):
            answer.send(200, success({"storageRetention": "15d"}))
        elif asked.path.endswith("/query"):
            stamp = asked.parameters["query"].startswith("time()")
            answer.send(200, vector(time.time() if stamp else 5))
        else:
            empty: dict[str, Any] = {"/api/v1/metadata": {}, "/api/v1/rules": {"groups": []}}
            answer.send(200, success(empty.get(asked.path, [])))

    with faulty(answering) as started:
        yield started


def validate(folder: Path, server: Faulty, slos: int, form: str, *more: str) -> Any:
    names = [f"slo{number}" for number in range(slos)]
    (folder / "shop.yaml").write_text(
        HEAD + "".join(SLO.replace("NAME", name).replace("BORNE", BORNE) for name in names)
    )
    return slogen("validate", "shop.yaml", "--prometheus", server.url, "--format", form, *more, cwd=folder)


def test_what_five_slos_have_is_told_in_one_line_with_their_places(server: Faulty, tmp_path: Path) -> None:
    told = validate(tmp_path, server, 5, "text").stdout

    (found,) = [line for line in told.splitlines() if KEPT in line]
    assert found.startswith("  shop.yaml:4:5, shop.yaml:5:5, shop.yaml:6:5 and 2 more: warning: ")
    assert found.endswith(" [short-retention]")
    assert told.count("WARNING  5 SLOs alike\n") == 2  # that, and rules that nobody has deployed
    assert told.count(UNTOLD) == 1
    # Each is said to have findings, though it has none of its own.
    assert [line for line in told.splitlines() if line.startswith("WARNING  shop")] == [
        f"WARNING  shop-slo{number}  5 of 14 checks passed" for number in range(5)
    ]


def test_what_one_slo_has_stands_with_it(server: Faulty, tmp_path: Path) -> None:
    told = validate(tmp_path, server, 1, "text").stdout

    assert f"\n  shop.yaml:4:5: warning: {KEPT}" in told
    assert "alike" not in told


def test_github_shows_it_once_and_not_ten_times_what_hides_the_rest(server: Faulty, tmp_path: Path) -> None:
    (line,) = [line for line in validate(tmp_path, server, 20, "github").stdout.splitlines() if KEPT in line]

    assert line.startswith(
        f"::warning file=shop.yaml,line=4,col=5,title=slogen short-retention::20 SLOs alike, here the first: {KEPT}"
    )


def test_sarif_has_one_result_with_all_its_places(server: Faulty, tmp_path: Path) -> None:
    (run,) = json.loads(validate(tmp_path, server, 5, "sarif").stdout)["runs"]

    (result,) = [one for one in run["results"] if one["ruleId"] == "short-retention"]
    places = [*result["locations"], *result["relatedLocations"]]
    assert [one["physicalLocation"]["region"]["startLine"] for one in places] == [4, 5, 6, 7, 8]
    notes = [one["message"]["text"] for one in run["invocations"][0]["toolExecutionNotifications"]]
    assert [note for note in notes if UNTOLD in note] == [f"5 SLOs: costly-reads: {UNTOLD}"]


def test_programs_have_it_for_each_slo_and_it_fails_where_it_is_to_fail(server: Faulty, tmp_path: Path) -> None:
    data = json.loads(validate(tmp_path, server, 5, "json").stdout)
    strict = validate(tmp_path, server, 5, "junit", "--fail-on", "warning")

    found = [one for one in data["diagnostics"] if one["code"] == "short-retention"]
    assert [one["line"] for one in found] == [4, 5, 6, 7, 8]
    assert strict.returncode == 1
    root = ET.fromstring(strict.stdout)  # noqa: S314 - slogen wrote it
    failed = [case for case in root.iter("testcase") if case.get("name") == "short-retention" and len(case)]
    assert len(failed) == 5


def test_rules_that_were_never_deployed_are_told_once_and_what_runs_them_by_its_address(
    server: Faulty, tmp_path: Path
) -> None:
    told = validate(tmp_path, server, 5, "github").stdout
    elsewhere = validate(tmp_path, server, 5, "text", "--rules-url", "http://somebody:sesame@127.0.0.1:1")

    (line,) = [line for line in told.splitlines() if "deployed-rules" in line]
    assert line.endswith("5 SLOs alike, here the first: the server runs none of its 25 rules")
    assert elsewhere.returncode == 4
    assert "the server gave no answer: http://127.0.0.1:1, where rules run: nothing listens there" in elsewhere.stdout
    assert "sesame" not in elsewhere.stdout + elsewhere.stderr

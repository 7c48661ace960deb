"""slogen diff against the rules that a real server runs, and what it says of alerts that fire."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from command import ROOT, slogen
from live.server import Server, Toolchain, eventually, running

GONE = """\
groups:
  - name: slogen-gone-fast
    interval: 1s
    rules:
      - alert: ErrorBudgetBurn
        expr: vector(1)
        labels: {slo_id: gone-availability, slo_service: gone, slo_name: availability, slo_severity: page}
"""
OTHERS = """\
groups:
  - name: node
    rules:
      - {record: node:up, expr: up}
"""


class Project:
    """The repository's own SLOs, in a folder of their own, and a server that runs what they compile to."""

    def __init__(self, folder: Path, server: Server) -> None:
        self.folder, self.server = folder, server

    def runs(self, **files: str) -> None:
        """Let the server evaluate the generated files, and *files* beside them."""
        rules = self.folder / "server/rules"
        shutil.rmtree(rules)
        shutil.copytree(ROOT / "generated/prometheus", rules)
        for name, text in files.items():
            (rules / f"{name}.yaml").write_text(text, "utf-8")
        self.server.reload()

    def diff(self, *arguments: str, code: int = 1) -> dict[str, Any]:
        """What `slogen diff` says of them in JSON."""
        done = slogen("diff", *arguments, "--format", "json", cwd=self.folder)
        assert done.returncode == code, done.stderr
        data: dict[str, Any] = json.loads(done.stdout)
        return data

    def against_server(self, *paths: str, code: int = 1) -> dict[str, Any]:
        """The same, against what the server runs."""
        return self.diff(*paths, "--against-prometheus", self.server.url, code=code)


@pytest.fixture(scope="module", params=[2, 3], ids=["2.x", "3.x"])
def serving(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """A server of each major version in turn."""
    folder = tmp_path_factory.mktemp("diff")
    (folder / "server/rules").mkdir(parents=True)
    major = request.param
    binaries = (request.getfixturevalue(f"{name}{major}") for name in ("prometheus", "promtool"))
    with running(Toolchain(major, *binaries), folder / "server", lambda _: {"rule_files": ["rules/*.yaml"]}) as server:
        yield Project(folder, server)


@pytest.fixture
def project(serving: Project) -> Project:
    """The project as it was written."""
    shutil.rmtree(serving.folder / "slos", ignore_errors=True)
    shutil.copytree(ROOT / "slos", serving.folder / "slos")
    shutil.copy(ROOT / "slogen.yaml", serving.folder) if (ROOT / "slogen.yaml").exists() else None
    serving.runs(others=OTHERS)
    return serving


def edit(project: Project, name: str, old: str, new: str) -> None:
    path = project.folder / "slos" / name
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


def test_what_a_server_runs_as_it_was_written_is_no_difference_and_rules_of_others_are_none(project: Project) -> None:
    data = project.against_server(code=0)

    assert (data["slos"], data["rules"], data["groups"]) == ([], [], [])
    assert data["unchanged_slos"] == 26


def test_what_changed_since_is_told_in_the_words_of_slos(project: Project) -> None:
    edit(project, "otel-demo/checkout.yaml", "objective: 99.9\n", "objective: 99.95\n")

    data = project.against_server()

    (slo,) = data["slos"]
    assert (slo["id"], slo["place"]["file"]) == ("checkout-availability", "slos/otel-demo/checkout.yaml")
    assert slo["terms"][0]["message"] == "objective 99.9 % -> 99.95 %, budget 43m12s -> 21m36s per 30d"
    assert {rule["kind"] for rule in data["rules"]} == {"alert", "record"}


def test_an_slo_that_only_the_server_knows_is_gone_and_told_to_fire(project: Project) -> None:
    project.runs(gone=GONE)
    assert eventually(project.server.firing, bool)

    (slo,) = project.against_server()["slos"]

    assert (slo["id"], slo["change"]) == ("gone-availability", "removed")
    assert [term["code"] for term in slo["terms"] if term["impact"] == "breaking"] == ["firing"]
    assert project.against_server("slos/otel-demo", code=0)["slos"] == [], "of other services nothing is said"


def test_an_slo_that_is_removed_while_it_fires_is_told_of_beside_a_revision_too(project: Project) -> None:
    project.runs(gone=GONE)
    assert eventually(project.server.firing, bool)
    before, after = project.folder / "before.yaml", project.folder / "after.yaml"
    before.write_text(GONE, "utf-8")
    after.write_text(OTHERS, "utf-8")

    (slo,) = project.diff("after.yaml", "--against", "before.yaml", "--prometheus", project.server.url)["slos"]

    assert "firing" in [term["code"] for term in slo["terms"]]
    (slo,) = project.diff("after.yaml", "--against", "before.yaml")["slos"]
    assert "firing" not in [term["code"] for term in slo["terms"]], "nobody was asked"


def test_fields_that_a_server_does_not_tell_of_are_named(project: Project) -> None:
    rules = OTHERS.replace("  - name: node\n", "  - name: node\n    query_offset: 30s\n    labels: {from: here}\n")
    (project.folder / "own.yaml").write_text(rules, "utf-8")

    data = project.against_server("own.yaml")

    (note,) = data["notes"]
    assert (note["code"], "query_offset" in note["message"]) == ("not-comparable", True)
    (rule,) = data["rules"]
    assert rule["fields"] == [{"name": "labels.from", "before": None, "after": "here"}], "as if it were the rule's own"


def test_a_server_that_gives_no_answer_is_exit_4(project: Project) -> None:
    done = slogen("diff", "--against-prometheus", "http://127.0.0.1:9", "--timeout", "1", cwd=project.folder)

    assert (done.returncode, done.stdout) == (4, "")
    assert "[unreachable]" in done.stderr


def test_what_differs_is_told_though_the_server_that_is_asked_of_it_gives_no_answer(project: Project) -> None:
    (project.folder / "before.yaml").write_text(GONE, "utf-8")
    (project.folder / "after.yaml").write_text(OTHERS, "utf-8")
    call = ("diff", "after.yaml", "--against", "before.yaml", "--timeout", "1")
    alone = json.loads(slogen(*call, "--format", "json", cwd=project.folder).stdout)

    done = slogen(*call, "--format", "json", "--prometheus", "http://u:hidden@127.0.0.1:9", cwd=project.folder)

    data = json.loads(done.stdout)
    assert (done.returncode, data["slos"]) == (4, alone["slos"])
    assert [note["code"] for note in data["notes"] if note not in alone["notes"]] == ["unreachable"]
    assert "[unreachable]" in done.stderr
    assert "hidden" not in done.stdout + done.stderr

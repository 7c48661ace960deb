"""`slogen push` against a server that keeps rule groups as Mimir's ruler is documented to, on a real socket."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any
from urllib.parse import unquote

import pytest
import yaml

from command import slogen
from live.faulty import Answer, Asked, Faulty, closed_port, faulty

SLOS = """\
apiVersion: slogen/v1
service: SERVICE
slos:
  - name: availability
    objective: 99.9
    sli: {availability: {total: 'requests_total{job="SERVICE"}', bad: 'requests_total{job="SERVICE",code=~"5.."}'}}
"""
PREFIX = "/prometheus/config/v1/rules"
OTHERS = {"name": "own", "rules": [{"record": "a:b", "expr": "c"}]}
GROUPS = [f"slogen-shop-{pace}" for pace in ("fast", "slow", "tier")]


@dataclass
class Ruler:
    """
    A tenant's rule groups by namespace and name.

    Attributes:
        fails: whether it refuses this request.
    """

    kept: dict[str, dict[str, Any]] = field(default_factory=dict)
    fails: Callable[[Asked], bool] = lambda _: False
    server: Faulty | None = None

    def __call__(self, answer: Answer, asked: Asked) -> None:
        """Source: https://grafana.com/docs/mimir/latest/references/http-api/#ruler."""
        if self.fails(asked):
            answer.send(500, "the store is away")
            return
        if not asked.path.startswith(PREFIX):
            answer.send(404, "404 page not found")
            return
        names = [unquote(part) for part in asked.path.removeprefix(PREFIX).split("/")[1:]]
        match asked.method, names:
            case "GET", []:
                found = {namespace: list(groups.values()) for namespace, groups in self.kept.items() if groups}
                # As Go lays it out: keys in other places than they were sent in.
                answer.send(200, yaml.safe_dump(found, sort_keys=True)) if found else answer.send(
                    404, "no rule groups found"
                )
            case "POST", [namespace]:
                group = yaml.safe_load(asked.body)
                assert asked.headers["Content-Type"] == "application/yaml"
                assert group["rules"]
                self.kept.setdefault(namespace, {})[group["name"]] = group
                answer.send(202, json.dumps({"status": "success", "data": None, "errorType": "", "error": ""}))
            case "DELETE", [namespace, group]:
                if self.kept.get(namespace, {}).pop(group, None) is None:
                    answer.send(404, "group does not exist")
                else:
                    answer.send(202, json.dumps({"status": "success", "data": None, "errorType": "", "error": ""}))
            case _:
                answer.send(405, "method not allowed")

    @property
    def changes(self) -> list[tuple[str, str]]:
        """What it was asked to change, in order."""
        assert self.server
        return [
            (asked.method, unquote(asked.path.removeprefix(PREFIX)[1:]))
            for asked in self.server.asked
            if asked.method != "GET"
        ]

    def names(self, namespace: str) -> list[str]:
        """The groups of a namespace."""
        return sorted(self.kept.get(namespace, {}))


@contextmanager
def running(ruler: Ruler) -> Iterator[str]:
    with faulty(ruler) as server:
        ruler.server = server
        yield f"{server.url}/prometheus"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "slos").mkdir()
    (tmp_path / "slogen.yaml").touch()
    (tmp_path / "slos/shop.yaml").write_text(SLOS.replace("SERVICE", "shop"))
    return tmp_path


def push(project: Path, url: str, *arguments: str) -> CompletedProcess[str]:
    return slogen("push", "--target", "mimir", url, *arguments, cwd=project)


def test_what_differs_is_told_and_nothing_is_sent_until_it_is_to_be_applied(project: Path) -> None:
    ruler = Ruler()
    with running(ruler) as url:
        told = push(project, url)
        assert (told.returncode, ruler.changes) == (1, [])
        assert "+ SLO shop-availability: added" in told.stdout
        steps = [f"  set {group} in slogen/shop" for group in GROUPS]
        assert told.stderr.splitlines() == ["nothing was sent; with --apply this is:", *steps]

        applied = push(project, url, "--apply")

        assert applied.returncode == 0, applied.stderr
        assert ruler.names("slogen/shop") == GROUPS
        assert ruler.changes == [("POST", "slogen/shop")] * 3


def test_what_was_sent_is_what_was_compiled(project: Path) -> None:
    ruler = Ruler()
    with running(ruler) as url:
        push(project, url, "--apply")

    printed = slogen("compile", "--target", "mimir", "--stdout", cwd=project).stdout
    compiled = {group["name"]: group for group in yaml.safe_load(printed)["groups"]}
    assert ruler.kept == {"slogen/shop": compiled}


def test_what_is_there_already_is_not_sent_again_and_what_changed_alone_is(project: Path) -> None:
    ruler = Ruler()
    with running(ruler) as url:
        push(project, url, "--apply")
        again = push(project, url, "--apply")
        assert (again.returncode, len(ruler.changes)) == (0, 3)
        assert "SLOs: 1 the same" in again.stdout

        (project / "slos/shop.yaml").write_text(SLOS.replace("SERVICE", "shop").replace("99.9", "99.95"))
        push(project, url, "--apply")

        sent = [yaml.safe_load(asked.body)["name"] for asked in ruler.server.asked if asked.method == "POST"]  # type: ignore[union-attr]
        assert sent[3:] == ["slogen-shop-fast", "slogen-shop-slow"]  # thresholds, and the objective as a series


def test_everything_is_set_before_anything_is_deleted(project: Path) -> None:
    ruler = Ruler({"slogen/shop": {"slogen-shop-old": OTHERS | {"name": "slogen-shop-old"}}})
    with running(ruler) as url:
        assert push(project, url, "--apply").returncode == 0

    assert ruler.changes == [*[("POST", "slogen/shop")] * 3, ("DELETE", "slogen/shop/slogen-shop-old")]
    assert ruler.names("slogen/shop") == GROUPS


def test_what_is_of_others_stays_and_services_that_are_gone_do_until_they_are_pruned(project: Path) -> None:
    kept = {"own": {"own": OTHERS}, "slogen": {"own": OTHERS}, "slogen/gone": {"own": OTHERS}}
    ruler = Ruler(kept)
    with running(ruler) as url:
        told = push(project, url, "--apply")
        assert "left slogen/gone: no SLO file at PATH names that service; --prune deletes it" in told.stderr
        assert ruler.names("slogen/gone") == ["own"]

        assert push(project, url, "--apply", "--prune").returncode == 0

    assert (ruler.names("slogen/gone"), ruler.names("own"), ruler.names("slogen")) == ([], ["own"], ["own"])
    assert ruler.changes[3:] == [("DELETE", "slogen/gone/own")]


def test_nothing_is_pruned_by_a_part_of_the_slo_files(project: Path) -> None:
    ruler = Ruler({"slogen/gone": {"own": OTHERS}})
    with running(ruler) as url:
        done = push(project, url, "slos/shop.yaml", "--apply", "--prune")

    assert (done.returncode, ruler.changes) == (2, [])
    assert "name their folder" in done.stderr


def test_who_was_interrupted_goes_on_where_it_stopped(project: Path) -> None:
    ruler = Ruler(fails=lambda asked: asked.method == "POST" and len(ruler.kept.get("slogen/shop", {})) == 1)
    with running(ruler) as url:
        broken = push(project, url, "--apply")
        assert broken.returncode == 4
        assert broken.stderr.splitlines()[0] == "done: set slogen-shop-fast in slogen/shop"
        assert "1 of 3 steps were done, call it again for the others" in broken.stderr
        ruler.fails = lambda _: False

        resumed = push(project, url, "--apply")

    assert resumed.returncode == 0
    assert [line.split()[2] for line in resumed.stderr.splitlines()] == GROUPS[1:]
    assert ruler.names("slogen/shop") == GROUPS


def test_a_group_that_somebody_deleted_meanwhile_is_no_failure(project: Path) -> None:
    ruler = Ruler({"slogen/shop": {"old": OTHERS | {"name": "old"}}})

    def vanish(asked: Asked) -> bool:
        if asked.method == "DELETE":
            ruler.kept["slogen/shop"].pop("old", None)
        return False

    ruler.fails = vanish
    with running(ruler) as url:
        assert push(project, url, "--apply").returncode == 0


@pytest.mark.parametrize(
    ("status", "said"),
    [
        # As Mimir says it of a limit, in plain words, and of what is not there, which a group that is set is not.
        (400, "per-user rules per rule group limit (limit: 20 actual: 31) exceeded"),
        (404, "no configuration API of a ruler"),
        (413, "too large"),
    ],
)
def test_a_group_that_is_refused_is_named_with_the_reason_and_is_not_taken_for_set(
    project: Path, status: int, said: str
) -> None:
    ruler = Ruler()

    def answering(answer: Answer, asked: Asked) -> None:
        if asked.method == "POST" and "slogen-shop-slow" in asked.body:
            answer.send(status, "group does not exist" if status == 404 else said)
        else:
            ruler(answer, asked)

    with faulty(answering) as server:
        done = push(project, f"{server.url}/prometheus", "--apply")

    assert done.returncode == 4
    assert "/prometheus: set slogen-shop-slow in slogen/shop: " in done.stderr
    assert said in done.stderr
    assert "done: set slogen-shop-slow" not in done.stderr
    assert ruler.names("slogen/shop") == GROUPS[:1]


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/elsewhere", "no configuration API of a ruler at this address (HTTP 404)"),
        ("/prometheus", "the answer is no rule groups"),
    ],
)
def test_what_is_no_ruler_is_told_and_nothing_is_changed(project: Path, path: str, said: str) -> None:
    def answering(answer: Answer, asked: Asked) -> None:
        answer.send(404 if asked.path.startswith("/elsewhere") else 200, "<html>hello</html>")

    with faulty(answering) as server:
        done = push(project, f"{server.url}{path}", "--apply")
        assert {asked.method for asked in server.asked} == {"GET"}

    assert (done.returncode, said in done.stderr, done.stdout) == (4, True, "")


def test_a_group_of_slogens_that_cannot_be_read_is_not_replaced(project: Path) -> None:
    ruler = Ruler({"slogen/shop": {"x": {"name": "x", "rules": [{"expr": "neither record nor alert"}]}}})
    with running(ruler) as url:
        done = push(project, url, "--apply")

    assert (done.returncode, ruler.changes) == (4, [])
    assert "a rule group of slogen's cannot be read" in done.stderr


def test_who_may_not_is_told_without_the_secret(project: Path) -> None:
    (project / "token").write_text("swordfish")

    def answering(answer: Answer, asked: Asked) -> None:
        assert asked.headers["Authorization"] == "Bearer swordfish"
        assert asked.headers["X-Scope-OrgID"] == "shop"
        answer.send(401, "no org id; swordfish")

    with faulty(answering) as server:
        done = push(project, server.url, "--token-file", "token", "--header", "X-Scope-OrgID:shop", "--apply")

    assert done.returncode == 4
    assert "wants other credentials" in done.stderr
    assert "swordfish" not in done.stdout + done.stderr


def test_nobody_there_is_one_error(project: Path) -> None:
    done = push(project, f"http://127.0.0.1:{closed_port()}")

    assert (done.returncode, done.stderr.count("\n")) == (4, 1)
    assert "nothing listens there" in done.stderr

"""What servers tell of rules, well and badly, and what validate makes of it."""

import json
import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

import slogen
from command import slogen as slogen_
from live.faulty import Answer, Answering, Asked, closed_port, faulty, success, vector
from slogen.diagnostics import Level, Report
from slogen.live import checks
from slogen.live.access import access
from slogen.live.asking import Asking
from slogen.live.checks._check import Finding
from slogen.live.deployment import Deployment
from slogen.live.faults import RefusedError, UnreachableError
from slogen.live.prometheus import Connection, connect
from slogen.rule_files import read

SLOS = """\
apiVersion: slogen/v1
service: shop
slos:
  - name: availability
    objective: 99.9
    sli: {availability: {total: 'requests_total{job="shop"}', bad: 'requests_total{job="shop",code="500"}'}}
"""
BUILT = {"version": "3.5.3", "revision": "abc", "goVersion": "go1.24"}
VICTORIA = {"version": "2.24.0"}


@contextmanager
def telling(rules: Answering, built: Answering) -> Iterator[Connection]:
    """A connection to a server that tells so of its rules and of itself."""

    def answering(answer: Answer, asked: Asked) -> None:
        (rules if asked.path.endswith("/rules") else built)(answer, asked)

    with faulty(answering) as server, closing(connect(access(server.url))) as connection:
        yield connection


def told(data: Any) -> Answering:
    return lambda answer, _: answer.send(200, success(data))


def status(code: int, body: str = "unsupported path") -> Answering:
    return lambda answer, _: answer.send(code, body)


NOTHING = told({"groups": []})


@pytest.mark.parametrize(
    "built", [told(BUILT), status(404), status(400), told([])], ids=["known", "404", "400", "list"]
)
def test_a_server_without_rules_that_may_have_some_has_none(built: Answering) -> None:
    with telling(NOTHING, built) as connection:
        assert connection.rules() == ()


def test_a_server_that_tells_everybody_that_it_has_no_rules_evaluates_none() -> None:
    with telling(NOTHING, told(VICTORIA)) as connection, pytest.raises(RefusedError, match="it evaluates no rules"):
        connection.rules()


@pytest.mark.parametrize("code", [400, 404, 405, 501])
def test_a_server_without_the_endpoint_cannot_tell(code: int) -> None:
    refused = pytest.raises(RefusedError, match=rf"does not tell of rules \(HTTP {code}\); .* --rules-url")
    with telling(status(code), told(BUILT)) as connection, refused:
        connection.rules()


@pytest.mark.parametrize(
    "rules",
    [
        status(500),
        status(401),
        told([]),
        told({"groups": [{"rules": 7}]}),
        lambda answer, _: answer.send(200, "<html>"),
    ],
    ids=["500", "401", "list", "no name", "HTML"],
)
def test_what_is_no_answer_is_none(rules: Answering) -> None:
    with telling(rules, told(BUILT)) as connection, pytest.raises(UnreachableError):
        connection.rules()


def as_told(took: float, health: str = "ok", error: str = "") -> dict[str, Any]:
    """The rules that compile writes, as a server tells of them."""
    (artifact,) = slogen.compile({"shop.yaml": SLOS}, targets=["prometheus"]).artifacts
    (file,) = read("shop.yaml", artifact.text, Report())
    groups = []
    for group in file.groups:
        assert group.interval
        rules = [
            {
                "type": "alerting" if rule.kind == "alert" else "recording",
                "name": rule.name,
                "query": rule.expr,
                "labels": rule.labels,
                "annotations": rule.annotations,
                "duration": float(rule.pending),
                "health": health,
                "lastError": error,
            }
            for rule in group.rules
        ]
        groups.append(
            {"name": group.name, "interval": float(group.interval), "evaluationTime": took, "rules": rules, "file": "f"}
        )
    return {"groups": groups}


def findings(rules: Any) -> list[Finding]:
    compilation = slogen.compile({"shop.yaml": SLOS}, targets=["prometheus"])
    with telling(told(rules), told(BUILT)) as connection:
        asking = Asking(connection, 0, Deployment(connection, compilation.artifacts))
        said = list(checks.load("deployed-rules")(compilation.slos[0], asking))
    return [one for one in said if isinstance(one, Finding)]


def test_a_group_that_takes_longer_than_its_interval_is_an_error_and_one_that_just_does_not_is_none() -> None:
    (found,) = findings(as_told(30.5))
    assert found.level is Level.ERROR
    assert found.message == (
        "the group of slo:sli_events:rate2m takes 30.5s, and is to be evaluated each 30s; it misses evaluations"
    )
    assert findings(as_told(29.5)) == []


@pytest.mark.parametrize(
    ("health", "error", "words"),
    [("err", "", "'err'"), ("ok", "timed out", "'timed out'"), ("err", "timed out", "'timed out'")],
)
def test_a_rule_that_failed_is_an_error_however_the_server_tells(health: str, error: str, words: str) -> None:
    (found,) = findings(as_told(1, health, error))
    assert found.level is Level.ERROR
    assert found.message == f"the server cannot evaluate slo:sli_events:rate2m, and 24 more: {words}"


@pytest.mark.parametrize("health", ["ok", "unknown", ""])
def test_a_rule_that_was_not_evaluated_yet_is_no_failure(health: str) -> None:
    assert findings(as_told(0, health)) == []


def test_one_answer_serves_all_slos_however_many_ask_at_once(tmp_path: Path) -> None:
    def answering(answer: Answer, asked: Asked) -> None:
        if asked.path.endswith("/rules"):
            answer.faulty.stopping.wait(0.3)
            answer.send(200, success({"groups": []}))
        elif asked.path.endswith("buildinfo"):
            answer.send(200, success(BUILT))
        else:
            answer.send(200, vector(1_700_000_000))

    with faulty(answering) as server:
        done = validate(tmp_path, 20, server.url, "--jobs", "8")
    assert sum(asked.path.endswith("/rules") for asked in server.asked) == 1
    states = {one["state"] for one in json.loads(done.stdout)["results"] if one["check"] == "deployed-rules"}
    assert states == {"found"}


def test_rules_that_cannot_be_asked_for_leave_the_other_checks_and_exit_4(tmp_path: Path) -> None:
    with faulty(lambda answer, _: answer.send(200, vector(1_700_000_000))) as server:
        elsewhere = f"http://127.0.0.1:{closed_port()}"
        done = validate(tmp_path, 3, server.url, "--rules-url", elsewhere)

    results = json.loads(done.stdout)["results"]
    reasons = {reason for one in results if one["check"] == "deployed-rules" for reason in one["not_checked"]}
    assert done.returncode == 4
    assert any("nothing listens there" in reason for reason in reasons)
    assert all(one["state"] != "not checked" for one in results if one["check"] == "missing-series")
    assert not any(asked.path.endswith("/rules") for asked in server.asked)


def test_rules_elsewhere_are_asked_for_by_the_credentials_in_their_own_address_else_by_the_same(tmp_path: Path) -> None:
    with faulty(lambda answer, _: answer.send(200, vector(1_700_000_000))) as server, faulty(NOTHING) as ruler:
        for folder, url in (("own", ruler.url.replace("//", "//ruler:pass@")), ("same", ruler.url)):
            (tmp_path / folder).mkdir()
            validate(tmp_path / folder, 1, server.url, "--rules-url", url, SLOGEN_PROMETHEUS_TOKEN="t0ken")  # noqa: S106

    own, same = (asked.headers["Authorization"] for asked in ruler.asked if asked.path.endswith("/rules"))
    assert {asked.headers["Authorization"] for asked in server.asked} == {"Bearer t0ken"}
    assert (own, same) == ("Basic cnVsZXI6cGFzcw==", "Bearer t0ken")


def validate(folder: Path, services: int, url: str, *arguments: str, **environment: str) -> Any:
    (folder / "slos").mkdir()
    (folder / "slogen.yaml").touch()
    for number in range(services):
        (folder / f"slos/shop{number}.yaml").write_text(SLOS.replace("service: shop", f"service: shop{number}"))
    kept = {name: "" for name in os.environ if name.lower().endswith("_proxy")}
    options = ("--prometheus", url, "--format", "json", *arguments)
    return slogen_("validate", *options, cwd=folder, env={**kept, **environment})

"""`slogen validate` as its users run it: what it prints, where, and how it ends, whatever the server does."""

import json
import os
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from command import slogen
from live.faulty import Answer, Answering, Asked, closed_port, faulty, refusal, success, vector
from live.server import Server, Toolchain, eventually, running
from slogen.live import checks

SECRET = "swordfish"  # noqa: S105 - so that it can be looked for

SLOS = """\
apiVersion: slogen/v1
service: SERVICE
slos:
  - name: availability
    objective: 99.9
    sli:
      availability:
        total: prometheus_http_requests_total{job="prometheus"}
        good: prometheus_http_requests_total{job="prometheus",code="200"}
    alerting: {min_events: 100}
"""
MISSPELT = SLOS.replace("total: prometheus_http_requests_total", "total: prometheus_http_request_total")
GAUGE = SLOS.replace("good: prometheus_http_requests_total", "good: go_goroutines").replace(',code="200"', "")


@pytest.fixture(scope="module")
def server(tools: Toolchain, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that scrapes itself."""

    def configuration(port: int) -> Mapping[str, object]:
        own = {"job_name": "prometheus", "static_configs": [{"targets": [f"127.0.0.1:{port}"]}]}
        return {"global": {"scrape_interval": "1s"}, "scrape_configs": [own]}

    with running(tools, tmp_path_factory.mktemp("validate"), configuration) as started:
        eventually(lambda: started.query("count_over_time(prometheus_http_requests_total[1m]) > 2"), bool)
        yield started


def project(folder: Path, **services: str) -> Path:
    (folder / "slos").mkdir()
    (folder / "slogen.yaml").write_text("scrape_interval: 30s\n")
    for name, text in services.items():
        (folder / f"slos/{name}.yaml").write_text(text.replace("SERVICE", name))
    return folder


def validate(folder: Path, url: str, *arguments: str, **environment: str) -> Any:
    kept = {name: "" for name in os.environ if name.lower().endswith("_proxy")}
    return slogen("validate", "--prometheus", url, *arguments, cwd=folder, env={**kept, **environment})


def passing(text: str, slo: str = "shop-availability") -> tuple[int, int]:
    """How many checks of an SLO passed, and of how many."""
    found = re.search(rf"^\S+ +{slo}  (\d+) of (\d+) checks passed$", text, re.MULTILINE)
    assert found, text
    return int(found[1]), int(found[2])


def test_without_a_server_it_says_that_it_checked_no_more_than_compile(tmp_path: Path) -> None:
    folder = project(tmp_path, shop=SLOS)
    done = slogen("validate", cwd=folder)

    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == "1 SLO compiles; what it reads was not checked, for no server was named\n"
    assert not (folder / "generated").exists()


def test_what_does_not_compile_exits_2_before_any_server_is_asked(tmp_path: Path) -> None:
    with faulty(lambda answer, _: answer.send(200, vector(1))) as server:
        done = validate(project(tmp_path, shop=SLOS.replace("99.9", "100")), server.url)
    assert (done.returncode, server.asked) == (2, [])


def test_what_is_right_exits_0_and_what_cannot_be_told_yet_is_said(server: Server, tmp_path: Path) -> None:
    done = validate(project(tmp_path, shop=SLOS), server.url)

    assert done.returncode == 0, done.stdout
    first, *lines = done.stdout.splitlines()
    passed, every = passing(first)
    assert passed >= 4
    assert every == len(checks.names())
    assert any(re.match("  not checked: .*low-traffic.*: its series are younger than 1h", line) for line in lines)
    assert any(re.match("  not checked: .*rare-scrapes: no series of prometheus_http_requ", line) for line in lines)
    assert re.search(
        rf"1 SLO, {every} checks: 1 found, .*{every - passed - 1} not checked, {passed} passed; ", done.stderr
    )


def test_findings_exit_1_with_their_places_and_the_others_are_checked(server: Server, tmp_path: Path) -> None:
    done = validate(project(tmp_path, shop=SLOS, store=MISSPELT, depot=GAUGE), server.url)

    assert done.returncode == 1
    assert "slos/store.yaml:8:16: error: there is no metric 'prometheus_http_request_total'" in done.stdout
    assert "did you mean 'prometheus_http_requests_total'? [missing-series]" in done.stdout
    assert "slos/depot.yaml:9:15: error: 'go_goroutines' is a gauge, and a counter is needed" in done.stdout
    assert passing(done.stdout)[0] >= 4


def test_json_has_every_finding_and_every_check(server: Server, tmp_path: Path) -> None:
    done = validate(project(tmp_path, store=MISSPELT), server.url, "--format", "json")

    assert (done.returncode, done.stderr) == (1, "")
    told = json.loads(done.stdout)
    assert [(one["code"], one["line"], one["level"]) for one in told["diagnostics"]] == [
        ("deployed-rules", 4, "warning"),
        ("missing-series", 8, "error"),
    ]
    assert {one["check"]: one["state"] for one in told["results"]}["low-traffic"] == "not checked"
    assert told["server"]["unreachable"] is None
    assert 0 < told["server"]["requests"] <= 30


def test_github_reads_a_line_for_each_finding(server: Server, tmp_path: Path) -> None:
    done = validate(project(tmp_path, store=MISSPELT), server.url, "--format", "github")

    rules, line = done.stdout.splitlines()
    assert done.returncode == 1
    assert rules.startswith("::warning file=slos/store.yaml,line=4,col=5,title=slogen deployed-rules::the server runs")
    assert line.startswith("::error file=slos/store.yaml,line=8,col=16,title=slogen missing-series::there is no metric")


def test_sarif_has_findings_with_their_manuals_and_what_was_not_checked(server: Server, tmp_path: Path) -> None:
    done = validate(project(tmp_path, store=MISSPELT), server.url, "--format", "sarif")

    told = json.loads(done.stdout)
    (run,) = told["runs"]
    (result,) = [one for one in run["results"] if one["level"] == "error"]
    assert (done.returncode, told["version"]) == (1, "2.1.0")
    assert result["ruleId"] == run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == "missing-series"
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "slos/store.yaml"
    assert place["region"] == {"startLine": 8, "startColumn": 16}
    assert run["tool"]["driver"]["rules"][1]["shortDescription"]["text"] == (
        "A selector finds no series, or a query has no value."
    )
    notes = run["invocations"][0]["toolExecutionNotifications"]
    assert any(note["message"]["text"].startswith("store-availability: low-traffic: there are no") for note in notes)


def test_junit_has_a_case_for_each_check_and_fails_by_what_is_to_fail(server: Server, tmp_path: Path) -> None:
    done = validate(project(tmp_path, store=MISSPELT), server.url, "--format", "junit")

    root = ET.fromstring(done.stdout)  # noqa: S314 - slogen wrote it
    states = {case.get("name"): [child.tag for child in case] for case in root.iter("testcase")}
    assert done.returncode == 1
    assert states["missing-series"] == ["failure"]
    assert states["low-traffic"] == ["skipped"]
    assert states["missing-bucket"] == []


SNOOZED = """\
apiVersion: slogen/v1
service: SERVICE
slos:
  - name: borne
    objective: 99.9
    sli: {probe: {gauge: nowhere}}
    checks: [{snooze: missing-series, until: 2999-12-31, reason: the exporter is on its way}]
  - name: over
    objective: 99.9
    sli: {probe: {gauge: nowhere}}
    checks: [{snooze: missing-series, until: 2020-02-29, reason: the exporter is on its way}]
  - name: idle
    objective: 99.9
    sli: {probe: {gauge: 'up{job="prometheus"}'}}
    checks: [{snooze: missing-series, until: 2999-12-31, reason: the exporter is on its way}]
  - name: unknown
    objective: 99.9
    sli: {probe: {gauge: 'up{job="prometheus"}'}}
    checks: [{snooze: low-traffic, until: 2999-12-31, reason: too young to tell}]
"""
OVER = (
    "slos/shop.yaml:11:46: warning: "
    "the snooze of 'missing-series' ended with 2020-02-29; drop it, or choose a later day"
)


def test_a_snooze_keeps_findings_from_being_told_until_it_is_over_and_one_without_effect_is_told(
    server: Server, tmp_path: Path
) -> None:
    folder = project(tmp_path, shop=SNOOZED)
    done = validate(folder, server.url)
    borne, over, idle, unknown = re.split(r"^\S+ +shop-.*$", done.stdout, flags=re.MULTILINE)[1:]

    assert done.returncode == 1
    (line,) = [line for line in borne.splitlines() if "missing-series" in line]
    assert line.startswith(
        "  snoozed until 2999-12-31, 'the exporter is on its way': slos/shop.yaml:6:26: error: there is"
    )
    assert "slos/shop.yaml:10:26: error: there is no metric 'nowhere'" in over
    assert OVER in over
    assert "slos/shop.yaml:15:23: warning: the snooze of 'missing-series' has no effect" in idle
    assert "[stale-snooze]" not in unknown
    assert ", 1 snoozed, " in done.stderr


def test_what_is_snoozed_alone_makes_nothing_fail_and_programs_are_told_why(server: Server, tmp_path: Path) -> None:
    folder = project(tmp_path, shop=SNOOZED[: SNOOZED.index("  - name: over")])
    sarif, told, junit = (validate(folder, server.url, "--format", form) for form in ("sarif", "json", "junit"))

    assert [done.returncode for done in (sarif, told, junit)] == [0, 0, 0]
    (result,) = [one for one in json.loads(sarif.stdout)["runs"][0]["results"] if one["level"] == "error"]
    assert result["ruleId"] == "missing-series"
    assert result["suppressions"][0]["justification"] == "the exporter is on its way"
    data = json.loads(told.stdout)
    (one,) = [one for one in data["results"] if one["state"] == "snoozed"]
    assert (one["check"], one["snoozed"]["until"]) == ("missing-series", "2999-12-31")
    assert {finding["code"] for finding in data["diagnostics"]} == {"deployed-rules"}
    assert [finding["code"] for finding in one["snoozed"]["findings"]] == ["missing-series"]
    assert "snoozed until 2999-12-31: the exporter is on its way" in junit.stdout


def test_without_a_server_it_tells_which_snoozes_are_over(tmp_path: Path) -> None:
    done = slogen("validate", cwd=project(tmp_path, shop=SNOOZED))

    assert (done.returncode, done.stdout) == (0, f"{OVER} [stale-snooze]\n")


def test_warnings_exit_0_but_where_they_are_to_fail(server: Server, tmp_path: Path) -> None:
    folder = project(tmp_path, shop=SLOS.replace('job="prometheus",code', "code"))

    assert validate(folder, server.url).returncode == 0
    assert validate(folder, server.url, "--fail-on", "warning").returncode == 1


@pytest.mark.parametrize("form", ["text", "json", "github", "sarif", "junit"])
def test_a_server_that_cannot_be_reached_is_one_finding_and_exit_4(tmp_path: Path, form: str) -> None:
    url = f"http://user:{SECRET}@127.0.0.1:{closed_port()}"
    done = validate(project(tmp_path, shop=SLOS, store=SLOS), url, "--format", form)

    assert done.returncode == 4
    assert done.stdout.count("nothing listens there") == (2 if form == "junit" else 1)  # there as message and text
    assert "Traceback" not in done.stderr
    assert SECRET not in done.stdout + done.stderr


FAULTS: dict[str, Answering] = {
    "HTML": lambda answer, _: answer.send(200, "<html>log in</html>"),
    "401": lambda answer, _: answer.send(401, "no"),
    "a list": lambda answer, _: answer.send(200, success([])),
    "hangs": lambda answer, _: answer.hang(),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_what_is_no_prometheus_is_one_finding_and_exit_4(tmp_path: Path, fault: str) -> None:
    with faulty(FAULTS[fault]) as server:
        token = tmp_path / "token"
        token.write_text(f"{SECRET}\n")
        folder = project(tmp_path, shop=SLOS, store=SLOS)
        done = validate(
            folder, server.url, "--timeout", "0.5" if fault == "hangs" else "30", "--token-file", str(token)
        )

    assert done.returncode == 4
    assert done.stdout.count("\n") == 1
    assert len(server.asked) == 1
    assert server.asked[0].headers["Authorization"] == f"Bearer {SECRET}"
    assert SECRET not in done.stdout + done.stderr


def test_a_server_that_dies_half_way_leaves_the_rest_not_checked_and_is_not_stormed(tmp_path: Path) -> None:
    alive, jobs, failures = 20, 4, 5

    def answering(answer: Answer, asked: Asked) -> None:
        if len(answer.faulty.asked) > alive:
            answer.send(500, "out of memory")
        elif asked.parameters.get("query") == "time()":
            answer.send(200, success({"resultType": "scalar", "result": [0, "1700000000"]}))
        else:
            answer.send(200, vector(7))

    with faulty(answering) as server:
        folder = project(tmp_path, **{f"shop{number}": SLOS for number in range(40)})
        done = validate(folder, server.url, "--format", "json", "--jobs", str(jobs))

    assert done.returncode == 4
    told = json.loads(done.stdout)
    left = [one for one in told["results"] if one["state"] == "not checked"]
    assert len(told["results"]) == 40 * len(checks.names())
    assert any("HTTP 500" in one["not_checked"][0] for one in left)
    assert any("left alone after 5 failures in a row" in one["not_checked"][0] for one in left)
    # A good answer that was on its way when the server died, at most one for each job, starts the count anew.
    assert len(server.asked) <= alive + jobs * (failures + jobs)
    assert "the clock of the server is" in told["server"]["notes"][0]


def test_one_query_that_is_refused_leaves_the_other_checks(server: Server, tmp_path: Path) -> None:
    bad = SLOS.replace("good: prom", "good: nosuchprom")
    done = validate(project(tmp_path, shop=SLOS, store=bad), server.url)

    assert done.returncode == 1
    assert passing(done.stdout)[0] >= 4


def test_secrets_of_the_environment_and_headers_are_sent_and_never_printed(tmp_path: Path) -> None:
    def answering(answer: Answer, asked: Asked) -> None:
        answer.send(422, refusal("execution", f"who is {asked.headers['Authorization']}?"))

    with faulty(answering) as server:
        folder = project(tmp_path, shop=SLOS)
        tenant = f"X-Scope-OrgID: {SECRET}-tenant"
        done = validate(folder, server.url, "--header", tenant, SLOGEN_PROMETHEUS_TOKEN=SECRET)

    assert done.returncode == 4
    assert server.asked[0].headers["X-Scope-OrgID"] == f"{SECRET}-tenant"
    assert "[secret]" in done.stdout
    assert SECRET not in done.stdout + done.stderr


def test_an_address_that_is_none_exits_2_without_repeating_it(tmp_path: Path) -> None:
    done = validate(project(tmp_path, shop=SLOS), f"prometheus:{SECRET}@host")

    assert (done.returncode, done.stdout) == (2, "")
    assert "is written like https://prometheus.example.com" in done.stderr
    assert SECRET not in done.stderr

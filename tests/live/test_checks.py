"""
Every check finds what it is for, and not what almost looks like it, in real servers over history made for the purpose.

All cases are SLOs of one file, so one run judges them all; each test reads the part that it is about.
"""

import re
import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path

import pytest

import slogen
from live import backfill
from live.check_cases import CASES, FOUND, PASSED, UNSURE, WARNED, text
from live.check_history import SCRAPE, history
from live.server import Server, Toolchain, eventually, running
from slogen.diagnostics import Level
from slogen.live import checks
from slogen.live.access import access
from slogen.live.prometheus import connect
from slogen.live.validating import Result, State, validate


@pytest.fixture(scope="module")
def server(tools: Toolchain, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with the history, which also scrapes itself."""
    folder = tmp_path_factory.mktemp("checks")
    backfill.write(folder / "history.txt", history(int(time.time()) // SCRAPE * SCRAPE))
    backfill.raw(tools, folder, folder / "history.txt")

    def configuration(port: int) -> Mapping[str, object]:
        own = {"job_name": "prometheus", "static_configs": [{"targets": [f"127.0.0.1:{port}"]}]}
        return {"global": {"scrape_interval": "1s"}, "scrape_configs": [own]}

    with running(tools, folder, configuration, retention="15d") as started:
        eventually(lambda: started.query('up{job="prometheus"} == 1'), bool)
        yield started


@pytest.fixture(scope="module")
def results(server: Server) -> Mapping[tuple[str, str], Result]:
    """What every check says of every case."""
    compilation = slogen.compile({"case.yaml": text()}, targets=["prometheus"])
    with closing(connect(access(server.url))) as connection:
        found = validate(compilation.slos, connection, connection.now(), at_once=8, tell=lambda: None)
        assert connection.requests <= 30 * len(compilation.slos)
    return {(result.slo.name, result.check): result for result in found}


@pytest.mark.parametrize("name", CASES)
def test_a_check_finds_what_it_is_for_and_nothing_else(name: str, results: Mapping[tuple[str, str], Result]) -> None:
    case = CASES[name]
    result = results[name, case.check]

    said = [finding.message for finding in result.findings] or list(result.reasons)
    level = {finding.level for finding in result.findings}
    expected = {FOUND: {Level.ERROR}, WARNED: {Level.WARNING}}.get(case.outcome, set())
    assert level == expected, said
    assert result.state is {UNSURE: State.NOT_CHECKED, PASSED: State.PASSED}.get(case.outcome, State.FOUND), said
    assert re.search(case.said, " | ".join(said)), said


@pytest.mark.parametrize("name", ["all-there", "burning-few", "no-errors-yet", "no-bucket", "recorded", "quiet-group"])
def test_an_slo_costs_its_server_thirty_requests_at_most(name: str, server: Server) -> None:
    compilation = slogen.compile({"case.yaml": text()}, targets=["prometheus"])
    (slo,) = [slo for slo in compilation.slos if slo.name == name]
    with closing(connect(access(server.url))) as connection:
        validate([slo], connection, connection.now(), at_once=1, tell=lambda: None)
        assert connection.requests <= 30


def test_a_real_server_counts_the_samples_that_a_query_looks_at(server: Server) -> None:
    with closing(connect(access(server.url))) as connection:
        assert connection.touched('shop_requests_total{job="shop"}', connection.now()) == 2
        assert connection.touched('rate(crowd_total{pod="7"}[10m])', connection.now()) == 5


def test_every_finding_is_placed_within_its_own_slo(results: Mapping[tuple[str, str], Result]) -> None:
    lines = text().splitlines()
    found = [(result, finding) for result in results.values() for finding in result.findings]
    assert found
    for result, finding in found:
        before = [line for line in lines[: finding.position.line] if line.startswith("  - name: ")]
        assert before[-1] == f"  - name: {result.slo.name}"


APART = {"deployed-rules": "test_deployed.py", "recorded-against-raw": "test_recorded.py"}
"""Checks that are not about history, and the files in which they are tried."""


def test_every_check_has_a_case_that_finds_and_one_that_passes() -> None:
    assert all((Path(__file__).parent / file).is_file() for file in APART.values())
    for name in sorted({*checks.names()} - {*APART}):
        outcomes = {case.outcome for case in CASES.values() if case.check == name}
        assert outcomes & {FOUND, WARNED}, name
        assert PASSED in outcomes, name


def test_what_cloud_monitoring_measures_is_not_checked_on_a_prometheus(server: Server) -> None:
    slos = """
apiVersion: slogen/v1
service: run
slos:
  - name: availability
    objective: 99.9
    sli:
      availability: {preset: gcp-cloud-run, with: {service_name: checkout, location: europe-west1}}
"""
    compilation = slogen.compile({"run.yaml": slos}, targets=["prometheus"])
    with closing(connect(access(server.url))) as connection:
        found = validate(compilation.slos, connection, connection.now(), at_once=1, tell=lambda: None)
    assert {result.state for result in found} == {State.NOT_CHECKED}
    assert {reason for result in found for reason in result.reasons} == {
        "Cloud Monitoring measures it, whose metrics this server does not hold"
    }

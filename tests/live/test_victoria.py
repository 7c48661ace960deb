"""VictoriaMetrics in the place of Prometheus: what can be asked of it, and what it cannot tell."""

import json
import re
import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Final

import pytest
import yaml

import slogen
from command import slogen as slogen_
from live import backfill, victoria
from live.check_cases import CASES, FOUND, PASSED, UNSURE, WARNED, text
from live.check_history import SCRAPE, history
from live.server import Server, Toolchain, eventually, running
from live.test_recorded import BEGIN, END, GAP, HEAD, recorded, slo
from live.test_recorded import history as made
from slogen.live import checks
from slogen.live.access import access
from slogen.live.asking import Asking
from slogen.live.checks._check import Finding
from slogen.live.faults import RefusedError
from slogen.live.prometheus import Span, connect
from slogen.live.validating import Result, State, validate

_SAMPLES: Final = "the server does not tell how many samples a query looks at"
_RETENTION: Final = "the server does not tell how long it keeps samples"
OTHERWISE: Final[Mapping[str, str]] = {
    "cheap": _SAMPLES,
    "cheap-raw": _SAMPLES,
    "costly-raw": _SAMPLES,
    "kept": _RETENTION,
    "forgotten": _RETENTION,
}
"""Why a case is not checked, or not all of it, on VictoriaMetrics, where it is on Prometheus."""
DROPPED: Final = ("no-number",)
"""Cases about samples that are NaN, which VictoriaMetrics does not keep: it has none of them, so nothing is found."""


@pytest.fixture(scope="module")
def store(
    victoriametrics: Path, prometheus3: Path, promtool3: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """A store with the history, which scrapes a Prometheus that scrapes nobody."""
    folder = tmp_path_factory.mktemp("victoria")
    with running(Toolchain(3, prometheus3, promtool3), folder / "scraped") as scraped:
        job = {"job_name": "prometheus", "static_configs": [{"targets": [f"127.0.0.1:{scraped.port}"]}]}
        configuration = {"global": {"scrape_interval": "1s"}, "scrape_configs": [job]}
        # By default it answers for half a minute ago, so that long nothing would be found of what is scraped.
        with victoria.storing(victoriametrics, folder, configuration, "-search.latencyOffset=1s") as started:
            victoria.load(started, history(int(time.time()) // SCRAPE * SCRAPE))
            eventually(lambda: started.query('up{job="prometheus"} == 1'), bool)
            yield started


@pytest.fixture(scope="module")
def results(store: Server) -> Mapping[tuple[str, str], Result]:
    """What every check says of every case."""
    compilation = slogen.compile({"case.yaml": text()}, targets=["prometheus"])
    with closing(connect(access(store.url))) as connection:
        found = validate(compilation.slos, connection, connection.now(), at_once=8, tell=lambda: None)
        assert connection.requests <= 30 * len(compilation.slos)
    return {(result.slo.name, result.check): result for result in found}


@pytest.mark.parametrize("name", CASES)
def test_a_check_finds_what_it_finds_on_prometheus_or_is_not_checked_with_a_reason(
    name: str, results: Mapping[tuple[str, str], Result]
) -> None:
    case = CASES[name]
    result = results[name, case.check]

    said = [finding.message for finding in result.findings] or list(result.reasons)
    if name in OTHERWISE:
        assert result.state is not State.PASSED, said
        assert any(OTHERWISE[name] in reason for reason in result.reasons), result
        return
    if name in DROPPED:
        assert result.state is State.PASSED, said
        return
    expected = {FOUND: State.FOUND, WARNED: State.FOUND, UNSURE: State.NOT_CHECKED, PASSED: State.PASSED}
    assert result.state is expected[case.outcome], said
    assert re.search(case.said, " | ".join(said)), said


def test_the_adapter_is_answered_as_by_prometheus(store: Server) -> None:
    with closing(connect(access(store.url))) as connection:
        now = connection.now()
        assert abs(now - time.time()) < 60
        assert [sample.value for sample in connection.query("vector(2)", now)] == [2]
        assert connection.query("absent_metric", now) == ()
        span = Span(1_700_000_000, 1_700_000_000 + 20_000 * 15, 15)
        (points,) = connection.query_range("vector(time())", span)
        assert [moment for moment, _ in points.values] == list(range(span.start, span.end + 1, 15))
        assert all(moment == value for moment, value in points.values)
        selector = 'shop_requests_total{job="shop"}'
        assert {"job", "code"} <= {*connection.label_names(selector, now - 3_600, now)}
        assert {"200", "500"} <= {*connection.label_values("code", selector, now - 3_600, now)}
        assert "shop_requests_total" in connection.label_values("__name__", "", now - 3_600, now)
        assert connection.types("shop_requests_total") == ()
        with pytest.raises(RefusedError, match=r"422: .*up"):
            connection.query("up{", now)
        with pytest.raises(RefusedError, match=r"it evaluates no rules; .* --rules-url"):
            connection.rules()


def test_what_vmalert_records_is_held_against_the_counters(
    victoriametrics: Path, vmalert: Path, tmp_path: Path
) -> None:
    slos = HEAD + slo("steady", "steady") + slo("errors-in-the-gap", "gap")
    compilation = slogen.compile({"shop.yaml": slos}, targets=["prometheus"])
    groups = backfill.chosen(yaml.safe_load(compilation.artifacts[0].text)["groups"], recorded)
    check = checks.load("recorded-against-raw")
    with victoria.storing(victoriametrics, tmp_path / "store") as store:
        victoria.load(store, made())
        victoria.records(vmalert, tmp_path / "rules", store, groups, ((BEGIN, GAP[0]), (GAP[1], END)))
        with closing(connect(access(store.url))) as connection:
            asking = Asking(connection, END)
            steady, gap = (list(check(one, asking)) for one in compilation.slos)
    assert steady == []
    (found,) = gap
    assert isinstance(found, Finding)
    assert re.search(r"is recorded as 0\.2.* %, and the counters say 1\.8. %", found.message)


def test_rules_that_vmalert_evaluates_are_looked_at_where_they_are(
    victoriametrics: Path, vmalert: Path, tmp_path: Path
) -> None:
    (tmp_path / "slos").mkdir()
    (tmp_path / "slogen.yaml").write_text("scrape_interval: 30s\n")
    (tmp_path / "slos/shop.yaml").write_text(HEAD + slo("steady", "steady"))
    assert slogen_("compile", cwd=tmp_path).returncode == 0
    rules = tmp_path / "vmalert/rules"
    rules.mkdir(parents=True)
    text = (tmp_path / "generated/prometheus/shop.rules.yaml").read_text()
    (rules / "shop.yaml").write_text(text)
    with (
        victoria.storing(victoriametrics, tmp_path / "store") as store,
        victoria.evaluating(vmalert, tmp_path / "vmalert", store) as ruler,
    ):
        alone, both = (
            json.loads(slogen_("validate", "--prometheus", store.url, "--format", "json", *more, cwd=tmp_path).stdout)
            for more in ((), ("--rules-url", ruler.url))
        )
    states = [
        {one["check"]: (one["state"], one["not_checked"]) for one in told["results"]}["deployed-rules"]
        for told in (alone, both)
    ]
    assert states[0][0] == "not checked"
    assert "name its address as --rules-url" in states[0][1][0]
    assert states[1] == ("passed", [])

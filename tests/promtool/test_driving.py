"""`slogen test`: what it says and how it exits, and the input that is found for an SLO."""

import json
import stat
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from command import slogen
from slogen.promql import Matcher, Selector
from slogen.promql.examples import besides, labels, texts

SLOS = """\
apiVersion: slogen/v1
service: shop
slos:
  - name: probe
    objective: 99
    sli: {probe: {gauge: probe_success}}
    alerting: {page: false, ticket: false, no_data: false}
  - name: odd
    objective: 99
    sli: {ratio: {query: 'sum(rate(a[$window])) / (sum(rate(b[$window])) > 3)'}}
    alerting: {page: false, ticket: false, no_data: false}
"""

NATIVE_TOO = """\
apiVersion: slogen/v1
service: shop
slos:
  - name: counted
    objective: 99.9
    sli: {availability: {total: a_total, bad: b_total}}
    alerting: {ticket: false, no_data: false}
  - name: native
    objective: 99.9
    sli: {latency: {histogram: c_seconds, threshold: 1s, native: true}}
    alerting: {page: false, ticket: false, no_data: false}
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "slogen.yaml").touch()
    (tmp_path / "slos").mkdir()
    (tmp_path / "slos/shop.yaml").write_text(SLOS)
    return tmp_path


def test_what_is_proven_and_what_cannot_be_is_told_for_people_programs_and_ci(project: Path, promtool: Path) -> None:
    done = slogen("test", "--promtool", promtool, "--format", "json", "--junit", "out.xml", cwd=project)

    states = {(one["slo"], one["case"]): one["state"] for one in json.loads(done.stdout)}
    assert done.returncode == 0
    assert states == {
        ("shop-probe", "healthy traffic stays silent"): "passed",
        ("shop-odd", "not proven"): "unproven",
    }
    written = ET.parse(project / "out.xml")  # noqa: S314 - written by slogen
    cases = {case.get("classname"): [one.tag for one in case] for case in written.iter("testcase")}
    assert cases == {"shop-probe": [], "shop-odd": ["skipped"]}
    assert not (project / "generated").exists()


SHARED = """\
apiVersion: slogen/v1
service: shop
slos:
  - name: one
    objective: 99.9
    sli: {availability: {total: a_total, bad: b_total}}
    alerting: {page: false}
  - name: two
    objective: 99
    sli: {availability: {total: a_total, bad: c_total}}
    alerting: {page: false}
"""


def test_what_alerts_say_is_not_proven_where_slos_cannot_all_be_fed_at_once(project: Path, promtool: Path) -> None:
    for slos, said in (
        (SHARED, ["what alerts say"]),
        (SHARED.replace("total: a_total, bad: c", "total: d, bad: c"), []),
    ):
        (project / "slos/shop.yaml").write_text(slos)
        done = slogen("test", "--promtool", promtool, "--format", "json", cwd=project)
        told = [one["said"].partition(":")[0] for one in json.loads(done.stdout) if one["state"] == "unproven"]
        assert (done.returncode, told) == (0, said)


def test_where_junit_cannot_be_written_is_told_before_anything_runs(project: Path) -> None:
    for place in ("missing/out.xml", "slos"):
        done = slogen("test", "--junit", place, "--promtool", "/bin/false", cwd=project)
        assert done.returncode == 2
        assert place.partition("/")[0] in done.stderr
        assert "promtool" not in done.stderr.replace("--promtool", "")


def test_without_a_promtool_it_says_what_to_install(project: Path) -> None:
    done = slogen("test", cwd=project, env={"PATH": str(project)})

    assert done.returncode == 2
    assert "there is no promtool on the PATH; it comes with Prometheus: apt install prometheus" in done.stderr


@pytest.mark.parametrize("named", ["./tool", "tool"])
def test_a_promtool_may_be_named_from_where_one_is(project: Path, promtool: Path, named: str) -> None:
    (project / "tool").symlink_to(promtool)

    assert slogen("test", "--promtool", named, cwd=project).returncode == 0


def test_a_promtool_may_be_named_as_it_is_called_on_the_path(project: Path, promtool: Path) -> None:
    (project / "bin").mkdir()
    (project / "bin/promtool3").symlink_to(promtool)
    path = {"PATH": str(project / "bin")}

    assert slogen("test", "--promtool", "promtool3", cwd=project, env=path).returncode == 0
    assert "promtool9 does not exist" in slogen("test", "--promtool", "promtool9", cwd=project, env=path).stderr


@pytest.mark.parametrize(
    ("says", "told"),
    [
        ("echo 'promtool, version 2.30.0'", "is of version 2.30, and the rules need 2.42"),
        ("echo hello", "is no promtool"),
        ("[ $1 = --version ] && echo 'promtool, version 3.5.3' && exit; echo no; exit 1", "cannot read the tests"),
        ("[ $1 = --version ] && echo 'promtool, version 3.5.3' && exit; kill -9 $$", "was ended by signal 9 and did"),
        ("[ $1 = --version ] && echo 'promtool, version 3.5.3' && exit; exit 1", "ended with 1 and did not tell"),
    ],
)
def test_a_promtool_that_cannot_judge_is_refused(project: Path, says: str, told: str) -> None:
    fake = project / "promtool"
    fake.write_text(f"#!/bin/sh\n{says}\n")
    fake.chmod(fake.stat().st_mode | stat.S_IXUSR)

    done = slogen("test", "--promtool", fake, cwd=project)

    assert done.returncode == 2
    assert told in done.stderr


def test_a_service_whose_every_slo_is_proven_is_read_by_both_promtools_native_histograms_or_not(
    project: Path, promtool2: Path, promtool3: Path
) -> None:
    (project / "slos/shop.yaml").write_text(NATIVE_TOO)
    counts = {}
    for tool in (promtool2, promtool3):
        done = slogen("test", "--promtool", tool, "--format", "json", cwd=project)
        assert done.returncode == 0, done.stderr
        states = {(one["slo"], one["case"]): one["state"] for one in json.loads(done.stdout)}
        counts[tool] = states["shop-counted", "alerts say what has happened"]

    assert counts == {promtool2: "skipped", promtool3: "passed"}


def test_a_test_that_cannot_be_read_is_refused_in_promtools_words(project: Path, promtool: Path) -> None:
    (project / "templates/promtool").mkdir(parents=True)
    (project / "templates/promtool/tests.yaml.j2").write_text("[[ header ]]\ntests: nothing\n")

    done = slogen("test", "--promtool", promtool, "--templates", "templates", cwd=project)

    assert done.returncode == 2
    assert "promtool cannot read the tests or the rules" in done.stderr


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("5..", "500"),
        ("GET|POST", "GET"),
        (r"/api/v1/query(_range)?", "/api/v1/query_range"),
        ("(?i)unknown|internal", "unknown"),
    ],
)
def test_a_text_is_found_that_a_pattern_matches(pattern: str, text: str) -> None:
    assert texts(pattern)[0] == text


@pytest.mark.parametrize("pattern", [r"\Qx\E", "[[:alpha:]]+", "(?=x)", "(?U)x+"])
def test_what_python_does_not_read_as_prometheus_does_has_no_example(pattern: str) -> None:
    assert labels(Selector("a", (Matcher("x", "=~", pattern),)), {}) is None


def test_a_good_series_is_one_of_the_total_that_is_not_bad() -> None:
    total = Selector("a", (Matcher("job", "=", "x"),))

    assert besides(total.where(Matcher("code", "=~", "5..")), total, {}) == {"__name__": "a", "job": "x"}
    assert besides(total.where(Matcher("code", "!~", "2..")), total, {}) == {"__name__": "a", "job": "x", "code": "200"}
    insensitive = besides(total.where(Matcher("code", "!~", "(?i)unknown|internal")), total, {})
    assert insensitive == {"__name__": "a", "job": "x", "code": "unknown"}
    assert besides(total, total, {}) is None

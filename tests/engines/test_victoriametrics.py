"""Rules for VictoriaMetrics: vmalert takes them, no rule waits for one beside it, and an outage fires there in time."""

import json
import re
import subprocess
import time
from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, Phase, assume, given, settings

from engines.reading import (
    ORGANISATION,
    SLOS,
    base_expressions,
    but_for_bases,
    compiled,
    documents,
    every_group,
    problems,
    rules,
    service,
)
from engines.shop import Shop
from live.exporter import exporting, serving
from live.server import Toolchain, eventually
from live.server import running as prometheus_running
from live.test_rules import RECORDS, amiss, feature_rich, labelled, missing, untrue
from live.victoria import evaluating, settle, storing
from slo_strategies import ORGANISATION as POLICIES
from slo_strategies import services, written
from slogen import Compilation, CompileError
from slogen.backends import _metricsql
from slogen.gotemplate import functions as templates
from slogen.promql import functions
from slogen.promql.scanner import scan
from slogen.promql.selector import NEWEST

NAME = "victoriametrics"
LIVE = ("kinds-hierarchical", "mixed")
"""Every kind of SLI, and every strategy."""
ALL = 5
OBJECTS = "\nvictoriametrics: {kind: VMRule, namespace: monitoring}\n"


def refused(vmalert: Path, folder: Path, files: Mapping[str, str]) -> dict[str, str]:
    """What vmalert says of each rule file that it would not load."""
    said = {}
    for name, text in files.items():
        path = folder / "one.rules.yaml"
        path.write_text(text, "utf-8")
        done = subprocess.run([vmalert, "-dryRun", f"-rule={path}"], check=False, capture_output=True, text=True)
        if done.returncode:
            said[name] = done.stdout + done.stderr
    return said


def texts(compilation: Compilation) -> dict[str, str]:
    return {artifact.path: artifact.text for artifact in compilation.artifacts}


APART = {"slo:period_error_budget_remaining:ratio", "slo_info"}


def plain(found: list[tuple[Any, ...]]) -> list[str]:
    """Rules as text, in any order and in whatever group, without what is said otherwise here."""
    kept = [rule for _, _, rule in found if rule.get("record") not in APART]
    return sorted(json.dumps(rule, sort_keys=True) for rule in kept)


def test_the_rules_of_every_example_are_those_for_prometheus_but_read_no_record_for_a_base_series(
    vmalert: Path, tmp_path: Path
) -> None:
    compilation, there = compiled(SLOS, NAME, ORGANISATION), rules(compiled(SLOS, "prometheus", ORGANISATION))

    assert plain(but_for_bases(rules(compilation))) == plain(but_for_bases(there))
    assert not any("slo:sli" in expr for expr in base_expressions(rules(compilation)))
    assert refused(vmalert, tmp_path, texts(compilation)) == {}


def test_objects_hold_the_same_groups_and_are_what_the_definition_takes() -> None:
    files, found = (
        documents(compiled(SLOS, NAME, ORGANISATION)),
        documents(compiled(SLOS, NAME, ORGANISATION + OBJECTS)),
    )

    assert {document["kind"] for listed in found.values() for document in listed} == {"VMRule"}
    assert not [problem for listed in found.values() for document in listed for problem in problems(document)]
    for path, (document,) in files.items():
        assert [group for one in found[path] for group in one["spec"]["groups"]] == document["groups"]


def seconds(text: str) -> int:
    return int(text[:-1]) * {"s": 1, "m": 60}[text[-1]]


def reads(rule: Mapping[str, Any]) -> set[str]:
    return {selector.metric for selector in scan(rule["expr"], NEWEST).selectors}


def staggered(groups: Iterable[dict[str, Any]]) -> None:
    """No rule reads what is recorded beside it, and none is evaluated outside of its interval."""
    for group in groups:
        recorded = {rule["record"] for rule in group["rules"] if "record" in rule}
        for rule in group["rules"]:
            beside = recorded & reads(rule) - {rule.get("record")}
            assert not beside, f"{group['name']}: {rule} reads {beside}"
        assert 0 <= seconds(group["eval_offset"]) < seconds(group["interval"])
        records = any(one.startswith("slo:") for rule in group["rules"] for one in reads(rule))
        assert group.get("params") == ({"latency_offset": ["1ms"]} if records else None)


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
@given(spec=services())
def test_so_are_those_of_any_right_service(
    spec: dict[str, Any], vmalert: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    spec["slos"] = [slo for slo in spec["slos"] if "native" not in slo["sli"].get("latency", ())]
    assume(spec["slos"])
    files = {"slos/x.yaml": written(spec).encode()}
    compilation, there = compiled(files, NAME, POLICIES), rules(compiled(files, "prometheus", POLICIES))

    assert plain(but_for_bases(rules(compilation))) == plain(but_for_bases(there))
    assert not any("slo:sli" in expr for expr in base_expressions(rules(compilation)))
    staggered(every_group(compilation))
    assert refused(vmalert, tmp_path_factory.mktemp("nasty"), texts(compilation)) == {}
    for listed in documents(compiled(files, NAME, POLICIES + OBJECTS)).values():
        assert not [problem for document in listed for problem in problems(document)]


def test_base_series_ratios_and_alerts_follow_each_other_within_the_interval() -> None:
    files = service("shop", "up", more=", scrape_interval: 30s")
    found = {group["name"]: group for group in every_group(compiled(files, NAME))}

    staggered(found.values())
    assert {name: (group["interval"], group["eval_offset"]) for name, group in found.items()} == {
        "slogen-shop-fast-1": ("30s", "0s"),
        "slogen-shop-fast-2": ("30s", "10s"),
        "slogen-shop-fast-3": ("30s", "20s"),
        "slogen-shop-slow-1": ("2m", "0s"),
        "slogen-shop-slow-2": ("2m", "10s"),
        "slogen-shop-slow-3": ("2m", "20s"),
        "slogen-shop-slow-4": ("2m", "30s"),
        "slogen-shop-tier-1": ("3m", "10s"),
        "slogen-shop-tier-2": ("3m", "20s"),
    }
    assert {next(iter(rule)) for rule in found["slogen-shop-fast-3"]["rules"]} == {"alert"}


@pytest.mark.parametrize(("interval", "step"), [("5s", 1), ("15s", 5), ("75s", 25), ("1m30s", 30), ("2m30s", 30)])
def test_a_stage_is_thirty_seconds_after_the_one_before_it_at_most(interval: str, step: int) -> None:
    files = service("shop", "up", more=f", scrape_interval: {interval}")
    groups = list(every_group(compiled(files, NAME)))

    assert {seconds(group["eval_offset"]) for group in groups} == {0, step, 2 * step, 3 * step}


QUERY = "query: {{total: 'sum(rate(a[$window]))', bad: '{}'}}"


def told(sli: str, more: str = "") -> list[tuple[str, str]]:
    slo = f"{{name: a, objective: 99, sli: {{{sli}}}{more}}}"
    file = {"slos/shop.yaml": f"apiVersion: slogen/v1\nservice: shop\nslos:\n  - {slo}\n".encode()}
    try:
        found = compiled(file, NAME, "prometheus_version: 99.0\nvictoriametrics: {kind: vmalert}").warnings
    except CompileError as error:
        found = error.diagnostics
    return [(one.code, one.message) for one in found]


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("sum(info(rate(a[$window])))", "sum(rate(info[$window]))"),
        ("sum(histogram_count(rate(a[$window])))", "sum(histogram_fraction(0, 1, rate(a[$window])))"),
        ("sum(limit_ratio(0.5, rate(a[$window])))", 'sum(limitk(5, rate(a{b="limit_ratio"}[$window])))'),
        ("sum(rate(a[$window] smoothed))", "sum(rate(smoothed[$window]))"),
    ],
)
def test_a_query_that_metricsql_cannot_evaluate_is_refused_and_the_near_miss_is_not(wrong: str, right: str) -> None:
    ((code, message),) = told(QUERY.format(wrong))

    assert code == f"{NAME}-cannot"
    assert "MetricsQL does not know" in message
    assert told(QUERY.format(right)) == []


def test_native_histograms_are_refused() -> None:
    latency = "latency: {{histogram: a_seconds, threshold: 1s{}}}"

    assert [code for code, _ in told(latency.format(", native: true"))] == [f"{NAME}-cannot"]
    assert told(latency.format("")) == []


@pytest.mark.parametrize("where", ["annotations: {{note: '{}'}}", "alerting: {{no_data: {{labels: {{note: '{}'}}}}}}"])
def test_a_template_that_vmalert_cannot_fill_is_refused_and_the_near_miss_is_not(where: str) -> None:
    probe = "probe: {gauge: up}"

    ((code, message),) = told(probe, ", " + where.format('{{ graphLink "up" }}'))

    assert (code, "'graphLink'" in message) == (f"{NAME}-cannot", True)
    assert told(probe, ", " + where.format('graphLink {{ "up" | query }}')) == []


def test_owner_and_description_that_vmalert_would_take_for_a_template_are_told_and_others_stay() -> None:
    def info(owner: str) -> tuple[list[str], str]:
        files = {"slos/shop.yaml": service("shop", "up")["slos/shop.yaml"] + f"owner: '{owner}'\n".encode()}
        compilation = compiled(files, NAME, OBJECTS)
        (found,) = [rule for _, _, rule in rules(compilation) if rule.get("record") == "slo_info"]
        return [one.code for one in compilation.warnings], found["labels"]["owner"]

    assert info("a {{ b }}") == ([f"{NAME}-differs"], "a { { b }}")
    assert info("a { b }") == ([], "a { b }")


def test_what_is_late_is_told_once_unless_somebody_chose_it() -> None:
    files = service("shop", "up") | service("bank", "up")

    (warning,) = compiled(files, NAME).warnings

    assert (str(warning.position), warning.code) == ("slogen.yaml:1:1", f"{NAME}-differs")
    assert not compiled(files, NAME, OBJECTS).warnings


def rule(**fields: Any) -> dict[str, Any]:
    return {"name": "one", "rules": [{"expr": "up", **fields}]}


def test_what_vmalert_lacks_of_promql_and_templates_is_just_what_is_listed(vmalert: Path, tmp_path: Path) -> None:
    listed = _metricsql.FUNCTIONS | _metricsql.AGGREGATIONS | _metricsql.TEMPLATE_FUNCTIONS
    features = {"up + fill(0) up", "rate(up[5m*2])", "rate(up[5m] anchored)", "up >/ up"}
    calls = [name for name in functions.FUNCTIONS if name not in ("time", "pi")]
    tried = {name: rule(record="a", expr=f"sum({name}(up))") for name in (*calls, *functions.AGGREGATIONS)}
    tried |= {text: rule(record="a", expr=text) for text in features}
    tried |= {name: rule(alert="A", annotations={"a": f'{{{{ {name} "1" }}}}'}) for name in templates.FUNCTIONS}
    lacking = {name: json.dumps({"groups": [group]}) for name, group in tried.items() if name in listed | features}
    others = [{**group, "name": name} for name, group in tried.items() if name not in lacking]

    assert set(refused(vmalert, tmp_path, lacking)) == listed | features
    assert refused(vmalert, tmp_path, {"others": json.dumps({"groups": others})}) == {}


def hurried(text: str) -> str:
    """A rule file whose groups are evaluated every few seconds; a stage is a second after the one before it."""
    groups = yaml.safe_load(text)["groups"]
    offsets: dict[str, set[int]] = {}
    for group in groups:
        offsets.setdefault(rule_set(group), set()).add(seconds(group["eval_offset"]))

    def stage(group: dict[str, Any]) -> int:
        return sorted(offsets[rule_set(group)]).index(seconds(group["eval_offset"]))

    return json.dumps({"groups": [{**one, "interval": "4s", "eval_offset": f"{stage(one)}s"} for one in groups]})


def rule_set(group: Mapping[str, Any]) -> str:
    """What the names of all groups begin with that read one another."""
    return re.sub(r"-(fast|slow|tier)-\d+$", "", group["name"])


def test_every_kind_of_sli_records_the_truth_and_alerts_in_victoriametrics(
    vmalert: Path, victoriametrics: Path, tmp_path: Path
) -> None:
    """As in the live tests of Prometheus: of events whose share of errors is known."""
    compilations = [one for one in islice(feature_rich(NAME), ALL) if one.rules[0].service in LIVE]
    assert tuple(one.rules[0].service for one in compilations) == LIVE
    slos = [slo for one in compilations for slo in one.slos]
    put(tmp_path, {artifact.path: hurried(artifact.text) for one in compilations for artifact in one.artifacts})
    with exporting() as shop:
        scraped = scraping(shop, "1s")
        with (
            storing(victoriametrics, tmp_path, scraped, "-search.latencyOffset=1ms") as store,
            evaluating(vmalert, tmp_path, store, "-remoteWrite.flushInterval=500ms") as ruler,
        ):

            def lacking() -> set[tuple[str, str, str]]:
                settle(store)
                return missing(slos, store)

            assert eventually(lacking, lambda found: not found) == set()
            full = [slo for slo in slos if not slo.weigh_coverage]
            assert eventually(lambda: amiss(full, ruler), lambda found: not found) == set()
            assert eventually(lambda: untrue(store), lambda found: not found) == []
            every = {slo.id: replace(slo, owner=slo.owner.replace("{{", "{ {")) for slo in slos}
            assert [one for one in store.query(RECORDS) if not labelled(one, every[one.labels["slo_id"]])] == []
            assert [one["lastError"] for one in ruler.rules() if one["lastError"]] == []


def put(folder: Path, files: Mapping[str, str]) -> None:
    """Write rule *files* to where vmalert reads them."""
    (folder / "rules").mkdir(parents=True)
    for path, text in files.items():
        (folder / "rules" / Path(path).name).write_text(text, "utf-8")


def scraping(shop: str, interval: str) -> dict[str, Any]:
    """The configuration of who scrapes the *shop*."""
    job = {"job_name": "shop", "scrape_interval": interval, "static_configs": [{"targets": [shop]}]}
    return {"scrape_configs": [job]}


OUTAGE = b"""
apiVersion: slogen/v1
service: shop
slos:
  - name: up
    objective: 99.9
    scrape_interval: 5s
    sli: {availability: {total: requests_total, bad: 'requests_total{code="500"}'}}
    alerting: {ticket: false, weigh_coverage: false}
"""
INTERVAL_SECONDS = 5
STAGES = 2
HEALTHY_SECONDS = 15


def test_an_outage_fires_within_the_time_of_prometheus_and_thirty_seconds_a_stage_and_one_interval(
    vmalert: Path, victoriametrics: Path, prometheus3: Path, promtool3: Path, tmp_path: Path
) -> None:
    """Both scrape the same shop, and evaluate the same SLO."""
    folders = {target: tmp_path / target for target in (NAME, "prometheus")}
    for target, folder in folders.items():
        put(folder, texts(compiled({"slos/shop.yaml": OUTAGE}, target)))
    shop, fired = Shop(), dict[str, float]()
    with serving(shop.metrics) as address:
        scrapes = scraping(address, "5s")
        with (
            storing(victoriametrics, folders[NAME], scrapes) as store,
            evaluating(vmalert, folders[NAME], store) as ruler,
            prometheus_running(
                Toolchain(3, prometheus3, promtool3),
                folders["prometheus"],
                lambda _port: {**scrapes, "rule_files": ["rules/*.yaml"]},
            ) as prometheus,
        ):
            time.sleep(HEALTHY_SECONDS)
            assert not prometheus.firing()
            shop.broken = time.time()
            while len(fired) < len(folders) and time.time() < shop.broken + 150:
                alerts = {"prometheus": prometheus.firing(), NAME: ruler.firing()}
                fired |= {target: time.time() for target, found in alerts.items() if found and target not in fired}
                time.sleep(0.2)
            failed = [one["lastError"] for one in ruler.rules() if one["lastError"]]

    assert not failed
    assert set(fired) == set(folders)
    assert fired[NAME] - fired["prometheus"] <= 30 * STAGES + INTERVAL_SECONDS

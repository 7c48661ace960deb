"""Objects that Google's operator takes: nothing in them clashes with the labels that it sets itself."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from engines.reading import (
    ORGANISATION,
    SLOS,
    base_expressions,
    but_for_bases,
    compiled,
    documents,
    every_group,
    problems,
    promtool_takes,
    rules,
    service,
)
from slo_strategies import ORGANISATION as POLICIES
from slo_strategies import services, written
from slogen import Compilation, CompileError
from slogen.promql.scanner import scan
from slogen.promql.selector import NEWEST

NAME = "google-managed-prometheus"
KIND = "\ngoogle_managed_prometheus: {{kind: {}, namespace: shop}}\n"
ADDED = {
    "Rules": {"project_id", "location", "cluster", "namespace"},
    "ClusterRules": {"project_id", "location", "cluster"},
}
HERE = {name: content for name, content in SLOS.items() if "/cloud/" not in name}


def refused(compilation: Compilation, kind: str) -> list[str]:
    """What the operator would refuse: a rule's label, or a matcher that is not its own, by a name that it sets."""
    every = [rule for _, _, rule in rules(compilation)]
    labels = [label for rule in every for label in rule["labels"]]
    selectors = [selector for rule in every for selector in scan(rule["expr"], NEWEST).selectors]
    matchers = [one.label for selector in selectors for one in selector.matchers if str(one) != 'namespace="shop"']
    return [label for label in (*labels, *matchers) if label in ADDED.get(kind, ())]


@pytest.mark.parametrize("kind", ["Rules", "ClusterRules", "GlobalRules"])
def test_the_rules_of_every_example_are_those_for_prometheus_but_read_no_record_for_a_base_series(
    kind: str, promtool2: Path, tmp_path: Path
) -> None:
    compilation = compiled(HERE, NAME, ORGANISATION + KIND.format(kind))
    there = rules(compiled(HERE, "prometheus", ORGANISATION))

    found = [document for listed in documents(compilation).values() for document in listed]
    assert {document["kind"] for document in found} == {kind}
    assert {document["metadata"].get("namespace") for document in found} == {"shop" if kind == "Rules" else None}
    assert not [problem for document in found for problem in problems(document)]
    assert but_for_bases(rules(compilation)) == but_for_bases(there)
    assert not any("slo:sli" in expr for expr in base_expressions(rules(compilation)))
    assert any("slo:sli" in expr for expr in base_expressions(there))
    assert not refused(compilation, kind)
    promtool_takes(promtool2, list(every_group(compilation)), tmp_path)


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(spec=services())
def test_so_are_those_of_any_right_service(spec: dict[str, Any]) -> None:
    files = {"slos/x.yaml": written(spec).encode()}
    compilation = compiled(files, NAME, POLICIES)

    left = {rule["labels"]["slo_name"] for _, _, rule in rules(compilation) if "slo_name" in rule["labels"]}
    skipped = [one for one in compilation.warnings if one.code == f"{NAME}-skips"]
    assert len(left) + len(skipped) == len(spec["slos"])
    for listed in documents(compilation).values():
        assert not [problem for document in listed for problem in problems(document)]
    assert not any("slo:sli" in expr for expr in base_expressions(rules(compilation)))
    assert not refused(compilation, "ClusterRules")


SLO = "{{name: a, objective: 99.9, sli: {{{sli}}}{more}}}"
PROBE = "probe: {{gauge: 'up{{{}}}'}}"
QUERY = "query: {{total: 'sum(rate(a[$window]))', bad: 'sum(rate(a{{code=\"500\",{}}}[$window]))'}}"


def told(slo: str, kind: str) -> list[str]:
    file = {"slos/shop.yaml": f"apiVersion: slogen/v1\nservice: shop\nslos:\n  - {slo}\n".encode()}
    try:
        return [one.code.removeprefix(f"{NAME}-") for one in compiled(file, NAME, KIND.format(kind)).warnings]
    except CompileError as error:
        return [one.code.removeprefix(f"{NAME}-") for one in error.diagnostics]


@pytest.mark.parametrize("sli", [PROBE, QUERY])
@pytest.mark.parametrize(
    ("matcher", "refused_by"),
    [
        ('cluster="a"', {"Rules", "ClusterRules"}),
        ('cluster=~"a|b"', {"Rules", "ClusterRules"}),
        ('location!="a"', {"Rules", "ClusterRules"}),
        ('project_id="a"', {"Rules", "ClusterRules"}),
        ('namespace="other"', {"Rules"}),
        ('namespace=~"shop"', {"Rules"}),
        ('namespace="shop"', set()),
        ('clusters="a"', set()),
    ],
)
def test_a_matcher_that_the_operator_would_refuse_is_refused_and_the_near_miss_is_not(
    sli: str, matcher: str, refused_by: set[str]
) -> None:
    slo = SLO.format(sli=sli.format(matcher), more="")

    for kind in ("Rules", "ClusterRules", "GlobalRules"):
        assert told(slo, kind) == (["cannot"] if kind in refused_by else [])


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        (", labels: {cluster: a}", ["cannot"]),
        (", alerting: {page: {labels: {location: a}}}", ["cannot"]),
        (", alerting: {no_data: {labels: {project_id: a}}}", ["cannot"]),
        (", labels: {namespace: a}", []),
        (", labels: {clusters: a}", []),
        (", group_by: [cluster]", ["differs"]),
        (", group_by: [namespace]", []),
    ],
)
def test_a_label_that_the_operator_sets_is_refused_on_rules_and_told_in_groups(more: str, expected: list[str]) -> None:
    slo = SLO.format(sli=PROBE.format(""), more=more)

    assert told(slo, "ClusterRules") == expected
    assert told(slo, "GlobalRules") == []


def test_the_metrics_of_google_cloud_are_there_for_global_rules_alone() -> None:
    slo = SLO.format(sli="availability: {preset: gcp-cloud-run, with: {service_name: shop}}", more="")

    assert told(slo, "Rules") == told(slo, "ClusterRules") == ["skips"]
    assert told(slo, "GlobalRules") == []


def test_what_is_late_and_whose_series_are_read_is_told_once_unless_somebody_chose_it() -> None:
    files = service("shop", "up") | service("bank", "up")

    (warning,) = compiled(files, NAME).warnings

    assert (str(warning.position), warning.code) == ("slogen.yaml:1:1", f"{NAME}-differs")
    assert not compiled(files, NAME, KIND.format("ClusterRules")).warnings

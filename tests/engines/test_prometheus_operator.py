"""Objects that the Prometheus Operator takes, with the rules of the target ``prometheus`` in them."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from engines.reading import (
    ORGANISATION,
    SLOS,
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
from slogen import CompileError

NAME = "prometheus-operator"
LARGEST = 240 * 1024


def go_size(document: Any) -> int:
    """The bytes of a document in JSON, as Go writes it."""
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    for char in "<>&\u2028\u2029":
        text = text.replace(char, "\\u0000")
    return len(text.encode())


def test_the_rules_of_every_example_are_those_for_prometheus_in_an_object_that_the_definition_takes(
    promtool2: Path, tmp_path: Path
) -> None:
    compilation = compiled(SLOS, NAME, ORGANISATION)

    found = [document for listed in documents(compilation).values() for document in listed]
    assert {document["kind"] for document in found} == {"PrometheusRule"}
    assert not [problem for document in found for problem in problems(document)]
    assert rules(compilation) == rules(compiled(SLOS, "prometheus", ORGANISATION))
    promtool_takes(promtool2, list(every_group(compilation)), tmp_path)


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(spec=services())
def test_so_are_those_of_any_right_service(spec: dict[str, Any]) -> None:
    files = {"slos/x.yaml": written(spec).encode()}
    compilation = compiled(files, NAME, POLICIES)

    for listed in documents(compilation).values():
        assert not [problem for document in listed for problem in problems(document)]
        assert all(go_size(document) <= LARGEST for document in listed)
    assert rules(compilation) == rules(compiled(files, "prometheus", POLICIES))


@pytest.mark.parametrize(
    ("path", "change"),
    [
        ((), {"spec": {}}),
        (("metadata",), {"name": "Shop"}),
        (("spec", "groups", 0), {"interval": "1 minute"}),
        (("spec", "groups", 0), {"eval_offset": "1s"}),
        (("spec", "groups", 1), {"name": "slogen-shop-fast"}),
        (("spec", "groups", 0, "rules", 0), {"alert": "Both"}),
        (("spec", "groups", 0, "rules", 0), {"for": "1m"}),
    ],
)
def test_the_definition_refuses_what_the_operator_would(path: tuple[Any, ...], change: dict[str, Any]) -> None:
    ((document,),) = documents(compiled(service("shop", "up"), NAME)).values()
    assert not problems(document)

    at: Any = document
    for step in path:
        at = at[step]
    at.update(change)

    assert problems(document)


def test_name_namespace_labels_and_annotations_are_settings() -> None:
    settings = (
        "prometheus_operator: {name: 'team.{service}-slos', namespace: monitoring, "
        "labels: {release: kube-prometheus-stack}, annotations: {example.com/owner: 'Payments & co'}}"
    )

    ((document,),) = documents(compiled(service("shop", "up"), NAME, settings)).values()

    assert document["metadata"] == {
        "name": "team.shop-slos",
        "namespace": "monitoring",
        "labels": {"release": "kube-prometheus-stack"},
        "annotations": {"example.com/owner": "Payments & co"},
    }
    assert not problems(document)


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("name: slogen", "name: 'slogen-{service}'"),
        ("name: 'S-{service}'", "name: 's-{service}'"),
        ("name: '{service}.'", "name: '{service}.x'"),
        ("name: 'a..{service}'", "name: 'a.{service}'"),
        ("namespace: a.b", "namespace: a-b"),
        ("namespace: Shop", "namespace: shop"),
        ("labels: {-a: b}", "labels: {a: b}"),
        ("labels: {a/b/c: d}", "labels: {a.b/c: d}"),
        ("labels: {a: b c}", "labels: {a: b_c}"),
        (f"labels: {{a: {'b' * 64}}}", f"labels: {{a: {'b' * 63}}}"),
    ],
)
def test_what_kubernetes_would_refuse_is_refused_and_the_near_miss_is_not(wrong: str, right: str) -> None:
    with pytest.raises(CompileError) as refused:
        compiled(service("shop", "up"), NAME, f"prometheus_operator: {{{wrong}}}")

    assert {one.code for one in refused.value.diagnostics} == {"bad-name"}
    ((document,),) = documents(compiled(service("shop", "up"), NAME, f"prometheus_operator: {{{right}}}")).values()
    assert not problems(document)


LONG = ", annotations: {{note: '{}'}}"


def objects(count: int, length: int) -> list[dict[str, Any]]:
    """The objects of a service of so many SLOs, each with an annotation of that length, on three alerts."""
    names = [f"s{number}" for number in range(count)]
    (listed,) = documents(compiled(service("shop", *names, more=LONG.format("<" * length)), NAME)).values()
    return listed


def test_a_service_over_240_kib_is_divided_into_objects_of_whole_slos_each_below() -> None:
    found = objects(12, 3000)

    assert [one["metadata"]["name"] for one in found] == ["slogen-shop", "slogen-shop.2", "slogen-shop.3"]
    assert all(go_size(one) <= LARGEST for one in found)
    assert go_size(found[0]) > LARGEST * 3 / 4
    assert not [problem for one in found for problem in problems(one)]
    assert [group["name"] for group in found[1]["spec"]["groups"]] == [
        "slogen-shop-2-fast",
        "slogen-shop-2-slow",
        "slogen-shop-2-tier",
    ]
    assert len(objects(4, 3000)) == 1


def slos_of(document: dict[str, Any]) -> list[str]:
    labels = [rule["labels"] for group in document["spec"]["groups"] for rule in group["rules"]]
    return list(dict.fromkeys(one["slo_name"] for one in labels if "slo_name" in one))


def test_an_slo_that_is_added_at_the_end_moves_no_other() -> None:
    before = [slos_of(one) for one in objects(11, 3000)]
    after = [slos_of(one) for one in objects(12, 3000)]

    assert [name for names in after for name in names] == [f"s{number}" for number in range(12)]
    assert [[name for name in names if name != "s11"] for names in after if names != ["s11"]] == before


def test_the_rules_of_a_pack_are_shared_by_its_own_slos_alone() -> None:
    every = [rule for document in objects(12, 3000) for group in document["spec"]["groups"] for rule in group["rules"]]
    hour = [rule["expr"] for rule in every if rule.get("record") == "slo:sli_error:ratio_rate1h"]

    named = [sorted(set(re.findall(r"shop-s\d+", one))) for one in hour]
    assert len(named) == 3
    assert sorted(name for names in named for name in names) == sorted(f"shop-s{n}" for n in range(12))
    assert not any("slo_service" in one for one in hour)


def test_an_isolated_slo_has_an_object_of_its_own_whose_name_no_service_can_take() -> None:
    files = service("shop", "up") | service("shop-edge", "up")
    files["slos/shop.yaml"] += b"  - {name: edge, objective: 99, sli: {probe: {gauge: up}}, isolated: true}\n"

    names = [one["metadata"]["name"] for listed in documents(compiled(files, NAME)).values() for one in listed]

    assert names == ["slogen-shop-edge", "slogen-shop", "slogen-shop.edge"]


def test_a_pack_takes_no_number_that_an_isolated_slo_is_called_by() -> None:
    names = [f"s{number}" for number in range(12)]
    files = service("shop", *names, more=LONG.format("<" * 3000))
    files["slos/shop.yaml"] += b"  - {name: '2', objective: 99, sli: {probe: {gauge: up}}, isolated: true}\n"
    (listed,) = documents(compiled(files, NAME)).values()

    found = [one["metadata"]["name"] for one in listed]

    assert found == ["slogen-shop", "slogen-shop.3", "slogen-shop.4", "slogen-shop.2"]


def test_an_slo_that_is_too_large_for_an_object_is_refused_where_it_stands() -> None:
    with pytest.raises(CompileError) as refused:
        compiled(service("shop", "up", "large", more=LONG.format("<" * 13_500)), NAME)

    told = [(str(one.position), one.code) for one in refused.value.diagnostics]
    assert told == [("slos/shop.yaml:4:5", f"{NAME}-cannot"), ("slos/shop.yaml:5:5", f"{NAME}-cannot")]
    compiled(service("shop", "up", "large", more=LONG.format("x" * 13_500)), NAME)

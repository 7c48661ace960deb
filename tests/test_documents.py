"""The schemas take what Cloud Monitoring takes, and find what it would refuse."""

import copy
import json
import re
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.json_format import ParseError
from jsonschema import Draft202012Validator

import cloud_documents
import slogen
from slogen import presets
from slogen.diagnostics import Level
from slogen.documents import Kind, UnfitDocumentError, judge, problems, schema

ROOT = Path(__file__).parent.parent
SLOS = ROOT / "slos/cloud"
FOLDER = ROOT / "generated/cloud-monitoring"
GENERATED = sorted(FOLDER.rglob("*.json"))

FILTER = 'metric.type="run.googleapis.com/request_count" AND resource.type="cloud_run_revision"'
SELECTOR = 'select_slo_burn_rate("projects/shop/services/cart/serviceLevelObjectives/up", "3600s")'

SERVICE: dict[str, Any] = {"displayName": "Cart", "custom": {}, "userLabels": {"team": "payments"}}
RATIO: dict[str, Any] = {
    "displayName": "99.9% available",
    "goal": 0.999,
    "rollingPeriod": "2592000s",
    "serviceLevelIndicator": {
        "requestBased": {
            "goodTotalRatio": {
                "totalServiceFilter": f'{FILTER} AND metric.labels.response_code_class!="4xx"',
                "badServiceFilter": f'{FILTER} AND metric.labels.response_code_class="5xx"',
            }
        }
    },
}
CUT: dict[str, Any] = {
    **RATIO,
    "serviceLevelIndicator": {
        "requestBased": {"distributionCut": {"distributionFilter": FILTER, "range": {"min": 0, "max": 0.1}}}
    },
}
POLICY: dict[str, Any] = {
    "displayName": "Cart burns its budget fast",
    "combiner": "AND",
    "severity": "CRITICAL",
    "documentation": {"content": "What it means.", "mimeType": "text/markdown"},
    "notificationChannels": ["projects/shop/notificationChannels/1"],
    "conditions": [
        {
            "displayName": "1h",
            "conditionThreshold": {
                "filter": SELECTOR,
                "comparison": "COMPARISON_GT",
                "thresholdValue": 14.4,
                "duration": "0s",
                "trigger": {"count": 1},
            },
        },
    ],
}
PROMQL: dict[str, Any] = {
    **POLICY,
    "conditions": [
        {
            "displayName": "3d",
            "conditionPrometheusQueryLanguage": {"query": "up > 0", "duration": "0s", "evaluationInterval": "90s"},
        }
    ],
}

INDICATOR = ("serviceLevelIndicator", "requestBased")
TOTAL = (*INDICATOR, "goodTotalRatio", "totalServiceFilter")
RANGE = (*INDICATOR, "distributionCut", "range")
CONDITION = ("conditions", 0, "conditionThreshold")
QUERY = ("conditions", 0, "conditionPrometheusQueryLanguage")
GONE = object()


def changed(document: dict[str, Any], path: tuple[str | int, ...], value: object) -> dict[str, Any]:
    """A copy of *document* with another value, or none, at *path*."""
    copied = copy.deepcopy(document)
    at: Any = copied
    for step in path[:-1]:
        at = at[step]
    if value is GONE:
        del at[path[-1]]
    else:
        at[path[-1]] = value
    return copied


@pytest.mark.parametrize("kind", list(Kind))
def test_every_schema_is_one_itself(kind: Kind) -> None:
    Draft202012Validator.check_schema(schema(kind))


@pytest.mark.parametrize(
    ("kind", "document"),
    [
        (Kind.SERVICE, SERVICE),
        (Kind.SLO, RATIO),
        (Kind.SLO, CUT),
        (Kind.ALERT_POLICY, POLICY),
        (Kind.ALERT_POLICY, PROMQL),
    ],
)
def test_a_right_document_passes_and_is_what_googles_types_read(kind: Kind, document: dict[str, Any]) -> None:
    judge(kind, document)

    read = cloud_documents.parse_and_print(kind, json.dumps(document))
    assert read == cloud_documents.without_zeros(document)


WRONG_AND_RIGHT = [
    # kind, document, where, what is wrong there, what is right there
    (Kind.SERVICE, SERVICE, ("custom",), GONE, {}),
    (Kind.SERVICE, SERVICE, ("custom",), {"name": "x"}, {}),
    (Kind.SERVICE, SERVICE, ("userLabels",), {"Team": "payments"}, {"team": "payments"}),
    (Kind.SERVICE, SERVICE, ("userLabels",), {"1team": "payments"}, {"team1": "payments"}),
    (Kind.SERVICE, SERVICE, ("userLabels",), {"team": "Payments"}, {"team": ""}),
    (Kind.SERVICE, SERVICE, ("userLabels",), {"team": "a" * 64}, {"team": "a" * 63}),
    (Kind.SERVICE, SERVICE, ("userLabels",), {f"k{n}": "" for n in range(65)}, {f"k{n}": "" for n in range(64)}),
    (Kind.SLO, RATIO, ("goal",), 1, 0.9999),
    (Kind.SLO, RATIO, ("goal",), 0.99991, 0.9999),
    (Kind.SLO, RATIO, ("goal",), 0, 0.0001),
    (Kind.SLO, RATIO, ("goal",), "0.999", 0.999),
    (Kind.SLO, RATIO, ("rollingPeriod",), "3600s", "86400s"),
    (Kind.SLO, RATIO, ("rollingPeriod",), "30d", "2592000s"),
    (Kind.SLO, RATIO, ("rollingPeriod",), "2678400s", "2505600s"),
    (Kind.SLO, RATIO, ("rollingPeriod",), "129600s", "172800s"),
    (Kind.SLO, RATIO, TOTAL, GONE, FILTER),
    (Kind.SLO, RATIO, (*TOTAL[:-1], "goodServiceFilter"), FILTER, GONE),
    (Kind.SLO, RATIO, TOTAL, f'({FILTER} OR metric.labels.a="b")', f'{FILTER} AND metric.labels.a="b OR c"'),
    (Kind.SLO, RATIO, TOTAL, f'{FILTER} AND metric.labels.a="b" OR metric.labels.a="c"', FILTER),
    (Kind.SLO, RATIO, TOTAL, f"{FILTER} AND metric.labels.a=~b", f'{FILTER} AND metric.labels.a="~b"'),
    (Kind.SLO, RATIO, TOTAL, f'{FILTER} AND metric.labels.a="b"c"', f'{FILTER} AND metric.labels.a="b\\"c"'),
    (Kind.SLO, RATIO, TOTAL, f'{FILTER} AND metric.labels.a=five"', f"{FILTER} AND metric.labels.a=5"),
    (Kind.SLO, RATIO, TOTAL, FILTER.replace(" AND ", "\nAND "), FILTER),
    (Kind.SLO, RATIO, TOTAL, 'metric.type="a/b"', 'metric.type="a/b" AND resource.type="c"'),
    (Kind.SLO, RATIO, TOTAL, f'{FILTER} AND metric.type="a/b"', f'{FILTER} AND metric.labels.metric="a/b"'),
    (
        Kind.SLO,
        RATIO,
        TOTAL,
        f"{FILTER} AND metric.labels.a=full_match('5..')",
        f'{FILTER} AND metric.labels.a=monitoring.regex.full_match("5..")',
    ),
    (Kind.SLO, CUT, RANGE, {"max": 0.1}, {"min": 0, "max": 0.1}),
    (Kind.SLO, CUT, RANGE, {"min": 0, "max": 0}, {"min": 0, "max": 1e-9}),
    (Kind.SLO, CUT, RANGE, {"min": 0}, {"min": 0, "max": 100}),
    (Kind.ALERT_POLICY, POLICY, ("severity",), "critical", "CRITICAL"),
    (Kind.ALERT_POLICY, POLICY, ("combiner",), "AND_ALSO", "AND"),
    (Kind.ALERT_POLICY, POLICY, ("conditions",), [], POLICY["conditions"]),
    (Kind.ALERT_POLICY, POLICY, ("conditions",), POLICY["conditions"] * 7, POLICY["conditions"] * 6),
    (Kind.ALERT_POLICY, POLICY, (*CONDITION, "duration"), "0", "0s"),
    (Kind.ALERT_POLICY, POLICY, (*CONDITION, "filter"), SELECTOR.replace("3600s", "1d"), SELECTOR),
    (Kind.ALERT_POLICY, POLICY, (*CONDITION, "filter"), SELECTOR.replace('"', ""), SELECTOR),
    (
        Kind.ALERT_POLICY,
        POLICY,
        (*CONDITION, "filter"),
        SELECTOR.replace("shop", "s" * 2048),
        SELECTOR.replace("shop", "s" * (2048 - len(SELECTOR) + 4)),
    ),
    (Kind.ALERT_POLICY, POLICY, (*CONDITION, "aggregations"), [{"alignmentPeriod": "60s"}], GONE),
    (Kind.ALERT_POLICY, POLICY, ("displayName",), "a" * 513, "a" * 512),
    (Kind.ALERT_POLICY, POLICY, ("documentation", "content"), "a" * 8193, "a" * 8192),
    (Kind.ALERT_POLICY, POLICY, ("documentation", "content"), "é" * 5121, "é" * 5120),
    (Kind.ALERT_POLICY, POLICY, ("notificationChannels",), ["1"], ["projects/shop/notificationChannels/1"]),
    (Kind.ALERT_POLICY, PROMQL, (*QUERY, "evaluationInterval"), "45s", "60s"),
    (Kind.ALERT_POLICY, PROMQL, (*QUERY, "query"), "", "up"),
]


@pytest.mark.parametrize(("kind", "document", "path", "wrong", "right"), WRONG_AND_RIGHT)
def test_what_cloud_monitoring_would_refuse_is_found_and_the_near_miss_passes(
    kind: Kind, document: dict[str, Any], path: tuple[str | int, ...], wrong: object, right: object
) -> None:
    broken = changed(document, path, wrong)
    fit = document if right is GONE else changed(document, path, right)

    assert problems(kind, broken)
    assert not problems(kind, fit)


def test_a_document_with_a_field_that_there_is_not_stops_slogen_and_says_where() -> None:
    with pytest.raises(UnfitDocumentError, match=r"^slo: \$\.serviceLevelIndicator\.requestBased: .*'ratio'"):
        judge(Kind.SLO, changed(RATIO, INDICATOR, {"ratio": {}}))


def test_googles_types_refuse_what_they_do_not_know_too() -> None:
    with pytest.raises(ParseError, match="windowDays"):
        cloud_documents.parse(Kind.SLO, json.dumps({**RATIO, "windowDays": 30}))
    with pytest.raises(ParseError):
        cloud_documents.parse(Kind.SLO, json.dumps({**RATIO, "rollingPeriod": "30d"}))
    with pytest.raises(ParseError):
        cloud_documents.parse(Kind.ALERT_POLICY, json.dumps({**POLICY, "severity": "critical"}))


@pytest.mark.parametrize("path", GENERATED, ids=lambda path: path.relative_to(FOLDER).as_posix())
def test_every_document_of_every_example_is_what_googles_types_read(path: Path) -> None:
    kind, text = cloud_documents.kind_of(path.as_posix()), path.read_text("utf-8")
    document = cloud_documents.read(text)

    assert not problems(kind, document)
    assert cloud_documents.parse_and_print(kind, text) == cloud_documents.without_zeros(document)


def test_the_examples_are_of_every_platform() -> None:
    named = {name for path in SLOS.glob("*.yaml") for name in re.findall(r"preset: ([-a-z0-9]+)", path.read_text())}

    assert named == {name for name in presets.names() if name.startswith("gcp-")}
    assert {path.parent.name for path in GENERATED} == {path.stem for path in SLOS.glob("*.yaml")}


ORGANISATION = ("slogen.yaml", "cloud_monitoring: {project: shop-prod}")
OTHERS = sorted(path for path in (ROOT / "slos").rglob("*.yaml") if path.parent != SLOS)
REFUSED = {"kubernetes-apiserver", "prometheus", "reviews"}
"""Examples for Prometheus with an SLO that a filter cannot say."""


@pytest.mark.parametrize("path", OTHERS, ids=lambda path: path.stem)
def test_an_example_for_prometheus_is_what_googles_types_read_or_is_refused_in_words(path: Path) -> None:
    every = {one.relative_to(ROOT).as_posix(): one.read_bytes() for one in OTHERS}
    file = {name: content for name, content in every.items() if ROOT / name == path}
    try:
        compilation = slogen.compile(
            file, organisation=ORGANISATION, targets=["cloud-monitoring"], neighbours=lambda: every
        )
    except slogen.CompileError as error:
        refusals = [one for one in error.diagnostics if one.level is Level.ERROR]
        assert path.stem in REFUSED
        assert {refusal.code for refusal in refusals} == {"cloud-monitoring-cannot"}
        return

    assert path.stem not in REFUSED
    for artifact in compilation.artifacts:
        kind = cloud_documents.kind_of(artifact.path)
        document = cloud_documents.read(artifact.text)
        assert cloud_documents.parse_and_print(kind, artifact.text) == cloud_documents.without_zeros(document)

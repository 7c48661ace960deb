"""
None of the errors of Google's published samples is in what slogen writes for the same services.

The samples are the JSON of the page on request/response services; each row of the tables is one error in them, with
what the sample says, and what it should say.

Source: https://cloud.google.com/stackdriver/docs/solutions/slo-monitoring/sli-metrics/req-resp-metrics
"""

import json
import operator
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import cloud_documents
import slogen
from slogen.documents import Kind

SLOS = """
apiVersion: slogen/v1
service: {service}
slos:
  - name: availability
    objective: 99
    sli: {{availability: {{preset: {preset}, with: {with_}}}}}
  - name: latency
    objective: 99
    sli: {{latency: {{preset: {preset}, threshold: 100ms, with: {with_}}}}}
"""
BACKEND = """
  - name: backend-latency
    objective: 99
    sli: {{latency: {{preset: {preset}, threshold: 100ms, with: {{service: api.example.com, latency: backend}}}}}}
"""

SERVICES = {
    "endpoints": ("gcp-cloud-endpoints", "{service: api.example.com}"),
    "run": ("gcp-cloud-run", "{service_name: my-service, location: us-central1}"),
    "functions": ("gcp-cloud-functions-v1", "{function_name: my-function, region: us-central1}"),
    "app-engine": ("gcp-app-engine", "{module_id: default}"),
    "istio": ("gcp-gke-istio", "{destination: my-service, namespace: default}"),
}

AVAILABILITY = [(service, "availability") for service in SERVICES]
LATENCY = [(service, "latency") for service in SERVICES] + [("endpoints", "backend-latency")]

COMPARISON = re.compile(r'(metric|resource)\.labels\.(\w+)(!=|>=|<=|=|<|>)("(?:[^"\\]|\\.)*"|\d+|true|false)')
OPERATORS = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@cache
def compiled(service: str) -> dict[str, str]:
    """The SLOs of a service, by name, as they are written."""
    preset, with_ = SERVICES[service]
    text = SLOS + (BACKEND if service == "endpoints" else "")
    files = {f"slos/{service}.yaml": text.format(service=service, preset=preset, with_=with_)}
    artifacts = slogen.compile(files, targets=["cloud-monitoring"]).artifacts
    folder = f"cloud-monitoring/{service}/"
    return {
        artifact.path.removeprefix(folder).removesuffix(".slo.json"): artifact.text
        for artifact in artifacts
        if artifact.path.endswith(".slo.json")
    }


def document(service: str, slo: str) -> dict[str, Any]:
    return cloud_documents.read(compiled(service)[slo])


def ratio(service: str) -> dict[str, str]:
    """The two filters of availability."""
    found: dict[str, str] = document(service, "availability")["serviceLevelIndicator"]["requestBased"]["goodTotalRatio"]
    return found


def cut(service: str, slo: str = "latency") -> dict[str, Any]:
    found: dict[str, Any] = document(service, slo)["serviceLevelIndicator"]["requestBased"]["distributionCut"]
    return found


def holds(filter_text: str, labels: dict[str, str | int]) -> bool:
    """Whether a series with these metric labels meets a filter, as far as it compares them."""
    comparisons = [
        (label, op, json.loads(value))
        for holder, label, op, value in COMPARISON.findall(filter_text)
        if holder == "metric" and label in labels
    ]
    return all(OPERATORS[op](labels[label], value) for label, op, value in comparisons)


def grade(service: str, labels: dict[str, str | int]) -> str:
    """What a response with these labels counts as, given that good and bad together are the total."""
    found = {name.removesuffix("ServiceFilter"): holds(text, labels) for name, text in ratio(service).items()}
    total = found.get("total", found.get("good", False) or found.get("bad", False))
    bad = found["bad"] if "bad" in found else total and not found["good"]
    if not total:
        return "ignored"
    return "bad" if bad else "good"


def of_status(service: str, status: int) -> str:
    if service in ("endpoints", "run"):
        return grade(service, {"response_code_class": f"{status // 100}xx"})
    return grade(service, {"response_code": status})


@pytest.mark.parametrize(("service", "slo"), AVAILABILITY + LATENCY)
def test_1_8_9_13_the_document_is_json_whose_quotes_are_closed_and_googles_types_read_it(
    service: str, slo: str
) -> None:
    text = compiled(service)[slo]

    cloud_documents.parse(Kind.SLO, text)
    for written in re.findall(r"metric\.type=.*", "\n".join(_texts(json.loads(text)))):
        assert re.sub(r'"(?:[^"\\]|\\.)*"', "", written).count('"') == 0


def _texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for one in value.values() for text in _texts(one)]
    return [value] if isinstance(value, str) else []


@pytest.mark.parametrize("service", ["endpoints", "run", "app-engine", "istio"])
def test_2_8_17_20_redirects_and_299_are_good_and_client_errors_do_not_count(service: str) -> None:
    assert [of_status(service, status) for status in (200, 299, 301, 304)] == ["good"] * 4
    assert [of_status(service, status) for status in (400, 404, 499)] == ["ignored"] * 3
    assert [of_status(service, status) for status in (500, 503)] == ["bad"] * 2


@pytest.mark.parametrize(
    ("service", "slo", "says", "correct"),
    [
        pytest.param("endpoints", "latency", "com/ap/request_latencies", "com/api/request_latencies", id="3"),
        pytest.param("endpoints", "backend-latency", "api/backend_latencies", "api/request_latencies_backend", id="6"),
        pytest.param("run", "latency", "com/https/request_latencies", "run.googleapis.com/request_latencies", id="10"),
        pytest.param(
            "istio", "latency", "io/server/response_latencies", "istio.io/service/server/response_latencies", id="21"
        ),
    ],
)
def test_the_metric_of_latency_is_one_that_there_is(service: str, slo: str, says: str, correct: str) -> None:
    text = cut(service, slo)["distributionFilter"]

    assert f'metric.type="{correct}"' in text or f'{correct}"' in text
    assert says not in text


def test_12_executions_of_a_function_are_counted_by_the_metric_that_counts_them() -> None:
    for text in ratio("functions").values():
        assert 'metric.type="cloudfunctions.googleapis.com/function/execution_count"' in text


def test_19_requests_in_istio_are_counted_by_the_metric_that_counts_them() -> None:
    for text in ratio("istio").values():
        assert 'metric.type="istio.io/service/server/request_count"' in text


@pytest.mark.parametrize(
    ("service", "slo", "most"),
    [
        pytest.param("endpoints", "latency", 0.1, id="4"),
        pytest.param("endpoints", "backend-latency", 0.1, id="7"),
        pytest.param("functions", "latency", 100_000_000, id="14"),
        # Where the sample is right, so is slogen.
        pytest.param("run", "latency", 100, id="right-in-11"),
        pytest.param("app-engine", "latency", 100, id="right-in-18"),
        pytest.param("istio", "latency", 100, id="right-in-22"),
    ],
)
def test_a_hundred_milliseconds_are_so_many_of_the_metrics_own_unit(service: str, slo: str, most: float) -> None:
    assert cut(service, slo)["range"] == {"min": 0, "max": most}


@pytest.mark.parametrize(("service", "slo"), LATENCY)
def test_5_11_15_18_22_the_name_says_the_goal_and_the_threshold_that_are_set(service: str, slo: str) -> None:
    found = document(service, slo)

    assert found["goal"] == 0.99
    assert "99% within 100ms" in found["displayName"]
    assert "98%" not in found["displayName"]


def test_16_the_filters_of_app_engine_match_something() -> None:
    matched = {of_status("app-engine", status) for status in range(100, 600)}

    assert matched == {"good", "bad", "ignored"}


@pytest.mark.parametrize(("service", "slo"), AVAILABILITY + LATENCY)
def test_23_the_rolling_period_is_of_whole_days(service: str, slo: str) -> None:
    assert document(service, slo)["rollingPeriod"] == "2592000s"


@pytest.mark.parametrize(("service", "slo"), AVAILABILITY + LATENCY)
def test_24_labels_are_named_one_by_one_and_the_type_of_resource_is_always_named(service: str, slo: str) -> None:
    text = "\n".join(_texts(document(service, slo)))

    assert "response_coderesponse_code_class" not in text
    assert text.count("resource.type=") == text.count("metric.type=") > 0
    if service == "istio":
        assert 'resource.type="k8s_container"' in text


def test_every_error_has_a_test() -> None:
    here = Path(__file__).read_text("utf-8")
    names = " ".join(re.findall(r"def test_((?:\d+_)+)", here)) + " ".join(re.findall(r'id="(\d+)"', here))

    assert {int(number) for number in re.findall(r"\d+", names)} == set(range(1, 25))

"""Every preset: its manual page, its parameters and the series that it selects."""

import re
from decimal import Decimal
from typing import Any

import pytest
from pydantic_core import ValidationError

from preset_examples import examples
from slogen import presets
from slogen.model import BadOfTotal, Counter, Probe, Sli
from slogen.presets._preset import Distribution, Histogram, Preset
from slogen.units import SECONDS_PER, latency_seconds, plain

KINDS = ("availability", "latency")
Params = dict[str, Any]


def kinds(preset: Preset) -> set[str]:
    return {kind for kind in KINDS if getattr(preset, kind) is not None}


EXAMPLES = [
    pytest.param(name, kind, spec, id=f"{name}-{kind}-{number}")
    for name in presets.names()
    for number, (kind, spec) in enumerate(examples(name))
]


def events(name: str, with_: Params) -> tuple[str, str]:
    """The selectors of all events and of bad ones."""
    preset = presets.load(name)
    assert preset.availability is not None
    match preset.availability(preset.params.model_validate(with_)):
        case BadOfTotal(Counter(total), Counter(bad)):
            return str(total), str(bad)
        case other:
            pytest.fail(f"{other} counts no bad events")


def durations(name: str, with_: Params) -> Histogram | Distribution:
    preset = presets.load(name)
    assert preset.latency is not None
    return preset.latency(preset.params.model_validate(with_))


def histogram(name: str, with_: Params) -> Histogram:
    found = durations(name, with_)
    assert isinstance(found, Histogram)
    return found


def test_there_are_presets_for_what_teams_run() -> None:
    expected = {
        "blackbox",
        "envoy",
        "grpc-server",
        "http",
        "ingress-nginx",
        "istio",
        "kubernetes-apiserver",
        "otel-http-server",
        "otel-spans",
        "prometheus-http",
    }
    assert expected <= set(presets.names())
    assert len(set(presets.names())) == len(presets.names())


@pytest.mark.parametrize("name", presets.names())
def test_the_manual_page_says_what_is_measured_and_on_whose_authority(name: str) -> None:
    headline, _, rest = presets.manual(name).partition("\n")
    assert headline.endswith(".")
    assert "\nSource of the names" in rest
    assert "\nhttps://" in rest


@pytest.mark.parametrize("name", presets.names())
def test_the_manual_page_fits_a_terminal_of_80_columns(name: str) -> None:
    lines = presets.manual(name).splitlines()
    assert [line for line in lines if len(line) > 80 and not line.startswith("https://")] == []


@pytest.mark.parametrize("name", presets.names())
def test_the_manual_page_has_an_example_of_every_kind(name: str) -> None:
    assert {kind for kind, _ in examples(name)} == kinds(presets.load(name))


@pytest.mark.parametrize(("name", "kind", "spec"), EXAMPLES)
def test_an_example_of_the_manual_page_works(name: str, kind: str, spec: dict[str, Any]) -> None:
    preset = presets.load(name)
    params = preset.params.model_validate(spec.get("with", {}))
    assert spec["preset"] == name
    if kind == "availability":
        assert preset.availability is not None
        assert isinstance(preset.availability(params), Sli)
        return
    assert preset.latency is not None
    found = preset.latency(params)
    bound = latency_seconds(spec["threshold"]) / SECONDS_PER[found.unit]
    assert not found.buckets or bound in found.buckets


@pytest.mark.parametrize("name", presets.names())
def test_the_manual_page_lists_the_bounds_that_slogen_knows(name: str) -> None:
    page = re.sub(r"\s+", " ", presets.manual(name))
    for kind, spec in examples(name):
        if kind == "latency":
            buckets = durations(name, spec.get("with", {})).buckets
            assert list(buckets) == sorted(buckets)
            assert " ".join(map(plain, buckets)) in page


@pytest.mark.parametrize("name", presets.names())
def test_every_parameter_is_described(name: str) -> None:
    for parameter, field in presets.load(name).params.model_fields.items():
        assert field.description, parameter
        assert field.description.endswith("."), parameter


@pytest.mark.parametrize("name", presets.names())
def test_an_unknown_parameter_is_refused(name: str) -> None:
    _, spec = examples(name)[0]
    with pytest.raises(ValidationError, match="extra_forbidden"):
        presets.load(name).params.model_validate({**spec.get("with", {}), "no_such_parameter": "1"})


@pytest.mark.parametrize("name", [name for name in presets.names() if presets.load(name).latency])
def test_bounds_of_your_own_are_read_from_text_and_replace_the_usual_ones(name: str) -> None:
    _, spec = next(example for example in examples(name) if example[0] == "latency")
    found = durations(name, {**spec.get("with", {}), "buckets": ["0.1", "0.5", "2"]})
    assert found.buckets == (Decimal("0.1"), Decimal("0.5"), Decimal(2))


# What was typed in from the sources that the manual pages name: preset, parameters, total, bad.
AVAILABILITY: list[tuple[str, Params, str, str]] = [
    (
        "envoy",
        {"cluster": "checkout"},
        'envoy_cluster_upstream_rq_xx{envoy_cluster_name="checkout"}',
        'envoy_cluster_upstream_rq_xx{envoy_cluster_name="checkout",envoy_response_code_class="5"}',
    ),
    (
        "grpc-server",
        {"job": "payments"},
        'grpc_server_handled_total{job="payments"}',
        (
            'grpc_server_handled_total{job="payments",'
            'grpc_code=~"Unknown|DeadlineExceeded|Unimplemented|Internal|Unavailable|DataLoss"}'
        ),
    ),
    (
        "grpc-server",
        {"job": "payments", "service": "shop.v1.Payments", "method": "Charge", "bad_codes": "Internal"},
        'grpc_server_handled_total{job="payments",grpc_service="shop.v1.Payments",grpc_method="Charge"}',
        (
            'grpc_server_handled_total{job="payments",grpc_service="shop.v1.Payments",grpc_method="Charge",'
            'grpc_code=~"Internal"}'
        ),
    ),
    (
        "http",
        {"job": "checkout"},
        'http_requests_total{job="checkout"}',
        'http_requests_total{job="checkout",code=~"5.."}',
    ),
    (
        "http",
        {"job": "checkout", "requests": "app_requests_total", "status_label": "status", "labels": {"region": "eu"}},
        'app_requests_total{job="checkout",region="eu"}',
        'app_requests_total{job="checkout",region="eu",status=~"5.."}',
    ),
    (
        "ingress-nginx",
        {"ingress": "shop"},
        'nginx_ingress_controller_requests{ingress="shop"}',
        'nginx_ingress_controller_requests{ingress="shop",status=~"5.."}',
    ),
    (
        "ingress-nginx",
        {"ingress": "shop", "namespace": "web", "namespace_label": "namespace"},
        'nginx_ingress_controller_requests{namespace="web",ingress="shop"}',
        'nginx_ingress_controller_requests{namespace="web",ingress="shop",status=~"5.."}',
    ),
    (
        "istio",
        {"destination": "reviews"},
        'istio_requests_total{reporter="destination",destination_service_name="reviews"}',
        'istio_requests_total{reporter="destination",destination_service_name="reviews",response_code=~"5.."}',
    ),
    (
        "istio",
        {"destination": "reviews", "namespace": "bookinfo", "workload": "reviews-v3", "reporter": "source"},
        (
            'istio_requests_total{reporter="source",destination_service_name="reviews",'
            'destination_service_namespace="bookinfo",destination_workload="reviews-v3"}'
        ),
        (
            'istio_requests_total{reporter="source",destination_service_name="reviews",'
            'destination_service_namespace="bookinfo",destination_workload="reviews-v3",response_code=~"5.."}'
        ),
    ),
    (
        "istio",
        {"destination": "payments", "protocol": "grpc"},
        'istio_requests_total{reporter="destination",destination_service_name="payments",request_protocol="grpc"}',
        (
            'istio_requests_total{reporter="destination",destination_service_name="payments",request_protocol="grpc",'
            'grpc_response_status=~"2|4|12|13|14|15"}'
        ),
    ),
    (
        "kubernetes-apiserver",
        {},
        'apiserver_request_total{job="apiserver"}',
        'apiserver_request_total{job="apiserver",code=~"5.."}',
    ),
    (
        "kubernetes-apiserver",
        {"job": "kube-apiserver", "verbs": "GET|LIST", "bad_status": "5..|429"},
        'apiserver_request_total{job="kube-apiserver",verb=~"GET|LIST"}',
        'apiserver_request_total{job="kube-apiserver",verb=~"GET|LIST",code=~"5..|429"}',
    ),
    (
        "otel-http-server",
        {"service": "shop/checkout"},
        'http_server_request_duration_seconds_count{job="shop/checkout"}',
        'http_server_request_duration_seconds_count{job="shop/checkout",http_response_status_code=~"5.."}',
    ),
    (
        "otel-http-server",
        {"service": "checkout", "service_label": "service_name", "route": "/cart", "conventions": "old"},
        'http_server_duration_milliseconds_count{service_name="checkout",http_route="/cart"}',
        'http_server_duration_milliseconds_count{service_name="checkout",http_route="/cart",http_status_code=~"5.."}',
    ),
    (
        "otel-http-server",
        {"service": "checkout", "status_label": "error_type", "bad_status": ".+"},
        'http_server_request_duration_seconds_count{job="checkout"}',
        'http_server_request_duration_seconds_count{job="checkout",error_type=~".+"}',
    ),
    (
        "otel-spans",
        {"service": "checkout"},
        'traces_span_metrics_calls_total{service_name="checkout",span_kind="SPAN_KIND_SERVER"}',
        (
            'traces_span_metrics_calls_total{service_name="checkout",span_kind="SPAN_KIND_SERVER",'
            'status_code="STATUS_CODE_ERROR"}'
        ),
    ),
    (
        "otel-spans",
        {
            "service": "checkout",
            "span_name": "oteldemo.CheckoutService/PlaceOrder",
            "calls": "calls_total",
            "status_label": "otel_status_code",
            "bad_status": "ERROR",
        },
        (
            'calls_total{service_name="checkout",span_name="oteldemo.CheckoutService/PlaceOrder",'
            'span_kind="SPAN_KIND_SERVER"}'
        ),
        (
            'calls_total{service_name="checkout",span_name="oteldemo.CheckoutService/PlaceOrder",'
            'span_kind="SPAN_KIND_SERVER",otel_status_code="ERROR"}'
        ),
    ),
    (
        "prometheus-http",
        {},
        'prometheus_http_requests_total{job="prometheus"}',
        'prometheus_http_requests_total{job="prometheus",code=~"5.."}',
    ),
    (
        "prometheus-http",
        {"handlers": "/api/v1/query(_range)?"},
        'prometheus_http_requests_total{job="prometheus",handler=~"/api/v1/query(_range)?"}',
        'prometheus_http_requests_total{job="prometheus",handler=~"/api/v1/query(_range)?",code=~"5.."}',
    ),
]

DEFAULT_GO_BUCKETS = "0.005 0.01 0.025 0.05 0.1 0.25 0.5 1 2.5 5 10"
DEFAULT_ENVOY_BUCKETS = "0.5 1 5 10 25 50 100 250 500 1000 2500 5000 10000 30000 60000 300000 600000 1800000 3600000"
APISERVER_BUCKETS = "0.05 0.1 0.2 0.4 0.6 0.8 1 1.25 1.5 2 3 4 5 6 8 10 15 20 30 45 60"

# Preset, parameters, count, bucket, unit and bounds.
LATENCY: list[tuple[str, Params, str, str, str]] = [
    (
        "envoy",
        {"cluster": "checkout"},
        'envoy_cluster_upstream_rq_time_count{envoy_cluster_name="checkout"}',
        'envoy_cluster_upstream_rq_time_bucket{envoy_cluster_name="checkout"}',
        f"milliseconds: {DEFAULT_ENVOY_BUCKETS}",
    ),
    (
        "grpc-server",
        {"job": "payments"},
        'grpc_server_handling_seconds_count{job="payments",grpc_type="unary"}',
        'grpc_server_handling_seconds_bucket{job="payments",grpc_type="unary"}',
        f"seconds: {DEFAULT_GO_BUCKETS}",
    ),
    (
        "http",
        {"job": "checkout"},
        'http_request_duration_seconds_count{job="checkout"}',
        'http_request_duration_seconds_bucket{job="checkout"}',
        "seconds: ",
    ),
    (
        "ingress-nginx",
        {"ingress": "shop", "namespace": "web"},
        'nginx_ingress_controller_request_duration_seconds_count{exported_namespace="web",ingress="shop"}',
        'nginx_ingress_controller_request_duration_seconds_bucket{exported_namespace="web",ingress="shop"}',
        f"seconds: {DEFAULT_GO_BUCKETS}",
    ),
    (
        "istio",
        {"destination": "reviews"},
        'istio_request_duration_milliseconds_count{reporter="destination",destination_service_name="reviews"}',
        'istio_request_duration_milliseconds_bucket{reporter="destination",destination_service_name="reviews"}',
        f"milliseconds: {DEFAULT_ENVOY_BUCKETS}",
    ),
    (
        "kubernetes-apiserver",
        {"verbs": "LIST", "scopes": "namespace|cluster"},
        (
            'apiserver_request_sli_duration_seconds_count{job="apiserver",verb=~"LIST",scope=~"namespace|cluster",'
            'subresource!~"attach|exec|log|portforward|proxy"}'
        ),
        (
            'apiserver_request_sli_duration_seconds_bucket{job="apiserver",verb=~"LIST",scope=~"namespace|cluster",'
            'subresource!~"attach|exec|log|portforward|proxy"}'
        ),
        f"seconds: {APISERVER_BUCKETS}",
    ),
    (
        "kubernetes-apiserver",
        {"durations": "apiserver_request_slo_duration_seconds"},
        (
            'apiserver_request_slo_duration_seconds_count{job="apiserver",'
            'verb!~"CONNECT|WATCH",subresource!~"attach|exec|log|portforward|proxy"}'
        ),
        (
            'apiserver_request_slo_duration_seconds_bucket{job="apiserver",'
            'verb!~"CONNECT|WATCH",subresource!~"attach|exec|log|portforward|proxy"}'
        ),
        f"seconds: {APISERVER_BUCKETS}",
    ),
    (
        "otel-http-server",
        {"service": "shop/checkout"},
        'http_server_request_duration_seconds_count{job="shop/checkout"}',
        'http_server_request_duration_seconds_bucket{job="shop/checkout"}',
        "seconds: 0.005 0.01 0.025 0.05 0.075 0.1 0.25 0.5 0.75 1 2.5 5 7.5 10",
    ),
    (
        "otel-http-server",
        {"service": "shop/checkout", "conventions": "old"},
        'http_server_duration_milliseconds_count{job="shop/checkout"}',
        'http_server_duration_milliseconds_bucket{job="shop/checkout"}',
        "milliseconds: 5 10 25 50 75 100 250 500 750 1000 2500 5000 7500 10000",
    ),
    (
        "otel-spans",
        {"service": "checkout"},
        'traces_span_metrics_duration_milliseconds_count{service_name="checkout",span_kind="SPAN_KIND_SERVER"}',
        'traces_span_metrics_duration_milliseconds_bucket{service_name="checkout",span_kind="SPAN_KIND_SERVER"}',
        "milliseconds: 2 4 6 8 10 50 100 200 400 800 1000 1400 2000 5000 10000 15000",
    ),
    (
        "otel-spans",
        {"service": "checkout", "durations": "traces_span_metrics_duration_seconds"},
        'traces_span_metrics_duration_seconds_count{service_name="checkout",span_kind="SPAN_KIND_SERVER"}',
        'traces_span_metrics_duration_seconds_bucket{service_name="checkout",span_kind="SPAN_KIND_SERVER"}',
        "seconds: 0.002 0.004 0.006 0.008 0.01 0.05 0.1 0.2 0.4 0.8 1 1.4 2 5 10 15",
    ),
    (
        "prometheus-http",
        {},
        'prometheus_http_request_duration_seconds_count{job="prometheus"}',
        'prometheus_http_request_duration_seconds_bucket{job="prometheus"}',
        "seconds: 0.1 0.2 0.4 1 3 8 20 60 120",
    ),
]


@pytest.mark.parametrize(("name", "with_", "total", "bad"), AVAILABILITY)
def test_availability_counts_these_series(name: str, with_: Params, total: str, bad: str) -> None:
    assert events(name, with_) == (total, bad)


@pytest.mark.parametrize(("name", "with_", "count", "bucket", "bounds"), LATENCY)
def test_latency_reads_these_series(name: str, with_: Params, count: str, bucket: str, bounds: str) -> None:
    found = histogram(name, with_)
    assert (str(found.counts), str(found.bucket)) == (count, bucket)
    assert f"{found.unit}: {' '.join(map(plain, found.buckets))}" == bounds


@pytest.mark.parametrize(
    ("with_", "expected"),
    [
        ({}, 'probe_success{job="blackbox"}'),
        (
            {"job": "probes", "instance": "https://shop.example.com", "labels": {"module": "http_2xx"}},
            'probe_success{job="probes",instance="https://shop.example.com",module="http_2xx"}',
        ),
    ],
)
def test_a_blackbox_probe_is_an_event(with_: Params, expected: str) -> None:
    preset = presets.load("blackbox")
    assert preset.availability is not None
    assert preset.latency is None
    match preset.availability(preset.params.model_validate(with_)):
        case Probe(selector):
            assert str(selector) == expected
        case other:
            pytest.fail(f"{other} is no probe")


@pytest.mark.parametrize("name", [name for name in presets.names() if not name.startswith("gcp-")])
def test_every_preset_is_in_the_tables(name: str) -> None:
    tables = {
        "availability": {"blackbox", *(row[0] for row in AVAILABILITY)},
        "latency": {row[0] for row in LATENCY},
    }
    assert {kind for kind in KINDS if name in tables[kind]} == kinds(presets.load(name))


@pytest.mark.parametrize(("name", "with_", "total", "bad"), AVAILABILITY)
def test_bad_events_lie_within_the_total(name: str, with_: Params, total: str, bad: str) -> None:
    assert events(name, with_) == (total, bad)
    assert bad.startswith(total.removesuffix("}"))


def test_a_pattern_that_prometheus_takes_is_taken_as_it_is_written() -> None:
    params = presets.load("http").params.model_validate({"job": "checkout", "bad_status": "5..|429"})
    assert params.bad_status == "5..|429"  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", ["app:requests_total", "_requests", "Requests2"])
def test_a_metric_name_is_taken_as_it_is_written(name: str) -> None:
    assert events("http", {"job": "checkout", "requests": name})[0] == f'{name}{{job="checkout"}}'


@pytest.mark.parametrize("name", ["2requests", "http.requests", "requests_total{}", "http requests"])
def test_what_is_no_metric_name_is_refused(name: str) -> None:
    with pytest.raises(ValidationError, match="is not a metric's name"):
        presets.load("http").params.model_validate({"job": "checkout", "requests": name})


def test_label_values_are_quoted() -> None:
    total, _ = events("http", {"job": 'a"b\\c\nd', "labels": {"team": "£"}})
    assert total == r'http_requests_total{job="a\"b\\c\nd",team="£"}'


@pytest.mark.parametrize("pattern", ["5.(", "[", "5..(?=x)"])
def test_a_pattern_that_prometheus_does_not_take_is_refused(pattern: str) -> None:
    with pytest.raises(ValidationError, match="is not a regular expression that Prometheus takes"):
        presets.load("http").params.model_validate({"job": "checkout", "bad_status": pattern})

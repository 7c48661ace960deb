"""What the presets of Google Cloud select, written by hand from the sources that their manual pages name."""

import bisect
import re
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slogen import presets
from slogen.model import BadOfTotal, Counter, GoodOfTotal, PlatformRatio
from slogen.presets._preset import Distribution, Histogram, Refusal
from slogen.units import SECONDS_PER, latency_seconds

Params = dict[str, Any]

PLATFORMS = {
    "gcp-app-engine",
    "gcp-app-engine-flex",
    "gcp-cloud-endpoints",
    "gcp-cloud-functions-v1",
    "gcp-cloud-functions-v2",
    "gcp-cloud-run",
    "gcp-gke-istio",
    "gcp-load-balancer",
    "gcp-managed-prometheus",
    "gcp-service-mesh",
}

RUN = (
    'metric.type="run.googleapis.com/request_count" AND resource.type="cloud_run_revision"'
    ' AND resource.labels.service_name="checkout" AND resource.labels.location="europe-west1"'
)
ENDPOINTS = (
    'metric.type="serviceruntime.googleapis.com/api/request_count" AND resource.type="api"'
    ' AND resource.labels.service="shop.endpoints.shop-prod.cloud.goog"'
)
FUNCTIONS = (
    'metric.type="cloudfunctions.googleapis.com/function/execution_count" AND resource.type="cloud_function"'
    ' AND resource.labels.function_name="resize" AND resource.labels.region="europe-west1"'
)
APP_ENGINE = (
    'metric.type="appengine.googleapis.com/http/server/response_count" AND resource.type="gae_app"'
    ' AND resource.labels.module_id="default"'
)
ISTIO = (
    'metric.type="istio.io/service/server/request_count" AND resource.type="k8s_container"'
    ' AND metric.labels.destination_service_name="reviews"'
    ' AND metric.labels.destination_service_namespace="bookinfo"'
)
MESH = (
    'metric.type="istio.io/service/server/request_count" AND resource.type="istio_canonical_service"'
    ' AND metric.labels.destination_canonical_service_name="reviews"'
    ' AND metric.labels.destination_canonical_service_namespace="bookinfo"'
)
BALANCER = (
    'metric.type="loadbalancing.googleapis.com/https/request_count" AND resource.type="https_lb_rule"'
    ' AND resource.labels.url_map_name="shop"'
)

OF_RUN = {"service_name": "checkout", "location": "europe-west1"}
OF_ENDPOINTS = {"service": "shop.endpoints.shop-prod.cloud.goog"}
OF_FUNCTIONS = {"function_name": "resize", "region": "europe-west1"}
OF_ISTIO = {"destination": "reviews", "namespace": "bookinfo"}
OF_MESH = {"canonical_service": "reviews", "namespace": "bookinfo"}
OF_BALANCER = {"url_map_name": "shop"}

# Preset, parameters, and the filters for the total, the good and the bad; one of the three is none.
AVAILABILITY: list[tuple[str, Params, str | None, str | None, str | None]] = [
    (
        "gcp-cloud-run",
        OF_RUN,
        f'{RUN} AND metric.labels.response_code_class!="4xx"',
        None,
        f'{RUN} AND metric.labels.response_code_class="5xx"',
    ),
    (
        "gcp-cloud-functions-v2",
        OF_RUN,
        f'{RUN} AND metric.labels.response_code_class!="4xx"',
        None,
        f'{RUN} AND metric.labels.response_code_class="5xx"',
    ),
    (
        "gcp-cloud-run",
        {**OF_RUN, "client_errors": "good"},
        RUN,
        None,
        f'{RUN} AND metric.labels.response_code_class="5xx"',
    ),
    (
        "gcp-cloud-run",
        {**OF_RUN, "redirects": "ignored", "client_errors": "bad"},
        f'{RUN} AND metric.labels.response_code_class!="3xx"',
        (
            f'{RUN} AND metric.labels.response_code_class!="3xx" AND metric.labels.response_code_class!="4xx"'
            ' AND metric.labels.response_code_class!="5xx"'
        ),
        None,
    ),
    (
        "gcp-cloud-run",
        {"service_name": "checkout", "labels": {"response_code": "200"}, "resource_labels": {"revision_name": "a"}},
        (
            'metric.type="run.googleapis.com/request_count" AND resource.type="cloud_run_revision"'
            ' AND resource.labels.service_name="checkout" AND resource.labels.revision_name="a"'
            ' AND metric.labels.response_code="200" AND metric.labels.response_code_class!="4xx"'
        ),
        None,
        (
            'metric.type="run.googleapis.com/request_count" AND resource.type="cloud_run_revision"'
            ' AND resource.labels.service_name="checkout" AND resource.labels.revision_name="a"'
            ' AND metric.labels.response_code="200" AND metric.labels.response_code_class="5xx"'
        ),
    ),
    (
        "gcp-cloud-endpoints",
        OF_ENDPOINTS,
        f'{ENDPOINTS} AND metric.labels.response_code_class!="4xx"',
        None,
        f'{ENDPOINTS} AND metric.labels.response_code_class="5xx"',
    ),
    (
        "gcp-cloud-endpoints",
        {**OF_ENDPOINTS, "method": "shop.v2.Shop.GetCart", "version": "v2", "location": "europe-west1"},
        (
            f'{ENDPOINTS} AND resource.labels.method="shop.v2.Shop.GetCart" AND resource.labels.version="v2"'
            ' AND resource.labels.location="europe-west1" AND metric.labels.response_code_class!="4xx"'
        ),
        None,
        (
            f'{ENDPOINTS} AND resource.labels.method="shop.v2.Shop.GetCart" AND resource.labels.version="v2"'
            ' AND resource.labels.location="europe-west1" AND metric.labels.response_code_class="5xx"'
        ),
    ),
    ("gcp-cloud-functions-v1", OF_FUNCTIONS, FUNCTIONS, f'{FUNCTIONS} AND metric.labels.status="ok"', None),
    (
        "gcp-app-engine",
        {},
        None,
        f"{APP_ENGINE} AND metric.labels.response_code<400",
        f"{APP_ENGINE} AND metric.labels.response_code>=500",
    ),
    (
        "gcp-app-engine",
        {"loading": "ignored", "version_id": "v7", "client_errors": "bad"},
        f'{APP_ENGINE} AND resource.labels.version_id="v7" AND metric.labels.loading=false',
        None,
        (
            f'{APP_ENGINE} AND resource.labels.version_id="v7" AND metric.labels.loading=false'
            " AND metric.labels.response_code>=400"
        ),
    ),
    (
        "gcp-app-engine",
        {"client_errors": "bad", "server_errors": "ignored", "redirects": "ignored"},
        None,
        f"{APP_ENGINE} AND metric.labels.response_code<300",
        f"{APP_ENGINE} AND metric.labels.response_code>=400 AND metric.labels.response_code<500",
    ),
    (
        "gcp-gke-istio",
        OF_ISTIO,
        None,
        f"{ISTIO} AND metric.labels.response_code<400",
        f"{ISTIO} AND metric.labels.response_code>=500",
    ),
    (
        "gcp-service-mesh",
        OF_MESH,
        None,
        f"{MESH} AND metric.labels.response_code<400",
        f"{MESH} AND metric.labels.response_code>=500",
    ),
    (
        "gcp-load-balancer",
        OF_BALANCER,
        f"{BALANCER} AND metric.labels.response_code_class!=400",
        None,
        f"{BALANCER} AND metric.labels.response_code_class=500",
    ),
    (
        "gcp-app-engine-flex",
        OF_BALANCER,
        f"{BALANCER} AND metric.labels.response_code_class!=400",
        None,
        f"{BALANCER} AND metric.labels.response_code_class=500",
    ),
    (
        "gcp-load-balancer",
        {**OF_BALANCER, "backend_target_name": "cart", "measured": "backend"},
        (
            'metric.type="loadbalancing.googleapis.com/https/backend_request_count" AND resource.type="https_lb_rule"'
            ' AND resource.labels.url_map_name="shop" AND resource.labels.backend_target_name="cart"'
            " AND metric.labels.response_code_class!=400"
        ),
        None,
        (
            'metric.type="loadbalancing.googleapis.com/https/backend_request_count" AND resource.type="https_lb_rule"'
            ' AND resource.labels.url_map_name="shop" AND resource.labels.backend_target_name="cart"'
            " AND metric.labels.response_code_class=500"
        ),
    ),
]

# Preset, parameters, the distribution's filter, and what 100 ms are in its unit.
LATENCY: list[tuple[str, Params, str, str]] = [
    ("gcp-cloud-run", OF_RUN, RUN.replace("request_count", "request_latencies"), "100"),
    ("gcp-cloud-functions-v2", OF_RUN, RUN.replace("request_count", "request_latencies"), "100"),
    ("gcp-cloud-functions-v1", OF_FUNCTIONS, FUNCTIONS.replace("execution_count", "execution_times"), "100000000"),
    ("gcp-cloud-endpoints", OF_ENDPOINTS, ENDPOINTS.replace("request_count", "request_latencies"), "0.1"),
    (
        "gcp-cloud-endpoints",
        {**OF_ENDPOINTS, "latency": "backend"},
        ENDPOINTS.replace("request_count", "request_latencies_backend"),
        "0.1",
    ),
    (
        "gcp-cloud-endpoints",
        {**OF_ENDPOINTS, "latency": "overhead"},
        ENDPOINTS.replace("request_count", "request_latencies_overhead"),
        "0.1",
    ),
    ("gcp-app-engine", {}, APP_ENGINE.replace("response_count", "response_latencies"), "100"),
    ("gcp-gke-istio", OF_ISTIO, ISTIO.replace("request_count", "response_latencies"), "100"),
    (
        "gcp-gke-istio",
        {**OF_ISTIO, "cluster_name": "shop", "location": "europe-west1", "mesh_uid": "proj-1"},
        (
            'metric.type="istio.io/service/server/response_latencies" AND resource.type="k8s_container"'
            ' AND resource.labels.cluster_name="shop" AND resource.labels.location="europe-west1"'
            ' AND metric.labels.destination_service_name="reviews"'
            ' AND metric.labels.destination_service_namespace="bookinfo" AND metric.labels.mesh_uid="proj-1"'
        ),
        "100",
    ),
    ("gcp-service-mesh", OF_MESH, MESH.replace("request_count", "response_latencies"), "100"),
    ("gcp-load-balancer", OF_BALANCER, BALANCER.replace("request_count", "total_latencies"), "100"),
    ("gcp-app-engine-flex", OF_BALANCER, BALANCER.replace("request_count", "total_latencies"), "100"),
    (
        "gcp-load-balancer",
        {**OF_BALANCER, "measured": "backend"},
        BALANCER.replace("request_count", "backend_latencies"),
        "100",
    ),
]


@pytest.mark.parametrize(
    ("name", "with_", "expected"),
    [
        ("gcp-app-engine", {"labels": {"response_code": "404"}}, "metric.labels.response_code=404"),
        ("gcp-app-engine", {"labels": {"loading": "true"}}, "metric.labels.loading=true"),
        ("gcp-app-engine", {"labels": {"cache": "true"}}, 'metric.labels.cache="true"'),
        ("gcp-load-balancer", {**OF_BALANCER, "labels": {"response_code_class": "200"}}, "response_code_class=200"),
        ("gcp-cloud-run", {**OF_RUN, "labels": {"response_code": "404"}}, 'metric.labels.response_code="404"'),
        ("gcp-gke-istio", {**OF_ISTIO, "labels": {"request_protocol": "1"}}, 'metric.labels.request_protocol="1"'),
    ],
)
def test_a_label_that_is_a_number_or_a_truth_there_stands_without_quotes_and_one_that_is_text_with(
    name: str, with_: Params, expected: str
) -> None:
    assert all(expected in str(part) for part in (ratio(name, with_).total, ratio(name, with_).good) if part)


def ratio(name: str, with_: Params) -> PlatformRatio:
    preset = presets.load(name)
    assert preset.availability is not None
    found = preset.availability(preset.params.model_validate(with_))
    assert isinstance(found, PlatformRatio)
    return found


def test_there_is_a_preset_for_every_platform_and_each_is_in_the_tables() -> None:
    assert {name for name in presets.names() if name.startswith("gcp-")} == PLATFORMS
    apart = {"gcp-managed-prometheus"}
    assert {row[0] for row in AVAILABILITY} | apart == PLATFORMS
    assert {row[0] for row in LATENCY} | apart == PLATFORMS


@pytest.mark.parametrize(("name", "with_", "total", "good", "bad"), AVAILABILITY)
def test_the_filters_are_those_written_by_hand(
    name: str, with_: Params, total: str | None, good: str | None, bad: str | None
) -> None:
    found = ratio(name, with_)

    assert [part and str(part) for part in (found.total, found.good, found.bad)] == [total, good, bad]


@pytest.mark.parametrize(("name", "with_", "_total", "_good", "_bad"), AVAILABILITY)
def test_no_filter_has_an_or(name: str, with_: Params, _total: object, _good: object, _bad: object) -> None:
    found = ratio(name, with_)
    filters = [part for part in (found.total, found.good, found.bad) if part]

    assert len(filters) == 2
    assert not any(" OR " in str(part) for part in filters)


@pytest.mark.parametrize(("name", "with_", "filtered", "hundred"), LATENCY)
def test_the_distribution_is_that_written_by_hand_and_a_hundred_milliseconds_are_so_many_of_its_units(
    name: str, with_: Params, filtered: str, hundred: str
) -> None:
    preset = presets.load(name)
    assert preset.latency is not None
    found = preset.latency(preset.params.model_validate(with_))

    assert isinstance(found, Distribution)
    assert str(found.filter) == filtered
    assert latency_seconds("100ms") / SECONDS_PER[found.unit] == Decimal(hundred)


PROMQL = [
    (
        "gcp-cloud-run",
        {"service_name": "checkout"},
        BadOfTotal,
        (
            'run_googleapis_com:request_count{monitored_resource="cloud_run_revision",service_name="checkout",'
            'response_code_class!="4xx"}'
        ),
        (
            'run_googleapis_com:request_count{monitored_resource="cloud_run_revision",service_name="checkout",'
            'response_code_class="5xx"}'
        ),
    ),
    (
        "gcp-cloud-functions-v1",
        {"function_name": "resize"},
        GoodOfTotal,
        (
            'cloudfunctions_googleapis_com:function_execution_count{monitored_resource="cloud_function",'
            'function_name="resize"}'
        ),
        (
            'cloudfunctions_googleapis_com:function_execution_count{monitored_resource="cloud_function",'
            'function_name="resize",status="ok"}'
        ),
    ),
    (
        "gcp-app-engine",
        {},
        BadOfTotal,
        (
            'appengine_googleapis_com:http_server_response_count{monitored_resource="gae_app",module_id="default",'
            'response_code!~"4[0-9]{2}"}'
        ),
        (
            'appengine_googleapis_com:http_server_response_count{monitored_resource="gae_app",module_id="default",'
            'response_code=~"[5-9][0-9]{2}|[1-9][0-9]{3,}"}'
        ),
    ),
    (
        "gcp-app-engine",
        {"client_errors": "bad", "server_errors": "ignored", "redirects": "ignored"},
        BadOfTotal,
        (
            'appengine_googleapis_com:http_server_response_count{monitored_resource="gae_app",module_id="default",'
            'response_code!~"3[0-9]{2}|[5-9][0-9]{2}|[1-9][0-9]{3,}"}'
        ),
        (
            'appengine_googleapis_com:http_server_response_count{monitored_resource="gae_app",module_id="default",'
            'response_code=~"[4-9][0-9]{2}|[1-9][0-9]{3,}",response_code=~"[0-9]{1,2}|[1-4][0-9]{2}"}'
        ),
    ),
    (
        "gcp-load-balancer",
        OF_BALANCER,
        BadOfTotal,
        (
            'loadbalancing_googleapis_com:https_request_count{monitored_resource="https_lb_rule",url_map_name="shop",'
            'response_code_class!="400"}'
        ),
        (
            'loadbalancing_googleapis_com:https_request_count{monitored_resource="https_lb_rule",url_map_name="shop",'
            'response_code_class="500"}'
        ),
    ),
]


@pytest.mark.parametrize(("name", "with_", "kind", "total", "part"), PROMQL)
def test_promql_says_the_same_under_the_names_of_cloud_monitoring(
    name: str, with_: Params, kind: type, total: str, part: str
) -> None:
    match ratio(name, with_).promql:
        case BadOfTotal(Counter(every), Counter(some)) | GoodOfTotal(Counter(every), Counter(some)) as promql:
            assert isinstance(promql, kind)
            assert [str(every), str(some)] == [total, part]
        case other:
            pytest.fail(f"{other} counts no events")


def test_managed_prometheus_reads_what_any_prometheus_does_and_no_series_without_a_status() -> None:
    preset = presets.load("gcp-managed-prometheus")
    params = preset.params.model_validate({"job": "checkout", "namespace": "shop"})
    assert preset.availability is not None
    assert preset.latency is not None
    found = preset.availability(params)
    histogram = preset.latency(params)

    assert isinstance(found, BadOfTotal)
    assert isinstance(found.total, Counter)
    assert isinstance(found.bad, Counter)
    assert str(found.total.selector) == 'http_requests_total{namespace="shop",job="checkout",code=~"[1235].."}'
    assert str(found.bad.selector) == 'http_requests_total{namespace="shop",job="checkout",code=~"5.."}'
    assert isinstance(histogram, Histogram)
    assert str(histogram.bucket) == 'http_request_duration_seconds_bucket{namespace="shop",job="checkout"}'


@pytest.mark.parametrize(
    ("name", "wrong", "right"),
    [
        ("gcp-cloud-run", {"server_errors": "good"}, {"server_errors": "good", "client_errors": "bad"}),
        ("gcp-managed-prometheus", {"server_errors": "ignored"}, {"redirects": "bad", "client_errors": "good"}),
        ("gcp-app-engine", {"redirects": "bad"}, {"redirects": "bad", "client_errors": "bad"}),
        ("gcp-gke-istio", {"client_errors": "bad", "server_errors": "good", "redirects": "ignored"}, {}),
    ],
)
def test_what_no_two_filters_can_say_is_refused(name: str, wrong: Params, right: Params) -> None:
    preset = presets.load(name)
    needed = {key: "x" for key, field in preset.params.model_fields.items() if field.is_required()}
    assert preset.availability is not None

    assert isinstance(preset.availability(preset.params.model_validate({**needed, **wrong})), Refusal)
    assert not isinstance(preset.availability(preset.params.model_validate({**needed, **right})), Refusal)


def below_in_cloud_monitoring(bound: Decimal, bounds: tuple[Decimal, ...], samples: list[Decimal]) -> int:
    """Samples in the buckets up to *bound*; a bucket has its lower bound, not its upper one."""
    buckets = [bisect.bisect_right(bounds, sample) for sample in samples]
    return sum(bucket <= bounds.index(bound) for bucket in buckets)


def below_in_prometheus(bound: Decimal, bounds: tuple[Decimal, ...], samples: list[Decimal]) -> int:
    """Samples in the buckets up to *bound*; a bucket has its upper bound, ``le``."""
    buckets = [bisect.bisect_left(bounds, sample) for sample in samples]
    return sum(bucket <= bounds.index(bound) for bucket in buckets)


@pytest.mark.parametrize(
    ("name", "with_"), [("gcp-app-engine", {}), ("gcp-gke-istio", OF_ISTIO), ("gcp-load-balancer", OF_BALANCER)]
)
@given(data=st.data())
def test_a_request_of_just_the_threshold_is_slow_in_a_distribution_and_fast_in_a_histogram(
    name: str, with_: Params, data: st.DataObject
) -> None:
    preset = presets.load(name)
    assert preset.latency is not None
    bounds = preset.latency(preset.params.model_validate(with_)).buckets
    bound = data.draw(st.sampled_from(bounds))
    samples = data.draw(st.lists(st.sampled_from(bounds) | st.decimals(0, 10_000, places=3)))

    fast_there, fast_here = (
        below(bound, bounds, samples) for below in (below_in_cloud_monitoring, below_in_prometheus)
    )

    assert fast_here - fast_there == samples.count(bound)
    assert fast_there == sum(sample < bound for sample in samples)


@pytest.mark.parametrize(
    "name", sorted(PLATFORMS - {"gcp-managed-prometheus", "gcp-app-engine-flex", "gcp-cloud-functions-v2"})
)
def test_the_manual_page_says_on_which_side_of_a_bound_a_request_counts(name: str) -> None:
    page = re.sub(r"\s+", " ", presets.manual(name))

    assert "A bucket excludes its upper bound" in page
    assert "'le'" in page

"""A filter of Cloud Monitoring is built of values and printed once; PromQL says the same of the same series."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slogen.monitoring_filter import Comparison, Filter, Operator, Regex, on_metric, on_resource, quote

RUN = Filter("run.googleapis.com/request_count", "cloud_run_revision", (on_resource("service_name", "=", "checkout"),))
numbers = st.integers(0, 20_000)


def test_a_filter_names_its_metric_its_resource_and_what_narrows_them() -> None:
    assert str(RUN.where(on_metric("response_code_class", "!=", "4xx"))) == (
        'metric.type="run.googleapis.com/request_count" AND resource.type="cloud_run_revision" AND '
        'resource.labels.service_name="checkout" AND metric.labels.response_code_class!="4xx"'
    )


def test_numbers_and_truths_stand_unquoted_and_text_that_looks_like_a_number_does_not() -> None:
    assert str(on_metric("response_code", "<", 400)) == "metric.labels.response_code<400"
    assert str(on_metric("response_code", "=", "400")) == 'metric.labels.response_code="400"'
    assert str(on_metric("loading", "=", False)) == "metric.labels.loading=false"


def test_a_regular_expression_is_matched_against_the_whole_value() -> None:
    printed = str(on_metric("path", "!=", Regex(r"/v1\.2/.*")))

    assert printed == r'metric.labels.path!=monitoring.regex.full_match("/v1\\.2/.*")'


@given(st.text())
def test_no_text_breaks_out_of_its_quotes(text: str) -> None:
    printed = quote(text)

    inner = re.fullmatch(r'"((?:[^"\\\n]|\\.)*)"', printed)
    assert inner
    assert '"' not in re.sub(r"\\.", "", inner[1])


def test_promql_knows_the_metric_by_its_mapped_name_and_the_resource_by_a_label() -> None:
    balancer = Filter("loadbalancing.googleapis.com/https/total_latencies", "https_lb_rule")

    assert str(balancer.selector("_bucket")) == (
        'loadbalancing_googleapis_com:https_total_latencies_bucket{monitored_resource="https_lb_rule"}'
    )
    assert str(RUN.selector()) == (
        'run_googleapis_com:request_count{monitored_resource="cloud_run_revision",service_name="checkout"}'
    )


def test_orders_of_numbers_are_regular_expressions_in_promql() -> None:
    assert str(on_metric("code", "<", 400).matcher) == 'code=~"[0-9]{1,2}|[1-3][0-9]{2}"'
    assert str(on_metric("code", ">=", 500).matcher) == 'code=~"[5-9][0-9]{2}|[1-9][0-9]{3,}"'
    assert str(on_metric("code", "=", 500).matcher) == 'code="500"'
    assert str(on_metric("loading", "=", True).matcher) == 'loading="true"'


@pytest.mark.parametrize("op", ["<", "<=", ">", ">="])
@given(number=numbers, limit=st.integers(1, 20_000))
def test_an_order_of_numbers_holds_of_the_same_numbers_in_promql(op: Operator, number: int, limit: int) -> None:
    pattern = on_metric("code", op, limit).matcher.value
    holds = {"<": number < limit, "<=": number <= limit, ">": number > limit, ">=": number >= limit}[op]

    assert bool(re.fullmatch(pattern, str(number))) is holds


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (on_metric("code", "=", 500), on_metric("code", "<", 400)),
        (on_metric("code", "=", "5xx"), on_metric("code", "<", 400)),
        (on_metric("code", "=", "a"), on_metric("code", "=", "b")),
        (on_metric("code", "=", "a"), on_metric("code", "!=", "a")),
        (on_metric("loading", "=", "false"), on_metric("loading", "=", value=False)),
    ],
)
def test_conditions_that_no_value_meets_together_are_found(one: Comparison, other: Comparison) -> None:
    assert Filter("m", "r", (one, other)).contradiction is not None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (on_metric("code", "=", 399), on_metric("code", "<", 400)),
        (on_metric("code", "=", "a"), on_resource("code", "=", "b")),
        (on_metric("code", "=", "a"), on_metric("code", "=", "a")),
        (on_metric("code", "=", "a"), on_metric("code", "!=", "b")),
        (on_metric("code", "=", "a"), on_metric("code", "=", Regex("b"))),
        (on_metric("loading", "=", value=False), on_metric("loading", "=", value=False)),
    ],
)
def test_conditions_that_a_value_may_meet_together_are_not(one: Comparison, other: Comparison) -> None:
    assert Filter("m", "r", (one, other)).contradiction is None

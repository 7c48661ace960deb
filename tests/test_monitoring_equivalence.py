"""
A filter of Cloud Monitoring selects the series that the Prometheus selector does, and a cut counts what ``le`` counts.

A small evaluator stands in for Cloud Monitoring. What a filter makes of a label that a series does not have is not
documented, so it is asked both ways: as an empty label, and as one of which no comparison holds but a negated one.
"""

import json
import re
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import slogen
from slogen.monitoring.matchers import RESOURCE_LABELS, translated
from slogen.monitoring_filter import Filter, Holder, Regex
from slogen.promql import Matcher

Labels = dict[str, str]

METRIC_LABELS = ("code", "path", "method")
values = st.sampled_from(["", "200", "404", "500", "5xx", "/", "/a.b", 'a"b', "a\\b", "ä"])
filled = values.filter(bool)
patterns = st.sampled_from(["5..", "4..|5..", ".+", ".*", "5..|", r"/a\.b", "(?i:5XX)", "[^4]..", ""])
names = st.sampled_from([*METRIC_LABELS, *sorted(RESOURCE_LABELS)])
matchers = st.lists(
    st.one_of(
        st.builds(Matcher, names, st.sampled_from(["=", "!="]), values),
        st.builds(Matcher, names, st.sampled_from(["=~", "!~"]), patterns),
    ),
    max_size=4,
)
series = st.builds(
    lambda resource, metric: {**resource, **metric},
    st.fixed_dictionaries(dict.fromkeys(sorted(RESOURCE_LABELS), filled)),
    st.dictionaries(st.sampled_from(METRIC_LABELS), filled),
)


def selected(matcher: Matcher, labels: Labels) -> bool:
    """Whether Prometheus selects series with these *labels*: a missing one is empty, an expression is for the whole."""
    value = labels.get(matcher.label, "")
    holds = re.fullmatch(matcher.value, value) is not None if matcher.op.endswith("~") else value == matcher.value
    return holds is not matcher.op.startswith("!")


def met(filter_: Filter, labels: Labels, *, missing_is_empty: bool) -> bool:
    """Whether Cloud Monitoring selects series with these *labels* of the metric and of its resource."""
    for holder, label, op, wanted in filter_.comparisons:
        assert holder is (Holder.RESOURCE if label in RESOURCE_LABELS else Holder.METRIC)
        value = labels.get(label, "" if missing_is_empty else None)
        holds = value is not None and (
            re.fullmatch(wanted.pattern, value) is not None if isinstance(wanted, Regex) else value == wanted
        )
        if holds is (op == "!="):
            return False
    return True


@given(written=matchers, labels=series, missing_is_empty=st.booleans())
def test_a_filter_and_the_selector_select_the_same_series(
    written: list[Matcher], labels: Labels, *, missing_is_empty: bool
) -> None:
    comparisons, reasons = translated(written)
    assume(not reasons)

    found = met(Filter("m", "prometheus_target", comparisons), labels, missing_is_empty=missing_is_empty)

    assert found is all(selected(matcher, labels) for matcher in written)


@given(written=matchers)
def test_what_is_refused_accepts_series_without_the_label(written: list[Matcher]) -> None:
    """And nothing else is refused here: all labels have names and all values characters that may stand."""
    refused = {
        label
        for label in {matcher.label for matcher in written}
        if all(selected(matcher, {}) for matcher in written if matcher.label == label)
        and not (
            label in RESOURCE_LABELS
            and all(matcher.op.startswith("!") for matcher in written if matcher.label == label)
        )
    }

    assert len(translated(written).reasons) == len(refused)


@pytest.mark.parametrize(
    ("matcher", "printed"),
    [
        (Matcher("code", "=", "500"), 'metric.labels.code="500"'),
        (Matcher("job", "=", "shop"), 'resource.labels.job="shop"'),
        (Matcher("job", "!=", "shop"), 'resource.labels.job!="shop"'),
        (Matcher("code", "=~", "5.."), 'metric.labels.code=monitoring.regex.full_match("5..")'),
        (Matcher("namespace", "!~", "dev-.*"), 'resource.labels.namespace!=monitoring.regex.full_match("dev-.*")'),
        (Matcher("code", "!=", ""), 'metric.labels.code=monitoring.regex.full_match(".+")'),
        (Matcher("code", "!~", ""), 'metric.labels.code=monitoring.regex.full_match(".+")'),
    ],
)
def test_a_matcher_is_spelt_as_google_s_documents_spell_it(matcher: Matcher, printed: str) -> None:
    assert [str(comparison) for comparison in translated([matcher]).comparisons] == [printed]


SLO = """\
apiVersion: slogen/v1
service: shop
slos:
  - {name: fast, objective: 99, sli: {latency: {histogram: 'h_seconds{job="shop"}', threshold: THRESHOLD}}}
"""
BOUNDS = ("0.1", "0.25", "0.5", "1", "2.5")


@cache
def cut(threshold: str) -> dict[str, Any]:
    """The cut that is written for a histogram's *threshold*, read back."""
    artifacts = slogen.compile(
        {"shop.yaml": SLO.replace("THRESHOLD", threshold)}, targets=["cloud-monitoring"]
    ).artifacts
    (text,) = [one.text for one in artifacts if one.path.endswith(".slo.json")]
    read: dict[str, Any] = json.loads(text)["serviceLevelIndicator"]["requestBased"]["distributionCut"]
    return read


def buckets(samples: list[Decimal]) -> Iterator[tuple[Decimal, Decimal, int]]:
    """Bounds and count of each finite bucket that Managed Service for Prometheus makes of those with ``le``."""
    bounds = [Decimal(0), *map(Decimal, BOUNDS)]
    for lower, upper in pairwise(bounds):
        yield lower, upper, sum(lower < one <= upper or (lower == 0 == one) for one in samples)


@given(st.lists(st.decimals(0, 5, places=3), max_size=50), st.sampled_from(BOUNDS))
def test_a_cut_at_a_bound_counts_what_the_bucket_le_counts(samples: list[Decimal], bound: str) -> None:
    span = cut(f"{bound}s")["range"]
    estimated = Decimal(0)
    for lower, upper, count in buckets(samples):
        share = (min(Decimal(str(span["max"])), upper) - max(Decimal(str(span["min"])), lower)) / (upper - lower)
        estimated += count * max(share, Decimal(0))

    assert estimated == sum(one <= Decimal(bound) for one in samples)

"""
Label matchers of Prometheus as comparisons of a Cloud Monitoring filter, where the two select the same series.

To Prometheus a label that is missing is an empty one; what a filter makes of it is not documented. So a matcher that
also accepts a missing label is translated only beside one that does not. Both match regular expressions in RE2 syntax
against the whole value; they are the same for every value without a line break.

Source: https://docs.cloud.google.com/monitoring/api/v3/filters
https://docs.cloud.google.com/stackdriver/docs/managed-prometheus/prometheus-mapping
"""

from collections.abc import Iterable
from typing import Final, NamedTuple

from slogen import naming
from slogen.diagnostics import shown
from slogen.monitoring_filter import Comparison, Holder, Regex
from slogen.promql import Matcher
from slogen.promql.regex import Regex as Readable
from slogen.promql.regex import read_regex

RESOURCE: Final = "prometheus_target"
RESOURCE_LABELS: Final = frozenset(("project_id", "location", "cluster", "namespace", "job", "instance"))
"""Labels of the resource, which every series has; all others are the metric's."""

_PRESENT: Final = Regex(".+")
_POSITIVE: Final = ("=", "=~")


class Translated(NamedTuple):
    """
    The comparisons that matchers are.

    Attributes:
        reasons: why some of the matchers are none.
    """

    comparisons: tuple[Comparison, ...]
    reasons: tuple[str, ...]


def translated(matchers: Iterable[Matcher]) -> Translated:
    """The comparisons of which the series meet all that meet all *matchers*, and no others."""
    written = tuple(matchers)
    required = {matcher.label for matcher in written if not _accepts_missing(matcher)}
    comparisons: list[Comparison] = []
    reasons = []
    for label in dict.fromkeys(matcher.label for matcher in written):
        of_label = [matcher for matcher in written if matcher.label == label]
        if reason := _reason(label, of_label, required):
            reasons.append(reason)
            continue
        positive = any(matcher.op in _POSITIVE and not _accepts_missing(matcher) for matcher in of_label)
        if label in required and not positive:
            comparisons.append(_comparison(label, "=", _PRESENT))
        comparisons += (_translated(matcher) for matcher in of_label if not _only_asks_for_presence(matcher))
    return Translated(tuple(comparisons), tuple(reasons))


def _reason(label: str, matchers: list[Matcher], required: set[str]) -> str | None:
    if not naming.LABEL.fullmatch(label):
        return f"the label {shown(label)} has characters that a label has not there"
    if unprintable := next((matcher for matcher in matchers if not matcher.value.isprintable()), None):
        return f"the value of {unprintable} has characters that cannot be printed"
    if label in required:
        return None
    loose = [matcher for matcher in matchers if matcher.op in _POSITIVE or label not in RESOURCE_LABELS]
    if not loose:
        return None
    return (
        f"{loose[0]} also accepts series without the label {label!r}, which a filter cannot; where every series has "
        f'it, write {label}!="" beside it'
    )


def _accepts_missing(matcher: Matcher) -> bool:
    negated = matcher.op not in _POSITIVE
    if matcher.op in ("=", "!="):
        return (matcher.value == "") is not negated
    read = read_regex(matcher.value)
    return (isinstance(read, Readable) and read.matches_empty) is not negated


def _only_asks_for_presence(matcher: Matcher) -> bool:
    return matcher.op in ("!=", "!~") and not matcher.value


def _translated(matcher: Matcher) -> Comparison:
    value = Regex(matcher.value) if matcher.op.endswith("~") else matcher.value
    return _comparison(matcher.label, "=" if matcher.op in _POSITIVE else "!=", value)


def _comparison(label: str, op: str, value: str | Regex) -> Comparison:
    holder = Holder.RESOURCE if label in RESOURCE_LABELS else Holder.METRIC
    return Comparison(holder, label, "=" if op == "=" else "!=", value)

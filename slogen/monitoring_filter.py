"""
Filters of Cloud Monitoring as values: one metric of one monitored resource, narrowed by labels, printed once.

All comparisons of a filter hold together. There is no OR: inside an SLO's filter it is not known to work.

Source: https://docs.cloud.google.com/monitoring/api/v3/filters
"""

import operator
import re
from collections.abc import Callable, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final, Literal, NamedTuple

from slogen.promql import Matcher, Selector

_ESCAPES = re.compile(r'[\\"\x00-\x1f\x7f]')
_NAMED_ESCAPES = {"\\": r"\\", '"': r"\"", "\n": r"\n", "\t": r"\t", "\r": r"\r"}
_NOT_IN_PROMQL = re.compile(r"[^a-zA-Z0-9_]")
_NEGATED = {"=": "!=", "=~": "!~"}

Operator = Literal["=", "!=", "<", "<=", ">", ">="]


_HOLDS: Final[Mapping[Operator, Callable[[Any, Any], bool]]] = MappingProxyType(
    {
        "=": operator.eq,
        "!=": operator.ne,
        "<": operator.lt,
        "<=": operator.le,
        ">": operator.gt,
        ">=": operator.ge,
    }
)


class Holder(StrEnum):
    """What has a label: the monitored resource, or the metric."""

    RESOURCE = "resource"
    METRIC = "metric"


class Regex(NamedTuple):
    """A regular expression in RE2 syntax for a whole label value."""

    pattern: str

    def __str__(self) -> str:
        return f"monitoring.regex.full_match({quote(self.pattern)})"


Value = str | int | bool | Regex
"""A label's value, or what is to match it: text for STRING, a number for INT64, a truth for BOOL."""


class Comparison(NamedTuple):
    """
    A condition on one label.

    Attributes:
        op: texts, truths and regular expressions take ``=`` and ``!=`` alone.
        value: a number is not negative.
    """

    holder: Holder
    label: str
    op: Operator
    value: Value

    def __str__(self) -> str:
        return f"{self.holder}.labels.{self.label}{self.op}{_printed(self.value)}"

    def may_hold(self, value: Value) -> bool:
        """Whether a label with this *value* may meet the condition; what a regular expression matches is not asked."""
        if isinstance(self.value, Regex):
            return True
        return type(self.value) is type(value) and _HOLDS[self.op](value, self.value)

    @property
    def matcher(self) -> Matcher:
        """
        The same condition on the series that Cloud Monitoring exposes to PromQL, where every label is text.

        A number has no leading zeros there, so that an order of numbers is a regular expression.
        """
        match self.value:
            case Regex(pattern):
                return Matcher(self.label, "=~" if self.op == "=" else "!~", pattern)
            case bool(truth):
                return Matcher(self.label, self.op, str(truth).lower())
            case int(number) if self.op not in _NEGATED and self.op != "!=":
                return Matcher(self.label, "=~", _ordered(self.op, number))
            case value:
                return Matcher(self.label, self.op, str(value))


def on_metric(label: str, op: Operator, value: Value) -> Comparison:
    """A condition on a label of the metric."""
    return Comparison(Holder.METRIC, label, op, value)


def on_resource(label: str, op: Operator, value: Value) -> Comparison:
    """A condition on a label of the monitored resource."""
    return Comparison(Holder.RESOURCE, label, op, value)


class Filter(NamedTuple):
    """The time series of the type *metric*, written for monitored resources of the type *resource*, that meet all."""

    metric: str
    resource: str
    comparisons: tuple[Comparison, ...] = ()

    def where(self, *comparisons: Comparison) -> "Filter":
        """The time series among these that also meet *comparisons*."""
        return Filter(self.metric, self.resource, (*self.comparisons, *comparisons))

    @property
    def contradiction(self) -> tuple[Comparison, Comparison] | None:
        """Two conditions on one label of which the first names a value that cannot meet the second."""
        exact = [one for one in self.comparisons if one.op == "=" and not isinstance(one.value, Regex)]
        pairs = (
            (first, second)
            for first in exact
            for second in self.comparisons
            if (first.holder, first.label) == (second.holder, second.label) and not second.may_hold(first.value)
        )
        return next(pairs, None)

    def __str__(self) -> str:
        head = f"metric.type={quote(self.metric)} AND resource.type={quote(self.resource)}"
        return " AND ".join([head, *map(str, self.comparisons)])

    def selector(self, suffix: str = "") -> Selector:
        """
        The same series as PromQL in Cloud Monitoring names them; a distribution's have a *suffix*, as a histogram's.

        Source: https://docs.cloud.google.com/monitoring/promql/promql-mapping
        """
        domain, _, path = self.metric.partition("/")
        name = f"{_NOT_IN_PROMQL.sub('_', domain)}:{_NOT_IN_PROMQL.sub('_', path)}{suffix}"
        resource = Matcher("monitored_resource", "=", self.resource)
        return Selector(name, (resource, *(comparison.matcher for comparison in self.comparisons)))


def quote(text: str) -> str:
    """*text* as a string of a filter, in double quotes; no value can break out of it."""
    return f'"{_ESCAPES.sub(_escape, text)}"'


def _escape(match: re.Match[str]) -> str:
    return _NAMED_ESCAPES.get(match[0]) or f"\\x{ord(match[0]):02x}"


def _printed(value: Value) -> str:
    match value:
        case Regex():
            return str(value)
        case bool():
            return str(value).lower()
        case int():
            return str(value)
    return quote(value)


def _ordered(op: str, number: int) -> str:
    """A regular expression for the numbers that are *op* another one, written without leading zeros."""
    match op:
        case "<":
            return _below(number)
        case "<=":
            return _below(number + 1)
        case ">":
            return _above(number)
        case _:
            return _above(number - 1)


def _below(number: int) -> str:
    """The numbers from 0 on that are less than *number*, which is at least 1."""
    digits = str(number)
    patterns = [f"[0-9]{_times(1, len(digits) - 1)}"] if len(digits) > 1 else []
    for index, digit in enumerate(digits):
        lowest = 1 if index == 0 and len(digits) > 1 else 0
        patterns += _digit_between(digits, index, lowest, int(digit) - 1)
    return "|".join(patterns)


def _above(number: int) -> str:
    """The numbers that are more than *number*, which is at least -1."""
    if number < 0:
        return "[0-9]+"
    digits = str(number)
    patterns = []
    for index, digit in enumerate(digits):
        patterns += _digit_between(digits, index, int(digit) + 1, 9)
    return "|".join([*patterns, f"[1-9][0-9]{{{len(digits)},}}"])


def _digit_between(digits: str, index: int, lowest: int, highest: int) -> list[str]:
    """The numbers of as many digits as *digits* that begin as these do, and differ from them at *index*."""
    if lowest > highest:
        return []
    digit = f"[{lowest}-{highest}]" if lowest < highest else str(lowest)
    rest = len(digits) - index - 1
    return [f"{digits[:index]}{digit}{f'[0-9]{_times(rest, rest)}' if rest else ''}"]


def _times(least: int, most: int) -> str:
    if most == 1:
        return ""
    return f"{{{least}}}" if least == most else f"{{{least},{most}}}"

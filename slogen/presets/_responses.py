"""Responses of a platform as a ratio: filters for Cloud Monitoring, and the same as PromQL."""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from slogen.model import BadOfTotal, Counter, GoodOfTotal, PlatformRatio
from slogen.monitoring_filter import Filter, on_metric
from slogen.presets._grades import (
    HUNDREDS,
    Hundred,
    Part,
    ResponseParams,
    Role,
    by_class,
    by_range,
    refusal,
    two_parts,
)
from slogen.presets._platform import DELAY
from slogen.presets._preset import Refusal
from slogen.promql import Matcher


class _Responses(NamedTuple):
    """Series that a label of the metric tells apart by the status, whose hundreds *value* writes."""

    every: Filter
    label: str
    value: Callable[[Hundred], str | int]

    def of(self, part: Part) -> Filter:
        return self.every.where(*(on_metric(self.label, op, self.value(hundred)) for op, hundred in part.conditions))


def graded_by_class(
    every: Filter, value: Callable[[Hundred], str | int], params: ResponseParams, delay: int = DELAY
) -> PlatformRatio | Refusal:
    """The responses among *every*, by their label response_code_class; *value* writes a class."""
    parts = two_parts(params, by_class)
    return _ratio(_Responses(every, "response_code_class", value), parts, params, delay)


def graded_by_number(every: Filter, params: ResponseParams, delay: int = DELAY) -> PlatformRatio | Refusal:
    """The responses among *every*, by their label response_code, a number."""
    parts = two_parts(params, by_range)
    return _ratio(_Responses(every, "response_code", lowest), parts, params, delay)


def graded_by_text(params: ResponseParams) -> tuple[str, str] | Refusal:
    """Regular expressions for the status, a text, of all responses that count, and of the bad ones."""
    bad = params.of("bad")
    return (_begins({1} | bad | params.of("good")), _begins(bad)) if bad else Refusal(refusal(params))


def lowest(hundred: Hundred) -> int:
    """The lowest status that begins with it."""
    return hundred * 100


def _begins(hundreds: Iterable[Hundred]) -> str:
    digits = "".join(map(str, sorted(hundreds)))
    return f"{digits if len(digits) == 1 else f'[{digits}]'}.."


def _ratio(
    responses: _Responses, parts: tuple[Part, Part] | None, params: ResponseParams, delay: int
) -> PlatformRatio | Refusal:
    if parts is None:
        return Refusal(refusal(params))
    filters: dict[Role, Filter] = {part.role: responses.of(part) for part in parts}
    total, good, bad = (filters.get(role) for role in ("total", "good", "bad"))
    every = total.selector() if total else responses.every.selector().where(_counted(responses.label, params))
    if bad:
        promql: BadOfTotal | GoodOfTotal = BadOfTotal(Counter(every), Counter(bad.selector()))
    else:
        promql = GoodOfTotal(Counter(every), Counter(filters["good"].selector()))
    return PlatformRatio(total, good, bad, promql, delay)


def _counted(label: str, params: ResponseParams) -> Matcher:
    """The numbers that are good or bad, as PromQL says it: all but those of the ignored hundreds."""
    last = HUNDREDS[-1]
    patterns = [
        on_metric(label, ">=", lowest(last)).matcher.value if hundred == last else f"{hundred}[0-9]{{2}}"
        for hundred in sorted(params.of("ignored"))
    ]
    return Matcher(label, "!~", "|".join(patterns))

"""
The functions, aggregations and features of PromQL, each with the first Prometheus that has it.

What is behind a feature flag counts from the version that has the flag. What 2.0 had already is not told apart.

Source: https://github.com/prometheus/prometheus/blob/main/CHANGELOG.md, and where that is silent (``day_of_year``) the
tables in https://github.com/prometheus/prometheus/blob/main/promql/parser/functions.go of the versions themselves.
"""

from types import MappingProxyType
from typing import Final, Literal, NamedTuple

from slogen.promql.strings import RefusedError

Version = tuple[int, int]
Measure = Literal["rate", "increase"]
"""What functions over counters yield: events per second, or events within the window."""


class Feature(NamedTuple):
    """Something that PromQL has not always had."""

    name: str
    since: Version


_FUNCTIONS = {
    (2, 0): "abs absent avg_over_time ceil changes clamp_max clamp_min count_over_time day_of_month day_of_week "
    "days_in_month delta deriv exp floor histogram_quantile holt_winters hour idelta increase irate label_join "
    "label_replace ln log10 log2 max_over_time min_over_time minute month predict_linear quantile_over_time rate "
    "resets round scalar sort sort_desc sqrt stddev_over_time stdvar_over_time sum_over_time time timestamp vector "
    "year",
    (2, 16): "absent_over_time",
    (2, 26): "clamp last_over_time sgn",
    (2, 29): "present_over_time",
    (2, 31): "acos acosh asin asinh atan atanh cos cosh deg pi rad sin sinh tan tanh",
    (2, 36): "day_of_year",
    (2, 40): "histogram_count histogram_fraction histogram_sum",
    (2, 47): "histogram_stddev histogram_stdvar",
    (2, 49): "mad_over_time sort_by_label sort_by_label_desc",
    (2, 51): "histogram_avg",
    (2, 55): "info",
    (3, 0): "double_exponential_smoothing",
    (3, 5): "ts_of_last_over_time ts_of_max_over_time ts_of_min_over_time",
    (3, 7): "first_over_time ts_of_first_over_time",
    (3, 11): "histogram_quantiles",
    (3, 12): "end range start step",
    (3, 13): "max_of min_of",
    (3, 14): "start_timestamp",
    (3, 16): "integral",
}
_KEEP_LABELS = """
abs acos acosh asin asinh atan atanh avg_over_time ceil changes clamp clamp_max clamp_min cos cosh count_over_time
day_of_month day_of_week day_of_year days_in_month deg delta deriv double_exponential_smoothing exp
first_over_time floor histogram_avg histogram_count histogram_fraction histogram_stddev histogram_stdvar
histogram_sum hour idelta increase integral irate last_over_time ln log10 log2 mad_over_time max_over_time
min_over_time minute month predict_linear present_over_time quantile_over_time rad rate resets round sgn sin sinh
sort sort_by_label sort_by_label_desc sort_desc sqrt start_timestamp stddev_over_time stdvar_over_time
sum_over_time tan tanh timestamp ts_of_first_over_time ts_of_last_over_time ts_of_max_over_time
ts_of_min_over_time year
"""
_AGGREGATIONS = {
    (2, 0): "avg bottomk count count_values max min quantile stddev stdvar sum topk",
    (2, 20): "group",
    (2, 54): "limit_ratio limitk",
}


def _by_name(table: dict[Version, str]) -> MappingProxyType[str, Version]:
    return MappingProxyType({name: since for since, names in table.items() for name in names.split()})


FUNCTIONS: Final = _by_name(_FUNCTIONS)
"""The functions and since when they are there. Their names tell capital letters from small ones."""

AGGREGATIONS: Final = _by_name(_AGGREGATIONS)
"""The aggregations and since when they are there. Their names are written in any case."""

RENAMED: Final = MappingProxyType({"holt_winters": ("double_exponential_smoothing", (3, 0))})
"""The functions that are gone, what does their work now, and since when."""

KEEP_LABELS: Final = frozenset(_KEEP_LABELS.split())
"""
The functions whose result has the labels of the series they are given, the metric's name apart.

Source: https://prometheus.io/docs/prometheus/latest/querying/functions/
"""

NEGATIVE_OFFSET: Final = Feature("a negative offset", (2, 33))
AT_MODIFIER: Final = Feature("the modifier '@'", (2, 33))
ATAN2: Final = Feature("the operator 'atan2'", (2, 31))
INTERCHANGEABLE: Final = Feature("a number as a duration, or a duration as a number,", (2, 54))
UNDERSCORES: Final = Feature("a number with underscores", (2, 54))
QUOTED_NAMES: Final = Feature("a name in quotes", (3, 0))
DURATION_EXPRESSIONS: Final = Feature("calculating with durations", (3, 4))
EXTENDED_RANGES: Final = Feature("the modifier 'anchored' or 'smoothed'", (3, 7))
FILL: Final = Feature("the modifier 'fill'", (3, 10))
TRIMMING: Final = Feature("the operator '</' or '>/'", (3, 11))


def require(feature: Feature, version: Version, offset: int) -> None:
    """
    Go on only if Prometheus *version* has *feature*, which is written at *offset*.

    Raises:
        RefusedError: it has not.
    """
    if version >= feature.since:
        return
    message = (
        f"{feature.name} needs Prometheus {feature.since[0]}.{feature.since[1]}, and 'prometheus_version' is "
        f"{version[0]}.{version[1]}; write the query without, or raise the version"
    )
    raise RefusedError(offset, message, "promql-too-new")

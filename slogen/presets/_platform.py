"""What the presets of Google Cloud's platforms have in common: the series of one monitored resource."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from slogen.monitoring_filter import Filter, Value, on_metric, on_resource
from slogen.presets._preset import HistogramParams
from slogen.scalars import LabelName, LabelValue
from slogen.shape import Field

DELAY: Final = 240
"""
Seconds until most metrics of Google Cloud can be read.

Source: https://docs.cloud.google.com/monitoring/api/metrics_gcp
"""
POWERS_OF_TWO: Final = " ".join(str(2**power) for power in range(33))
"""
Bounds of distributions with 64 finite buckets, each the square root of two wider than the last; those in between
cannot be written.

Source: https://github.com/google/slo-generator/blob/master/docs/pratices/latency_slo_distrib_metric_cloud_monitoring.md
"""


def number(text: str) -> Value:
    """What *text* is for a label that is INT64."""
    return int(text) if text.isascii() and text.isdecimal() else text


def truth(text: str) -> Value:
    """What *text* is for a label that is BOOL."""
    return text == "true" if text in ("true", "false") else text


Types = Mapping[str, Callable[[str], Value]]
"""What the values of some labels are; those of all others are STRING."""
NUMBERS: Final[Types] = MappingProxyType({"response_code": number})
"""Where platforms tell a response's status as a number."""


class PlatformParams(HistogramParams):
    """Parameters that every platform has."""

    resource_labels: dict[LabelName, LabelValue] = Field(
        default_factory=dict, description="Further labels of the monitored resource; 'labels' are the metric's."
    )


def series(
    metric: str,
    resource: str,
    params: PlatformParams,
    labels: Mapping[str, str | None],
    types: Types = MappingProxyType({}),
) -> Filter:
    """
    What is written of a *metric* for the *resource* with these *labels*, as far as they have a value.

    Args:
        types: of labels of the metric; only text stands in quotes in a filter.
    """
    given = {label: value for label, value in labels.items() if value is not None}
    of_resource = (on_resource(label, "=", value) for label, value in {**given, **params.resource_labels}.items())
    of_metric = (on_metric(label, "=", types.get(label, str)(value)) for label, value in params.labels.items())
    return Filter(metric, resource, (*of_resource, *of_metric))

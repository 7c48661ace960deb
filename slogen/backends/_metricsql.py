"""
What MetricsQL lacks of PromQL, and vmalert of the templates of Prometheus; held to vmalert 1.145 by the tests.

Source: https://docs.victoriametrics.com/victoriametrics/metricsql/ and
https://docs.victoriametrics.com/victoriametrics/vmalert/#template-functions
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from slogen.backends._backend import Objection
from slogen.model import Labels, NativeLatency, Slo
from slogen.promql import Written
from slogen.promql.functions import DURATION_EXPRESSIONS, EXTENDED_RANGES, FILL, TRIMMING
from slogen.promql.placeholder import fill
from slogen.promql.scanner import scan
from slogen.promql.selector import NEWEST
from slogen.promql.strings import RefusedError

FUNCTIONS: Final = frozenset(
    (
        *("double_exponential_smoothing", "histogram_count", "histogram_sum", "info", "integral", "max_of", "min_of"),
        *("range", "start_timestamp"),
        *(f"ts_of_{which}_over_time" for which in ("first", "last", "max", "min")),
    )
)
"""Those that it does not know."""
AGGREGATIONS: Final = frozenset(("limit_ratio",))
FEATURES: Final = (DURATION_EXPRESSIONS, EXTENDED_RANGES, FILL, TRIMMING)
TEMPLATE_FUNCTIONS: Final = frozenset(("graphLink", "tableLink", "toDuration", "urlQueryEscape"))

_BEFORE_ALL_FEATURES: Final = (3, 3)
_SAMPLE: Final = "5m"
_NAME: Final = re.compile(r"\w+")
_QUOTED: Final = re.compile(r""""(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`[^`]*`|#.*""")
"""Strings and comments of a query."""
_ACTION: Final = re.compile(r"\{\{.*?\}\}", re.DOTALL)


def objections(slo: Slo) -> Iterator[Objection]:
    """What of *slo* it cannot evaluate."""
    if isinstance(slo.sli, NativeLatency):
        message = "MetricsQL has no functions for native histograms; measure a classic one"
        yield Objection(message, key=("sli", "latency"))
    for written in _written(slo.promql):
        for unknown in _unknown(fill(written.text, _SAMPLE)):
            yield Objection(f"MetricsQL does not know {unknown}; write the query without", key=("sli",))
    alerts = (*slo.alerts, *((slo.no_data,) if slo.no_data else ()))
    texts = [text for alert in alerts for text in (*_texts(alert.labels), *_texts(alert.annotations))]
    for name in sorted(TEMPLATE_FUNCTIONS & set(_called(texts))):
        yield Objection(f"templates of vmalert do not know the function {name!r}; write labels and annotations without")


def _texts(labels: Labels) -> Iterable[str]:
    return labels.values()


def _written(of: object) -> Iterator[Written]:
    match of:
        case Written():
            yield of
        case tuple():
            for part in of:
                yield from _written(part)


def _unknown(query: str) -> Iterator[str]:
    scanned = scan(query, NEWEST)
    yield from (f"the function {name!r}" for name in scanned.calls if name in FUNCTIONS)
    words = set(_NAME.findall(_QUOTED.sub("", query)))
    yield from (f"the aggregation {name!r}" for name in sorted(AGGREGATIONS & words))
    try:
        scan(query, _BEFORE_ALL_FEATURES)
    except RefusedError as refused:
        yield from (one.name for one in FEATURES if refused.mistake.message.startswith(one.name))


def _called(texts: Iterable[str]) -> Iterator[str]:
    """The words within the actions of templates."""
    for text in dict.fromkeys(texts):
        for action in _ACTION.findall(text):
            yield from _NAME.findall(action)

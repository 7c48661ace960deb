"""
An SLO as Cloud Monitoring takes it: a Service, and a ServiceLevelObjective of it.

Source: https://cloud.google.com/monitoring/api/ref_v3/rest/v3/services
https://cloud.google.com/monitoring/api/ref_v3/rest/v3/services.serviceLevelObjectives
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final

from slogen.model import Labels, Latency, PlatformLatency, Slo
from slogen.monitoring.equivalence import Cut, Indicator, Ratio
from slogen.monitoring.labels import lawful
from slogen.units import plain

Document = dict[str, Any]

MILLISECOND: Final = Decimal("0.001")


def service_document(slos: Sequence[Slo]) -> Document:
    """The service of *slos*, one that Google Cloud does not know by itself."""
    first = slos[0]
    document: Document = {"displayName": first.service, "custom": {}}
    return _labelled(document, {"owner": first.owner} if first.owner else {})


def slo_document(slo: Slo, measured: Indicator) -> Document:
    """*slo*, its error budget spent over a rolling period of whole days."""
    document: Document = {
        "displayName": f"{title(slo)}: {promise(slo)}",
        "goal": number(slo.objective),
        "rollingPeriod": seconds(slo.window.seconds),
        "serviceLevelIndicator": {"requestBased": _indicator(measured)},
    }
    return _labelled(document, slo.labels)


def title(slo: Slo) -> str:
    """What an SLO is called where people read it."""
    return slo.cloud.display_name if slo.cloud and slo.cloud.display_name else f"{slo.service} {slo.name}"


def promise(slo: Slo) -> str:
    """Goal, threshold and window in words: ``99% within 500ms over 30d``."""
    promised = f"{plain(slo.objective * 100)}%"
    if isinstance(slo.sli, Latency | PlatformLatency):
        return f"{promised} within {duration(slo.sli.threshold)} over {slo.window}"
    return f"{promised} good over {slo.window}"


def duration(threshold: Decimal) -> str:
    """A latency, given in seconds, in seconds or milliseconds: ``2s``, ``500ms``, ``0.25ms``."""
    return f"{plain(threshold)}s" if threshold >= 1 else f"{plain(threshold / MILLISECOND)}ms"


def number(value: Decimal) -> int | float:
    """*value* as a number of JSON, which is printed with the same digits: no value here has more than 15."""
    return int(value) if value == value.to_integral_value() else float(value)


def seconds(count: int) -> str:
    """A Duration as JSON has it."""
    return f"{count}s"


def _indicator(measured: Indicator) -> Document:
    match measured:
        case Cut(distribution, bound):
            # A bound that is not written is 0, not infinite.
            cut = {"distributionFilter": str(distribution), "range": {"min": 0, "max": number(bound)}}
            return {"distributionCut": cut}
        case Ratio(total, good, bad):
            named = {"goodServiceFilter": good, "badServiceFilter": bad, "totalServiceFilter": total}
            return {"goodTotalRatio": {key: str(one) for key, one in named.items() if one is not None}}


def _labelled(document: Document, labels: Labels) -> Document:
    user_labels = lawful(labels).labels
    return {**document, "userLabels": user_labels} if user_labels else document

"""An explanation as JSON has it: seconds, ratios and events as numbers."""

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from typing import Any

from slogen.dependencies import Combined
from slogen.explain import PERIODS, Downtime, Explanation, Normal, Timing, Traffic
from slogen.model import Tier
from slogen.parts import called
from slogen.units import printed


def data(explained: Explanation, warnings: list[str]) -> dict[str, Any]:
    """All that is to be said about one SLO, as numbers."""
    slo = explained.slo
    position = slo.place.position
    return {
        "slo": slo.id,
        "service": slo.service,
        "name": slo.name,
        "file": position.file,
        "line": position.line,
        "objective": _number(slo.objective),
        "error_budget": _number(slo.error_budget),
        "window_seconds": slo.window.seconds,
        "group_by": list(slo.group_by),
        "tolerated": [
            {"error_ratio": _number(ratio), "seconds": _number(seconds)} for ratio, seconds in explained.tolerated
        ],
        "tiers": [
            {
                **_tier(one.tier),
                "threshold": _number(one.limit),
                "budget_spent": _number(one.spent),
                "lag_seconds": one.lag,
                "times": [_timing(timing) for timing in one.timings],
            }
            for one in explained.tiers
        ],
        "severities": [
            {
                "severity": one.severity.value,
                "alert": one.alert,
                "times": [{**_timing(timing), "outage_seconds": _number(timing.outage)} for timing in one.timings],
            }
            for one in explained.severities
        ],
        "weighted": explained.weighted,
        "traffic": explained.traffic and _traffic(explained.traffic),
        "normal": explained.normal and _normal(explained.normal),
        "parts": explained.combined and _parts(explained.combined),
        "warnings": warnings,
    }


def _number(value: Fraction | Decimal | None) -> int | float | None:
    """*value* as the number of JSON that is nearest to it."""
    if value is None:
        return None
    exact = Fraction(value)
    return exact.numerator if exact.denominator == 1 else float(printed(exact))


def _tier(tier: Tier) -> dict[str, Any]:
    return {
        "tier": tier.name,
        "severity": tier.severity.value,
        "long_seconds": tier.long.seconds,
        "short_seconds": tier.short.seconds,
        "burn_rate": _number(tier.burn_rate),
    }


def _timing(one: Timing) -> dict[str, Any]:
    return {
        "error_ratio": _number(one.error_ratio),
        "detection_seconds": _number(one.detection),
        "reset_seconds": _number(one.reset),
    }


def _traffic(traffic: Traffic) -> dict[str, Any]:
    return {
        "events_per_second": _number(traffic.rate),
        "events": _number(traffic.events),
        "error_budget_events": _number(traffic.budget),
        "min_events": traffic.calming,
        "tiers": [
            {
                "tier": one.tier.name,
                "events": _number(one.events),
                "burn_rate_of_one_error": _number(one.burn_rate),
                "one_error_holds": one.holds,
                "too_few_events": one.mute,
            }
            for one in traffic.lone
        ],
    }


def _normal(normal: Normal) -> dict[str, Any]:
    return {
        "error_ratio": _number(normal.error_ratio),
        "burn_rate": _number(normal.burn_rate),
        "spent_after_seconds": _number(normal.spent_after),
        "holding": [tier.name for tier in normal.holding],
    }


def _parts(combined: Combined) -> dict[str, Any]:
    return {
        "availability": _number(combined.availability),
        "weakest": called(combined.weakest),
        "promises": {target: _number(promise.objective) for target, promise in combined.promises.items()},
    }


def downtime(table: Iterable[Downtime]) -> list[dict[str, Any]]:
    """The table of nines."""
    return [
        {
            "objective": _number(one.objective),
            **{f"{name}_seconds": _number(seconds) for (name, _), seconds in zip(PERIODS, one.seconds, strict=True)},
            "slos": list(one.slos),
        }
        for one in table
    ]

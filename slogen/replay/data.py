"""A backtest as JSON has it: Unix seconds, ratios and events as numbers."""

from decimal import Decimal
from typing import Any

from slogen.model import Severity, Tier
from slogen.replay.result import BLIND, Backtest, Blind, Firing, GroupReplay, Replay, Variant


def data(backtest: Backtest) -> dict[str, Any]:
    """All that is to be said about one SLO."""
    return {
        "slo": backtest.slo,
        "service": backtest.service,
        "name": backtest.name,
        "description": backtest.description,
        "window_seconds": backtest.window_seconds,
        "start": backtest.start,
        "end": backtest.end,
        "step_seconds": backtest.step,
        "unit": "events" if backtest.counted else "seconds",
        "unread": backtest.unread or None,
        "notes": list(backtest.notes),
        "variants": [_replay(one) for one in backtest.replays],
    }


def _replay(replay: Replay) -> dict[str, Any]:
    return {
        **_variant(replay.variant),
        "pages": replay.count(Severity.PAGE),
        "tickets": replay.count(Severity.TICKET),
        "pages_per_week": round(replay.per_week(Severity.PAGE), 6),
        "tickets_per_week": round(replay.per_week(Severity.TICKET), 6),
        "no_data_alerts": [_blind(one) for one in replay.blind],
        "groups": [_group(group) for group in replay.groups],
    }


def _variant(variant: Variant) -> dict[str, Any]:
    return {
        "label": variant.label,
        "objective": float(variant.objective),
        "policy": variant.policy or None,
        "min_events": _number(variant.min_events),
        "tiers": [_tier(tier) for tier in variant.tiers],
    }


def _tier(tier: Tier) -> dict[str, Any]:
    return {
        "tier": tier.name,
        "severity": tier.severity.value,
        "long_seconds": tier.long.seconds,
        "short_seconds": tier.short.seconds,
        "burn_rate": float(tier.burn_rate),
        "threshold": float(tier.threshold),
    }


def _group(group: GroupReplay) -> dict[str, Any]:
    return {
        "labels": dict(group.labels),
        "events": group.events,
        "errors": group.errors,
        "error_ratio": group.error_ratio,
        "alerts": [_firing(firing) for firing in group.firings],
        "no_data_alerts": [_blind(one) for one in group.blind],
        "budget": [{"at": point.moment, "remaining": point.remaining} for point in group.budget],
        "gaps": [{"kind": gap.lack.value, "start": gap.start, "end": gap.end} for gap in group.gaps],
    }


def _firing(firing: Firing) -> dict[str, Any]:
    return {
        "severity": firing.severity.value,
        "tiers": list(firing.tiers),
        "start": firing.start,
        "end": firing.end,
        "earlier": firing.earlier,
        "peak_burn": firing.peak_burn,
        "budget_spent": firing.budget_spent,
    }


def _blind(blind: Blind) -> dict[str, Any]:
    return {"severity": BLIND.value, "start": blind.start, "end": blind.end, "earlier": blind.earlier}


def _number(value: Decimal | None) -> float | None:
    return None if value is None else float(value)

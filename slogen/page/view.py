"""Backtests in print: every number rounded once, every place in a drawing set, for a template to lay out."""

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from typing import Any, Final

from slogen.explain.view import listed, number, percent, whole_percent
from slogen.model import Severity
from slogen.page.drawing import HEIGHT, ROOM, Share, Time
from slogen.page.moments import length, moment
from slogen.replay.result import BLIND, Backtest, Blind, Firing, Gap, GroupReplay, Lack, Replay, Variant

_LACKS: Final = {
    Lack.MISSING: "no data",
    Lack.IDLE: "no events",
    Lack.FEW: "too few events to page",
}
_UNSEEN: Final = {"severity": BLIND.value, "tiers": "missing data", "peak": "", "spent": ""}
"""What there is to say of an alert for missing data."""
_AS_WRITTEN: Final = "as written"
_LINES: Final = 5
"""So many styles of lines the style sheet has; what-ifs beyond them share the last."""


def view(backtests: Sequence[Backtest]) -> dict[str, Any]:
    """What a template may say."""
    shared = _shared(backtests)
    slos = [_slo(index, one, shared) for index, one in enumerate(backtests, 1)]
    return {
        "span": _span(backtests),
        "verdict": _verdict(backtests),
        "notes": [clean(note) for note in shared],
        "slos": slos,
        "height": HEIGHT,
        "room": ROOM,
    }


def clean(text: str) -> str:
    """*text* less what no page can hold: control characters, and halves of characters."""
    held = text.encode("utf-8", "replace").decode()
    return "".join(character if character.isprintable() or character.isspace() else "\ufffd" for character in held)


def _span(backtests: Sequence[Backtest]) -> dict[str, Any]:
    """The time that was replayed, of all SLOs together."""
    start, end = min(one.start for one in backtests), max(one.end for one in backtests)
    steps = sorted({one.step for one in backtests})
    return {"start": _moment(start), "end": _moment(end), "long": length(end - start), "steps": [*map(length, steps)]}


def _verdict(backtests: Sequence[Backtest]) -> dict[str, Any]:
    written = [one.replays[0] for one in backtests if one.replays]
    return {
        "slos": len(backtests),
        "unread": sum(not one.replays for one in backtests),
        "paged": sum(bool(one.count(Severity.PAGE)) for one in written),
        "pages": sum(one.count(Severity.PAGE) for one in written),
        "tickets": sum(one.count(Severity.TICKET) for one in written),
        "overspent": sum(_left(one)[0] < 0 for one in written),
    }


def _shared(backtests: Sequence[Backtest]) -> list[str]:
    """The notes that every one of several SLOs has, which are told once."""
    if len(backtests) == 1:
        return []
    first, *others = [one.notes for one in backtests if one.replays] or [()]
    return [note for note in first if all(note in notes for notes in others)]


def _slo(index: int, backtest: Backtest, shared: Sequence[str]) -> dict[str, Any]:
    key = f"s{index}"
    written = backtest.replays[0] if backtest.replays else None
    groups = list(_groups(key, backtest))
    return {
        "key": key,
        "id": clean(backtest.slo),
        "service": clean(backtest.service),
        "name": clean(backtest.name),
        "description": clean(backtest.description),
        "window": length(backtest.window_seconds),
        "unread": clean(backtest.unread),
        "notes": [clean(note) for note in backtest.notes if note not in shared],
        "objective": "" if written is None else whole_percent(written.variant.objective),
        "variants": [_variant(order, one, written) for order, one in enumerate(backtest.replays) if written],
        "promises": _promises(backtest.replays),
        "groups": groups,
        "blind": [_blind(one, backtest.end) for one in written.blind] if written else [],
        "spark": _spark(written, groups) if written and groups else None,
        "split": written is not None and any(group.labels for group in written.groups),
    }


def _spark(written: Replay, groups: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The curve of the group that had the least budget left at the end, and the alerts of all, for a small drawing."""
    ends = [_end(group) for group in written.groups]
    least = groups[ends.index(min(ends))]
    alerts = [alert for group in groups for alert in group["variants"][0]["alerts"]]
    return {"points": least["curves"][0]["points"], "alerts": alerts}


def _label(variant: Variant) -> str:
    return clean(variant.label) or _AS_WRITTEN


def _variant(order: int, replay: Replay, written: Replay) -> dict[str, Any]:
    end, least = _left(replay)
    return {
        "label": _label(replay.variant),
        "line": _line(order),
        "counts": {severity.value: _count(replay, written, severity) for severity in Severity},
        "end": _share(end),
        "overspent": end < 0,
        "least": _share(least),
        "spent": least < 0,
    }


def _count(replay: Replay, written: Replay, severity: Severity) -> dict[str, Any]:
    """How many alerts there were, and how many more or fewer than as written."""
    more = replay.count(severity) - written.count(severity)
    return {
        "count": replay.count(severity),
        "able": replay.variant.able(severity),
        "per_week": f"{replay.per_week(severity):.2f}",
        "more": f"+{more}" if more > 0 else f"\u2212{-more}" if more else "",
    }


def _promises(replays: Sequence[Replay]) -> list[tuple[str, list[str]]]:
    """In what the variants differ."""
    variants = [one.variant for one in replays]
    rows = [
        ("Objective", [whole_percent(one.objective) for one in variants]),
        ("Policy", [clean(one.policy) or "its own" for one in variants]),
        ("Least events", ["none" if one.min_events is None else number(one.min_events) for one in variants]),
    ]
    return [(name, cells) for name, cells in rows if len(set(cells)) > 1]


def _left(replay: Replay) -> tuple[float, float]:
    """What was left of the budget at the end and at worst, of the group that had the least."""
    points = [point.remaining for group in replay.groups for point in group.budget]
    return min(map(_end, replay.groups), default=1.0), min(points, default=1.0)


def _end(group: GroupReplay) -> float:
    return group.budget[-1].remaining if group.budget else 1.0


def _line(order: int) -> int:
    """The style of the line of a variant."""
    return min(order, _LINES - 1)


def _groups(key: str, backtest: Backtest) -> Iterator[dict[str, Any]]:
    """Each group with what became of it in every variant; all have the same groups."""
    if not backtest.replays:
        return
    time = Time(backtest.start, backtest.end)
    for index, group in enumerate(backtest.replays[0].groups, 1):
        told = [(one.variant, _same(one, group)) for one in backtest.replays]
        share = Share(replay.budget for _, replay in told)
        yield {
            "key": f"{key}g{index}",
            "labels": [(clean(name), clean(value)) for name, value in group.labels.items()],
            "events": number(Fraction(round(group.events))),
            "errors": number(Fraction(round(group.errors))),
            "counted": backtest.counted,
            "happened": group.events > 0,
            "error_ratio": None if group.error_ratio is None else percent(Fraction(group.error_ratio)),
            "curves": [
                {"line": _line(order), "points": share.curve(one.budget, time)} for order, (_, one) in enumerate(told)
            ],
            "says": _says(group),
            "shares": share.marks(),
            "times": time.marks(),
            "zero": share.pixels(0.0),
            "gaps": [_gap(gap, time) for gap in group.gaps],
            "lacks": list(_lacks(group.gaps)),
            "variants": [
                {"line": _line(order), **_alerts(f"{key}g{index}v{order}", variant, one, time)}
                for order, (variant, one) in enumerate(told)
            ],
        }


def _says(group: GroupReplay) -> str:
    """The drawing in words, for whoever does not see it."""
    points = [point.remaining for point in group.budget]
    left = f"{_share(points[-1])} of it at the end, {_share(min(points))} at worst" if points else "not known"
    counts = {severity: group.count(severity) for severity in Severity}
    alerts = listed(f"{count} {severity.value}{'' if count == 1 else 's'}" for severity, count in counts.items())
    return f"Error budget left over time: {left}; {alerts}."


def _same(replay: Replay, group: GroupReplay) -> GroupReplay:
    return next(one for one in replay.groups if one.labels == group.labels)


def _alerts(key: str, variant: Variant, group: GroupReplay, time: Time) -> dict[str, Any]:
    fired: list[Firing | Blind] = [*group.firings, *group.blind]
    fired.sort(key=lambda one: one.start)
    alerts = [_alert(f"{key}a{number}", one, time) for number, one in enumerate(fired, 1)]
    severities = [severity.value for severity in Severity]
    return {
        "label": _label(variant),
        "alerts": alerts,
        "lanes": [(severity, [one for one in alerts if one["severity"] == severity]) for severity in severities],
    }


def _alert(key: str, alert: Firing | Blind, time: Time) -> dict[str, Any]:
    lasted = length((time.end if alert.end is None else alert.end) - alert.start)
    return {
        "key": key,
        **(_burned(alert) if isinstance(alert, Firing) else _UNSEEN),
        "start": _moment(alert.start),
        "earlier": alert.earlier,
        "lasts": alert.end is None,
        "lasted": f"more than {lasted}" if alert.earlier or alert.end is None else lasted,
        **time.bar(alert.start, alert.end),
    }


def _blind(alert: Blind, end: int) -> dict[str, Any]:
    """An alert for missing data of all groups together."""
    lasted = length((end if alert.end is None else alert.end) - alert.start)
    return {"start": _moment(alert.start), "earlier": alert.earlier, "lasts": alert.end is None, "lasted": lasted}


def _burned(firing: Firing) -> dict[str, str]:
    return {
        "severity": firing.severity.value,
        "tiers": listed(firing.tiers),
        "peak": number(Fraction(firing.peak_burn)),
        "spent": "" if firing.earlier else _share(firing.budget_spent),
    }


def _gap(gap: Gap, time: Time) -> dict[str, Any]:
    since = moment(gap.start)
    return {
        "kind": gap.lack.value,
        "says": f"{_LACKS[gap.lack]}, {since.day} {since.clock} for {length(gap.end - gap.start)}",
        **time.bar(gap.start, gap.end),
    }


def _lacks(gaps: Iterable[Gap]) -> Iterator[dict[str, Any]]:
    """How often and how long there was too little data, by its kind."""
    found: dict[Lack, list[int]] = {}
    for gap in gaps:
        found.setdefault(gap.lack, []).append(gap.end - gap.start)
    for lack, lengths in found.items():
        yield {
            "kind": lack.value,
            "says": _LACKS[lack],
            "times": len(lengths),
            "total": length(sum(lengths)),
            "longest": length(max(lengths)),
        }


def _moment(seconds: int) -> dict[str, Any]:
    return moment(seconds)._asdict()


def _share(ratio: float) -> str:
    """A share of a budget, as a percentage; below nothing with a minus sign."""
    text = f"{abs(ratio) * 100:,.1f} %"
    return f"\u2212{text}" if ratio < 0 and not text.startswith("0.0 ") else text

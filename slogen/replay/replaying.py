"""The replay: each group of an SLO, its alerts as they would have fired, and its budget."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import reduce
from typing import Final, NamedTuple

from slogen.model import ErrorRatio, Severity, Slo, Tier
from slogen.promrules import BLIND_FOR
from slogen.replay.blindness import blindness
from slogen.replay.flags import either, inverted, runs
from slogen.replay.history import History, notes
from slogen.replay.holding import Watched
from slogen.replay.result import Backtest, Blind, Firing, Gap, GroupReplay, Lack, Point, Replay, Variant
from slogen.replay.sums import Presence, Sums
from slogen.units import Window

POINTS: Final = 240
"""So many points of the budget at most."""
QUIET: Final = Window.parse("1h")
"""So long nothing happens, or too little, before it is told."""


class WhatIf(NamedTuple):
    """An SLO as it is written, or changed, and what is said of it."""

    variant: Variant
    slo: Slo


def as_written(slo: Slo) -> WhatIf:
    """The SLO as it is."""
    return WhatIf(variant(slo), slo)


def variant(slo: Slo, label: str = "", policy: str = "") -> Variant:
    """What is said of an SLO beside another."""
    tiers = tuple(tier for alert in slo.alerts for tier in alert.tiers)
    return Variant(label, slo.objective, policy, tiers, slo.min_events, slo.no_data is not None)


def backtest(slos: Sequence[WhatIf], history: History, since: int) -> Backtest:
    """
    The *slos*, which measure the same, over their *history*.

    Args:
        since: the first moment at which alerts are evaluated; what is before it fills the windows.
    """
    slo = slos[0].slo
    span = range(min(max(history.number(since), 0), history.points - 1), history.points)
    presences = [Presence.of(series) for series in history.groups]
    start = _start(presences, history.slot)
    seconds = max(span.stop - 1 - max(span.start, start or 0), 1) * history.step
    blind = blindness(slo, presences, history, span, start)
    groups: list[tuple[GroupReplay, ...]] = []
    for series, presence, unseen in zip(history.groups, presences, blind.groups, strict=True):
        sums = Sums(series, presence, history.step, history.slot)  # of one group at a time, for they are large
        watched = (Watched(one.slo, sums, span, start) for one in slos)
        groups.append(tuple(_group(one, history, series.labels, unseen) for one in watched))
    replays = tuple(
        Replay(one.variant, seconds, of, blind.whole) for one, of in zip(slos, zip(*groups, strict=True), strict=True)
    )
    return _told(slo, history.at(span.start), history, replays)


def unread(slo: Slo, start: int, end: int, step: int, why: str) -> Backtest:
    """An SLO of which nothing could be read."""
    return Backtest(slo.id, slo.service, slo.name, slo.description, slo.window.seconds, start, end, step, (), (), why)


def _told(slo: Slo, start: int, history: History, replays: tuple[Replay, ...]) -> Backtest:
    end = history.at(history.points - 1)
    said = notes(slo, history.step)
    counted = not isinstance(slo.promql, ErrorRatio)
    names = slo.id, slo.service, slo.name, slo.description
    return Backtest(*names, slo.window.seconds, start, end, history.step, said, replays, counted=counted)


def _start(groups: Iterable[Presence], slot: int) -> int | None:
    """
    Since when the SLO is recorded: the first slow evaluation with events in any group.

    None where there were events at the first moment of all, for then there were some before, as far as one can tell.
    """
    first = min((start for one in groups if (start := one.start()) is not None), default=0)
    return -(-first // slot) * slot if first else None


def _group(watched: Watched, history: History, labels: Mapping[str, str], blind: tuple[Blind, ...]) -> GroupReplay:
    events, errors = _within(watched)
    firings = sorted(_firings(watched, history), key=lambda firing: (firing.start, firing.severity, firing.tiers))
    return GroupReplay(
        labels,
        events,
        errors,
        errors / events if events > 0 and watched.sums.presence.judged(watched.span) else None,
        tuple(firings),
        tuple(_budget(watched, history)),
        tuple(sorted(_gaps(watched, history), key=lambda gap: gap.start)),
        blind,
    )


def _within(watched: Watched) -> tuple[float, float]:
    """The events and errors of the time that is replayed."""
    base, span = watched.sums.base, watched.span
    return (
        (base.events[span.stop] - base.events[span.start]) * base.seconds,
        (base.errors[span.stop] - base.errors[span.start]) * base.seconds,
    )


def _firings(watched: Watched, history: History) -> Iterator[Firing]:
    for alert in watched.slo.alerts:
        held = {tier: watched.holds(tier) for tier in alert.tiers}
        for tiers in [{tier: flags} for tier, flags in held.items()] if watched.slo.split_tiers else [held]:
            for run in runs(reduce(either, tiers.values(), bytes(len(watched.span)))):
                yield _firing(watched, history, tiers, run)


def _firing(watched: Watched, history: History, tiers: Mapping[Tier, bytes], run: range) -> Firing:
    first = watched.span.start
    held = [tier for tier, flags in tiers.items() if flags.find(1, run.start, run.stop) >= 0]
    held.sort(key=lambda tier: not tiers[tier][run.start])
    peak = max(watched.burn_rate(tier, first + at) for tier in held for at in run if tiers[tier][at])
    cause = held[0]
    return Firing(
        cause.severity,
        tuple(tier.name for tier in held),
        history.at(first + run.start),
        None if run.stop == len(watched.span) else history.at(first + run.stop),
        run.start == 0,
        peak,
        watched.burn_rate(cause, first + run.start) * cause.long.seconds / watched.slo.window.seconds,
    )


def _budget(watched: Watched, history: History) -> Iterator[Point]:
    base, span = watched.sums.base, watched.span
    window = base.values(watched.slo.window)
    known = len(span) if base.seen is None else base.seen[span.stop] - base.seen[span.start]
    mean = (base.events[span.stop] - base.events[span.start]) / max(known, 1)
    allowed = float(watched.slo.error_budget) * mean * window
    stride = -(-len(span) // POINTS)
    for index in dict.fromkeys((*span[::stride], span[-1])):
        spent = base.errors[index + 1] - base.errors[max(span.start, index + 1 - window)]
        yield Point(history.at(index), 1 - spent / allowed if allowed > 0 else 1.0)


def _gaps(watched: Watched, history: History) -> Iterator[Gap]:
    span, sums = watched.span, watched.sums
    missing = sums.missing(span)
    yield from _stretches(watched, history, Lack.MISSING, missing, BLIND_FOR)
    yield from _stretches(watched, history, Lack.IDLE, sums.idle(span), QUIET)
    paging = [tier for alert in watched.slo.alerts if alert.severity is Severity.PAGE for tier in alert.tiers]
    if watched.slo.min_events is not None and paging:
        told = reduce(either, (watched.enough(tier, span) for tier in paging), missing)
        yield from _stretches(watched, history, Lack.FEW, inverted(told), QUIET)


def _stretches(watched: Watched, history: History, lack: Lack, flags: bytes, least: Window) -> Iterator[Gap]:
    first = watched.span.start
    for run in runs(flags):
        if len(run) * history.step >= least.seconds:
            yield Gap(lack, history.at(first + run.start), history.at(min(first + run.stop, watched.span.stop - 1)))

"""A backtest as a person reads it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from slogen.live.asking import moment
from slogen.model import Severity
from slogen.replay.result import BLIND, Backtest, Blind, Firing, Gap, GroupReplay, Lack, Replay
from slogen.units import Window, plain

_MOST: Final = 20
"""So many alerts of a group are told one by one."""
_WHOLE: Final = 10
"""From so many alerts a week on their fraction is not told."""
_MOST_GAPS: Final = 5
"""So many times of one kind with too little data are told one by one."""
_LACKS: Final = {
    Lack.MISSING: "nothing to read",
    Lack.IDLE: "no events",
    Lack.FEW: "too few events for any tier that pages",
}


def lines(backtest: Backtest) -> Iterator[str]:
    """What is to be told of one SLO, line by line."""
    if backtest.unread:
        yield f"{backtest.slo}: not replayed: {backtest.unread}"
        return
    span = f"{moment(backtest.start)} to {moment(backtest.end)}"
    yield f"{backtest.slo}  {span}, every {Window(backtest.step)}"
    yield from _table(backtest)
    written = backtest.replays[0]
    yield from (f"  {line}" for line in _alerts(written.blind, backtest.end))
    for group in written.groups:
        yield from _group(group, backtest.end)
    for note in backtest.notes:
        yield f"  note: {note}"


def _table(backtest: Backtest) -> Iterator[str]:
    rows = [("", "objective", "pages", "a week", "tickets", "a week", "budget left"), *map(_row, backtest.replays)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]
        yield f"  {'  '.join(cells)}"


def _row(replay: Replay) -> tuple[str, ...]:
    variant = replay.variant
    counts: list[str] = []
    for severity in Severity:
        a_week = replay.per_week(severity)
        told = [str(replay.count(severity)), f"{a_week:,.0f}" if a_week >= _WHOLE else f"{a_week:.2g}"]
        counts += told if variant.able(severity) else ["none can fire", "-"]
    least = min((group.budget[-1].remaining for group in replay.groups), default=None)
    left = "" if least is None else f"{least * 100:.1f} %"
    return (variant.label or "as written", f"{plain(variant.objective * 100)} %", *counts, left)


def _group(group: GroupReplay, end: int) -> Iterator[str]:
    if group.labels:
        none = "no events" if group.events <= 0 else "nothing tells its errors"
        ratio = none if group.error_ratio is None else f"{group.error_ratio * 100:.4g} % of its events failed"
        yield f"  {_labels(group.labels)}: {ratio}, {group.budget[-1].remaining * 100:.1f} % of the budget is left"
    indent = "    " if group.labels else "  "
    yield from (indent + line for line in _alerts((*group.firings, *group.blind), end))
    for lack in Lack:
        yield from (indent + line for line in _gaps([gap for gap in group.gaps if gap.lack is lack]))


def _alerts(alerts: Iterable[Firing | Blind], end: int) -> Iterator[str]:
    """Each alert by its start; of many, the first."""
    every = sorted(alerts, key=lambda alert: alert.start)
    for one in every[:_MOST]:
        yield _blind(one, end) if isinstance(one, Blind) else _firing(one, end)
    if len(every) > _MOST:
        yield f"and {len(every) - _MOST} more; --format json has all"


def _labels(labels: Mapping[str, str]) -> str:
    return ", ".join(f"{name}={value!r}" for name, value in labels.items())


def _firing(firing: Firing, end: int) -> str:
    spent = "" if firing.earlier else f", {firing.budget_spent * 100:.1f} % of the budget spent when it fired"
    said = f"{', '.join(firing.tiers)}  peak {firing.peak_burn:.3g}x{spent}"
    return f"{firing.severity.value:6}  {_when(firing, end)}  {said}"


def _blind(blind: Blind, end: int) -> str:
    return f"{BLIND.value:6}  {_when(blind, end)}  for missing data"


def _when(alert: Firing | Blind, end: int) -> str:
    since = "before " * alert.earlier + moment(alert.start)
    length = _length((alert.end or end) - alert.start)
    return f"{since}  {f'for {length}' if alert.end else f'still, for {length}'}"


def _gaps(gaps: Sequence[Gap]) -> Iterator[str]:
    """Those of one kind; of many, how many they are and how long."""
    if len(gaps) <= _MOST_GAPS:
        yield from map(_gap, gaps)
        return
    lengths = [gap.end - gap.start for gap in gaps]
    longest = _length(max(lengths))
    yield f"{_LACKS[gaps[0].lack]}: {len(gaps)} times, {_length(sum(lengths))} in all, {longest} at longest"


def _gap(gap: Gap) -> str:
    return f"{_LACKS[gap.lack]}: {moment(gap.start)} to {moment(gap.end)} ({_length(gap.end - gap.start)})"


def _length(seconds: int) -> str:
    """A time in its two largest units: ``2d3h``, ``1h5m``, ``40m``."""
    parts = [(seconds // 86_400, "d"), (seconds // 3_600 % 24, "h"), (seconds // 60 % 60, "m"), (seconds % 60, "s")]
    first = next((index for index, (count, _) in enumerate(parts) if count), len(parts) - 1)
    return "".join(f"{count}{unit}" for count, unit in parts[first : first + 2] if count) or "0s"

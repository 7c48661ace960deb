"""What a change of SLOs would have done over the history that a server has: both sides replayed."""

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from slogen.changes import Change, Comparison, Impact, Note, SloChange, Term
from slogen.live.backtesting import backtests
from slogen.live.history import Historian
from slogen.model import Severity, Slo
from slogen.replay.replaying import as_written
from slogen.replay.result import Backtest
from slogen.units import Window

LAST: Final = Window.parse("30d")
"""So much of the history is replayed."""
STEP: Final = Window.parse("1m")
CODE: Final = "replay"


class _Counts(NamedTuple):
    """How often an SLO would have alerted; *unread* says why that cannot be told."""

    pages: int = 0
    tickets: int = 0
    unread: str = ""

    def __str__(self) -> str:
        return f"{_times(self.pages, 'page')}, {_times(self.tickets, 'ticket')}"


_NONE: Final = _Counts()


def replayed(
    comparison: Comparison, before: Iterable[Slo], after: Iterable[Slo], historian: Historian, *, at_once: int
) -> Comparison:
    """The *comparison*, told how often each SLO that differs would have alerted as it was and as it is."""
    was, now = ({slo.id: slo for slo in side} for side in (before, after))
    asked: dict[tuple[bool, str], Slo] = {}
    for change in comparison.slos:
        if change.change is not Change.ADDED and (old := was.get(change.formerly or change.id)):
            asked[False, change.id] = old
        if change.change is not Change.REMOVED and (new := now.get(change.id)):
            asked[True, change.id] = new
    every = [(as_written(slo),) for slo in asked.values()]
    found = backtests(every, historian, historian.end - LAST.seconds, at_once=at_once, tell=lambda: None)
    counts = {key: _counted(result.backtest) for key, result in zip(asked, found, strict=True)}
    slos = tuple(change._replace(terms=(*change.terms, *_said(change, counts))) for change in comparison.slos)
    return comparison._replace(slos=slos, notes=(*comparison.notes, *_summary(counts)))


def _counted(backtest: Backtest) -> _Counts:
    if backtest.unread:
        return _Counts(unread=backtest.unread)
    (replay,) = backtest.replays
    return _Counts(replay.count(Severity.PAGE), replay.count(Severity.TICKET))


def _said(change: SloChange, counts: Mapping[tuple[bool, str], _Counts]) -> Iterable[Term]:
    sides = [counts.get((new, change.id)) for new in (False, True)]
    if unread := next((one.unread for one in sides if one and one.unread), ""):
        yield Term(CODE, Impact.NOTE, f"how often it would have alerted over the last {LAST} is not known: {unread}")
        return
    old, new = (str(one) if one else "" for one in sides)
    if old or new:
        told = f"{old} -> {new}" if old and new else old or new
        yield Term(CODE, Impact.NOTE, f"over the last {LAST} it would have raised {told}", old, new)


def _summary(counts: Mapping[tuple[bool, str], _Counts]) -> Iterable[Note]:
    """What the whole change would have done, where every SLO can tell."""
    if not counts or any(one.unread for one in counts.values()):
        return
    old, new = ([one for (side, _), one in counts.items() if side is after] for after in (False, True))
    pages = sum(one.pages for one in new) - sum(one.pages for one in old)
    tickets = sum(one.tickets for one in new) - sum(one.tickets for one in old)
    told = f"{_more(pages, 'paged')}, and raised {_times(abs(tickets), 'ticket')} {'fewer' if tickets < 0 else 'more'}"
    yield Note(CODE, f"over the last {LAST} this change would have {told}")


def _more(difference: int, verb: str) -> str:
    if not difference:
        return f"{verb} as often"
    return f"{verb} {_times(abs(difference), 'time')} {'less' if difference < 0 else 'more'}"


def _times(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"

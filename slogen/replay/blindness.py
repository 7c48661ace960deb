"""When the alert for missing data fires: what `slogen.conditions.blind` says in PromQL, over what was read."""

from collections.abc import Iterable, Iterator, Sequence
from functools import reduce
from typing import NamedTuple

from slogen.conditions import VANISHED_WITHIN
from slogen.model import Slo
from slogen.promrules import BLIND_FOR
from slogen.replay.flags import both, either, inverted, runs
from slogen.replay.history import History
from slogen.replay.result import Blind
from slogen.replay.sums import Presence


class Blindness(NamedTuple):
    """
    The alerts for missing data of an SLO.

    Attributes:
        groups: those of each group; of an SLO that is not split, all of them.
        whole: those of all groups together, of an SLO that is split.
    """

    groups: tuple[tuple[Blind, ...], ...]
    whole: tuple[Blind, ...] = ()


class _Seen(NamedTuple):
    """Whether there were series of events and of errors, at each evaluation."""

    events: bytes
    errors: bytes


def blindness(slo: Slo, groups: Sequence[Presence], history: History, span: range, start: int | None) -> Blindness:
    """
    The alerts of *slo* within *span*; none where that alert is off.

    Args:
        start: the number of the moment from which the SLO is recorded, before which nobody misses it; None where that
            was before all that was read.
    """
    if slo.no_data is None:
        return Blindness(tuple(() for _ in groups))
    seen = [_seen(one, history) for one in groups]

    def told(flags: bytes) -> tuple[Blind, ...]:
        return tuple(_alerts(flags, history, span, start or 0))

    if not slo.group_by:
        return Blindness(tuple(told(inverted(both(*one))) for one in seen))
    return Blindness(tuple(told(_lacking(one, history)) for one in seen), told(inverted(both(*_any(seen)))))


def _seen(presence: Presence, history: History) -> _Seen:
    whole = b"\1" * history.points
    return _Seen(*((whole if one is None else one)[:: history.slot] for one in presence))


def _any(seen: Iterable[_Seen]) -> _Seen:
    """Whether there were any in all groups."""
    return reduce(lambda one, other: _Seen(either(one.events, other.events), either(one.errors, other.errors)), seen)


def _lacking(seen: _Seen, history: History) -> bytes:
    """Whether a group has one of the two alone, or none any more."""
    one_alone = either(both(seen.events, inverted(seen.errors)), both(seen.errors, inverted(seen.events)))
    remembered = VANISHED_WITHIN.seconds // (history.slot * history.step)
    vanished = bytearray(len(seen.events))
    for gone in runs(inverted(seen.events)):
        if gone.start:
            until = min(gone.stop, gone.start + remembered)
            vanished[gone.start : until] = b"\1" * (until - gone.start)
    return either(one_alone, bytes(vanished))


def _alerts(flags: bytes, history: History, span: range, start: int) -> Iterator[Blind]:
    """The alert as it fires once its condition, given at each evaluation, has held for so long."""
    wait = -(-BLIND_FOR.seconds // (history.slot * history.step))
    first = -(-start // history.slot)
    for run in runs(bytes(first) + flags[first:]):
        begin, end = (run.start + wait) * history.slot, run.stop * history.slot
        if begin < end and end > span.start and begin < span.stop:
            earlier = begin <= span.start
            yield Blind(history.at(max(begin, span.start)), history.at(end) if run.stop < len(flags) else None, earlier)

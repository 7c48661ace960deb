"""
Windows of one group as differences of running totals, so that each costs the same however long it is.

They are those of the rules: windows below a day sum the base series, longer ones sum its means over a slot and are
evaluated once a slot.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, repeat
from operator import ge, gt, mul, sub
from typing import Final, NamedTuple

from slogen.replay.flags import either, inverted, runs
from slogen.replay.history import Series

_BLOCKS: Final = 4
"""So many blocks has a window, of which each is looked at as a whole before its moments are."""


class Totals:
    """
    Running totals of events and errors per second; ``total[i]`` is that of the first i values.

    Attributes:
        seconds: how far apart the values are.
        seen: how many of them had events to count; None where all had.
    """

    def __init__(self, seconds: int, events: list[float], errors: list[float], seen: list[float] | None) -> None:
        self.seconds = seconds
        self.events = events
        self.errors = errors
        self.seen = seen

    def values(self, window: int) -> int:
        """How many values a window of so many seconds has."""
        return max(window // self.seconds, 1)

    def ratio(self, window: int, index: int) -> float:
        """The error ratio of the *window* that ends with the value at *index*; 0 where there is none."""
        end = index + 1
        begin = max(end - self.values(window), 0)
        events = self.events[end] - self.events[begin]
        return (self.errors[end] - self.errors[begin]) / events if events > 0 else 0.0

    def above(self, threshold: float, window: int, span: range) -> bytes:
        """Whether the *window* that ends at each index of *span* has a ratio above *threshold*."""
        found = bytearray(len(span))
        for part in self._worth_a_look(threshold, window, span):
            found[part.start - span.start : part.stop - span.start] = self._above(threshold, window, part)
        return bytes(found)

    def _above(self, threshold: float, window: int, span: range) -> bytes:
        events = list(self._held(self.events, window, span))
        above = map(gt, self._held(self.errors, window, span), map(mul, events, repeat(threshold)))
        # Where there are no events there is no ratio, whatever the errors are.
        return bytes(above) if min(events) > 0 else bytes(map(min, above, map(gt, events, repeat(0))))

    def _worth_a_look(self, threshold: float, window: int, span: range) -> Iterator[range]:
        """
        The parts of *span* in which a window may be above *threshold*.

        All windows that end in a block have at most the errors of all of them together, and at least the events that
        they have in common; where even these two are not above, none of them is.
        """
        values = self.values(window)
        block = values // _BLOCKS
        if block <= 1:
            yield span
            return
        events, errors, last = self.events, self.errors, len(self.events) - 1
        suspect = bytes(
            errors[min(first + block, last)] - errors[max(first + 1 - values, 0)]
            > threshold * (events[first + 1] - events[max(first + block - values, 0)])
            for first in range(span.start, span.stop, block)
        )
        for run in runs(suspect):
            yield range(span.start + run.start * block, min(span.start + run.stop * block, span.stop))

    def enough(self, events: float, window: int, span: range) -> bytes:
        """Whether the *window* that ends at each index of *span* has so many *events*, by the mean of what is seen."""
        held, per_value = self._held(self.events, window, span), events / window
        if self.seen is None:
            return bytes(map(ge, held, repeat(per_value * self.values(window))))
        return bytes(map(ge, held, map(mul, self._held(self.seen, window, span), repeat(per_value))))

    def _held(self, total: list[float], window: int, span: range) -> Iterator[float]:
        """What the *window* that ends at each index of *span* adds to a total; a window that is not full, all of it."""
        begin, end = (index + 1 - self.values(window) for index in (span.start, span.stop))
        begins = [0.0] * min(max(-begin, 0), len(span)) + total[max(begin, 0) : max(end, 0)]
        return map(sub, total[span.start + 1 : span.stop + 1], begins)


class Presence(NamedTuple):
    """
    When a group had values, in little room: of all groups at once, where `Sums` are made of one after the other.

    Attributes:
        events: whether there was a series of events, at each moment; None where there was at all.
        errors: likewise.
    """

    events: bytes | None
    errors: bytes | None

    @classmethod
    def of(cls, series: Series) -> "Presence":
        """That of one group."""
        return cls(_seen(series.events), _seen(series.errors))

    def start(self) -> int | None:
        """The first moment at which there were events to count; None where there never were."""
        found = 0 if self.events is None else self.events.find(1)
        return None if found < 0 else found

    def judged(self, span: range) -> bool:
        """Whether errors had a value at any moment of *span*."""
        return self.errors is None or self.errors.find(1, span.start, span.stop) >= 0


class Sums:
    """
    One group of an SLO, to be asked for windows.

    Attributes:
        base: of the base series, at every moment.
        slow: of its means over a slot of *slot* moments; those at index j end at the moment j x slot.
    """

    def __init__(self, series: Series, presence: Presence, step: int, slot: int) -> None:
        self.slot = slot
        self.presence = presence
        seen, failing = (None if one is None else _running(one) for one in presence)
        self.base = Totals(step, _running(_known(series.events, seen)), _running(_known(series.errors, failing)), seen)
        self.slow = self._means(step, failing)
        self._events = series.events

    def totals(self, *, slow: bool) -> Totals:
        """The totals that a window is summed from."""
        return self.slow if slow else self.base

    def missing(self, span: range) -> bytes:
        """Whether there was no series of events, or none of errors."""
        found = bytes(len(span))
        for seen in self.presence:
            if seen is not None:
                found = either(found, inverted(seen[span.start : span.stop]))
        return found

    def idle(self, span: range) -> bytes:
        """Whether there was one, and no event."""
        events = self._events[span.start : span.stop]
        return bytes(value <= 0 for value in events) if min(events) <= 0 or self.presence.events else bytes(len(span))

    def _means(self, step: int, failing: list[float] | None) -> Totals:
        """
        Those of slots, of which the first has one value, the first of all.

        Args:
            failing: how many values there were of errors, up to each; None where all were there.
        """
        base, slot = self.base, self.slot
        seen = None if base.seen is None else _running(count > 0 for count in _added(base.seen[1::slot]))
        return Totals(step * slot, _means(base.events, base.seen, slot), _means(base.errors, failing, slot), seen)


def _means(total: list[float], seen: list[float] | None, slot: int) -> list[float]:
    """The running total of the means over slots of what adds up to *total*, of the values that were there."""
    ends = total[1::slot]
    if seen is None:
        share = 1 / slot
        return [0.0, *(end * share for end in ends)]
    return _running(added / max(count, 1) for added, count in zip(_added(ends), _added(seen[1::slot]), strict=True))


def _added(ends: list[float]) -> Iterator[float]:
    """What each makes of the one before it, the first of 0."""
    return map(sub, ends, [0.0, *ends])


def _running(values: Iterable[float]) -> list[float]:
    return list(accumulate(values, initial=0.0))


def _seen(values: Sequence[float]) -> bytes | None:
    """Which of *values* are there; None where all are."""
    whole = sum(values)
    if whole == whole:  # noqa: PLR0124 - NaN is not itself
        return None
    return bytes(value == value for value in values)  # noqa: PLR0124 - nor here


def _known(values: Sequence[float], seen: list[float] | None) -> Sequence[float]:
    """*values*, with 0 for what is not there."""
    if seen is None:
        return values
    return [value if value == value else 0.0 for value in values]  # noqa: PLR0124 - see above

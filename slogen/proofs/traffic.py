"""
What happens in a test, and when the tiers hold by the method: an error ratio is errors over events within a window.

All of it is exact, and knows nothing of rules, samples or PromQL.

Source: https://sre.google/workbook/alerting-on-slos/, chapter 5 of the SRE Workbook.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

from slogen.model import Tier


class Phase(NamedTuple):
    """
    A time in which traffic stays the same.

    Attributes:
        share: of bad events among all, within [0, 1].
        traffic: events, as a multiple of what is usual; 0 for none.
        unborn: whether the series that tells good from bad does not exist.
        gone: whether no series exists.
    """

    seconds: int
    share: Decimal = Decimal(0)
    traffic: int = 1
    unborn: bool = False
    gone: bool = False


Timeline = tuple[Phase, ...]
Span = tuple[Fraction, Fraction]
"""From when until when, in seconds."""


def length(timeline: Timeline) -> int:
    """Seconds from the first to the last."""
    return sum(phase.seconds for phase in timeline)


def ends(timeline: Timeline) -> Iterator[int]:
    """When each phase ends, in seconds."""
    passed = 0
    for phase in timeline:
        passed += phase.seconds
        yield passed


class _Totals:
    """
    Events and errors counted since the beginning, at any whole second; before it there were *before* events a second.

    Ratios are whole numbers, in parts of *scale*, so that nothing is rounded.
    """

    def __init__(self, timeline: Timeline, before: int, scale: int) -> None:
        self.before = before
        self.scale = scale
        self.edges = [0, *ends(timeline)]
        rates = [phase.traffic * (not phase.gone) for phase in timeline]
        self.rates = [(rate, rate * int(phase.share * scale)) for rate, phase in zip(rates, timeline, strict=True)]
        self.counted = [(0, 0)]
        for (rate, errors), phase in zip(self.rates, timeline, strict=True):
            events_before, errors_before = self.counted[-1]
            self.counted.append((events_before + rate * phase.seconds, errors_before + errors * phase.seconds))

    def at(self, time: int) -> tuple[int, int]:
        if time <= 0:
            return self.before * time, 0
        index = min(bisect_left(self.edges, time), len(self.rates)) - 1
        (events, errors), (rate, error_rate) = self.counted[index], self.rates[index]
        passed = min(time, self.edges[index + 1]) - self.edges[index]
        return events + rate * passed, errors + error_rate * passed

    def excess(self, times: list[int], window: int, threshold: int) -> list[int]:
        """How many errors more than *threshold* allows there are in the *window* that ends at each of *times*."""
        found = []
        for time in times:
            (events, errors), (events_before, errors_before) = self.at(time), self.at(time - window)
            found.append(errors - errors_before - threshold * (events - events_before))
        return found


def holding(timeline: Timeline, tiers: Iterable[Tier], *, before: int) -> tuple[Span, ...]:
    """
    When one of the *tiers* holds.

    Args:
        before: events a second, all of them good, before the beginning; 0 where nothing is known of that time.
    """
    listed = tuple(tiers)
    digits = max(-int(value.as_tuple().exponent) for value in (*_shares(timeline), *(one.threshold for one in listed)))
    totals = _Totals(timeline, before, 10 ** max(digits, 0))
    return _joined(sorted(span for tier in listed for span in _spans(totals, tier)))


def _shares(timeline: Timeline) -> Iterator[Decimal]:
    return (phase.share for phase in timeline)


def _spans(totals: _Totals, tier: Tier) -> Iterator[Span]:
    """Between two of these times all that a tier compares changes at a constant pace."""
    threshold, until = int(tier.threshold * totals.scale), totals.edges[-1]
    windows = (tier.short.seconds, tier.long.seconds)
    times = sorted({time for edge in totals.edges for time in (edge, *(edge + window for window in windows))})
    times = times[: bisect_left(times, until) + 1]
    excesses = [totals.excess(times, window, threshold) for window in windows]
    for index, (start, end) in enumerate(pairwise(times)):
        low, high = Fraction(start), Fraction(end)
        for excess in excesses:
            first, last = excess[index], excess[index + 1]
            if first <= 0 and last <= 0:
                break
            if first < 0 or last < 0:
                crossing = start + Fraction((end - start) * first, first - last)
                low, high = (max(low, crossing), high) if first < 0 else (low, min(high, crossing))
        else:
            if low < high:
                yield low, high


def _joined(spans: Iterable[Span]) -> tuple[Span, ...]:
    joined: list[Span] = []
    for start, end in spans:
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return tuple(joined)


def throughout(spans: Iterable[Span], start: Fraction, end: Fraction) -> bool | None:
    """Whether something that is so within *spans* is so from *start* to *end*; None where it is so for a part of it."""
    if any(low <= start and end <= high for low, high in spans):
        return True
    return None if any(low < end and start < high for low, high in spans) else False

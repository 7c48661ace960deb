"""Where things lie in the drawings of a page: shares of a width, which every screen has, and heights in pixels."""

from collections.abc import Iterable, Sequence
from math import ceil, floor, log10
from typing import Any, Final

from slogen.page.moments import marks
from slogen.replay.result import Point

HEIGHT: Final = 180
"""Of the plot of a budget, in pixels."""
ROOM: Final = 8
"""Above and below the curve, so that its line and the words at its ends are seen whole."""
_GRAIN: Final = 1_000
"""A curve is drawn on so many columns and rows, stretched to the size of the plot."""
_LEAST: Final = 0.25
"""The width of what lasts shorter, in percent: it has to be seen."""
_MOST_POINTS: Final = 500
_CENTRED: Final = (0.05, 0.95)
"""Words of a mark nearer to an end of the axis are not centred below it, for they would be cut off."""


class Time:
    """The axis of time of a backtest."""

    def __init__(self, start: int, end: int) -> None:
        self.start, self.end = start, end
        self._long = max(end - start, 1)

    def at(self, seconds: int) -> float:
        """Where a moment lies, from 0 to 1."""
        return min(max((seconds - self.start) / self._long, 0), 1)

    def bar(self, start: int, end: int | None) -> dict[str, str]:
        """What lasts from *start* to *end*, wide enough to be seen."""
        left, right = self.at(start) * 100, self.at(self.end if end is None else end) * 100
        width = max(right - left, _LEAST)
        return {"x": _percent(min(left, 100 - width)), "width": _percent(width)}

    def marks(self) -> list[dict[str, str]]:
        """Its marks, and where their words begin, end or have their middle."""
        first, last = _CENTRED
        return [
            {
                "x": _percent(one.at * 100),
                "text": one.text,
                "anchor": "start" if one.at < first else "end" if one.at > last else "middle",
            }
            for one in marks(self.start, self.end)
        ]


class Share:
    """The axis of what is left of a budget, from all of it down to the least of *curves*."""

    def __init__(self, curves: Iterable[Sequence[Point]]) -> None:
        lowest = min((point.remaining for curve in curves for point in curve), default=0.0)
        self._step = _nice((1 - min(lowest, 0.0)) / 4)
        self._low = floor(round(min(lowest, 0.0) / self._step, 6)) * self._step

    def at(self, remaining: float) -> float:
        """How far below the top a share lies, from 0 to 1."""
        return (1 - min(remaining, 1.0)) / (1 - self._low)

    def pixels(self, remaining: float) -> str:
        """Where it lies in the plot."""
        return f"{ROOM + self.at(remaining) * (HEIGHT - 2 * ROOM):.1f}"

    def marks(self) -> list[dict[str, Any]]:
        """Its marks, from all of the budget down."""
        count = floor((1 - self._low) / self._step + 1e-6)
        shares = [self._low + number * self._step for number in range(count + 1)]
        if 1 - shares[-1] > self._step / 4:
            shares.append(1.0)
        return [
            {
                "y": self.pixels(one),
                "text": f"{round(one * 100)} %".replace("-", "\u2212"),
                "zero": abs(one) < self._step / 2,
            }
            for one in reversed(shares)
        ]

    def curve(self, points: Sequence[Point], time: Time) -> str:
        """The points of a line, on a square of `_GRAIN`."""
        return " ".join(
            f"{round(time.at(point.moment) * _GRAIN)},{round(self.at(point.remaining) * _GRAIN)}"
            for point in thinned(points)
        )


def _nice(least: float) -> float:
    """The next of 1, 2, 2.5 or 5 times a power of ten."""
    power = 10.0 ** floor(log10(least))
    return next(one * power for one in (1, 2, 2.5, 5, 10) if one * power >= least * 0.999)


def _percent(value: float) -> str:
    return f"{value:.3f}%"


def thinned(points: Sequence[Point]) -> list[Point]:
    """*points*, of many only the first, the last, and the highest and lowest of each stretch."""
    if len(points) <= _MOST_POINTS:
        return list(points)
    kept = {points[0], points[-1]}
    size = ceil(2 * len(points) / _MOST_POINTS)
    for stretch in (points[first : first + size] for first in range(0, len(points), size)):
        kept |= {min(stretch, key=_remaining), max(stretch, key=_remaining)}
    return sorted(kept)


def _remaining(point: Point) -> float:
    return point.remaining

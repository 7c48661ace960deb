"""
The history of an SLO, read from a server: events and errors once each, in days that a cache may know already.

A day that ended less than `SETTLED` ago is not kept, for what is scraped, shipped or recorded late may still be added
to it; nor is an answer with a warning, which may be one of a part of the stores alone.
"""

from array import array
from collections.abc import Callable, Iterator, Sequence
from math import isfinite, nan
from typing import Final

from slogen.live.cache import Asked, Cache, Values
from slogen.live.prometheus import MOST_POINTS, Connection, Labels, Points, Span
from slogen.model import ErrorRatio, Slo
from slogen.promql import Expr
from slogen.replay.history import SLOW, History, Series, read_window
from slogen.sli_promql import standalone
from slogen.units import Window

SETTLED: Final = Window.parse("1h")
MOST_VALUES: Final = 25_000_000
"""So many values of events, and as many of errors, are read for an SLO: 500 groups over a month, each minute."""
_AT_ONCE: Final = 1_000_000
"""About so many are asked for at once: what the server sends takes far more room than what is kept of it."""
_EMPTY: Final = 4
"""So many stretches are asked for at once where there may be many series, and none was found yet."""
_DAY: Final = 86_400
_MOST_KEPT: Final = 1_440
"""So many values of a series are kept together: those of a day, one a minute."""


class TooManyError(Exception):
    """An SLO has more values than are read."""

    def __init__(self, groups: int, moments: int) -> None:
        super().__init__(
            f"it has {groups:,} groups of {moments:,} moments each, and more than {MOST_VALUES:,} values are not read: "
            "choose a longer --step or a shorter --last, or group by fewer labels"
        )


class Historian:
    """
    Reads history at one *step*, from one server, up to one moment.

    Args:
        now: by the server's clock, in Unix seconds.
        end: the last moment that is read.
    """

    def __init__(self, connection: Connection, cache: Cache, *, step: int, now: float, end: float) -> None:
        self.step = step
        self.end = int(end) // step * step
        self._connection = connection
        self._cache = cache
        self._settled = now - SETTLED.seconds
        self._points = max(min(_DAY // step, _MOST_KEPT), 1)

    def history(self, slos: Sequence[Slo], since: int) -> History:
        """
        The base series of *slos*, which measure the same, from so long before *since* on that windows are full then.

        Raises:
            PrometheusError: the server does not answer.
            TooManyError: there are more groups than can be held.
        """
        stretch = self._points * self.step
        slo = slos[0]
        longest = max(long for one in slos for long, _ in one.window_pairs)
        start = (since - longest.seconds - SLOW.seconds - self.step) // stretch * stretch
        events, errors = standalone(slo, read_window(slo, self.step))
        failed = self._read(errors, start, split=bool(slo.group_by))
        if isinstance(slo.promql, ErrorRatio):
            counted = {labels: array("d", (value - value + 1 for value in series)) for labels, series in failed.items()}
        else:
            counted = self._read(events, start, split=bool(slo.group_by))
        points = (self.end - start) // self.step + 1
        none = array("d", [nan]) * points
        groups = tuple(
            Series(dict(labels), counted.get(labels, none), failed.get(labels, none))
            for labels in sorted({**counted, **failed})
        )
        return History(start, self.step, points, groups)

    def _read(self, expr: Expr, start: int, *, split: bool) -> dict[Labels, "array[float]"]:
        """Every series of *expr*, complete from *start* to the end; *split*, where there may be many of them."""
        found: dict[Labels, array[float]] = {}
        done, every = 0, (self.end - start) // self.step + 1

        def room() -> int:
            if found:
                return min(_AT_ONCE // len(found), MOST_POINTS)
            # Where nothing was found in one stretch it may be long before there is anything.
            return min(self._points * (_EMPTY if done else 1), MOST_POINTS) if split else MOST_POINTS

        for points, values in self._pieces(str(expr), start, room):
            if (groups := len(found.keys() | values.keys())) * every > MOST_VALUES:
                raise TooManyError(groups, every)
            for labels, series in values.items():
                found.setdefault(labels, array("d", [nan]) * done).extend(series)
            done += points
            for series in found.values():
                series.extend(array("d", [nan]) * (done - len(series)))
        return found

    def _pieces(self, query: str, start: int, room: Callable[[], int]) -> Iterator[tuple[int, Values]]:
        """
        What is known or asked for, one after the other, each with how many points it has.

        Args:
            room: how many points are asked for at once; one stretch at least is.
        """
        unknown: list[Asked] = []
        for asked in self._stretches(query, start):
            known = self._cache.get(asked)
            if unknown and (known is not None or sum(one.points for one in unknown) + asked.points > room()):
                yield self._asked(unknown)
                unknown = []
            if known is None:
                unknown.append(asked)
            else:
                yield asked.points, known
        if unknown:
            yield self._asked(unknown)

    def _asked(self, asked: list[Asked]) -> tuple[int, Values]:
        return sum(one.points for one in asked), self._ask(asked)

    def _stretches(self, query: str, start: int) -> Iterator[Asked]:
        for begin in range(start, self.end + 1, self._points * self.step):
            points = min(self._points, (self.end - begin) // self.step + 1)
            yield Asked(query, begin, self.step, points)

    def _ask(self, asked: list[Asked]) -> Values:
        """The answer to questions that follow one another, as one; what is settled of it is kept."""
        start, warned = asked[0].start, len(self._connection.warnings)
        points = sum(one.points for one in asked)
        answer = self._connection.query_range(asked[0].query, Span(start, start + (points - 1) * self.step, self.step))
        found = {tuple(sorted(one.labels.items())): _filled(one, start, self.step, points) for one in answer}
        if len(self._connection.warnings) == warned:
            for one in asked:
                self._keep(one, (one.start - start) // self.step, found)
        return found

    def _keep(self, asked: Asked, offset: int, found: Values) -> None:
        if asked.points == self._points and asked.start + self._points * self.step <= self._settled:
            cut = {labels: series[offset : offset + asked.points] for labels, series in found.items()}
            self._cache.put(asked, {labels: series for labels, series in cut.items() if any(map(isfinite, series))})


def _filled(points: Points, start: int, step: int, count: int) -> "array[float]":
    """A value for each moment; NaN where the series has none, or an infinite one."""
    if len(points.values) == count:
        series = array("d", [value for _, value in points.values])
        if isfinite(sum(series)):
            return series
        return array("d", [value if isfinite(value) else nan for value in series])
    series = array("d", [nan]) * count
    for moment, value in points.values:
        index = round((moment - start) / step)
        if 0 <= index < count and isfinite(value):
            series[index] = value
    return series

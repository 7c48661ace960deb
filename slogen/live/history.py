"""
The history of an SLO, read from a server: events and errors once each, in days that a cache may know already.

A day that ended less than `SETTLED` ago is not kept, for what is scraped, shipped or recorded late may still be added
to it; nor is an answer with a warning, which may be one of a part of the stores alone.
"""

from array import array
from collections.abc import Iterator, Sequence
from math import isfinite, nan
from typing import Final

from slogen.live.cache import Asked, Cache, Values
from slogen.live.prometheus import Connection, Labels, Points, Span
from slogen.model import ErrorRatio, Slo
from slogen.promql import Expr
from slogen.replay.history import SLOW, History, Series, read_window
from slogen.sli_promql import standalone
from slogen.units import Window

SETTLED: Final = Window.parse("1h")
_DAY: Final = 86_400


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
        self._points = max(_DAY // step, 1)

    def history(self, slos: Sequence[Slo], since: int) -> History:
        """
        The base series of *slos*, which measure the same, from so long before *since* on that windows are full then.

        Raises:
            PrometheusError: the server does not answer.
        """
        stretch = self._points * self.step
        slo = slos[0]
        longest = max(long for one in slos for long, _ in one.window_pairs)
        start = (since - longest.seconds - SLOW.seconds - self.step) // stretch * stretch
        events, errors = standalone(slo, read_window(slo, self.step))
        failed = self._read(errors, start)
        if isinstance(slo.promql, ErrorRatio):
            counted = {labels: array("d", (value - value + 1 for value in series)) for labels, series in failed.items()}
        else:
            counted = self._read(events, start)
        points = (self.end - start) // self.step + 1
        none = array("d", [nan]) * points
        groups = tuple(
            Series(dict(labels), counted.get(labels, none), failed.get(labels, none))
            for labels in sorted({**counted, **failed})
        )
        return History(start, self.step, points, groups)

    def _read(self, expr: Expr, start: int) -> dict[Labels, "array[float]"]:
        """Every series of *expr*, complete from *start* to the end."""
        query = str(expr)
        pieces = [(asked, self._cache.get(asked)) for asked in self._stretches(query, start)]
        found: dict[Labels, array[float]] = {}
        done = 0
        for first, last, known in _together(pieces):
            asked = [one for one, _ in pieces[first:last]]
            values = known if known is not None else self._ask(asked)
            points = sum(one.points for one in asked)
            for labels, series in values.items():
                found.setdefault(labels, array("d", [nan]) * done).extend(series)
            done += points
            for series in found.values():
                series.extend(array("d", [nan]) * (done - len(series)))
        return found

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


def _together(pieces: list[tuple[Asked, Values | None]]) -> Iterator[tuple[int, int, Values | None]]:
    """Each piece that is known by itself, and those that are not together with what follows them."""
    first = 0
    while first < len(pieces):
        last, known = first + 1, pieces[first][1]
        while known is None and last < len(pieces) and pieces[last][1] is None:
            last += 1
        yield first, last, known
        first = last


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

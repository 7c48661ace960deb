"""
PromQL as people write it in an SLO: selectors and queries, read, checked and kept verbatim.

Whatever the text, reading it ends soon, and with a value.
"""

from typing import Final, NamedTuple

from slogen.promql import Selector
from slogen.promql.functions import Measure, Version
from slogen.promql.placeholder import PLACEHOLDER, fill, quoted_windows, windows
from slogen.promql.selector import read_selector, skip
from slogen.promql.strings import LONGEST, Mistake, RefusedError
from slogen.units import Window

__all__ = ["Mistake", "Query", "read_query", "read_selector"]

OPEN: Final = "$window"
"""How a selector has the window that stands in the name of its metric."""
_SAMPLE: Final = "31536007s"
"""A window for the time of reading, of digits and one unit like every window, and one that nobody writes."""


_INSTEAD: Final = {
    "range vector": "which no series can be recorded from; apply a function like rate to it",
    "scalar": "which belongs to no series; calculate with series, or write vector(...)",
    "string": "which counts nothing; write an expression of series",
}


class Query(NamedTuple):
    """
    A query as its author wrote it, its window open.

    Attributes:
        grouping: the labels of the result, sorted, () for none; None when they are not known.
        selectors: in the order in which they are written. Where the text leaves the window open, so do they.
        measure: what it yields, if that is known.
        quoted: where in a string stands what would be a window outside of it; -1 without.
    """

    text: str
    grouping: tuple[str, ...] | None
    selectors: tuple[Selector, ...]
    measure: Measure | None = None
    quoted: int = -1

    def with_window(self, window: Window) -> str:
        """The same text with *window* where it is left open."""
        return fill(self.text, str(window))


class _Filled(NamedTuple):
    """A query with a window filled in, and where each of them stands in it and in what was written."""

    text: str
    windows: tuple[tuple[int, int, int], ...]

    def written(self, offset: int) -> int:
        """Where in what was written that stands which is at *offset* in the text."""
        shift = 0
        for start, written, length in self.windows:
            if offset < start:
                break
            if offset < start + len(_SAMPLE):
                return written
            shift = written + length - start - len(_SAMPLE)
        return offset + shift


def read_query(text: str, version: Version) -> Query | Mistake:
    """What is known of the query *text*, or why Prometheus *version* would not take it, or not as part of an SLO."""
    if len(text) > LONGEST:
        message = f"the query has {len(text):,} characters; write at most {LONGEST:,}"
        return Mistake(0, message, "promql-too-large")
    filled = _fill(text)
    try:
        return _read(text, filled, version)
    except RefusedError as refused:
        mistake = refused.mistake
        message = mistake.message.replace(_SAMPLE, OPEN)
        return Mistake(min(filled.written(mistake.offset), len(text)), message, mistake.code)


def _fill(text: str) -> _Filled:
    pieces, found, position, length = [], [], 0, 0
    for placeholder in windows(text):
        pieces += [text[position : placeholder.start()], _SAMPLE]
        length += placeholder.start() - position
        found.append((length, placeholder.start(), len(placeholder[0])))
        position, length = placeholder.end(), length + len(_SAMPLE)
    return _Filled("".join([*pieces, text[position:]]), tuple(found))


def _read(text: str, filled: _Filled, version: Version) -> Query:
    # Late: most SLOs have no query.
    from slogen.promql.labels import Kind, kind, labels
    from slogen.promql.measure import measure
    from slogen.promql.parsing import parse
    from slogen.promql.scanner import scan

    scanned = scan(filled.text, version)
    first = skip(filled.text, 0)
    expression = parse(scanned, first)
    if (found := kind(expression)) != Kind.VECTOR:
        raise RefusedError(first, f"the query yields a {found}, {_INSTEAD[found]}", "not-a-vector")
    if not filled.windows:
        quoted = " outside of quotes and comments" if PLACEHOLDER.search(text) else ""
        message = f"the query has no window{quoted}; write $window where it reads a range"
        raise RefusedError(first, f"{message}, as in rate(errors_total[$window])", "no-window")
    result = labels(expression, scanned.words)
    grouping = None if result is None else tuple(sorted(result))
    selectors = tuple(map(_open, scanned.selectors))
    return Query(text, grouping, selectors, measure(expression), next(quoted_windows(text), -1))


def _open(selector: Selector) -> Selector:
    """*selector* with its window open again."""
    return selector._replace(metric=selector.metric.replace(_SAMPLE, OPEN))

"""
PromQL as people write it in an SLO: selectors and queries, read, checked and kept verbatim.

Whatever the text, reading it ends soon, and with a value.
"""

from typing import Final, NamedTuple

from slogen.promql import PLACEHOLDER, Matcher, Selector
from slogen.promql.functions import Version
from slogen.promql.selector import read_selector, skip
from slogen.promql.strings import LONGEST, Mistake, RefusedError
from slogen.units import Window

__all__ = ["Mistake", "Query", "read_query", "read_selector", "window_placeholder"]

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
    """

    text: str
    grouping: tuple[str, ...] | None
    selectors: tuple[Selector, ...]

    def with_window(self, window: Window) -> str:
        """The same text with *window* where it is left open."""
        return PLACEHOLDER.sub(str(window), self.text)


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


def window_placeholder(text: str) -> bool:
    """Whether *text* leaves a window open: ``$window``, or ``{{.window}}`` as Sloth's users have it."""
    return PLACEHOLDER.search(text) is not None


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
        message = mistake.message.replace(_SAMPLE, "$window")
        return Mistake(min(filled.written(mistake.offset), len(text)), message, mistake.code)


def _fill(text: str) -> _Filled:
    pieces, windows, position, length = [], [], 0, 0
    for placeholder in PLACEHOLDER.finditer(text):
        pieces += [text[position : placeholder.start()], _SAMPLE]
        length += placeholder.start() - position
        windows.append((length, placeholder.start(), len(placeholder[0])))
        position, length = placeholder.end(), length + len(_SAMPLE)
    return _Filled("".join([*pieces, text[position:]]), tuple(windows))


def _read(text: str, filled: _Filled, version: Version) -> Query:
    # Late: most SLOs have no query.
    from slogen.promql.labels import Kind, kind, labels
    from slogen.promql.parsing import parse
    from slogen.promql.scanner import scan

    scanned = scan(filled.text, version)
    first = skip(filled.text, 0)
    expression = parse(scanned, first)
    if (found := kind(expression)) != Kind.VECTOR:
        raise RefusedError(first, f"the query yields a {found}, {_INSTEAD[found]}", "not-a-vector")
    if all(any(start <= window[0] < end for start, end in scanned.comments) for window in filled.windows):
        message = "the query has no window; write $window where it reads a range, as in rate(errors_total[$window])"
        raise RefusedError(first, message, "no-window")
    result = labels(expression, scanned.words)
    grouping = None if result is None else tuple(sorted(result))
    return Query(text, grouping, tuple(map(_open, scanned.selectors)))


def _open(selector: Selector) -> Selector:
    """*selector* with its window open again."""
    if _SAMPLE not in str(selector):
        return selector
    matchers = tuple(
        Matcher(matcher.label, matcher.op, matcher.value.replace(_SAMPLE, "$window")) for matcher in selector.matchers
    )
    return Selector(selector.metric.replace(_SAMPLE, "$window"), matchers)

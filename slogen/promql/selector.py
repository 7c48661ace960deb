"""
Selectors of series as people write them, read into `slogen.promql.Selector`.

A selector is read without a parser for all of PromQL, which would take ten times as long: there are three in an SLO.

Source: https://prometheus.io/docs/prometheus/latest/querying/basics/#time-series-selectors
"""

import re
from typing import Final, NamedTuple

from slogen.promql import Matcher, Selector
from slogen.promql.functions import QUOTED_NAMES, Version, require
from slogen.promql.placeholder import PLACEHOLDER
from slogen.promql.regex import Flaw, read_regex
from slogen.promql.strings import LONGEST, QUOTES, Literal, Mistake, RefusedError, read_string, seen, shown

NEWEST: Final = (3, 16)
"""The newest Prometheus whose language is known here."""

NOT_METRICS: Final = frozenset(("atan2", "bool", "group_left", "group_right", "ignoring", "inf", "nan", "on"))
"""Words that are a metric's name only within quotes, in any case."""

METRIC: Final = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*+")
_SPACE = re.compile(r"(?:[ \t\r\n]++|#[^\r\n]*+)*+")
# The usual matcher, up to what follows it; whatever this does not match is read piece by piece.
_MATCHER = re.compile(
    r"[ \t\r\n]*+([a-zA-Z_][a-zA-Z0-9_]*+)[ \t\r\n]*+(=~|!~|!=|=)[ \t\r\n]*+"
    '"([^"\\\\\n\ufffd\ud800-\udfff]*+)"'
    r"[ \t\r\n]*+([,}])"
)
# Patterns of what is seldom written are compiled when they are first needed.
_LABEL = r"[a-zA-Z_][a-zA-Z0-9_]*+"
_OPERATOR = r"=~|!~|!=|="
_NOT_SELECTED = (
    (PLACEHOLDER.pattern, "belongs in a query"),
    (r"\[", "opens a range, and slogen itself adds the windows"),
    (r"(?i:@|offset\b)", "moves the time, which only a query can"),
    (
        r"(?i:[-+*/%^<>(]|[=!]=|(?:and|or|unless|atan2|by|without)\b)",
        "makes this a calculation, and only a query can be one",
    ),
)
"""What follows a selector, or takes its place, in a query."""

_CURLY_QUOTES = "'\"“”„«»\N{LEFT SINGLE QUOTATION MARK}\N{RIGHT SINGLE QUOTATION MARK}"
_INSTEAD = "write a selector like up{job=\"shop\"} here, or all of it under 'query:'"


class Braces(NamedTuple):
    """
    What stands in braces.

    Attributes:
        name: the metric's, where it is written within the braces and in quotes.
        quoted: where the first name in quotes stands; -1 without one.
        named: where the last name of a metric stands; -1 without one.
        end: the place behind the closing brace.
    """

    matchers: tuple[Matcher, ...]
    name: str | None
    quoted: int
    named: int
    end: int


def read_selector(text: str, version: Version = NEWEST) -> Selector | Mistake:
    """
    The series that *text* selects, values unescaped, or why Prometheus *version* could not tell them.

    The metric is "" where only matchers choose it. ``{__name__="x"}`` is ``x``.
    """
    try:
        return _read(text, version)
    except RefusedError as refused:
        return refused.mistake


def _read(text: str, version: Version) -> Selector:
    if len(text) > LONGEST:
        message = f"the selector has {len(text):,} characters; write at most {LONGEST:,}"
        raise RefusedError(0, message, "promql-too-large")
    start = skip(text, 0)
    name = METRIC.match(text, start)
    end = skip(text, name.end()) if name else start
    braces = None
    if text.startswith("{", end):
        braces = read_braces(text, end)
        end = skip(text, braces.end)
    if end < len(text) or not (name or braces):
        raise _rest(text, start, end)
    metric = name[0] if name else ""
    if metric.lower() in NOT_METRICS:
        message = f"{metric!r} is a word of PromQL; write {{__name__={metric!r}}} for the metric"
        raise RefusedError(start, message, "bad-promql" if braces else "bad-selector")
    if braces is None:
        return Selector(metric)
    if braces.quoted >= 0:
        require(QUOTED_NAMES, version, braces.quoted)
    return assemble(metric, braces, start)


def skip(text: str, position: int) -> int:
    """The place behind the white space and the comments at *position*."""
    return _SPACE.match(text, position).end()  # type: ignore[union-attr]  # it matches nothing, too


def assemble(metric: str, braces: Braces, start: int) -> Selector:
    """
    The selector of *metric*, written at *start*, and *braces*.

    Raises:
        RefusedError: it has two names, or selects every series there is.
    """
    if braces.named >= 0:
        return _named(metric, braces)
    if not metric and all(map(_matches_empty, braces.matchers)):
        message = "this selects every series there is; write a metric's name, or a matcher that needs a value"
        raise RefusedError(start, message)
    return Selector(metric, braces.matchers)


def _named(metric: str, braces: Braces) -> Selector:
    """The selector where a name stands within the braces."""
    names = [matcher for matcher in braces.matchers if matcher.label == "__name__"]
    exact = [matcher for matcher in names if matcher.op == "=" and matcher.value]
    if metric:
        message = f"the metric has a name already, {shown(metric)}; write only one"
        raise RefusedError(braces.named, message)
    if braces.name is not None:
        if names or not braces.name:
            message = "write one name in the braces" if names else "the metric's name is empty; write one"
            raise RefusedError(braces.named, message, "bad-selector")
        return Selector(braces.name, braces.matchers)
    if exact and len(names) > 1:
        message = f"the metric is named twice, {shown(exact[0].value)} once; leave the other out"
        raise RefusedError(braces.named, message, "bad-selector")
    if exact:
        return Selector(exact[0].value, tuple(matcher for matcher in braces.matchers if matcher != exact[0]))
    if all(map(_matches_empty, braces.matchers)):
        raise RefusedError(braces.named, "this selects every series there is; write a metric's name")
    return Selector("", braces.matchers)


def _matches_empty(matcher: Matcher) -> bool:
    """Whether *matcher* holds where the label is not there."""
    if matcher.op in ("=", "!="):
        return (matcher.op == "=") == (matcher.value == "")
    regex = read_regex(matcher.value)
    return not isinstance(regex, Flaw) and regex.matches_empty == (matcher.op == "=~")


def read_braces(text: str, start: int) -> Braces:
    """
    What stands in the braces that open at *start*.

    Raises:
        RefusedError: Prometheus does not read it so.
    """
    matchers: list[Matcher] = []
    named, position = -1, start + 1
    while usual := _MATCHER.match(text, position):
        label, op, value, closing = usual.groups()
        if op in ("=~", "!~") and isinstance(flaw := read_regex(value), Flaw):
            raise RefusedError(usual.start(3) + flaw.offset, flaw.message, "bad-regex")
        if label == "__name__":
            named = usual.start(1)
        matchers.append(Matcher(label, op, value))
        position = usual.end()
        if closing == "}":
            return Braces(tuple(matchers), None, -1, named, position)
    return _BracesReader(text, start, matchers, named).read(position)


class _BracesReader:
    """Reads what usual matchers are followed by, piece by piece."""

    def __init__(self, text: str, start: int, matchers: list[Matcher], named: int) -> None:
        self.text = text
        self.start = start
        self.matchers = matchers
        self.name: str | None = None
        self.quoted = -1
        self.named = named

    def read(self, position: int) -> Braces:
        closing = ","
        while closing == ",":
            position, closing = self.item(skip(self.text, position))
        return Braces(tuple(self.matchers), self.name, self.quoted, self.named, position)

    def item(self, position: int) -> tuple[int, str]:
        """Read a matcher, a name or the end; the place behind it, and what ends it."""
        text = self.text
        if text.startswith("}", position):
            return position + 1, "}"
        label, end = self.label(position)
        if isinstance(label, Literal):
            self.quoted = position if self.quoted < 0 else self.quoted
            if text[end : end + 1] in (",", "}", ""):
                self.metric(label)
                return self.closing(end)
        operator = self.operator(label, end)
        value = self.value(operator)
        name = label.value if isinstance(label, Literal) else label
        if operator[0] in ("=~", "!~") and isinstance(flaw := read_regex(value.value), Flaw):
            raise RefusedError(value.place(text, flaw.offset), flaw.message, "bad-regex")
        if name == "__name__":
            self.named = position
        self.matchers.append(Matcher(name, operator[0], value.value))
        return self.closing(skip(text, value.end))

    def metric(self, name: Literal) -> None:
        if self.name is not None:
            message = f"the metric has a name already, {shown(self.name)}; write only one"
            raise RefusedError(name.start, message, "bad-selector")
        self.name, self.named = name.value, name.start

    def label(self, position: int) -> tuple[Literal | str, int]:
        """The name at *position*, and what follows it."""
        text = self.text
        if text[position : position + 1] in QUOTES:
            literal = read_string(text, position)
            return literal, skip(text, literal.end)
        name = re.compile(_LABEL).match(text, position)
        if name is None:
            raise self.unexpected(position, 'where a matcher is expected; write one like job="shop"')
        following = text[name.end() : name.end() + 1]
        if following in (".", ":", "-", "/") or following.isalpha():
            written = seen(text, position)
            message = f"{written} is no label's name; write it in double quotes, which needs Prometheus 3.0"
            raise RefusedError(name.end(), message)
        return name[0], skip(text, name.end())

    def operator(self, label: Literal | str, position: int) -> re.Match[str]:
        """The operator at *position*, behind *label*."""
        operator = re.compile(_OPERATOR).match(self.text, position)
        if operator:
            return operator
        name = label.value if isinstance(label, Literal) else label
        if self.text[position : position + 1] in ("}", ","):
            raise RefusedError(
                position, f'the label {shown(name)} has no value here; write a matcher like {name}="shop"'
            )
        raise self.unexpected(position, f"behind the label {shown(name)}; write =, !=, =~ or !~ and a value in quotes")

    def value(self, operator: re.Match[str]) -> Literal:
        """The string behind *operator*."""
        text, position = self.text, skip(self.text, operator.end())
        char = text[position : position + 1]
        if char in QUOTES:
            return read_string(text, position)
        if position == operator.end() and char in ("=", "~", "!", "<", ">"):
            raise RefusedError(position, f"'{operator[0]}{char}' is no operator of a matcher; write =, !=, =~ or !~")
        if char in ("}", ","):
            raise RefusedError(position, f"{operator[0]!r} has no value here; write one in quotes, even if it is empty")
        written = seen(text, position).strip(_CURLY_QUOTES)
        raise self.unexpected(position, f'where a value in quotes is expected; write {operator[0]}"{written}"')

    def closing(self, position: int) -> tuple[int, str]:
        """The place behind the comma or the brace at *position*, and which of them it is."""
        char = self.text[position : position + 1]
        if char in (",", "}"):
            return position + 1, char
        raise self.unexpected(position, "where ',' or '}' is expected; write one of them before it")

    def unexpected(self, position: int, what: str) -> RefusedError:
        if position >= len(self.text):
            return RefusedError(self.start, "'{' is never closed; write '}' behind the last matcher")
        return RefusedError(position, f"{seen(self.text, position)} stands {what}")


def _rest(text: str, start: int, position: int) -> RefusedError:  # noqa: PLR0911  # one for each case
    """Why what stands at *position*, behind the selector that starts at *start*, is no part of it."""
    if position == len(text):
        return RefusedError(0, f"no selector is written here; {_INSTEAD}")
    char = text[position]
    if char == "(" and position > start:
        message = f"{seen(text, start)} is called here, and only a query can call functions; {_INSTEAD}"
        return RefusedError(start, message, "bad-selector")
    for pattern, explanation in _NOT_SELECTED:
        if found := re.compile(pattern).match(text, position):
            return RefusedError(position, f"{found[0]!r} {explanation}; {_INSTEAD}", "bad-selector")
    if position == start and char in QUOTES:
        return RefusedError(position, f"a string selects nothing; {_INSTEAD}", "bad-selector")
    if position == start and char.isdigit():
        return RefusedError(position, f"the number {seen(text, position)} selects nothing; {_INSTEAD}", "bad-selector")
    if char == "." or (char.isalpha() and not char.isascii()):
        message = f'{char!r} needs quotes in a name; write {{"http.requests"}}, which needs Prometheus 3.0'
        return RefusedError(position, message)
    return RefusedError(position, f"{seen(text, position)} does not belong here; {_INSTEAD}")

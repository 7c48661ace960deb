"""
A query, cut into words and checked word by word.

promql-parser knows neither places nor versions, and reads some strings, numbers and regular expressions otherwise than
Prometheus. So all but the grammar and the types is read here, each mistake with its place.

Source: https://github.com/prometheus/prometheus/blob/v2.42.0/promql/parser/lex.go and that of v3.16.0
"""

import re
from collections.abc import Mapping
from typing import NamedTuple

from slogen.promql import Selector
from slogen.promql import functions as known
from slogen.promql.durations import (
    DURATION,
    NUMBER,
    check_number,
    check_timestamp,
    milliseconds,
    read_offset,
    read_range,
)
from slogen.promql.functions import require
from slogen.promql.selector import METRIC, NOT_METRICS, assemble, read_braces, skip
from slogen.promql.stand_in import CALL, FILL, Parenthesis, Plain
from slogen.promql.strings import RefusedError, read_string, seen, shown

_TOKEN = re.compile(
    rf"""
      (?P<name> {METRIC.pattern} )
    | (?P<duration> {DURATION.pattern} (?![a-zA-Z0-9_.]) )
    | (?P<number> {NUMBER.pattern} (?![a-zA-Z0-9_.]) )
    | (?P<operator> </ | >/ | [=!<>]= | [-+*/%^<>@] )
    | (?P<string> ["'`] )
    | (?P<braces> \{{ )
    | (?P<range> \[ )
    | (?P<open> \( )
    | (?P<close> \) )
    | (?P<comma> , )
    """,
    re.VERBOSE,
)
_BLANK = " \t\r\n#"
_BY = re.compile(r"(?:by|without)\b", re.IGNORECASE)
_GROUPING = ("by", "without")
_MATCHING = ("on", "ignoring", "group_left", "group_right")
_FILLS = ("fill", "fill_left", "fill_right")
_SET_OPERATORS = ("and", "or", "unless", "atan2")
_EXTENDED = ("anchored", "smoothed")
_FEATURES = {"@": known.AT_MODIFIER, "</": known.TRIMMING, ">/": known.TRIMMING, "atan2": known.ATAN2}
# The parser does not know the first one, and does not check what the others are given.
_FOR_THE_PARSER = {"holt_winters": "double_exponential_smoothing", "limitk": "topk", "limit_ratio": "topk"}


class Scan(NamedTuple):
    """
    A query, said again for promql-parser.

    Attributes:
        plain: in the parser's words.
        selectors: in the order in which they are written.
        words: what each ``l0`` and ``s0`` stands for.
        calls: where each function is called.
    """

    plain: str
    selectors: tuple[Selector, ...]
    words: Mapping[str, str]
    calls: Mapping[str, list[int]]


def scan(text: str, version: known.Version) -> Scan:
    """
    *text*, checked and said again.

    Raises:
        RefusedError: Prometheus *version* would not take it, whatever its grammar.
    """
    return _Scanner(text, version).read()


class _Scanner:
    def __init__(self, text: str, version: known.Version) -> None:
        self.text = text
        self.version = version
        self.plain = Plain()
        self.calls: dict[str, list[int]] = {}

    def read(self) -> Scan:
        position = start = self.blank(0)
        if position == len(self.text):
            raise RefusedError(0, "no query is written here; write one like sum(rate(errors_total[$window]))")
        while position < len(self.text):
            start = position
            token = _TOKEN.match(self.text, position)
            if token is None:
                raise _unknown(self.text, position)
            position = self.blank(self.label(token) if self.plain.in_labels else self.take(token))
        self.plain.end(start)
        plain = self.plain
        return Scan(plain.text, tuple(plain.selectors), plain.words, self.calls)

    def blank(self, position: int) -> int:
        """The place behind white space and comments."""
        if self.text[position : position + 1] not in _BLANK:
            return position
        return skip(self.text, position)

    def take(self, token: re.Match[str]) -> int:
        """Say *token* again, with what belongs to it; the place behind that."""
        start, text = token.start(), token[0]
        match token.lastgroup:
            case "name":
                return self.name(token)
            case "open":
                self.plain.opening(start)
            case "close":
                self.plain.closing(start)
            case "comma":
                self.plain.comma(start)
            case "operator":
                self.operator(text, start)
            case "range":
                return self.range(start)
            case _:
                self.plain.value(start, self.text)
                return self.value(token)
        return token.end()

    def value(self, token: re.Match[str]) -> int:
        """Say a value again that has no name; the place behind it."""
        start, text = token.start(), token[0]
        match token.lastgroup:
            case "braces":
                return self.braces("", start, start)
            case "string":
                literal = read_string(self.text, start)
                self.plain.string(literal.value)
                return literal.end
            case "duration":
                require(known.INTERCHANGEABLE, self.version, start)
                self.constant(milliseconds(text, start) / 1_000, start)
            case _:
                self.constant(check_number(text, start, self.version), start)
        return token.end()

    def operator(self, text: str, start: int) -> None:
        if text in _FEATURES:
            require(_FEATURES[text], self.version, start)
        self.plain.operator(text, start)

    def constant(self, number: float, start: int) -> None:
        if self.plain.at_timestamp:
            check_timestamp(number, start)
        self.plain.say("1")

    def range(self, start: int) -> int:
        if self.plain.wanted:
            raise RefusedError(start, "'[' stands where a value is expected; write a selector before it")
        plain, end = read_range(self.text, start, self.version)
        self.plain.say(plain)
        return end

    def braces(self, metric: str, start: int, opening: int) -> int:
        braces = read_braces(self.text, opening)
        if braces.quoted >= 0:
            require(known.QUOTED_NAMES, self.version, braces.quoted)
        self.plain.selector(assemble(metric, braces, start))
        return braces.end

    def label(self, token: re.Match[str]) -> int:
        """Say again what stands in a list of labels; the place behind it."""
        start, text = token.start(), token[0]
        match token.lastgroup, self.plain.wanted:
            case "close", _:
                self.plain.closing(start)
            case "comma", False:
                self.plain.comma(start)
            case "string", True:
                require(known.QUOTED_NAMES, self.version, start)
                literal = read_string(self.text, start)
                if not literal.value:
                    raise RefusedError(start, "a label's name cannot be empty; write one")
                self.plain.label(literal.value)
                return literal.end
            case "name", True if text.lower() != "without":
                if ":" in text:
                    require(known.QUOTED_NAMES._replace(name="a label's name with a colon"), self.version, start)
                self.plain.label(text)
            case _, wanted:
                expected = "a label is expected; write one" if wanted else "',' or ')' is expected; write one"
                raise RefusedError(start, f"{seen(self.text, start)} stands where {expected}")
        return token.end()

    def name(self, token: re.Match[str]) -> int:
        """Say a name again, whatever it names; the place behind it, or what belongs to it."""
        start, text, word, end = token.start(), token[0], token[0].lower(), token.end()
        following = self.blank(end)
        called = self.text.startswith("(", following)
        if called and word in (*_GROUPING, *_MATCHING):
            after = self.plain.wanted or word in _MATCHING
            self.plain.awaited = Parenthesis(0, labels=True, call=False, after=after)
            self.plain.say(word)
        elif not self.plain.wanted:
            return self.operator_name(text, start, following)
        elif called and word not in NOT_METRICS:
            self.call(text, start)
        elif word in known.AGGREGATIONS and _BY.match(self.text, following):
            self.aggregation(text, start)
        elif word in ("inf", "nan"):
            self.plain.wanted = False
            self.constant(float("inf"), start)
        elif word in NOT_METRICS:
            self.plain.say(word)
        else:
            self.plain.wanted = False
            if self.text.startswith("{", following):
                return self.braces(text, start, following)
            self.plain.selector(Selector(text))
        return following

    def operator_name(self, text: str, start: int, following: int) -> int:
        """Say again a name that stands where a value cannot; the place behind it and what belongs to it."""
        word = text.lower()
        if word in _SET_OPERATORS:
            self.operator(word, start)
        elif word == "offset":
            plain, following = read_offset(self.text, following, self.version)
            self.plain.say(plain)
        elif word in _EXTENDED:
            require(known.EXTENDED_RANGES, self.version, start)
        elif word in NOT_METRICS or word in _GROUPING:
            raise RefusedError(start, f"{text!r} does not belong here; write it behind an operator or an aggregation")
        else:
            self.plain.value(start, self.text)
        return following

    def call(self, text: str, start: int) -> None:
        """Say again the name of a function, of an aggregation, or of what looks like one."""
        word = text.lower()
        self.plain.awaited = FILL if word in _FILLS else CALL
        if word in _FILLS:
            require(known.FILL, self.version, start)
            self.plain.say(word)
        elif word in known.AGGREGATIONS:
            self.aggregation(text, start)
        elif word in ("start", "end") and self.plain.at_timestamp:
            self.plain.say(word)
        else:
            self.function(text, start)

    def aggregation(self, text: str, start: int) -> None:
        word = text.lower()
        require(known.Feature(f"the aggregation {text!r}", known.AGGREGATIONS[word]), self.version, start)
        self.plain.say(_FOR_THE_PARSER.get(word, word))

    def function(self, text: str, start: int) -> None:
        if text not in known.FUNCTIONS:
            from difflib import get_close_matches

            near = get_close_matches(text, (*known.FUNCTIONS, *known.AGGREGATIONS), 1)
            hint = f"did you mean {near[0]!r}?" if near else "write one that Prometheus has"
            raise RefusedError(start, f"PromQL has no function {shown(text)}; {hint}")
        require(known.Feature(f"the function {text!r}", known.FUNCTIONS[text]), self.version, start)
        if text in known.RENAMED and self.version >= known.RENAMED[text][1]:
            raise RefusedError(start, f"Prometheus has no {text!r} any more; write {known.RENAMED[text][0]!r}")
        self.calls.setdefault(text, []).append(start)
        self.plain.say(_FOR_THE_PARSER.get(text, text))


def _unknown(text: str, position: int) -> RefusedError:
    """Why no word begins at *position*."""
    char, written = text[position], seen(text, position)
    if char in "]}":
        message = f"{char!r} closes nothing; remove it, or open it before"
    elif char == "$":
        message = f"{written} is nothing that slogen fills in; write $window"
    elif char in "0123456789.":
        message = f"{written} is neither a number nor a duration; write one like 1.5 or 5m"
    elif char in "=!&|~":
        message = f"{char!r} is no operator; write one like == or !=, 'and' or 'or'"
    else:
        message = f"{written} means nothing in PromQL; remove it"
    return RefusedError(position, message)

"""
Numbers and durations in a query, with the ranges and offsets that are made of them.

Source: https://prometheus.io/docs/prometheus/latest/querying/basics/#float-literals-and-time-durations
"""

import re
from typing import Final, NamedTuple

from slogen.promql.functions import (
    DURATION_EXPRESSIONS,
    INTERCHANGEABLE,
    NEGATIVE_OFFSET,
    UNDERSCORES,
    Version,
    require,
)
from slogen.promql.selector import skip
from slogen.promql.strings import RefusedError, seen, shown

DURATION: Final = re.compile(r"[0-9]++(?:ms|[smhdwy])(?:[0-9]++(?:ms|[smhdw]))*+")
NUMBER: Final = re.compile(
    r"(?:0[xX](?:_?[0-9a-fA-F]++)++|(?:[0-9]++\.?[0-9]*+|\.[0-9]++)(?:[eE][+-]?[0-9]++)?+(?!_)|[1-9][0-9]*+(?:_[0-9]++)++)"
)

_ORDERED = re.compile(
    r"(?:([0-9]+)y)?(?:([0-9]+)w)?(?:([0-9]+)d)?(?:([0-9]+)h)?(?:([0-9]+)m)?(?:([0-9]+)s)?(?:([0-9]+)ms)?"
)
_MILLISECONDS = (31_536_000_000, 604_800_000, 86_400_000, 3_600_000, 60_000, 1_000, 1)
_LONGEST_MILLISECONDS = (2**63 - 1) // 1_000_000
_LATEST_SECONDS = 2**63
_USUAL_RANGE = re.compile(r"\[[1-9][0-9]{0,7}[sm]\]|\[[1-9][0-9]{0,3}[hdw]\]")
_WORDS = re.compile(
    rf"(?P<duration>{DURATION.pattern}(?![a-zA-Z0-9_.]))|(?P<number>{NUMBER.pattern}(?![a-zA-Z0-9_.]))"
    r"|(?P<name>[a-zA-Z_]\w*+)|(?P<sign>[-+*/%^(),:])",
    re.ASCII,
)
_SUM = re.compile(r"(?<!1)[-+]*1(?:[-+*/%^][-+]*1)*+")
_CALLABLE = ("step", "range", "min_of", "max_of", "min", "max")
_MOST_WORDS = 64
_ZERO_OFFSET_SINCE = (3, 4)


class Read(NamedTuple):
    """What a part of a query says in promql-parser's words, and the place behind it."""

    plain: str
    end: int


def check_number(text: str, offset: int, version: Version) -> float:
    """
    The number *text*, written at *offset*.

    Raises:
        RefusedError: Prometheus does not read it.
    """
    if "_" in text:
        require(UNDERSCORES, version, offset)
    digits = text.replace("_", "")
    if digits[:2] in ("0x", "0X"):
        if len(digits.lstrip("0xX")) > len("7fffffffffffffff") or int(digits, 16) >= 2**63:
            raise RefusedError(offset, f"{shown(text)} is too large a hexadecimal number; write it in decimal digits")
        return float(int(digits, 16))
    number = float(digits)
    if number == float("inf"):
        raise RefusedError(offset, f"{shown(text)} is too large a number; write Inf for infinity")
    return number


def check_timestamp(number: float, offset: int) -> None:
    """
    Go on only if '@' may be followed by *number*.

    Raises:
        RefusedError: no time is so far away.
    """
    if abs(number) >= _LATEST_SECONDS:
        raise RefusedError(offset, "no time is so far away; write seconds since 1970 behind '@'")


def milliseconds(text: str, offset: int) -> int:
    """
    How long the duration *text*, written at *offset*, is.

    Raises:
        RefusedError: its units are not in order, or it is longer than 292 years.
    """
    ordered = _ORDERED.fullmatch(text)
    if ordered is None:
        raise RefusedError(
            offset, f"the units of {shown(text)} are not in order; write the longer ones first, like 1h30m"
        )
    counts = [count or "0" for count in ordered.groups()]
    # No number is read before its length is known: Python refuses to read a very long one.
    if max(map(len, counts)) <= len(str(_LONGEST_MILLISECONDS)):
        total = sum(int(count) * unit for count, unit in zip(counts, _MILLISECONDS, strict=True))
        if total <= _LONGEST_MILLISECONDS:
            return total
    raise RefusedError(offset, f"{shown(text)} is longer than the 292 years that Prometheus can count; write less")


def read_range(text: str, start: int, version: Version) -> Read:
    """
    The range or the subquery whose bracket opens at *start*.

    Raises:
        RefusedError: Prometheus does not read it so.
    """
    if usual := _USUAL_RANGE.match(text, start):
        return Read("[5m]", usual.end())
    words, position = [], skip(text, start + 1)
    if text.find("#", start, position) >= 0:
        raise RefusedError(start, "a range cannot begin with a comment; write it behind the duration")
    depth = 0
    while not text.startswith("]", position):
        word = _word(text, start, position)
        depth += (word[0] == "(") - (word[0] == ")")
        if depth < 0:
            raise RefusedError(position, "')' stands where ']' is expected; close the range first")
        words.append(word)
        position = skip(text, word.end())
        _check_length(words)
    colon = next((index for index, word in enumerate(words) if word[0] == ":"), len(words))
    spans = [words[:colon]] if colon == len(words) else [words[:colon], words[colon + 1 :]]
    if not spans[0]:
        raise RefusedError(start, "this range has no duration; write one like [$window] or [5m]")
    for span in filter(None, spans):
        _check_span(span, version)
    return Read("[5m]" if len(spans) == 1 else f"[5m:{'5m' * bool(spans[1])}]", position + 1)


def _check_length(words: list[re.Match[str]]) -> None:
    if len(words) > _MOST_WORDS:
        message = f"a duration is calculated from more than {_MOST_WORDS} words; write the result"
        raise RefusedError(words[-1].start(), message, "promql-too-large")


def _word(text: str, start: int, position: int) -> re.Match[str]:
    word = _WORDS.match(text, position)
    if word:
        return word
    if position >= len(text) or text[position] in "[{}\"'`=":
        raise RefusedError(start, "'[' is never closed; write ']' behind the duration")
    if text[position] == "$":
        raise RefusedError(position, f"{seen(text, position)} is nothing that slogen fills in; write $window")
    raise RefusedError(position, f"{seen(text, position)} is no duration; write one like $window, 30s, 5m or 1h30m")


def _check_span(words: list[re.Match[str]], version: Version) -> None:
    """Check one of the durations of a range, which may be a calculation."""
    first = words[0]
    if len(words) == 1 and first.lastgroup in ("duration", "number"):
        length = _length(first, version)
        if length <= 0:
            raise RefusedError(first.start(), f"{shown(first[0])} is no time at all; write a duration longer than 0s")
        return
    if first.lastgroup in ("duration", "number") and words[1].lastgroup != "sign":
        raise RefusedError(words[1].start(), f"{shown(words[1][0])} follows a duration; write ']' or ':' before it")
    require(DURATION_EXPRESSIONS, version, first.start())
    _check_calculation(words, version)


def _length(word: re.Match[str], version: Version) -> float:
    """The seconds that a number or a duration stands for."""
    if word.lastgroup == "duration":
        return milliseconds(word[0], word.start()) / 1_000
    require(INTERCHANGEABLE, version, word.start())
    return check_number(word[0], word.start(), version)


def _check_calculation(words: list[re.Match[str]], version: Version) -> None:
    plain = ""
    for word in words:
        if word.lastgroup == "name":
            if word[0].lower() in _CALLABLE:
                message = f"slogen cannot read {shown(word[0])} within a duration yet; write the duration out"
                raise RefusedError(word.start(), message, "promql-too-new")
            raise RefusedError(word.start(), f"{shown(word[0])} is no duration; write one like $window or 5m")
        if word.lastgroup != "sign":
            _length(word, version)
        plain += word[0] if word.lastgroup == "sign" else "1"
    before = ""
    while plain != before:
        before, plain = plain, _SUM.sub("1", plain).replace("(1)", "1")
    if plain != "1":
        raise RefusedError(words[0].start(), "this calculation makes no duration; write one like [$window * 2]")


def read_offset(text: str, start: int, version: Version) -> Read:
    """
    What follows the word ``offset``, at *start*.

    Raises:
        RefusedError: Prometheus does not read it so.
    """
    sign, position = text[start : start + 1], start
    if sign in ("+", "-"):
        if sign == "-":
            require(NEGATIVE_OFFSET, version, start)
        else:
            require(DURATION_EXPRESSIONS, version, start)
        position = skip(text, start + 1)
    minus = "-" * (sign == "-")
    word = _WORDS.match(text, position)
    if word and word[0] == "(":
        return Read(f"offset {minus}5m", _calculated_offset(text, position, version))
    if word is None or word.lastgroup not in ("duration", "number"):
        what = "the end" if position >= len(text) else seen(text, position)
        raise RefusedError(position, f"{what} stands where the duration of 'offset' is expected; write one like 5m")
    if _length(word, version) == 0 and version < _ZERO_OFFSET_SINCE:
        raise RefusedError(position, "an offset of nothing moves nothing; leave it out")
    return Read(f"offset {minus}5m", word.end())


def _calculated_offset(text: str, start: int, version: Version) -> int:
    require(DURATION_EXPRESSIONS, version, start)
    words: list[re.Match[str]] = []
    position, depth = start, 0
    while depth or not words:
        word = _word(text, start, position)
        depth += (word[0] == "(") - (word[0] == ")")
        words.append(word)
        position = skip(text, word.end())
        _check_length(words)
    _check_calculation(words, version)
    return words[-1].end()

"""
Strings of PromQL: in double quotes, single quotes and backticks, unescaped as Prometheus does it.

Source: https://github.com/prometheus/prometheus/blob/v2.42.0/promql/parser/lex.go (lexString, lexEscape)
"""

import re
from typing import Final, NamedTuple

LONGEST: Final = 16_384
"""Characters that a selector or a query may have; nobody's is a tenth of it."""

QUOTES: Final = ('"', "'", "`")

_UNREADABLE = "\ufffd\ud800-\udfff"
"""What Prometheus cannot tell from broken UTF-8, and what cannot be sent to it at all."""

# Patterns are compiled when they are first needed, which for most of them is never.
_PLAIN = {quote: rf"[^{quote}\\\n{_UNREADABLE}]*+" for quote in "\"'"}
_BAD = f"[{_UNREADABLE}]"
_ESCAPE = r"""\\(?:([abfnrtv\\"'])|([0-7]{3})|x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))"""
_NAMED = {"a": b"\a", "b": b"\b", "f": b"\f", "n": b"\n", "r": b"\r", "t": b"\t", "v": b"\v", "\\": b"\\"}
_PIECE = rf"(?s:{_ESCAPE}|.)"
_WORD = r"[^\s(){}\[\],\"'`=!<>]+"
_SHOWN = 40


class Mistake(NamedTuple):
    """
    What is wrong with a selector or a query.

    Attributes:
        offset: in characters, from the start of the text.
        code: the diagnostic's.
    """

    offset: int
    message: str
    code: str


class RefusedError(Exception):
    """Carries a mistake out of the depths of a reader, to where it is returned."""

    def __init__(self, offset: int, message: str, code: str = "bad-promql") -> None:
        super().__init__(message)
        self.mistake = Mistake(offset, message, code)


class Literal(NamedTuple):
    """A string, and where it was written, its quotes included."""

    start: int
    end: int
    value: str

    def place(self, text: str, index: int) -> int:
        """Where in *text* the character at *index* of the value was written."""
        if text[self.start] == "`":
            return self.start + 1 + index
        pieces = re.compile(_PIECE).finditer(text, self.start + 1, self.end - 1)
        return next((piece.start() for number, piece in enumerate(pieces) if number == index), self.end - 1)


def read_string(text: str, start: int) -> Literal:
    """
    The string whose opening quote stands at *start*.

    Raises:
        RefusedError: Prometheus does not read it so.
    """
    quote = text[start]
    if quote == "`":
        return _read_raw(text, start)
    value, position = b"", start + 1
    while True:
        plain = re.compile(_PLAIN[quote]).match(text, position)
        if plain:
            value += plain[0].encode()
            position = plain.end()
        if text.startswith(quote, position):
            return Literal(start, position + 1, _decoded(value, start))
        if not text.startswith("\\", position):
            raise _stopped(text, start, position)
        value += _unescaped(text, position, quote)
        position = re.compile(_PIECE).match(text, position).end()  # type: ignore[union-attr]  # it matches any character


def seen(text: str, offset: int) -> str:
    """The word or the character at *offset*, quoted for a message."""
    word = re.compile(_WORD).match(text, offset)
    return shown(word[0] if word else text[offset : offset + 1])


def shown(text: str) -> str:
    """*text* quoted for a message, which it may not fill."""
    text = text if len(text) <= _SHOWN else f"{text[: _SHOWN - 3]}..."
    return f"'{text}'" if text.isprintable() else repr(text)


def _read_raw(text: str, start: int) -> Literal:
    end = text.find("`", start + 1)
    if end < 0:
        raise RefusedError(start, "the string that ` opens here is never closed; write ` at its end")
    if bad := re.compile(_BAD).search(text, start, end):
        raise _stopped(text, start, bad.start())
    return Literal(start, end + 1, text[start + 1 : end])


def _stopped(text: str, start: int, position: int) -> RefusedError:
    """Why a string cannot go on at *position*."""
    quote = text[start]
    if position == len(text):
        return RefusedError(start, f"the string that {quote} opens here is never closed; write {quote} at its end")
    if text[position] == "\n":
        message = f"the string that {quote} opens here is not closed on its line; write {quote} at its end"
        return RefusedError(start, message)
    return RefusedError(position, f"{text[position]!r} is no character of a text; write what was meant")


def _unescaped(text: str, position: int, quote: str) -> bytes:
    """The bytes that the escape sequence at *position* stands for."""
    escape = re.compile(_ESCAPE).match(text, position)
    if escape is None:
        written = text[position : position + 2]
        message = f"'{written}' is no escape sequence of a string; write '\\{written}', or the string in backticks"
        raise RefusedError(position, message)
    named, octal, byte, *points = escape.groups()
    if named:
        if named in "\"'" and named != quote:
            raise RefusedError(position, f"'{escape[0]}' is no escape sequence within {quote}; write {named} alone")
        return _NAMED.get(named, named.encode())
    code = int(octal, 8) if octal else int(byte or points[0] or points[1], 16)
    if octal or byte:
        if code > 0xFF:  # noqa: PLR2004
            raise RefusedError(position, f"'{escape[0]}' is no byte; write at most '\\377'")
        return bytes([code])
    if code > 0x10FFFF or 0xD800 <= code < 0xE000:  # noqa: PLR2004
        raise RefusedError(position, f"'{escape[0]}' is no character of Unicode; write another")
    return chr(code).encode()


def _decoded(value: bytes, start: int) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        message = "the string's escape sequences do not make UTF-8, so no label can have this value; write characters"
        raise RefusedError(start, message, "bad-selector") from None

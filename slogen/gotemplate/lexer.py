"""
The actions of a Go template, cut into words.

What is cut is what Go 1.19 to 1.27 cut, and what it refuses is what they refuse, literals included.

Source: https://github.com/golang/go/blob/go1.24.0/src/text/template/parse/lex.go
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple, NoReturn

DEEPEST: Final = 100
"""How far parentheses, and blocks, may be nested; Go goes on to 10,000, nobody's annotation does."""

STRING: Final = "string"
CHARACTER: Final = "character"
NUMBER: Final = "number"
DOT: Final = "dot"
FIELD: Final = "field"
VARIABLE: Final = "variable"
WORD: Final = "word"
MARK: Final = "mark"
CLOSE: Final = "close"
"""The kinds of token: names of the groups below."""

_END = r"(?=[ \t\r\n.,|:()]|\}\}|\Z)"
_TOKEN = re.compile(
    rf"""
      (?P<close> [ \t\r\n]+-\}}\}} | [ \t\r\n]*\}}\}} )
    | [ \t\r\n]*+ (?:
        (?P<dot> \.{_END} )
      | (?P<field> \.(?![0-9])\w++{_END} )
      | (?P<variable> \$\w*+{_END} )
      | (?P<number> (?:[+-]|\.?[0-9])[^ \t\r\n|)}}]*+ )
      | (?P<word> \w++{_END} )
      | (?P<string> "(?:[^"\\\n]++|\\[^\n])*+" | `[^`]*+` )
      | (?P<character> '(?:[^'\\\n]++|\\[^\n])*+' )
      | (?P<mark> := | [=|(),] )
    )
    """,
    re.VERBOSE,
)
_INK = re.compile(r"[^\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]")
_SPACES = re.compile(r"[ \t\r\n]*")
_OPEN = re.compile(r"\{\{(?:-[ \t\r\n])?(/\*)?")
_COMMENT_CLOSE = re.compile(r"(?:[ \t\r\n]-)?\}\}")

_ESCAPE = r"""
    [abfnrtv\\] | [0-3][0-7]{2} | x[0-9a-fA-F]{2} | u(?!d[89a-f])[0-9a-fA-F]{4}
    | U00 (?: 10[0-9a-fA-F]{4} | 0[1-9a-fA-F][0-9a-fA-F]{4} | 00(?!d[89a-f])[0-9a-fA-F]{4} )
""".replace("d[89a-f]", "[dD][89a-fA-F]")
_STRING = re.compile(rf'"(?: [^"\\] | \\(?:"|{_ESCAPE}) )*+"', re.VERBOSE)
_CHARACTER = re.compile(rf"'(?: [^'\\] | \\(?:'|{_ESCAPE}) )'", re.VERBOSE)

_INTEGER = re.compile(
    r"[+-]?(?:0[xX](?:_?[0-9a-fA-F])++|0[bB](?:_?[01])++|0[oO](?:_?[0-7])++|0(?:_?[0-7])*+|[1-9](?:_?[0-9])*+)"
)
_DECIMAL = r"[0-9](?:_?[0-9])*+"
_HEX = r"[0-9a-fA-F](?:_?[0-9a-fA-F])*+"
_UNSIGNED = rf"""(?:
      (?: {_DECIMAL}(?:\.(?:{_DECIMAL})?+)?+ | \.{_DECIMAL} ) (?:[eE][+-]?{_DECIMAL})?+
    | 0[xX] (?: _?{_HEX}(?:\.(?:{_HEX})?+)?+ | \.{_HEX} ) [pP][+-]?{_DECIMAL}
)"""
_REAL = re.compile(rf"[+-]?{_UNSIGNED}", re.VERBOSE)
_COMPLEX = re.compile(rf"(?:([+-]?{_UNSIGNED})(?=[+-]))?+([+-]?{_UNSIGNED})i", re.VERBOSE)
_BASES = {"0b": 2, "0o": 8, "0x": 16}
_BITS = 64
_LONGEST_QUOTE = 40


class RefusedError(Exception):
    """What Prometheus would refuse, at *offset*."""

    def __init__(self, offset: int, message: str) -> None:
        super().__init__(message)
        self.offset = offset
        self.message = message


class Token(NamedTuple):
    """
    A word of an action.

    Attributes:
        spaced: whether there is space before it.
    """

    kind: str
    offset: int
    text: str
    spaced: bool


@dataclass(frozen=True, slots=True)
class Action:
    """
    What stands between ``{{`` and ``}}``.

    Attributes:
        offset: of the ``{{``.
        tokens: the last one is the ``}}``.
        after_text: whether there is more than blanks between it and the action before.
    """

    offset: int
    tokens: tuple[Token, ...]
    after_text: bool


def actions(text: str) -> Iterator[Action]:
    """
    The actions of *text* in order, comments left out.

    Raises:
        RefusedError: Go refuses this even before it looks at the grammar.
    """
    at, after_text = 0, False
    while (opened := text.find("{{", at)) >= 0:
        after_text |= _INK.search(text, at, opened) is not None
        start = _OPEN.match(text, opened)
        if start and start[1]:
            at = _comment(text, opened, start.end())
        else:
            tokens = _tokens(text, opened, start.end() if start else opened + 2)
            at = tokens[-1].offset + len(tokens[-1].text)
            yield Action(opened, tokens, after_text)
            after_text = False


def quoted(text: str) -> str:
    """*text* as messages quote it."""
    return repr(text if len(text) <= _LONGEST_QUOTE else f"{text[:_LONGEST_QUOTE]}...")


def _comment(text: str, opened: int, at: int) -> int:
    """Where the comment ends whose inside starts at *at*."""
    end = text.find("*/", at)
    if end < 0:
        raise RefusedError(opened, "'{{/*' is never closed by '*/}}'")
    closed = _COMMENT_CLOSE.match(text, end + 2)
    if not closed:
        raise RefusedError(end, "a comment ends with '*/}}' or '*/ -}}', and fills its braces alone")
    return closed.end()


def _tokens(text: str, opened: int, at: int) -> tuple[Token, ...]:
    tokens: list[Token] = []
    parentheses: list[int] = []
    while True:
        match = _TOKEN.match(text, at)
        if match is None:
            _refuse(text, opened, at)
        kind = match.lastgroup or ""
        start, end = match.span(kind)
        token = Token(kind, start, text[start:end], start > at)
        tokens.append(token)
        if kind == CLOSE:
            if parentheses:
                raise RefusedError(parentheses[-1], "'(' is never closed by ')'")
            return tuple(tokens)
        if kind == MARK:
            _count(token, parentheses)
        elif kind != DOT and not _is_valid(token):
            raise RefusedError(start, _invalid(token))
        at = end


def _count(token: Token, parentheses: list[int]) -> None:
    """Keep *parentheses*, the offsets of those that are open, up to date."""
    if token.text == "(":
        if len(parentheses) == DEEPEST:
            raise RefusedError(token.offset, f"too deeply nested; {DEEPEST} parentheses are open here already")
        parentheses.append(token.offset)
    elif token.text == ")":
        if not parentheses:
            raise RefusedError(token.offset, "')' closes no '('")
        parentheses.pop()


def _is_valid(token: Token) -> bool:
    match token.kind:
        case "string":
            return "\\" not in token.text or token.text[0] == "`" or _STRING.fullmatch(token.text) is not None
        case "character":
            return _CHARACTER.fullmatch(token.text) is not None
        case "number":
            return _is_number(token.text)
        case _:
            return token.text.isascii() or all(map(_belongs_to_name, token.text))


def _belongs_to_name(char: str) -> bool:
    return char.isalpha() or char.isdecimal() or char in "._$"


def _invalid(token: Token) -> str:
    match token.kind:
        case "string":
            return f"{quoted(token.text)} has an escape that Go does not know; a backslash is written '\\\\'"
        case "character":
            return f"{quoted(token.text)} is not one character; a string stands in double quotes"
        case "number":
            return f"{quoted(token.text)} is not a number; a template has no arithmetic, the alert's expression has"
        case _:
            return f"{quoted(token.text)} is not a name; it consists of letters, digits and '_'"


def _is_number(text: str) -> bool:
    """
    Whether Go reads *text* as a number.

    Source: https://github.com/golang/go/blob/go1.24.0/src/text/template/parse/node.go (newNumber)
    """
    if _INTEGER.fullmatch(text):
        return _fits(text)
    if found := _COMPLEX.fullmatch(text):
        return all(part is None or _is_finite(part) for part in found.groups())
    return any(char in text for char in ".eEpP") and _REAL.fullmatch(text) is not None and _is_finite(text)


def _fits(text: str) -> bool:
    """Whether an integer has 64 bits; with a sign, one of them is the sign's."""
    digits = text.lstrip("+-").replace("_", "").lower()
    base = _BASES.get(digits[:2])
    digits = (digits[2:] if base else digits).lstrip("0")
    if len(digits) > _BITS:
        return False
    value = int(digits or "0", base or (8 if text.lstrip("+-")[0] == "0" else 10))
    return value < 1 << _BITS if text[0] not in "+-" else value <= (1 << _BITS - 1) - (text[0] == "+")


def _is_finite(text: str) -> bool:
    plain = text.replace("_", "")
    try:
        value = float.fromhex(plain) if "x" in plain.lower() else float(plain)
    except OverflowError:
        return False
    return abs(value) != float("inf")


def _refuse(text: str, opened: int, at: int) -> NoReturn:
    """No token of the action that was *opened* starts at *at*: say why."""
    spaces = _SPACES.match(text, at)
    at = spaces.end() if spaces else at
    char = text[at : at + 1]
    rest = text[at:].split("\n", 1)[0]
    if not char:
        raise RefusedError(opened, "'{{' is never closed by '}}'")
    if char in "\"'`":
        what = "character" if char == "'" else "string"
        raise RefusedError(at, f"the {what} that starts with {quoted(rest)} is never closed by {quoted(char)}")
    if rest.startswith("/*"):
        raise RefusedError(at, "a comment starts right behind the braces: '{{/*'")
    word = re.match(r"[.$]?\w*", rest)
    if word and word[0]:
        at += word.end()
        after = quoted(text[at])
        raise RefusedError(at, f"unexpected {after} after {quoted(word[0])}; words are separated by spaces")
    if char == ":":
        raise RefusedError(at, "unexpected ':'; a variable is declared with ':='")
    if char in "*/%+<>!&":
        message = f"unexpected {quoted(char)}; a template has no operators, compare with 'eq', 'lt' or 'gt'"
        raise RefusedError(at, message)
    raise RefusedError(at, f"unexpected {quoted(char)}; an action is closed by '}}}}'")

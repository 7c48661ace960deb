"""
All regular expressions as Prometheus reads them: Go's RE2 syntax, as far as every Go from 1.19 on has it.

Python's and Rust's differ from it in what they refuse, so neither can stand in for it.

Source: https://github.com/golang/go/blob/go1.19/src/regexp/syntax/parse.go
"""

import re
from dataclasses import dataclass
from typing import Final

from slogen.promql.regex_parts import ESCAPE, SET, FlawedError, class_end, code, unknown
from slogen.promql.strings import shown

DEEPEST: Final = 200
"""How far groups may be nested; Go stops at a tree of height 1,000, of which a group can take four."""

_MOST_REPEATS = 1_000
_LARGEST = (128 << 20) // 40
"""Instructions that a compiled expression may have (maxSize in Go)."""

_TOKEN = re.compile(
    rf"""
      (?P<quoted> \\Q .*? \\E )
    | (?P<flags> \(\? [imsU]* (?: -[imsU]+ )? \) )
    | (?P<open> \( (?: \?[imsU]*(?:-[imsU]+)?: | \?P<\w+> | (?!\?) ) )
    | (?P<close> \) )
    | (?P<bar> \| )
    | (?P<repeat> (?: [*+?] | \{{ (?P<least>0|[1-9][0-9]*) (?: (?P<comma>,) (?P<most>0|[1-9][0-9]*)? )? \}} ) \?? )
    | (?P<anchor> [\^$] | \\[AbBz] )
    | (?P<set> {SET} | \. )
    | (?P<escape> {ESCAPE} )
    | (?P<class> \[ )
    | (?P<literal> [^\\()|*+?\[^$.{{]+ | \{{ )
    """,
    re.VERBOSE | re.DOTALL | re.ASCII,
)


@dataclass(frozen=True, slots=True)
class _Part:
    """A piece of an expression: may it be empty, how often is something in it repeated, how large is it compiled."""

    empty: bool
    repeats: int
    size: int

    def then(self, other: "_Part") -> "_Part":
        return _Part(self.empty and other.empty, max(self.repeats, other.repeats), self.size + other.size)

    def instead(self, other: "_Part") -> "_Part":
        return _Part(self.empty or other.empty, max(self.repeats, other.repeats), self.size + other.size + 1)


_NOTHING = _Part(empty=True, repeats=1, size=0)


@dataclass(slots=True)
class _Group:
    """An open group: the alternatives before this one, this one up to its last atom, and that atom."""

    offset: int
    before: _Part | None = None
    sequence: _Part = _NOTHING
    atom: _Part | None = None

    def add(self, atom: _Part) -> None:
        self.sequence = self.sequence.then(self.atom or _NOTHING)
        self.atom = atom

    def whole(self) -> _Part:
        sequence = self.sequence.then(self.atom or _NOTHING)
        return self.before.instead(sequence) if self.before else sequence


def matches_empty(pattern: str) -> bool:
    """
    Whether *pattern* matches a label that is not there.

    Raises:
        FlawedError: Prometheus does not take it.
    """
    return _Reader(pattern).read().empty


class _Reader:
    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self.groups = [_Group(0)]
        self.repeated = False

    def read(self) -> _Part:
        position = 0
        while position < len(self.pattern):
            token = _TOKEN.match(self.pattern, position)
            if token is None:
                raise unknown(self.pattern, position)
            position = self.take(token)
            self.repeated = token.lastgroup == "repeat"
        if len(self.groups) > 1:
            raise FlawedError(self.groups[-1].offset, "'(' is never closed; close it, or write [(] for the character")
        return _checked(self.groups[0].whole(), 0)

    def take(self, token: re.Match[str]) -> int:
        """Add *token* to what was read; the place behind it."""
        group, text = self.groups[-1], token[0]
        match token.lastgroup:
            case "open":
                self.open(token.start())
            case "close":
                self.close(token.start())
            case "bar":
                group.before, group.sequence, group.atom = group.whole(), _NOTHING, None
            case "repeat":
                self.repeat(token)
            case "anchor":
                group.add(_Part(empty=text != r"\b", repeats=1, size=1))
            case "quoted":
                self.literal(len(text[2:].removesuffix(r"\E")))
            case "literal":
                self.literal(len(text))
            case "class":
                self.literal(1)
                return class_end(self.pattern, token.start())
            case "escape" | "set":
                code(text, token.start())
                self.literal(1)
        return token.end()

    def literal(self, length: int) -> None:
        if length > 1:
            self.groups[-1].add(_Part(empty=False, repeats=1, size=length - 1))
        if length:
            self.groups[-1].add(_Part(empty=False, repeats=1, size=1))

    def open(self, offset: int) -> None:
        if len(self.groups) > DEEPEST:
            raise FlawedError(offset, f"groups are nested more than {DEEPEST} deep; write it flatter")
        self.groups.append(_Group(offset))

    def close(self, offset: int) -> None:
        if len(self.groups) == 1:
            raise FlawedError(offset, "')' closes nothing; remove it, or write [)] for the character")
        inner = self.groups.pop().whole()
        self.groups[-1].add(_checked(_Part(inner.empty, inner.repeats, inner.size + 2), offset))

    def repeat(self, token: re.Match[str]) -> None:
        group, text, offset = self.groups[-1], token[0], token.start()
        if self.repeated:
            raise FlawedError(offset, f"{shown(text)} repeats a repetition; put what it repeats in (?:...)")
        if group.atom is None:
            raise FlawedError(
                offset, f"{shown(text)} has nothing before it to repeat; write [{text[0]}] for the character"
            )
        least, most = _times(token)
        atom = group.atom
        times = least if most is None else most
        group.atom = _checked(
            _Part(
                empty=atom.empty or least == 0,
                repeats=atom.repeats * max(times, 1),
                size=max(times, 1) * (atom.size + 1) + 1,
            ),
            offset,
        )


def _times(token: re.Match[str]) -> tuple[int, int | None]:
    """The least and, where there is one, the most repetitions that *token* asks for."""
    if token["least"] is None:
        return (1, None) if token[0][0] == "+" else (0, 1 if token[0][0] == "?" else None)
    written = [text for text in (token["least"], token["most"]) if text]
    # No number is read before its length is known: Python refuses to read a very long one.
    if max(map(len, written)) > len(str(_MOST_REPEATS)):
        least = most = _MOST_REPEATS + 1
    else:
        least, most = int(written[0]), int(written[-1])
    if max(least, most) > _MOST_REPEATS:
        raise FlawedError(token.start(), f"{shown(token[0])} repeats more than 1,000 times; write at most {{1000}}")
    if least > most:
        raise FlawedError(token.start(), f"{shown(token[0])} asks for at least {least} and at most {most}; swap them")
    return least, None if token["comma"] and not token["most"] else most


def _checked(part: _Part, offset: int) -> _Part:
    if part.repeats > _MOST_REPEATS:
        raise FlawedError(offset, "nested repetitions make more than 1,000; write fewer")
    if part.size > _LARGEST:
        raise FlawedError(offset, "the regular expression is too large; write fewer repetitions")
    return part

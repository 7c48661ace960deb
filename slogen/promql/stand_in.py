"""
A query said again, word by word, in the few words that promql-parser reads safely.

The parser gets ``m0`` for a selector, ``l0`` for a label, ``"s0"`` for a string, ``1`` for a number and ``5m`` for a
duration. What could not follow what was said before is refused at once, since the parser names no places; so is what
is nested so deeply that the parser would crash.
"""

from dataclasses import dataclass, field
from typing import Final, NamedTuple

from slogen.promql import Selector
from slogen.promql.strings import RefusedError, seen

DEEPEST: Final = 64
"""How far parentheses may be nested; promql-parser crashes on 20,000, and needs quadratic time for fewer."""

MOST_OPERATORS: Final = 128
"""How many operators a query may have: a chain of them is as deep a tree as nested parentheses."""

_TRIMMING = {"</": "<", ">/": ">"}
"""Operators that the parser does not know, and those that bind as they do."""


class Parenthesis(NamedTuple):
    """
    One that is open, or must come next.

    Attributes:
        labels: whether it holds labels, as after ``by``.
        call: whether it holds arguments, of which there may be none.
        after: whether a value must follow its end.
    """

    offset: int
    labels: bool
    call: bool
    after: bool


_PLAIN = Parenthesis(0, labels=False, call=False, after=False)
CALL: Final = _PLAIN._replace(call=True)
FILL: Final = _PLAIN._replace(after=True)


@dataclass(slots=True)
class Plain:
    """
    What was said so far.

    Attributes:
        said: in the parser's words.
        selectors: in the order in which they were written.
        words: what each ``l0`` and ``s0`` stands for.
        wanted: whether a value must come next, and not an operator.
        awaited: the parenthesis that must come next, if one must.
    """

    said: list[str] = field(default_factory=list)
    selectors: list[Selector] = field(default_factory=list)
    words: dict[str, str] = field(default_factory=dict)
    open: list[Parenthesis] = field(default_factory=list)
    wanted: bool = True
    awaited: Parenthesis | None = None
    _labels: dict[str, str] = field(default_factory=dict)
    _operators: int = 0

    @property
    def text(self) -> str:
        """All of it."""
        return " ".join(self.said)

    @property
    def in_labels(self) -> bool:
        """Whether labels are being listed."""
        return bool(self.open) and self.open[-1].labels

    @property
    def at_timestamp(self) -> bool:
        """Whether a number that comes next belongs to '@'."""
        return "@" in self.said[-2:]

    def say(self, word: str) -> None:
        """Add *word*, of which nothing follows."""
        self.said.append(word)

    def value(self, start: int, text: str) -> None:
        """Take the value that begins at *start* in *text*, and is yet to be said."""
        if not self.wanted:
            message = f"{seen(text, start)} follows a value without an operator between them; write one"
            raise RefusedError(start, message)
        self.wanted = False

    def selector(self, selector: Selector) -> None:
        """Add *selector*."""
        self.said.append(f"m{len(self.selectors)}")
        self.selectors.append(selector)

    def string(self, text: str) -> None:
        """Add the string *text*."""
        word = f"s{len(self.words)}"
        self.words[word] = text
        self.said.append(f'"{word}"')

    def label(self, name: str) -> None:
        """Add *name* to the labels that are being listed."""
        word = self._labels.setdefault(name, f"l{len(self._labels)}")
        self.words[word] = name
        self.wanted = False
        self.said.append(word)

    def operator(self, text: str, start: int) -> None:
        """Add the operator or the sign *text*, written at *start*."""
        if self.wanted and text not in ("+", "-"):
            raise RefusedError(start, f"{text!r} stands where a value is expected; write one before it")
        self._operators += 1
        if self._operators > MOST_OPERATORS:
            message = f"the query has more than {MOST_OPERATORS} operators; record parts of it as series of their own"
            raise RefusedError(start, message, "promql-too-large")
        # The parser checks what a minus stands before, and forgets to for a plus.
        self.said.append("-" if self.wanted else _TRIMMING.get(text, text))
        self.wanted = True

    def opening(self, start: int) -> None:
        """Add the parenthesis that opens at *start*."""
        if not self.wanted and not self.awaited:
            raise RefusedError(start, "'(' follows a value without an operator between them; write one")
        if len(self.open) == DEEPEST:
            message = f"parentheses are nested more than {DEEPEST} deep; write the query flatter"
            raise RefusedError(start, message, "promql-too-large")
        self.open.append((self.awaited or _PLAIN)._replace(offset=start))
        self.awaited = None
        self.wanted = True
        self.said.append("(")

    def closing(self, start: int) -> None:
        """Add the parenthesis that closes at *start*."""
        if not self.open:
            raise RefusedError(start, "')' closes nothing; remove it, or open it before")
        opened = self.open.pop()
        empty = self.said[-1] == "("
        if self.wanted and not opened.labels and not (empty and opened.call):
            raise RefusedError(start, "')' stands where a value is expected; write one before it")
        self.wanted = opened.after
        self.awaited = CALL if opened.labels and opened.after else None
        self.said.append(")")

    def comma(self, start: int) -> None:
        """Add the comma at *start*."""
        listed = bool(self.open) and (self.open[-1].call or self.open[-1].labels)
        if self.wanted or not listed:
            what = "something else is expected" if self.wanted else "nothing is listed"
            raise RefusedError(start, f"',' stands where {what}; remove it")
        self.wanted = True
        self.said.append(",")

    def end(self, last: int) -> None:
        """Go on only if nothing is missing; the last word was written at *last*."""
        if self.open:
            raise RefusedError(self.open[-1].offset, "'(' is never closed; write ')' at its end")
        if self.wanted:
            raise RefusedError(last, "the query ends where a value must follow; write one")

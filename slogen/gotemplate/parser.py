"""
The grammar of Go templates, in which Prometheus' alerts have variables of their own.

Source: https://github.com/golang/go/blob/go1.24.0/src/text/template/parse/parse.go
"""

import codecs
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from slogen.gotemplate.functions import ELSE_WITH, FUNCTIONS
from slogen.gotemplate.lexer import (
    CHARACTER,
    CLOSE,
    DEEPEST,
    DOT,
    FIELD,
    MARK,
    NUMBER,
    STRING,
    VARIABLE,
    WORD,
    Action,
    RefusedError,
    Token,
    actions,
    quoted,
)

_VARIABLES = ("$", "$labels", "$externalLabels", "$externalURL", "$value")
_FIELDS = frozenset(("Labels", "ExternalLabels", "ExternalURL", "Value"))
_LITERAL_WORDS = frozenset(("true", "false", "nil"))
_LITERALS = frozenset((DOT, NUMBER, CHARACTER, STRING))
_TEMPLATES = frozenset(("block", "define"))
_KEYWORDS = _TEMPLATES | {"break", "continue", "else", "end", "if", "range", "template", "with"}


@dataclass(slots=True)
class _Scope:
    """The variables that one template knows, and how many of its ranges are open."""

    names: list[str]
    ranges: int = 0
    known: Counter[str] = field(init=False)

    def __post_init__(self) -> None:
        self.known = Counter(self.names)

    def declare(self, name: str) -> None:
        self.names.append(name)
        self.known[name] += 1

    def forget(self, count: int) -> None:
        """Leave only the first *count* variables."""
        while len(self.names) > count:
            self.known[self.names.pop()] -= 1


@dataclass(slots=True)
class _Block:
    """What the next ``{{end}}`` ends; *scope* and its number of *variables* are those around it."""

    keyword: str
    offset: int
    scope: _Scope
    variables: int
    name: str = ""
    empty: bool = True
    has_else: bool = False


class Parser:
    """
    Reads one text.

    What Go's parser keeps on its call stack is in *blocks* here, and `_pipeline` keeps its own.
    """

    def __init__(self, version: tuple[int, int]) -> None:
        self.version = version
        self.scope = _Scope(list(_VARIABLES))
        self.blocks: list[_Block] = []
        self.filled: set[str] = set()

    def read(self, text: str) -> None:
        """
        Accept *text*.

        Raises:
            RefusedError: Prometheus would not.
        """
        for action in actions(text):
            first = action.tokens[0]
            keyword = first.text if first.kind == WORD and first.text in _KEYWORDS else ""
            if self.blocks and (action.after_text or keyword != "end"):
                self.blocks[-1].empty = False
            self._action(keyword, action)
        if self.blocks:
            block = self.blocks[-1]
            raise RefusedError(block.offset, f"{_braced(block.keyword)} is never closed by {_braced('end')}")

    def _action(self, keyword: str, action: Action) -> None:
        tokens = action.tokens
        match keyword:
            case "":
                self._pipeline(tokens, 0, "")
            case "if" | "range" | "with":
                block = self._block(keyword, action)
                self._pipeline(tokens, 1, keyword)
                self.scope.ranges += keyword == "range"
                self.blocks.append(block)
            case "define" | "block":
                self._template(keyword, action)
            case "template":
                _expect(tokens[1], STRING, keyword)
                if tokens[2].kind != CLOSE:
                    self._pipeline(tokens, 2, keyword)
            case "else":
                self._else(tokens)
            case "end":
                _expect(tokens[1], CLOSE, keyword)
                self._end(action.offset)
            case _:
                _expect(tokens[1], CLOSE, keyword)
                if not self.scope.ranges:
                    raise RefusedError(action.offset, f"{_braced(keyword)} outside of {_braced('range')}")

    def _block(self, keyword: str, action: Action) -> _Block:
        if len(self.blocks) == DEEPEST:
            raise RefusedError(action.offset, f"too deeply nested; {DEEPEST} blocks are open here already")
        return _Block(keyword, action.offset, self.scope, len(self.scope.names))

    def _template(self, keyword: str, action: Action) -> None:
        if keyword == "define" and self.blocks:
            raise RefusedError(action.offset, f"{_braced(keyword)} inside of another block; move it out")
        block = self._block(keyword, action)
        _expect(action.tokens[1], STRING, keyword)
        if keyword == "define":
            _expect(action.tokens[2], CLOSE, keyword)
        else:
            self._pipeline(action.tokens, 2, keyword)
        block.name = _name(action.tokens[1].text)
        self.blocks.append(block)
        self.scope = _Scope(["$"])

    def _else(self, tokens: Sequence[Token]) -> None:
        block = self.blocks[-1] if self.blocks else None
        if block is None or block.keyword in _TEMPLATES:
            raise RefusedError(tokens[0].offset, "'else' belongs to no 'if', 'range' or 'with'")
        if block.has_else:
            raise RefusedError(tokens[0].offset, f"{block.keyword!r} has its last 'else' already")
        branch = tokens[1]
        if branch.kind == CLOSE:
            block.has_else = True
            self.scope.ranges -= block.keyword == "range"
            return
        if branch.kind != WORD or branch.text not in {"if", "with"}:
            raise RefusedError(branch.offset, f"unexpected {quoted(branch.text)} after 'else'")
        instead = "write '{{else}}{{" + branch.text + " ...}}...{{end}}'"
        if branch.text != block.keyword:
            raise RefusedError(branch.offset, f"'else {branch.text}' inside of {block.keyword!r}; {instead}")
        if branch.text == "with" and self.version < ELSE_WITH:
            raise RefusedError(branch.offset, f"'else with' {self._too_new(ELSE_WITH)}; {instead}")
        self._pipeline(tokens, 2, branch.text)

    def _end(self, offset: int) -> None:
        if not self.blocks:
            raise RefusedError(offset, f"{_braced('end')} closes nothing")
        block = self.blocks.pop()
        self.scope = block.scope
        if block.keyword not in _TEMPLATES:
            self.scope.forget(block.variables)
            self.scope.ranges -= block.keyword == "range" and not block.has_else
        elif not block.empty:
            if block.name in self.filled:
                raise RefusedError(block.offset, "a template of this name is defined before")
            self.filled.add(block.name)

    def _pipeline(self, tokens: Sequence[Token], at: int, context: str) -> None:
        """
        Accept the pipeline that runs from *at* to the end of *tokens*.

        The lexer sees to it that parentheses are balanced.
        """
        outer: list[int] = []  # the stages of the pipelines around the one that is read
        stage, starts, is_literal = 0, True, False
        at = self._declarations(tokens, at, context)
        while True:
            token = tokens[at]
            at += 1
            if token.kind == CLOSE or token.text == ")":
                if starts and not stage:
                    place = "between parentheses" if outer else f"after {context!r}" if context else "in the action"
                    raise RefusedError(token.offset, f"missing value {place}")
                if token.kind == CLOSE:
                    return
                stage, starts, is_literal = outer.pop(), False, False
            elif token.text == "|" and not starts:
                stage, starts = stage + 1, True
            elif starts or token.spaced:
                is_literal = self._operand(token)
                if starts and stage and is_literal:
                    raise RefusedError(token.offset, f"{quoted(token.text)} cannot follow '|'; a function can")
                starts = token.text == "("
                if starts:
                    outer.append(stage)
                    stage, at = 0, self._declarations(tokens, at, "parentheses")
            elif token.kind != FIELD or is_literal:
                previous = quoted(tokens[at - 2].text)
                raise RefusedError(token.offset, f"unexpected {quoted(token.text)} right after {previous}")

    def _declarations(self, tokens: Sequence[Token], at: int, context: str) -> int:
        """Declare what the pipeline at *at* declares, and return where it goes on."""
        for is_second in (False, True):
            variable = tokens[at]
            sign = tokens[at + 1].text if variable.kind == VARIABLE else ""
            if sign not in {":=", "=", ","}:
                break
            if sign == "," and (is_second or context != "range"):
                raise RefusedError(tokens[at + 1].offset, "too many variables; only 'range' declares two")
            self.scope.declare(variable.text)
            at += 2
            if sign != ",":
                break
            if tokens[at].kind not in {VARIABLE, CLOSE}:
                raise RefusedError(tokens[at].offset, f"expected a variable, not {quoted(tokens[at].text)}")
        return at

    def _operand(self, token: Token) -> bool:
        """Accept *token* as the start of an operand, and tell whether it is a literal."""
        kind, text = token.kind, token.text
        if kind in _LITERALS:
            return True
        if kind == VARIABLE and not self.scope.known[text]:
            known = [name for name, count in self.scope.known.items() if count and name != "$"]
            raise RefusedError(token.offset, f"undefined variable {quoted(text)}{_similar(text, known)}")
        if kind == WORD:
            if text in _LITERAL_WORDS:
                return True
            if text not in FUNCTIONS or self.version < FUNCTIONS[text]:
                raise RefusedError(token.offset, self._unknown(text))
        if kind == MARK and text != "(":
            raise RefusedError(token.offset, f"unexpected {quoted(text)}")
        return False

    def _unknown(self, word: str) -> str:
        if word in _KEYWORDS:
            return f"unexpected {word!r}; it starts an action or has no place in it"
        if word in FUNCTIONS:
            return f"template function {word!r} {self._too_new(FUNCTIONS[word])}"
        if self.scope.known[f"${word}"]:
            return f"unknown template function {word!r}; did you mean '${word}'?"
        if word in _FIELDS:
            return f"unknown template function {word!r}; did you mean '.{word}'?"
        known = [name for name, since in FUNCTIONS.items() if since <= self.version]
        return f"unknown template function {quoted(word)}{_similar(word, known)}"

    def _too_new(self, since: tuple[int, int]) -> str:
        return "needs Prometheus {}.{} or newer, not {}.{}".format(*since, *self.version)


def _expect(token: Token, kind: str, keyword: str) -> None:
    if token.kind != kind:
        what = "a name in double quotes" if kind == STRING else "'}}'"
        raise RefusedError(token.offset, f"expected {what} after {keyword!r}, not {quoted(token.text)}")


def _braced(words: str) -> str:
    return "'{{" + words + "}}'"


def _similar(word: str, known: Sequence[str]) -> str:
    from difflib import get_close_matches  # late: only for what is wrong

    close = get_close_matches(word, known, n=1, cutoff=0.6)
    return f"; did you mean {close[0]!r}?" if close else ""


def _name(written: str) -> str:
    """The name that is *written* as a string, its bytes as characters, since Go compares bytes."""
    inside = written[1:-1].encode("utf-8", "surrogatepass")
    if written[0] == "`":
        return inside.decode("latin-1").replace("\r", "")
    return codecs.decode(inside, "unicode_escape")

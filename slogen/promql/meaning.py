"""
Whether two queries ask the same, however they are laid out.

Servers print the rules that they run in their own way: other white space, other parentheses, ``1d`` for ``24h``.
Compared are the trees that the texts say; a text that is no PromQL known here is compared word for word.
"""

import re
from collections.abc import Hashable, Iterable
from functools import lru_cache
from typing import Protocol

import promql_parser as parser

from slogen.promql import quote
from slogen.promql.scanner import scan
from slogen.promql.selector import NEWEST
from slogen.promql.strings import LONGEST, QUOTES, RefusedError, read_string

Meaning = tuple[Hashable, ...]
"""What a query asks for; equal where two ask the same."""

_WORDS = re.compile(r'"(?:[^"\\]|\\.)*+"|\'(?:[^\'\\]|\\.)*+\'|`[^`]*+`|#[^\r\n]*+|\s++|[\w:.]++|.', re.DOTALL)
_PLAIN = re.compile(r"[\w:/ |-]*", re.ASCII)


def same(one: str, other: str) -> bool:
    """Whether the queries *one* and *other* ask the same."""
    return _words(one) == _words(other) or meaning(one) == meaning(other)


@lru_cache(maxsize=4096)
def meaning(query: str) -> Meaning:
    """
    What *query* asks for.

    Order says nothing among matchers, among the labels of a grouping and among the plain alternatives of a pattern.
    """
    if len(query) > LONGEST:
        return _words(query)
    try:
        scan(query, NEWEST)  # it ends soon and with a value, whatever the text; the parser alone may not
        return _tree(parser.parse(_requoted(query)))
    except (RefusedError, ValueError, RecursionError):
        return _words(query)


def _words(query: str) -> Meaning:
    """The words of *query*, without what stands between them."""
    return tuple(word for word in _WORDS.findall(query) if not (word.isspace() or word.startswith("#")))


def _requoted(query: str) -> str:
    """*query* with all strings in double quotes: the parser reads others otherwise than Prometheus."""

    def requoted(word: re.Match[str]) -> str:
        return quote(read_string(word[0], 0).value) if word[0][0] in QUOTES else word[0]

    return _WORDS.sub(requoted, query)


def _tree(tree: parser.Expr) -> Meaning:  # noqa: C901, PLR0911 - one for each kind
    match tree:
        case parser.ParenExpr():
            return _tree(tree.expr)
        case parser.NumberLiteral():
            return ("number", repr(float(tree.val)))
        case parser.StringLiteral():
            return ("string", tree.val)
        case parser.UnaryExpr():
            return ("minus", _tree(tree.expr))
        case parser.VectorSelector():
            return _selector(tree)
        case parser.MatrixSelector():
            return ("range", _selector(tree.vector_selector), _seconds(tree.range))
        case parser.SubqueryExpr():
            moved = (_seconds(tree.offset), str(tree.at))
            return ("subquery", _tree(tree.expr), _seconds(tree.range), _seconds(tree.step), *moved)
        case parser.Call():
            return ("call", tree.func.name, *map(_tree, tree.args))
        case parser.AggregateExpr():
            parameter = None if tree.param is None else _tree(tree.param)
            return ("aggregate", str(tree.op), _grouping(tree.modifier), parameter, _tree(tree.expr))
        case parser.BinaryExpr():
            return ("binary", str(tree.op), _modifier(tree.modifier), _tree(tree.lhs), _tree(tree.rhs))
    raise ValueError(tree)


def _selector(selector: parser.VectorSelector) -> Meaning:
    name = [("__name__", "MatchOp.Equal", selector.name)] if selector.name else []
    matchers = name + [(one.name, str(one.op), _wanted(str(one.op), one.value)) for one in selector.matchers.matchers]
    return ("selector", frozenset(matchers), _seconds(selector.offset), str(selector.at))


def _wanted(op: str, value: str) -> str:
    """The value of a matcher; alternatives that are plain texts may stand in any order."""
    if "|" in value and op in ("MatchOp.Re", "MatchOp.NotRe") and _PLAIN.fullmatch(value):
        return "|".join(sorted(set(value.split("|"))))
    return value


def _grouping(modifier: parser.AggModifier | None) -> Meaning:
    """``by ()`` is what stands where nothing is written."""
    return ("by",) if modifier is None else _labels(str(modifier.type).rpartition(".")[2].lower(), modifier.labels)


def _modifier(modifier: parser.BinModifier | None) -> Meaning:
    """``ignoring ()`` is what stands where nothing is written."""
    if modifier is None:
        return (False, "one", ("ignoring",), (), "")
    on = modifier.matching
    kind = "on" if on is not None and on.type == parser.LabelModifierType.Include else "ignoring"
    matching = _labels(kind, on.labels if on is not None else ())
    fills = (modifier.fill_values.lhs, modifier.fill_values.rhs)
    side = str(modifier.card).rpartition(".")[2]
    side = "one" if side in ("OneToOne", "ManyToMany") else side  # the operator says which of these two
    return (modifier.return_bool, side, matching, _labels("group", modifier.group_labels or ()), str(fills))


def _labels(word: str, labels: Iterable[str]) -> Meaning:
    return (word, *sorted(set(labels)))


class _Span(Protocol):
    """A span of time, as the parser has it."""

    def total_seconds(self) -> float: ...


def _seconds(span: _Span | None) -> float:
    return 0.0 if span is None else span.total_seconds()

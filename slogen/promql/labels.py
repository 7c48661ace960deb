"""
What kind of value a parsed query has, and which labels its series have.

Source: https://prometheus.io/docs/prometheus/latest/querying/operators/
"""

from collections.abc import Mapping
from enum import StrEnum

import promql_parser as parser

from slogen.promql.functions import KEEP_LABELS

Labels = frozenset[str] | None
"""The labels of a result's series, the metric's name apart; None when they are not known."""

_SET_OPERATORS = ("and", "or", "unless")
_CHOOSING = ("topk", "bottomk", "limitk", "limit_ratio")


class Kind(StrEnum):
    """The four kinds of value in PromQL, as its documentation names them."""

    VECTOR = "instant vector"
    MATRIX = "range vector"
    SCALAR = "scalar"
    STRING = "string"


def kind(expression: parser.Expr) -> Kind:  # noqa: PLR0911  # one for each case
    """What *expression* yields."""
    match expression:
        case parser.NumberLiteral():
            return Kind.SCALAR
        case parser.StringLiteral():
            return Kind.STRING
        case parser.MatrixSelector() | parser.SubqueryExpr():
            return Kind.MATRIX
        case parser.ParenExpr() | parser.UnaryExpr():
            return kind(expression.expr)
        case parser.BinaryExpr():
            scalar = kind(expression.lhs) == kind(expression.rhs) == Kind.SCALAR
            return Kind.SCALAR if scalar else Kind.VECTOR
        case parser.Call() if expression.func.return_type == parser.ValueType.Scalar:
            return Kind.SCALAR
    return Kind.VECTOR


def labels(expression: parser.Expr, words: Mapping[str, str]) -> Labels:
    """
    The labels of what *expression* yields, as far as they are known.

    A label that is known may still be missing from a series: ``by (zone)`` of series without one.

    Args:
        words: what the labels and the strings of *expression* stand for.
    """
    match expression:
        case parser.ParenExpr() | parser.UnaryExpr() | parser.SubqueryExpr():
            return labels(expression.expr, words)
        case parser.AggregateExpr():
            return _of_aggregation(expression, words)
        case parser.BinaryExpr():
            return _of_calculation(expression, words)
        case parser.Call():
            return _of_call(expression, words)
    return None


def _of_aggregation(expression: parser.AggregateExpr, words: Mapping[str, str]) -> Labels:
    inner = labels(expression.expr, words)
    operator, modifier = str(expression.op), expression.modifier
    if operator in _CHOOSING:
        return inner
    named = frozenset(words[word] for word in modifier.labels) if modifier else frozenset()
    if modifier and modifier.type == parser.AggModifierType.Without:
        return None if inner is None else inner - named
    result = named if inner is None else named & inner
    if operator == "count_values" and isinstance(expression.param, parser.StringLiteral):
        return result | {words[expression.param.val]}
    return result


def _of_call(expression: parser.Call, words: Mapping[str, str]) -> Labels:
    name, arguments = expression.func.name, expression.args
    if name == "vector":
        return frozenset()
    if name in ("label_replace", "label_join"):
        inner, target = labels(arguments[0], words), arguments[1]
        known = inner is not None and isinstance(target, parser.StringLiteral)
        return (inner or frozenset()) | {words[target.val]} if known else None
    if name == "histogram_quantile":
        inner = labels(arguments[1], words)
        return None if inner is None else inner - {"le"}
    given = [argument for argument in arguments if kind(argument) in (Kind.VECTOR, Kind.MATRIX)]
    return labels(given[0], words) if given and name in KEEP_LABELS else None


def _of_calculation(expression: parser.BinaryExpr, words: Mapping[str, str]) -> Labels:  # noqa: PLR0911  # likewise
    if kind(expression.lhs) == Kind.SCALAR:
        return labels(expression.rhs, words)
    left = labels(expression.lhs, words)
    if kind(expression.rhs) == Kind.SCALAR:
        return left
    operator, modifier = str(expression.op), expression.modifier
    if operator in ("and", "unless"):
        return left
    right = labels(expression.rhs, words)
    if operator == "or":
        return left if left == right else None
    card = modifier.card if modifier else parser.VectorMatchCardinality.OneToOne
    added = frozenset(words[word] for word in (modifier and modifier.group_labels) or ())
    if card == parser.VectorMatchCardinality.ManyToOne:
        return None if left is None else left | added
    if card == parser.VectorMatchCardinality.OneToMany:
        return None if right is None else right | added
    return _of_pairs(left, right, modifier.matching if modifier else None, words)


def _of_pairs(left: Labels, right: Labels, matching: parser.LabelModifier | None, words: Mapping[str, str]) -> Labels:
    """The labels of a calculation that pairs one series on the left with one on the right."""
    if matching is None:
        return left if right is None or left == right else right if left is None else None
    named = frozenset(words[word] for word in matching.labels)
    if matching.type == parser.LabelModifierType.Include:
        return named if left is None else named & left
    return None if left is None else left - named

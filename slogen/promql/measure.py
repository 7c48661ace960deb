"""
Whether a parsed query counts per second or within its window, as far as its functions tell.

Source: https://prometheus.io/docs/prometheus/latest/querying/functions/#rate and #increase
"""

from typing import Final

import promql_parser as parser

from slogen.promql.functions import Measure

_MEASURES: Final[dict[str, Measure]] = {"rate": "rate", "irate": "rate", "increase": "increase"}
_SUMS: Final = ("sum", "avg", "min", "max")
_KEEPING: Final = frozenset(("abs", "ceil", "clamp", "clamp_max", "clamp_min", "floor", "label_join", "label_replace"))
_COMPARISONS: Final = frozenset(("==", "!=", "<=", "<", ">=", ">"))


def measure(expression: parser.Expr) -> Measure | None:
    """What *expression* counts in; None where that is not known, as after a multiplication."""
    match expression:
        case parser.ParenExpr() | parser.UnaryExpr():
            return measure(expression.expr)
        case parser.AggregateExpr() if str(expression.op) in _SUMS:
            return measure(expression.expr)
        case parser.Call():
            name = expression.func.name
            return measure(expression.args[0]) if name in _KEEPING else _MEASURES.get(name)
        case parser.BinaryExpr():
            return _of_calculation(expression)
    return None


def _of_calculation(expression: parser.BinaryExpr) -> Measure | None:
    operator, modifier = str(expression.op), expression.modifier
    if operator in ("and", "unless") or (operator in _COMPARISONS and not (modifier and modifier.return_bool)):
        return measure(expression.lhs)
    if operator in ("+", "-", "or"):
        found = {measure(side) for side in (expression.lhs, expression.rhs)} - {None}
        return found.pop() if len(found) == 1 else None
    return None

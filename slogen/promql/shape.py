"""What a query of the author's is made of, where that is a rate of counters, a mean of a gauge or a quotient."""

from typing import NamedTuple

import promql_parser as parser

from slogen.promql import Selector
from slogen.promql.functions import Version
from slogen.promql.parsing import parse
from slogen.promql.placeholder import fill, windows
from slogen.promql.scanner import Scan, scan
from slogen.promql.selector import skip
from slogen.promql.strings import RefusedError

_RATES = ("rate", "increase")
_MEANS = ("avg_over_time",)


class Rate(NamedTuple):
    """How much the counters that *selector* selects rise, all of them together."""

    selector: Selector


class Mean(NamedTuple):
    """The mean of the gauge that *selector* selects; 1 minus it where *rest*."""

    selector: Selector
    rest: bool = False


class Quotient(NamedTuple):
    """One rate by another; 1 minus it where *rest*."""

    part: Selector
    total: Selector
    rest: bool = False


Shape = Rate | Mean | Quotient | None
"""None: something else."""


def shape(text: str, version: Version) -> Shape:
    """What the query *text* is made of, if each of its ranges is the open window."""
    try:
        filled = fill(text, "5m")
        scanned = scan(filled, version)
        tree = parse(scanned, skip(filled, 0))
    except RefusedError:
        return None
    open_ranges = sum(_is_range(text, *window.span()) for window in windows(text))
    return _Reader(scanned).shape(tree) if open_ranges == len(scanned.selectors) else None


def _is_range(text: str, start: int, end: int) -> bool:
    """Whether what stands from *start* to *end* is all of a range."""
    return text[:start].rstrip().endswith("[") and text[end:].lstrip().startswith("]")


class _Reader(NamedTuple):
    scanned: Scan

    def shape(self, tree: parser.Expr) -> Shape:
        tree = _bare(tree)
        if isinstance(tree, parser.BinaryExpr) and tree.modifier is None:
            return self.calculated(tree)
        summed = self.aggregated(tree, "sum")
        found = self.applied(summed, _RATES)
        if found:
            return Rate(found)
        for operator in ("avg", "max", "min"):
            found = self.applied(self.aggregated(tree, operator), _MEANS)
            if found:
                return Mean(found)
        return None

    def calculated(self, tree: parser.BinaryExpr) -> Shape:
        if str(tree.op) == "-" and isinstance(one := _bare(tree.lhs), parser.NumberLiteral) and one.val == 1:
            rest = self.shape(tree.rhs)
            return rest._replace(rest=not rest.rest) if isinstance(rest, (Mean, Quotient)) else None
        if str(tree.op) != "/":
            return None
        part, total = self.shape(tree.lhs), self.shape(tree.rhs)
        return Quotient(part.selector, total.selector) if isinstance(part, Rate) and isinstance(total, Rate) else None

    @staticmethod
    def aggregated(tree: parser.Expr, operator: str) -> parser.Expr:
        """What *tree* aggregates with *operator*; itself where it does not."""
        if isinstance(tree, parser.AggregateExpr) and str(tree.op) == operator and tree.param is None:
            return _bare(tree.expr)
        return tree

    def applied(self, tree: parser.Expr, functions: tuple[str, ...]) -> Selector | None:
        """The selector whose window, in its usual place, one of *functions* is applied to."""
        if not isinstance(tree, parser.Call) or tree.func.name not in functions or len(tree.args) != 1:
            return None
        matrix = _bare(tree.args[0])
        if not isinstance(matrix, parser.MatrixSelector):
            return None
        selector = matrix.vector_selector
        if selector.offset is not None or selector.at is not None:
            return None
        return self.scanned.selectors[int(str(selector.name)[1:])]


def _bare(tree: parser.Expr) -> parser.Expr:
    while isinstance(tree, parser.ParenExpr):
        tree = tree.expr
    return tree

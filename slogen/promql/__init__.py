"""PromQL as a value: build a tree, print it once."""

import re
from collections.abc import Callable, Hashable, Iterable, Iterator
from decimal import Decimal
from functools import lru_cache, reduce
from typing import Concatenate, NamedTuple, ParamSpec

from slogen.promql.placeholder import fill
from slogen.units import Window, plain

_ESCAPES = re.compile(r'[\\"\x00-\x1f\x7f\ufffd]')
_NAMED_ESCAPES = {"\\": r"\\", '"': r"\"", "\n": r"\n", "\t": r"\t", "\r": r"\r"}
_NO_NAMES = frozenset(("inf", "nan", "on", "ignoring", "bool", "atan2", "group_left", "group_right"))
"""What PromQL never reads as a metric's name, in upper and lower case."""
_LEGACY_METRIC = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*", re.ASCII)

# Source: https://prometheus.io/docs/prometheus/latest/querying/operators/#binary-operator-precedence
_PRECEDENCE = {
    **dict.fromkeys(("or",), 1),
    **dict.fromkeys(("and", "unless"), 2),
    **dict.fromkeys(("==", "!=", "<=", "<", ">=", ">"), 3),
    **dict.fromkeys(("+", "-"), 4),
    **dict.fromkeys(("*", "/", "%"), 5),
}
_SET_OPERATORS = frozenset(("or", "and", "unless"))
_ATOM = 9
_LINE = 96
_STAND_INS = 0xFDD1
"""The first of Unicode's noncharacters that stand for names; U+FDD0 has another part, `slogen.prose.LABEL_VALUE`."""

_P = ParamSpec("_P")


class Matcher(NamedTuple):
    """A condition on one label; *op* is ``=``, ``!=``, ``=~`` or ``!~``, *value* is unescaped."""

    label: str
    op: str
    value: str

    def __str__(self) -> str:
        label = self.label if self.label.isascii() and self.label.isidentifier() else quote(self.label)
        return f"{label}{self.op}{quote(self.value)}"


class Selector(NamedTuple):
    """The series of *metric* that meet all *matchers*; with a window, their samples over it."""

    metric: str
    matchers: tuple[Matcher, ...] = ()
    window: Window | None = None

    def over(self, window: Window) -> "Selector":
        """The same series, their samples over *window*."""
        return Selector(self.metric, self.matchers, window)

    def where(self, *matchers: Matcher) -> "Selector":
        """The series among these that also meet *matchers*."""
        return Selector(self.metric, (*self.matchers, *matchers), self.window)

    def __str__(self) -> str:
        text = _series(self.metric, self.matchers)
        return f"{text}[{self.window}]" if self.window else text


class Subquery(NamedTuple):
    """The values of an expression at every *step* of a window, which are the multiples of it; and no others."""

    of: "Expr"
    window: Window
    step: Window

    def __str__(self) -> str:
        of = f"({self.of})" if isinstance(self.of, Binary) else str(self.of)
        return f"{of}[{self.window}:{self.step}]"


class Number(NamedTuple):
    """A literal number, printed exactly; it may be infinite."""

    value: Decimal | int

    def __str__(self) -> str:
        return plain(self.value).replace("Infinity", "Inf")


class Call(NamedTuple):
    """A function applied to its arguments."""

    function: str
    arguments: tuple["Expr", ...]

    def __str__(self) -> str:
        if len(self.arguments) == 1:
            return f"{self.function}({self.arguments[0]})"
        return f"{self.function}({', '.join(map(str, self.arguments))})"


class Aggregate(NamedTuple):
    """An aggregation; *by* are the labels that stay, none by default."""

    operator: str
    of: "Expr"
    by: tuple[str, ...] = ()

    def __str__(self) -> str:
        grouping = f" by ({', '.join(self.by)}) " if self.by else ""
        return f"{self.operator}{grouping}({self.of})"


class Binary(NamedTuple):
    """
    Two operands and an operator.

    Attributes:
        on: labels to match on; None matches on all of them.
        group_left: whether many series on the left share one on the right.
    """

    left: "Expr"
    operator: str
    right: "Expr"
    on: tuple[str, ...] | None = None
    group_left: bool = False

    def __str__(self) -> str:
        operator = self.operator
        left, right = _operand(self.left, operator), _operand(self.right, operator, right=True)
        joint = operator if self.on is None else self._matching()
        if operator not in _SET_OPERATORS:
            one_line = f"{left} {joint} {right}"
            if isinstance(self.right, Number) or (len(one_line) <= _LINE and "\n" not in one_line):
                return one_line
        return f"{left}\n{joint}\n{right}"

    def _matching(self) -> str:
        on = f"{self.operator} on ({', '.join(self.on or ())})"
        return f"{on} group_left ()" if self.group_left else on


def _operand(operand: "Expr", outer: str, *, right: bool = False) -> str:
    """*operand* of the operator *outer*, in parentheses where it needs them or reads better with them."""
    text = str(operand)
    if not isinstance(operand, Binary):
        return text
    inner = operand.operator
    chained = inner == outer in ("or", "and") and not right
    if chained or (_PRECEDENCE[inner] > _PRECEDENCE[outer] and inner not in _SET_OPERATORS):
        return text
    return f"(\n{_indent(text)}\n)" if "\n" in text else f"({text})"


class Written(NamedTuple):
    """
    A query as its author wrote it, verbatim, always in parentheses.

    Where it may end in a comment, the closing one has a line of its own. Its window is open where
    the text says ``$window``, or ``{{.window}}`` as Sloth's users have it, but in strings and comments, until `over`
    fills it.
    """

    text: str

    def over(self, window: Window) -> "Written":
        """The same query with *window* where the text leaves it open."""
        return Written(fill(self.text, str(window)))

    def __str__(self) -> str:
        text = self.text.strip("\n")
        return f"(\n{text}\n)" if "#" in text or "\n" in text else f"({text})"


class Stencil(NamedTuple):
    """
    An expression that is like others but for the *names* in it; all that are alike are built and printed once.

    Most of what is written for an SLO is such, and how it is laid out follows from no more than how long its names are.

    Attributes:
        build: gives the tree for any names, which it does not look into.
        names: texts that PromQL quotes as they are, none empty.
        given: what else `build` is called with.
    """

    build: Callable[..., "Expr"]
    names: tuple[str, ...]
    given: tuple[Hashable, ...]

    @property
    def tree(self) -> "Expr":
        """What is written, as it would be without others."""
        return self.build(self.names, *self.given)

    def __str__(self) -> str:
        text, stand_ins = _pattern(self.build, tuple(map(len, self.names)), self.given)
        for stand_in, name in zip(stand_ins, self.names, strict=True):
            text = text.replace(stand_in, name)
        return text


Expr = Selector | Subquery | Number | Call | Aggregate | Binary | Written | Stencil


_Build = Callable[Concatenate[tuple[str, ...], _P], Expr]


def stencil(build: _Build[_P]) -> _Build[_P]:
    """*build*, which is called with names and what else its expressions depend on, giving each as a `Stencil`."""

    def of(names: tuple[str, ...], /, *given: _P.args, **_: _P.kwargs) -> Stencil:
        return Stencil(build, names, given)

    return of


@lru_cache(maxsize=2048)
def _pattern(
    build: Callable[..., Expr], lengths: tuple[int, ...], given: tuple[Hashable, ...]
) -> tuple[str, tuple[str, ...]]:
    """The text of a stencil, and what stands in it for each of its names."""
    stand_ins = tuple(chr(_STAND_INS + index) * length for index, length in enumerate(lengths))
    return str(build(stand_ins, *given)), stand_ins


def call(function: str, *arguments: Expr) -> Call:
    """*function* applied to *arguments*."""
    return Call(function, arguments)


def either(parts: Iterable[Expr]) -> Expr:
    """What the first of *parts* yields, and of each further one what those before it have no series for."""
    return reduce(lambda left, right: Binary(left, "or", right), parts)


def selectors(expression: Expr) -> Iterator[Selector]:
    """Every selector that *expression* reads, written queries apart."""
    match expression:
        case Selector():
            yield expression
        case Call(_, arguments):
            for argument in arguments:
                yield from selectors(argument)
        case Aggregate(_, of, _) | Subquery(of, _, _):
            yield from selectors(of)
        case Binary(left, _, right):
            yield from selectors(left)
            yield from selectors(right)
        case Stencil():
            yield from selectors(expression.tree)
        case Number() | Written():
            return


@lru_cache(maxsize=4096)
def quote(text: str) -> str:
    """*text* as a PromQL string in double quotes."""
    return f'"{_ESCAPES.sub(_escape, text)}"' if _ESCAPES.search(text) else f'"{text}"'


def _escape(match: re.Match[str]) -> str:
    char = match[0]
    return _NAMED_ESCAPES.get(char) or (r"\ufffd" if char == "\ufffd" else f"\\x{ord(char):02x}")


def _series(metric: str, matchers: tuple[Matcher, ...]) -> str:
    if metric and not _is_plain(metric):
        # Written so, every Prometheus takes any name.
        return f"{{{','.join([f'__name__={quote(metric)}', *map(str, matchers)])}}}"
    return f"{metric}{{{_all(matchers)}}}" if matchers else metric


@lru_cache(maxsize=4096)
def _is_plain(metric: str) -> bool:
    return bool(_LEGACY_METRIC.fullmatch(metric)) and metric.lower() not in _NO_NAMES


@lru_cache(maxsize=4096)
def _all(matchers: tuple[Matcher, ...]) -> str:
    """An SLO's own matcher stands in some twenty expressions of its rules."""
    return ",".join(map(str, matchers))


def _indent(text: str) -> str:
    return "  " + text.replace("\n", "\n  ")

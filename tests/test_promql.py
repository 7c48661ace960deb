"""PromQL is printed so that it is read back as the tree it was, whatever names and values hold."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import promql_parser as parsed
import pytest
from hypothesis import given
from hypothesis import strategies as st

from slogen.promql import (
    Aggregate,
    Binary,
    Call,
    Expr,
    Matcher,
    Number,
    Selector,
    Stencil,
    Subquery,
    Written,
    call,
    either,
    quote,
    selectors,
    stencil,
)
from slogen.units import Window

HOUR = Window.parse("1h")
A, B, C = Selector("a"), Selector("b"), Selector("c")


def job(value: str) -> Matcher:
    return Matcher("job", "=", value)


@pytest.mark.parametrize(
    ("expr", "text"),
    [
        (Selector("up"), "up"),
        (Selector("up", (job("api"),)), 'up{job="api"}'),
        (Selector("", (job("api"),)), '{job="api"}'),
        (Selector("up", (job("api"), Matcher("code", "!~", "5..|4.."))), 'up{job="api",code!~"5..|4.."}'),
        (Selector("up").over(HOUR), "up[1h]"),
        (Selector("up").where(job("api")).over(HOUR), 'up{job="api"}[1h]'),
        (Selector("http.server.duration", (job("api"),)), '{__name__="http.server.duration",job="api"}'),
        (Selector("up", (Matcher("http.route", "=", "/"),)), 'up{"http.route"="/"}'),
        (Number(1), "1"),
        (Number(Decimal("0.0144")), "0.0144"),
        (Number(Decimal("Infinity")), "Inf"),
        (Number(Decimal("-Infinity")), "-Inf"),
        (Number(Decimal("1E-10")), "0.0000000001"),
        (call("rate", A.over(HOUR)), "rate(a[1h])"),
        (call("histogram_fraction", Number(0), Number(Decimal("0.5")), A), "histogram_fraction(0, 0.5, a)"),
        (Aggregate("sum", A), "sum(a)"),
        (Aggregate("sum", A, ("region", "zone")), "sum by (region, zone) (a)"),
        (Written("sum(rate(a[$window]))").over(HOUR), "(sum(rate(a[1h])))"),
        (Written("sum(rate(a[{{ .window }}]))").over(HOUR), "(sum(rate(a[1h])))"),
        (Written("a # and this closes nothing: )"), "(\na # and this closes nothing: )\n)"),
        (Written("a\n+ b"), "(\na\n+ b\n)"),
    ],
)
def test_each_expression_is_printed_as_people_write_it(expr: Expr, text: str) -> None:
    assert str(expr) == text


@pytest.mark.parametrize(
    ("expr", "text"),
    [
        (Binary(A, "+", Binary(B, "*", C)), "a + b * c"),
        (Binary(Binary(A, "+", B), "*", C), "(a + b) * c"),
        (Binary(Binary(A, "-", B), "-", C), "(a - b) - c"),
        (Binary(A, "-", Binary(B, "-", C)), "a - (b - c)"),
        (Binary(A, "/", Binary(B, ">", Number(0))), "a / (b > 0)"),
        (Binary(Binary(A, "/", B), ">", Number(0)), "a / b > 0"),
        (Binary(Binary(A, "or", B), "or", C), "a\nor\nb\nor\nc"),
        (Binary(A, "or", Binary(B, "or", C)), "a\nor\n(\n  b\n  or\n  c\n)"),
        (Binary(Binary(A, "and", B), "or", C), "(\n  a\n  and\n  b\n)\nor\nc"),
        (Binary(Binary(A, "unless", B), "unless", C), "(\n  a\n  unless\n  b\n)\nunless\nc"),
        (Binary(A, "/", B, on=("slo_id",), group_left=True), "a / on (slo_id) group_left () b"),
        (Binary(A, "unless", B, on=("region",)), "a\nunless on (region)\nb"),
        (Binary(A, "and", B, on=()), "a\nand on ()\nb"),
    ],
)
def test_parentheses_stand_where_precedence_needs_them(expr: Expr, text: str) -> None:
    assert str(expr) == text


def test_long_operands_have_a_line_each() -> None:
    long = Selector("a" * 60)

    assert str(Binary(long, "/", long)) == f"{long}\n/\n{long}"
    assert str(Binary(Selector("a" * 120), ">", Number(0))) == f"{'a' * 120} > 0"


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("", '""'),
        ('say "hi"', r'"say \"hi\""'),
        ("a\\b", r'"a\\b"'),
        (r"\d+", r'"\\d+"'),
        ("line\nbreak\ttab\rreturn", r'"line\nbreak\ttab\rreturn"'),
        ("bell\x07delete\x7f", r'"bell\x07delete\x7f"'),
        ("naïve ✓", '"naïve ✓"'),
        ("{{ $labels.x }}", '"{{ $labels.x }}"'),
    ],
)
def test_strings_are_escaped_as_go_reads_them(text: str, quoted: str) -> None:
    assert quote(text) == quoted


def test_a_query_can_say_which_series_it_reads() -> None:
    expr = Binary(Aggregate("sum", call("rate", A.over(HOUR))), "/", Binary(B, ">", Number(0)))

    assert list(selectors(expr)) == [A.over(HOUR), B]
    assert list(selectors(Written("a"))) == []


def test_a_window_is_open_in_each_way_of_writing_it_and_nowhere_else() -> None:
    text = "a[$window] + b[{{.window}}] + c[{{  .window }}] + $windows + $window_"

    assert Written(text).over(HOUR).text == "a[1h] + b[1h] + c[1h] + $windows + $window_"


@stencil
def named(names: tuple[str, ...], *others: Expr) -> Expr:
    slo, service = (Matcher(label, "=", name) for label, name in zip(("slo", "service"), names, strict=True))
    ours = Selector("errors", (slo, service))
    return either((Binary(ours, "/", Selector("events", (slo,))), ours.over(HOUR), *others))


@pytest.mark.parametrize("length", [1, 2, 20, 27, 28, 29, 30, 31, 63, 127])
def test_a_stencil_prints_as_the_tree_that_it_stands_for_however_long_its_names_are(length: int) -> None:
    for names in (("a" * length, "b"), ("b", "a" * length), ("a" * length, "a" * length)):
        printed = named(names)

        assert isinstance(printed, Stencil)
        assert str(printed) == str(printed.tree)
        assert list(selectors(printed)) == list(selectors(printed.tree))
        assert {matcher.value for one in selectors(printed) for matcher in one.matchers} == set(names)


def test_two_stencils_that_are_given_something_else_differ_in_it() -> None:
    assert str(named(("a", "b"), A)) == f"{named(('a', 'b'))}\nor\n{A}"
    assert str(named(("a", "b"), B)) == f"{named(('a', 'b'))}\nor\n{B}"


# What follows compares trees. A tree is nested tuples, without parentheses, with what the parser adds left out.


def meaning(node: Any) -> object:  # noqa: PLR0911 - one for each kind of node
    """The tree of what `promql_parser` has read."""
    match node:
        case parsed.ParenExpr():
            return meaning(node.expr)
        case parsed.NumberLiteral():
            return node.val
        case parsed.MatrixSelector() | parsed.VectorSelector():
            return _series(node)
        case parsed.SubqueryExpr():
            return (meaning(node.expr), node.range, node.step)
        case parsed.Call():
            return (node.func.name, tuple(meaning(argument) for argument in node.args))
        case parsed.AggregateExpr():
            return (str(node.op), tuple(node.modifier.labels) if node.modifier else (), meaning(node.expr))
        case parsed.BinaryExpr():
            modifier = node.modifier
            matching = modifier and modifier.matching
            many = modifier is not None and modifier.card == parsed.VectorMatchCardinality.ManyToOne
            on = tuple(matching.labels) if matching else None
            return (meaning(node.lhs), str(node.op), meaning(node.rhs), on, many)
        case other:
            pytest.fail(f"unexpected {other!r}")


def _series(node: Any) -> tuple[object, ...]:
    node, length = (node.vector_selector, node.range) if isinstance(node, parsed.MatrixSelector) else (node, None)
    operators = {"Equal": "=", "NotEqual": "!=", "Re": "=~", "NotRe": "!~"}
    named = [matcher for matcher in node.matchers.matchers if matcher.name == "__name__"]
    rest = [matcher for matcher in node.matchers.matchers if matcher.name != "__name__"]
    metric = node.name or next((matcher.value for matcher in named), "")
    return (
        metric,
        tuple((matcher.name, operators[str(matcher.op).removeprefix("MatchOp.")], matcher.value) for matcher in rest),
        length,
    )


def tree(expr: Expr) -> object:  # noqa: PLR0911 - one for each kind of node
    """The tree that ours should be read as."""
    match expr:
        case Selector(metric, matchers, window):
            length = None if window is None else timedelta(seconds=window.seconds)
            return metric, tuple((matcher.label, matcher.op, matcher.value) for matcher in matchers), length
        case Subquery(of, window, step):
            return tree(of), timedelta(seconds=window.seconds), timedelta(seconds=step.seconds)
        case Number(value):
            return float(value)
        case Call(function, arguments):
            return function, tuple(tree(argument) for argument in arguments)
        case Aggregate(operator, of, by):
            return operator, by, tree(of)
        case Binary(left, operator, right, on, group_left):
            return tree(left), operator, tree(right), on, group_left
        case Written(text):
            return meaning(parsed.parse(text))
        case Stencil():
            return tree(expr.tree)


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
labels = st.sampled_from(["job", "code", "region", "_x", "Le9"])
patterns = st.sampled_from(["5..", "a|b", ".+", r"\d+", 'say "hi"', "ü.*"])
matchers = st.one_of(
    st.builds(Matcher, labels, st.sampled_from(["=", "!="]), texts),
    st.builds(Matcher, labels, st.sampled_from(["=~", "!~"]), patterns),
)
metrics = st.one_of(
    st.sampled_from(["up", "http_requests_total", "slo:sli_error:ratio_rate5m"]),
    texts.filter(lambda text: text.strip() != ""),
)
instant = st.builds(Selector, metrics, st.lists(matchers, max_size=3).map(tuple), st.none())
numbers = st.builds(Number, st.one_of(st.integers(0, 10**9), st.decimals(0, 1, places=12)))
windows = st.integers(1, 10**8).map(Window)
ranges = st.builds(Selector.over, instant, windows)
written = st.sampled_from(["a + b", "sum(a) # by nobody", "a\nunless\nb", "2 * a > 1"]).map(Written)
over_time = st.sampled_from(["rate", "count_over_time"])
leaves = st.one_of(instant, st.builds(call, over_time, ranges), written)
grouping = st.lists(labels, max_size=2, unique=True).map(tuple)


def deeper(vectors: st.SearchStrategy[Expr]) -> st.SearchStrategy[Expr]:
    arithmetic, comparisons = ["+", "-", "*", "/", "%"], ["==", "!=", "<", ">", "<=", ">="]
    one = st.just(False)
    unmatched = (st.none(), one)
    plain_operators = st.sampled_from([*arithmetic, *comparisons])
    return st.one_of(
        st.builds(Aggregate, st.sampled_from(["sum", "avg", "max"]), vectors, grouping),
        st.builds(call, st.sampled_from(["clamp_min"]), vectors, numbers),
        st.builds(call, over_time, st.builds(Subquery, vectors, windows, windows)),
        st.builds(Binary, vectors, plain_operators, st.one_of(vectors, numbers), *unmatched),
        st.builds(Binary, numbers, st.sampled_from(arithmetic), vectors, *unmatched),
        st.builds(Binary, vectors, st.sampled_from(arithmetic), vectors, grouping, st.booleans()),
        st.builds(Binary, vectors, st.sampled_from(["or", "and", "unless"]), vectors, st.none() | grouping, one),
    )


@given(st.recursive(leaves, deeper, max_leaves=8))
def test_what_is_printed_is_read_as_the_same_tree(expr: Expr) -> None:
    assert meaning(parsed.parse(str(expr))) == tree(expr)


@given(texts)
def test_no_label_value_breaks_out_of_its_quotes(value: str) -> None:
    assert meaning(parsed.parse(str(Selector("up", (job(value),))))) == ("up", (("job", "=", value),), None)

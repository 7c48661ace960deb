"""Two texts of one query mean the same, and two queries that look alike do not."""

import pytest

from promql_corpus import SELECTORS
from slogen.promql.meaning import meaning, same

SAME = [
    ("a + b", "a\n+\nb # both"),
    ("a - b - c", "((a - b) - c)"),
    ("a + b * c", "a + (b * c)"),
    ("rate(x[24h])", "rate(x[1d])"),
    ("rate(x[90s]) > 0.0144", "rate(x[1m30s]) > 1.44e-2"),
    ('x{a="1",b=~"2"}', "x{ b =~ `2`, a = '1' }"),
    ('x{a="1"}', '{__name__="x",a="1"}'),
    ("sum by (a, b) (x)", "sum(x) by (b, a)"),
    ("sum(x)", "sum by () (x)"),
    ("x unless y", "x unless ignoring () y"),
    ("x / on (a) group_left () y", "x / on(a) group_left y"),
    ("x offset 60m @ 5", "x @ 5.000 offset 1h"),
    ("max_over_time(x[1d:300s])", "max_over_time(x[24h:5m])"),
    ("1 - x", "(1) - (x)"),
    (r'x{le=~"1(\\.0*)?"}', r"x{le=~`1(\.0*)?`}"),
    ("rate(x[5m]) keep_metric_names", "rate(x[5m])\n  keep_metric_names"),  # VictoriaMetrics has it, Prometheus not
    ("holt_winters(x[5m], 0.1, 0.2)", "holt_winters(x[5m],0.1,0.2)"),
    (f"{'(' * 20_000}x{')' * 20_000}", f"{'(' * 20_000}x {')' * 20_000}"),
]
OTHER = [
    ("a - b", "b - a"),
    ("a - (b - c)", "a - b - c"),
    ("rate(x[1d])", "rate(x[1h])"),
    ("rate(x[5m])", "increase(x[5m])"),
    ("x > 0.0144", "x > 0.0145"),
    ("x > 0", "x > bool 0"),
    ("x > 0", "x >= 0"),
    ('x{a="1"}', 'x{a="2"}'),
    ('x{a="1"}', 'x{a=~"1"}'),
    ('x{a="1"}', 'x{b="1"}'),
    ('x{a="b c"}', 'x{a="b  c"}'),
    ('x{a="#1"}', 'x{a="#2"}'),
    ("x", "y"),
    ("sum by (a) (x)", "sum by (a, b) (x)"),
    ("sum by (a) (x)", "sum without (a) (x)"),
    ("sum(x)", "sum without () (x)"),
    ("sum(x)", "avg(x)"),
    ("topk(5, x)", "topk(6, x)"),
    ("x / on (a) y", "x / ignoring (a) y"),
    ("x / on () y", "x / y"),
    ("x / on (a) group_left () y", "x / on (a) y"),
    ("x / on (a) group_left () y", "x / on (a) group_right () y"),
    ("x / on (a) group_left (b) y", "x / on (a) group_left () y"),
    ("x and y", "x or y"),
    ("x", "x offset 1m"),
    ("x @ 5", "x @ 6"),
    ("x @ start()", "x @ end()"),
    ("max_over_time(x[1d:5m])", "max_over_time(x[1d:])"),
    ("max_over_time(x[1d:5m])", "max_over_time(x[1d:5m] offset 1m)"),
    ("-x", "x"),
    ("rate(x[5m]) keep_metric_names", "rate(x[6m]) keep_metric_names"),
    ("ab", "a b"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_what_is_only_laid_out_otherwise_is_the_same(one: str, other: str) -> None:
    assert same(one, other)
    assert same(other, one)


@pytest.mark.parametrize(("one", "other"), OTHER)
def test_what_almost_looks_like_it_is_not(one: str, other: str) -> None:
    assert not same(one, other)
    assert not same(other, one)


@pytest.mark.parametrize("text", [text for text, _ in SELECTORS])
def test_every_selector_means_itself_in_parentheses_and_not_its_rate(text: str) -> None:
    assert same(text, f"(\n{text}\n)")
    assert meaning(text) != meaning(f"rate({text}[5m])")

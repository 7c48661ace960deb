"""Selectors and queries as people write them: what is read, what is refused, and where."""

import subprocess
import sys
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promql_corpus import (
    NEWER_QUERIES,
    QUERIES,
    QUOTED_SELECTORS,
    REGEXES,
    SELECTORS,
    WRONG_QUERIES,
    WRONG_QUOTED_SELECTORS,
    WRONG_REGEXES,
    WRONG_SELECTORS,
)
from slogen.promql import Matcher, Selector
from slogen.promql.functions import AGGREGATIONS, FUNCTIONS, KEEP_LABELS
from slogen.promql.placeholder import windows
from slogen.promql.reading import Mistake, Query, read_query, read_selector
from slogen.promql.regex import Flaw, Regex, read_regex
from slogen.promql.regex_reader import matches_empty
from slogen.units import Window

OLD, NEW = (2, 42), (3, 16)
SLOWEST_SECONDS = 1


def place(marked: str) -> tuple[str, int]:
    """What is written, and where it is wrong."""
    assert marked.count("‸") == 1
    return marked.replace("‸", ""), marked.index("‸")


@pytest.mark.parametrize(("text", "selector"), SELECTORS)
def test_a_selector_is_read_as_prometheus_reads_it(text: str, selector: Selector) -> None:
    assert read_selector(text, OLD) == selector
    assert read_selector(text) == selector


@pytest.mark.parametrize(("text", "selector"), QUOTED_SELECTORS)
def test_a_name_in_quotes_is_read_from_prometheus_3_on(text: str, selector: Selector) -> None:
    assert read_selector(text, (3, 0)) == selector
    mistake = read_selector(text, (2, 55))
    assert isinstance(mistake, Mistake)
    assert mistake.code == "promql-too-new"
    assert text[mistake.offset] in "\"'`"


@pytest.mark.parametrize(("code", "marked"), [*WRONG_SELECTORS, *WRONG_QUOTED_SELECTORS])
def test_what_is_no_selector_is_refused_where_it_goes_wrong(code: str, marked: str) -> None:
    text, offset = place(marked)
    mistake = read_selector(text)
    assert isinstance(mistake, Mistake)
    assert (mistake.code, mistake.offset) == (code, offset)
    assert_well_said(mistake)


def assert_well_said(mistake: Mistake) -> None:
    assert mistake.message[0].islower() or not mistake.message[0].isalpha() or mistake.message.startswith("P")
    assert not mistake.message.endswith(".") or mistake.message.endswith("...")
    assert "31536007s" not in mistake.message


def test_a_mistake_says_what_was_written_and_what_to_write() -> None:
    assert read_selector("up{job=shop}") == Mistake(
        7, "'shop' stands where a value in quotes is expected; write =\"shop\"", "bad-promql"
    )
    assert read_query("sum(rat(a[$window]))", OLD) == Mistake(
        4, "PromQL has no function 'rat'; did you mean 'rate'?", "bad-promql"
    )
    assert read_query("sum(histogram_avg(a$window))", OLD) == Mistake(
        4,
        "the function 'histogram_avg' needs Prometheus 2.51, and 'prometheus_version' is 2.42; "
        "write the query without, or raise the version",
        "promql-too-new",
    )


@pytest.mark.parametrize("pattern", REGEXES)
def test_a_regular_expression_of_re2_is_taken(pattern: str) -> None:
    assert isinstance(read_regex(pattern), Regex)
    assert read_selector(f"up{{path=~`{pattern}`}}") == Selector("up", (Matcher("path", "=~", pattern),))


@pytest.mark.parametrize("marked", WRONG_REGEXES)
def test_what_re2_refuses_is_refused_where_it_goes_wrong(marked: str) -> None:
    pattern, offset = place(marked)
    flaw = read_regex(pattern)
    assert isinstance(flaw, Flaw)
    assert flaw.offset == offset
    before = "up{path=~`"
    mistake = read_selector(f"{before}{pattern}`}}")
    assert mistake == Mistake(len(before) + offset, flaw.message, "bad-regex")


@pytest.mark.parametrize(
    ("pattern", "empty"),
    [
        ("", True),
        ("a", False),
        (".", False),
        ("|a", True),
        ("a|", True),
        ("a|b", False),
        (".*", True),
        (".+", False),
        ("a*b?", True),
        ("a*b", False),
        ("a*?|b", True),
        ("(a|b*)", True),
        ("(a|b+)", False),
        ("(a|b)?", True),
        ("(a|b){0,3}", True),
        ("(a|b){2}", False),
        ("(a*){2}", True),
        ("^$", True),
        (r"\b", False),
        (r"\B", True),
        ("()", True),
        ("(?i)", True),
        (r"\Q\E", True),
        (r"\Qa\E*", True),
        (r"\Qab\E*", False),
        ("[a-z]*", True),
        (r"\.*", True),
    ],
)
def test_whether_a_pattern_matches_a_missing_label_is_known(pattern: str, *, empty: bool) -> None:
    assert read_regex(pattern) == Regex(empty)
    assert matches_empty(pattern) == empty


@given(st.text("ab.*+?|", max_size=12))
def test_the_short_way_to_a_regular_expression_ends_where_the_long_one_does(pattern: str) -> None:
    short = read_regex(pattern)
    if isinstance(short, Regex):
        assert matches_empty(pattern) == short.matches_empty


@pytest.mark.parametrize(
    "pattern", ["(" * 201 + ")" * 201, "a{1000}" * 4000, "(?:" * 180 + "a" * 5000 + "{1000}" + ")" * 180]
)
def test_a_regular_expression_beyond_all_bounds_ends_soon(pattern: str) -> None:
    started = time.process_time()
    read_regex(pattern)
    assert time.process_time() - started < SLOWEST_SECONDS


@pytest.mark.parametrize(("text", "grouping"), QUERIES)
def test_a_query_tells_by_which_labels_it_is_grouped(text: str, grouping: tuple[str, ...] | None) -> None:
    for version in (OLD, (2, 55)):
        query = read_query(text, version)
        assert isinstance(query, Query)
        assert query.text == text
        assert query.grouping == grouping


@pytest.mark.parametrize(("version", "marked"), NEWER_QUERIES)
def test_what_is_newer_than_the_version_is_refused_by_name(version: tuple[int, int], marked: str) -> None:
    text, offset = place(marked)
    assert isinstance(read_query(text, version), Query)
    before = (version[0], version[1] - 1) if version[1] else (version[0] - 1, 99)
    for older in (OLD, before):
        mistake = read_query(text, older)
        assert isinstance(mistake, Mistake)
        assert (mistake.code, mistake.offset) == ("promql-too-new", offset)
        assert f"Prometheus {version[0]}.{version[1]}," in mistake.message


@pytest.mark.parametrize(("code", "marked"), WRONG_QUERIES)
def test_a_wrong_query_is_refused_where_it_goes_wrong(code: str, marked: str) -> None:
    text, offset = place(marked)
    mistake = read_query(text, OLD)
    assert isinstance(mistake, Mistake)
    assert (mistake.code, mistake.offset) == (code, offset)
    assert_well_said(mistake)


def test_what_prometheus_3_dropped_is_refused_with_its_heir() -> None:
    text = "sum(holt_winters(a[$window], 0.5, 0.5))"
    assert isinstance(read_query(text, (2, 55)), Query)
    assert read_query(text, (3, 0)) == Mistake(
        4, "Prometheus has no 'holt_winters' any more; write 'double_exponential_smoothing'", "bad-promql"
    )


@pytest.mark.parametrize(
    "text",
    [
        'sum(rate(a{job="histogram_avg(x)"}[$window]))',
        "sum(rate(mad_over_time[$window])) # histogram_avg(x)",
        'sum(rate(info{limitk="x"}[$window])) + sum(histogram_avg) + sum(start) - sum(fill)',
        "sum by (info, histogram_avg, smoothed) (rate(a[$window]))",
        'label_replace(rate(a[$window]), "info", "1_000 [5m*2] @ x", "job", "limitk(3, x)")',
    ],
)
def test_a_name_that_is_only_spelled_like_a_newer_function_passes(text: str) -> None:
    assert isinstance(read_query(text, OLD), Query)


def test_the_window_is_filled_in_wherever_it_is_left_open_but_not_in_strings_and_comments() -> None:
    text = 'sum(rate(a[$window])) / sum(b{w="{{.window}}"}) + sum(c$window) + sum(rate(d[{{ .window }}:1m])) # $window'
    query = read_query(text, OLD)
    assert isinstance(query, Query)
    assert query.with_window(Window.parse("30m")) == (
        'sum(rate(a[30m])) / sum(b{w="{{.window}}"}) + sum(c30m) + sum(rate(d[30m:1m])) # $window'
    )


def test_a_query_names_the_series_that_it_reads() -> None:
    query = read_query(
        'sum(rate(a{code=~"5.."}[$window])) / sum({job="x"} > bool sum) or b:rate$window{w="$window"}', OLD
    )
    assert isinstance(query, Query)
    assert query.selectors == (
        Selector("a", (Matcher("code", "=~", "5.."),)),
        Selector("", (Matcher("job", "=", "x"),)),
        Selector("sum"),
        Selector("b:rate$window", (Matcher("w", "=", "$window"),)),
    )


@pytest.mark.parametrize("text", ["$window", "a$window", "[$window:", "{{.window}}", "{{ .window\t}}", "($window)"])
def test_a_window_is_left_open_by(text: str) -> None:
    assert [window[0] for window in windows(text)] == [text.strip("a[(:)")]


@pytest.mark.parametrize("text", ["", "5m", "$windows", "$window_s", "${window}", "$Window", "{{window}}", "{.window}"])
def test_no_window_is_left_open_by(text: str) -> None:
    assert not list(windows(text))


def test_places_count_in_what_was_written_not_in_what_was_filled_in() -> None:
    text, offset = place("sum(a{{ .window }}) + sum(b$window) + ‸sum(c[{{.window}}]) + $window")
    mistake = read_query(text.replace("sum(c[", "rat(c["), OLD)
    assert isinstance(mistake, Mistake)
    assert mistake.offset == offset


def test_a_mistake_in_the_window_itself_shows_it_as_it_was_written() -> None:
    mistake = read_query("sum(rate(a[$window$window]))", OLD)
    assert isinstance(mistake, Mistake)
    assert mistake.offset == len("sum(rate(a[")
    assert "$window" in mistake.message


def test_only_functions_that_there_are_keep_labels() -> None:
    assert set(FUNCTIONS) >= KEEP_LABELS
    assert not set(FUNCTIONS) & set(AGGREGATIONS)


WORDS = (
    "sum by (job) (", "rate(", "clamp_min(", "a", "b", '{job="x"}', "{code=~`5..`,", "[$window]", "[5m:1m]", "[", "]",
    "(", ")", "{", "}", ",", "+", "-", "*", "/", "^", "=~", "!=", "==", "=", " and ", " or ", " unless ", " on (a) ",
    " group_left ", " by ", " offset ", "@", "5m", "1", "0x", "1e", "'", '"', "`", "\\", "#", "\n", " ", "$window",
    "{{.window}}", "$", "$w", "bool ", "é", "\ud800", "\ufffd", "\x00", "\U0001f600", "Inf", "start()",
    "label_replace(", '"$1"', "without", "fill(0)", "smoothed", "(" * 70, "-" * 140, "9" * 400, "x{a=~'" + "(" * 300,
)  # fmt: skip
VERSIONS = st.sampled_from([(2, 42), (2, 54), (3, 0), (3, 5), (3, 16)])
ANY_TEXT = st.text(st.characters(), max_size=60) | st.lists(st.sampled_from(WORDS), max_size=25).map("".join)


@given(ANY_TEXT, VERSIONS)
def test_any_text_ends_in_a_value_and_a_place_within_it(text: str, version: tuple[int, int]) -> None:
    for read in (read_query(text, version), read_selector(text, version)):
        if isinstance(read, Mistake):
            assert 0 <= read.offset <= len(text)
            assert_well_said(read)


@given(st.sampled_from(QUERIES), st.data(), VERSIONS)
def test_a_query_with_a_slip_ends_in_a_value(
    query: tuple[str, object], data: st.DataObject, version: tuple[int, int]
) -> None:
    text = query[0]
    cut = data.draw(st.integers(0, len(text)))
    slip = data.draw(st.sampled_from(["", *WORDS]))
    kept = data.draw(st.integers(cut, min(cut + 3, len(text))))
    read_query(text[:cut] + slip + text[kept:], version)


LABELS = st.from_regex(r"[a-zA-Z_][a-zA-Z0-9_]{0,5}", fullmatch=True).filter(lambda label: label != "__name__")
VALUES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\ufffd"), max_size=8)
MATCHERS = st.builds(Matcher, LABELS, st.sampled_from(["=", "!="]), VALUES) | st.builds(
    Matcher, LABELS, st.sampled_from(["=~", "!~"]), st.sampled_from(REGEXES)
)


@given(st.from_regex(r"m_[a-zA-Z0-9_:]{0,8}", fullmatch=True), st.lists(MATCHERS, max_size=4))
def test_what_slogen_prints_it_reads_again(metric: str, matchers: list[Matcher]) -> None:
    selector = Selector(metric, tuple(matchers))
    assert read_selector(str(selector), OLD) == selector


@pytest.mark.parametrize("text", [text for text, _ in (*SELECTORS, *QUOTED_SELECTORS)])
def test_a_selector_printed_again_is_the_same(text: str) -> None:
    selector = read_selector(text)
    assert isinstance(selector, Selector)
    assert read_selector(str(selector)) == selector


ENDLESS = (
    '"(" * 20_000 + "a$window" + ")" * 20_000',
    '"-" * 20_000 + "a$window"',
    '"a$window" + "+1" * 20_000',
    '"a$window" + "^b" * 20_000',
    '"a$window" + " or b" * 20_000',
    '"a$window" + "[5m:1m]" * 20_000',
    '"sum(" * 8_000 + "a$window" + ")" * 8_000',
    '"!" * 20_000',
    '"x{" * 20_000',
    '"(" * 8_000',
    '"-" * 16_000',
    '"1+" * 8_000',
    '"a or " * 3_000',
    '"x[" + "(" * 7_000 + "1" + ")" * 7_000 + "]"',
    '"x[" + "-" * 15_000 + "1]"',
    '"(" * 64 + "a$window" + " + 1" * 128 + ")" * 64',
    '"sum by (a) (" * 32 + "-(" * 32 + "a$window" + " or b" * 96 + "))" * 32',
    '"sum by (" + "a," * 8_000 + ") (a$window)"',
    "'label_join(a$window, ' + '\"s\",' * 4_000 + '\"s\")'",
    '"sum by (" + "a #$window\\n," * 1_200 + ") (b)"',
    "'x{a=~\"[' + '[:' * 8_000 + '\"}'",
    "'x{a=~\"' + '(a|' * 5_000 + '\"}'",
    "'x{a=\"' + chr(92) * 15_000 + '\"}'",
    '"9" * 16_000',
    '"x > " + "9" * 16_000',
    '"x[" + "9" * 16_000 + "m]"',
    '"$window" * 2_000',
    '"a" * 16_000 + "()"',
)


def test_nothing_crashes_the_interpreter_or_hangs_it() -> None:
    program = "\n".join((
        "import time",
        "from slogen.promql.reading import read_query, read_selector",
        f"for text in ({', '.join(ENDLESS)},):",
        "    for version in (2, 42), (3, 16):",
        "        started = time.process_time()",
        "        read_query(text, version)",
        "        read_selector(text, version)",
        f"        assert time.process_time() - started < {SLOWEST_SECONDS}, text[:40]",
    ))  # fmt: skip
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=120)
    assert (done.returncode, done.stderr) == (0, "")

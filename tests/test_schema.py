"""The JSON Schema that editors use says what the compiler says, as far as a schema can."""

import re
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator

from slogen import schema

HERE = Path(__file__).parent
EXAMPLES = sorted((HERE.parent / "slos").rglob("*.yaml"))
SHAPE = frozenset(
    (
        *("bad-duration", "bad-label", "bad-name", "bad-number", "bad-objective", "bad-value"),
        *("empty-list", "missing-key", "sli-kind", "unknown-key", "wrong-type"),
    )
)
"""Codes of mistakes of shape, type, range or pattern; what the others mean, no schema can express."""


def _of_shape() -> list[Path]:
    """Every such case but one: a file with neither a service nor SLOs is, to a schema, a slogen.yaml."""
    cases = []
    for case in sorted((HERE / "errors").glob("*.yaml")):
        codes = re.findall(r": error: .* \[([-a-z]+)\]$", case.with_suffix(".out").read_text("utf-8"), re.MULTILINE)
        if codes and set(codes) <= SHAPE and case.stem != "missing-service":
            cases.append(case)
    return cases


@pytest.fixture(scope="module")
def validator() -> Draft202012Validator:
    return Draft202012Validator(schema.document())


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(schema.document())


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_every_example_is_accepted(example: Path, validator: Draft202012Validator) -> None:
    assert not [error.message for error in validator.iter_errors(yaml.safe_load(example.read_text("utf-8")))]


@pytest.mark.parametrize("case", _of_shape(), ids=lambda path: path.stem)
def test_a_mistake_of_shape_is_refused(case: Path, validator: Draft202012Validator) -> None:
    assert not validator.is_valid(yaml.safe_load(case.read_text("utf-8")))

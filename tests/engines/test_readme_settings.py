"""The settings of rule engines that the README shows are what slogen reads."""

import re
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from engines.reading import ROOT, compiled, documents, service
from slogen import backends, schema

README = (ROOT / "README.md").read_text("utf-8")
(SETTINGS,) = re.findall(r"^```yaml engines=slogen.yaml\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
(TABLE,) = re.findall(r"^\| target \| writes \| differs \|\n\|---\|---\|---\|\n((?:\|.*\n)+)", README, re.MULTILINE)
TARGETS = re.findall(r"^\| `([-a-z]+)` \|", TABLE, re.MULTILINE)


@pytest.mark.parametrize("target", TARGETS)
def test_every_target_of_the_table_writes_a_file_with_the_settings_shown(target: str) -> None:
    assert list(documents(compiled(service("shop", "up"), target, SETTINGS))) == [f"{target}/shop.rules.yaml"]


def test_the_table_has_every_target_that_writes_rules_for_another_engine() -> None:
    others = {"prometheus", "promtool-tests", "cloud-monitoring", "terraform"}

    assert TARGETS
    assert set(TARGETS) == set(backends.names()) - others


@pytest.mark.parametrize(
    "wrong",
    [
        {"prometheus_operator": {"name": "slogen"}},
        {"prometheus_operator": {"labels": {"a": "b c"}}},
        {"mimir": {"rules_per_group": -1}},
        {"mimir": {"source_tenants": []}},
        {"google_managed_prometheus": {"kind": "LocalRules"}},
        {"victoriametrics": {"kind": "VMRules"}},
        {"thanos": {}},
    ],
)
def test_editors_take_the_settings_shown_and_no_others(wrong: dict[str, Any]) -> None:
    validator = Draft202012Validator(schema.document())

    assert list(validator.iter_errors(yaml.safe_load(SETTINGS))) == []
    assert list(validator.iter_errors({**yaml.safe_load(SETTINGS), **wrong}))

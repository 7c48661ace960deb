"""What the README shows is what slogen does."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

import slogen
from slogen import presets
from slogen.cli import cli

README = (Path(__file__).parent.parent / "README.md").read_text("utf-8")
BLOCKS = re.findall(r"^```yaml (file|part-of)=(\S+)\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


def test_the_worked_example_compiles_to_what_the_readme_shows() -> None:
    files = {name: text for kind, name, text in BLOCKS if kind == "file"}
    shown = [(name.removeprefix("generated/"), text) for kind, name, text in BLOCKS if kind == "part-of"]

    written = {artifact.path: artifact.text for artifact in slogen.compile(files).artifacts}

    assert len(shown) == 2
    for name, text in shown:
        assert text in written[name]


@pytest.mark.parametrize("command", ["compile", "presets", "schema", "init"])
def test_every_command_of_the_table_exists(command: str) -> None:
    assert f"| `slogen {command}" in README
    assert CliRunner().invoke(cli, [command, "--help"]).exit_code == 0


def test_the_preset_that_the_readme_names_exists() -> None:
    named = set(re.findall(r"preset: ([-a-z0-9]+)", README))

    assert named
    assert named <= set(presets.names())

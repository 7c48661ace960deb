"""What the README shows is what slogen does."""

import re
from contextlib import chdir
from pathlib import Path

import pytest
from click.testing import CliRunner

import slogen
from slogen import presets
from slogen.cli import cli

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")
BLOCKS = re.findall(r"^```yaml (file|part-of)=(\S+)\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
GENERATED = re.findall(r"^```json part-of=(generated/\S+)\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
PRINTED = re.findall(r"^```(?:text|yaml) part-of=slogen (.+)\n((?:.*\n)*?)```$", README, re.MULTILINE)


def test_the_worked_example_compiles_to_what_the_readme_shows() -> None:
    files = {name: text for kind, name, text in BLOCKS if kind == "file"}
    shown = [(name.removeprefix("generated/"), text) for kind, name, text in BLOCKS if kind == "part-of"]

    written = {artifact.path: artifact.text for artifact in slogen.compile(files).artifacts}

    assert len(shown) == 2
    for name, text in shown:
        assert text in written[name]


@pytest.mark.parametrize(("name", "shown"), GENERATED)
def test_the_generated_files_hold_what_the_readme_shows_of_them(name: str, shown: str) -> None:
    assert shown in (ROOT / name).read_text("utf-8")


def called(arguments: str, folder: Path) -> str:
    """What a command prints about the worked example, in *folder*."""
    for kind, name, text in BLOCKS:
        if kind == "file":
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text, "utf-8")
    with chdir(folder):
        done = CliRunner().invoke(cli, arguments.split(), catch_exceptions=False)
    assert done.exit_code == 0
    return done.stdout


@pytest.mark.parametrize(("arguments", "shown"), PRINTED)
def test_a_command_prints_what_the_readme_shows_of_it(arguments: str, shown: str, tmp_path: Path) -> None:
    assert shown in called(arguments, tmp_path)


def test_the_picture_of_detection_times_is_that_of_the_worked_example(tmp_path: Path) -> None:
    called("explain slos/ --svg detection.svg", tmp_path)

    assert (tmp_path / "detection.svg").read_text("utf-8") == (ROOT / "docs/detection.svg").read_text("utf-8")


def test_what_the_readme_shows_of_commands_is_found() -> None:
    assert len(PRINTED) >= 4


@pytest.mark.parametrize("command", ["compile", "explain", "presets", "schema", "init"])
def test_every_command_of_the_table_exists(command: str) -> None:
    assert f"| `slogen {command}" in README
    assert CliRunner().invoke(cli, [command, "--help"]).exit_code == 0


def test_the_preset_that_the_readme_names_exists() -> None:
    named = set(re.findall(r"preset: ([-a-z0-9]+)", README))

    assert named
    assert named <= set(presets.names())

"""What the README shows is what slogen does."""

import re
import subprocess
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
SAID = re.findall(r"^```text part-of=(tests/\S+)\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
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


@pytest.mark.parametrize(("name", "shown"), SAID)
def test_a_comparison_is_told_as_the_readme_shows_it(name: str, shown: str) -> None:
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


@pytest.mark.parametrize(
    "command", ["compile", "diff", "validate", "backtest", "test", "explain", "presets", "schema", "init"]
)
def test_every_command_of_the_table_exists(command: str) -> None:
    assert f"| `slogen {command}" in README
    assert CliRunner().invoke(cli, [command, "--help"]).exit_code == 0


def test_the_preset_that_the_readme_names_exists() -> None:
    named = set(re.findall(r"preset: ([-a-z0-9]+)", README))

    assert named
    assert named <= set(presets.names())


CALLS = re.findall(r"^```sh calls=cloud-monitoring\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
RECORDER = """#!/bin/sh
printf '%s\\n' "$*" >> "$CALLS"
"""


@pytest.mark.parametrize(
    "project", ["shop-prod", "", "shop-prod2"], ids=["with the project", "without one", "with another"]
)
def test_the_calls_send_service_slos_and_policies_in_this_order_and_nothing_of_another_project_or_none(
    project: str, tmp_path: Path
) -> None:
    (script,) = CALLS
    name = "slos/cloud/storefront.yaml"
    written = slogen.compile(
        {name: (ROOT / name).read_bytes()}, targets=["cloud-monitoring"], project=project
    ).artifacts
    for artifact in written:
        path = tmp_path / "generated" / artifact.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(artifact.text, "utf-8")
    for command in ("curl", "gcloud"):
        (tmp_path / command).write_text(RECORDER if command == "curl" else "#!/bin/sh\necho token\n", "utf-8")
        (tmp_path / command).chmod(0o755)
    calls = tmp_path / "calls"
    environment = {"PATH": f"{tmp_path}:/usr/bin:/bin", "PROJECT": "shop-prod", "CALLS": str(calls)}

    done = subprocess.run(
        ["sh", "-c", script], cwd=tmp_path, env=environment, capture_output=True, check=False, text=True
    )

    if project != "shop-prod":
        assert done.returncode == 1
        assert "these are not of shop-prod" in done.stderr
        assert not calls.exists()
        return
    assert done.returncode == 0, done.stderr
    sent = [(line.split("@")[1].split()[0], line.split()[-1]) for line in calls.read_text("utf-8").splitlines()]
    api = "https://monitoring.googleapis.com/v3/projects/shop-prod"
    slo = f"{api}/services/storefront/serviceLevelObjectives?serviceLevelObjectiveId"
    assert sent[:3] == [
        ("service.json", f"{api}/services?serviceId=storefront"),
        (
            "availability.slo.json",
            f"{slo}=availability",
        ),
        ("latency.slo.json", f"{slo}=latency"),
    ]
    assert {url for _, url in sent[3:]} == {f"{api}/alertPolicies"}
    assert len(sent) == len(written)

"""The template for GitLab: its script, read from its file and run by bash as a runner does."""

import json
import os
import re
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree as ET

import pytest

from command import ROOT, slogen
from pieces import commit, environment, git, read, repository, write

JOB = read("ci/gitlab.yml")["slogen"]
INSTALL, MAIN = JOB["script"]


def script(text: str, folder: Path, more: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """
    A part of the job's script in *folder*; the parts are run in one shell, which ends with the first that fails.

    Source: https://docs.gitlab.com/runner/shells/
    """
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        ["bash", "-eo", "pipefail", "-c", text],
        cwd=folder,
        env=environment({**JOB["variables"], "PATH": path, **more}),
        check=False,
        capture_output=True,
        encoding="utf-8",
        timeout=120,
    )


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with slogen that the job makes; what slogen takes is that of these tests."""
    folder = tmp_path_factory.mktemp("job")
    here = sysconfig.get_path("purelib")
    env = {"SLOGEN_PACKAGE": str(ROOT), "PIP_NO_DEPS": "1", "PIP_NO_BUILD_ISOLATION": "0", "PYTHONPATH": here}
    done = script(INSTALL, folder, env)
    assert done.returncode == 0, done.stderr
    return folder / ".slogen/venv"


class Told(NamedTuple):
    """What the job left."""

    done: subprocess.CompletedProcess[str]
    folder: Path

    def report(self, name: str) -> str:
        return (self.folder / ".slogen" / name).read_text("utf-8")


def told(installed: Path, folder: Path, **variables: str) -> Told:
    (folder / ".slogen").mkdir()
    (folder / ".slogen/venv").symlink_to(installed)
    base = {"CI_MERGE_REQUEST_DIFF_BASE_SHA": git(folder, "rev-parse", "main")}
    env = {"PYTHONPATH": sysconfig.get_path("purelib"), **base, **variables}
    return Told(script(f"set -eu\n{MAIN}", folder, env), folder)


@pytest.mark.parametrize("compiled", [True, False])
def test_a_change_is_told_and_fails_only_where_it_is_not_compiled(
    compiled: bool, installed: Path, tmp_path: Path
) -> None:
    folder = repository(tmp_path / "work")
    write(folder, "99.95")
    if compiled:
        slogen("compile", cwd=folder)
    commit(folder)

    found = told(installed, folder)

    assert found.done.returncode == (0 if compiled else 1)
    assert "objective 99.9 % -> 99.95 %" in found.report("changes.md")
    assert found.report("changes.md") in found.done.stdout
    (worst, *_) = json.loads(found.report("code-quality.json"))
    assert worst["location"]["path"] == "slos/shop.yaml"
    assert ET.fromstring(found.report("validate.xml")).tag == "testsuites"  # noqa: S314 - written here


@pytest.mark.parametrize(
    ("variables", "status"),
    [
        ({"SLOGEN_PROMETHEUS_URL": "http://127.0.0.1:9"}, 4),
        ({"CI_MERGE_REQUEST_DIFF_BASE_SHA": "0" * 40}, 2),
        ({"CI_MERGE_REQUEST_DIFF_BASE_SHA": ""}, 0),
        ({"SLOGEN_PATHS": "slos/shop.yaml\n\nslos"}, 0),
        ({"SLOGEN_PATHS": "$(touch pwned)`touch pwned`;touch pwned\nEOF\ntouch pwned"}, 2),
        ({"SLOGEN_FAIL_ON": "$(touch pwned);touch pwned --format=json"}, 2),
        ({"CI_MERGE_REQUEST_DIFF_BASE_SHA": "$(touch pwned);touch pwned"}, 2),
    ],
)
def test_the_job_ends_with_the_worst_of_what_the_commands_said_and_runs_no_variable(
    variables: dict[str, str], status: int, installed: Path, tmp_path: Path
) -> None:
    found = told(installed, repository(tmp_path / "work"), **variables)

    assert found.done.returncode == status, found.done.stderr
    assert not list(tmp_path.rglob("pwned*"))


def test_gitlab_takes_the_template_and_its_image_is_of_one_version() -> None:
    checker = Path(sysconfig.get_path("scripts")) / "check-jsonschema"
    schema = ("--builtin-schema", "vendor.gitlab-ci", "--data-transform", "gitlab-ci")
    done = subprocess.run(
        [checker, *schema, ROOT / "ci/gitlab.yml"], check=False, capture_output=True, encoding="utf-8", timeout=60
    )

    assert done.returncode == 0, done.stdout
    assert re.fullmatch(r"python:3\.\d+\.\d+-\w+", JOB["image"])
    assert re.fullmatch(r"slogen==\d+\.\d+\.\d+", JOB["variables"]["SLOGEN_PACKAGE"])

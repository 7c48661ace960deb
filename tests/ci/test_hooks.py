"""The hooks of pre-commit, installed and run by it in a repository of their user."""

import shutil
import subprocess
import sysconfig
from pathlib import Path

import pytest

from command import ROOT, slogen
from pieces import commit, environment, git, repository, write

PRE_COMMIT = Path(sysconfig.get_path("scripts")) / "pre-commit"
CONFIGURATION = """\
repos:
  - repo: {source}
    rev: {revision}
    hooks: [{{id: slogen-compile-check}}, {{id: slogen-validate}}]
"""
INSTALLING = {
    "PIP_NO_DEPS": "1",
    "PIP_NO_BUILD_ISOLATION": "0",
    "PIP_NO_COMPILE": "1",
    "PYTHONPATH": sysconfig.get_path("purelib"),
}
"""What slogen and its build take is that of these tests; how it is fetched is tried by the action's."""
INSTALLED = ("pyproject.toml", "README.md", "LICENSE", ".pre-commit-hooks.yaml")


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository to take hooks from: what is installed of this project."""
    folder = tmp_path_factory.mktemp("source")
    for name in INSTALLED:
        shutil.copy(ROOT / name, folder / name)
    for name in ("slogen", "templates"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    git(folder, "init", "--quiet")
    commit(folder)
    return folder


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where pre-commit keeps what it installed."""
    return tmp_path_factory.mktemp("home")


def run(folder: Path, home: Path, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [PRE_COMMIT, *arguments],
        cwd=folder,
        env=environment({"PRE_COMMIT_HOME": str(home), **INSTALLING, **env}),
        check=False,
        capture_output=True,
        encoding="utf-8",
        timeout=180,
    )


def test_the_hooks_stop_a_commit_that_forgets_to_compile_and_let_the_compiled_one_pass(
    source: Path, home: Path, tmp_path: Path
) -> None:
    folder = repository(tmp_path / "work")
    revision = git(source, "rev-parse", "HEAD")
    (folder / ".pre-commit-config.yaml").write_text(CONFIGURATION.format(source=source, revision=revision), "utf-8")
    commit(folder)
    write(folder, "99.95")
    git(folder, "add", "--all")

    forgotten = run(folder, home, "run")
    slogen("compile", cwd=folder)
    git(folder, "add", "--all")
    compiled = run(folder, home, "run")
    unreachable = run(folder, home, "run", SLOGEN_PROMETHEUS_URL="http://127.0.0.1:9")
    commit(folder)
    (folder / "README.md").write_text("Nothing of slogen's.\n", "utf-8")
    git(folder, "add", "--all")
    other = run(folder, home, "run")

    assert forgotten.returncode == 1, forgotten.stdout
    assert "objective 99.9 % -> 99.95 %" in forgotten.stdout
    assert "out of date" in forgotten.stdout
    assert compiled.returncode == 0, compiled.stdout
    assert compiled.stdout.count("Passed") == 2
    assert unreachable.returncode == 1
    assert "[unreachable]" in unreachable.stdout
    assert other.returncode == 0
    assert other.stdout.count("Skipped") == 2


def test_pre_commit_reads_the_hooks_without_a_word(tmp_path: Path) -> None:
    done = run(ROOT, tmp_path, "validate-manifest", ".pre-commit-hooks.yaml")

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")

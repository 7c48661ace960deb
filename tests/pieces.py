"""A repository whose SLOs change, and the runner of a CI, which runs scripts as they stand in the files for it."""

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml

from command import ROOT, slogen

SLOS: Final = """\
apiVersion: slogen/v1
service: shop
slos:
  - name: availability
    description: {description}
    objective: {objective}
    sli:
      availability:
        total: requests_total{{job="shop"}}
        bad: requests_total{{job="shop",code=~"5.."}}
"""
_IDENTITY: Final = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "a",
    "GIT_AUTHOR_EMAIL": "a@b.example",
    "GIT_COMMITTER_NAME": "a",
    "GIT_COMMITTER_EMAIL": "a@b.example",
}
_FOREIGN: Final = ("GITHUB_", "CI_", "SLOGEN_", "GIT_")


def environment(more: Mapping[str, str]) -> dict[str, str]:
    """The environment of a job, without what a CI that runs these tests has set."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_FOREIGN)}
    return {**kept, **_IDENTITY, "LC_ALL": "C.UTF-8", **more}


def git(folder: Path, *arguments: str) -> str:
    """What git prints in *folder*."""
    command = ["git", *arguments]
    done = subprocess.run(command, cwd=folder, env=environment({}), check=True, capture_output=True, encoding="utf-8")
    return done.stdout.strip()


def write(folder: Path, objective: str, name: str = "shop.yaml", description: str = "Orders are taken.") -> None:
    """The SLOs of a shop."""
    (folder / "slos").mkdir(parents=True, exist_ok=True)
    (folder / "slos" / name).write_text(SLOS.format(objective=objective, description=description), "utf-8")


def commit(folder: Path) -> str:
    """Everything in *folder*, as a commit; its full name."""
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "change")
    return git(folder, "rev-parse", "HEAD")


def repository(folder: Path, base: str = "main") -> Path:
    """At *folder* one with compiled SLOs on the branches *base* and ``origin/<base>``; ``change`` is checked out."""
    shutil.copytree(_repository(base), folder)
    return folder


@cache
def _repository(base: str) -> Path:
    folder = Path(tempfile.mkdtemp(prefix="slogen-pieces-"))
    git(folder, "init", "--quiet", "--initial-branch", base)
    (folder / "slogen.yaml").write_text("apiVersion: slogen/v1\n", "utf-8")
    write(folder, "99.9")
    assert slogen("compile", cwd=folder).returncode == 0
    commit(folder)
    git(folder, "update-ref", f"refs/remotes/origin/{base}", "HEAD")
    git(folder, "switch", "--quiet", "--create", "change")
    return folder


def read(name: str) -> Any:
    """A file of YAML of this project."""
    return yaml.safe_load((ROOT / name).read_text("utf-8"))


class Step:
    """
    A step of the action, as a runner has it.

    Args:
        contexts: values by their names, such as ``inputs.paths``; what is not there is empty.
    """

    def __init__(self, step: dict[str, Any], contexts: Mapping[str, str]) -> None:
        self._step, self._contexts = step, contexts

    def wanted(self) -> bool:
        """Whether its condition holds; terms of ``==`` and ``!=`` that are joined by ``&&``."""
        terms = str(self._step.get("if", "'' == ''")).split("&&")
        return all(self._holds(term) for term in terms)

    def _holds(self, term: str) -> bool:
        found = re.fullmatch(r"(\S+) (==|!=) (\S+)", term.strip())
        assert found, term
        left, right = self._value(found[1]), self._value(found[3])
        return (left == right) is (found[2] == "==")

    def _value(self, word: str) -> str:
        return word[1:-1] if word.startswith("'") else self._contexts.get(word, "")

    def run(self, cwd: Path, more: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
        """
        Its script, by the shell that a runner takes for ``shell: bash``.

        Source: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idstepsshell
        """
        assert self._step["shell"] == "bash"
        env = {}
        for name, text in self._step.get("env", {}).items():
            found = re.fullmatch(r"\$\{\{ (\S+) \}\}", text)
            assert found, text
            env[name] = self._value(found[1])
        command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", self._step["run"]]
        return subprocess.run(
            command,
            cwd=cwd,
            env=environment({**more, **env}),
            check=False,
            capture_output=True,
            encoding="utf-8",
            timeout=120,
        )

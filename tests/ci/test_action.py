"""The action of GitHub: its steps, read from its file and run by bash as a runner does."""

import json
import os
import re
import subprocess
import sys
import sysconfig
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from command import ROOT, slogen
from pieces import Step, commit, environment, git, read, repository, write

STEPS = read("action.yml")["runs"]["steps"]
SETUP, INSTALL, MAIN, ANNOTATE, COMMENT, OUTCOME = STEPS
DEFAULTS = {f"inputs.{name}": one.get("default", "") for name, one in read("action.yml")["inputs"].items()}
MARKER = "<!-- slogen diff -->"


@pytest.fixture(scope="module")
def runner(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The RUNNER_TEMP of a job that has installed slogen as the action does."""
    temp = tmp_path_factory.mktemp("runner temp")
    step = Step(INSTALL, {"steps.python.outputs.python-path": sys.executable})
    done = step.run(temp, {"RUNNER_TEMP": str(temp), "GITHUB_ACTION_PATH": str(ROOT), "PIP_NO_COMPILE": "1"})
    assert done.returncode == 0, done.stderr
    return temp


class Told(NamedTuple):
    """What a step left."""

    done: subprocess.CompletedProcess[str]
    outputs: dict[str, str]
    summary: str

    @property
    def commands(self) -> list[str]:
        """Lines that a runner takes for commands."""
        lines, stopped = [], ""
        for line in self.done.stdout.splitlines():
            found = re.fullmatch("::stop-commands::(.+)", line)
            if stopped:
                stopped = "" if line == f"::{stopped}::" else stopped
            elif found:
                stopped = found[1]
            elif line.startswith("::"):
                lines.append(line)
        assert not stopped
        return lines


def outputs(text: str) -> dict[str, str]:
    """
    What a step wrote to GITHUB_OUTPUT.

    Source: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands#multiline-strings
    """
    found, lines = {}, iter(text.split("\n"))
    for line in lines:
        several = re.fullmatch("([^=<]+)<<(.+)", line)
        if several:
            found[several[1]] = "\n".join(iter(lambda: next(lines), several[2]))
        elif line:
            name, _, value = line.partition("=")
            found[name] = value
    return found


def told(runner: Path, folder: Path, base: str = "main", **inputs: str) -> Told:
    """The main step in the repository at *folder*, for a pull request to the branch *base*."""
    files = {name: folder.parent / name for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
    for file in files.values():
        file.write_text("", "utf-8")
    given = {f"inputs.{name.replace('_', '-')}": value for name, value in inputs.items()}
    env = {"RUNNER_TEMP": str(runner), "GITHUB_ACTION_PATH": str(ROOT), "GITHUB_BASE_REF": base}
    done = Step(MAIN, DEFAULTS | given).run(folder, env | {name: str(file) for name, file in files.items()})
    assert done.returncode == 0, done.stderr
    left = outputs(files["GITHUB_OUTPUT"].read_text("utf-8"))
    annotating = Step(ANNOTATE, {f"steps.slogen.outputs.{name}": value for name, value in left.items()})
    if annotating.wanted():
        done.stdout += annotating.run(folder, env).stdout
    return Told(done, left, files["GITHUB_STEP_SUMMARY"].read_text("utf-8"))


def test_a_change_that_is_compiled_passes_and_is_told_in_summary_comment_and_annotations(
    runner: Path, tmp_path: Path
) -> None:
    folder = repository(tmp_path / "work")
    write(folder, "99.95")
    slogen("compile", cwd=folder)
    commit(folder)

    found = told(runner, folder)

    assert found.outputs["status"] == "0"
    assert found.outputs["comment"].startswith(f"{MARKER}\n")
    assert "objective 99.9 % -> 99.95 %" in found.outputs["comment"]
    assert Path(found.outputs["comment-file"]).read_text("utf-8").strip() == found.outputs["comment"].strip()
    assert "| `slogen compile` | 0 | up to date |" in found.summary
    assert found.outputs["comment"] in found.summary
    assert Path(found.outputs["summary-file"]).read_text("utf-8") == found.summary
    assert found.commands
    assert all("file=slos/shop.yaml" in line for line in found.commands)
    assert git(folder, "status", "--porcelain") == ""


def test_a_change_that_is_not_compiled_fails_and_is_told_all_the_same(runner: Path, tmp_path: Path) -> None:
    folder = repository(tmp_path / "work")
    write(folder, "99.95")
    commit(folder)

    found = told(runner, folder)

    assert found.outputs["status"] == "1"
    assert "::error title=slogen compile::exit code 1: findings" in found.commands
    assert "out of date" in found.done.stdout
    assert "| `slogen compile` | 1 | findings |" in found.summary
    assert "| `slogen validate` | 0 | passed |" in found.summary
    assert "objective 99.9 % -> 99.95 %" in found.outputs["comment"]


def test_a_change_is_told_though_the_server_gives_no_answer(runner: Path, tmp_path: Path) -> None:
    folder = repository(tmp_path / "work")
    write(folder, "99.95")
    slogen("compile", cwd=folder)
    commit(folder)

    found = told(runner, folder, prometheus_url="http://127.0.0.1:9")

    assert found.outputs["status"] == "4"
    assert "objective 99.9 % -> 99.95 %" in found.outputs["comment"]
    assert "no server answers" in found.outputs["comment"]
    assert any("file=slos/shop.yaml" in line for line in found.commands)


@pytest.mark.parametrize(
    ("inputs", "status"),
    [
        ({"prometheus_url": "http://127.0.0.1:9"}, "4"),
        ({"against": "no-such-branch", "prometheus_url": "http://127.0.0.1:9"}, "2"),
        ({"against": "HEAD"}, "0"),
        ({"fail_on": "all"}, "2"),
        ({"paths": "slos/shop.yaml\r\n\nslos\n"}, "0"),
        ({"paths": "elsewhere"}, "2"),
    ],
)
def test_the_status_is_the_worst_of_what_the_commands_said(
    inputs: dict[str, str], status: str, runner: Path, tmp_path: Path
) -> None:
    assert told(runner, repository(tmp_path / "work"), **inputs).outputs["status"] == status


def test_where_there_is_no_pull_request_nothing_is_compared(runner: Path, tmp_path: Path) -> None:
    found = told(runner, repository(tmp_path / "work"), base="")

    assert (found.outputs["status"], found.outputs["comment"], found.outputs["comment-file"]) == ("0", "", "")
    assert "slogen diff" not in found.summary


def test_what_does_not_compile_has_no_comment(runner: Path, tmp_path: Path) -> None:
    folder = repository(tmp_path / "work")
    write(folder, "nine")

    found = told(runner, folder)

    assert (found.outputs["status"], found.outputs["comment"]) == ("2", "")
    assert "shop.yaml:6:16" in found.done.stdout


HOSTILE = "$(touch${IFS}pwned)`touch${IFS}pwned`;touch${IFS}pwned;'\"&&touch${IFS}pwned"


@pytest.mark.parametrize("name", ["paths", "against", "prometheus_url", "fail_on"])
def test_no_input_becomes_a_part_of_a_script(name: str, runner: Path, tmp_path: Path) -> None:
    folder = repository(tmp_path / "work")

    found = told(runner, folder, **{name: f"{HOSTILE}\n--format=json\n::error::forged"})

    assert found.outputs["status"] in {"2", "4"}
    assert not any("forged" in line for line in found.commands)
    assert not list(tmp_path.rglob("pwned*"))


def test_no_branch_becomes_a_part_of_a_script(runner: Path, tmp_path: Path) -> None:
    base = "$(touch${IFS}pwned);touch${IFS}pwned"
    folder = repository(tmp_path / "work", base)
    write(folder, "99.95")

    found = told(runner, folder, base)

    assert "objective 99.9 % -> 99.95 %" in found.outputs["comment"]
    assert not list(tmp_path.rglob("pwned*"))


def test_no_file_commands_the_runner_or_adds_outputs(runner: Path, tmp_path: Path) -> None:
    folder = repository(tmp_path / "work")
    description = r'"Orders.\n::error::forged\n::stop-commands::x\nstatus=0\nEOF\ncomment<<EOF\n::add-mask::e"'
    write(folder, "99.95", "::error::forged $(touch pwned).yaml", description)
    (folder / "slos/shop.yaml").unlink()
    (folder / "slos/forged.yaml").write_text('"::error::forged\\n::error::forged": 1\n', "utf-8")
    told_wrong = told(runner, folder)
    (folder / "slos/forged.yaml").unlink()

    found = told(runner, folder)

    for one in (told_wrong, found):
        assert sorted(one.outputs) == ["annotations-file", "comment", "comment-file", "status", "summary-file"]
        assert not any(line.startswith(("::error::", "::add-mask", "::stop")) for line in one.commands)
    assert (told_wrong.outputs["status"], found.outputs["status"]) == ("2", "1")
    assert "forged" in found.outputs["comment"]
    assert not list(tmp_path.rglob("pwned*"))


def test_no_file_commands_the_runner_by_its_name(runner: Path, tmp_path: Path) -> None:
    folder = repository(tmp_path / "work")
    (folder / "::error::forged.yaml").write_text("service: shop\n", "utf-8")

    found = told(runner, folder, paths=".")

    assert found.outputs["status"] == "2"
    assert "\n::error::forged.yaml:1:1: error:" in found.done.stdout
    assert not any(line.startswith("::error::") for line in found.commands)


@pytest.mark.parametrize("status", ["0", "1", "2", "3", "4"])
def test_the_action_ends_as_slogen_did(status: str, tmp_path: Path) -> None:
    assert Step(OUTCOME, {"steps.slogen.outputs.status": status}).run(tmp_path, {}).returncode == int(status)


class GitHub(ThreadingHTTPServer):
    """Comments on pull request 7, two a page, as GitHub's API has them."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.comments: list[dict[str, Any]] = []
        self.asked: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def add(self, body: str, kind: str = "Bot") -> dict[str, Any]:
        url = f"{self.url}/repos/acme/shop/issues/comments/{len(self.comments)}"
        self.comments.append({"url": url, "html_url": f"{url}#html", "user": {"type": kind}, "body": body})
        return self.comments[-1]


class Answer(BaseHTTPRequestHandler):
    """One request; what is asked without the token is refused."""

    server: GitHub

    def _answer(self, status: int, answer: Any, link: str = "") -> None:
        self.server.asked.append(self.command)
        allowed = self.headers["Authorization"] == "Bearer secret"
        body = json.dumps(answer if allowed else {"message": "Bad credentials"}).encode()
        self.send_response(status if allowed else 401)
        self.send_header("Content-Length", str(len(body)))
        if link:
            self.send_header("Link", f'<{link}>; rel="next"')
        self.end_headers()
        self.wfile.write(body)

    def _body(self) -> str:
        return str(json.loads(self.rfile.read(int(self.headers["Content-Length"])))["body"])

    def do_GET(self) -> None:
        path, _, query = self.path.partition("?")
        assert path == "/repos/acme/shop/issues/7/comments"
        page = int((re.findall(r"\bpage=(\d+)", query) or ["1"])[0])
        rest = self.server.comments[2 * page - 2 :]
        more = f"{self.server.url}{path}?per_page=2&page={page + 1}" if len(rest) > 2 else ""
        self._answer(200, rest[:2], more)

    def do_POST(self) -> None:
        assert self.path == "/repos/acme/shop/issues/7/comments"
        self._answer(201, self.server.add(self._body()))

    def do_PATCH(self) -> None:
        comment = self.server.comments[int(self.path.rpartition("/")[2])]
        comment["body"] = self._body()
        self._answer(200, comment)

    def log_message(self, *_: Any) -> None:
        """Nothing is logged."""


@pytest.fixture
def github() -> Iterator[GitHub]:
    with GitHub() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def comment(runner: Path, github: GitHub, file: Path, bearer: str = "secret") -> subprocess.CompletedProcess[str]:
    contexts = {
        "inputs.github-token": bearer,
        "steps.slogen.outputs.comment-file": str(file),
        "github.event.pull_request.number": "7",
    }
    env = {"RUNNER_TEMP": str(runner), "GITHUB_ACTION_PATH": str(ROOT), "NO_PROXY": "127.0.0.1"}
    return Step(COMMENT, contexts).run(
        file.parent, env | {"GITHUB_API_URL": github.url, "GITHUB_REPOSITORY": "acme/shop"}
    )


def test_one_comment_is_written_and_then_written_anew(runner: Path, github: GitHub, tmp_path: Path) -> None:
    file = tmp_path / "comment.md"
    for text in ("first", "second $(x) ü"):
        file.write_text(f"{MARKER}\n{text}\n", "utf-8")
        assert comment(runner, github, file).returncode == 0

    assert [one["body"] for one in github.comments] == [f"{MARKER}\nsecond $(x) ü\n"]
    assert github.asked == ["GET", "POST", "GET", "PATCH"]


def test_the_comment_is_found_on_a_later_page_and_those_of_people_are_left_alone(
    runner: Path, github: GitHub, tmp_path: Path
) -> None:
    before = [(f"{MARKER}\nmine", "User"), ("hello", "User"), ("hello", "Bot"), (f"{MARKER}\nold", "Bot")]
    for body, kind in before:
        github.add(body, kind)
    file = tmp_path / "comment.md"
    file.write_text(f"{MARKER}\nnew", "utf-8")

    assert comment(runner, github, file).returncode == 0

    assert [one["body"] for one in github.comments] == [body for body, _ in before[:3]] + [f"{MARKER}\nnew"]


def test_a_token_that_may_not_comment_is_told_without_a_traceback(runner: Path, github: GitHub, tmp_path: Path) -> None:
    file = tmp_path / "comment.md"
    file.write_text(f"{MARKER}\n", "utf-8")

    done = comment(runner, github, file, "other")

    assert done.returncode == 1
    assert done.stderr.startswith("the comment could not be written: 401")
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("other", "commented"),
    [
        ({}, True),
        ({"github.event.pull_request.head.repo.full_name": "stranger/shop"}, False),
        ({"github.event.pull_request.head.repo.full_name": ""}, False),
        ({"inputs.github-token": ""}, False),
        ({"steps.slogen.outputs.comment-file": ""}, False),
    ],
    ids=["of the repository itself", "from a fork", "without a pull request", "without a token", "nothing compared"],
)
def test_a_comment_is_written_for_branches_of_the_repository_alone(other: dict[str, str], commented: bool) -> None:
    contexts = {
        "inputs.github-token": "secret",
        "steps.slogen.outputs.comment-file": "comment.md",
        "github.event.pull_request.head.repo.full_name": "acme/shop",
        "github.repository": "acme/shop",
    }

    assert Step(COMMENT, contexts | other).wanted() is commented


def tool(name: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command: list[str | Path] = [Path(sysconfig.get_path("scripts")) / name, *arguments]
    return subprocess.run(command, cwd=ROOT, check=False, capture_output=True, encoding="utf-8", timeout=60)


@pytest.mark.parametrize(
    ("schema", "file"),
    [("vendor.github-actions", "action.yml"), ("vendor.github-workflows", ".github/workflows/slos.yml")],
)
def test_what_github_reads_is_of_its_schema(schema: str, file: str) -> None:
    done = tool("check-jsonschema", "--builtin-schema", schema, file)

    assert done.returncode == 0, done.stdout


def test_zizmor_finds_nothing_unsafe_in_action_and_workflow() -> None:
    done = tool("zizmor", "--offline", "--quiet", "--no-config", "action.yml", ".github/workflows/slos.yml")

    assert done.returncode == 0, done.stdout


def test_zizmor_finds_an_input_that_is_a_part_of_a_script(tmp_path: Path) -> None:
    safe = (ROOT / "action.yml").read_text("utf-8")
    unsafe = safe.replace('"--fail-on=$SLOGEN_FAIL_ON"', '"--fail-on=${{ inputs.fail-on }}"')
    assert unsafe != safe
    (tmp_path / "action.yml").write_text(unsafe, "utf-8")

    done = tool("zizmor", "--offline", "--no-config", tmp_path / "action.yml")

    assert done.returncode != 0
    assert "template-injection" in done.stdout


def test_what_others_wrote_is_pinned_to_a_commit() -> None:
    steps = [*STEPS, *read(".github/workflows/slos.yml")["jobs"]["slogen"]["steps"]]
    used = [step["uses"] for step in steps if "uses" in step]

    assert SETUP["uses"] in used
    assert [name for name in used if not re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", name)] == ["./"]


def test_the_action_installs_what_the_tests_are_run_with() -> None:
    pin = re.compile(r"^([a-z0-9-]+==\S+)", re.MULTILINE)
    run, tested = (set(pin.findall((ROOT / f"requirements/{name}.txt").read_text("utf-8"))) for name in ("run", "test"))

    assert "pydantic" in {name.partition("==")[0] for name in run}
    assert run <= tested


def test_the_manual_tells_of_every_input_and_output_and_checks_out_as_the_workflow_does() -> None:
    manual, action = (ROOT / "docs/ci.md").read_text("utf-8"), read("action.yml")
    rows = re.findall(r"^\| (`[^|]+`) \|", manual, re.MULTILINE)

    assert [name for row in rows for name in re.findall("`([^`]+)`", row)] == [*action["inputs"], *action["outputs"]]
    assert f"uses: {read('.github/workflows/slos.yml')['jobs']['slogen']['steps'][0]['uses']} " in manual


@pytest.mark.parametrize("text", re.findall(r"```sh\n(.*?)```", (ROOT / "docs/ci.md").read_text("utf-8"), re.DOTALL))
def test_what_the_manual_says_to_run_by_hand_runs(text: str, runner: Path, tmp_path: Path) -> None:
    folder = repository(tmp_path / "work")
    path = f"{runner / 'slogen/bin'}:{os.environ['PATH']}"

    done = subprocess.run(
        ["bash", "-e"], cwd=folder, env=environment({"PATH": path}), input=text, check=False, text=True
    )

    assert done.returncode == 0

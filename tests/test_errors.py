"""
Every mistake is told in the right words at the right place, all of them at once.

``tests/errors/<case>.yaml``, or a folder of files with slogen.yaml and templates/ where they are needed, or with rule
files in rules/, gives the lines of ``tests/errors/<case>.out``; what is right stands beside what is wrong. Adding a
case is adding a file: ``UPDATE_GOLDEN=1 pytest tests/test_errors.py`` writes what is expected, to be read before it is
committed.
The case that is called as a code is the example of that code in docs/diagnostics.md.
"""

import ast
import os
import re
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

import slogen
from slogen import CompileError, Diagnostic, rule_files
from slogen.codes import CODES
from slogen.diagnostics import Report
from slogen.organisation import Organisation, read_organisation
from slogen.prose import Prose

HERE = Path(__file__).parent
ERRORS = HERE / "errors"
PACKAGE = Path(slogen.__file__).parent
MANUAL = HERE.parent / "docs/diagnostics.md"
UPDATE = os.environ.get("UPDATE_GOLDEN") == "1"

CASES = sorted(path for path in ERRORS.iterdir() if path.is_dir() or path.suffix == ".yaml")

A_CODE = re.compile(r"[a-z]+(-[a-z]+)+")
OTHER_WORDS = {"my-service", "cloud-monitoring", "promtool-tests"}
"""What looks like a code in the package and is none."""


def contents(case: Path) -> dict[str, bytes]:
    """The files of a case, by the names that diagnostics have."""
    if case.is_file():
        return {case.name: case.read_bytes()}
    return {path.relative_to(case).as_posix(): path.read_bytes() for path in sorted(case.rglob("*")) if path.is_file()}


def diagnostics(case: Path) -> tuple[Diagnostic, ...]:
    """All that slogen has to say about a case."""
    files = contents(case)
    config = files.pop("slogen.yaml", None)
    organisation = None if config is None else ("slogen.yaml", config)
    templates = {name: files.pop(name) for name in list(files) if name.endswith(".j2")}
    prose = Prose({name.removeprefix("templates/"): text.decode() for name, text in templates.items()}, "templates")
    report = Report()
    for name in [name for name in files if name.startswith("rules/")]:
        rule_files.read(name, files.pop(name), report)
    defaults = read_organisation(*organisation, Report()) if organisation else Organisation()
    prose.check(report, defaults.prometheus_version)
    if report.failed:
        return report.diagnostics
    try:
        return slogen.compile(files, organisation=organisation, prose=prose).warnings
    except CompileError as error:
        return error.diagnostics


def held(path: Path, text: str) -> None:
    """*text* is what the file at *path* holds, or from now on it is."""
    if UPDATE:
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8", newline="\n")
    assert path.exists(), f"{path} is missing; UPDATE_GOLDEN=1 writes it"
    assert path.read_text("utf-8") == text


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_each_case_says_what_is_expected(case: Path) -> None:
    found = diagnostics(case)

    assert found, "a case that says nothing belongs elsewhere"
    held(case.with_suffix(".out"), "".join(f"{diagnostic}\n" for diagnostic in found))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_every_place_lies_within_its_file(case: Path) -> None:
    files = contents(case)
    for diagnostic in diagnostics(case):
        text = files.get(diagnostic.position.file, b"").decode("utf-8", "replace")
        lines = text.removeprefix("\ufeff").split("\n")
        assert 1 <= diagnostic.position.line <= len(lines)
        assert 1 <= diagnostic.position.column <= len(lines[diagnostic.position.line - 1]) + 1


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_messages_are_lower_case_without_a_full_stop(case: Path) -> None:
    for diagnostic in diagnostics(case):
        first, last = diagnostic.message[0], diagnostic.message[-1]
        assert not first.isupper() or diagnostic.message.startswith(("SLO ", "PromQL ", "Prometheus ", "YAML "))
        assert last != "." or diagnostic.message.endswith("...")


def test_no_expectation_is_left_over() -> None:
    assert {path.stem for path in ERRORS.glob("*.out")} == {case.stem for case in CASES}


def used_codes() -> set[str]:
    """Every text in the package that looks like a code."""
    words = {
        node.value
        for folder in (".", "monitoring", "promql", "resolve", "spec")
        for path in (PACKAGE / folder).glob("*.py")
        if path.name not in ("codes.py", "revisions.py")  # what it says to git is no code
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    presets = {
        node.args[0].value
        for path in (PACKAGE / "presets").glob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "refuse"
        if isinstance(node.args[0], ast.Constant)
    }
    return {word for word in words | presets if isinstance(word, str) and A_CODE.fullmatch(word)} - OTHER_WORDS


def test_the_codes_that_are_used_are_those_that_are_explained() -> None:
    assert used_codes() == set(CODES)
    assert list(CODES) == sorted(CODES)


@pytest.mark.parametrize("code", CODES)
def test_every_code_has_a_case_of_its_name(code: str) -> None:
    (case,) = [case for case in CASES if case.stem == code]

    assert code in {diagnostic.code for diagnostic in diagnostics(case)}


def test_the_manual_of_diagnostics_is_current() -> None:
    held(MANUAL, "".join(_manual()))


def _manual() -> Iterator[str]:
    yield """\
# Diagnostics

Every message of slogen is one line: `file:line:column: error: what was written, what to write instead [code]`. An
error stops the compilation (exit code 2), a warning does not, unless `--strict` is given. All mistakes of all files
are told at once, and the codes are stable, so that they can be searched for.

A target objects in words of its own to what it cannot say of an SLO. Under the code `<target>-cannot` that is an
error. The others are warnings: under `<target>-skips` it leaves the SLO out, under `<target>-differs` it says something
else than the SLO does, under `<target>-needs` it writes what is to be completed before it is of use. An SLO that is not
for Cloud Monitoring says `cloud_monitoring: false`, and its targets do not mind it.

Each code below has the first message of its example, `tests/errors/<code>`.
"""
    for code, explanation in CODES.items():
        (case,) = [case for case in CASES if case.stem == code]
        first = next(diagnostic for diagnostic in diagnostics(case) if diagnostic.code == code)
        wrapped = textwrap.fill(explanation, 120, break_long_words=False, break_on_hyphens=False)
        yield f"\n## {code}\n\n{wrapped}\n\n```text\n{_framed(case, first)}```\n"


def _framed(case: Path, diagnostic: Diagnostic) -> str:
    """A message below the line that it is about, with a caret."""
    position = diagnostic.position
    files = contents(case)
    lines = files.get(position.file, b"").decode("utf-8", "replace").split("\n")
    line = lines[position.line - 1] if position.line <= len(lines) else ""
    frame = f"{line}\n{' ' * (position.column - 1)}^\n" if line.strip() else ""
    return f"{frame}{diagnostic}\n"

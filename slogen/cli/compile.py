"""slogen compile: SLO files to generated files."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from slogen import Compilation, backends, files, manifest, writing
from slogen.cli import parallel
from slogen.cli.output import EXIT_FINDINGS, as_data, print_json
from slogen.cli.project import Refused, open_project
from slogen.compiler import CompileFile, Content, Unit
from slogen.diagnostics import Diagnostic
from slogen.model import Strategy
from slogen.spec.cloud import PROJECT

if TYPE_CHECKING:
    from slogen.changes import Comparison


def _project(_context: click.Context, _parameter: click.Parameter, text: str) -> str:
    if text and not re.fullmatch(PROJECT, text):
        message = f"{text!r} is not the id of a Google Cloud project; write it like shop-prod"
        raise click.BadParameter(message)
    return text


@click.command("compile", short_help="Write rules and alerts for SLO files.")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path), metavar="[PATH]...")
@click.option("--check", is_flag=True, help="Write nothing; exit 1 if anything would change.")
@click.option("--stdout", is_flag=True, help="Print what would be written, and write nothing.")
@click.option("--out", type=click.Path(path_type=Path), metavar="DIR", help="Write there instead of generated/.")
@click.option(
    "--target",
    "targets",
    multiple=True,
    type=click.Choice(backends.names()),
    metavar="NAME",
    help="Generate for this target alone; another one for each more.",
)
@click.option(
    "--strategy",
    type=click.Choice([one.value for one in Strategy]),
    help="How alert windows are recorded, for all SLOs.",
)
@click.option("--project", metavar="ID", default="", callback=_project, help="The Google Cloud project, for all SLOs.")
@click.option("--templates", type=click.Path(path_type=Path), metavar="DIR", help="Your own templates.")
@click.option("--strict", is_flag=True, help="Take warnings for errors.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="For people or programs.")
def command(
    paths: tuple[Path, ...],
    *,
    check: bool,
    stdout: bool,
    out: Path | None,
    targets: tuple[str, ...],
    strategy: str | None,
    project: str,
    templates: Path | None,
    strict: bool,
    form: str,
) -> None:
    """
    Write recording rules and alerts for the SLO files at PATH, a file or a
    folder, slos/ by default.

    Files go to generated/ beside slogen.yaml, else at the top of the
    repository. They change only if all of the input compiles, each whole or
    not at all; what an SLO file no longer yields is removed.
    """
    if check and stdout:
        message = "--check compares what is written, --stdout writes nothing; name one of them"
        raise Refused(message)
    opened = open_project(paths or (Path("slos"),), form=form, out=out, templates=templates)
    chosen = Strategy(strategy) if strategy else None
    if stdout:
        _print(opened.compile(targets, chosen, strict=strict, project=project), form)
        return
    try:
        with writing.Staging(opened.space, targets or backends.names(), dry=check) as staging:
            stage = _Stage(staging, kept=check)
            compilation = opened.compile(targets, chosen, strict=strict, project=project, run=stage.run)
            changes = staging.finish(stage.staged)
    except files.FilesError as error:
        raise Refused(str(error)) from error
    difference = _difference(opened.space, changes, stage.texts) if check and changes else None
    _tell(compilation.warnings, changes, form, check=check, difference=difference)
    if difference is not None:
        raise SystemExit(EXIT_FINDINGS)


class _Stage:
    """
    Compiles files in several processes; what is generated stays where it was made, beside its place on the disk.

    Args:
        kept: whether the texts of what differs are, too.
    """

    def __init__(self, staging: writing.Staging, *, kept: bool) -> None:
        self.staged: list[writing.Staged] = []
        self.texts: dict[str, str] = {}
        self._staging, self._kept = staging, kept

    def run(self, compile_file: CompileFile, contents: list[tuple[str, Content]]) -> Iterator[Unit]:
        """Each file's unit; `staged` grows by what it generated."""

        def work(file: tuple[str, Content]) -> tuple[Unit, list[writing.Staged], dict[str, str]]:
            unit = compile_file(file)
            staged = [self._staging(artifact) for artifact in unit.artifacts]
            new = {one.path for one in staged if one.state is writing.State.NEW} if self._kept else ()
            return unit.told(), staged, {one.path: one.text for one in unit.artifacts if one.path in new}

        for unit, staged, texts in parallel.gather(work, contents):
            self.staged += staged
            self.texts |= texts
            yield unit


def _difference(space: files.Workspace, changes: writing.Changes, texts: dict[str, str]) -> "Comparison":
    """What the *changes* mean, *texts* being those that would be written."""
    from slogen.changes.sides import drift  # late: most compilations compare nothing

    there = {path: space.out / path for path in (*changes.written, *changes.removed)}
    before = {
        path: file.read_text("utf-8", "replace")
        for path, file in there.items()
        if file.is_file() and file.name != manifest.NAME
    }
    return drift(before, texts, space.name(space.out))


def _print(compilation: Compilation, form: str) -> None:
    if form == "json":
        texts = {artifact.path: artifact.text for artifact in compilation.artifacts}
        print_json({"diagnostics": as_data(compilation.warnings), "files": texts})
        return
    for artifact in compilation.artifacts:
        click.echo(artifact.text, nl=False)


def _tell(
    warnings: tuple[Diagnostic, ...],
    changes: writing.Changes,
    form: str,
    *,
    check: bool,
    difference: "Comparison | None",
) -> None:
    if form == "json":
        from slogen.changes import data

        told = {**changes._asdict(), "diff": difference and data.as_data(difference)} if check else changes._asdict()
        print_json({"diagnostics": as_data(warnings), "check": check, **told})
        return
    if difference is not None:
        from slogen.cli import comparisons

        comparisons.tell(difference, form)
    for verb, paths in (("write", changes.written), ("remove", changes.removed)):
        for path in paths if check else ():
            click.echo(f"would {verb} {path}", err=True)
    for path in changes.left:
        click.echo(f"left {path}: no SLO file yields it, unless one of another project that writes there", err=True)
    if check:
        click.echo("out of date" if changes else "up to date", err=True)
        return
    files_in_all = len(changes.written) + len(changes.unchanged)
    done = f"{len(changes.written)} written, {len(changes.unchanged)} unchanged, {len(changes.removed)} removed"
    click.echo(f"{files_in_all} {'file' if files_in_all == 1 else 'files'}: {done}", err=True)

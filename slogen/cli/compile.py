"""slogen compile: SLO files to generated files."""

from pathlib import Path

import click

from slogen import Compilation, backends, files
from slogen.cli.output import EXIT_FINDINGS, as_data, print_json
from slogen.cli.project import Refused, open_project
from slogen.model import Strategy


@click.command("compile", short_help="Write rules and alerts for SLO files.")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path), metavar="[PATH]...")
@click.option("--check", is_flag=True, help="Write nothing; exit 1 if anything would change.")
@click.option("--stdout", is_flag=True, help="Print what would be written, and write nothing.")
@click.option("--out", type=click.Path(path_type=Path), metavar="DIR", help="Write there instead of generated/.")
@click.option("--target", "targets", multiple=True, type=click.Choice(backends.names()), help="Generate only this.")
@click.option(
    "--strategy",
    type=click.Choice([one.value for one in Strategy]),
    help="How alert windows are recorded, for all SLOs.",
)
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
    project = open_project(paths or (Path("slos"),), form=form, out=out, templates=templates)
    compilation = project.compile(targets, Strategy(strategy) if strategy else None, strict=strict)
    if stdout:
        _print(compilation, form)
        return
    act = files.compare if check else files.write
    try:
        changes = act(project.space, compilation.artifacts, targets or backends.names())
    except files.FilesError as error:
        raise Refused(str(error)) from error
    _tell(compilation, changes, form, check=check)
    if check and changes:
        raise SystemExit(EXIT_FINDINGS)


def _print(compilation: Compilation, form: str) -> None:
    if form == "json":
        texts = {artifact.path: artifact.text for artifact in compilation.artifacts}
        print_json({"diagnostics": as_data(compilation.warnings), "files": texts})
        return
    for artifact in compilation.artifacts:
        click.echo(artifact.text, nl=False)


def _tell(compilation: Compilation, changes: files.Changes, form: str, *, check: bool) -> None:
    if form == "json":
        told = {"written": changes.written, "unchanged": changes.unchanged, "removed": changes.removed}
        print_json({"diagnostics": as_data(compilation.warnings), "check": check, **told})
        return
    for verb, paths in (("write", changes.written), ("remove", changes.removed)):
        for path in paths if check else ():
            click.echo(f"would {verb} {path}", err=True)
    done = f"{len(changes.written)} written, {len(changes.unchanged)} unchanged, {len(changes.removed)} removed"
    click.echo(
        f"{len(compilation.artifacts)} files: {done}" if not check else f"{'out of date' if changes else 'up to date'}",
        err=True,
    )

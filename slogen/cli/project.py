"""What every command begins with: SLO files found, read and compiled, and what is wrong with them told."""

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple, NoReturn

import click

import slogen
from slogen import Compilation, CompileError, files
from slogen.cli.output import EXIT_INPUT, as_data, print_json, show
from slogen.compiler import Run
from slogen.diagnostics import Diagnostic, Level, Position, Report
from slogen.model import Strategy
from slogen.organisation import Organisation, read_organisation
from slogen.prose import Prose


class Refused(click.ClickException):
    """The call is wrong, or the disk refuses."""

    exit_code = EXIT_INPUT


class Project(NamedTuple):
    """
    SLO files that were read, and all that they are compiled with.

    Attributes:
        form: ``text`` or ``json``, how diagnostics are told.
        defaults: what slogen.yaml says; all of it, once the project compiled.
    """

    space: files.Workspace
    contents: dict[str, bytes]
    organisation: tuple[str, bytes] | None
    prose: Prose
    form: str
    defaults: Organisation

    def compile(
        self,
        targets: tuple[str, ...],
        strategy: Strategy | None,
        *,
        strict: bool,
        emit: bool = True,
        project: str = "",
        run: Run = map,
    ) -> Compilation:
        """The project compiled; where it does not compile, or *strict* and with warnings, the command ends here."""
        try:
            compilation = slogen.compile(
                self.contents,
                organisation=self.organisation,
                targets=targets or None,
                strategy=strategy,
                project=project,
                emit=emit,
                prose=self.prose,
                run=run,
                neighbours=self._neighbours,
            )
        except CompileError as error:
            self.refuse(error.diagnostics)
        if strict and compilation.warnings:
            self.refuse(compilation.warnings)
        if self.form == "text":
            self._show(compilation.warnings)
        return compilation

    def _neighbours(self) -> dict[str, bytes]:
        """The other SLO files below the root, those that can be read."""
        return files.neighbours(self.space, self.defaults.exclude, self.contents)

    def refuse(self, diagnostics: tuple[Diagnostic, ...]) -> NoReturn:
        """Tell why the input does not compile, and end the command."""
        if self.form == "json":
            print_json({"diagnostics": as_data(diagnostics)})
        else:
            self._show(diagnostics)
            # Warnings are mistakes where nothing else is: they are refused, then, for --strict.
            count = sum(one.level is Level.ERROR for one in diagnostics) or len(diagnostics)
            click.echo(f"{count} {'mistake' if count == 1 else 'mistakes'}; nothing was written", err=True)
        sys.exit(EXIT_INPUT)

    def _show(self, diagnostics: Iterable[Diagnostic]) -> None:
        show(diagnostics, self._line)

    def _line(self, position: Position) -> str | None:
        named = dict([self.organisation]) if self.organisation else {}
        content = {**named, **self.contents}.get(position.file, b"").decode("utf-8", "replace")
        own = {self.prose.place(name).file: text for name, text in self.prose.own.items()}
        lines = own.get(position.file, content).split("\n")
        return lines[position.line - 1].rstrip("\r") if position.line <= len(lines) else None


def open_project(
    paths: tuple[Path, ...], *, form: str, out: Path | None = None, templates: Path | None = None
) -> Project:
    """
    The SLO files at *paths*, found and read.

    Raises:
        Refused: there are none, or something cannot be read.
    """
    try:
        space = files.workspace(paths, out)
        organisation = next(iter(files.read(space, [space.organisation]).items())) if space.organisation else None
        defaults = read_organisation(*organisation, Report()) if organisation else Organisation()
        found = files.find(space, defaults.exclude)
        folder = templates or (space.root / defaults.templates if defaults.templates else None)
        prose = Prose(files.templates(folder), space.name(folder)) if folder else Prose()
        contents = files.read(space, found)
    except files.FilesError as error:
        raise Refused(str(error)) from error
    if not found:
        looked = ", ".join(map(space.name, space.paths))
        message = f"no SLO file (*.yaml, *.yml) was found in {looked}; `slogen init` writes a first one"
        raise Refused(message)
    project = Project(space, contents, organisation, prose, form, defaults)
    report = Report()
    prose.check(report, defaults.prometheus_version)
    if report.failed:
        project.refuse(report.diagnostics)
    return project

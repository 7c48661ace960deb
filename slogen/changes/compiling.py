"""Both sides of a comparison compiled: what is the same on both once, and only as far as it is to be told of."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

from slogen import naming
from slogen.backends._backend import Artifact
from slogen.compiler import Compilation, CompileFile, Content, Unit, compile
from slogen.diagnostics import CompileError, Diagnostic, Level, Report
from slogen.organisation import Organisation, read_organisation
from slogen.prose import Prose

_File = tuple[str, Content]


class Sources(NamedTuple):
    """
    SLO files of one side, and all that they are compiled with.

    Attributes:
        name: what the side is, in words.
        contents: by name, relative to the folder of slogen.yaml.
        templates: the user's own, text by name; *templates_folder* is where they lie.
        generated: what was written for the side before, by path below the output folder; empty where nothing is kept.
        folder: of slogen.yaml, relative to the root of the repository; empty for that itself.
        out: the output folder, likewise.
        covers: whether a source lies under the paths that are compared.
        neighbours: asked for the SLO files beside, where an SLO depends on one that is not compared.
    """

    name: str
    contents: Mapping[str, Content]
    organisation: tuple[str, Content] | None = None
    templates: Mapping[str, str] = {}
    templates_folder: str = ""
    generated: Mapping[str, bytes] = {}
    folder: str = ""
    out: str = naming.GENERATED
    covers: Callable[[str], bool] = lambda _source: True
    neighbours: Callable[[], Mapping[str, bytes]] = dict

    def alike(self, other: "Sources") -> frozenset[str]:
        """Names of the files that compile to the same on both sides."""
        if (self.organisation, self.templates) != (other.organisation, other.templates):
            return frozenset()
        return frozenset(name for name, content in self.contents.items() if other.contents.get(name) == content)


class Written(NamedTuple):
    """
    A file that a side yields.

    Attributes:
        text: None where it is what was generated before.
    """

    path: str
    source: str
    text: str | None


class Compiled(NamedTuple):
    """
    What a side compiles to.

    Attributes:
        units: by the name of the file; those of files that are alike on both sides are only what is told of them.
        written: by path.
        failed: what does not compile, and why.
    """

    units: Mapping[str, Unit]
    written: Mapping[str, Written]
    warnings: tuple[Diagnostic, ...] = ()
    failed: tuple[Diagnostic, ...] = ()


Gather = Callable[[Callable[[_File], tuple[Unit, list[Written]]], list[_File]], Iterable[tuple[Unit, list[Written]]]]


class Runner:
    """Compiles files, each once however often it is asked to; several at a time those that are not looked into."""

    def __init__(self, sources: Sources, light: frozenset[str], gather: Gather) -> None:
        self.units: dict[str, Unit] = {}
        self.written: dict[str, list[Written]] = {}
        self._generated, self._light, self._gather = sources.generated, light, gather

    def run(self, compile_file: CompileFile, contents: list[_File]) -> Iterator[Unit]:
        """Each file's unit."""

        def work(file: _File) -> tuple[Unit, list[Written]]:
            unit = compile_file(file)
            return unit.told(), [self._written(artifact) for artifact in unit.artifacts]

        several = [file for file in contents if file[0] in self._light and file[0] not in self.units]
        for file, (unit, written) in zip(several, self._gather(work, several), strict=True):
            self.units[file[0]], self.written[file[0]] = unit, written
        for file in contents:
            if file[0] not in self.units:
                unit = compile_file(file)
                self.units[file[0]], self.written[file[0]] = unit, [self._written(one) for one in unit.artifacts]
        return iter([self.units[name] for name, _ in contents])

    def _written(self, artifact: Artifact) -> Written:
        same = self._generated.get(artifact.path) == artifact.text.encode()
        return Written(artifact.path, artifact.source, None if same else artifact.text)


def compiled(before: Sources, after: Sources, gather: Gather) -> tuple[Compiled, Compiled]:
    """
    Both sides compiled; of the old one, what does not compile is left out and told.

    Raises:
        CompileError: the new side does not compile.
    """
    alike = before.alike(after)
    old = Runner(before, alike, gather)
    first = _leniently(before, old)
    new = Runner(after._replace(generated=before.generated), alike, gather)
    known = alike & first.units.keys()
    new.units = {name: first.units[name] for name in known}
    new.written = {name: old.written[name] for name in known}
    compilation = compile_with(after, after.contents, new)
    return first, _compiled(new, after.contents, compilation)


def compile_with(sources: Sources, contents: Mapping[str, Content], runner: Runner) -> Compilation:
    """
    Those *contents* of a side compiled by *runner*.

    Raises:
        CompileError: they do not compile.
    """
    prose = Prose(sources.templates, sources.templates_folder) if sources.templates else None
    if prose:
        written = read_organisation(*sources.organisation, Report()) if sources.organisation else Organisation()
        report = Report()
        prose.check(report, written.prometheus_version)
        if report.failed:
            raise CompileError(report.diagnostics)
    return compile(
        contents, organisation=sources.organisation, prose=prose, run=runner.run, neighbours=sources.neighbours
    )


def _compiled(
    runner: Runner, names: Iterable[str], compilation: Compilation | None, failed: tuple[Diagnostic, ...] = ()
) -> Compiled:
    written = {one.path: one for name in names for one in runner.written[name]}
    units = {name: runner.units[name] for name in names}
    return Compiled(units, written, compilation.warnings if compilation else (), failed)


def _leniently(sources: Sources, runner: Runner) -> Compiled:
    """The files that compile; a file that does not may be what the change mends."""
    contents, failed = dict(sources.contents), []
    while contents:
        try:
            compilation = compile_with(sources, contents, runner)
        except CompileError as error:
            errors = [one for one in error.diagnostics if one.level is Level.ERROR]
            failed += errors
            wrong = {one.position.file for one in errors} | {name for name, unit in runner.units.items() if unit.failed}
            wrong &= contents.keys()
            contents = {name: text for name, text in contents.items() if name not in wrong} if wrong else {}
        else:
            return _compiled(runner, contents, compilation, tuple(failed))
    return _compiled(runner, (), None, tuple(failed))

"""slogen diff: what a change of SLOs means."""

import sys
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple, NoReturn

import click

from slogen import Slo, files, repository, revisions
from slogen.changes import Comparison
from slogen.changes.comparing import Side, compare, firing
from slogen.changes.compiling import Sources, compiled
from slogen.changes.sides import rule_side, sides, whole
from slogen.changes.values import Change, Note
from slogen.cli import comparisons, parallel
from slogen.cli.connecting import chosen_access, connection_options
from slogen.cli.output import EXIT_FINDINGS, EXIT_INPUT, EXIT_SERVER, as_data, print_json, show
from slogen.cli.project import Refused
from slogen.diagnostics import CompileError, Diagnostic, Position, Report
from slogen.repository import Given, RuleFiles

if TYPE_CHECKING:
    from slogen.live.prometheus import Connection

_NEW: Final = "the work tree"
_REVISION: Final = "rev:"
_FOLDER: Final = "dir:"


@click.command("diff", short_help="Tell what a change of SLOs means.")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path), metavar="[PATH]...")
@click.option("--against", metavar="REV|DIR|FILE", help="The old side; rev:WORD or dir:WORD where it could be both.")
@click.option("--exact", is_flag=True, help="The revision itself, not its merge base with HEAD.")
@click.option("--against-prometheus", "served", metavar="URL", help="The old side is the rules that a server runs.")
@click.option(
    "--prometheus", "url", envvar="SLOGEN_PROMETHEUS_URL", metavar="URL", help="Ask it what fires, and would have."
)
@connection_options
@click.option("--out", type=click.Path(path_type=Path), metavar="DIR", help="Where generated files are, if elsewhere.")
@click.option("--templates", type=click.Path(path_type=Path), metavar="DIR", help="Your own templates, on both sides.")
@click.option("--exit-zero", is_flag=True, help="Exit 0 for differences, too.")
@click.option("--format", "form", type=click.Choice(comparisons.FORMS), default="text", help="For people or programs.")
def command(
    paths: tuple[Path, ...],
    *,
    against: str | None,
    exact: bool,
    served: str | None,
    url: str | None,
    out: Path | None,
    templates: Path | None,
    exit_zero: bool,
    form: str,
    **connection: Any,
) -> None:
    """
    Compile the SLO files at PATH, slos/ by default, as they are and as they
    were, and tell what differs: in the words of SLOs, then rule by rule.

    A revision means its merge base with HEAD, as for a pull request. A folder
    or file holds SLO files or rule files. With --prometheus the alerts of SLOs
    that differ are replayed over the last 30 days, as they were and as they
    are. Exit 1 for differences, 2 where the new side does not compile or the
    old one cannot be had, 4 when a server gave no answer.
    """
    if (against is None) is (served is None):
        message = "name one old side: --against REV, DIR or FILE, or --against-prometheus URL"
        raise Refused(message)
    if exact and against is None:
        message = "--exact is for a revision, which --against names"
        raise Refused(message)
    given = Given(paths or (Path("slos"),), out, templates)
    told = _Told(form, exit_zero=exit_zero)
    try:
        new = repository.on_disk(given, _NEW, new=True)
        if served is not None:
            found = _against_server(given, new, served, connection, told)
        else:
            old = _old_side(given, against or "", exact=exact)
            found = _live(*_compared(old, new, told), url, connection)
    except files.FilesError as error:
        raise Refused(str(error)) from error
    except _UnansweredError as error:
        comparisons.tell(error.comparison, form)
        _unreachable(str(error))
    told.comparison(found)


def _old_side(given: Given, word: str, *, exact: bool) -> Sources | RuleFiles:
    """
    What ``--against`` names.

    Raises:
        FilesError: it names nothing, or two things.
    """
    if not word.removeprefix(_FOLDER):
        message = "--against names nothing; an empty variable, perhaps"
        raise files.FilesError(message)
    here = next((path if path.is_dir() else path.parent for path in given.paths if path.exists()), Path())
    if word.startswith(_REVISION):
        return repository.at_revision(given, revisions.revision(here, word.removeprefix(_REVISION), exact=exact))
    path = Path(word.removeprefix(_FOLDER))
    if word.startswith(_FOLDER) or (path.exists() and not revisions.is_revision(here, word)):
        return repository.on_disk(given._replace(paths=(path,)), str(path), new=False)
    if path.exists():
        message = f"{word!r} is a revision, and there is such a file or folder, too; write rev:{word} or dir:{word}"
        raise files.FilesError(message)
    return repository.at_revision(given, revisions.revision(here, word, exact=exact))


def _compared(
    old: Sources | RuleFiles, new: Sources | RuleFiles, told: "_Told"
) -> tuple[Comparison, tuple[Slo, ...], tuple[Slo, ...]]:
    """What differs, and the SLOs of both sides, those apart that are the same."""
    if isinstance(old, Sources) and isinstance(new, Sources):
        if not (old.contents or new.contents):
            message = "there is no SLO file (*.yaml, *.yml) on either side; `slogen init` writes a first one"
            raise files.FilesError(message)
        try:
            first, second = compiled(old, new, parallel.gather)
        except CompileError as error:
            told.refuse(error.diagnostics, new)
        before, after, notes, unchanged = sides(old, new, first, second)
        return compare(before, after, notes, unchanged), before.slos, after.slos
    notes = [note for side in (old, new) for note in _skipped(side)]
    before, after = _legible(old, notes, told), _whole(new, told)
    return compare(before, after, notes), before.slos, after.slos


def _skipped(side: Sources | RuleFiles) -> Iterable[Note]:
    if isinstance(side, RuleFiles) and side.skipped:
        files_ = "1 file is" if side.skipped == 1 else f"{side.skipped} files are"
        yield Note(
            "skipped", f"{files_} not compared in {side.name}: no rule files, or the same rules for another target"
        )


def _whole(side: Sources | RuleFiles, told: "_Told") -> Side:
    if isinstance(side, RuleFiles):
        report = Report()
        read = rule_side(side.name, side.contents, report)
        if report.failed:
            told.refuse(report.diagnostics, None)
        return read
    try:
        compilation = whole(side)
    except CompileError as error:
        told.refuse(error.diagnostics, side)
    return compilation


def _legible(side: Sources | RuleFiles, notes: list[Note], told: "_Told") -> Side:
    """The old side: what cannot be read of its rules is no mistake of who changes them, so *notes* tell of it."""
    if not isinstance(side, RuleFiles):
        return _whole(side, told)
    report = Report()
    read = rule_side(side.name, side.contents, report)
    notes += [
        Note("not-read", f"the old side cannot be read here: {one.message}", one.position) for one in report.diagnostics
    ]
    return read


def _against_server(
    given: Given, new: Sources | RuleFiles, url: str, connection: dict[str, Any], told: "_Told"
) -> Comparison:
    """The new side against the rules that a server runs, those of others apart."""
    from slogen.changes.serving import of_slos
    from slogen.live.faults import PrometheusError
    from slogen.live.prometheus import connect

    after = _whole(new, told)
    access = chosen_access(url, connection)
    try:
        with closing(connect(access)) as server:
            every = given.paths == (Path("slos"),)
            before = Side(access.url, of_slos(server.rules(), after.rules, every=every), served=True)
            return _firing(compare(before, after, _skipped(new)), server)
    except PrometheusError as error:
        _unreachable(f"{access.url}: {error}")


def _live(
    comparison: Comparison,
    before: tuple[Slo, ...],
    after: tuple[Slo, ...],
    url: str | None,
    connection: dict[str, Any],
) -> Comparison:
    """
    The same, with what a server tells of it: what fires now, and what would have fired on both sides.

    Raises:
        _UnansweredError: it tells nothing; what differs without it is known.
    """
    if not url or not comparison.slos:
        return comparison
    from slogen.cli.replaying import cache_folder
    from slogen.live.cache import Cache
    from slogen.live.faults import PrometheusError
    from slogen.live.history import Historian
    from slogen.live.prometheus import connect
    from slogen.live.reviewing import STEP, replayed

    access = chosen_access(url, connection)
    cache = Cache(cache_folder(), access)
    try:
        with closing(connect(access)) as server:
            now = server.now()
            historian = Historian(server, cache, step=STEP.seconds, now=now, end=now)
            return replayed(_firing(comparison, server), before, after, historian, at_once=access.at_once)
    except PrometheusError as error:
        raise _UnansweredError(comparison, f"{access.url}: {error}") from error


def _firing(comparison: Comparison, server: "Connection") -> Comparison:
    from slogen.live.firing import firing_slos

    gone = [slo.formerly or slo.id for slo in comparison.slos if slo.change in (Change.REMOVED, Change.RENAMED)]
    return firing(comparison, firing_slos(server, gone)) if gone else comparison


def _unreachable(message: str) -> NoReturn:
    click.echo(f"error: {message} [unreachable]", err=True)
    raise SystemExit(EXIT_SERVER)


class _UnansweredError(Exception):
    """The server gave no answer to what it was asked of a *comparison*, which a note now says."""

    def __init__(self, comparison: Comparison, why: str) -> None:
        super().__init__(why)
        message = f"what fires, and how often it would have alerted, is not known, for no server answers: {why}"
        self.comparison = comparison._replace(notes=(*comparison.notes, Note("unreachable", message)))


class _Told(NamedTuple):
    """How a comparison is told, and how the command ends."""

    form: str
    exit_zero: bool

    def refuse(self, diagnostics: tuple[Diagnostic, ...], of: Sources | None) -> NoReturn:
        """Why a side does not compile; the command ends."""
        if self.form == "json":
            print_json({"diagnostics": as_data(diagnostics)})
        else:
            show(diagnostics, lambda position: _line(of, position) if of else None)
        sys.exit(EXIT_INPUT)

    def comparison(self, found: Comparison) -> None:
        """What differs; the command ends with 1 where something does."""
        comparisons.tell(found, self.form)
        if found and not self.exit_zero:
            raise SystemExit(EXIT_FINDINGS)


def _line(of: Sources, position: Position) -> str | None:
    contents = {**of.contents, **(dict([of.organisation]) if of.organisation else {})}
    content = contents.get(position.file, b"")
    text = content if isinstance(content, str) else content.decode("utf-8", "replace")
    lines = text.split("\n")
    return lines[position.line - 1].rstrip("\r") if position.line <= len(lines) else None

"""slogen test: the generated tests, run by promtool."""

import os
import sys
import tempfile
from pathlib import Path

import click

from slogen.cli.output import EXIT_FINDINGS, print_json
from slogen.cli.project import Project, Refused, open_project
from slogen.cli.trying import Result, prepare, run
from slogen.diagnostics import Report
from slogen.organisation import Organisation, read_organisation
from slogen.promtool import Promtool, PromtoolError, find

_FILE = click.Path(dir_okay=False, writable=True, path_type=Path)
_SHOWN = {"passed": "ok", "failed": "FAILED", "skipped": "skipped", "unproven": "-"}


@click.command("test", short_help="Prove that the alerts fire, reset and stay silent.")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path), metavar="[PATH]...")
@click.option("--full/--quick", default=False, help="Tickets too, or what pages alone (the default).")
@click.option("--promtool", type=click.Path(path_type=Path), metavar="FILE", help="Instead of the one on the PATH.")
@click.option("--jobs", type=click.IntRange(1), metavar="N", help="Run so many at once; by default one per processor.")
@click.option(
    "--junit",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    metavar="FILE",
    help="Write the results there, as JUnit XML.",
)
@click.option("--templates", type=click.Path(path_type=Path), metavar="DIR", help="Your own templates.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="For people or programs.")
def command(
    paths: tuple[Path, ...],
    *,
    full: bool,
    promtool: Path | None,
    jobs: int | None,
    junit: Path | None,
    templates: Path | None,
    form: str,
) -> None:
    """
    Run the tests of the SLO files at PATH, slos/ by default, with promtool.

    Rules and tests are compiled into a temporary folder; nothing in
    generated/ is read or changed. Exit 1 when an alert does not do what it
    should, exit 2 when there is no promtool that could tell.
    """
    project = open_project(paths or (Path("slos"),), form=form, templates=templates)
    if junit and not junit.parent.is_dir():
        message = f"{junit} cannot be written: {junit.parent} is no folder"
        raise Refused(message)
    try:
        results = _tried(project, find(promtool, _version(project)), jobs or os.cpu_count() or 1, full=full)
        if junit:
            _write(junit, results)
    except PromtoolError as error:
        raise Refused(str(error)) from error
    _tell(results, form)
    if any(result.state == "failed" for result in results):
        raise SystemExit(EXIT_FINDINGS)


def _version(project: Project) -> tuple[int, int]:
    """The Prometheus that the rules are written for."""
    defaults = read_organisation(*project.organisation, Report()) if project.organisation else Organisation()
    return defaults.prometheus_version


def _tried(project: Project, tool: Promtool, jobs: int, *, full: bool) -> list[Result]:
    compilation = project.compile(("prometheus",), None, strict=False)
    with tempfile.TemporaryDirectory(prefix="slogen-test-") as name:
        trials, results = prepare(compilation, project.prose, Path(name), tool, full=full)
        hidden = not sys.stderr.isatty()
        with click.progressbar(length=len(trials), label="testing", file=sys.stderr, hidden=hidden) as progress:
            results += run(tool, trials, jobs, lambda: progress.update(1))
    order = {slo.id: place for place, slo in enumerate(compilation.slos)}
    cases = {name: place for place, name in enumerate(dict.fromkeys(trial.test.name for trial in trials))}
    return sorted(results, key=lambda result: (order[result.slo], cases.get(result.case, len(cases))))


def _write(junit: Path, results: list[Result]) -> None:
    from slogen.cli.junit import document

    try:
        junit.write_text(document(results), "utf-8")
    except OSError as error:
        message = f"{junit} cannot be written: {error.strerror}"
        raise Refused(message) from error


def _tell(results: list[Result], form: str) -> None:
    if form == "json":
        print_json([result._asdict() for result in results])
        return
    width = max((len(result.slo) for result in results), default=0)
    for result in results:
        why = f" ({result.said})" if result.state in ("skipped", "unproven") else ""
        click.echo(f"{_SHOWN[result.state]:7}  {result.slo:{width}}  {result.case}{why}")
    for said in dict.fromkeys(result.said for result in results if result.state == "failed"):
        click.echo(f"\n{said}")
    counts = {state: sum(result.state == state for result in results) for state in _SHOWN}
    slos = len({result.slo for result in results})
    told = ", ".join(f"{count} {state}" for state, count in counts.items() if count or state == "passed")
    click.echo(f"{slos} SLOs: {told}", err=True)

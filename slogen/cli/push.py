"""slogen push: compiled rules, sent to the ruler that evaluates them."""

from contextlib import closing
from pathlib import Path
from typing import Any, Final

import click

from slogen.changes import Comparison
from slogen.changes.comparing import Side, compare
from slogen.cli import comparisons
from slogen.cli.connecting import chosen_access, connection_options
from slogen.cli.output import EXIT_FINDINGS, EXIT_SERVER
from slogen.cli.project import Project, Refused, open_project
from slogen.diagnostics import Report
from slogen.live.faults import PrometheusError
from slogen.live.ruler import Ruler
from slogen.pushing import NAMESPACE, Step, steps
from slogen.rule_files import RuleFile, read

_TARGETS: Final = ("mimir",)


@click.command("push", short_help="Send rules to the ruler that evaluates them.")
@click.option("--target", type=click.Choice(_TARGETS), required=True, help="What kind of ruler it is.")
@click.argument("url")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path), metavar="[PATH]...")
@click.option("--apply", is_flag=True, help="Send what differs; without it nothing is sent.")
@click.option("--prune", is_flag=True, help="Delete the groups of services that no SLO file names, too.")
@connection_options
@click.option("--templates", type=click.Path(path_type=Path), metavar="DIR", help="Your own templates.")
@click.option(
    "--format", "form", type=click.Choice(comparisons.FORMS), default="text", help="How differences are told."
)
def command(
    url: str,
    paths: tuple[Path, ...],
    *,
    target: str,
    apply: bool,
    prune: bool,
    templates: Path | None,
    form: str,
    **connection: Any,
) -> None:
    """
    Compile the SLO files at PATH, slos/ by default, and send the rule groups
    that differ to the ruler at URL, which is what stands before
    /config/v1/rules, often /prometheus.

    Without --apply it tells what differs and sends nothing; exit 1 where
    something does. Groups are set before any is deleted, and only namespaces
    slogen/SERVICE are touched: those of the services at PATH, with --prune all
    others too. Whoever was interrupted calls it again. Exit 4 when the server
    gave no answer or refused.
    """
    if prune and any(path.is_file() for path in paths):
        message = "--prune deletes what no SLO file names, so all of them are to be compiled; name their folder"
        raise Refused(message)
    project = open_project(paths or (Path("slos"),), form="json" if form == "json" else "text", templates=templates)
    wanted = _wanted(project, target)
    given = chosen_access(url, connection)
    sent: list[Step] = []
    todo: tuple[Step, ...] = ()
    try:
        with closing(Ruler(given)) as ruler:
            there = ruler.files()
            ours = there if prune else tuple(file for file in there if file.name in {one.name for one in wanted})
            todo = steps(wanted, ours)
            comparisons.tell(_difference(given.url, ours, wanted), form)
            for step in ruler.send(todo) if apply else ():
                click.echo(f"done: {step}", err=True)
                sent.append(step)
    except PrometheusError as error:
        done = f"; {len(sent)} of {len(todo)} steps were done, call it again for the others" if sent else ""
        failed = f"{todo[len(sent)]}: " if todo else ""
        click.echo(f"Error: {given.url}: {failed}{error}{done}", err=True)
        raise SystemExit(EXIT_SERVER) from error
    for file in there if not prune else ():
        if file not in ours:
            click.echo(f"left {file.name}: no SLO file at PATH names that service; --prune deletes it", err=True)
    if todo and not apply:
        click.echo("nothing was sent; with --apply this is:", err=True)
        for step in todo:
            click.echo(f"  {step}", err=True)
        raise SystemExit(EXIT_FINDINGS)


def _wanted(project: Project, target: str) -> tuple[RuleFile, ...]:
    """The compiled groups, the name of each file being its namespace."""
    compilation = project.compile((target,), None, strict=False)
    found = []
    for artifact in compilation.artifacts:
        for file in read(artifact.path, artifact.text, Report()):
            namespace = str(file.fields["namespace"])
            if not namespace.startswith(NAMESPACE):
                raise AssertionError(namespace)
            found.append(file._replace(name=namespace))
    return tuple(found)


def _difference(url: str, there: tuple[RuleFile, ...], wanted: tuple[RuleFile, ...]) -> Comparison:
    """What the ruler has against what was compiled; what else stands at the top of a file is no part of it."""
    plain = tuple(file._replace(fields={}) for file in wanted)
    return compare(Side(url, tuple(file._replace(fields={}) for file in there)), Side("compiled", plain))

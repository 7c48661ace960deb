"""slogen backtest: which alerts would have fired over the history that a Prometheus has."""

import os
import sys
from collections.abc import Iterable
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from slogen import Compilation, CompileError, Slo
from slogen.cli.connecting import chosen_access, connection_options, skew
from slogen.cli.output import EXIT_FINDINGS, EXIT_SERVER, as_data, print_json
from slogen.cli.project import Project, Refused, open_project
from slogen.diagnostics import Report, did_you_mean
from slogen.organisation import Organisation, read_organisation
from slogen.policy import Policy
from slogen.scope import Scope
from slogen.units import Window

if TYPE_CHECKING:
    from slogen.live.access import Access
    from slogen.live.backtesting import Outcome
    from slogen.replay.replaying import WhatIf
    from slogen.replay.whatif import Question

_DEFAULT_LAST: Final = Window.parse("30d")
_DEFAULT_STEP: Final = Window.parse("1m")
_MOST_POINTS: Final = 1_000_000
_MOST_QUESTIONS: Final = 20


def _duration(_context: click.Context, _option: click.Parameter, text: str) -> Window:
    try:
        return Window.parse(text)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


def _objectives(_context: click.Context, _option: click.Parameter, texts: tuple[str, ...]) -> tuple[Decimal, ...]:
    from slogen.scalars import objective

    try:
        return tuple(map(objective, texts))
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


@click.command("backtest", short_help="Replay the alerts over history.")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path), metavar="[PATH]...")
@click.option(
    "--prometheus",
    "url",
    envvar="SLOGEN_PROMETHEUS_URL",
    required=True,
    metavar="URL",
    help="What stands before /api/v1.",
)
@click.option("--slo", "chosen", multiple=True, metavar="SLO", help="Only this one: service/slo, or its id.")
@click.option("--last", default=str(_DEFAULT_LAST), callback=_duration, metavar="SPAN", help="So long; 30d by default.")
@click.option("--until", type=click.IntRange(1), metavar="SECONDS", help="Up to then, in Unix seconds; now by default.")
@click.option("--step", default=str(_DEFAULT_STEP), callback=_duration, metavar="SPAN", help="Between evaluations; 1m.")
@click.option("--objective", "objectives", multiple=True, callback=_objectives, metavar="PERCENT", help="What if.")
@click.option("--policy", "policies", multiple=True, metavar="NAME", help="What if; of slogen.yaml, or workbook.")
@click.option("--min-events", multiple=True, type=click.IntRange(0), metavar="N", help="What if; 0 for no limit.")
@click.option("--html", type=click.Path(path_type=Path), metavar="FILE", help="Draw it too, into one HTML page.")
@click.option("--no-cache", is_flag=True, help="Ask for everything anew, and keep nothing.")
@connection_options
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="For people or programs.")
def command(
    paths: tuple[Path, ...],
    *,
    url: str,
    chosen: tuple[str, ...],
    last: Window,
    until: int | None,
    step: Window,
    objectives: tuple[Decimal, ...],
    policies: tuple[str, ...],
    min_events: tuple[int, ...],
    html: Path | None,
    no_cache: bool,
    form: str,
    **connection: Any,
) -> None:
    """
    Replay the alerts of the SLO files at PATH, slos/ by default, over the
    history that a Prometheus has: which would have fired, when and for how
    long, and what became of the error budget.

    --objective, --policy and --min-events are what-ifs, side by side with what
    is written; each may be given several times, and all combinations are
    shown. What is over an hour past is kept in the user's cache, so that a
    second run asks for little. Exit 1 when an SLO has no history there, 4 when
    the server gave no answer.
    """
    if last.seconds // step.seconds > _MOST_POINTS or last <= step:
        message = f"--last is longer than --step, {step}, and at most {_MOST_POINTS:,} times as long; {last} is not"
        raise Refused(message)
    project = open_project(paths or (Path("slos"),), form=form)
    compilation = project.compile((), None, strict=False)
    slos = choose(compilation.slos, chosen)
    asked = _questions(project, objectives, policies, min_events)
    outcome = _outcome(
        _variants(slos, project, asked), chosen_access(url, connection), until, (last, step), keep=not no_cache
    )
    if form == "json":
        _print_data(compilation, outcome)
    else:
        _print(outcome)
    if html:
        _draw(outcome, html, project)
    raise SystemExit(_exit(outcome))


def choose(slos: tuple[Slo, ...], chosen: tuple[str, ...]) -> list[Slo]:
    """Those of *slos* that are *chosen*; all, where none is."""
    names = {name: slo for slo in slos for name in (slo.id, f"{slo.service}/{slo.name}")}
    for name in chosen:
        if name not in names:
            message = f"there is no SLO {name!r}{did_you_mean(name, names)}"
            raise Refused(message)
    ids = {names[name].id for name in chosen}
    return [slo for slo in slos if not chosen or slo.id in ids]


def _questions(
    project: Project, objectives: Iterable[Decimal], policies: tuple[str, ...], min_events: Iterable[int]
) -> tuple["Question", ...]:
    from slogen.replay.whatif import questions

    known = _organisation(project).policies
    for name in policies:
        if name not in known:
            message = f"there is no policy {name!r}{did_you_mean(name, known)}"
            raise Refused(message)
    asked = questions(objectives, (known[name] for name in policies), map(Decimal, min_events))
    if len(asked) > _MOST_QUESTIONS:
        message = f"these are {len(asked)} what-ifs; {_MOST_QUESTIONS} at most are shown side by side"
        raise Refused(message)
    return asked


def _organisation(project: Project) -> Organisation:
    return read_organisation(*project.organisation, Report()) if project.organisation else Organisation()


def _variants(slos: list[Slo], project: Project, asked: tuple["Question", ...]) -> list[tuple["WhatIf", ...]]:
    from slogen.replay.whatif import fits, variants

    organisation = _organisation(project)
    for slo in slos:
        for question in asked:
            if question.policy and not fits(slo, question.policy):
                longest = f"the longest alert window of policy {question.policy.name}, {question.policy.longest}"
                message = f"the SLO window of {slo.id}, {slo.window}, is shorter than {longest}"
                raise Refused(message)
    return [variants(slo, _policy(slo, organisation), asked) for slo in slos]


def _policy(slo: Slo, organisation: Organisation) -> Policy:
    """The policy that the file of *slo* names, or the organisation's."""
    scope = Scope(slo.place.source, Report(), organisation.prometheus_version)
    return organisation.policies[str(scope.written((*slo.place.path, "policy")) or organisation.policy)]


def _outcome(
    variants: list[tuple["WhatIf", ...]], given: "Access", until: int | None, span: tuple[Window, Window], *, keep: bool
) -> "Outcome":
    import time

    from slogen.live.backtesting import Outcome, backtests
    from slogen.live.cache import Cache
    from slogen.live.faults import PrometheusError
    from slogen.live.history import Historian
    from slogen.live.prometheus import connect

    last, step = span
    cache = Cache(_cache_folder() if keep else None, given)
    try:
        with closing(connect(given)) as connection:
            now = connection.now()
            end = min(until or now, now)
            historian = Historian(connection, cache, step=step.seconds, now=now, end=end)
            hidden = not sys.stderr.isatty()
            with click.progressbar(length=len(variants), label="replaying", file=sys.stderr, hidden=hidden) as progress:
                results = backtests(
                    variants,
                    historian,
                    historian.end - last.seconds,
                    at_once=given.at_once,
                    tell=lambda: progress.update(1),
                )
    except PrometheusError as error:
        return Outcome((), f"{given.url}: {error}")
    notes = skew(now - time.time()) + [f"the server warns: {text}" for text in connection.warnings]
    return Outcome(tuple(results), "", (*notes, *([cache.trouble] if cache.trouble else [])), connection.requests)


def _cache_folder() -> Path | None:
    """
    Where what can be had again is kept for the user; None where there is no such place.

    Source: https://specifications.freedesktop.org/basedir-spec/latest/
    """
    named = os.environ.get("XDG_CACHE_HOME", "")
    try:
        base = Path(named) if named.startswith("/") else Path.home() / ".cache"
    except RuntimeError:
        return None
    return base / "slogen"


def _print(outcome: "Outcome") -> None:
    from slogen.cli.replays import lines

    if outcome.unreachable:
        click.echo(f"error: {outcome.unreachable} [unreachable]")
    for result in outcome.results:
        for line in lines(result.backtest):
            click.echo(line)
    for note in outcome.notes:
        click.echo(f"note: {note}", err=True)
    if outcome.results:
        number = len(outcome.results)
        click.echo(f"{'1 SLO' if number == 1 else f'{number} SLOs'}; {outcome.requests} requests", err=True)


def _print_data(compilation: Compilation, outcome: "Outcome") -> None:
    from slogen.replay.data import data

    server = {
        "unreachable": outcome.unreachable or None,
        "requests": outcome.requests,
        "notes": list(outcome.notes),
    }
    slos = [data(result.backtest) for result in outcome.results]
    print_json({"diagnostics": as_data(compilation.warnings), "server": server, "slos": slos})


def _draw(outcome: "Outcome", html: Path, project: Project) -> None:
    """Write the page; where no server answered there is nothing to draw, and what lay there stays."""
    from slogen.page import page

    if not outcome.results:
        click.echo(f"{html} was not written, for nothing was replayed", err=True)
        return
    try:
        text = page([result.backtest for result in outcome.results], project.prose)
        html.write_text(text, "utf-8", newline="\n")
    except CompileError as error:  # a template of the user's own
        project.refuse(error.diagnostics)
    except OSError as error:
        message = f"{html} cannot be written: {error.strerror}"
        raise Refused(message) from error


def _exit(outcome: "Outcome") -> int:
    if outcome.unreachable or any(result.unreachable for result in outcome.results):
        return EXIT_SERVER
    return EXIT_FINDINGS if any(result.lacking for result in outcome.results) else 0

"""slogen backtest: which alerts would have fired over the history that a Prometheus has."""

from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from slogen import Compilation, CompileError, Slo
from slogen.cli.choosing import choose
from slogen.cli.connecting import chosen_access, connection_options
from slogen.cli.output import as_data, print_json
from slogen.cli.project import Project, Refused, open_project
from slogen.cli.replaying import (
    duration,
    exit_of,
    history_options,
    outcome_of,
)
from slogen.diagnostics import did_you_mean
from slogen.units import Window

if TYPE_CHECKING:
    from slogen.live.backtesting import Outcome
    from slogen.replay.replaying import WhatIf
    from slogen.replay.whatif import Question

_DEFAULT_STEP: Final = Window.parse("1m")
_MOST_POINTS: Final = 1_000_000
_MOST_QUESTIONS: Final = 20


def _objectives(_context: click.Context, _option: click.Parameter, texts: tuple[str, ...]) -> tuple[Decimal, ...]:
    from slogen.scalars import objective

    try:
        return tuple(map(objective, texts))
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


@click.command("backtest", short_help="Replay the alerts over history.")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path), metavar="[PATH]...")
@history_options
@click.option("--step", default=str(_DEFAULT_STEP), callback=duration, metavar="SPAN", help="Between evaluations; 1m.")
@click.option("--objective", "objectives", multiple=True, callback=_objectives, metavar="PERCENT", help="What if.")
@click.option("--policy", "policies", multiple=True, metavar="NAME", help="What if; of slogen.yaml, or workbook.")
@click.option("--min-events", multiple=True, type=click.IntRange(0), metavar="N", help="What if; 0 for no limit.")
@click.option("--html", type=click.Path(path_type=Path), metavar="FILE", help="Draw it too, into one HTML page.")
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
    compilation = project.compile((), None, strict=False, emit=False)
    slos = choose(compilation.slos, chosen)
    asked = _questions(project, objectives, policies, min_events)
    outcome = outcome_of(
        _variants(slos, project, asked), chosen_access(url, connection), until, (last, step), keep=not no_cache
    )
    if form == "json":
        _print_data(compilation, outcome)
    else:
        _print(outcome)
    if html:
        _draw(outcome, html, project)
    raise SystemExit(exit_of(outcome))


def _questions(
    project: Project, objectives: Iterable[Decimal], policies: tuple[str, ...], min_events: Iterable[int]
) -> tuple["Question", ...]:
    from slogen.replay.whatif import questions

    known = project.defaults.policies
    for name in policies:
        if name not in known:
            message = f"there is no policy {name!r}{did_you_mean(name, known)}"
            raise Refused(message)
    asked = questions(objectives, (known[name] for name in policies), map(Decimal, min_events))
    if len(asked) > _MOST_QUESTIONS:
        message = f"these are {len(asked)} what-ifs; {_MOST_QUESTIONS} at most are shown side by side"
        raise Refused(message)
    return asked


def _variants(slos: list[Slo], project: Project, asked: tuple["Question", ...]) -> list[tuple["WhatIf", ...]]:
    from slogen.replay.whatif import fits, policy_of, variants

    for slo in slos:
        for question in asked:
            if question.policy and not fits(slo, question.policy):
                longest = f"the longest alert window of policy {question.policy.name}, {question.policy.longest}"
                message = f"the SLO window of {slo.id}, {slo.window}, is shorter than {longest}"
                raise Refused(message)
    return [variants(slo, policy_of(slo, project.defaults), asked) for slo in slos]


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

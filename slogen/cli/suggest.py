"""slogen suggest: objectives, and latency thresholds, that the history of a Prometheus supports."""

from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, Final, NamedTuple

import click

from slogen import Slo
from slogen.cli.choosing import choose
from slogen.cli.connecting import chosen_access, connection_options
from slogen.cli.output import as_data, print_json
from slogen.cli.project import Refused, open_project
from slogen.cli.replaying import (
    exit_of,
    history_options,
    outcome_of,
)
from slogen.live.access import Access
from slogen.live.backtesting import Outcome, Result
from slogen.live.buckets import Buckets, read_buckets
from slogen.live.faults import PrometheusError
from slogen.live.prometheus import connect
from slogen.model import ErrorRatio, Latency
from slogen.replay.suggesting import LADDER, Bound, Option, Suggestion, bounds, questions, suggest
from slogen.replay.whatif import policy_of, variants
from slogen.units import Window, plain

_STEP: Final = Window.parse("1m")
_SHORTEST: Final = Window.parse("1h")


@click.command("suggest", short_help="Propose objectives that the history supports.")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path), metavar="[PATH]...")
@history_options
@click.option(
    "--headroom",
    type=click.IntRange(0, 99),
    default=50,
    metavar="PERCENT",
    help="What is to be left of the budget; 50 by default.",
)
@connection_options
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="For people or programs.")
def command(
    paths: tuple[Path, ...],
    *,
    url: str,
    chosen: tuple[str, ...],
    last: Window,
    until: int | None,
    headroom: int,
    no_cache: bool,
    form: str,
    **connection: Any,
) -> None:
    """
    Propose for each SLO at PATH, slos/ by default, the strictest objective that
    the history of a Prometheus supports: at most half of its budget would have
    been spent (--headroom leaves another share), and at least ten events might
    have failed; of an error ratio, which tells none, ten readings. Of a latency
    SLO each bound of its buckets is looked at, too.

    Nothing is written. Exit 1 when an SLO has no history there, 4 when the
    server gave no answer.
    """
    if last < _SHORTEST:
        message = f"--last is {_SHORTEST} at least; {last} is too short to tell"
        raise Refused(message)
    project = open_project(paths or (Path("slos"),), form=form)
    compilation = project.compile((), None, strict=False, emit=False)
    slos = choose(compilation.slos, chosen)
    given = chosen_access(url, connection)
    asked = [variants(slo, policy_of(slo, project.defaults), questions(slo)) for slo in slos]
    outcome = outcome_of(asked, given, until, (last, _STEP), keep=not no_cache)
    buckets = {} if outcome.unreachable else _buckets(slos, outcome, given)
    found = [
        _Found(one, slo, buckets.get(slo.id), headroom / 100) for one, slo in zip(outcome.results, slos, strict=False)
    ]
    if form == "json":
        server = {"unreachable": outcome.unreachable or None, "notes": list(outcome.notes)}
        slo_data = [one.data() for one in found]
        print_json({"diagnostics": as_data(compilation.warnings), "server": server, "slos": slo_data})
    else:
        _print(outcome, found)
    raise SystemExit(exit_of(outcome))


def _buckets(slos: Iterable[Slo], outcome: Outcome, given: Access) -> dict[str, Buckets | str]:
    """What the latency SLOs that were replayed have in their buckets, or why that is not known."""
    found: dict[str, Buckets | str] = {}
    with closing(connect(given)) as connection:
        for slo, result in zip(slos, outcome.results, strict=True):
            if isinstance(slo.promql, Latency) and not result.backtest.unread:
                try:
                    found[slo.id] = read_buckets(slo.promql, connection, result.backtest.start, result.backtest.end)
                except PrometheusError as error:
                    found[slo.id] = str(error)
    return found


class _Found(NamedTuple):
    """
    What there is to say of one SLO.

    Attributes:
        headroom: the share of the budget that is to be left.
    """

    result: Result
    slo: Slo
    buckets: Buckets | str | None
    headroom: float

    @property
    def suggestion(self) -> Suggestion:
        """What the history supports."""
        each = 1 if self.result.backtest.counted else self.slo.scrape_interval.seconds
        return suggest(self.result.backtest.replays, self.headroom, each)

    @property
    def unit(self) -> str:
        """What is counted."""
        return "events" if self.result.backtest.counted else "readings"

    @property
    def bounds(self) -> tuple[Bound, ...]:
        """Each bound of the buckets, where these are known."""
        if not isinstance(self.buckets, Buckets):
            return ()
        return bounds(self.buckets.shares, self.buckets.events, self.headroom)

    def data(self) -> dict[str, Any]:
        """As JSON has it."""
        if self.result.backtest.unread:
            return {"slo": self.slo.id, "unread": self.result.backtest.unread}
        suggestion = self.suggestion
        return {
            "slo": self.slo.id,
            "unread": None,
            "start": self.result.backtest.start,
            "end": self.result.backtest.end,
            "unit": self.unit,
            "events": suggestion.events,
            "error_ratio": suggestion.error_ratio,
            "written": _option_data(suggestion.written),
            "suggested": suggestion.suggested and _option_data(suggestion.suggested),
            "thresholds": [
                {"seconds": float(one.seconds), "good": one.good, "objective": one.supported and float(one.supported)}
                for one in self.bounds
            ],
        }

    def lines(self) -> Iterator[str]:
        """As a person reads it."""
        if self.result.backtest.unread:
            yield f"{self.slo.id}: nothing to suggest: {self.result.backtest.unread}"
            return
        suggestion = self.suggestion
        ratio = suggestion.error_ratio
        counted = f"{suggestion.events:,.0f} {self.unit}"
        average = isinstance(self.slo.promql, ErrorRatio)
        of = f"good on average, in {counted}" if average else f"of {counted} were good"
        good = "no events" if ratio is None else f"{(1 - ratio) * 100:.6g} % {of}"
        worst = " in the worst group" if self.slo.group_by and ratio is not None else ""
        yield f"{self.slo.id}  {good}{worst}"
        yield f"  written    {_option_text(suggestion.written, self.unit)}"
        if suggestion.suggested is None:
            none = f"there are too few {self.unit} to tell" if suggestion.kept else "none would have been kept"
            yield f"  suggested  none: of the objectives from {plain(LADDER[0] * 100)} % on {none}"
        elif suggestion.suggested.objective == suggestion.written.objective:
            yield "  suggested  the same"
        else:
            yield f"  suggested  {_option_text(suggestion.suggested, self.unit)}"
        for bound in self.bounds:
            held = "no objective" if bound.supported is None else f"{plain(bound.supported * 100)} %"
            yield f"  within {plain(bound.seconds)}s: {bound.good * 100:.6g} % were, which supports {held}"
        if ratio == 0:
            yield "  note: nothing bad was counted in all that time; validate tells whether what counts it is there"
        if isinstance(self.buckets, str):
            yield f"  its buckets are not known: {self.buckets}"


def _option_data(option: Option) -> dict[str, Any]:
    return {
        "objective": float(option.objective),
        "budget_spent": option.spent,
        "pages": option.pages,
        "tickets": option.tickets,
        "countable": option.countable,
    }


def _option_text(option: Option, unit: str) -> str:
    pages = f"{option.pages} page{'' if option.pages == 1 else 's'}"
    tickets = f"{option.tickets} ticket{'' if option.tickets == 1 else 's'}"
    few = "" if option.countable else f", too few {unit} to tell"
    spent = f"{option.spent * 100:.0f} % of the budget spent"
    return f"{plain(option.objective * 100):>6} %  {spent}, {pages}, {tickets}{few}"


def _print(outcome: Outcome, found: Iterable[_Found]) -> None:
    if outcome.unreachable:
        click.echo(f"error: {outcome.unreachable} [unreachable]")
    for one in found:
        for line in one.lines():
            click.echo(line)
    for note in outcome.notes:
        click.echo(f"note: {note}", err=True)

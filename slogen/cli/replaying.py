"""What commands that replay history have in common: which SLOs, with which policies, over what, from where."""

import os
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from slogen.cli.choosing import slo_option
from slogen.cli.connecting import skew
from slogen.cli.output import EXIT_FINDINGS, EXIT_SERVER
from slogen.units import Window

if TYPE_CHECKING:
    from slogen.live.access import Access
    from slogen.live.backtesting import Outcome
    from slogen.replay.replaying import WhatIf

_Command = TypeVar("_Command", bound=Callable[..., Any])


def duration(_context: click.Context, _option: click.Parameter, text: str | None) -> Window | None:
    """What an option says as ``30d``; None where it says nothing."""
    try:
        return None if text is None else Window.parse(text)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


_OPTIONS: Final = (
    click.option(
        "--prometheus",
        "url",
        envvar="SLOGEN_PROMETHEUS_URL",
        required=True,
        metavar="URL",
        help="What stands before /api/v1.",
    ),
    slo_option,
    click.option("--last", default="30d", callback=duration, metavar="SPAN", help="So long; 30d by default."),
    click.option(
        "--until", type=click.IntRange(1), metavar="SECONDS", help="Up to then, in Unix seconds; now by default."
    ),
    click.option("--no-cache", is_flag=True, help="Ask for everything anew, and keep nothing."),
)


def history_options(command: _Command) -> _Command:
    """Whose history is replayed, how much of it, and where it is."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def outcome_of(
    variants: list[tuple["WhatIf", ...]], given: "Access", until: int | None, span: tuple[Window, Window], *, keep: bool
) -> "Outcome":
    """
    What the SLOs and their what-ifs come to over the history of a server.

    Args:
        until: the last moment, in Unix seconds; None for now.
        span: how much of the history, and how far apart it is evaluated.
        keep: whether the answers are kept, and those taken that were.
    """
    import time

    from slogen.live.backtesting import Outcome, backtests
    from slogen.live.cache import Cache
    from slogen.live.faults import PrometheusError
    from slogen.live.history import Historian
    from slogen.live.prometheus import connect

    last, step = span
    cache = Cache(cache_folder() if keep else None, given)
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


def cache_folder() -> Path | None:
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


def exit_of(outcome: "Outcome") -> int:
    """How a command ends."""
    if outcome.unreachable or any(result.unreachable for result in outcome.results):
        return EXIT_SERVER
    return EXIT_FINDINGS if any(result.lacking for result in outcome.results) else 0

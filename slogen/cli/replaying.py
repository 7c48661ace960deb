"""What commands that replay history have in common: which SLOs, with which policies, over what, from where."""

import os
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import click

from slogen import Slo
from slogen.cli.connecting import skew
from slogen.cli.output import EXIT_FINDINGS, EXIT_SERVER
from slogen.cli.project import Project, Refused
from slogen.diagnostics import Report, did_you_mean
from slogen.organisation import Organisation, read_organisation
from slogen.policy import Policy
from slogen.scope import Scope
from slogen.units import Window

if TYPE_CHECKING:
    from slogen.live.access import Access
    from slogen.live.backtesting import Outcome
    from slogen.replay.replaying import WhatIf


def duration(_context: click.Context, _option: click.Parameter, text: str) -> Window:
    """What an option says as ``30d``."""
    try:
        return Window.parse(text)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


def choose(slos: tuple[Slo, ...], chosen: tuple[str, ...]) -> list[Slo]:
    """Those of *slos* that are *chosen*; all, where none is."""
    names = {name: slo for slo in slos for name in (slo.id, f"{slo.service}/{slo.name}")}
    for name in chosen:
        if name not in names:
            message = f"there is no SLO {name!r}{did_you_mean(name, names)}"
            raise Refused(message)
    ids = {names[name].id for name in chosen}
    return [slo for slo in slos if not chosen or slo.id in ids]


def organisation_of(project: Project) -> Organisation:
    """What slogen.yaml says; the project compiled, so it is right."""
    return read_organisation(*project.organisation, Report()) if project.organisation else Organisation()


def policy_of(slo: Slo, organisation: Organisation) -> Policy:
    """The policy that the file of *slo* names, or the organisation's."""
    scope = Scope(slo.place.source, Report(), organisation.prometheus_version)
    return organisation.policies[str(scope.written((*slo.place.path, "policy")) or organisation.policy)]


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

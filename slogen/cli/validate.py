"""slogen validate: SLOs held against a running Prometheus."""

import sys
from collections.abc import Iterable, Mapping
from contextlib import ExitStack, closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple, NoReturn

import click

from slogen import Compilation, Slo, files
from slogen.cli.connecting import chosen_access, connection_options, skew
from slogen.cli.output import EXIT_FINDINGS, EXIT_SERVER, as_data, print_json
from slogen.cli.project import Project, open_project
from slogen.diagnostics import Diagnostic, Level
from slogen.live.access import Access, access

if TYPE_CHECKING:
    from slogen.live.alike import Alike
    from slogen.live.validating import Result

_FEW: Final = 3
"""So many places are named of what several SLOs have."""
_FORMS: Final = ("text", "json", "github", "sarif", "junit")


@click.command("validate", short_help="Hold SLOs against a running Prometheus.")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path), metavar="[PATH]...")
@click.option("--prometheus", "url", envvar="SLOGEN_PROMETHEUS_URL", metavar="URL", help="What stands before /api/v1.")
@click.option("--rules-url", envvar="SLOGEN_RULES_URL", metavar="URL", help="Where rules run, if elsewhere: vmalert.")
@connection_options
@click.option("--fail-on", type=click.Choice(["error", "warning"]), default="error", help="What makes it exit 1.")
@click.option("--format", "form", type=click.Choice(_FORMS), default="text", help="For people or programs.")
def command(
    paths: tuple[Path, ...],
    *,
    url: str | None,
    rules_url: str | None,
    fail_on: str,
    form: str,
    **connection: Any,
) -> None:
    """
    Hold the SLO files at PATH, slos/ by default, against a running Prometheus:
    whether what they read is there and is what they take it for.

    Without --prometheus only what can be told without a server is checked.
    --rules-url is asked by the same credentials, unless it holds its own. A
    password may stand in SLOGEN_PROMETHEUS_PASSWORD, a token in
    SLOGEN_PROMETHEUS_TOKEN. What the server cannot tell is "not checked".
    Exit 1 for findings, 4 when the server gave no answer; files that do not
    compile are told on stderr, but for JSON, with exit 2.
    """
    project = open_project(paths or (Path("slos"),), form="json" if form == "json" else "text")
    compilation = project.compile((), None, strict=False)
    warnings = compilation.warnings
    fatal = frozenset(Level) if fail_on == "warning" else frozenset([Level.ERROR])
    told = _Told(form, warnings, fatal)
    if not url:
        told.offline(compilation.slos)
        return
    given = chosen_access(url, connection)
    _validate(project, compilation, given, _elsewhere(rules_url, connection) if rules_url else None, told)


def _elsewhere(url: str, options: Mapping[str, Any]) -> Access:
    """How to ask what evaluates the rules; by the credentials in its own address, where there are any."""
    other, own = chosen_access(url, options), access(url)
    return other._replace(user=own.user, password=own.password) if own.user else other


def _validate(
    project: Project, compilation: Compilation, given: Access, elsewhere: Access | None, told: "_Told"
) -> None:
    """
    Ask the server.

    Args:
        elsewhere: what evaluates the rules, where that is another one.
    """
    import time

    from slogen.live.deployment import Deployment
    from slogen.live.faults import PrometheusError
    from slogen.live.prometheus import connect
    from slogen.live.validating import validate

    slos, hidden = compilation.slos, not sys.stderr.isatty()
    with ExitStack() as stack:
        connection = stack.enter_context(closing(connect(given)))
        ruling = stack.enter_context(closing(connect(elsewhere))) if elsewhere else connection
        of = partial(files.written, project.space)
        deployment = Deployment(ruling, compilation.artifacts, of, elsewhere=elsewhere.url if elsewhere else "")
        try:
            now = connection.now()
            notes = skew(now - time.time())
            with click.progressbar(length=len(slos), label="validating", file=sys.stderr, hidden=hidden) as progress:
                tell = partial(progress.update, 1)
                results = validate(slos, connection, now, at_once=given.at_once, tell=tell, deployment=deployment)
        except PrometheusError as error:
            told.unreachable(f"{given.url}: {error}")
        notes += [f"the server warns: {text}" for text in connection.warnings]
        told.results(results, notes, sum(one.requests for one in {connection, ruling}))


class _Told(NamedTuple):
    """
    How what was found is told, and how the command ends.

    Attributes:
        warnings: of what compiles.
        fatal: levels with which it exits 1.
    """

    form: str
    warnings: tuple[Diagnostic, ...]
    fatal: frozenset[Level]

    def offline(self, slos: tuple[Slo, ...]) -> None:
        """No server was named."""
        import time

        from slogen.live import snoozing

        found = tuple(snoozing.all_over(slos, time.time()))
        if self.form == "text":
            for finding in found:
                click.echo(finding)
            told = "1 SLO compiles; what it reads" if len(slos) == 1 else f"{len(slos)} SLOs compile; what they read"
            click.echo(f"{told} was not checked, for no server was named", err=True)
        else:
            self._report([], None, found)
        self._exit((*self.warnings, *found))

    def unreachable(self, message: str) -> NoReturn:
        """The server did not answer at all."""
        if self.form == "text":
            click.echo(f"error: {message} [unreachable]")
        else:
            self._report([], {"unreachable": message}, ())
        raise SystemExit(EXIT_SERVER)

    def results(self, results: list["Result"], notes: list[str], requests: int) -> None:
        """What every check of every SLO came to."""
        from slogen.live.alike import alike, apart
        from slogen.live.validating import State, findings

        if self.form == "text":
            shared = alike(results)
            by_slo: dict[str, list[tuple[Result, Result]]] = {}
            for result, own in zip(results, apart(results, shared), strict=True):
                by_slo.setdefault(result.slo.id, []).append((result, own))
            for slo, its in by_slo.items():
                _tell_slo(slo, *map(list, zip(*its, strict=True)))
            for one in shared:
                _tell_alike(one)
            for note in notes:
                click.echo(f"note: {note}", err=True)
            counts = ", ".join(f"{sum(its.state is state for its in results)} {state.value}" for state in State)
            slos = "1 SLO" if len(by_slo) == 1 else f"{len(by_slo)} SLOs"
            click.echo(f"{slos}, {len(results)} checks: {counts}; {requests} requests", err=True)
        else:
            self._report(results, {"unreachable": None, "requests": requests, "notes": notes}, findings(results))
        if any(result.unreachable for result in results):
            raise SystemExit(EXIT_SERVER)
        self._exit((*self.warnings, *findings(results)))

    def _report(self, results: list["Result"], server: dict[str, Any] | None, found: tuple[Diagnostic, ...]) -> None:
        """The whole as a program reads it."""
        from slogen.cli import reports
        from slogen.live.alike import alike, apart
        from slogen.live.validating import manuals

        found = (*self.warnings, *found)
        shared = alike(results)
        told_once = frozenset(finding for one in shared for finding in one.findings)
        own = [one for one in found if one not in told_once]
        unreachable = str((server or {}).get("unreachable") or "")
        match self.form:
            case "json":
                data = {"results": [_data(result) for result in results]} if results else {}
                print_json({"diagnostics": as_data(found), "server": server, **data})
            case "github":
                click.echo(reports.github(own, unreachable, shared), nl=False)
            case "sarif":
                left = [f"{one.slo.id}: {one.check}: {text}" for one in apart(results, shared) for text in one.reasons]
                left += [f"{len(one.places)} SLOs: {one}" for one in shared if one.level is None]
                snoozed = [(one, result.snooze.reason) for result in results if result.snooze for one in result.snoozed]
                print_json(reports.sarif(own, left, manuals(), unreachable, snoozed=snoozed, alike=shared))
            case "junit":
                click.echo(reports.junit(results, self.fatal, unreachable), nl=False)

    def _exit(self, found: Iterable[Diagnostic]) -> None:
        if any(one.level in self.fatal for one in found):
            raise SystemExit(EXIT_FINDINGS)


def _tell_slo(slo: str, results: list["Result"], own: list["Result"]) -> None:
    """What the checks of one SLO came to, and of what they found that which is its *own*."""
    from slogen.live.validating import State, worst

    left = [result for result in results if result.state is State.NOT_CHECKED]
    level = worst(finding for result in results for finding in result.findings)
    mark = "ok" if level is None and not left else "-" if level is None else level.value.upper()
    passed = sum(result.state is State.PASSED for result in results)
    click.echo(f"{mark:7}  {slo}  {passed} of {len(results)} checks passed")
    for finding in dict.fromkeys(finding for result in own for finding in result.findings):
        click.echo(f"  {finding}")
    for result in results:
        if result.snooze:
            for finding in result.snoozed:
                click.echo(f"  snoozed until {result.snooze.until}, {result.snooze.reason!r}: {finding}")
    reasons: dict[str, list[str]] = {}
    for result in own:
        for reason in result.reasons:
            reasons.setdefault(reason, []).append(result.check)
    for reason, names in reasons.items():
        click.echo(f"  not checked: {', '.join(names)}: {reason}")


def _tell_alike(one: "Alike") -> None:
    """What several SLOs have, and where the first of them have it."""
    mark = "-" if one.level is None else one.level.value.upper()
    click.echo(f"{mark:7}  {len(one.places)} SLOs alike")
    if one.level is None:
        click.echo(f"  not checked: {one}")
        return
    more = f" and {len(one.places) - _FEW} more" if len(one.places) > _FEW else ""
    click.echo(f"  {', '.join(map(str, one.places[:_FEW]))}{more}: {one.level}: {one}")


def _data(result: "Result") -> dict[str, Any]:
    return {
        "slo": result.slo.id,
        "check": result.check,
        "state": result.state.value,
        "findings": as_data(result.findings),
        "not_checked": list(result.reasons),
        "snoozed": result.snooze
        and {"until": result.snooze.until, "reason": result.snooze.reason, "findings": as_data(result.snoozed)},
    }

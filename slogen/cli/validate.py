"""slogen validate: SLOs held against a running Prometheus."""

import sys
from collections.abc import Iterable, Mapping
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple, NoReturn

import click

from slogen import Slo
from slogen.cli.output import EXIT_FINDINGS, EXIT_SERVER, as_data, print_json
from slogen.cli.project import Refused, open_project
from slogen.diagnostics import Diagnostic, Level
from slogen.live.access import Access, access

if TYPE_CHECKING:
    from slogen.live.validating import Result

_FORMS: Final = ("text", "json", "github", "sarif", "junit")
_AT_ONCE: Final = 8
_SKEWED_SECONDS: Final = 60


def _header(_context: click.Context, _parameter: click.Parameter, texts: tuple[str, ...]) -> dict[str, str]:
    headers = {}
    for number, text in enumerate(texts, 1):
        name, colon, value = text.partition(":")
        if not colon or not name.strip().replace("-", "").isalnum() or not value.strip().isprintable():
            message = f"the header that is named {'first' if number == 1 else f'as number {number}'} is not NAME:VALUE"
            raise click.BadParameter(message)
        headers[name.strip()] = value.strip()
    return headers


def _secret(_context: click.Context, _parameter: click.Parameter, file: Path | None) -> str:
    """What stands in a file, white space around it apart."""
    if file is None:
        return ""
    try:
        return file.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is no text"
        message = f"{file} cannot be read: {reason}"
        raise click.BadParameter(message) from error


_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command("validate", short_help="Hold SLOs against a running Prometheus.")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path), metavar="[PATH]...")
@click.option("--prometheus", "url", envvar="SLOGEN_PROMETHEUS_URL", metavar="URL", help="What stands before /api/v1.")
@click.option("--user", envvar="SLOGEN_PROMETHEUS_USER", metavar="NAME", help="For basic authentication.")
@click.option("--password-file", "password", type=_FILE, callback=_secret, metavar="FILE", help="With the password.")
@click.option("--token-file", "token", type=_FILE, callback=_secret, metavar="FILE", help="With a bearer token.")
@click.option("--header", "headers", multiple=True, callback=_header, metavar="NAME:VALUE", help="Like X-Scope-OrgID.")
@click.option("--ca", type=_FILE, metavar="FILE", help="Authorities that vouch for the server.")
@click.option("--certificate", type=_FILE, metavar="FILE", help="The client's own.")
@click.option("--key", type=_FILE, metavar="FILE", help="The certificate's key.")
@click.option("--timeout", type=click.FloatRange(0.1, 600), default=30, metavar="SECONDS", help="For one answer.")
@click.option("--jobs", type=click.IntRange(1, 64), default=_AT_ONCE, metavar="N", help="Ask so much at once.")
@click.option("--fail-on", type=click.Choice(["error", "warning"]), default="error", help="What makes it exit 1.")
@click.option("--format", "form", type=click.Choice(_FORMS), default="text", help="For people or programs.")
def command(
    paths: tuple[Path, ...],
    *,
    url: str | None,
    user: str | None,
    password: str,
    token: str,
    headers: Mapping[str, str],
    ca: Path | None,
    certificate: Path | None,
    key: Path | None,
    timeout: float,
    jobs: int,
    fail_on: str,
    form: str,
) -> None:
    """
    Hold the SLO files at PATH, slos/ by default, against a running Prometheus:
    whether what they read is there and is what they take it for.

    Without --prometheus only what can be told without a server is checked. A
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
    given = _access(url)._replace(headers=headers, timeout_seconds=timeout, at_once=jobs)
    given = given._replace(
        user=user or given.user,
        password=password or _environment("PASSWORD") or given.password,
        token=token or _environment("TOKEN"),
        ca=str(ca or ""),
        certificate=str(certificate or ""),
        key=str(key or ""),
    )
    _validate(compilation.slos, given, told)


def _environment(name: str) -> str:
    import os

    return os.environ.get(f"SLOGEN_PROMETHEUS_{name}", "")


def _access(url: str) -> Access:
    try:
        return access(url)
    except ValueError as error:
        raise Refused(str(error)) from error


def _validate(slos: tuple[Slo, ...], given: Access, told: "_Told") -> None:
    import time

    from slogen.live.faults import PrometheusError
    from slogen.live.prometheus import connect
    from slogen.live.validating import validate

    try:
        with closing(connect(given)) as connection:
            now = connection.now()
            notes = _skew(now - time.time())
            hidden = not sys.stderr.isatty()
            with click.progressbar(length=len(slos), label="validating", file=sys.stderr, hidden=hidden) as progress:
                results = validate(slos, connection, now, at_once=given.at_once, tell=lambda: progress.update(1))
    except PrometheusError as error:
        told.unreachable(f"{given.url}: {error}")
    notes += [f"the server warns: {text}" for text in connection.warnings]
    told.results(results, notes, connection.requests)


def _skew(seconds: float) -> list[str]:
    if abs(seconds) <= _SKEWED_SECONDS:
        return []
    return [
        f"the clock of the server is {abs(seconds):.0f}s {'ahead' if seconds > 0 else 'behind'}; it is the one used"
    ]


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
        from slogen.live.validating import State, findings

        if self.form == "text":
            by_slo: dict[str, list[Result]] = {}
            for result in results:
                by_slo.setdefault(result.slo.id, []).append(result)
            for slo, its in by_slo.items():
                _tell_slo(slo, its)
            for note in notes:
                click.echo(f"note: {note}", err=True)
            counts = ", ".join(f"{sum(one.state is state for one in results)} {state.value}" for state in State)
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
        from slogen.live.validating import manuals

        found = (*self.warnings, *found)
        unreachable = str((server or {}).get("unreachable") or "")
        match self.form:
            case "json":
                data = {"results": [_data(result) for result in results]} if results else {}
                print_json({"diagnostics": as_data(found), "server": server, **data})
            case "github":
                click.echo(reports.github(found, unreachable), nl=False)
            case "sarif":
                left = [f"{one.slo.id}: {one.check}: {reason}" for one in results for reason in one.reasons]
                snoozed = [(one, result.snooze.reason) for result in results if result.snooze for one in result.snoozed]
                print_json(reports.sarif(found, left, manuals(), unreachable, snoozed))
            case "junit":
                click.echo(reports.junit(results, self.fatal, unreachable), nl=False)

    def _exit(self, found: Iterable[Diagnostic]) -> None:
        if any(one.level in self.fatal for one in found):
            raise SystemExit(EXIT_FINDINGS)


def _tell_slo(slo: str, results: list["Result"]) -> None:
    from slogen.live.validating import State, worst

    found = [finding for result in results for finding in result.findings]
    left = [result for result in results if result.state is State.NOT_CHECKED]
    level = worst(found)
    mark = "ok" if level is None and not left else "-" if level is None else level.value.upper()
    passed = sum(result.state is State.PASSED for result in results)
    click.echo(f"{mark:7}  {slo}  {passed} of {len(results)} checks passed")
    for finding in dict.fromkeys(found):
        click.echo(f"  {finding}")
    for result in results:
        if result.snooze:
            for finding in result.snoozed:
                click.echo(f"  snoozed until {result.snooze.until}, {result.snooze.reason!r}: {finding}")
    reasons: dict[str, list[str]] = {}
    for result in results:
        for reason in result.reasons:
            reasons.setdefault(reason, []).append(result.check)
    for reason, names in reasons.items():
        click.echo(f"  not checked: {', '.join(names)}: {reason}")


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

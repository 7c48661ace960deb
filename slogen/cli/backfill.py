"""slogen backfill: history for SLOs whose rules are new, by promtool."""

import json
import shlex
import shutil
import subprocess
import time
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, NamedTuple

import click

from slogen import Compilation, Slo, backfill, naming
from slogen.cli.choosing import choose, slo_option
from slogen.cli.output import EXIT_FINDINGS, EXIT_SERVER
from slogen.cli.project import Refused, open_project
from slogen.cli.replaying import duration
from slogen.model import Datasource
from slogen.promql import Expr
from slogen.prose import Prose
from slogen.units import Window

IN_MEMORY: Final = Window.parse("3h")
"""
What is younger may be in a server's memory alone, and is lost when it restarts beside a block that ends later.

Source: https://prometheus.io/docs/prometheus/latest/storage/#backfilling-for-recording-rules
"""
COARSE: Final = Window.parse("5m")
"""How far a server looks back for a sample, so that none is missed at steps of this length."""
FINE: Final = Window.parse("15s")
PATIENCE_SECONDS: Final = 180
LOOKED_SECONDS: Final = 75
"""A server looks for new blocks once a minute: what it shows after that is all that was recorded."""


class Stretch(NamedTuple):
    """SLOs whose history ends at the same moment; *start* and *end* are Unix seconds."""

    slos: tuple[str, ...]
    start: int
    end: int
    constants: bool
    """False for SLOs whose constants were recorded long before they were first measured."""


class Unanswered(click.ClickException):
    """The server cannot be asked."""

    exit_code = EXIT_SERVER


@click.command("backfill", short_help="Give new SLOs a history.")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path), metavar="[PATH]...")
@slo_option
@click.option(
    "--prometheus", "url", default="http://localhost:9090", metavar="URL", help="The server that has the data."
)
@click.option("--last", callback=duration, metavar="SPAN", help="How long the history is; by default the SLO window.")
@click.option("--until", type=click.IntRange(1), metavar="SECONDS", help="Where it ends, in Unix seconds.")
@click.option("--data", type=click.Path(path_type=Path), metavar="DIR", help="The server's --storage.tsdb.path.")
@click.option(
    "--rules", type=click.Path(path_type=Path), metavar="DIR", help="Keep the rule files of the passes there."
)
@click.option("--run", is_flag=True, help="Run promtool, instead of printing its calls.")
@click.option("--promtool", default="promtool", metavar="FILE", help="The promtool to run.")
def command(
    paths: tuple[Path, ...],
    *,
    chosen: tuple[str, ...],
    url: str,
    last: Window | None,
    until: int | None,
    data: Path | None,
    rules: Path | None,
    run: bool,
    promtool: str,
) -> None:
    """
    Fill the recorded series of the SLOs at PATH from before their rules were
    deployed, out of the metrics that the server still has. Deploy the rules
    first; three hours later, run this where the server's data folder is.

    Each history ends before the SLO's first own sample, and nothing of other
    SLOs is touched. The rules go through promtool in several passes, since
    windows are summed from what the pass before has recorded.
    """
    tool = shutil.which(promtool)
    if tool is None:
        message = f"{promtool!r} is not to be found; it comes with Prometheus, and --promtool says where it is"
        raise Refused(message)
    if run and (data is None or not (data / "wal").is_dir()):
        message = "--run writes into the server's data folder, which has a folder 'wal'; name it with --data"
        raise Refused(message)
    if not run and rules is None:
        message = "the printed calls need rule files; name a folder for them with --rules, or let --run do all of it"
        raise Refused(message)
    project = open_project(paths or (Path("slos"),), form="text")
    compilation = project.compile((), None, strict=False, emit=False)
    # Another store than a Prometheus takes no blocks.
    recorded = tuple(slo for slo in compilation.slos if slo.datasource is Datasource.PROMETHEUS)
    slos = tuple(choose(recorded, chosen))
    stretches, complaints = _stretches(Promtool(tool, url), slos, last, until)
    for complaint in complaints:
        click.echo(complaint, err=True)
    with TemporaryDirectory(prefix="slogen-") as scratch:
        folder = (rules or Path(scratch)).absolute()
        folder.mkdir(parents=True, exist_ok=True)
        _go(_calls(compilation, stretches, project.prose, folder), Promtool(tool, url), data or Path("data"), run=run)
    if complaints:
        raise SystemExit(EXIT_FINDINGS)


class Call(NamedTuple):
    """One call of promtool; *number* is that of its pass."""

    number: int
    groups: backfill.Pass
    file: Path
    stretch: Stretch


class Promtool(NamedTuple):
    """A promtool, and the server that it asks."""

    path: str
    url: str

    def arguments(self, call: Call, data: Path) -> list[str]:
        """The command that evaluates a pass."""
        return [
            *(self.path, "tsdb", "create-blocks-from", "rules", f"--url={self.url}"),
            *(f"--start={call.stretch.start}", f"--end={call.stretch.end}", f"--output-dir={data}"),
            *(f"--max-block-duration={backfill.block(call.groups).seconds // 3600}h", str(call.file)),
        ]

    def ask(self, *query: str) -> list[dict[str, Any]]:
        """
        What the server answers to ``promtool query``.

        Raises:
            Unanswered: it does not.
        """
        kind, *rest, expr = query
        done = subprocess.run(  # noqa: S603 - the user says which promtool
            [self.path, "query", kind, "--format=json", *rest, self.url, expr],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            message = f"{self.url} does not answer: {(done.stderr or done.stdout).strip()}"
            raise Unanswered(message)
        answer: list[dict[str, Any]] = json.loads(done.stdout)
        return answer

    def first(self, expr: Expr, start: int, end: int) -> int | None:
        """The last moment, to a few seconds, before *expr* first had a value; None when it never had."""
        found = self._seen(expr, start, end, COARSE)
        if found is None or found == start:
            return found
        near = self._seen(expr, found - COARSE.seconds + FINE.seconds, found, FINE)
        return (near or found) - FINE.seconds

    def _seen(self, expr: Expr, start: int, end: int, step: Window) -> int | None:
        span = (f"--start={start}", f"--end={end}", f"--step={max(step.seconds, (end - start) // 10_000)}s")
        series = self.ask("range", *span, str(expr))
        return int(float(series[0]["values"][0][0])) if series else None


def _stretches(
    promtool: Promtool, slos: tuple[Slo, ...], last: Window | None, until: int | None
) -> tuple[list[Stretch], list[str]]:
    """The histories that are wanted, and why some SLOs get none."""
    ends: dict[tuple[int, int, bool], list[str]] = {}
    complaints = []
    now = int(time.time())
    for slo in slos:
        length = (last or slo.window).seconds
        constants = True
        if until is None:
            end = promtool.first(backfill.measured(slo), now - length, now)
            if end is None:
                complaints.append(f"{slo.id}: no sample of its own yet; deploy its rules first, or say --until")
                continue
            if end <= now - length:
                complaints.append(f"{slo.id}: recorded for {last or slo.window} already, so there is nothing to fill")
                continue
            if end > now - IN_MEMORY.seconds:
                ready = time.strftime("%H:%M:%S", time.localtime(end + IN_MEMORY.seconds))
                complaints.append(
                    f"{slo.id}: its first samples lie in the server's memory alone, "
                    f"and a block beside them would lose samples of all series in a restart; try after {ready}"
                )
                continue
            # Their group may be evaluated a moment before the one that measures, or long before there is a metric.
            described = promtool.first(backfill.described(slo), now - length, now) or end
            constants = described > end - COARSE.seconds
            end = min(end, described) if constants else end
        else:
            end = until
        ends.setdefault((end - length, end, constants), []).append(slo.id)
    return [Stretch(tuple(ids), *stretch) for stretch, ids in ends.items()], complaints


def _calls(compilation: Compilation, stretches: Iterable[Stretch], prose: Prose, folder: Path) -> list[Call]:
    """Every call, in order, its rule file written to *folder*."""
    calls = []
    for which, stretch in enumerate(stretches, 1):
        passes = backfill.passes(compilation.rules, stretch.slos, stretch.start, prose, constants=stretch.constants)
        for number, groups in enumerate(passes, 1):
            file = folder / f"pass{number}-{which}.rules.yaml"
            file.write_text(prose.rules(naming.header("slogen backfill"), groups), "utf-8")
            calls.append(Call(number, groups, file, stretch))
    return sorted(calls, key=lambda call: call.number)


def _go(calls: list[Call], promtool: Promtool, data: Path, *, run: bool) -> None:
    passes = sorted({call.number for call in calls})
    for number in passes:
        due = [call for call in calls if call.number == number]
        if number > 1 and not run:
            click.echo("# Wait until the server has found the new blocks, a minute, or restart it.")
        for call in due:
            arguments = promtool.arguments(call, data)
            if not run:
                click.echo(shlex.join(arguments))
                continue
            click.echo(f"pass {number} of {len(passes)}: {', '.join(call.stretch.slos)}", err=True)
            done = subprocess.run(arguments, capture_output=True, text=True, check=False)  # noqa: S603 - as above
            if done.returncode:
                message = f"promtool failed in pass {number}, which may be there in part:\n{done.stderr.strip()}"
                raise Unanswered(message)
        if run:
            _wait(due, promtool)


def _wait(calls: list[Call], promtool: Promtool) -> None:
    """
    Until the server shows what was recorded of these SLOs, or has had the time to look for it.

    Other SLOs have records of the same names. Of its own, some may be there before the others: promtool writes the
    blocks of one rule after those of another, and a server that looks amid that finds a part.
    """
    click.echo("waiting for the server to find the new blocks, up to a minute; a restart is faster", err=True)
    begun = time.monotonic()
    for call in calls:
        query = str(backfill.recorded(call.groups, call.stretch.slos))
        while (waited := time.monotonic() - begun) < PATIENCE_SECONDS:
            try:
                found = promtool.ask("instant", f"--time={call.stretch.end}", query)
            except Unanswered:
                found = []  # it is being restarted, perhaps
            if len(found) == len(backfill.names(call.groups)) or (found and waited > LOOKED_SECONDS):
                break
            time.sleep(1)

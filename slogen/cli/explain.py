"""slogen explain: what the numbers of SLOs mean."""

import re
from contextlib import closing
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from slogen import CompileError, Diagnostic, Slo
from slogen.cli.choosing import choose, slo_option
from slogen.cli.connecting import chosen_access, connection_options
from slogen.cli.output import EXIT_SERVER, as_data, print_json
from slogen.cli.project import Refused, open_project
from slogen.prose import Prose

if TYPE_CHECKING:
    from slogen.explain import Explanation
    from slogen.live.access import Access
    from slogen.live.traffic import Usual

_PLAIN = re.compile(r"\d{1,15}(\.\d{1,15})?", re.ASCII)
_SECONDS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}


def _rate(text: str) -> Fraction:
    """Events per second, from a plain number or from 40/h."""
    number, _, unit = text.partition("/")
    rate = _plain(number)
    if not rate or (unit or "s") not in _SECONDS:
        message = f"{text!r} is no rate; write events per second like 12 or 0.5, or 600/m, 40/h, 1000/d"
        raise click.BadParameter(message)
    return rate / _SECONDS[unit or "s"]


def _percent(text: str) -> Fraction:
    """A ratio, from a percentage."""
    percent = _plain(text.removesuffix("%").rstrip())
    if percent is None or percent > 100:  # noqa: PLR2004 - it is a percentage
        message = f"{text!r} is no percentage from 0 to 100; write it like 0.2%"
        raise click.BadParameter(message)
    return percent / 100


def _plain(text: str) -> Fraction | None:
    """A number in plain digits, of which there are few; Fraction alone would read 1e999999999 too."""
    return Fraction(text) if _PLAIN.fullmatch(text) else None


@click.command("explain", short_help="Tell what the numbers of SLOs mean.")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path), metavar="[PATH]...")
@slo_option
@click.option("--rate", type=_rate, metavar="RATE", help="Events per second, or like 40/h: the budget in events.")
@click.option("--errors", type=_percent, metavar="PERCENT", help="Errors on a day as any other: what they would do.")
@click.option("--prometheus", "url", metavar="URL", help="Ask this server for both.")
@connection_options
@click.option("--chart", is_flag=True, help="Draw detection time against error ratio.")
@click.option("--svg", type=click.Path(path_type=Path), metavar="FILE", help="Draw it, into an SVG file.")
@click.option("--alertmanager", is_flag=True, help="Print what Alertmanager needs, and nothing else.")
@click.option("--templates", type=click.Path(path_type=Path), metavar="DIR", help="Your own templates.")
@click.option("--format", "form", type=click.Choice(["text", "markdown", "json"]), default="text", help="For whom.")
def command(
    paths: tuple[Path, ...],
    *,
    chosen: tuple[str, ...],
    rate: Fraction | None,
    errors: Fraction | None,
    url: str | None,
    chart: bool,
    svg: Path | None,
    alertmanager: bool,
    templates: Path | None,
    form: str,
    **connection: Any,
) -> None:
    """
    Tell what the numbers of the SLOs at PATH mean, a file or a folder, slos/
    by default: the error budget as an outage and as events, when each alert
    fires and resets, what an SLO's parts can promise together, and what to
    beware of. With --prometheus, what --rate and --errors do not say is that
    of the last day there; exit 4 when the server gives no answer.
    """
    if alertmanager and (form != "text" or chart or svg or rate or errors or url):
        message = "--alertmanager prints YAML alone; call it with nothing but --slo and --templates"
        raise Refused(message)
    project = open_project(paths or (Path("slos"),), form="json" if form == "json" else "text", templates=templates)
    compilation = project.compile((), None, strict=False, emit=False)
    slos = choose(compilation.slos, chosen)
    try:
        if alertmanager:
            _print_alertmanager(slos, project.prose)
            return
        if svg:
            _draw(slos, svg, project.prose)
        from slogen.explain import explain

        days = _ask(slos, chosen_access(url, connection)) if url else {}
        explained = []
        for slo in slos:
            day = days.get(slo.id)
            its_rate, its_errors = rate or (day and day.rate), (day and day.errors) if errors is None else errors
            explained.append(explain(slo, rate=its_rate, errors=its_errors, combined=compilation.combined.get(slo.id)))
        if form == "json":
            _print_data(explained, compilation.warnings, project.prose)
        else:
            _print(explained, form, project.prose, chart=chart)
    except CompileError as error:  # a template of the user's own
        project.refuse(error.diagnostics)


def _ask(slos: list[Slo], given: "Access") -> dict[str, "Usual"]:
    """A day as any other of each SLO of which the server can tell it; of the others it is said why not."""
    from slogen.live.asking import Asking
    from slogen.live.faults import PrometheusError
    from slogen.live.prometheus import connect
    from slogen.live.traffic import usual

    found = {}
    try:
        with closing(connect(given)) as connection:
            asking = Asking(connection, connection.now())
            for slo in slos:
                day = usual(slo, asking)
                if isinstance(day, str):
                    click.echo(f"{slo.id}: how many events there are is not known: {day}", err=True)
                else:
                    found[slo.id] = day
    except PrometheusError as error:
        click.echo(f"Error: {given.url}: {error}", err=True)
        raise SystemExit(EXIT_SERVER) from error
    return found


def _print_alertmanager(slos: list[Slo], prose: Prose) -> None:
    from slogen.alertmanager import fragment

    click.echo(prose.report("alertmanager/alertmanager.yaml.j2", fragment(slos)), nl=False)


def _draw(slos: list[Slo], svg: Path, prose: Prose) -> None:
    from slogen.explain.chart import drawing

    charts = [drawing(slo) for slo in slos if slo.alerts]
    if not charts:
        message = "none of these SLOs has a page or ticket, so there is nothing to draw"
        raise Refused(message)
    text = prose.report("explain/detection.svg.j2", {"charts": charts})
    try:
        svg.write_text(text, "utf-8", newline="\n")
    except OSError as error:
        message = f"{svg} cannot be written: {error.strerror}"
        raise Refused(message) from error


def _print(explained: list["Explanation"], form: str, prose: Prose, *, chart: bool) -> None:
    from slogen.explain import nines
    from slogen.explain.chart import chart as drawn
    from slogen.explain.view import nines as rows
    from slogen.explain.view import views

    slos = [
        said | {"chart": drawn(one.slo) if chart else ""}
        for one, said in zip(explained, views(explained, prose), strict=True)
    ]
    given = {"slos": slos, "nines": rows(nines(one.slo for one in explained))}
    ending = "md" if form == "markdown" else "txt"
    click.echo(prose.report(f"explain/explain.{ending}.j2", given), nl=False)


def _print_data(explained: list["Explanation"], warnings: tuple[Diagnostic, ...], prose: Prose) -> None:
    from slogen.explain import nines
    from slogen.explain.data import data, downtime
    from slogen.explain.view import views

    slos = [data(one, said["warnings"]) for one, said in zip(explained, views(explained, prose), strict=True)]
    print_json(
        {"diagnostics": as_data(warnings), "slos": slos, "downtime": downtime(nines(one.slo for one in explained))}
    )

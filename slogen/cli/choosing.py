"""The option that names some of the SLOs, and those that it names."""

from typing import Final

import click

from slogen import Slo
from slogen.cli.project import Refused
from slogen.diagnostics import did_you_mean

slo_option: Final = click.option(
    "--slo", "chosen", multiple=True, metavar="SLO", help="Only this one: service/slo, or its id."
)


def choose(slos: tuple[Slo, ...], chosen: tuple[str, ...]) -> list[Slo]:
    """
    Those of *slos* that are *chosen*; all, where none is.

    Raises:
        Refused: one is not among them.
    """
    names = {name: slo for slo in slos for name in (slo.id, f"{slo.service}/{slo.name}")}
    for name in chosen:
        if name not in names:
            message = f"there is no SLO {name!r}{did_you_mean(name, names)}"
            raise Refused(message)
    ids = {names[name].id for name in chosen}
    return [slo for slo in slos if not chosen or slo.id in ids]

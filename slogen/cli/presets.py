"""slogen presets: the recipes, listed and explained."""

import textwrap
from typing import Any

import click

from slogen import presets
from slogen.cli.output import print_json
from slogen.cli.project import Refused
from slogen.diagnostics import did_you_mean
from slogen.spec.reading import keys


@click.command("presets", short_help="List and explain SLI recipes.")
@click.argument("name", required=False)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="For people or programs.")
def command(name: str | None, form: str) -> None:
    """List the presets, or explain the one called NAME."""
    if name is None:
        _list(form)
    elif name in presets.names():
        _explain(name, form)
    else:
        message = f"unknown preset {name!r}{did_you_mean(name, presets.names())}"
        raise Refused(message)


def _list(form: str) -> None:
    rows: list[dict[str, Any]] = [
        {"name": name, "kinds": _kinds(name), "measures": _headline(name)} for name in presets.names()
    ]
    if form == "json":
        print_json(rows)
        return
    width = max(len(row["name"]) for row in rows)
    for row in rows:
        click.echo(f"{row['name']:{width}}  {', '.join(row['kinds'])}")
        click.echo(_indented(row["measures"], width + 2))


def _explain(name: str, form: str) -> None:
    parameters = _parameters(name)
    if form == "json":
        print_json({"name": name, "kinds": _kinds(name), "manual": presets.manual(name), "parameters": parameters})
        return
    click.echo(presets.manual(name))
    click.echo("\nParameters, under 'with':\n")
    for parameter in parameters:
        needed = (
            "required"
            if parameter["required"]
            else f"default {parameter['default']}"
            if parameter["default"]
            else "optional"
        )
        click.echo(_indented(f"{parameter['name']} ({needed})", 2, 6))
        click.echo(_indented(parameter["description"], 6))


def _indented(text: str, spaces: int, further: int | None = None) -> str:
    """*text* in 80 columns, its lines from the second on indented *further*."""
    following = spaces if further is None else further
    return textwrap.fill(text, 80, initial_indent=" " * spaces, subsequent_indent=" " * following)


def _kinds(name: str) -> list[str]:
    preset = presets.load(name)
    return [kind for kind in ("availability", "latency") if getattr(preset, kind) is not None]


def _headline(name: str) -> str:
    return presets.manual(name).splitlines()[0]


def _parameters(name: str) -> list[dict[str, Any]]:
    shape = presets.load(name).params
    fields = zip(keys(shape), shape.model_fields.values(), strict=True)
    return [
        {
            "name": key,
            "required": field.is_required(),
            "default": None if field.is_required() or field.default_factory else field.default,
            "description": field.description or "",
        }
        for key, field in fields
    ]

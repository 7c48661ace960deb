"""The JSON Schema of both files, for editors: what the models and every preset's parameters say."""

from typing import Any

from slogen import presets
from slogen.shape import Shape, shapes
from slogen.spec import AvailabilitySpec, FileSpec, LatencySpec, OrganisationSpec, QuerySpec, SliSpec, SloSpec
from slogen.spec.checks import SnoozeSpec
from slogen.spec.parts import PartSpec

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def document() -> dict[str, Any]:
    """The schema of an SLO file, and of slogen.yaml where a file has neither a service nor SLOs."""
    params = [presets.load(name).params for name in presets.names()]
    roots: list[type[Shape]] = [FileSpec, SloSpec, PartSpec, SnoozeSpec, OrganisationSpec, *params]
    definitions = dict(sorted(_definitions(roots).items()))
    _complete(definitions)
    return {
        "$schema": DIALECT,
        "title": "slogen/v1",
        "type": "object",
        "if": {"anyOf": [{"required": [key]} for key in ("service", "slos")]},
        "then": _ref(FileSpec),
        "else": _ref(OrganisationSpec),
        "$defs": definitions,
    }


def _definitions(roots: list[type[Shape]]) -> dict[str, Any]:
    """Every shape that *roots* are made of, by name."""
    found: dict[str, Any] = {}
    waiting = list(roots)
    while waiting:
        shape = waiting.pop()
        if shape.__name__ not in found:
            found[shape.__name__] = shape.definition()
            waiting += (inner for field in shape.model_fields.values() for inner in shapes(field.annotation))
    return found


def _complete(definitions: dict[str, Any]) -> None:
    """What the models leave to later stages and a schema can say all the same."""
    definitions[FileSpec.__name__]["properties"]["slos"]["items"] = _ref(SloSpec)
    _complete_parts(definitions)
    definitions[SloSpec.__name__]["properties"]["checks"]["items"] = _ref(SnoozeSpec)
    definitions[SloSpec.__name__]["properties"]["group_by"]["uniqueItems"] = True
    definitions[SliSpec.__name__] |= {"minProperties": 1, "maxProperties": 1}
    either = {"oneOf": [{"required": ["bad"]}, {"required": ["good"]}]}
    definitions[QuerySpec.__name__] |= {"required": ["total"], **either}
    own = {"required": ["total"], **either, "not": {"anyOf": [{"required": ["preset"]}, {"required": ["with"]}]}}
    taken = {"not": {"anyOf": [{"required": [key]} for key in ("total", "bad", "good")]}}
    definitions[AvailabilitySpec.__name__]["oneOf"] = [own, *_with_preset("availability", taken)]
    definitions[LatencySpec.__name__] |= {"required": ["threshold"], "oneOf": _latencies()}


def _latencies() -> list[dict[str, Any]]:
    """A histogram or its parts, or a preset."""
    parts = ("histogram", "count", "bucket")
    no_native = {"properties": {"native": {"enum": [False, "false"]}}}
    own = {
        "oneOf": [
            {"required": ["histogram"], "not": {"anyOf": [{"required": [key]} for key in ("count", "bucket")]}},
            {"required": ["count", "bucket"], "not": {"required": ["histogram"]}, **no_native},
        ],
        "not": {"anyOf": [{"required": ["preset"]}, {"required": ["with"]}]},
    }
    taken = {"not": {"anyOf": [{"required": [key]} for key in (*parts, "unit")]}, "allOf": [no_native]}
    return [own, *_with_preset("latency", taken)]


def _complete_parts(definitions: dict[str, Any]) -> None:
    """What an SLO depends on: names of SLOs, and parts of exactly one kind."""
    part = {"anyOf": [{"type": "string", "pattern": r"^[a-z0-9][-a-z0-9]*(/[a-z0-9][-a-z0-9]*)?$"}, _ref(PartSpec)]}
    definitions[SloSpec.__name__]["properties"]["depends_on"]["items"] = part
    definition = definitions[PartSpec.__name__]
    for key in ("series", "parallel"):
        definition["properties"][key]["items"] = part
    definition |= {
        "oneOf": [{"required": [key]} for key in ("slo", "availability", "series", "parallel")],
        "dependentRequired": {"availability": ["name"], "name": ["availability"]},
    }


def _with_preset(kind: str, more: dict[str, Any]) -> list[dict[str, Any]]:
    """For each preset of a kind: its name, and its parameters where it has any that must be given."""
    found = []
    for name in presets.names():
        preset = presets.load(name)
        if getattr(preset, kind) is not None:
            needed = any(field.is_required() for field in preset.params.model_fields.values())
            properties = {"preset": {"const": name}, "with": _ref(preset.params)}
            found.append({"properties": properties, "required": ["preset", "with"] if needed else ["preset"], **more})
    return found


def _ref(shape: type[Shape]) -> dict[str, str]:
    return {"$ref": f"#/$defs/{shape.__name__}"}

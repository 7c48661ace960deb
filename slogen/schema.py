"""The JSON Schema of both files, for editors: what the models and every preset's parameters say."""

from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, models_json_schema

from slogen import presets
from slogen.spec import AvailabilitySpec, FileSpec, LatencySpec, OrganisationSpec, QuerySpec, Shape, SliSpec, SloSpec

DIALECT = "https://json-schema.org/draft/2020-12/schema"


class _Generator(GenerateJsonSchema):
    """Leaves out null: an optional key is left out, never written as nothing."""

    def nullable_schema(self, schema: Any) -> dict[str, Any]:
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: Any) -> dict[str, Any]:
        described = super().default_schema(schema)
        if described.get("default", 0) is None:
            del described["default"]
        return described


def document() -> dict[str, Any]:
    """The schema of an SLO file, and of slogen.yaml where a file has neither a service nor SLOs."""
    shapes: list[type[Shape]] = [
        FileSpec,
        SloSpec,
        OrganisationSpec,
        *(presets.load(name).params for name in presets.names()),
    ]
    mode: JsonSchemaMode = "validation"
    _, described = models_json_schema([(shape, mode) for shape in shapes], by_alias=True, schema_generator=_Generator)
    definitions = described["$defs"]
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


def _complete(definitions: dict[str, Any]) -> None:
    """What the models leave to later stages and a schema can say all the same."""
    definitions[FileSpec.__name__]["properties"]["slos"]["items"] = _ref(SloSpec)
    definitions[SliSpec.__name__] |= {"minProperties": 1, "maxProperties": 1}
    either = {"oneOf": [{"required": ["bad"]}, {"required": ["good"]}]}
    definitions[QuerySpec.__name__] |= either
    own = {"required": ["total"], **either, "not": {"anyOf": [{"required": ["preset"]}, {"required": ["with"]}]}}
    taken = {"not": {"anyOf": [{"required": [key]} for key in ("total", "bad", "good")]}}
    definitions[AvailabilitySpec.__name__]["oneOf"] = [own, *_with_preset("availability", taken)]
    parts = ("histogram", "count", "bucket")
    own = {
        "oneOf": [{"required": ["histogram"]}, {"required": ["count", "bucket"]}],
        "not": {"anyOf": [{"required": ["preset"]}, {"required": ["with"]}]},
    }
    taken = {"not": {"anyOf": [{"required": [key]} for key in (*parts, "unit")]}}
    definitions[LatencySpec.__name__]["oneOf"] = [own, *_with_preset("latency", taken)]


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

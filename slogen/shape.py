"""
What a mapping in a file may hold: a class whose annotations say it, for pydantic's core to judge by.

A shape is declared and used like a pydantic model, and has of one what slogen needs. Loading `pydantic.BaseModel`
takes longer than compiling a small file; pydantic's core, which judges values for both, does not.
"""

import types
from collections.abc import Callable, Mapping
from enum import Enum
from typing import (
    Annotated,
    Any,
    ClassVar,
    Final,
    Literal,
    NoReturn,
    Self,
    Union,
    cast,
    get_args,
    get_origin,
)

from pydantic_core import CoreSchema, SchemaValidator, ValidationError
from pydantic_core import core_schema as core

__all__ = ["NOT_EMPTY", "Field", "Scalar", "Shape", "Switch", "ValidationError", "shapes"]

JsonSchema = dict[str, Any]

_REQUIRED: Final = object()
NOT_EMPTY: Final = "at least one"
"""In the annotation of a list: it has at least one entry."""


class _Field:
    """A key: its default, its name where that is no Python name, and what it is for."""

    __slots__ = ("alias", "annotation", "default", "default_factory", "description")

    def __init__(
        self,
        default: Any = _REQUIRED,
        *,
        default_factory: Callable[[], Any] | None = None,
        alias: str | None = None,
        description: str = "",
    ) -> None:
        self.default, self.default_factory = default, default_factory
        self.alias, self.description = alias, description
        self.annotation: Any = None

    def is_required(self) -> bool:
        """Whether the key must be written."""
        return self.default is _REQUIRED and self.default_factory is None

    def core(self) -> core.ModelField:
        """How pydantic's core judges the key."""
        schema = _core(self.annotation)
        if self.default_factory:
            schema = core.with_default_schema(schema, default_factory=self.default_factory)
        elif self.default is not _REQUIRED:
            schema = core.with_default_schema(schema, default=self.default)
        return core.model_field(schema, validation_alias=self.alias)

    def json(self) -> JsonSchema:
        """How a JSON Schema describes the key."""
        schema = _json(self.annotation)
        if self.description:
            schema = {**schema, "description": self.description}
        if not self.is_required() and self.default_factory is None and self.default is not None:
            schema = {**schema, "default": getattr(self.default, "value", self.default)}
        return schema


def Field(  # noqa: N802 - the name that pydantic gives it
    default: Any = _REQUIRED,
    *,
    default_factory: Callable[[], Any] | None = None,
    alias: str | None = None,
    description: str = "",
) -> Any:
    """The key that an annotated name of a shape stands for; without a default it must be written."""
    return _Field(default, default_factory=default_factory, alias=alias, description=description)


class Scalar:
    """
    In an annotation: how a text becomes a value.

    Attributes:
        read: gives the value, or raises a `PydanticCustomError`.
        schema: the JSON Schema of what `read` takes.
    """

    __slots__ = ("read", "schema")

    def __init__(self, read: Callable[[Any], Any], schema: Mapping[str, Any]) -> None:
        self.read, self.schema = read, schema


class Switch:
    """
    In an annotation: what may be written in a value's place.

    Attributes:
        read: gives the value that a word stands for, anything else as it is.
        schema: the JSON Schema of the words.
    """

    __slots__ = ("read", "schema")

    def __init__(self, read: Callable[[Any], Any], schema: Mapping[str, Any]) -> None:
        self.read, self.schema = read, schema


class Shape:
    """What every mapping in a file has in common: no key that slogen does not know."""

    __slots__ = ("__dict__", "__pydantic_extra__", "__pydantic_fields_set__", "__pydantic_private__")

    model_fields: ClassVar[Mapping[str, _Field]] = {}
    """The keys, by the names that they have in Python."""
    _built: ClassVar[SchemaValidator]
    _empty: ClassVar["Shape"]

    def __init_subclass__(cls) -> None:
        fields = dict(cls.model_fields)
        for name, annotation in cls.__annotations__.items():
            field = cls.__dict__.get(name, _REQUIRED)
            if not isinstance(field, _Field):
                field = _Field(field)
            field.annotation = annotation
            fields[name] = field
            if name in cls.__dict__:
                delattr(cls, name)
        cls.model_fields = types.MappingProxyType(fields)

    def __init__(self, **data: Any) -> None:
        self._validator().validate_python(data, self_instance=self)

    def __setattr__(self, name: str, value: object) -> NoReturn:
        message = f"a {type(self).__name__} does not change; {name} was to be {value!r}"
        raise AttributeError(message)

    @classmethod
    def model_validate(cls, data: Any) -> Self:
        """
        *data* as this shape.

        Raises:
            ValidationError: it is not one; the error holds every mistake.
        """
        return cast("Self", cls._validator().validate_python(data))

    @classmethod
    def _validator(cls) -> SchemaValidator:
        """Built when it is first asked for: of all shapes, a command needs few."""
        if "_built" not in cls.__dict__:
            cls._built = SchemaValidator(_core(cls))
        return cls._built

    @classmethod
    def empty(cls) -> Self:
        """The shape with nothing written, always the same one: shapes do not change."""
        if "_empty" not in cls.__dict__:
            cls._empty = cls()
        return cast("Self", cls._empty)

    @property
    def model_fields_set(self) -> set[str]:
        """The keys that were written, by the names that they have in Python."""
        return cast("set[str]", getattr(self, "__pydantic_fields_set__"))  # noqa: B009 - no name of the class's own

    @classmethod
    def definition(cls) -> JsonSchema:
        """The shape as a JSON Schema has it."""
        fields = [(field.alias or name, field) for name, field in cls.model_fields.items()]
        required = [key for key, field in fields if field.is_required()]
        return {
            "type": "object",
            "description": (cls.__doc__ or "").strip(),
            "properties": {key: field.json() for key, field in fields},
            **({"required": required} if required else {}),
            "additionalProperties": False,
        }


def shapes(annotation: Any) -> list[type[Shape]]:
    """The shapes that an annotation names, the outermost of each branch."""
    if _is_a(annotation, Shape):
        return [annotation]
    return [shape for part in get_args(annotation) for shape in shapes(part)]


def _core(annotation: Any) -> CoreSchema:  # noqa: PLR0911 - one for each kind of annotation
    """How pydantic's core judges a value with this annotation."""
    origin, args = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _core_noted(args[0], args[-1])
    if origin in (Union, types.UnionType):
        return core.nullable_schema(_core(_optional(args)))
    if origin is Literal:
        return core.literal_schema(list(args))
    if origin is list:
        return core.list_schema(_core(args[0]))
    if origin is dict:
        return core.dict_schema(*map(_core, args))
    if _is_a(annotation, Enum):
        return core.enum_schema(annotation, list(annotation), sub_type="str")
    if _is_a(annotation, Shape):
        fields = {name: field.core() for name, field in annotation.model_fields.items()}
        return core.model_schema(annotation, core.model_fields_schema(fields, extra_behavior="forbid"))
    return core.any_schema()


def _core_noted(annotation: Any, note: Any) -> CoreSchema:
    match note:
        case Scalar():
            return core.no_info_plain_validator_function(note.read)
        case Switch():
            return core.no_info_before_validator_function(note.read, _core(annotation))
        case _:
            return core.list_schema(_core(get_args(annotation)[0]), min_length=1)


def _json(annotation: Any) -> JsonSchema:  # noqa: PLR0911 - one for each kind of annotation
    """What a JSON Schema says of a value with this annotation; nothing of null: an optional key is left out."""
    origin, args = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _json_noted(args[0], args[-1])
    if origin in (Union, types.UnionType):
        return _json(_optional(args))
    if origin is Literal:
        return {"enum": list(args)}
    if origin is list:
        return {"type": "array", "items": _json(args[0])}
    if origin is dict:
        return {"type": "object", "propertyNames": _json(args[0]), "additionalProperties": _json(args[1])}
    if _is_a(annotation, Enum):
        return {"enum": [member.value for member in annotation]}
    if _is_a(annotation, Shape):
        return {"$ref": f"#/$defs/{annotation.__name__}"}
    return {}


def _json_noted(annotation: Any, note: Any) -> JsonSchema:
    match note:
        case Scalar():
            return dict(note.schema)
        case Switch():
            return {"anyOf": [_json(annotation), dict(note.schema)]}
        case _:
            return {**_json(annotation), "minItems": 1}


def _optional(args: tuple[Any, ...]) -> Any:
    """What may be there; of unions, shapes have only those with None."""
    (inner,) = (arg for arg in args if arg is not types.NoneType)
    return inner


def _is_a(annotation: Any, kind: type) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, kind)

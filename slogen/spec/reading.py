"""What was written, read as a shape; our words for what is wrong with it."""

from collections.abc import Mapping, Sequence
from itertools import takewhile
from typing import Any, TypeVar

from pydantic_core import ErrorDetails

from slogen.diagnostics import Report, close, did_you_mean, shown
from slogen.scalars import found
from slogen.shape import Shape, ValidationError, shapes
from slogen.source import Path, Source

_WANTED = {
    **dict.fromkeys(("model_type", "dict_type", "model_attributes_type"), "a mapping"),
    "list_type": "a list",
    "string_type": "text",
}
"""What was expected, by pydantic's name for the mistake."""


_S = TypeVar("_S", bound=Shape)


def check(shape: type[_S], data: Any, source: Source, path: Path, report: Report) -> _S | None:
    """*data*, written at *path*, as a *shape*; None and every mistake in *report* when it is not one."""
    try:
        return shape.model_validate(data)
    except ValidationError as error:
        for detail in error.errors(include_url=False):
            _tell(detail, shape, source, path, report)
        return None


def salvage(shape: type[_S], data: Mapping[str, Any], stand_in: Mapping[str, Any]) -> _S:
    """What is right in *data*, however deep; *stand_in*, which is a *shape*, is in the place of what is not."""
    right = {**stand_in, **_copy(data)}
    while True:
        try:
            return shape.model_validate(right)
        except ValidationError as error:
            wrong = [_wrong(detail, stand_in) for detail in error.errors(include_url=False)]
            replaced = sum(_replace(right, steps, stand_in) for steps in wrong)
            if not replaced:
                right = dict(stand_in)


def _copy(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _copy(inner) for key, inner in value.items()}
    return list(map(_copy, value)) if isinstance(value, list) else value


def _wrong(detail: ErrorDetails, stand_in: Mapping[str, Any]) -> list[str]:
    """The way to what must go for a mistake to be gone; the rest of a list would have other places."""
    steps = [str(step) for step in takewhile(lambda step: isinstance(step, str), detail["loc"]) if step != "[key]"]
    lost = detail["type"] == "missing" and _at(stand_in, steps) is None
    return steps[:-1] if lost else steps


def _at(data: Any, steps: Sequence[str]) -> Any:
    for step in steps:
        data = data.get(step) if isinstance(data, Mapping) else None
    return data


def _replace(data: dict[str, Any], steps: Sequence[str], stand_in: Mapping[str, Any]) -> bool:
    """Put what *stand_in* has at *steps*, or nothing, into *data*; whether there was anything to be done."""
    holder = _at(data, steps[:-1])
    if not steps or not isinstance(holder, dict):
        return False
    right, before = _at(stand_in, steps), holder.pop(steps[-1], None)
    if right is not None:
        holder[steps[-1]] = right
    return bool(before != right)


def _tell(detail: ErrorDetails, shape: type[Shape], source: Source, path: Path, report: Report) -> None:
    location = tuple(step for step in detail["loc"] if step != "[key]")
    where, last = (*path, *location), str(location[-1]) if location else ""
    kind = detail["type"]
    if kind == "missing":
        report.error(source.position(where), "missing-key", f"key {last!r} is missing")
    elif kind == "extra_forbidden":
        known = keys(_shape_at(shape, location[:-1]))
        report.error(source.key(where), "unknown-key", f"unknown key {shown(last)}{did_you_mean(last, known)}")
    else:
        place = source.key(where) if "[key]" in detail["loc"] else source.position(where)
        report.error(place, *_words(detail))


def _words(detail: ErrorDetails) -> tuple[str, str]:
    """The code and message of a value that has the wrong type or is none of those allowed."""
    kind, value, context = detail["type"], detail["input"], detail.get("ctx", {})
    if wanted := _WANTED.get(kind):
        return "wrong-type", f"expected {wanted}, found {found(value)}"
    match kind:
        case "too_short":
            return "empty-list", "expected at least one entry, found none"
        case "enum" | "literal_error":
            expected = str(context["expected"]).replace("'", "").replace(" or ", ", ").split(", ")
            one_of = f"expected {'one of ' if len(expected) > 1 else ''}{', '.join(expected)}, found {found(value)}"
            if not isinstance(value, str):
                return "wrong-type", one_of
            return "bad-value", one_of + (close(value, expected) if len(expected) > 1 else "")
        case _:
            return kind, detail["msg"]


def _shape_at(shape: type[Shape], location: Sequence[str | int]) -> type[Shape]:
    """The innermost shape on the way that *location* takes."""
    at: Any = shape
    for step in location:
        inner = next(iter(shapes(at)), None)
        if inner is None:
            continue
        field = next((f for name, f in inner.model_fields.items() if step in (name, f.alias)), None)
        if field is not None:
            at = field.annotation
    return next(iter(shapes(at)), shape)


def keys(shape: type[Shape]) -> list[str]:
    """The keys that a shape may have, as they are written."""
    return [field.alias or name for name, field in shape.model_fields.items()]

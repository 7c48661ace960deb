"""The shape of what stands under `depends_on`, and our words for what is wrong with it."""

from typing import Annotated, Any, Final

from slogen import naming, parts
from slogen.diagnostics import shown
from slogen.layout import printable
from slogen.parts import Given, Parallel, Part, Reference, Series
from slogen.scalars import Filled, Objective, found
from slogen.scope import Scope
from slogen.shape import NOT_EMPTY, Field, Shape
from slogen.source import Path
from slogen.spec.reading import check, salvage

_KINDS: Final = ("slo", "availability", "series", "parallel")


class PartSpec(Shape):
    """A part that an SLO depends on: another SLO, a given availability, or parts in series or parallel."""

    slo: Filled | None = Field(None, description="Another SLO, as service/slo or by its id.")
    name: Filled | None = Field(None, description="What promises the given availability.")
    availability: Objective | None = Field(None, description="What somebody else promises, a percentage like 99.95.")
    series: Annotated[list[Any], NOT_EMPTY] | None = Field(None, description="Parts of which every one is needed.")
    parallel: Annotated[list[Any], NOT_EMPTY] | None = Field(None, description="Parts of which any one is enough.")


def read_parts(written: list[Any], path: Path, scope: Scope) -> Series | None:
    """What an SLO at *path* says under `depends_on`, in series; None when nothing of it is right."""
    found = _several(written, (*path, "depends_on"), path, scope)
    if not found:
        return None
    whole = Series(found)
    if parts.size(whole) > parts.MOST:
        message = f"an SLO has at most {parts.MOST} parts, this one has {parts.size(whole)}"
        scope.error((*path, "depends_on"), "many-parts", f"{message}; give some of them an SLO of their own")
        return None
    return whole


def _several(written: list[Any], path: Path, slo: Path, scope: Scope) -> tuple[Part, ...]:
    read = (_part(entry, (*path, index), slo, scope) for index, entry in enumerate(written))
    return tuple(part for part in read if part is not None)


def _part(written: Any, path: Path, slo: Path, scope: Scope) -> Part | None:  # noqa: ANN401 - parsed YAML is anything
    if isinstance(written, str):
        return _reference(written, path, slo, scope)
    if not isinstance(written, dict):
        message = f"expected an SLO like payment/availability or a mapping, found {found(written)}"
        scope.error(path, "wrong-type", message)
        return None
    spec = check(PartSpec, written, scope.source, path, scope.report)
    if spec is None or not _is_one(spec, path, scope):
        _check_parts(spec or salvage(PartSpec, written, {}), path, slo, scope)
        return None
    if spec.slo is not None:
        return _reference(spec.slo, (*path, "slo"), slo, scope)
    if spec.availability is not None:
        return Given(printable(spec.name or ""), spec.availability)
    key, kind, inner = ("series", Series, spec.series) if spec.series else ("parallel", Parallel, spec.parallel)
    several = _several(inner or [], (*path, key), slo, scope)
    return kind(several) if several else None


def _check_parts(spec: PartSpec, path: Path, slo: Path, scope: Scope) -> None:
    """Tell what is wrong within a part that is wrong itself."""
    for key, inner in (("series", spec.series), ("parallel", spec.parallel)):
        _several(inner or [], (*path, key), slo, scope)
    if spec.slo is not None:
        _reference(spec.slo, (*path, "slo"), slo, scope)


def _is_one(spec: PartSpec, path: Path, scope: Scope) -> bool:
    """Whether a part is of exactly one kind; else that is told."""
    kinds = [key for key in _KINDS if getattr(spec, key) is not None]
    if not kinds:
        scope.error(path, "missing-key", f"a part has one of the keys {', '.join(_KINDS)}")
    elif len(kinds) > 1:
        message = f"{kinds[0]!r} and {kinds[1]!r} exclude each other; a part is of one kind"
        scope.key_error((*path, kinds[1]), "excluded-key", message)
    elif spec.availability is not None and spec.name is None:
        scope.error(path, "missing-key", "key 'name' is missing; say who promises this availability")
    elif spec.name is not None and spec.availability is None:
        message = f"'name' belongs to a given availability, and {kinds[0]!r} needs none; drop it"
        scope.key_error((*path, "name"), "excluded-key", message)
    else:
        return True
    return False


def _reference(text: str, path: Path, slo: Path, scope: Scope) -> Reference | None:
    names = text.split("/")
    longest = naming.MAXIMUM_NAME if len(names) > 1 else 2 * naming.MAXIMUM_NAME + 1
    if len(names) <= 2 and all(naming.NAME.fullmatch(name) and len(name) <= longest for name in names):  # noqa: PLR2004
        return Reference(text, path[len(slo) :])
    message = f"{shown(text)} names no SLO; write service and SLO like payment/availability, or the SLO's id"
    scope.error(path, "bad-name", message)
    return None

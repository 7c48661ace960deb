"""
SLO files to alert rules that can be trusted.

    compilation = slogen.compile({"slos/checkout.yaml": text})
    for artifact in compilation.artifacts:
        print(artifact.path, artifact.text)

    for slo in slogen.diff({"slos/checkout.yaml": before}, {"slos/checkout.yaml": text}).slos:
        print(slo.id, [term.message for term in slo.terms])
"""

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from slogen.backends._backend import Artifact
    from slogen.changes import Comparison
    from slogen.compiler import Compilation, Content, compile
    from slogen.diagnostics import CompileError, Diagnostic, Position
    from slogen.model import Slo

__all__ = ["Artifact", "Compilation", "CompileError", "Diagnostic", "Position", "Slo", "compile", "diff"]


_HOMES = {
    "backends._backend": ("Artifact",),
    "compiler": ("Compilation", "compile"),
    "diagnostics": ("CompileError", "Diagnostic", "Position"),
    "model": ("Slo",),
}


def __getattr__(name: str) -> object:
    """What the API names is loaded when it is asked for: the command line has to go first, and loads no more."""
    home = next((home for home, names in _HOMES.items() if name in names), None)
    if home is None:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    return getattr(import_module(f"{__name__}.{home}"), name)


def diff(
    before: Mapping[str, "Content"],
    after: Mapping[str, "Content"],
    *,
    organisation_before: "tuple[str, Content] | None" = None,
    organisation: "tuple[str, Content] | None" = None,
) -> "Comparison":
    """
    What differs between SLO files as they were *before* and as they are *after*, text by name.

    Args:
        organisation_before: name and text of slogen.yaml as it was.
        organisation: the same as it is.

    Raises:
        CompileError: what is *after* does not compile; what does not of *before* is a note.
    """
    from slogen.changes.comparing import compare  # late: to compile takes none of it
    from slogen.changes.compiling import Sources, compiled
    from slogen.changes.sides import sides

    old, new = Sources("before", before, organisation_before), Sources("after", after, organisation)
    return compare(*sides(old, new, *compiled(old, new, map)))

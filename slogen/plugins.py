"""Finds the modules of a package, so that adding a file is all it takes."""

import importlib
import importlib.util
import inspect
import pkgutil
from functools import cache
from types import ModuleType


@cache
def names(package: str) -> tuple[str, ...]:
    """
    What users call the modules of *package*: their file names with hyphens; a leading underscore hides one.

    Nothing of the package is loaded.
    """
    spec = importlib.util.find_spec(package)
    found = pkgutil.iter_modules(spec.submodule_search_locations if spec else ())
    return tuple(sorted(module.name.replace("_", "-") for module in found if not module.name.startswith("_")))


def module(package: str, name: str) -> ModuleType:
    """The module called *name*, one of `names`."""
    return importlib.import_module(f"{package}.{name.replace('-', '_')}")


def manual(package: str, name: str) -> str:
    """The manual page of the module called *name*: its docstring, whose first line says what it is."""
    return inspect.cleandoc(module(package, name).__doc__ or "")

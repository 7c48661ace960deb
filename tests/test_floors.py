"""Imports only point down: what slogen is built of stands on floors, and this reads the imports to hold them."""

import ast
from collections.abc import Iterator
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import slogen

ROOT = Path(slogen.__file__).parent

FLOORS = (
    ("documents", "units", "diagnostics", "codes", "plugins", "gotemplate", "shape", "layout", "yaml_text"),
    (
        "naming",
        "manifest",
        "promql",
        "yaml_tree",
        "source",
        "rule_files",
        "prose",
        "parts",
        "bounds",
        "monitoring_filter",
    ),
    ("model", "scalars", "scope", "spec"),
    ("policy", "organisation", "presets"),
    ("rules", "resolve", "sli_promql", "coverage", "schema"),
    (
        "conditions",
        "promrules",
        "stencils",
        "backfill",
        "monitoring",
        "packs",
        "stages",
        "proofs",
    ),
    ("backends",),
    ("dependencies", "objecting", "compiler", "explain", "alertmanager", "replay", "changes", "page"),
    ("slogen", "pushing"),  # the API: slogen/__init__.py
    ("live", "files", "revisions", "repository", "writing", "promtool"),
    ("cli",),
)
"""From the ground up; a package's modules stand where it does, and ``_*`` is every module that begins so."""

LIBRARIES = {
    "click": ("cli",),
    "jinja2": ("prose",),
    "jsonschema": ("documents",),
    "prometheus_api_client": ("live.prometheus",),
    "promql_parser": ("promql",),
    "pydantic_core": ("shape", "scalars", "spec.reading"),
    "requests": ("live.session", "live.deadline"),
    "urllib3": ("live.session", "live.deadline", "live.prometheus"),
    "yaml": ("source", "yaml_tree"),
}
"""Where each third-party library may be imported; others may be nowhere."""

SHELL = {
    # Disk, processes, network, clock and environment, and who may reach them.
    "errno": ("files", "cli"),
    "os": ("files", "revisions", "repository", "writing", "promtool", "live.cache", "cli"),
    # prose finds the templates that slogen brings
    "pathlib": ("files", "revisions", "repository", "writing", "promtool", "live.cache", "cli", "prose"),
    "importlib": ("plugins", "cli", "slogen"),
    "pkgutil": ("plugins", "documents"),  # documents reads the schemas that stand beside it
    "sys": ("cli",),
    "gc": ("cli",),
    "multiprocessing": ("cli",),
    "signal": ("cli",),
    "shutil": ("promtool", "cli.backfill"),
    "subprocess": ("promtool", "revisions", "cli.backfill"),
    "posixpath": ("revisions", "repository"),
    "tempfile": ("live.cache", "cli"),
    "time": ("promtool", "cli.backfill", "cli.replaying", "cli.validate", "live"),
    "shlex": ("cli",),
    "random": ("live",),
    "email": ("live",),
    "threading": ("live",),
    "base64": ("live", "page"),
    "urllib": ("live", "cli.reports", "cli.remarks"),
    "stat": ("live.cache",),
    "io": ("live.deadline",),
    "http": ("live.deadline",),
    **dict.fromkeys(("glob", "socket"), ()),
    "datetime": ("scalars", "page"),  # it knows the calendar
    **dict.fromkeys(("secrets", "uuid", "getpass", "platform", "locale", "logging"), ()),
}

PURE = {
    *("ast", "codecs", "collections", "contextlib", "dataclasses", "decimal", "difflib", "enum", "fnmatch"),
    *("hashlib",),
    *("fractions", "functools", "inspect", "itertools", "json", "operator", "re", "string", "traceback", "types"),
    *("typing", "textwrap", "math", "heapq", "bisect", "xml", "concurrent", "array", "hashlib", "zlib"),
}
"""What anything may import: it reaches nothing outside the process."""


def modules() -> dict[str, Path]:
    """Every module of slogen, ``slogen`` itself among them, without that prefix."""
    names = {".".join(path.relative_to(ROOT).with_suffix("").parts): path for path in ROOT.rglob("*.py")}
    return {name.removesuffix(".__init__").replace("__init__", "slogen"): path for name, path in names.items()}


MODULES = modules()


@cache
def tree(module: str) -> ast.Module:
    return ast.parse(MODULES[module].read_text("utf-8"))


@cache
def imports(module: str) -> tuple[str, ...]:
    """Full names of what a module imports, wherever in it; ``from slogen import presets`` is ``slogen.presets``."""
    return tuple(_imports(module))


def _imports(outer: str) -> Iterator[str]:
    for node in ast.walk(tree(outer)):
        match node:
            case ast.Import(names):
                yield from (alias.name for alias in names)
            case ast.ImportFrom(module=str(module), names=names, level=0):
                yield from (f"{module}.{alias.name}" for alias in names)
            case ast.ImportFrom():
                pytest.fail(f"slogen/{outer}:{node.lineno} imports relatively")


def ours(name: str) -> str | None:
    """The module of slogen that the import of *name* loads."""
    if name.split(".", maxsplit=1)[0] != "slogen":
        return None
    inner = name.removeprefix("slogen.")
    while inner and inner not in MODULES:
        inner = inner.rpartition(".")[0]
    return inner or "slogen"


def covers(place: str, module: str) -> bool:
    """Whether *place*, as it stands in a table, means *module*."""
    if place.endswith("*"):
        return module.startswith(place.removesuffix("*"))
    return module == place or module.startswith(f"{place}.")


def floor(module: str) -> int:
    found = [number for number, places in enumerate(FLOORS) if any(covers(place, module) for place in places)]
    assert len(found) == 1, f"slogen/{module} has no floor; give it one in FLOORS"
    return found[0]


def edges() -> Iterator[tuple[str, str]]:
    for module in MODULES:
        for name in imports(module):
            inner = ours(name)
            if inner and inner != module:
                yield module, inner


def test_every_module_has_a_floor_and_every_floor_a_module() -> None:
    for module in MODULES:
        floor(module)
    for places in FLOORS:
        for place in places:
            assert any(covers(place, module) for module in MODULES), f"there is no slogen/{place}"


@pytest.mark.parametrize("module", sorted(MODULES))
def test_imports_never_point_up(module: str) -> None:
    up = {inner for outer, inner in edges() if outer == module and floor(inner) > floor(module)}

    assert not up, f"slogen/{module} imports from above it: {', '.join(sorted(up))}"


def test_imports_never_go_round_in_a_circle() -> None:
    graph: dict[str, set[str]] = {}
    for outer, inner in edges():
        # A package's modules are loaded by the package, on demand.
        if not outer.startswith(f"{inner}."):
            graph.setdefault(outer, set()).add(inner)

    assert tuple(TopologicalSorter(graph).static_order())


@pytest.mark.parametrize("module", sorted(MODULES))
def test_libraries_and_the_outside_are_reached_only_where_they_may_be(module: str) -> None:
    allowed = LIBRARIES | SHELL
    for name in imports(module):
        library = name.split(".")[0]
        if library == "slogen" or name.startswith("collections.abc") or library in PURE:
            continue
        assert library in allowed, f"slogen/{module} imports {library}, which stands in no table"
        places = allowed[library]
        assert any(covers(place, module) for place in places), f"slogen/{module} may not import {library}"


@pytest.mark.parametrize("module", sorted(MODULES))
def test_the_core_neither_opens_files_nor_prints(module: str) -> None:
    calls = (node.func for node in ast.walk(tree(module)) if isinstance(node, ast.Call))
    called = {function.id for function in calls if isinstance(function, ast.Name)}

    assert floor(module) >= floor("files") or not called & {"open", "print", "input", "exec", "eval", "breakpoint"}

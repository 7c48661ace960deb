"""
Both sides of a comparison, read: from the work tree, from a revision or from a folder.

A revision is read as the disk would be had it been checked out: with its own slogen.yaml, templates, generated files.
"""

import fnmatch
import os
import posixpath
import re
from collections.abc import Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple

from slogen import backends, files, naming, revisions
from slogen.changes.compiling import Sources
from slogen.diagnostics import Report
from slogen.organisation import Organisation, read_organisation
from slogen.revisions import Entry, Revision

_SLOS = re.compile(rb"^[\"']?(?:apiVersion[\"']?\s*:\s*[\"']?slogen/|slos[\"']?\s*:)", re.MULTILINE)
_RULES = re.compile(
    rb"^[\"']?(?:groups[\"']?\s*:|kind[\"']?\s*:\s*[\"']?(?:PrometheusRule|VMRule|Rules)\b)|^\s*\{\s*\"groups\"",
    re.MULTILINE,
)
_TEMPLATE: Final = ".j2"


class Given(NamedTuple):
    """
    What is compared, and with which settings.

    Attributes:
        paths: as they were given.
        out: the output folder where it is not the usual one.
        templates: likewise.
    """

    paths: tuple[Path, ...]
    out: Path | None = None
    templates: Path | None = None


class RuleFiles(NamedTuple):
    """
    Rule files that anybody wrote.

    Attributes:
        skipped: how many files beside them are none.
    """

    name: str
    contents: Mapping[str, bytes]
    skipped: int


def top_of(space: files.Workspace) -> Path:
    """The root of the repository that *space* is in; without one, its own."""
    root = Path(os.path.realpath(space.root))
    return next((folder for folder in (root, *root.parents) if (folder / ".git").exists()), root)


def _below(top: Path, path: Path) -> str:
    """*path* relative to *top*, empty for that itself; its own links as they are."""
    real = Path(os.path.realpath(path.parent)) / path.name
    relative = Path(os.path.relpath(real, top)).as_posix()
    return "" if relative == "." else relative


def on_disk(given: Given, name: str, *, new: bool) -> Sources | RuleFiles:
    """
    What lies at the paths.

    Args:
        new: whether it is the new side, whose generated files do not matter, and whose paths may be gone.

    Raises:
        FilesError: a path does not exist, or something cannot be read.
    """
    there = tuple(path for path in given.paths if path.exists()) if new else given.paths
    space = files.workspace(there or (Path(),), given.out)
    if not there:
        space = space._replace(paths=())
    if not new and not space.out.is_relative_to(space.root):
        space = space._replace(out=space.root / naming.GENERATED)  # the other one follows from the new side
    organisation = next(iter(files.read(space, [space.organisation]).items())) if space.organisation else None
    defaults = read_organisation(*organisation, Report()) if organisation else Organisation()
    contents = files.read(space, files.find(space, defaults.exclude))
    if found := _rule_files(name, contents):
        return found
    folder = given.templates or (space.root / defaults.templates if defaults.templates else None)
    top = top_of(space)
    out = space.out
    written = {
        path.relative_to(out).as_posix(): path.read_bytes()
        for target in (() if new else backends.names())
        for path in sorted((out / target).rglob("*"))
        if path.is_file() and not path.is_symlink() and not path.name.startswith(".")
    }
    return Sources(
        name,
        contents,
        organisation,
        files.templates(folder) if folder else {},
        space.name(folder) if folder else "",
        written,
        _below(top, space.root),
        _below(top, out),
        space.covers,
        partial(files.neighbours, space, defaults.exclude, contents),
    )


def _rule_files(name: str, contents: Mapping[str, bytes]) -> RuleFiles | None:
    """Those that are rule files; None where there are none, or SLO files among them."""
    found = {path: content for path, content in contents.items() if _RULES.search(content)}
    if not found or any(_SLOS.search(content) for content in contents.values()):
        return None
    targets = {target for path in found if (target := Path(path).parent.name) in backends.names()}
    if len(targets) > 1:
        chosen = "prometheus" if "prometheus" in targets else min(targets)
        found = {path: content for path, content in found.items() if Path(path).parent.name == chosen}
    return RuleFiles(name, found, len(contents) - len(found))


class _Tree(NamedTuple):
    """
    The files of a revision.

    Attributes:
        given: paths that are compared, relative to the root of the repository.
    """

    of: Revision
    every: dict[str, Entry]
    given: tuple[str, ...]

    def organisation(self) -> str:
        """slogen.yaml beside or above what was given; empty where there is none."""
        first = self.given[0] if self.given else ""
        folder = posixpath.dirname(first) if first in self.every else first
        while True:
            if (path := _joined(folder, naming.CONFIG_FILE)) in self.every:
                return path
            if not folder:
                return ""
            folder = posixpath.dirname(folder)

    def slo_files(self, given: Iterable[str], root: str, out: str, exclude: tuple[str, ...]) -> list[str]:
        """Every SLO file below the *given* paths, as `slogen.files.find` finds them on the disk."""
        found = dict.fromkeys(
            path for one in given for path in self.every if path == one or _is_slo_file(path, one, out)
        )
        return [
            path
            for path in found
            if not any(fnmatch.fnmatchcase(posixpath.relpath(path, root or "."), pattern) for pattern in exclude)
        ]

    def read(self, paths: Iterable[str], below: str) -> dict[str, bytes]:
        """What files hold, by their paths relative to the folder *below*."""
        found = revisions.read(self.of, self.every, paths)
        return {posixpath.relpath(path, below or "."): content for path, content in found.items()}

    def under(self, folder: str) -> list[str]:
        """Every file below a folder."""
        return [path for path in self.every if path.startswith(f"{folder}/")] if folder else list(self.every)


def _joined(folder: str, name: str) -> str:
    return posixpath.join(folder, name) if folder else name


def _is_slo_file(path: str, given: str, out: str) -> bool:
    if given and not path.startswith(f"{given}/"):
        return False
    inner = path[len(given) :].strip("/").split("/")
    return (
        path.endswith(files.SUFFIXES)
        and inner[-1] != naming.CONFIG_FILE
        and not any(part.startswith(".") for part in inner)
        and (not path.startswith(f"{out}/") or given == out or given.startswith(f"{out}/"))
    )


def at_revision(given: Given, of: Revision) -> Sources | RuleFiles:
    """
    What lies at the paths in a revision.

    Raises:
        FilesError: git cannot tell.
    """
    top = Path(os.path.realpath(of.top))
    tree = _Tree(of, revisions.entries(of), tuple(_below(top, files.absolute(path)) for path in given.paths))
    at = tree.organisation()
    root = posixpath.dirname(at)
    organisation = next(iter(tree.read([at], root).items())) if at else None
    defaults = read_organisation(*organisation, Report()) if organisation else Organisation()
    out = _below(top, files.absolute(given.out)) if given.out else _joined(root, naming.GENERATED)
    contents = tree.read(tree.slo_files(tree.given, root, out, defaults.exclude), root)
    if found := _rule_files(of.words, contents):
        return found
    folder = _below(top, files.absolute(given.templates)) if given.templates else ""
    folder = folder or (posixpath.normpath(_joined(root, defaults.templates)) if defaults.templates else "")
    own = tree.read([path for path in tree.under(folder) if path.endswith(_TEMPLATE)], folder) if folder else {}

    def covers(source: str) -> bool:
        path = posixpath.normpath(_joined(root, source))
        return any(not one or path == one or path.startswith(f"{one}/") for one in tree.given)

    def neighbours() -> dict[str, bytes]:
        beside = tree.slo_files([root], root, out, defaults.exclude)
        return {name: content for name, content in tree.read(beside, root).items() if name not in contents}

    return Sources(
        of.words,
        contents,
        organisation,
        {name: content.decode("utf-8", "replace") for name, content in own.items()},
        posixpath.relpath(folder, root or ".") if folder else "",
        tree.read([path for path in tree.under(out) if _is_generated(path, out)], out),
        root,
        out,
        covers,
        neighbours,
    )


def _is_generated(path: str, out: str) -> bool:
    return path[len(out) :].strip("/").partition("/")[0] in backends.names()

"""The disk: finds SLO files and templates, and reads them."""

import contextlib
import errno
import fnmatch
import os
from collections.abc import Container, Iterable, Iterator
from pathlib import Path
from typing import Final, NamedTuple

from slogen import naming

SUFFIXES: Final = (".yaml", ".yml")


class FilesError(Exception):
    """The call names something that is not there, or the disk refuses; the message is for the user."""


class Workspace(NamedTuple):
    """
    The folder that everything is relative to.

    Attributes:
        root: the folder of slogen.yaml, else the git root, else the folder that was given.
        organisation: slogen.yaml, where there is one.
        out: the folder to write to.
        paths: what was given, absolute.
        shared: whether other projects may write there, too, since it is none of this one's folders. What lies there may
            follow from a source of the same name below another root, so none of it is removed.
    """

    root: Path
    organisation: Path | None
    out: Path
    paths: tuple[Path, ...]
    shared: bool = False

    def name(self, path: Path) -> str:
        """*path* relative to the root, with forward slashes; what diagnostics and headers call a file."""
        return Path(os.path.relpath(path, self.root)).as_posix()

    def covers(self, source: str) -> bool:
        """Whether the file that is called *source* lies under one of the paths that were given."""
        path = Path(os.path.normpath(self.root / source))
        return any(path == given or given in path.parents for given in self.paths)


def workspace(paths: Iterable[Path], out: Path | None = None) -> Workspace:
    """
    Where the given *paths* belong.

    Raises:
        FilesError: a path does not exist, or two belong to different slogen.yaml.
    """
    given = tuple(dict.fromkeys(absolute(path) for path in paths))
    for path in given:
        if not path.exists():
            message = f"{os.path.relpath(path)} does not exist"
            raise FilesError(message)
    found = {_organisation(path) for path in given}
    if len(found) > 1:
        listed = " and ".join(sorted(str(one) if one else "none" for one in found))
        message = f"the paths belong to different {naming.CONFIG_FILE} ({listed}); compile them one after the other"
        raise FilesError(message)
    organisation = found.pop()
    folder = given[0] if given[0].is_dir() else given[0].parent
    marked = organisation.parent if organisation else _git_root(folder)
    here = marked or Path.cwd()
    chosen = absolute(out) if out else here / naming.GENERATED
    shared = not chosen.resolve().is_relative_to(here.resolve())
    return Workspace(marked or folder, organisation, chosen, given, shared)


def absolute(path: Path) -> Path:
    """*path* from the root, its links as they are, so that diagnostics say what the user wrote."""
    return Path(os.path.normpath(path.absolute()))


def _organisation(path: Path) -> Path | None:
    """slogen.yaml beside or above *path*, up to the git root; without one, up to the current folder."""
    folder = path if path.is_dir() else path.parent
    top = _git_root(folder) or (Path.cwd() if Path.cwd() in (folder, *folder.parents) else folder)
    for candidate in (folder, *folder.parents):
        if (candidate / naming.CONFIG_FILE).is_file():
            return candidate / naming.CONFIG_FILE
        if candidate == top:
            return None
    return None


def _git_root(folder: Path) -> Path | None:
    return next((candidate for candidate in (folder, *folder.parents) if (candidate / ".git").exists()), None)


def find(space: Workspace, exclude: tuple[str, ...] = ()) -> tuple[Path, ...]:
    """
    Every SLO file under the given paths.

    Hidden files and folders, the output folder, slogen.yaml and what is excluded are skipped.
    """
    found = dict.fromkeys(
        file for path in space.paths for file in (_walk(path, space.out) if path.is_dir() else [path])
    )
    return tuple(
        file for file in found if not any(fnmatch.fnmatchcase(space.name(file), pattern) for pattern in exclude)
    )


def _walk(folder: Path, out: Path) -> Iterator[Path]:
    for entry in sorted(os.scandir(folder), key=lambda one: one.name):
        if entry.name.startswith("."):
            continue
        path = Path(entry.path)
        if entry.is_dir():
            if path != out and not entry.is_symlink():
                yield from _walk(path, out)
        elif entry.name.endswith(SUFFIXES) and entry.name != naming.CONFIG_FILE:
            yield path


def read(space: Workspace, files: Iterable[Path]) -> dict[str, bytes]:
    """
    What the *files* hold, by their names.

    Raises:
        FilesError: one cannot be read.
    """
    contents = {}
    for file in files:
        try:
            contents[space.name(file)] = _regular(file)
        except OSError as error:
            message = f"{space.name(file)} cannot be read: {error.strerror}"
            raise FilesError(message) from error
    return contents


def neighbours(space: Workspace, exclude: tuple[str, ...], known: Container[str]) -> dict[str, bytes]:
    """What the SLO files below the root hold that are not *known*, by their names; what cannot be read is left out."""
    whole = space._replace(paths=(space.root,))
    contents = {}
    for file in find(whole, exclude):
        if space.name(file) not in known:
            with contextlib.suppress(OSError):
                contents[space.name(file)] = _regular(file)
    return contents


def _regular(file: Path) -> bytes:
    """What *file* holds; a pipe would be waited for, and a device may have no end."""
    if not file.is_file() and file.exists():
        raise OSError(errno.EINVAL, "it is no regular file")
    return file.read_bytes()


def templates(folder: Path) -> dict[str, str]:
    """
    The user's templates below *folder*, by name.

    Raises:
        FilesError: there is no such folder, or a file in it cannot be read.
    """
    if not folder.is_dir():
        message = f"there is no folder of templates at {os.path.relpath(folder)}"
        raise FilesError(message)
    try:
        return {path.relative_to(folder).as_posix(): path.read_text("utf-8") for path in sorted(folder.rglob("*.j2"))}
    except (OSError, UnicodeDecodeError) as error:
        message = f"a template in {os.path.relpath(folder)} cannot be read: {error}"
        raise FilesError(message) from error


def written(space: Workspace, path: str) -> bytes | None:
    """What lies at a *path* below the output folder; None where nothing does, or it cannot be read."""
    try:
        return (space.out / path).read_bytes()
    except OSError:
        return None

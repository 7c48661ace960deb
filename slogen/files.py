"""The disk: finds SLO files, reads them, writes what was generated and removes what is stale."""

import contextlib
import fnmatch
import os
from collections.abc import Container, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final, NamedTuple

from slogen import naming
from slogen.backends._backend import Artifact

SUFFIXES: Final = (".yaml", ".yml")
_TEMPORARY: Final = ".slogen-tmp"


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
    """

    root: Path
    organisation: Path | None
    out: Path
    paths: tuple[Path, ...]

    def name(self, path: Path) -> str:
        """*path* relative to the root, with forward slashes; what diagnostics and headers call a file."""
        return Path(os.path.relpath(path, self.root)).as_posix()

    def covers(self, source: str) -> bool:
        """Whether the file that is called *source* lies under one of the paths that were given."""
        path = Path(os.path.normpath(self.root / source))
        return any(path == given or given in path.parents for given in self.paths)


class Changes(NamedTuple):
    """What writing did, or would do: paths relative to the output folder."""

    written: tuple[str, ...]
    unchanged: tuple[str, ...]
    removed: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.written or self.removed)


def workspace(paths: Iterable[Path], out: Path | None = None) -> Workspace:
    """
    Where the given *paths* belong.

    Raises:
        FilesError: a path does not exist, or two belong to different slogen.yaml.
    """
    given = tuple(dict.fromkeys(_absolute(path) for path in paths))
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
    return Workspace(marked or folder, organisation, _absolute(out) if out else here / naming.GENERATED, given)


def _absolute(path: Path) -> Path:
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
        file for path in space.paths for file in ([path] if path.is_file() else _walk(path, space.out))
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
            contents[space.name(file)] = file.read_bytes()
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
                contents[space.name(file)] = file.read_bytes()
    return contents


def compare(space: Workspace, artifacts: Iterable[Artifact], targets: Iterable[str]) -> Changes:
    """What `write` would do."""
    wanted = {artifact.path: artifact.text for artifact in artifacts}
    unchanged = tuple(path for path, text in wanted.items() if _holds(space.out / path, text))
    written = tuple(path for path in wanted if path not in set(unchanged))
    return Changes(written, unchanged, tuple(_stale(space, wanted, targets)))


def write(space: Workspace, artifacts: Iterable[Artifact], targets: Iterable[str]) -> Changes:
    """
    Put the *artifacts* below the output folder and remove what slogen wrote there before and no longer would.

    A file is removed only when its header names a source that lies under the given paths. Each file is
    written beside its place and then moved there, so it is either old or new, whole, whatever happens.

    Raises:
        FilesError: a file that slogen did not write stands in the way, or the disk refuses.
    """
    texts = {artifact.path: artifact.text for artifact in artifacts}
    changes = compare(space, artifacts, targets)
    for path in changes.written:
        _refuse_foreign(space.out / path)
    _clear_litter(space, targets)
    for path in changes.written:
        with _telling(space.out / path):
            _replace(space.out / path, texts[path])
    for path in changes.removed:
        with _telling(space.out / path):
            (space.out / path).unlink()
    return changes


@contextlib.contextmanager
def _telling(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        message = f"{os.path.relpath(path)} cannot be written: {error.strerror}"
        raise FilesError(message) from error


def _clear_litter(space: Workspace, targets: Iterable[str]) -> None:
    """Remove what a process that was killed while writing left behind."""
    for target in targets:
        for file in (space.out / target).rglob(f".*{_TEMPORARY}"):
            owner = file.name.removesuffix(_TEMPORARY).rpartition(".")[2]
            if owner.isdecimal() and not _runs(int(owner)):
                with _telling(file):
                    file.unlink(missing_ok=True)


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:
        return True
    return True


def _holds(path: Path, text: str) -> bool:
    try:
        return path.read_bytes() == text.encode()
    except OSError:
        return False


def _refuse_foreign(path: Path) -> None:
    if path.is_file() and naming.source_of(_first_line(path)) is None:
        message = f"{os.path.relpath(path)} was not written by slogen; move it away, or write elsewhere with --out"
        raise FilesError(message)


def _stale(space: Workspace, wanted: Mapping[str, str], targets: Iterable[str]) -> Iterator[str]:
    for target in targets:
        folder = space.out / target
        if not folder.is_dir():
            continue
        for file in sorted(folder.rglob("*")):
            path = file.relative_to(space.out).as_posix()
            if path in wanted or not file.is_file() or file.name.endswith(_TEMPORARY):
                continue
            source = naming.source_of(_first_line(file))
            if source is not None and space.covers(source):
                yield path


def _first_line(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return file.readline(4096).decode("utf-8", "replace")
    except OSError:
        return ""


def _replace(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}{_TEMPORARY}")
    try:
        temporary.write_text(text, "utf-8", newline="\n")
        temporary.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise


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

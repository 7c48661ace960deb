"""What was generated, onto the disk: each file old or new, whole, and what is stale removed."""

import contextlib
import os
from collections.abc import Collection, Iterable, Iterator, Mapping
from enum import Enum
from itertools import chain
from pathlib import Path
from typing import Final, NamedTuple

from slogen import manifest, naming
from slogen.backends._backend import Artifact
from slogen.files import FilesError, Workspace

_TEMPORARY: Final = ".slogen-tmp"


class Changes(NamedTuple):
    """
    What writing did, or would do: paths relative to the output folder.

    Attributes:
        left: what would be removed if the output folder were this project's alone.
    """

    written: tuple[str, ...]
    unchanged: tuple[str, ...]
    removed: tuple[str, ...]
    left: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.written or self.removed)


class State(Enum):
    """How a generated file stands to what is at its place."""

    SAME = "same"
    NEW = "new"
    FOREIGN = "foreign"


class Staged(NamedTuple):
    """
    A generated file, and whether there is something to do.

    Attributes:
        marked: whether its first line says who wrote it; what cannot is listed in a manifest.
    """

    path: str
    source: str
    state: State
    marked: bool = True


class Staging(contextlib.AbstractContextManager["Staging"]):
    """
    Generated files on their way to the disk.

    Each is written beside its place first, in whichever process made it, and moved there once all of them are, so
    that every file is either old or new, whole, whatever happens. What was not moved is gone at the end of the context.

    Args:
        dry: look only, write nothing.
    """

    def __init__(self, space: Workspace, targets: Iterable[str], *, dry: bool = False) -> None:
        self._space, self._targets, self._dry = space, tuple(targets), dry
        self._mark = f".{os.getpid()}{_TEMPORARY}"
        self._listed = {target: _listed(space.out / target / manifest.NAME) for target in self._targets}

    def __call__(self, artifact: Artifact) -> Staged:
        """
        *artifact* beside its place, unless what is there is the same.

        Raises:
            FilesError: the disk refuses.
        """
        path, content = self._space.out / artifact.path, artifact.text.encode()
        with _telling(path):
            there = _content(path)
            if there == content:
                return Staged(artifact.path, artifact.source, State.SAME, artifact.marked)
            if there is not None and not self._is_ours(artifact, there):
                return Staged(artifact.path, artifact.source, State.FOREIGN, artifact.marked)
            if not self._dry:
                _write(self._beside(path), content)
        return Staged(artifact.path, artifact.source, State.NEW, artifact.marked)

    def _is_ours(self, artifact: Artifact, there: bytes) -> bool:
        if artifact.marked:
            return _is_ours(there)
        return artifact.path.partition("/")[2] in self._listed.get(_target(artifact), {})

    def finish(self, staged: Iterable[Staged]) -> Changes:
        """
        Move what was *staged* to its place and remove what slogen wrote there before and no longer would.

        A file is removed only when its header, or the manifest of its target, names a source that lies under the
        given paths; where others may write, too, none is. What a manifest is to list it lists before it is there, and
        until it is gone.

        Raises:
            FilesError: a file that slogen did not write stands in the way, or the disk refuses.
        """
        every, out = tuple(staged), self._space.out
        _refuse_foreign(out / one.path for one in every if one.state is State.FOREIGN)
        written = tuple(one.path for one in every if one.state is State.NEW)
        unchanged = tuple(one.path for one in every if one.state is State.SAME)
        listings = [self._listing(target, every) for target in self._targets]
        stale = (*_stale(self._space, {one.path for one in every}, self._targets), *chain(*map(_unlisted, listings)))
        left: tuple[str, ...] = ()
        if self._space.shared:
            stale, left = (), stale
            listings = [one._replace(after={**one.before, **one.after}) for one in listings]
        if not self._dry:
            for listing in listings:
                self._list(listing, {**listing.before, **listing.after})
            for new in map(out.joinpath, written):
                with _telling(new):
                    self._beside(new).replace(new)
            for path in stale:
                with _telling(out / path):
                    _remove(out / path, out)
            for listing in listings:
                self._list(listing, listing.after)
        return _with_manifests(Changes(written, unchanged, stale, left), listings)

    def _listing(self, target: str, staged: Iterable[Staged]) -> "_Listing":
        before = self._listed[target]
        others = {path: source for path, source in before.items() if not self._space.covers(source)}
        names = {one.path.partition("/")[2]: one.source for one in staged if not one.marked and _target(one) == target}
        return _Listing(self._space.out / target, before, {**others, **names})

    def _list(self, listing: "_Listing", entries: Mapping[str, str]) -> None:
        """The manifest of a target holds *entries*; without any there is none."""
        path = listing.folder / manifest.NAME
        text = manifest.written(entries).encode() if entries else None
        with _telling(path):
            if _content(path) == text:
                return
            if text is None:
                _remove(path, self._space.out)
                return
            _write(self._beside(path), text)
            self._beside(path).replace(path)

    def __exit__(self, *_: object) -> None:
        """Remove what was not moved, and what a process that was killed while writing left behind."""
        for target in () if self._dry else self._targets:
            for file in list((self._space.out / target).rglob(f".*{_TEMPORARY}")):
                owner = file.name.removesuffix(_TEMPORARY).rpartition(".")[2]
                if file.name.endswith(self._mark) or (owner.isdecimal() and not _runs(int(owner))):
                    with contextlib.suppress(OSError):
                        _remove(file, self._space.out.parent)

    def _beside(self, path: Path) -> Path:
        return path.with_name(f".{path.name}{self._mark}")


class _Listing(NamedTuple):
    """
    What the manifest of a target lists.

    Attributes:
        folder: the target's.
        before: source by path, as it was found.
        after: the same, as it is to be.
    """

    folder: Path
    before: Mapping[str, str]
    after: Mapping[str, str]


def _target(file: Staged | Artifact) -> str:
    return file.path.partition("/")[0]


def _listed(path: Path) -> dict[str, str]:
    """What the manifest at *path* lists; nothing where there is none."""
    with _telling(path):
        content = _content(path)
    if content is None:
        return {}
    try:
        return manifest.read(content.decode())
    except ValueError as error:
        where = os.path.relpath(path)
        message = f"{where} is not as slogen writes it: {error}; restore it, or remove it with all that is beside it"
        raise FilesError(message) from error


def _remove(file: Path, top: Path) -> None:
    """*file* is gone, and with it the folders below *top* that are empty without it."""
    file.unlink()
    with contextlib.suppress(OSError):
        for folder in file.relative_to(top).parents[:-1]:
            (top / folder).rmdir()  # refused, which ends it, unless it is empty


def _unlisted(listing: _Listing) -> Iterator[str]:
    """Files that are there, were listed, and no longer are."""
    folder = listing.folder.resolve()
    for path in sorted(listing.before.keys() - listing.after.keys()):
        file = listing.folder / path
        if file.is_file() and file.parent.resolve().is_relative_to(folder):
            yield f"{listing.folder.name}/{path}"


def _with_manifests(changes: Changes, listings: Iterable[_Listing]) -> Changes:
    """*changes*, those to the manifests among them."""
    written, unchanged, removed, left = map(list, changes)
    for listing in listings:
        path = f"{listing.folder.name}/{manifest.NAME}"
        if listing.before == listing.after:
            unchanged += [path] if listing.after else []
        else:
            (written if listing.after else removed).append(path)
    return Changes(tuple(written), tuple(unchanged), tuple(removed), tuple(left))


@contextlib.contextmanager
def _telling(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        message = f"{os.path.relpath(path)} cannot be written: {error.strerror}"
        raise FilesError(message) from error


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:
        return True
    return True


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _is_ours(content: bytes) -> bool:
    first_line = content[:4096].partition(b"\n")[0]
    return naming.source_of(first_line.decode("utf-8", "replace")) is not None


def _write(path: Path, content: bytes) -> None:
    try:
        path.write_bytes(content)
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def _refuse_foreign(paths: Iterable[Path]) -> None:
    if foreign := [os.path.relpath(path) for path in paths]:
        were, them = ("was", "it") if len(foreign) == 1 else ("were", "them")
        message = f"{', '.join(foreign)} {were} not written by slogen; move {them} away, or write elsewhere with --out"
        raise FilesError(message)


def _stale(space: Workspace, wanted: Collection[str], targets: Iterable[str]) -> Iterator[str]:
    for target in targets:
        folder = space.out / target
        if not folder.is_dir():
            continue
        for file in sorted(folder.rglob("*")):
            path = file.relative_to(space.out).as_posix()
            if path in wanted or not naming.is_generated(file.name) or file.is_symlink() or not file.is_file():
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

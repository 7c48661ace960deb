"""Git: what the files of a revision hold, read from its objects; the work tree is neither asked nor touched."""

import os
import posixpath
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Final, NamedTuple

from slogen.files import FilesError

_REGULAR: Final = ("100644", "100755")
_LINK: Final = "120000"
_OF_HOOKS: Final = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX")


class Revision(NamedTuple):
    """
    A commit of a repository.

    Attributes:
        top: the root of its work tree.
        commit: its full name.
        words: what it is, such as ``merge base of main and HEAD (1a2b3c4)``.
    """

    top: Path
    commit: str
    words: str


class Entry(NamedTuple):
    """
    A file of a revision.

    Attributes:
        link: whether it only names another.
    """

    blob: str
    link: bool


def is_revision(folder: Path, word: str) -> bool:
    """Whether *word* names a commit in the repository that *folder* is in."""
    return (
        not word.startswith("-")
        and _run(folder, "rev-parse", "--verify", "--quiet", f"{word}^{{commit}}").returncode == 0
    )


def revision(folder: Path, word: str, *, exact: bool) -> Revision:
    """
    The commit that *word* means in the repository that *folder* is in.

    Args:
        exact: the commit itself; else its merge base with HEAD, which is what a pull request is compared to.

    Raises:
        FilesError: there is no repository, no such commit, or no common ancestor of it and HEAD.

    Source: https://git-scm.com/docs/git-merge-base
    """
    top = Path(_asked(folder, "rev-parse", "--show-toplevel"))
    if not is_revision(folder, word):
        message = f"{word!r} is no revision of this repository{_deepen(folder)}"
        raise FilesError(message)
    commit = _asked(folder, "rev-parse", "--verify", f"{word}^{{commit}}")
    if exact:
        return Revision(top, commit, f"{word} ({commit[:7]})")
    found = _run(folder, "merge-base", commit, "HEAD")
    if found.returncode == 0:
        base = os.fsdecode(found.stdout).split("\n")[0]
        if base == commit:
            return Revision(top, commit, f"{word} ({commit[:7]})")
        return Revision(top, base, f"merge base of {word} and HEAD ({base[:7]})")
    if found.returncode == 1:
        message = f"{word!r} and HEAD have no common ancestor{_deepen(folder)}; --exact compares to {word!r} itself"
        raise FilesError(message)
    raise FilesError(_said(found))


def _deepen(folder: Path) -> str:
    """What mends it where history was cut off."""
    if _run(folder, "rev-parse", "--is-shallow-repository").stdout.strip() != b"true":
        return ""
    return (
        "; this clone is shallow, so fetch more of it: `git fetch --unshallow`, fetch-depth: 0 of actions/checkout, "
        "GIT_DEPTH: 0 of GitLab"
    )


def entries(of: Revision) -> dict[str, Entry]:
    """Every file of a revision, by its path from the root; submodules have none."""
    listed = _run(of.top, "ls-tree", "-r", "-z", "--full-tree", of.commit)
    if listed.returncode:
        raise FilesError(_said(listed))
    found = {}
    for line in listed.stdout.split(b"\0"):
        about, _, path = line.partition(b"\t")
        mode, _, rest = os.fsdecode(about).partition(" ")
        if mode in (*_REGULAR, _LINK):
            found[os.fsdecode(path)] = Entry(rest.rpartition(" ")[2], mode == _LINK)
    return found


def read(of: Revision, every: dict[str, Entry], paths: Iterable[str]) -> dict[str, bytes]:
    """
    What the files at *paths*, of *every* one that there is, hold; links are followed within the repository.

    Raises:
        FilesError: git cannot tell.
    """
    wanted = list(dict.fromkeys(paths))
    found = dict(zip(wanted, _blobs(of, [every[path].blob for path in wanted]), strict=True))
    links = {path: _target(path, content) for path, content in found.items() if every[path].link}
    for path in links:
        del found[path]
    there = {path: target for path, target in links.items() if target in every and not every[target].link}
    if there:
        contents = _blobs(of, [every[target].blob for target in there.values()])
        found.update(zip(there, contents, strict=True))
    return {path: found[path] for path in wanted if path in found}


def _target(path: str, content: bytes) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(path), os.fsdecode(content)))


def _blobs(of: Revision, names: list[str]) -> list[bytes]:
    """
    What blobs hold.

    Source: https://git-scm.com/docs/git-cat-file#_batch_output
    """
    if not names:
        return []
    told = _run(of.top, "cat-file", "--batch", given="".join(f"{name}\n" for name in names).encode())
    if told.returncode:
        raise FilesError(_said(told))
    output, contents, at = told.stdout, [], 0
    for name in names:
        end = output.index(b"\n", at)
        head = output[at:end].split()
        if len(head) != 3:  # noqa: PLR2004 - name, type and size
            message = f"git has no object {name}, which {of.words} needs"
            raise FilesError(message)
        size = int(head[2])
        contents.append(output[end + 1 : end + 1 + size])
        at = end + 1 + size + 1
    return contents


def _asked(folder: Path, *arguments: str) -> str:
    told = _run(folder, *arguments)
    if told.returncode:
        raise FilesError(_said(told))
    return os.fsdecode(told.stdout).removesuffix("\n")


def _said(told: subprocess.CompletedProcess[bytes]) -> str:
    lines = told.stderr.decode("utf-8", "replace").strip().split("\n")
    return f"git: {lines[0].removeprefix('fatal: ')}"


def _run(folder: Path, *arguments: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    # A hook is told where its repository is, relative to a folder that need not be this one.
    environment = {name: value for name, value in os.environ.items() if name not in _OF_HOOKS}
    environment |= {"GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"}
    try:
        return subprocess.run(  # noqa: S603 - arguments are ours, a revision never begins with a dash
            ["git", *arguments],  # noqa: S607 - whichever git the user has
            cwd=folder,
            env=environment,
            input=given,
            capture_output=True,
            check=False,
        )
    except FileNotFoundError as error:
        message = "there is no git here, which reads revisions; install it, or compare to a folder"
        raise FilesError(message) from error

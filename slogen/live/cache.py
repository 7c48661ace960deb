"""
What a server answered about the past, kept on the disk of the user who asked, for this user alone.

Each file holds the values of one query over one aligned stretch of time. It is named after what was asked of whom, as a
digest, so that no address, query or credential can be read from it; a file that is damaged, or of another answer, is
as good as none. What nobody has asked for in a month is removed.
"""

import hashlib
import json
import os
import re
import stat
import tempfile
import time
import zlib
from array import array
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple

from slogen.live.access import Access
from slogen.live.prometheus import Labels

Values = Mapping[Labels, "array[float]"]
"""The series of an answer by their labels, each with a value for every moment; NaN where there is none."""

_VERSION: Final = 1
_PRIVATE_FOLDER: Final = 0o700
_OTHERS: Final = 0o077
_KEPT_SECONDS: Final = 30 * 86_400
_OURS: Final = re.compile(r"[0-9a-f]{64}|slogen-.*")
"""An answer, or the beginning of one by a process that was killed."""
_ORDER: Final = array("d", [1.0]).tobytes().hex()
"""How this machine writes numbers."""


class Asked(NamedTuple):
    """
    A question about a stretch of time.

    Attributes:
        start: of the stretch, in Unix seconds.
        step: seconds between two values.
        points: how many values.
    """

    query: str
    start: int
    step: int
    points: int


class Cache:
    """
    The answers of one server to one asker; with no folder nothing is kept.

    Attributes:
        trouble: why nothing is kept although it should be; empty where it is.
    """

    def __init__(self, folder: Path | None, access: Access) -> None:
        self.trouble = ""
        # Who asks decides what is seen, and some servers tell tenants apart by the credentials alone.
        self._asker = [access.url, access.authorization, sorted(access.headers.items()), access.certificate]
        self._folder = self._private(folder) if folder else None

    def get(self, asked: Asked) -> Values | None:
        """What was answered; None where that is not known."""
        if self._folder is None:
            return None
        name = self._name(asked)
        try:
            with (self._folder / name).open("rb") as file:
                os.utime(file.fileno())
                return _read(file.readline(), file.read(), name, asked.points)
        except (OSError, ValueError, KeyError, TypeError, OverflowError):
            return None

    def put(self, asked: Asked, values: Values) -> None:
        """Keep what was answered."""
        if self._folder is None:
            return
        body = b"".join(series.tobytes() for series in values.values())
        name = self._name(asked)
        header = {"name": name, "order": _ORDER, "sum": zlib.crc32(body), "series": list(values)}
        try:
            # A new file of this kind is readable by its owner alone.
            number, path = tempfile.mkstemp(prefix="slogen-", dir=self._folder)
        except OSError as error:
            self._give_up(error)
            return
        try:
            with os.fdopen(number, "wb") as file:
                file.write(json.dumps(header).encode() + b"\n" + body)
            Path(path).replace(self._folder / name)
        except OSError as error:
            self._give_up(error)
            with suppress(OSError):
                Path(path).unlink()

    def _name(self, asked: Asked) -> str:
        return hashlib.sha256(json.dumps([_VERSION, self._asker, asked]).encode()).hexdigest()

    def _private(self, folder: Path) -> Path | None:
        """The *folder*, made where it is missing; None where it cannot be had for the user alone."""
        try:
            folder.mkdir(mode=_PRIVATE_FOLDER, parents=True, exist_ok=True)
            found = folder.stat()
            if found.st_uid != os.getuid():
                self.trouble = f"{folder} belongs to somebody else, so nothing is kept there"
                return None
            if stat.S_IMODE(found.st_mode) & _OTHERS:
                folder.chmod(_PRIVATE_FOLDER)
            _prune(folder, time.time() - _KEPT_SECONDS)
        except OSError as error:
            self._give_up(error, folder)
            return None
        return folder

    def _give_up(self, error: OSError, folder: Path | None = None) -> None:
        self.trouble = f"answers cannot be kept in {folder or self._folder}: {error.strerror}"
        self._folder = None


def _prune(folder: Path, since: float) -> None:
    """Remove the answers in *folder* that nobody has asked for *since* then, in Unix seconds."""
    with os.scandir(folder) as entries:
        for entry in entries:
            with suppress(OSError):  # another process may have removed it
                if _OURS.fullmatch(entry.name) and entry.stat(follow_symlinks=False).st_mtime < since:
                    Path(entry.path).unlink()


def _read(first: bytes, body: bytes, name: str, points: int) -> Values | None:
    header = json.loads(first)
    right = header["name"] == name and header["order"] == _ORDER and header["sum"] == zlib.crc32(body)
    size = points * 8
    if not right or len(body) != size * len(header["series"]):
        return None
    values: dict[Labels, array[float]] = {}
    for number, labels in enumerate(header["series"]):
        series = array("d")
        series.frombytes(body[number * size : (number + 1) * size])
        values[tuple((str(label), str(value)) for label, value in labels)] = series
    return values

"""What is kept of a server's answers, on a real disk, and for how long."""

import os
import time
from array import array
from pathlib import Path

from slogen.live.access import Access
from slogen.live.cache import Asked, Cache, Values

DAY = 86_400
VALUES: Values = {(("job", "shop"),): array("d", [1.0, 2.0])}


def asked(query: str) -> Asked:
    return Asked(query, 0, 60, 2)


def cache(folder: Path) -> Cache:
    return Cache(folder, Access("http://localhost:9090"))


def age(folder: Path, days: float) -> None:
    """Everything in *folder* was last touched so long ago."""
    moment = time.time() - days * DAY
    for file in folder.iterdir():
        os.utime(file, (moment, moment))


def test_what_nobody_asked_for_in_a_month_is_removed_and_what_is_no_answer_stays(tmp_path: Path) -> None:
    cache(tmp_path).put(asked("up"), VALUES)
    (tmp_path / "notes.txt").write_text("mine")
    (tmp_path / "slogen-begun").write_text("by a process that was killed")
    age(tmp_path, 29)
    assert len(list(tmp_path.iterdir())) == 3
    assert cache(tmp_path).get(asked("down")) is None
    assert len(list(tmp_path.iterdir())) == 3

    age(tmp_path, 31)

    assert cache(tmp_path).get(asked("up")) is None
    assert [file.name for file in tmp_path.iterdir()] == ["notes.txt"]


def test_an_answer_that_is_asked_for_is_kept_for_another_month(tmp_path: Path) -> None:
    cache(tmp_path).put(asked("up"), VALUES)
    age(tmp_path, 29)
    assert cache(tmp_path).get(asked("up")) == VALUES

    (file,) = tmp_path.iterdir()
    assert time.time() - file.stat().st_mtime < DAY

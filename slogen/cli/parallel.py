"""Files worked on by several processes, where there are enough of them for that to pay."""

import os
from collections.abc import Callable, Iterator
from typing import Any, Final, TypeVar

from slogen.compiler import Content

WORTH_BYTES: Final = 50_000
"""Input from which a second process saves more than it costs."""
MOST_PROCESSES: Final = 8
CHUNKS: Final = 16
"""In so many turns each process works, so that none has long to wait for the others at the end."""

_T = TypeVar("_T")
_File = tuple[str, Content]
_Work = Callable[[_File], _T]


def gather(work: _Work[_T], contents: list[_File]) -> Iterator[_T]:
    """What *work* makes of each file, in the given order."""
    processes = min(os.cpu_count() or 1, MOST_PROCESSES, sum(len(text) for _, text in contents) // WORTH_BYTES + 1)
    if processes == 1:
        yield from map(work, contents)
        return
    import multiprocessing  # late: a small input does not need it

    if "fork" not in multiprocessing.get_all_start_methods():
        yield from map(work, contents)
        return
    size = -(-len(contents) // (processes * CHUNKS))
    chunks = [slice(start, start + size) for start in range(0, len(contents), size)]
    with multiprocessing.get_context("fork").Pool(processes, _inherit, (work, contents)) as pool:
        for results in pool.imap(_work_on, chunks):
            yield from results


_inherited: list[tuple[_Work[Any], list[_File]]] = []
"""What a process has from the first one, without its being sent."""


def _inherit(work: _Work[Any], contents: list[_File]) -> None:
    import signal

    # Who interrupts the command interrupts all of it; the first process tells.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _inherited.append((work, contents))


def _work_on(chunk: slice) -> list[Any]:
    work, contents = _inherited[0]
    return [work(file) for file in contents[chunk]]

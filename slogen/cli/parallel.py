"""Files compiled by several processes, where there are enough of them for that to pay."""

import os
from collections.abc import Iterable
from typing import Final

from slogen.compiler import CompileFile, Content, Unit

WORTH_BYTES: Final = 50_000
"""Input from which a second process saves more than it costs."""
MOST_PROCESSES: Final = 8

_Chunk = list[tuple[str, Content]]


def run(compile_file: CompileFile, contents: _Chunk) -> Iterable[Unit]:
    """Every file compiled, in the given order."""
    processes = min(os.cpu_count() or 1, MOST_PROCESSES, sum(len(text) for _, text in contents) // WORTH_BYTES + 1)
    if processes == 1:
        return map(compile_file, contents)
    import multiprocessing  # late: a small input does not need it

    if "fork" not in multiprocessing.get_all_start_methods():
        return map(compile_file, contents)
    size = -(-len(contents) // (processes * 4))
    chunks = [contents[start : start + size] for start in range(0, len(contents), size)]
    with multiprocessing.get_context("fork").Pool(processes, _inherit, (compile_file,)) as pool:
        return [unit for units in pool.imap(_compile_chunk, chunks) for unit in units]


_inherited: list[CompileFile] = []


def _inherit(compile_file: CompileFile) -> None:
    _inherited.append(compile_file)


def _compile_chunk(chunk: _Chunk) -> list[Unit]:
    return [_inherited[0](file).bare() for file in chunk]

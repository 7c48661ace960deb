"""
What stands in the place of a first line that says who wrote a file: a list of the files whose format cannot carry one.

Each line is the path of a file, below the folder of its target, and the source that it follows from, both as JSON
writes text, which is YAML, too. A line a file, in order, so that branches merge.
"""

import json
import re
from collections.abc import Mapping
from typing import Final

NAME: Final = "MANIFEST.yaml"

_HEADER: Final = "# Written by slogen: each generated file, and the source that it follows from. Do not edit."
_TEXT: Final = r'"(?:[^"\\]|\\.)*"'
_LINE = re.compile(rf"({_TEXT}): ({_TEXT})")


def written(entries: Mapping[str, str]) -> str:
    """The manifest of *entries*, source by path."""
    lines = (f"{json.dumps(path)}: {json.dumps(source)}\n" for path, source in sorted(entries.items()))
    return f"{_HEADER}\n{''.join(lines)}"


def read(text: str) -> dict[str, str]:
    """
    Source by path, as `written` wrote them.

    Raises:
        ValueError: something else stands there, or a path that leads out of the folder.
    """
    entries = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        match = _LINE.fullmatch(line.rstrip())
        if match is None:
            message = f"line {number} names no file and its source"
            raise ValueError(message)
        path, source = json.loads(match[1]), json.loads(match[2])
        if not _inside(path):
            message = f"line {number} names a file in another folder"
            raise ValueError(message)
        entries[path] = source
    return entries


def _inside(path: str) -> bool:
    """Whether *path* stays below the folder, however it is read."""
    return (
        "\\" not in path
        and ":" not in path
        and "\0" not in path
        and all(part not in ("", ".", "..") for part in path.split("/"))
    )

"""A file that was read: plain data that still knows where it was written."""

import re
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeVar

import yaml
from yaml.events import Event, ScalarEvent
from yaml.reader import Reader

from slogen.diagnostics import Position, Report
from slogen.yaml_tree import Branch, Builder, Merger, Node, RefusedError, extent, place

MAXIMUM_BYTES = 1 << 20
"""Size of the largest file that is read."""
GENERATED_BYTES = 64 << 20
"""Size of the largest file that is read where programs write such files."""
GENERATED_VALUES = 5_000_000
"""Most values in such a file, an alias counted as often as it is used."""
GENERATED_DOCUMENTS = 10_000
"""Most documents in such a file."""

_ESCAPE_LENGTHS = {"x": 4, "u": 6, "U": 10}
_PROPERTIES = re.compile(r"(?:[&!]\S*(?:\s|#.*)*)*")
"""An anchor or tag before a scalar, and what parts it from the scalar."""
_REMEDIES = {
    "mapping values are not allowed in this context": "; a text with ': ' in it needs quotes",
    "found character that cannot start any token": "; a text that begins with it needs quotes",
}
_JOINED_LINES = re.compile(r"\\\r?\n[ \t]*")
"""In double quotes, the end of a line that is not the end of a word."""

Path = tuple[str | int, ...]
"""Keys and indices from the root of a document to a value."""

_Built = TypeVar("_Built")


class Source(NamedTuple):
    """
    A file that was read.

    Attributes:
        data: mappings, lists and texts; scalars stay text (``no``, ``1:30`` and ``0x1F`` too) and the
            schema gives them types, a plain ``null``, ``~`` or nothing is None.
    """

    name: str
    text: str
    data: Any
    root: Node

    def position(self, path: Sequence[str | int] = (), offset: int = 0) -> Position:
        """
        Where the value at *path* was written, or the character *offset* of a text there.

        Steps that the file does not have are skipped, which makes pydantic's locations usable as they
        are: they hold union tags, and a missing key resolves to its parent.
        """
        node, event = self._find(path)
        if isinstance(node, ScalarEvent):
            return self._inside(node, offset)
        return place(self.name, event)

    def key(self, path: Sequence[str | int]) -> Position:
        """Where the last key of *path* was written."""
        node, event = self._find(path[:-1])
        if isinstance(node, Branch) and (key := node.keys.get(str(path[-1]))):
            return place(self.name, key)
        return place(self.name, event)

    def _find(self, path: Sequence[str | int]) -> tuple[Node, Event]:
        node, event = self.root, _event(self.root)
        for step in path:
            if isinstance(node, Branch) and step in node.parts:
                key = node.keys.get(str(step))
                node = node.parts[step]
                event = key or _event(node)
        return node, event

    def _inside(self, scalar: ScalarEvent, offset: int) -> Position:
        """The place of a character of a scalar, whatever its style: folded, block, quoted or plain."""
        start, end = extent(scalar)
        if not offset and scalar.style not in ("|", ">"):
            return place(self.name, scalar)
        at = start + _written_offset(self.text[start:end], scalar.value[: offset + 1], scalar.style)
        line_start = self.text.rfind("\n", 0, at) + 1
        return Position(self.name, self.text.count("\n", 0, at) + 1, at - line_start + 1)


def _event(node: Node) -> Event:
    return node.event if isinstance(node, Branch) else node


def _written_offset(written: str, value: str, style: str | None) -> int:
    """Where in *written*, a scalar as it stands in the file, the last character of *value* stands."""
    properties = _PROPERTIES.match(written)
    at = properties.end() if properties else 0
    if style:
        at = written.find("\n", at) + 1 if style in ("|", ">") else at + 1
    here = at
    for character in value:
        while style == '"' and (joined := _JOINED_LINES.match(written, at)):
            at = joined.end()
        while at < len(written) and written[at] != character and written[at] in " \t\r\n":
            at += 1
        here = at
        if style == '"' and written[at : at + 1] == "\\":
            at += _ESCAPE_LENGTHS.get(written[at + 1 : at + 2], 2)
        elif style == "'" and written[at : at + 2] == "''":
            at += 2
        elif character in " \n" and written[at : at + 1].isspace():
            at = _end_of_fold(written, at, character)
        else:
            at += 1
    return min(here, len(written))


def _end_of_fold(written: str, at: int, character: str) -> int:
    """After the white space that folding made one space or newline of."""
    if written[at] == character:
        return at + 1
    while at < len(written) and written[at].isspace():
        at += 1
    return at


def read(name: str, content: str | bytes, report: Report) -> Source | None:
    """*content* as a `Source`, or None when it is not one YAML document that slogen reads; *report* says why."""
    text = _decode(name, content, report, MAXIMUM_BYTES)
    root = None if text is None else _build(name, text, report)
    if text is None or root is None:
        return None
    return _source(name, text, root)


def read_all(name: str, content: str | bytes, report: Report) -> tuple[Source, ...] | None:
    """
    The documents of *content*, those that are empty left out, or None when they cannot be read; *report* says why.

    Such files are written by others and by programs, so they may be larger than those of `read`, and have merge keys.
    """
    text = _decode(name, content, report, GENERATED_BYTES)
    if text is None:
        return None
    builder = Merger(name, report, GENERATED_VALUES)
    roots = _built(name, text, report, lambda: [*builder.documents(text, GENERATED_DOCUMENTS)])
    return None if roots is None else tuple(_source(name, text, root) for root in roots)


def _source(name: str, text: str, root: Node) -> Source:
    return Source(name, text, root.data if isinstance(root, Branch) else root.value, root)


def _build(name: str, text: str, report: Report) -> Node | None:
    """The root of the only document in *text*."""
    found = _built(name, text, report, lambda: (Builder(name, report).build(text),))
    if found == (None,):
        report.error(Position(name), "empty-file", "the file holds no SLOs; `slogen init` writes a first one")
    return found[0] if found else None


def _built(name: str, text: str, report: Report, build: Callable[[], _Built]) -> _Built | None:
    """What *build* makes of the *text*; None where it is not YAML that slogen reads."""
    try:
        return build()
    except RefusedError as refused:
        report.error(place(name, refused.event), refused.code, refused.message)
        return None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = Position(name, mark.line + 1, mark.column + 1) if mark else Position(name)
        report.error(where, "yaml-syntax", f"this is not YAML: {_problem(error, text)}")
        return None
    except yaml.reader.ReaderError as error:
        report.error(Position(name), "yaml-syntax", f"this is not YAML: {error.reason}")
        return None


def _problem(error: yaml.MarkedYAMLError, text: str) -> str:
    """The words of libyaml, and what people do about it where that is known."""
    problem, mark, begins = str(error.problem or error.context), error.problem_mark, error.context_mark
    if mark and text[mark.index : mark.index + 1] == "\t":
        return "a tab cannot indent; write spaces"
    if mark and begins and error.context and begins.line != mark.line:
        problem += f", {error.context} that begins in line {begins.line + 1}"
    return problem + _REMEDIES.get(str(error.problem), "")


def _decode(name: str, content: str | bytes, report: Report, most: int) -> str | None:
    size = len(content)
    if size > most:
        report.error(Position(name), "too-large", f"the file has {size:,} bytes; slogen reads at most {most:,}")
        return None
    if isinstance(content, str):
        text = content
    else:
        try:
            text = content.decode("utf-8")
        except UnicodeDecodeError as error:
            before = content[: error.start].decode("utf-8").removeprefix("\ufeff").split("\n")
            report.error(
                Position(name, len(before), len(before[-1]) + 1),
                "yaml-syntax",
                f"byte 0x{content[error.start]:02X} is no UTF-8; save the file as UTF-8",
            )
            return None
    text = text.removeprefix("\ufeff")
    if strange := Reader.NON_PRINTABLE.search(text):
        line_start = text.rfind("\n", 0, strange.start()) + 1
        where = Position(name, text.count("\n", 0, strange.start()) + 1, strange.start() - line_start + 1)
        report.error(where, "yaml-syntax", f"character U+{ord(strange[0]):04X} is not allowed in YAML")
        return None
    return text

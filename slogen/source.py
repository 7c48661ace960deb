"""YAML text to plain data that still knows where it was written."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import yaml
from yaml import CBaseLoader
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from slogen.diagnostics import Position, Report

MAXIMUM_BYTES = 1 << 20
"""Size of the largest file that is read."""
MAXIMUM_DEPTH = 100
"""Deepest nesting that is read: libyaml's callers crash on 100,000."""
MAXIMUM_VALUES = 50_000
"""Most values in one file, an alias counted as often as it is used."""

_NULLS = frozenset(("", "~", "null", "Null", "NULL"))
_ESCAPE_LENGTHS = {"x": 4, "u": 6, "U": 10}

Path = tuple[str | int, ...]
"""Keys and indices from the root of a document to a value."""


@dataclass(slots=True)
class _Branch:
    """A mapping or list, and where it and its parts were written."""

    event: Event
    data: dict[str, Any] | list[Any]
    parts: dict[str | int, "_Branch | ScalarEvent"] = field(default_factory=dict)
    keys: dict[str, ScalarEvent] = field(default_factory=dict)
    pending: ScalarEvent | None = None
    size: int = 1


@dataclass(frozen=True, slots=True)
class Source:
    """
    A file that was read.

    Attributes:
        data: mappings, lists and texts; scalars stay text (``no``, ``1:30`` and ``0x1F`` too) and the
            schema gives them types, a plain ``null``, ``~`` or nothing is None.
    """

    name: str
    text: str
    data: Any
    root: "_Branch | ScalarEvent" = field(repr=False)

    def position(self, path: Sequence[str | int] = (), offset: int = 0) -> Position:
        """
        Where the value at *path* was written, or the character *offset* of a text there.

        Steps that the file does not have are skipped, which makes pydantic's locations usable as they
        are: they hold union tags, and a missing key resolves to its parent.
        """
        node, event = self._find(path)
        if isinstance(node, ScalarEvent):
            return self._inside(node, offset)
        return self._mark(event)

    def key(self, path: Sequence[str | int]) -> Position:
        """Where the last key of *path* was written."""
        node, event = self._find(path[:-1])
        if isinstance(node, _Branch) and (key := node.keys.get(str(path[-1]))):
            return self._mark(key)
        return self._mark(event)

    def _find(self, path: Sequence[str | int]) -> "tuple[_Branch | ScalarEvent, Event]":
        node, event = self.root, _event(self.root)
        for step in path:
            if isinstance(node, _Branch) and step in node.parts:
                key = node.keys.get(str(step))
                node = node.parts[step]
                event = key or _event(node)
        return node, event

    def _mark(self, event: Event) -> Position:
        return Position(self.name, event.start_mark.line + 1, event.start_mark.column + 1)

    def _inside(self, scalar: ScalarEvent, offset: int) -> Position:
        """The place of a character of a scalar, whatever its style: folded, block, quoted or plain."""
        start, end = scalar.start_mark.index, scalar.end_mark.index
        if not offset and scalar.style not in ("|", ">"):
            return self._mark(scalar)
        at = start + _written_offset(self.text[start:end], scalar.value[: offset + 1], scalar.style)
        line_start = self.text.rfind("\n", 0, at) + 1
        return Position(self.name, self.text.count("\n", 0, at) + 1, at - line_start + 1)


def _event(node: "_Branch | ScalarEvent") -> Event:
    return node.event if isinstance(node, _Branch) else node


def _written_offset(written: str, value: str, style: str | None) -> int:
    """Where in *written*, a scalar as it stands in the file, the last character of *value* stands."""
    if style in ("|", ">"):
        at = written.find("\n") + 1
    else:
        at = 1 if style in ("'", '"') else 0
    here = at
    for character in value:
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


class _Refused(Exception):
    """The document holds something that slogen does not read."""

    def __init__(self, event: Event, code: str, message: str, also: Event | None = None) -> None:
        super().__init__(message)
        self.event, self.code, self.message, self.also = event, code, message, also


def read(name: str, content: str | bytes, report: Report) -> Source | None:
    """*content* as a `Source`, or None when it is not one YAML document that slogen reads; *report* says why."""
    text = _decode(name, content, report)
    if text is None:
        return None
    builder = _Builder(name, report)
    try:
        root = builder.build(text)
    except _Refused as refused:
        report.error(
            _at(name, refused.event), refused.code, refused.message, also=refused.also and _at(name, refused.also)
        )
        return None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = Position(name, mark.line + 1, mark.column + 1) if mark else Position(name)
        report.error(where, "yaml-syntax", f"this is not YAML: {error.problem or error.context}")
        return None
    except yaml.reader.ReaderError as error:
        report.error(Position(name), "yaml-syntax", f"this is not YAML: {error.reason}")
        return None
    if builder.clashes:
        return None
    if root is None:
        report.error(Position(name), "empty-file", "the file holds no SLOs; `slogen init` writes a first one")
        return None
    return Source(name, text, root.data if isinstance(root, _Branch) else root.value, root)


def _decode(name: str, content: str | bytes, report: Report) -> str | None:
    size = len(content)
    if size > MAXIMUM_BYTES:
        report.error(Position(name), "too-large", f"the file has {size} bytes; slogen reads at most {MAXIMUM_BYTES}")
        return None
    if isinstance(content, str):
        text = content
    else:
        try:
            text = content.decode("utf-8")
        except UnicodeDecodeError as error:
            line = content.count(b"\n", 0, error.start) + 1
            report.error(
                Position(name, line), "yaml-syntax", f"byte {error.start} is not UTF-8 text; save the file as UTF-8"
            )
            return None
    text = text.removeprefix("\ufeff")
    if strange := re.search(r"[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", text):
        line_start = text.rfind("\n", 0, strange.start()) + 1
        where = Position(name, text.count("\n", 0, strange.start()) + 1, strange.start() - line_start + 1)
        report.error(where, "yaml-syntax", f"character U+{ord(strange[0]):04X} is not allowed in YAML")
        return None
    return text


def _at(name: str, event: Event) -> Position:
    return Position(name, event.start_mark.line + 1, event.start_mark.column + 1)


class _Builder:
    """Turns libyaml's events into data without recursion, refusing what grows or hides."""

    def __init__(self, name: str, report: Report) -> None:
        self.name, self.report = name, report
        self.clashes = False
        self._open: list[_Branch] = []
        self._anchors: dict[str, _Branch | ScalarEvent | None] = {}
        self._root: _Branch | ScalarEvent | None = None
        self._values = 0

    def build(self, text: str) -> "_Branch | ScalarEvent | None":
        documents = 0
        for event in _events(text):
            match event:
                case ScalarEvent():
                    self._scalar(event)
                case MappingStartEvent():
                    self._start(event, {})
                case SequenceStartEvent():
                    self._start(event, [])
                case MappingEndEvent() | SequenceEndEvent():
                    self._end()
                case AliasEvent():
                    self._alias(event)
                case DocumentStartEvent():
                    documents += 1
                    if documents > 1:
                        raise _Refused(
                            event, "many-documents", "a second YAML document starts here; write one document a file"
                        )
        if isinstance(self._root, ScalarEvent) and _plain_null(self._root):
            return None
        return self._root

    def _scalar(self, event: ScalarEvent) -> None:
        self._count(event, 1)
        if event.tag is not None and event.tag != "!":
            raise _tagged(event, event.tag)
        if event.anchor:
            self._anchors[event.anchor] = event
        parent = self._open[-1] if self._open else None
        if parent is not None and isinstance(parent.data, dict) and parent.pending is None:
            self._key(parent, event)
        else:
            self._place(event, None if _plain_null(event) else event.value, event)

    def _key(self, parent: _Branch, event: ScalarEvent) -> None:
        if event.value == "<<" and event.implicit[0]:
            raise _Refused(event, "merge-key", "merge keys ('<<') are not read; repeat the keys, or use a plain alias")
        if earlier := parent.keys.get(event.value):
            self.report.error(
                _at(self.name, event),
                "repeated-key",
                f"key {event.value!r} is written twice; it was first written in line {earlier.start_mark.line + 1}",
                also=_at(self.name, earlier),
            )
            self.clashes = True
        parent.pending = event

    def _start(self, event: MappingStartEvent | SequenceStartEvent, empty: dict[str, Any] | list[Any]) -> None:
        self._count(event, 1)
        if event.tag is not None and event.tag != "!":
            raise _tagged(event, event.tag)
        if len(self._open) >= MAXIMUM_DEPTH:
            raise _Refused(event, "too-deep", f"values are nested more than {MAXIMUM_DEPTH} deep")
        self._refuse_as_key(event)
        if event.anchor:
            self._anchors[event.anchor] = None
        self._open.append(_Branch(event, empty))

    def _end(self) -> None:
        branch = self._open.pop()
        if anchor := branch.event.anchor:
            self._anchors[anchor] = branch
        self._place(branch.event, branch.data, branch)
        if self._open:
            self._open[-1].size += branch.size

    def _alias(self, event: AliasEvent) -> None:
        self._refuse_as_key(event)
        if event.anchor not in self._anchors:
            raise _Refused(event, "yaml-syntax", f"alias '*{event.anchor}' has no anchor '&{event.anchor}' before it")
        node = self._anchors[event.anchor]
        if node is None:
            raise _Refused(event, "yaml-syntax", f"alias '*{event.anchor}' stands inside its own anchor")
        size = node.size if isinstance(node, _Branch) else 1
        self._count(event, size)
        if self._open:
            self._open[-1].size += size
        self._place(event, node.data if isinstance(node, _Branch) else node.value, node)

    def _refuse_as_key(self, event: NodeEvent) -> None:
        if self._open and isinstance(self._open[-1].data, dict) and self._open[-1].pending is None:
            raise _Refused(event, "yaml-syntax", "a key must be a text, written on one line")

    def _place(self, event: Event, value: Any, node: "_Branch | ScalarEvent") -> None:
        if not self._open:
            self._root = node
            return
        parent = self._open[-1]
        parent.size += 1
        if isinstance(parent.data, list):
            parent.parts[len(parent.data)] = node
            parent.data.append(value)
        elif parent.pending is not None:
            key = parent.pending.value
            parent.keys[key], parent.parts[key] = parent.pending, node
            parent.data[key] = value
            parent.pending = None

    def _count(self, event: Event, size: int) -> None:
        self._values += size
        if self._values > MAXIMUM_VALUES:
            raise _Refused(
                event, "too-large", f"the file has more than {MAXIMUM_VALUES} values, aliases counted as often as used"
            )


def _plain_null(event: ScalarEvent) -> bool:
    return event.value in _NULLS and not event.style


def _tagged(event: Event, tag: str) -> _Refused:
    return _Refused(event, "yaml-syntax", f"tag {tag!r} is not read; slogen gives every value its type itself")


def _events(text: str) -> Iterator[Event]:
    loader = CBaseLoader(text)
    try:
        while (event := loader.get_event()) is not None:
            yield event
    finally:
        loader.dispose()

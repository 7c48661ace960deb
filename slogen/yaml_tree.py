"""YAML text to a tree that knows where everything was written, refusing what grows, hides or crashes."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, cast

import yaml
from yaml import CBaseLoader
from yaml.events import (
    AliasEvent,
    DocumentEndEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from slogen.diagnostics import Position, Report, shown

MAXIMUM_DEPTH = 100
"""Deepest nesting that is read: composing 100,000 levels crashes the interpreter."""
MAXIMUM_VALUES = 50_000
"""Most values in one file, an alias counted as often as it is used."""

_NULLS = frozenset(("", "~", "null", "Null", "NULL"))


@dataclass(slots=True)
class Branch:
    """A mapping or list, and where it and its parts were written."""

    event: MappingStartEvent | SequenceStartEvent
    data: dict[str, Any] | list[Any]
    parts: "dict[str | int, Node]" = field(default_factory=dict)
    keys: dict[str, ScalarEvent] = field(default_factory=dict)
    pending: ScalarEvent | None = None
    size: int = 1


Node = Branch | ScalarEvent


class RefusedError(Exception):
    """The document holds something that slogen does not read."""

    def __init__(self, event: Event, code: str, message: str) -> None:
        super().__init__(message)
        self.event, self.code, self.message = event, code, message


def place(name: str, event: Event) -> Position:
    """Where *event* begins."""
    mark = _mark(event.start_mark)
    return Position(name, mark.line + 1, mark.column + 1)


def extent(event: Event) -> tuple[int, int]:
    """The characters of the text that *event* covers, from and to."""
    return _mark(event.start_mark).index, _mark(event.end_mark).index


def _mark(mark: object) -> yaml.error.Mark:
    return cast("yaml.error.Mark", mark)  # libyaml gives every event its marks


class Builder:
    """Turns libyaml's events into data without recursion, refusing what grows or hides."""

    def __init__(self, name: str, report: Report, most_values: int = MAXIMUM_VALUES) -> None:
        self.name, self.report = name, report
        self._most_values = most_values
        self._open: list[Branch] = []
        self._anchors: dict[str, Node | None] = {}
        self._root: Node | None = None
        self._values = 0

    def build(self, text: str) -> Node | None:
        """The root of the only document in *text*, or None when it is empty."""
        return next(iter([*self.documents(text, 1)]), None)

    def documents(self, text: str, most: int) -> Iterator[Node]:
        """The roots of the documents in *text*, of which there may be so many, but for those that are empty."""
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
                    if documents > most:
                        message = "a second YAML document starts here; write one document a file"
                        raise RefusedError(event, "many-documents", message)
                case DocumentEndEvent():
                    yield from self._ended()

    def _ended(self) -> Iterator[Node]:
        root, self._root = self._root, None
        self._anchors.clear()
        if root and not (isinstance(root, ScalarEvent) and plain_null(root)):
            yield root

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
            self._place(None if plain_null(event) else event.value, event)

    def _key(self, parent: Branch, event: ScalarEvent) -> None:
        if _merges(event):
            raise RefusedError(
                event, "merge-key", "merge keys ('<<') are not read; repeat the keys, or use a plain alias"
            )
        if earlier := parent.keys.get(event.value):
            where, first = place(self.name, event), place(self.name, earlier)
            message = f"key {shown(event.value)} is written twice; it was first written in line {first.line}"
            self.report.error(where, "repeated-key", message, also=first)
        parent.pending = event

    def _start(self, event: MappingStartEvent | SequenceStartEvent, empty: dict[str, Any] | list[Any]) -> None:
        self._count(event, 1)
        if event.tag is not None and event.tag != "!":
            raise _tagged(event, event.tag)
        if len(self._open) >= MAXIMUM_DEPTH:
            raise RefusedError(event, "too-deep", f"values are nested more than {MAXIMUM_DEPTH} deep")
        self._refuse_as_key(event)
        if event.anchor:
            self._anchors[event.anchor] = None
        self._open.append(Branch(event, empty))

    def _end(self) -> None:
        branch = self._open.pop()
        if anchor := branch.event.anchor:
            self._anchors[anchor] = branch
        self._place(branch.data, branch)
        if self._open:
            self._open[-1].size += branch.size

    def _alias(self, event: AliasEvent) -> None:
        self._refuse_as_key(event)
        if event.anchor not in self._anchors:
            raise RefusedError(event, "yaml-syntax", f"alias {shown(f'*{event.anchor}')} has no anchor before it")
        node = self._anchors[event.anchor]
        if node is None:
            raise RefusedError(event, "yaml-syntax", f"alias {shown(f'*{event.anchor}')} stands inside its own anchor")
        size = node.size if isinstance(node, Branch) else 1
        self._count(event, size)
        if self._open:
            self._open[-1].size += size
        self._place(node.data if isinstance(node, Branch) else node.value, node)

    def _refuse_as_key(self, event: NodeEvent) -> None:
        if self._open and isinstance(self._open[-1].data, dict) and self._open[-1].pending is None:
            message = "a key must be a text, written on one line; a text that begins with '{' or '[' needs quotes"
            raise RefusedError(event, "yaml-syntax", message)

    def _place(self, value: Any, node: Node) -> None:
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
        if self._values > self._most_values:
            raise RefusedError(
                event,
                "too-large",
                f"the file has more than {self._most_values:,} values, aliases counted as often as used",
            )


class Merger(Builder):
    """
    A builder for files that others write: a merge key stands for the keys of the mappings that it names.

    Source: https://yaml.org/type/merge.html
    """

    def _key(self, parent: Branch, event: ScalarEvent) -> None:
        if _merges(event):
            parent.pending = event
        else:
            super()._key(parent, event)

    def _place(self, value: Any, node: Node) -> None:
        parent = self._open[-1] if self._open else None
        if parent is None or parent.pending is None or not _merges(parent.pending):
            super()._place(value, node)
            return
        event, parent.pending = parent.pending, None
        listed = isinstance(node, Branch) and isinstance(node.data, list)
        for one in node.parts.values() if isinstance(node, Branch) and listed else (node,):
            if not isinstance(one, Branch) or not isinstance(one.data, dict):
                raise RefusedError(event, "merge-key", "'<<' merges mappings, and this is none; name an anchor of one")
            self._merge(parent, one)

    @staticmethod
    def _merge(parent: Branch, merged: Branch) -> None:
        """Give *parent* what it does not have; what is written in it later takes the place of that."""
        for key, value in cast("dict[str, Any]", merged.data).items():
            if key not in parent.parts:
                cast("dict[str, Any]", parent.data)[key] = value
                parent.parts[key] = merged.parts[key]


def _merges(key: ScalarEvent) -> bool:
    return key.value == "<<" and bool(key.implicit[0])


def plain_null(event: ScalarEvent) -> bool:
    """Whether nothing is written, or a word for it, without quotes."""
    return event.value in _NULLS and not event.style


def _tagged(event: Event, tag: str) -> RefusedError:
    return RefusedError(event, "yaml-syntax", f"tag {shown(tag)} is not read; slogen gives every value its type itself")


def _events(text: str) -> Iterator[Event]:
    loader = CBaseLoader(text)
    try:
        while (event := loader.get_event()) is not None:
            yield event
    finally:
        loader.dispose()

"""What the readers of every kind of SLI have in common: mistakes told by key, PromQL read, presets loaded."""

from collections.abc import Mapping
from typing import NamedTuple

from slogen import naming, presets
from slogen.diagnostics import did_you_mean, shown
from slogen.presets._preset import Preset
from slogen.promql import Matcher, Selector
from slogen.promql.reading import Mistake, Query, read_query, read_selector
from slogen.scope import Scope
from slogen.source import Path
from slogen.spec.reading import check


class Reader(NamedTuple):
    """
    Reads the keys below *path*.

    Attributes:
        group_by: None where it is not known, since it is not right.
    """

    group_by: tuple[str, ...] | None
    path: Path
    scope: Scope

    def error(self, key: str, code: str, message: str) -> None:
        """Tell a mistake in the value at *key*."""
        self.scope.error((*self.path, key), code, message)

    def lacks(self, key: str) -> bool:
        """Whether nothing is written at *key*, neither right nor wrong."""
        return self.scope.written((*self.path, key)) is None

    def exclusive(self, chosen: str, others: Mapping[str, object], why: str) -> None:
        """Tell which of the keys *others* cannot stand beside *chosen*."""
        for key, value in others.items():
            if value is not None and value is not False:
                self.scope.key_error(
                    (*self.path, key), "excluded-key", f"key {key!r} cannot stand beside {chosen!r}; {why}"
                )

    def parameters_without_preset(self, written: object) -> None:
        """Tell that a preset's parameters are there and no preset."""
        if written is not None:
            message = "key 'with' holds the parameters of a preset; name one as 'preset', or drop it"
            self.scope.key_error((*self.path, "with"), "excluded-key", message)

    def matchers(self, text: str | None) -> tuple[Matcher, ...] | None:
        """The matchers that *text* writes, none for no text; None when they cannot be read."""
        if text is None:
            return ()
        opening = "x{"
        read = read_selector(f"{opening}{text}}}", self.scope.version)
        if isinstance(read, Mistake):
            where = min(max(read.offset - len(opening), 0), len(text) - 1)
            self.scope.error((*self.path, "matchers"), read.code, read.message, offset=where)
            return None
        return read.matchers

    def selector(self, key: str, text: str) -> Selector | None:
        """The selector written as *text* at *key*; None when it cannot be read."""
        read = read_selector(text, self.scope.version)
        if isinstance(read, Mistake):
            self.scope.error((*self.path, key), read.code, read.message, offset=read.offset)
            return None
        if not read.metric and not any(_names_one(matcher) for matcher in read.matchers):
            message = "series of several names may differ by name alone, on which rate fails; write one name"
            self.error(key, "bad-selector", f"{message} before the braces, or add several up in a 'query'")
            return None
        return read

    def selectors(self, written: Mapping[str, str | None]) -> dict[str, Selector | None]:
        """The selectors *written*, by key; None for what is not, or cannot be read."""
        return {key: None if text is None else self.selector(key, text) for key, text in written.items()}

    def read_query(self, key: str, text: str) -> Query | None:
        """The query written as *text* at *key*; None when it cannot be read."""
        read = read_query(text, self.scope.version)
        if isinstance(read, Mistake):
            self.scope.error((*self.path, key), read.code, read.message, offset=read.offset)
            return None
        if read.quoted >= 0:
            message = "what stands in quotes is text, so no window is put there; write it outside if it is to be one"
            self.scope.report.warning(
                self.scope.source.position((*self.path, key), read.quoted), "quoted-window", message
            )
        if read.grouping is not None and (
            lost := [label for label in self.group_by or () if label not in read.grouping]
        ):
            labels = ", ".join(map(repr, lost))
            message = f"the result of {key!r} has no label {labels}, which 'group_by' names; add it to its 'by (...)'"
            self.error(key, "other-grouping", message)
        return read

    def grouping(self, query: Query) -> tuple[str, ...] | None:
        """The labels of a query's result; None where they are not known, or told to lack one of 'group_by'."""
        labels = query.grouping
        return labels if labels is not None and set(labels) >= set(self.group_by or ()) else None

    def tell_same(self, key: str) -> None:
        """Tell that the part at *key* is all of the total."""
        never = "bad" if key == "good" else "good"
        message = f"{key!r} is the same as 'total', so that nothing could ever be {never}; write what makes it {key}"
        self.error(key, "same-as-total", message)

    def warn_of_wider(self, key: str, part: Selector, total: Selector, *, of: str = "total") -> None:
        """A part that the total's matchers do not hold counts events that the total does not."""
        constrained = {matcher.label for matcher in part.matchers}
        exact = {matcher.label: matcher for matcher in part.matchers if matcher.op == "="}
        for matcher in total.matchers:
            other = exact.get(matcher.label, matcher)
            if matcher.label not in constrained:
                message = f"{key!r} lacks the {of}'s matcher {matcher}, so it may count events that are not in the {of}"
                self.scope.warning((*self.path, key), "wider-than-total", message)
            elif matcher.op == "=" and other.value != matcher.value:
                message = f"{key!r} has {other} where the {of} has {matcher}, so none of its events are in the {of}"
                self.scope.warning((*self.path, key), "wider-than-total", message)

    def preset(self, name: str | None, written: dict[str, object] | None) -> tuple[Preset | None, object]:
        """The preset *name* and the parameters that are *written*; None for what is wrong."""
        if name is None:
            return None, None
        if name not in presets.names():
            self.error("preset", "unknown-preset", f"unknown preset {shown(name)}{did_you_mean(name, presets.names())}")
            return None, None
        preset = presets.load(name)
        return preset, check(preset.params, written or {}, self.scope.source, (*self.path, "with"), self.scope.report)


def _names_one(matcher: Matcher) -> bool:
    """Whether *matcher* leaves one name; a regular expression is anchored, so one of plain characters does."""
    return matcher.label == "__name__" and matcher.op == "=~" and naming.METRIC.fullmatch(matcher.value) is not None

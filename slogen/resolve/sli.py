"""An SLI as it is written to what it measures: selectors read, queries checked, presets expanded."""

from typing import Final

from slogen.model import (
    BadOfTotal,
    Counter,
    ErrorRatio,
    Events,
    GoodOfTotal,
    Probe,
    Query,
    Returns,
    Sli,
)
from slogen.presets._preset import Refusal
from slogen.promql import Written
from slogen.promql.reading import Query as PromqlQuery
from slogen.resolve.latency import LatencyReader
from slogen.resolve.reader import Reader
from slogen.scope import Scope
from slogen.source import Path
from slogen.spec import AvailabilitySpec, LatencySpec, ProbeSpec, QuerySpec, RatioSpec, SliSpec

KINDS: Final = ("availability", "latency", "probe", "query", "ratio")
_YIELDS: Final = {"rate": "events per second (rate)", "increase": "events within the window (increase)"}


def resolve_sli(spec: SliSpec, group_by: tuple[str, ...] | None, path: Path, scope: Scope) -> Sli | None:
    """What *spec*, written at *path*, measures; None when *scope* was told of a mistake that hides it."""
    written = scope.written(path)
    kinds = [kind for kind in KINDS if (written if isinstance(written, dict) else vars(spec)).get(kind) is not None]
    if len(kinds) != 1:
        found = f"found {' and '.join(kinds)}" if kinds else "found none"
        scope.error(path, "sli-kind", f"an SLI is exactly one of {', '.join(KINDS)}; {found}")
    read = [_read(kind, spec, group_by, path, scope) for kind in kinds]
    return read[0] if len(read) == 1 else None


def _read(kind: str, spec: SliSpec, group_by: tuple[str, ...] | None, path: Path, scope: Scope) -> Sli | None:
    reader = _SliReader(group_by, (*path, kind), scope)
    match getattr(spec, kind):
        case AvailabilitySpec() as availability:
            return reader.availability(availability)
        case LatencySpec() as latency:
            return LatencyReader(*reader).latency(latency)
        case QuerySpec() as query:
            return reader.query(query)
        case ProbeSpec(gauge=str() as text):
            gauge = reader.selector("gauge", text)
            return Probe(gauge) if gauge else None
        case RatioSpec(query=str() as text):
            return reader.ratio(text)
    return None


class _SliReader(Reader):
    """Reads an SLI of each kind but latency."""

    __slots__ = ()

    def counted(self, spec: AvailabilitySpec | QuerySpec, remedy: str = "") -> str | None:
        """Which of bad and good is counted; None when that or the total is missing, or both are there, as is told."""
        if spec.total is None and self.lacks("total"):
            self.error("total", "missing-key", f"key 'total' is missing{remedy}")
        if spec.bad is not None and spec.good is not None:
            message = "key 'good' cannot stand beside 'bad'; total - bad is good already"
            self.scope.key_error((*self.path, "good"), "excluded-key", message)
            return None
        if self.lacks("bad") and self.lacks("good"):
            self.error("bad", "missing-key", "key 'bad' or 'good' is missing")
        return None if spec.bad is None and spec.good is None else "good" if spec.bad is None else "bad"

    def availability(self, spec: AvailabilitySpec) -> Sli | None:
        if not self.lacks("preset"):
            return self.availability_of_preset(spec, spec.preset)
        self.parameters_without_preset(spec.with_)
        key = self.counted(spec, "; or name a 'preset'")
        read = self.selectors({"total": spec.total, "bad": spec.bad, "good": spec.good})
        total, part = read["total"], read.get(key or "")
        if key is None or total is None or part is None:
            return None
        if part == total:
            self.tell_same(key)
        self.warn_of_wider(key, part, total)
        counted, of = Counter(part), Counter(total)
        return BadOfTotal(of, counted) if key == "bad" else GoodOfTotal(of, counted)

    def availability_of_preset(self, spec: AvailabilitySpec, name: str | None) -> Sli | None:
        own = {"total": spec.total, "bad": spec.bad, "good": spec.good}
        self.exclusive("preset", own, "the preset says what is counted")
        self.selectors(own)
        preset, params = self.preset(name, spec.with_)
        if preset is None:
            return None
        if preset.availability is None:
            self.error("preset", "preset-kind", f"preset {name!r} measures no availability; use it under 'latency'")
            return None
        if params is None:
            return None
        measured = preset.availability(params)
        if isinstance(measured, Refusal):
            self.error("with", "preset-cannot", measured.message)
            return None
        return measured

    def query(self, spec: QuerySpec) -> Sli | None:
        key = self.counted(spec)
        written = {"total": spec.total, "bad": spec.bad, "good": spec.good}
        read = {one: None if text is None else self.read_query(one, text) for one, text in written.items()}
        total, part = read["total"], read.get(key or "")
        if key is None or total is None or part is None:
            return None
        grouped, of_total = self.grouping(part), self.grouping(total)
        if grouped is not None and of_total is not None and set(grouped) != set(of_total):
            alike = f"({', '.join(grouped)}) and 'total' by ({', '.join(of_total)}); group both alike"
            self.error(key, "other-grouping", f"{key!r} is grouped by {alike}")
        if part.text.split() == total.text.split():
            self.tell_same(key)
        self.check_measures(total, key, part, spec.returns)
        of: Events = Query(Written(total.text), spec.returns)
        counted: Events = Query(Written(part.text), spec.returns)
        return BadOfTotal(of, counted) if key == "bad" else GoodOfTotal(of, counted)

    def check_measures(self, total: PromqlQuery, key: str, part: PromqlQuery, returns: Returns) -> None:
        """Tell what counts per second where its counterpart, or 'returns', says within the window, or the reverse."""
        if total.measure and part.measure and total.measure != part.measure:
            message = f"{key!r} yields {_YIELDS[part.measure]} and 'total' {_YIELDS[total.measure]}; write both alike"
            self.error(key, "other-returns", message)
            return
        found, read = (total.measure, "total") if total.measure else (part.measure, key)
        if found and found != returns.value:
            message = f"{read!r} yields {_YIELDS[found]}, and 'returns' is {returns.value}; write 'returns: {found}'"
            self.error(read, "other-returns", message)

    def ratio(self, text: str) -> Sli | None:
        query = self.read_query("query", text)
        if query is None:
            return None
        grouping = self.grouping(query)
        if grouping is not None and self.group_by is not None and set(grouping) != set(self.group_by):
            message = f"the query is grouped by ({', '.join(grouping)}); write the same labels under 'group_by'"
            self.error("query", "other-grouping", message)
        return ErrorRatio(Written(query.text))

"""Which SLOs depend on which, across files: what is unknown, goes in a circle, or cannot be kept."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Final, NamedTuple

from slogen import naming, parts
from slogen.diagnostics import Position, Report, did_you_mean, shown
from slogen.model import Latency, NativeLatency, Slo
from slogen.parts import Part, Series
from slogen.units import Window, plain

_TOLD: Final = 6
"""So many members of a circle are named."""


class Promise(NamedTuple):
    """
    What an SLO promises and needs, as far as other SLOs build on it.

    Attributes:
        latency: whether it promises to be fast, which is no availability.
        stated: where its objective is written; None where it needs nothing.
        needs: what it depends on.
        places: where each reference in *needs* is written.
    """

    service: str
    slo: str
    objective: Decimal
    window: Window
    latency: bool
    stated: Position | None = None
    needs: Series | None = None
    places: tuple[Position, ...] = ()

    @property
    def id(self) -> str:
        """The SLO's id."""
        return naming.slo_id(self.service, self.slo)

    @property
    def pair(self) -> str:
        """Service and SLO as one writes them: ``payment/availability``."""
        return f"{self.service}/{self.slo}"


class Neighbour(NamedTuple):
    """
    A file beside those that are compiled.

    Attributes:
        broken: its name, where it does not compile; else empty.
    """

    promises: tuple[Promise, ...]
    broken: str


class Combined(NamedTuple):
    """
    What the parts of an SLO can promise together.

    Attributes:
        availability: a share of good events, exactly.
        promises: that of every SLO among the parts, by the name that it has there.
    """

    availability: Fraction
    weakest: Part
    promises: Mapping[str, Promise]

    @property
    def ratios(self) -> parts.Promises:
        """What every SLO among the parts promises, by the name that it has there."""
        return _ratios(self.promises)


def promise(slo: Slo) -> Promise:
    """What *slo* promises."""
    latency = isinstance(slo.promql, Latency | NativeLatency)
    bare = Promise(slo.service, slo.name, slo.objective, slo.window, latency)
    if slo.depends_on is None:
        return bare
    source, path = slo.place
    places = tuple(source.position((*path, *one.path)) for one in parts.references(slo.depends_on))
    return bare._replace(stated=source.position((*path, "objective")), needs=slo.depends_on, places=places)


class Index:
    """The SLOs that are known, by both of their names; the first of a name stays."""

    def __init__(self, promises: Iterable[Promise]) -> None:
        self._by_id: dict[str, Promise] = {}
        self._by_pair: dict[str, Promise] = {}
        self.asked: set[str] = set()
        self.broken: list[str] = []
        self.add(promises)

    def add(self, promises: Iterable[Promise]) -> None:
        """Know *promises* too."""
        for one in promises:
            self._by_id.setdefault(one.id, one)
            self._by_pair.setdefault(one.pair, one)

    def find(self, target: str) -> Promise | None:
        """The SLO that a reference means."""
        return self._names(target).get(target)

    def close(self, target: str, asking: Promise) -> str:
        """``; did you mean ...?``, or the few SLOs that there are beside the one that asks."""
        return did_you_mean(target, [name for name, one in self._names(target).items() if one != asking])

    def _names(self, target: str) -> dict[str, Promise]:
        return self._by_pair if "/" in target else self._by_id

    def needed(self, one: Promise) -> Iterator[tuple[Promise, Position]]:
        """The SLOs that *one* depends on, with the place that says so; those that are known."""
        for reference, place in _references(one):
            if found := self.find(reference.target):
                yield found, place

    def missing(self) -> set[str]:
        """What SLOs refer to and is not known, nor was looked for."""
        targets = {reference.target for one in self._by_id.values() for reference, _ in _references(one)}
        return {target for target in targets if not self.find(target)} - self.asked


def complete(
    index: Index, compiled: Iterable[str], contents: Mapping[str, bytes], read: Callable[[str, bytes], Neighbour]
) -> None:
    """
    Look in other files for what SLOs refer to; of two that promise the same, the nearer to those *compiled* counts.

    Args:
        compiled: names of the files that are compiled.
        contents: the other files, by name.
    """
    folders = {folder for name in compiled for folder in _folders(name)}
    left = sorted(contents, key=lambda name: (-sum(folder in folders for folder in _folders(name)), name))
    while wanted := index.missing():
        index.asked |= wanted
        splits = {split for target in wanted for split in _splits(target)}
        for name in [name for name in left if _may_hold(contents[name], splits)]:
            left.remove(name)
            found = read(name, contents[name])
            index.add(found.promises)
            index.broken += [found.broken] if found.broken else []


def _folders(name: str) -> tuple[str, ...]:
    steps = name.split("/")[:-1]
    return tuple("/".join(steps[: depth + 1]) for depth in range(len(steps)))


def _splits(target: str) -> Iterator[tuple[bytes, bytes]]:
    """The names of service and SLO that a reference may mean."""
    parting = "/" if "/" in target else "-"
    for at, character in enumerate(target):
        if character == parting:
            yield target[:at].encode(), target[at + 1 :].encode()


def _may_hold(content: bytes, splits: Iterable[tuple[bytes, bytes]]) -> bool:
    return any(service in content and slo in content for service, slo in splits)


def combine(
    promises: Sequence[Promise], index: Index, report: Report, failed: Sequence[str] = ()
) -> dict[str, Combined]:
    """
    What the parts of each of the *promises* can promise together, by the SLO's id; *report* tells what is wrong.

    Args:
        failed: services of files that do not compile, which is told already; empty where not even that is known.
    """
    circular = _tell_circles(promises, index, report)
    found = {}
    for one in promises:
        if one.needs is not None and _tell_references(one, index, report, failed) and one.id not in circular:
            found[one.id] = _combined(one, one.needs, index)
            _tell_objective(one, found[one.id], report)
    return found


def _tell_references(one: Promise, index: Index, report: Report, failed: Sequence[str]) -> bool:
    """Whether every SLO that *one* refers to is there, promises availability, and is there once."""
    seen: set[str] = set()
    sound = True
    for reference, place in _references(one):
        part = index.find(reference.target)
        if part is None:
            sound = False
            if not any(_may_mean(reference.target, service) for service in failed):
                report.error(place, "unknown-part", _unknown(reference.target, one, index))
        elif part.latency:
            sound = False
            message = f"{shown(reference.target)} promises to be fast, not to be available; name another SLO"
            report.error(place, "latency-part", message)
        elif part.id in seen:
            sound = False
            message = f"{shown(reference.target)} is written twice, as if it failed independently of itself"
            report.error(place, "repeated-part", f"{message}; write it once, outside of what it is common to")
        else:
            seen.add(part.id)
    return sound


def _may_mean(target: str, service: str) -> bool:
    """Whether *target* may be of *service*, any where that is empty."""
    return not service or target.startswith((f"{service}/", f"{service}-"))


def _unknown(target: str, asking: Promise, index: Index) -> str:
    if index.broken:
        return f"SLO {shown(target)} was not found; {index.broken[0]}, which may hold it, does not compile"
    return f"there is no SLO {shown(target)}{index.close(target, asking)}"


def _references(one: Promise) -> Iterator[tuple[parts.Reference, Position]]:
    return zip(parts.references(one.needs), one.places, strict=True) if one.needs else iter(())


def _tell_circles(promises: Sequence[Promise], index: Index, report: Report) -> set[str]:
    """The ids of SLOs that depend on themselves, each circle told once."""
    given = {one.id for one in promises}
    done: set[str] = set()
    circular: set[str] = set()
    for start in promises:
        if start.id in done or not start.needs:
            continue
        way = {start.id: start}
        ahead = [index.needed(start)]
        while ahead:
            step = next(ahead[-1], None)
            if step is None:
                ahead.pop()
                done.add(way.popitem()[0])
                continue
            onward = step[0]
            if onward.id in way:
                ids = list(way)
                circle = [way[one] for one in ids[ids.index(onward.id) :]]
                if given & {one.id for one in circle}:
                    circular |= {one.id for one in circle}
                    _tell_circle(circle, given, index, report)
            elif onward.id not in done:
                way[onward.id] = onward
                ahead.append(index.needed(onward))
    return circular


def _tell_circle(circle: list[Promise], given: set[str], index: Index, report: Report) -> None:
    """Told where the first of its SLOs that is compiled refers to the next one."""
    first = next(at for at, one in enumerate(circle) if one.id in given)
    turned = [*circle[first:], *circle[: first + 1]]
    place = next(place for found, place in index.needed(turned[0]) if found.id == turned[1].id)
    names = [one.pair for one in turned]
    if len(names) > _TOLD:
        names[_TOLD - 1 : -1] = ["..."]
    report.error(place, "circular-part", f"{names[0]} depends on itself: {' -> '.join(names)}; drop one of these")


def _combined(one: Promise, needs: Series, index: Index) -> Combined:
    known = {reference.target: index.find(reference.target) for reference, _ in _references(one)}
    promises = {target: part for target, part in known.items() if part}
    ratios = _ratios(promises)
    return Combined(parts.together(needs, ratios), parts.weakest(needs, ratios), promises)


def _ratios(promises: Mapping[str, Promise]) -> dict[str, Fraction]:
    return {target: Fraction(part.objective) for target, part in promises.items()}


def _tell_objective(one: Promise, combined: Combined, report: Report) -> None:
    if one.objective <= combined.availability or one.stated is None:
        return
    most, weakest = parts.percent_kept(combined.availability), parts.called(combined.weakest)
    has = parts.percent_kept(parts.together(combined.weakest, combined.ratios))
    report.warning(
        one.stated,
        "weak-parts",
        f"the objective of {plain(one.objective * 100)} is above {most}, all that its parts can promise together; "
        f"the weakest is {weakest} with {has}",
    )

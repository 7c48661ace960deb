"""Which SLOs can be tested side by side: none of them reads what another one is fed."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import count

from slogen.promql import Selector, examples
from slogen.proofs.inputs import Driven

_Pair = tuple[str, str]
_Series = tuple[_Pair, ...]


def batches(driven: Iterable[Driven]) -> list[list[Driven]]:
    """The SLOs in order, each in the first batch of which it disturbs nobody."""
    found: list[list[Driven]] = []
    index = _Index()
    for one in driven:
        taken = index.disturbed(one)
        number = next(number for number in count() if number not in taken)
        if number == len(found):
            found.append([])
        found[number].append(one)
        index.add(one, number)
    return found


class _Index:
    """
    What the SLOs of each batch read and are fed.

    A selector is kept under one of the labels that it asks for by value, the rarest so far: all SLOs of a service may
    read one metric, and each of them its own job.
    """

    def __init__(self) -> None:
        self._fed: dict[_Series, set[int]] = {}
        self._fed_with: dict[_Pair, list[_Series]] = {}
        self._read: dict[Selector, set[int]] = {}
        self._read_with: dict[_Pair | None, list[Selector]] = {}

    def disturbed(self, one: Driven) -> set[int]:
        """The numbers of the batches in which *one* reads what somebody is fed, or is fed what somebody reads."""
        found: set[int] = set()
        for selector in one.reads:
            for series in self._may_be_selected(selector):
                if not self._fed[series] <= found and examples.selects(selector, dict(series)):
                    found |= self._fed[series]
        for labels in _fed(one):
            for selector in self._may_select(labels):
                if not self._read[selector] <= found and examples.selects(selector, labels):
                    found |= self._read[selector]
        return found

    def add(self, one: Driven, number: int) -> None:
        """*one* is in the batch of this number."""
        for labels in _fed(one):
            series = tuple(sorted(labels.items()))
            if series not in self._fed:
                for pair in series:
                    self._fed_with.setdefault(pair, []).append(series)
            self._fed.setdefault(series, set()).add(number)
        for selector in one.reads:
            if selector not in self._read:
                rarest = min(_asked(selector), key=lambda pair: len(self._read_with.get(pair, ())), default=None)
                self._read_with.setdefault(rarest, []).append(selector)
            self._read.setdefault(selector, set()).add(number)

    def _may_be_selected(self, selector: Selector) -> Iterable[_Series]:
        return min((self._fed_with.get(pair, []) for pair in _asked(selector)), key=len, default=self._fed)

    def _may_select(self, labels: Mapping[str, str]) -> Iterator[Selector]:
        for pair in (None, *labels.items()):
            yield from self._read_with.get(pair, ())


def _fed(one: Driven) -> Iterator[Mapping[str, str]]:
    return (made.labels for inputs in one.inputs for made in inputs)


def _asked(selector: Selector) -> Iterator[_Pair]:
    """The labels without which no series is selected, those of its own before the name that many may share."""
    yield from ((one.label, one.value) for one in selector.matchers if one.op == "=" and one.value)
    if selector.metric:
        yield examples.NAME, selector.metric

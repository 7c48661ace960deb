"""
History for SLOs whose rules are new: their recording rules alone, in the passes in which promtool can evaluate them.

Rules that are evaluated together do not see what the others give for the past, so what reads records comes in a pass
after these. The base series read no record in their first pass, and the start of each SLO is the start of its history.

Source: https://prometheus.io/docs/prometheus/latest/storage/#backfilling-for-recording-rules
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from functools import partial
from typing import Final

from slogen import naming
from slogen.model import Slo
from slogen.policy import base_window
from slogen.promql import Aggregate, Expr, Matcher, Number, Selector, call, selectors
from slogen.promrules import Group, Record, identity, lower
from slogen.prose import Prose
from slogen.rules import ServiceRules, narrowed
from slogen.sli_promql import standalone
from slogen.units import Window

POINTS: Final = 11_000
"""
So many values of a series a range query gives, and promtool asks for a block in one.

Source: https://github.com/prometheus/prometheus/blob/main/web/api/v1/api.go
"""
_BASES: Final = (naming.EVENTS, naming.ERRORS)
_CONSTANTS: Final = frozenset((naming.OBJECTIVE, naming.ERROR_BUDGET, naming.TIME_PERIOD, naming.INFO))
_BLOCK: Final = Window.parse("2h")
_LONGEST_BLOCK: Final = Window.parse("1458h")

_NAME: Final = "__name__"

Pass = tuple[Group, ...]


def passes(
    services: Iterable[ServiceRules], chosen: Collection[str], start: int, prose: Prose, *, constants: bool = True
) -> tuple[Pass, ...]:
    """
    What to evaluate over the past for the SLOs whose ids are *chosen*, one pass after the other.

    Args:
        start: the first moment of the history, in Unix seconds.
        constants: with the records that measure nothing, such as the objective.
    """
    left = tuple(group for rules in services for group in _recording(rules, chosen, start, prose))
    if not constants:
        left, _ = _split(left, lambda record: record.name not in _CONSTANTS)
    found = []
    while left:
        ready, left = _split(left, partial(_ready, {record.name for record in _records(left)}))
        found.append(ready)
    return tuple(found)


def block(groups: Pass) -> Window:
    """The longest block that promtool can ask for in one query; it makes them 2h long, or that times powers of 3."""
    most = POINTS * min(group.interval for group in groups)
    length = _BLOCK
    while length * 3 < most and length < _LONGEST_BLOCK:
        length = Window(length * 3)
    return length


def measured(slo: Slo) -> Expr:
    """A query that has a value where *slo* was measured: its events or its errors, whichever came first."""
    base = base_window(slo.scrape_interval)
    return _count(slo, *(naming.base(kind, base) for kind in _BASES))


def described(slo: Slo) -> Expr:
    """A query that has a value where the constants of *slo* were recorded."""
    return _count(slo, naming.OBJECTIVE)


def _count(slo: Slo, *metrics: str) -> Expr:
    return Aggregate(
        "count", Selector("", (Matcher(_NAME, "=~", "|".join(metrics)), Matcher(naming.SLO_ID, "=", slo.id)))
    )


def names(groups: Pass) -> frozenset[str]:
    """What the records of a pass are called."""
    return frozenset(record.name for record in _records(groups))


def recorded(groups: Pass, slo_ids: Collection[str]) -> Expr:
    """A query that has a value for each name of a pass under which something was just recorded of these SLOs alone."""
    matchers = (Matcher(_NAME, "=~", "|".join(sorted(names(groups)))), Matcher(naming.SLO_ID, "=~", "|".join(slo_ids)))
    recent = Window(2 * max(group.interval for group in groups).seconds)
    return Aggregate("count", call("last_over_time", Selector("", matchers, recent)), (_NAME,))


def _records(groups: Pass) -> Iterator[Record]:
    return (rule for group in groups for rule in group.rules if isinstance(rule, Record))


def _recording(rules: ServiceRules, chosen: Collection[str], start: int, prose: Prose) -> Iterator[Group]:
    """The recording rules of the SLOs that are *chosen*, the base series without reading records."""
    for planned in rules.sets:
        few = narrowed(planned, chosen)
        if few is None:
            continue
        slos = few.everyone.slos
        own = {
            (slo.id, kind): expr
            for slo in slos
            for kind, expr in zip(_BASES, standalone(slo, base_window(slo.scrape_interval)), strict=True)
        }
        starts = {naming.base(naming.START, one.base): one.cohort.slos for one in few.starts}
        for group in lower(few, prose):
            found: list[Record] = []
            for record in _records((group,)):
                kind = record.name.partition(":rate")[0].removeprefix("slo:sli_")
                if record.name in starts:
                    began = call("vector", Number(start))
                    found += [Record(record.name, began, identity(slo)) for slo in starts[record.name]]
                elif kind in _BASES:
                    found.append(record._replace(expr=own[record.labels[naming.SLO_ID], kind]))
                else:
                    found.append(record)
            yield group._replace(rules=tuple(found))


def _reads(record: Record) -> set[str]:
    return {selector.metric for selector in selectors(record.expr)}


def _ready(missing: set[str], record: Record) -> bool:
    return _reads(record).isdisjoint(missing)


def _split(groups: Pass, wanted: Callable[[Record], bool]) -> tuple[Pass, Pass]:
    """The records that are *wanted*, and the others."""

    def those(*, answer: bool) -> Pass:
        kept = (
            group._replace(rules=tuple(one for one in _records((group,)) if wanted(one) is answer)) for group in groups
        )
        return tuple(group for group in kept if group.rules)

    return those(answer=True), those(answer=False)

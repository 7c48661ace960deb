"""What is replayed: the base series of an SLO, read once, at moments that are all as far apart."""

import re
from array import array  # noqa: TC003 - a named tuple keeps its annotations
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from slogen.model import BadOfTotal, ErrorRatio, GoodOfTotal, Query, Slo
from slogen.policy import base_window
from slogen.promql.placeholder import windows
from slogen.promrules import SLOW_INTERVAL
from slogen.rules import FINE_STEP, Origin, derivations
from slogen.units import Window

_NAME: Final = re.compile(r"[a-zA-Z0-9_:]", re.ASCII)
SLOW: Final = max(SLOW_INTERVAL, FINE_STEP)
"""How often the error ratios of a day and more are evaluated."""


class Series(NamedTuple):
    """
    Events and errors per second of one group, at each moment of a history; NaN where there is no value.

    Attributes:
        labels: of the group; empty where the SLO is not split.
    """

    labels: Mapping[str, str]
    events: "array[float]"
    errors: "array[float]"


class History(NamedTuple):
    """
    The base series of all groups of an SLO.

    Attributes:
        start: the first moment, in Unix seconds; the slow rules are evaluated at it, and every `slot` moments from it.
        step: seconds between two moments.
        points: how many moments there are.
    """

    start: int
    step: int
    points: int
    groups: tuple[Series, ...]

    @property
    def slot(self) -> int:
        """How many moments there are between two evaluations of what is evaluated seldom."""
        return max(-(-SLOW.seconds // self.step), 1)

    def number(self, moment: int) -> int:
        """The number of the first moment that is not before *moment*."""
        return -(-(moment - self.start) // self.step)

    def at(self, index: int) -> int:
        """The moment of that number."""
        return self.start + index * self.step


def read_window(slo: Slo, step: int) -> Window:
    """
    Over how long each value is read: the base window, or the step where that is longer, so that no event is lost.

    What reads a metric with a window in its name, as ``job:errors:rate$window``, reads that of the base window, as the
    rules do: nobody need have recorded another.
    """
    base = base_window(slo.scrape_interval)
    return base if any(map(_named_by_window, _written(slo))) else max(base, Window(step))


def _written(slo: Slo) -> Iterator[str]:
    """The queries of the author's that *slo* reads."""
    match slo.promql:
        case ErrorRatio(written):
            yield written.text
        case BadOfTotal(total, part) | GoodOfTotal(total, part):
            yield from (one.written.text for one in (total, part) if isinstance(one, Query))


def _named_by_window(query: str) -> bool:
    """Whether a window stands in a name."""
    return any(_NAME.match(query[: found.start()][-1:]) for found in windows(query))


def notes(slo: Slo, step: int) -> tuple[str, ...]:
    """What a replay of *slo* at a *step* cannot see; lower case, no full stop."""
    base = base_window(slo.scrape_interval)
    edge = Window(base.seconds + step)
    found = []
    if any(origin is Origin.COUNTERS for _, origin in derivations(slo)):
        found.append(
            f"its alerts read the counters (strategy: {slo.strategy}), the replay sums what was read over "
            f"{read_window(slo, step)}: starts and ends may be off by {edge}, and more near a threshold"
        )
    if step > base.seconds:
        found.append(
            f"at a step of {Window(step)} bursts are evened out over it: an alert that so brings about is missed or "
            f"off by up to {edge}; a step of at most {base} sees more"
        )
    elif step > slo.scrape_interval.seconds:
        found.append(
            f"rules are evaluated every {slo.scrape_interval}, and replayed every {Window(step)}: starts and ends may "
            f"be off by {edge}, and a shorter alert may be missed"
        )
    return tuple(found)

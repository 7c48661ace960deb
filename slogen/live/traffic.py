"""How many events an SLO has on a day as any other, and what part of them is bad, asked of a server."""

from fractions import Fraction
from typing import Final, NamedTuple

from slogen import sli_promql
from slogen.live.asking import Asking, first_moments, missing, over_groups
from slogen.live.reads import Read, reads
from slogen.model import ErrorRatio, Slo
from slogen.promql import Aggregate, Binary, Expr, Number
from slogen.units import Window

DAY: Final = Window.parse("1d")
"""Traffic is the mean of the last day, or of all the time that the series have been there."""
LEAST: Final = Window.parse("1h")
"""Younger series do not tell how many events there are in a day as any other."""
_ABOUT: Final = Window.parse("15m")


class Usual(NamedTuple):
    """
    A day as any other.

    Attributes:
        rate: events per second; of a grouped SLO in the quietest group, new ones apart.
        over: for how long they were counted.
        errors: the part of them that is bad, from 0 to 1; None of a grouped SLO, or where it has no value.
    """

    rate: Fraction
    over: Window
    errors: Fraction | None = None


def usual_rate(slo: Slo, asking: Asking) -> Usual | str:
    """The rate of *slo*, or in words why it cannot be told."""
    if isinstance(slo.promql, ErrorRatio):
        return "an error ratio does not tell how many events there are"
    if why := missing(slo, asking):
        return why
    total = reads(slo)[0]
    start = asking.first_seen(total.selector, DAY)
    if start is None or asking.at - start < LEAST.seconds:
        return f"its series are younger than {LEAST}"
    over = Window(min(round(asking.at - start), DAY.seconds))
    rate = asking.number(over_groups("min", _grown(slo, total, sli_promql.events(slo, over), start)))
    if not rate:
        return "there are no events to count within the last day"
    return Usual(Fraction(rate), over)


def usual(slo: Slo, asking: Asking) -> Usual | str:
    """The rate of *slo* and its errors, or in words why the rate cannot be told."""
    found = usual_rate(slo, asking)
    if isinstance(found, str) or slo.group_by:
        return found
    errors = asking.number(sli_promql.ratio(slo, found.over))
    return found._replace(errors=None if errors is None else min(Fraction(errors), Fraction(1)))


def _grown(slo: Slo, total: Read, events: Expr, start: float) -> Expr:
    """The *events* of the groups that are about as old as the oldest: of others there are few because they are new."""
    if not slo.group_by or total.written:
        return events
    first = Aggregate("min", first_moments(total.selector, DAY), slo.group_by)
    return Binary(events, "and", Binary(first, "<=", Number(round(start) + _ABOUT.seconds)), on=slo.group_by)

"""
How much of a window has been recorded, so that alerts count a window that is not full yet for no more than that.

Windows that are summed from recorded series hold nothing from before the first sample of these. Five minutes of errors
half an hour after it are a seventh of all that there is, not the 864th part of three days that they will turn out to
be: such a ticket would hold for six hours. So the error ratio of a long window is multiplied by the share of the window
that is covered, which takes what was not seen for as free of errors as a healthy service. A real outage is detected
just as it is after healthy history.

Covered is what follows the moment from which the SLO's own series are recorded. That moment is a series of its own,
which hands its value on and so remembers it over idle spells of the service, for which there is nothing to count.
"""

from typing import Final

from slogen import naming
from slogen.model import Slo
from slogen.promql import Aggregate, Binary, Expr, Matcher, Number, Selector, Subquery, call
from slogen.rules import Start
from slogen.units import Window

RECENT: Final = Window.parse("20m")
"""How long a start is at hand, however slow the group is that records it: alerts must not wait for it."""
RECALL_STEP: Final = Window.parse("1h")
"""So far apart is looked for a start further back, which costs 72 samples for three days."""
_FEWEST_STEPS: Final = 3

_ONE: Final = Number(1)


def start_of(start: Start, events: Matcher) -> Expr:
    """
    Since when the base series of a cohort are recorded, in Unix seconds, one value per SLO.

    Each SLO hands on its own earliest start of as long as the longest window looks back, so that a gap in the
    evaluation does not make it young; after a longer one nothing is left in its windows, and it starts anew. SLOs are
    named one by one: the start of one that is removed is not handed on for those that stay.

    Args:
        events: what selects the events of the cohort.
    """
    known = Selector(naming.base(naming.START, start.base), (_one_by_one(start.cohort.slos),))
    step = min(RECALL_STEP, Window(start.recalled // _FEWEST_STEPS))
    recalled = call("min_over_time", Subquery(known, start.recalled, step))
    recent = call("min_over_time", known.over(RECENT))
    first = call("timestamp", Selector(naming.base(naming.EVENTS, start.base), (events,)))
    return Binary(Binary(recalled, "or", recent), "or", Aggregate("min", first, naming.IDENTITY))


def share(slo_id: str, base: Window, window: Window) -> Expr:
    """
    The share of the long *window* of a tier that is covered, by which its error ratio is to be multiplied.

    The short window needs no such factor: while it is not full, it holds what the long one holds, and as the smaller
    of two it is covered the more. Whatever lifts the long one above a threshold would lift it too.
    """
    start = Selector(naming.base(naming.START, base), (Matcher(naming.SLO_ID, "=", slo_id),), RECENT)
    age = Binary(call("time"), "-", call("min_over_time", start))
    return call("clamp_max", Binary(age, "/", Number(window.seconds)), _ONE)


def _one_by_one(slos: tuple[Slo, ...]) -> Matcher:
    if len(slos) == 1:
        return Matcher(naming.SLO_ID, "=", slos[0].id)
    return Matcher(naming.SLO_ID, "=~", "|".join(slo.id for slo in slos))

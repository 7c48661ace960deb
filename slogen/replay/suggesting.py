"""
Which objectives a history supports: kept with headroom, and with events enough to tell them apart.

An objective is supported where the history spent no more of its budget than a given share, both over the whole time
at its error ratio and at the worst of it, and where so many events may fail within the budget that a few more or less
are no matter of chance. An error ratio does not tell how many events it is made of: there it is readings of it that are
counted, as many as there were scrapes, which are to the alerts what events are.
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Final, NamedTuple

from slogen.model import Severity, Slo
from slogen.replay.result import Replay
from slogen.replay.whatif import Question

LADDER: Final = tuple(
    Decimal(percent) / 100
    for percent in ("90", "95", "98", "99", "99.5", "99.8", "99.9", "99.95", "99.98", "99.99", "99.995", "99.999")
)
"""Objectives that people write, the loosest first."""
FEWEST_ERRORS: Final = 10
"""So many events at least have to be allowed to fail in the time that is looked at."""


class Option(NamedTuple):
    """
    An objective, and what the history would have made of it.

    Attributes:
        spent: share of the budget; above 1 where more was spent than there was.
        pages: how many there would have been.
        tickets: likewise.
        countable: whether enough events happened to tell.
    """

    objective: Decimal
    spent: float
    pages: int
    tickets: int
    countable: bool


class Suggestion(NamedTuple):
    """
    What a history supports.

    Attributes:
        events: how many there were, in all groups; of an error ratio, readings.
        error_ratio: of the worst group; None where there were no events.
        written: the objective as it is.
        suggested: the strictest that is supported; None where none is.
        kept: whether any would have been kept, with events enough to tell or without.
    """

    events: float
    error_ratio: float | None
    written: Option
    suggested: Option | None
    kept: bool


class Bound(NamedTuple):
    """
    A bound of the buckets of a latency SLO, and what it supports.

    Attributes:
        seconds: the latency threshold.
        good: the share of the events that were no slower, within [0, 1].
        supported: the strictest objective; None where none is.
    """

    seconds: Decimal
    good: float
    supported: Decimal | None


def questions(slo: Slo) -> tuple[Question, ...]:
    """What is to be replayed of *slo* beside what is written."""
    return tuple(Question(objective) for objective in LADDER if objective != slo.objective)


def suggest(replays: Sequence[Replay], headroom: float, each: float = 1) -> Suggestion:
    """
    What the history behind *replays* supports: of an SLO as it is written, and of `questions`.

    Args:
        headroom: the share of the budget that is to be left, within [0, 1).
        each: how many of what the replays count are an event: 1, or of an error ratio, whose seconds they count, those
            between two readings.
    """
    options = [_option(replay, each) for replay in replays]
    kept = [one for one in options if one.spent <= 1 - headroom]
    groups = replays[0].groups
    return Suggestion(
        sum(group.events for group in groups) / each,
        max((group.error_ratio for group in groups if group.error_ratio is not None), default=None),
        options[0],
        max((one for one in kept if one.countable), key=lambda one: one.objective, default=None),
        bool(kept),
    )


def bounds(shares: Iterable[tuple[Decimal, float]], events: float, headroom: float) -> tuple[Bound, ...]:
    """What each bound supports, by the share of all *events* that were no slower; the fastest first."""
    return tuple(Bound(seconds, good, _supported(good, events, headroom)) for seconds, good in sorted(shares))


def _supported(good: float, events: float, headroom: float) -> Decimal | None:
    held = (
        objective
        for objective in LADDER
        if 1 - good <= float(1 - objective) * (1 - headroom) and events * float(1 - objective) >= FEWEST_ERRORS
    )
    return max(held, default=None)


def _option(replay: Replay, each: float) -> Option:
    budget = float(1 - replay.variant.objective)
    spent = [0.0]
    for group in replay.groups:
        spent += [(group.error_ratio or 0.0) / budget, 1 - min(point.remaining for point in group.budget)]
    events = min((group.events for group in replay.groups if group.events > 0), default=0.0) / each
    return Option(
        replay.variant.objective,
        max(spent),
        replay.count(Severity.PAGE),
        replay.count(Severity.TICKET),
        events * budget >= FEWEST_ERRORS,
    )

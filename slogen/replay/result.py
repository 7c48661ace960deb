"""What a replay comes to; moments are Unix seconds, ratios and shares within [0, 1] but where stated otherwise."""

from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Final, NamedTuple

from slogen.model import Severity, Tier

WEEK: Final = 604_800
BLIND: Final = Severity.TICKET
"""How the alert for missing data is told."""


class Firing(NamedTuple):
    """
    One alert, from the evaluation at which it fired to the first at which it no longer did.

    Attributes:
        start: the first moment of the replay, where it was firing then already (*earlier*).
        end: None where it was firing still at the last moment.
        tiers: the names of those that held at any time of it, those that held at its start first.
        peak_burn: the highest burn rate of a long window of a tier that held; 1 empties the budget in the SLO window.
        budget_spent: share of the budget of the SLO window that was spent in the long window of the first tier when it
            fired, at steady traffic: burn rate x long window / SLO window; may be above 1.
    """

    severity: Severity
    tiers: tuple[str, ...]
    start: int
    end: int | None
    earlier: bool
    peak_burn: float
    budget_spent: float


class Blind(NamedTuple):
    """
    One alert for missing data, a ticket, from the evaluation at which it fired to the first at which it did not.

    Attributes:
        start: the first moment of the replay, where it was firing then already (*earlier*).
        end: None where it was firing still at the last moment.
    """

    start: int
    end: int | None
    earlier: bool


class Lack(StrEnum):
    """Why a stretch of time tells little."""

    MISSING = "missing"
    """There was no series of events or of errors to read, or no server that scraped it."""
    IDLE = "idle"
    """Series were there and no events happened, so that there is no error ratio and no alert."""
    FEW = "few"
    """Fewer events than `min_events` in the long window of every tier that pages, so that nothing could page."""


class Gap(NamedTuple):
    """A stretch of time with too little data; *end* is the first moment after it, or the last of the replay."""

    lack: Lack
    start: int
    end: int


class Point(NamedTuple):
    """
    What was left of the error budget at a moment: 1 none of it spent, 0 all of it, below 0 more than there was.

    The budget is that of an SLO window with as many events as there were on average in the time that was replayed;
    spent is what failed within the last SLO window, and since the replay began.
    """

    moment: int
    remaining: float


class GroupReplay(NamedTuple):
    """
    What became of one group of an SLO, or of all of it where it is not split.

    Attributes:
        labels: of the group; empty where the SLO is not split.
        events: how many there were in the time that was replayed; of an error ratio, the seconds that it had a value.
        errors: as many of them failed.
        error_ratio: errors over events; None where there were no events, or errors never had a value.
        firings: by their start.
        budget: points evenly spread from the first moment to the last.
        gaps: by their start.
        blind: alerts for missing data, by their start.
    """

    labels: Mapping[str, str]
    events: float
    errors: float
    error_ratio: float | None
    firings: tuple[Firing, ...]
    budget: tuple[Point, ...]
    gaps: tuple[Gap, ...]
    blind: tuple[Blind, ...] = ()

    def count(self, severity: Severity) -> int:
        """How many alerts of a severity there were."""
        burning = sum(firing.severity is severity for firing in self.firings)
        return burning + len(self.blind) if severity is BLIND else burning


class Variant(NamedTuple):
    """
    What is promised, and when it alerts: the SLO as it is written, or what if.

    Attributes:
        label: of a what-if what is different, such as ``objective 99.5``; empty for the SLO as it is written.
        objective: a ratio within (0, 1).
        policy: the name of the policy that a what-if takes instead of the SLO's own; empty for that.
        tiers: those that can fire.
        min_events: None for no limit.
        no_data: whether missing data is told by a ticket.
    """

    label: str
    objective: Decimal
    policy: str
    tiers: tuple[Tier, ...]
    min_events: Decimal | None
    no_data: bool = False

    def able(self, severity: Severity) -> bool:
        """Whether anything can fire with this *severity*."""
        return (self.no_data and severity is BLIND) or any(tier.severity is severity for tier in self.tiers)


class Replay(NamedTuple):
    """
    One variant of an SLO over the history of all its groups.

    Attributes:
        seconds: how long the time was that was replayed, from the first events of the SLO on.
        blind: alerts for missing data of all groups together, of an SLO that is split.
    """

    variant: Variant
    seconds: int
    groups: tuple[GroupReplay, ...]
    blind: tuple[Blind, ...] = ()

    def count(self, severity: Severity) -> int:
        """How many alerts of a severity there were, in all groups and of all together."""
        grouped = sum(group.count(severity) for group in self.groups)
        return grouped + len(self.blind) if severity is BLIND else grouped

    def per_week(self, severity: Severity) -> float:
        """As many a week, on average."""
        return self.count(severity) * WEEK / self.seconds


class Backtest(NamedTuple):
    """
    One SLO replayed over a time.

    Attributes:
        start: the first moment at which alerts were evaluated.
        end: the last one.
        step: seconds between two of them.
        notes: what the replay cannot see, in words; lower case, no full stop.
        replays: the SLO as it is written first, each what-if after it; empty where nothing could be read (*unread*).
        unread: why; empty where it could be.
        counted: whether events were; those of an error ratio are the seconds that it had a value.
    """

    slo: str
    service: str
    name: str
    description: str
    window_seconds: int
    start: int
    end: int
    step: int
    notes: tuple[str, ...]
    replays: tuple[Replay, ...]
    unread: str = ""
    counted: bool = True

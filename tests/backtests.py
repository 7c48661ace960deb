"""Backtests made up for pages: what a replay could come to, and texts that are hostile to HTML."""

import math
from collections.abc import Callable, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Final

from slogen.model import Severity, Tier
from slogen.replay.result import Backtest, Blind, Firing, Gap, GroupReplay, Lack, Point, Replay, Variant
from slogen.units import Window

HOUR, DAY = 3_600, 86_400
END: Final = 1_795_514_400  # 24 Nov 2026 10:00 UTC
START: Final = END - 30 * DAY
HOSTILE: Final = (
    "<script>document.title='taken over'</script>",
    '"><img src=x onerror="document.title=\'taken over\'">',
    "</style><style>body{display:none}</style>",
    "javascript:document.title='taken over'",
    "[[ 7 * 7 ]] {{ 7 * 7 }} [% raw %]",
    "\u202egnidaelsim\u0000\u0007\ud800",
    "&lt;b&gt; &amp; ]]> --> '",
    "w" * 300,
)
TIERS: Final = (
    Tier(Severity.PAGE, Window.parse("1h"), Window.parse("5m"), Fraction("14.4"), Decimal("0.0144")),
    Tier(Severity.TICKET, Window.parse("3d"), Window.parse("6h"), Fraction(1), Decimal("0.001")),
)


def page_alert(start: int, seconds: int, peak: float = 42.5) -> Firing:
    return Firing(Severity.PAGE, ("page-1h", "page-6h"), start, start + seconds, False, peak, 0.0206)


def ticket(start: int, seconds: int) -> Firing:
    return Firing(Severity.TICKET, ("ticket-1d",), start, start + seconds, False, 3.31, 0.11)


def falling(*outages: tuple[int, float], slope: float = 0.0) -> Callable[[int], float]:
    """A budget that is spent steadily, and at once by each outage, given by its moment and what it spends."""

    def remaining(moment: int) -> float:
        lost = sum(spent * min(max((moment - at) / (2 * HOUR), 0), 1) for at, spent in outages)
        return min(1 - slope * (moment - START) / (END - START) - lost + 0.01 * math.sin(moment / 40_000), 1)

    return remaining


def group(
    remaining: Callable[[int], float],
    firings: tuple[Firing, ...] = (),
    gaps: tuple[Gap, ...] = (),
    labels: Mapping[str, str] = {},
) -> GroupReplay:
    points = tuple(Point(moment, remaining(moment)) for moment in range(START, END + 1, HOUR))
    return GroupReplay(labels, 25_920_000.0, 31_104.0, 0.0012, firings, points, gaps)


def variant(label: str = "", objective: str = "0.999", tiers: tuple[Tier, ...] = TIERS) -> Variant:
    return Variant(label, Decimal(objective), "", tiers, None)


def backtest(
    name: str,
    *replays: tuple[Variant, tuple[GroupReplay, ...]],
    notes: tuple[str, ...] = (),
    unread: str = "",
    description: str = "Requests are answered without a server error.",
) -> Backtest:
    told = tuple(Replay(one, END - START, groups) for one, groups in replays)
    service = "shop"
    return Backtest(f"{service}-{name}", service, name, description, 30 * DAY, START, END, 60, notes, told, unread)


def healthy() -> Backtest:
    return backtest("healthy", (variant(), (group(falling(slope=0.13)),)))


def outage() -> Backtest:
    """An outage that pages, a slow burn, and what another objective would have made of them."""
    first, slow = START + 11 * DAY, START + 22 * DAY
    firings = (page_alert(first, 5_400), ticket(first + 1_800, 7 * HOUR), ticket(slow, 30 * HOUR))
    gaps = (Gap(Lack.MISSING, START + 5 * DAY, START + 5 * DAY + 9 * HOUR),)
    written = group(falling((first, 0.75), (slow, 0.45), slope=0.1), firings, gaps)
    looser = group(falling((first, 0.15), (slow, 0.09), slope=0.02), firings[:1])
    return backtest(
        "outage",
        (variant(), (written,)),
        (variant("objective 99.5", "0.995"), (looser,)),
        notes=("the step of 1m hides what lasts shorter",),
    )


def idle_at_night() -> Backtest:
    nights = tuple(Gap(Lack.IDLE, START + day * DAY, START + day * DAY + 6 * HOUR) for day in range(30))
    regions = (
        group(falling(slope=0.4), (), nights, {"region": "eu"}),
        group(falling(slope=1.4), (ticket(START + 2 * DAY, 20 * DAY),), nights, {"region": "us"}),
    )
    return backtest("idle", (variant(), regions))


def firing_throughout() -> Backtest:
    """What fired before the replay began, and fires still."""
    long = Firing(Severity.PAGE, ("page-6h",), START, None, True, 900.0, 5.4)
    return backtest("broken", (variant(), (group(falling((START, 3.0), slope=9.0), (long,)),)))


def blind() -> Backtest:
    """Two groups that vanished together for nine hours, so that each was missed for a while and the whole longer."""
    gone, back = START + 5 * DAY, START + 5 * DAY + 9 * HOUR
    gap = (Gap(Lack.MISSING, gone, back),)
    missed = (Blind(gone + 960, gone + HOUR, earlier=False),)
    groups = tuple(
        group(falling(slope=0.1), (), gap, {"region": region})._replace(blind=missed) for region in ("eu", "us")
    )
    told = backtest("blind", (variant()._replace(no_data=True), groups))
    (replay,) = told.replays
    return told._replace(replays=(replay._replace(blind=(Blind(gone + 960, back, earlier=False),)),))


def unread() -> Backtest:
    return backtest("unread", unread="the server refuses to answer: it loads too many samples")


def hostile() -> Backtest:
    """Texts of others wherever a text may stand."""
    first = START + 11 * DAY
    groups = tuple(
        group(falling(slope=0.5), (page_alert(first, 5_400),), (), {"path": text, text[:20]: "x"}) for text in HOSTILE
    )
    made = backtest(
        HOSTILE[0],
        (variant(), groups),
        *((variant(text), groups) for text in HOSTILE),
        notes=HOSTILE,
        description=HOSTILE[1],
    )
    return made._replace(slo=HOSTILE[2], service=HOSTILE[1], unread="")


def every_kind() -> tuple[Backtest, ...]:
    return healthy(), outage(), idle_at_night(), firing_throughout(), unread()

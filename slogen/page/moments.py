"""Moments and lengths of time as the page tells them, in UTC."""

from datetime import UTC, datetime
from fractions import Fraction
from typing import Final, NamedTuple

from slogen.explain.view import span

DAY: Final = 86_400
_HOUR: Final = 3_600
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_STEPS: Final = (
    *(60, 300, 600, 1_800),
    *(hours * _HOUR for hours in (1, 2, 3, 6, 12)),
    *(days * DAY for days in (1, 2, 5, 7, 10, 14, 28, 56, 91, 182, 365)),
)
"""What may lie between two marks of an axis, in seconds."""
_MOST_MARKS: Final = 7


class Moment(NamedTuple):
    """A moment for people, ``24 Nov``, 2026 and ``10:05``, and for programs, as ``datetime`` in HTML."""

    day: str
    year: int
    clock: str
    iso: str


def moment(seconds: int) -> Moment:
    """What *seconds* since 1970 are."""
    when = datetime.fromtimestamp(seconds, UTC)
    return Moment(_day(when), when.year, _clock(when), when.strftime("%Y-%m-%dT%H:%M:%SZ"))


def _day(when: datetime) -> str:
    return f"{when.day} {_MONTHS[when.month - 1]}"


def _clock(when: datetime) -> str:
    return f"{when.hour:02}:{when.minute:02}"


def length(seconds: int) -> str:
    """*seconds* in the two largest units: ``1h30m``."""
    return span(Fraction(seconds))


class Mark(NamedTuple):
    """A mark of an axis of time: how far along it lies, from 0 to 1."""

    at: float
    text: str


def marks(start: int, end: int) -> tuple[Mark, ...]:
    """The marks of an axis of time: few, and at midnight or another full hour or minute."""
    long = max(end - start, 1)
    step = next((one for one in _STEPS if long / one <= _MOST_MARKS), _STEPS[-1])
    first = -(-start // step) * step
    return tuple(Mark((at - start) / long, _short(at, step)) for at in range(first, end + 1, step))


def _short(seconds: int, step: int) -> str:
    when = datetime.fromtimestamp(seconds, UTC)
    return _day(when) if step >= DAY or seconds % DAY == 0 else _clock(when)

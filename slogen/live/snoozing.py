"""
A snooze in the SLO file has no effect: its last day is over, or its check finds nothing.

`checks: [{snooze: CODE, until: 2026-12-31, reason: TEXT}]` in an SLO keeps what the check of that code finds from being
told as a finding, until the end of that day in UTC, by the clock of the server. The check is made all the same. What it
finds is listed as snoozed and makes nothing fail; when the day is over it is found again, and the snooze is told to be
over. A check that finds nothing needs no snooze: drop it, so that it hides nothing that comes later. Whether a check
that the server cannot answer would find anything, nobody knows; its snooze is left alone.
"""

import time
from collections.abc import Iterable, Iterator
from typing import Final

from slogen.diagnostics import Diagnostic, Level
from slogen.model import Slo, Snooze

CODE: Final = "stale-snooze"


def of(slo: Slo, check: str) -> Snooze | None:
    """The snooze of *check*, over or not; None where it has none."""
    return next((snooze for snooze in slo.snoozes if snooze.check == check), None)


def is_over(snooze: Snooze, at: float) -> bool:
    """Whether its last day has ended *at* a moment, in Unix seconds."""
    return snooze.until < time.strftime("%Y-%m-%d", time.gmtime(at))


def over(slo: Slo, snooze: Snooze) -> Diagnostic:
    """That its last day has ended."""
    message = f"the snooze of {snooze.check!r} ended with {snooze.until}; drop it, or choose a later day"
    return _told(slo, (*snooze.path, "until"), message)


def idle(slo: Slo, snooze: Snooze) -> Diagnostic:
    """That there is nothing to be kept from being told."""
    message = f"the snooze of {snooze.check!r} has no effect, for the check finds nothing; drop it"
    return _told(slo, (*snooze.path, "snooze"), message)


def all_over(slos: Iterable[Slo], at: float) -> Iterator[Diagnostic]:
    """Every snooze of *slos* whose last day has ended *at* a moment."""
    return (over(slo, snooze) for slo in slos for snooze in slo.snoozes if is_over(snooze, at))


def _told(slo: Slo, path: tuple[str | int, ...], message: str) -> Diagnostic:
    position = slo.place.source.position((*slo.place.path, *path))
    return Diagnostic(position, Level.WARNING, CODE, message)

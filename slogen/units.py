"""Time and ratios as exact values, and the one way each of them is printed."""

import re
from decimal import ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Self

_SECONDS = {"w": 604_800, "d": 86_400, "h": 3_600, "m": 60, "s": 1}
_DURATION = re.compile(r"(?:(\d{1,9})w)?(?:(\d{1,9})d)?(?:(\d{1,9})h)?(?:(\d{1,9})m)?(?:(\d{1,9})s)?", re.ASCII)
_THRESHOLD = re.compile(r"(\d{1,12}(?:\.\d{1,12})?)(ns|us|µs|ms|s|m|h)", re.ASCII)
_SECONDS_PER_UNIT = {
    "ns": Decimal("1e-9"),
    "us": Decimal("1e-6"),
    "µs": Decimal("1e-6"),
    "ms": Decimal("0.001"),
    "s": Decimal(1),
    "m": Decimal(60),
    "h": Decimal(3600),
}

# What does not end (1/3) is cut to as many digits as a float64 holds with room to spare.
_PRINTED = Context(prec=12, rounding=ROUND_HALF_EVEN)
_EXACT = Context(prec=60)

SECONDS_PER = {
    "seconds": Decimal(1),
    "milliseconds": Decimal("0.001"),
    "microseconds": Decimal("1e-6"),
    "nanoseconds": Decimal("1e-9"),
}
"""The units of time that metric names end in, each in seconds."""

MAXIMUM_DAYS = 3_660
"""Longest span accepted anywhere, in days: ten years, more than any server retains."""


class Window(int):
    """A positive span of time in whole seconds."""

    __slots__ = ()

    @classmethod
    @lru_cache(maxsize=512)
    def parse(cls, text: str) -> Self:
        """
        The span written as Prometheus writes durations: ``5m``, ``1h30m``, ``30d``, ``4w``.

        Raises:
            ValueError: *text* is not such a duration, is zero, or is longer than ten years.

        Source: https://prometheus.io/docs/prometheus/latest/querying/basics/#time-durations
        """
        match = _DURATION.fullmatch(text)
        if not text or match is None:
            message = f"{text!r} is not a duration; write it like 30s, 5m, 1h30m or 30d"
            raise ValueError(message)
        parts = zip(match.groups(), _SECONDS.values(), strict=True)
        seconds = sum(int(count) * unit for count, unit in parts if count)
        if not 0 < seconds <= MAXIMUM_DAYS * 86_400:
            message = f"{text!r} is out of range; a duration is longer than 0s and at most {MAXIMUM_DAYS}d"
            raise ValueError(message)
        return cls(seconds)

    @property
    def seconds(self) -> int:
        """The span in seconds."""
        return int(self)

    @property
    def days(self) -> Fraction:
        """The span in days."""
        return Fraction(self.seconds, 86_400)

    def __str__(self) -> str:
        """
        The span in the largest unit that divides it, days at most: ``90s``, ``30m``, ``28d``.

        Metric names are made of it, so it never changes: 24h is ``1d``, and 28d is not ``4w``.
        """
        return _spelt(int(self))

    def __repr__(self) -> str:
        return f"Window.parse({str(self)!r})"

    def __format__(self, _: str) -> str:
        return _spelt(int(self))


@lru_cache(maxsize=512)
def _spelt(seconds: int) -> str:
    for unit in ("d", "h", "m"):
        count, rest = divmod(seconds, _SECONDS[unit])
        if not rest:
            return f"{count}{unit}"
    return f"{seconds}s"


@lru_cache(maxsize=512)
def latency_seconds(text: str) -> Decimal:
    """
    A latency threshold in seconds, exactly: ``500ms``, ``0.25s``, ``2m``; ns, us, ms, s, m and h.

    Raises:
        ValueError: *text* is no such duration, or is zero.
    """
    match = _THRESHOLD.fullmatch(text)
    if match is None:
        message = f"{text!r} is not a latency; write it like 500ms, 0.25s or 2s"
        raise ValueError(message)
    seconds = Decimal(match[1]) * _SECONDS_PER_UNIT[match[2]]
    if not seconds:
        message = f"{text!r} is zero; a latency threshold is longer than 0s"
        raise ValueError(message)
    return seconds


@lru_cache(maxsize=4096)
def plain(value: Decimal | int) -> str:
    """*value* in decimal digits, never with an exponent, every digit of it."""
    text = f"{value:f}" if isinstance(value, Decimal) else str(value)
    return text.rstrip("0").rstrip(".") if "." in text else text


def printed(value: Fraction) -> Decimal:
    """*value* exactly where its decimal expansion ends; what does not end (4/3) half-even to 12 significant digits."""
    rest = value.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    context = _PRINTED if rest != 1 else _EXACT
    return context.divide(Decimal(value.numerator), Decimal(value.denominator))

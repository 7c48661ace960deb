"""
The samples of a series, as promtool writes them.

Source: https://prometheus.io/docs/prometheus/latest/configuration/unit_testing_rules/#series
"""

from collections.abc import Iterator
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from slogen.proofs.inputs import Form, Input, Part
from slogen.proofs.traffic import Phase, Timeline
from slogen.units import plain

_ZERO = Decimal(0)
_MOST_DIGITS = 8
_FINEST = 1 << 16


class _Stretch(NamedTuple):
    """*size* samples in which nothing changes."""

    size: int
    phase: Phase
    present: bool


@lru_cache(maxsize=4096)
def samples(kind: tuple[Part, Form, bool, int, Decimal], timeline: Timeline, rate: Decimal, interval: int) -> str:
    """
    The samples of an input of this *kind*.

    Args:
        rate: usual events a second.
        interval: seconds between samples.
    """
    part, form, tells, from_traffic, bound = kind
    stretches = []
    for number, phase in enumerate(timeline):
        present = not phase.gone and not (tells and phase.unborn)
        if form is Form.GAUGE:
            present = present and phase.traffic >= from_traffic
        stretches.append(_Stretch(phase.seconds // interval + (number == 0), phase, present))
    if form is Form.GAUGE:
        return " ".join(_gauge(stretch, part) for stretch in stretches)
    rise = _whole(timeline, rate * interval)
    if form is Form.HISTOGRAM:
        return " ".join(_histogram(stretches, rise, bound))
    return " ".join(_counter(stretches, part, rise))


def kind(one: Input) -> tuple[Part, Form, bool, int, Decimal]:
    """What of an input its samples depend on."""
    return (one.part, one.form, one.tells, one.from_traffic, one.bound)


def _whole(timeline: Timeline, rise: Decimal) -> Decimal:
    """
    *rise*, or so many times ten of it that no series rises by a fraction; less than 1 is cut to a sum of powers of two.

    promtool adds up what a series rises by; sums of other fractions are rounded, and a counter that seems to fall was
    reset.
    """
    if rise < 1:
        return Decimal(int(rise * _FINEST)) / _FINEST
    rises = [rise, *(rise * phase.share for phase in timeline)]
    digits = max(-int(one.normalize().as_tuple().exponent) for one in rises)
    return rise.scaleb(min(max(digits, 0), _MOST_DIGITS))


def _share(part: Part, phase: Phase) -> Decimal:
    match part:
        case Part.ALL:
            return Decimal(1)
        case Part.BAD:
            return phase.share
        case Part.GOOD:
            return 1 - phase.share


def _absent(count: int) -> str:
    return "_" if count == 1 else f"_x{count}"


def _gauge(stretch: _Stretch, part: Part) -> str:
    if not stretch.present:
        return _absent(stretch.size)
    return f"{plain(_share(part, stretch.phase))}x{stretch.size - 1}"


def _counter(stretches: list[_Stretch], part: Part, rise: Decimal) -> Iterator[str]:
    """It begins at 0, and where it was absent it goes on from where it was."""
    value = _ZERO
    for number, (count, phase, present) in enumerate(stretches):
        if not present:
            yield _absent(count)
            continue
        step = rise * phase.traffic * _share(part, phase)
        start = value + (step if number else _ZERO)
        value = start + step * (count - 1)
        yield f"{plain(start)}+{plain(step)}x{count - 1}" if step else f"{plain(start)}x{count - 1}"


def _histogram(stretches: list[_Stretch], rise: Decimal, bound: Decimal) -> Iterator[str]:
    """
    Two buckets of a native histogram, the good one below *bound*, the bad one above it: nothing is interpolated.

    Source: https://prometheus.io/docs/specs/native_histograms/#schema (schema 0: bounds are powers of two)
    """
    low = _floor_log2(bound)
    high = low + (1 if Decimal(2) ** low == bound else 2)
    good = bad = _ZERO
    for number, (count, phase, present) in enumerate(stretches):
        if not present:
            yield _absent(count)
            continue
        steps = (rise * phase.traffic * (1 - phase.share), rise * phase.traffic * phase.share)
        if number:
            good, bad = good + steps[0], bad + steps[1]
        yield f"{_buckets(low, high, good, bad)}+{_buckets(low, high, *steps)}x{count - 1}"
        good, bad = good + steps[0] * (count - 1), bad + steps[1] * (count - 1)


def _buckets(low: int, high: int, good: Decimal, bad: Decimal) -> str:
    counts = " ".join([plain(good), *["0"] * (high - low - 1), plain(bad)])
    return f"{{{{schema:0 count:{plain(good + bad)} sum:{plain(good + bad)} offset:{low} buckets:[{counts}]}}}}"


def _floor_log2(value: Decimal) -> int:
    """The largest power of two that is at most *value*, as its exponent."""
    exponent = 0
    while Decimal(2) ** exponent > value:
        exponent -= 1
    while Decimal(2) ** (exponent + 1) <= value:
        exponent += 1
    return exponent

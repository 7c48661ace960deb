"""What an SLO depends on, and what its parts can promise together."""

from collections.abc import Iterator, Mapping
from decimal import ROUND_CEILING, Context, Decimal
from fractions import Fraction
from math import prod
from typing import Final, NamedTuple

from slogen.units import plain

_PESSIMISTIC: Final = Context(prec=4, rounding=ROUND_CEILING)

MOST: Final = 100
"""So many parts an SLO may have."""


class Reference(NamedTuple):
    """
    Another SLO, which promises its objective.

    Attributes:
        target: ``service/slo`` or an SLO's id, as it is written.
        path: where that is, within its SLO.
    """

    target: str
    path: tuple[str | int, ...]


class Given(NamedTuple):
    """
    What somebody else promises.

    Attributes:
        availability: within (0, 1).
    """

    name: str
    availability: Decimal


class Series(NamedTuple):
    """Parts of which every one is needed."""

    parts: "tuple[Part, ...]"


class Parallel(NamedTuple):
    """Parts of which any one is enough."""

    parts: "tuple[Part, ...]"


Part = Reference | Given | Series | Parallel
Promises = Mapping[str, Fraction]
"""What each `Reference` promises, by its target: a share of good events."""


def references(part: Part) -> Iterator[Reference]:
    """The SLOs in *part*, in the order in which they are written."""
    match part:
        case Reference():
            yield part
        case Series(parts) | Parallel(parts):
            for inner in parts:
                yield from references(inner)


def size(part: Part) -> int:
    """The number of parts that are neither in series nor parallel themselves."""
    match part:
        case Series(parts) | Parallel(parts):
            return sum(map(size, parts))
        case _:
            return 1


def together(part: Part, promises: Promises) -> Fraction:
    """
    The availability that *part* can promise, exactly.

    In series the product of the availabilities; in parallel 1 - the product of the unavailabilities. Both hold
    for parts that fail independently of each other, all promising over one window.

    Source: https://docs.aws.amazon.com/wellarchitected/latest/reliability-pillar/availability.html
    """
    match part:
        case Reference(target):
            return promises[target]
        case Given(_, availability):
            return Fraction(availability)
        case Series(parts):
            return prod((together(inner, promises) for inner in parts), start=Fraction(1))
        case Parallel(parts):
            return 1 - prod((1 - together(inner, promises) for inner in parts), start=Fraction(1))


def weakest(part: Part, promises: Promises) -> Part:
    """The part that takes most from what all can promise; of parallel ones, only all together do."""
    if isinstance(part, Series):
        return min((weakest(inner, promises) for inner in part.parts), key=lambda inner: together(inner, promises))
    return part


def percent_kept(availability: Fraction) -> str:
    """*availability* in percent, its unavailability rounded up to four digits: what is printed can be kept."""
    lost = 1 - availability
    return plain(100 * (1 - _PESSIMISTIC.divide(Decimal(lost.numerator), Decimal(lost.denominator))))


def called(part: Part) -> str:
    """*part* in words: ``a/x``, ``(a/x or b/x)``."""
    match part:
        case Reference(target):
            return target
        case Given(name):
            return name
        case Series(parts):
            return _joined(parts, "and")
        case Parallel(parts):
            return _joined(parts, "or")


def _joined(parts: tuple[Part, ...], word: str) -> str:
    joined = f" {word} ".join(map(called, parts))
    return f"({joined})" if len(parts) > 1 else joined

"""Yes or no at each moment, as bytes that are 1 or 0."""

from collections.abc import Iterator
from typing import Final

_INVERTED: Final = bytes([1, 0]) + bytes(254)


def either(one: bytes, other: bytes) -> bytes:
    """Where one of both is set."""
    return (int.from_bytes(one) | int.from_bytes(other)).to_bytes(len(one))


def both(one: bytes, other: bytes) -> bytes:
    """Where both are set."""
    return (int.from_bytes(one) & int.from_bytes(other)).to_bytes(len(one))


def inverted(flags: bytes) -> bytes:
    """Where they are not set."""
    return flags.translate(_INVERTED)


def runs(flags: bytes) -> Iterator[range]:
    """Each stretch of moments at which they are set."""
    begin = flags.find(1)
    while begin >= 0:
        end = flags.find(0, begin)
        yield range(begin, len(flags) if end < 0 else end)
        begin = -1 if end < 0 else flags.find(1, end)


def spread(flags: bytes, slot: int, span: range) -> bytes:
    """
    What was evaluated once a *slot* at every moment of *span*: as it was at the last evaluation.

    Args:
        flags: of the evaluations from the last one that is not after the beginning of *span* on.
    """
    every = bytearray(len(flags) * slot)
    for offset in range(slot):
        every[offset::slot] = flags
    first = span.start % slot
    return bytes(every[first : first + len(span)])

"""The bounds of a histogram's buckets in words."""

from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise

from slogen.units import plain


def nearest(bound: Decimal, buckets: Sequence[Decimal]) -> str:
    """``the nearest are 0.25 and 0.5``: those of the *buckets*, of which there are some, on both sides of *bound*."""
    ordered = sorted(buckets)
    around = [pair for pair in pairwise(ordered) if pair[0] < bound < pair[1]]
    near = list(around[0]) if around else [min(ordered, key=lambda other: abs(other - bound))]
    return f"the nearest {'is' if len(near) == 1 else 'are'} {' and '.join(map(plain, near))}"

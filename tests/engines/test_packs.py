"""Packs are as large as they may be, whatever that is, and hold every SLO once and in order."""

from hypothesis import given
from hypothesis import strategies as st

import slogen
from engines.reading import service
from slogen.packs import packed
from slogen.rules import RuleSet

NAMES = tuple(f"s{number}" for number in range(90))
(RULES,) = slogen.compile(service("shop", *NAMES), targets=["prometheus"]).rules


def names(planned: RuleSet) -> list[str]:
    return [slo.name for slo in planned.everyone.slos]


@given(weights=st.lists(st.integers(1, 9), min_size=len(NAMES), max_size=len(NAMES)), most=st.integers(1, 500))
def test_each_pack_is_filled_before_the_next_is_begun(weights: list[int], most: int) -> None:
    weight = dict(zip(NAMES, weights, strict=True))

    def fits(planned: RuleSet) -> bool:
        return sum(map(weight.__getitem__, names(planned))) <= most

    found = list(packed(RULES, fits))

    expected: list[list[str]] = []
    for name in NAMES:
        if expected and sum(map(weight.__getitem__, [*expected[-1], name])) <= most:
            expected[-1].append(name)
        else:
            expected.append([name])
    assert list(map(names, found)) == expected
    assert [planned.owner for planned in found] == ["shop", *(f"shop-{n}" for n in range(2, len(expected) + 1))]

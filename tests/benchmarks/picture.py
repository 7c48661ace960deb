"""The cost of rule sets as a picture: the share of a core by the number of series, both logarithmic."""

import math
from collections.abc import Mapping
from typing import Final

from benchmarks.rule_sets import FLOOR, SEVERAL
from drawing import FAINT, Picture

COLOURS: Final = {
    "Sloth": "#cf222e",
    "Pyrra": "#bc4c00",
    "slogen": "#54aeff",
    f"slogen, {SEVERAL} SLOs a service": "#0550ae",
    FLOOR: "#6e7781",
}
"""The rule sets that are drawn; the strategies that read counters are in the table alone."""
WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 760, 380, 80, 200, 50, 50


def draw(shares: Mapping[str, Mapping[int, float]]) -> str:
    """
    The picture.

    Args:
        shares: of a core, within (0, 1), by rule set and number of series.
    """
    picture = Picture(WIDTH, HEIGHT, "What the rules of one SLO cost a Prometheus")
    picture.words(20, 26, "Share of a core for the rules of one SLO, by the raw series it is measured from", size=14)
    drawn = {shape: shares[shape] for shape in COLOURS if shape in shares}
    numbers = sorted({number for one in drawn.values() for number in one})
    seconds = [share for one in drawn.values() for share in one.values()]
    low, high = math.floor(math.log10(min(seconds))), math.ceil(math.log10(max(seconds)))
    span = math.log10(numbers[-1] / numbers[0]) or 1

    def x(number: int) -> float:
        return LEFT + math.log10(number / numbers[0]) / span * (WIDTH - LEFT - RIGHT)

    def y(share: float) -> float:
        return HEIGHT - BOTTOM - (math.log10(share) - low) / (high - low) * (HEIGHT - TOP - BOTTOM)

    for power in range(low, high + 1):
        level = y(10.0**power)
        picture.line([(LEFT, level), (WIDTH - RIGHT, level)])
        picture.words(LEFT - 8, level + 4, f"{10.0 ** (power + 2):g} %", anchor="end")
    for number in numbers:
        picture.line([(x(number), TOP), (x(number), HEIGHT - BOTTOM)], FAINT)
        picture.words(x(number), HEIGHT - BOTTOM + 18, f"{number:,}", anchor="middle")
    taken: list[float] = []
    for shape, one in sorted(drawn.items(), key=lambda item: -max(item[1].values())):
        points = [(x(number), y(share)) for number, share in sorted(one.items())]
        picture.line(points, COLOURS[shape], 2.5, "5 4" if shape == FLOOR else "")
        beside = max(points[-1][1] + 4, *(place + 16 for place in taken)) if taken else points[-1][1] + 4
        taken.append(beside)
        picture.words(points[-1][0] + 10, beside, shape, colour=COLOURS[shape])
    return str(picture)

"""
A scenario as a picture: the burn rate that each SLO makes of each step, and whom it wakes.

    python tests/scenarios/picture.py packet_loss docs/packet-loss.svg
"""

import math
import sys
from pathlib import Path
from typing import Final

TESTS: Final = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TESTS))

from drawing import Picture  # noqa: E402 - found from the folder of the tests
from scenarios.scenario import Promise, Scenario, Seen, load  # noqa: E402

WIDTH, LEFT, TOP, ROW, BARS = 760, 80, 64, 132, 96
LOW, HIGH = 0.1, 1000.0
COLOURS: Final = {"page": "#cf222e", "ticket": "#d4a72c", "silent": "#8c959f"}
MARKS: Final = (1, 6, 14.4)
"""The burn rates of a slow ticket and of both pages, which lines mark."""


def state(seen: Seen) -> str:
    """The gravest alert."""
    return next((severity for severity in ("page", "ticket") if severity in seen.fires), "silent")


def height(burn: float) -> float:
    """Of a bar, on a logarithmic scale."""
    clamped = min(max(burn, LOW), HIGH)
    return BARS * math.log(clamped / LOW) / math.log(HIGH / LOW)


def draw(scenario: Scenario) -> str:
    """The picture."""
    picture = Picture(WIDTH, TOP + ROW * len(scenario.promises) + 30, scenario.title)
    picture.words(20, 26, f"{scenario.title}: burn rates, and which alerts they raise", size=14)
    column = (WIDTH - LEFT - 20) / len(scenario.steps)
    for number, step in enumerate(scenario.steps):
        middle = LEFT + column * (number + 0.5)
        latency = f"{step.latency:g} s" if step.latency >= 0.1 else f"{step.latency * 1000:g} ms"
        picture.words(middle, 48, step.name, anchor="middle")
        picture.words(middle, 62, f"p{scenario.quantile * 100:g} {latency}", size=10, anchor="middle")
    for row, promise in enumerate(scenario.promises):
        _row(picture, promise, TOP + ROW * row, column)
    bottom = TOP + ROW * len(scenario.promises) + 16
    for number, (name, colour) in enumerate(COLOURS.items()):
        picture.box(LEFT + 90 * number, bottom - 9, 10, 10, colour)
        picture.words(LEFT + 90 * number + 15, bottom, name)
    return str(picture)


def _row(picture: Picture, promise: Promise, top: float, column: float) -> None:
    ground = top + ROW - 10
    picture.words(20, ground - BARS - 4, promise.says)
    for burn in MARKS:
        level = ground - height(burn)
        picture.line([(LEFT, level), (WIDTH - 20, level)])
        picture.words(LEFT - 6, level + 4, f"{burn:g}x", size=9, anchor="end")
    picture.line([(LEFT, ground), (WIDTH - 20, ground)], "#57606a")
    for number, seen in enumerate(promise.steps):
        left, tall = LEFT + column * (number + 0.25), height(seen.burn)
        picture.box(left, ground - tall, column / 2, tall, COLOURS[state(seen)])
        picture.words(left + column / 4, ground - tall - 4, f"{seen.burn:g}", size=11, anchor="middle")


def main(name: str, file: str) -> None:
    """Write the picture of the scenario of that *name*."""
    Path(file).write_text(draw(load(name)), "utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])

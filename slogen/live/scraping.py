"""How often series are really scraped."""

from typing import Final

from slogen.live.asking import Asking
from slogen.promql import Aggregate, Binary, Selector, call
from slogen.units import Window

LOOK_BACK: Final = Window.parse("15m")
BEFORE: Final = Window.parse("20m")
"""Series that have been there for so long are looked at."""
_USUAL: Final = (5, 10, 15, 20, 30, 60, 120, 180, 240, 300)


def interval(selector: Selector, asking: Asking) -> Window | None:
    """That of the series scraped least often; None where none has been there for as long as `BEFORE`."""
    samples = call("count_over_time", selector.over(LOOK_BACK))
    before = Binary(call("count_over_time", selector.over(BEFORE)), ">", samples)
    there_all_along = Binary(Binary(samples, "and", before), "and", selector)
    fewest = asking.number(Aggregate("min", there_all_along))
    return None if fewest is None else _fitting(fewest)


def _fitting(samples: float) -> Window:
    """How far apart so many samples are; the count may be off by one, so it is the usual interval that fits."""
    least, most = LOOK_BACK.seconds / (samples + 1), LOOK_BACK.seconds / max(samples - 1, 1)
    return Window(next((usual for usual in _USUAL if least <= usual <= most), round(LOOK_BACK.seconds / samples)))

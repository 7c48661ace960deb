"""
Series are scraped less often than the SLO says.

The base series are rates over four scrapes, by the `scrape_interval` that the SLO or slogen.yaml names. Where samples
are really further apart, a window holds fewer: with less than two there is no rate, and no alert but that for missing
data; with two or three every delayed scrape is a gap. Looked at is the last quarter of an hour of the series that have
been there for all of it. More frequent scrapes do no harm.

Asks for: instant queries.
"""

from collections.abc import Iterator
from typing import Final

from slogen.diagnostics import Level
from slogen.live.asking import Asking
from slogen.live.checks._check import Finding, NotChecked, Said
from slogen.live.reads import Read, reads
from slogen.model import Slo
from slogen.policy import base_window
from slogen.promql import Aggregate, Binary, call
from slogen.units import Window

_LOOK_BACK: Final = Window.parse("15m")
_BEFORE: Final = Window.parse("20m")
_USUAL: Final = (5, 10, 15, 20, 30, 60, 120, 180, 240, 300)
_LATE: Final = 1.5
"""So many times the interval that was named is no jitter any more."""


def check(slo: Slo, asking: Asking) -> Iterator[Said]:
    """One finding, for the series of the total that are scraped least often."""
    for read in reads(slo)[:1]:
        samples = call("count_over_time", read.selector.over(_LOOK_BACK))
        before = Binary(call("count_over_time", read.selector.over(_BEFORE)), ">", samples)
        there_all_along = Binary(Binary(samples, "and", before), "and", read.selector)
        fewest = asking.number(Aggregate("min", there_all_along))
        if fewest is None:
            yield NotChecked(f"no series of {read.selector} has been there for {_BEFORE}")
        else:
            yield from _judged(slo, read, _interval(fewest))


def _judged(slo: Slo, read: Read, real: Window) -> Iterator[Said]:
    named, base = slo.scrape_interval, base_window(slo.scrape_interval)
    told = f"{read.selector} is scraped every {real}"
    instead = f"write 'scrape_interval: {real}'"
    if real.seconds * 2 > base.seconds:
        yield Finding(read.path, f"{told}, and its rates are over {base}, which has to hold two scrapes; {instead}")
    elif real.seconds > named.seconds * _LATE:
        yield Finding(read.path, f"{told}, not every {named}; {instead}", Level.WARNING)


def _interval(samples: float) -> Window:
    """How far apart so many samples are; the count may be off by one, so it is the usual interval that fits."""
    least, most = _LOOK_BACK.seconds / (samples + 1), _LOOK_BACK.seconds / max(samples - 1, 1)
    return Window(next((usual for usual in _USUAL if least <= usual <= most), round(_LOOK_BACK.seconds / samples)))

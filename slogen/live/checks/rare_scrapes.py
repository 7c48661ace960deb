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
from slogen.live import scraping
from slogen.live.asking import Asking
from slogen.live.checks._check import Finding, NotChecked, Said
from slogen.live.reads import Read, reads
from slogen.model import Slo
from slogen.policy import base_window
from slogen.units import Window

_LATE: Final = 1.5
"""So many times the interval that was named is no jitter any more."""


def check(slo: Slo, asking: Asking) -> Iterator[Said]:
    """One finding, for the series of the total that are scraped least often."""
    for read in reads(slo)[:1]:
        real = scraping.interval(read.selector, asking)
        if real is None:
            yield NotChecked(f"no series of {read.selector} has been there for {scraping.BEFORE}")
        else:
            yield from _judged(slo, read, real)


def _judged(slo: Slo, read: Read, real: Window) -> Iterator[Said]:
    named, base = slo.scrape_interval, base_window(slo.scrape_interval)
    told = f"{read.selector} is scraped every {real}"
    instead = f"write 'scrape_interval: {real}'"
    if real.seconds * 2 > base.seconds:
        yield Finding(read.path, f"{told}, and its rates are over {base}, which has to hold two scrapes; {instead}")
    elif real.seconds > named.seconds * _LATE:
        yield Finding(read.path, f"{told}, not every {named}; {instead}", Level.WARNING)

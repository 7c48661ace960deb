"""
The SLO's rules read more than they need to.

The two base records read every series that the SLO selects, at every scrape; what it costs grows with their number, not
with their samples. More than 10,000 are found: record their sum by fewer labels and let the SLO read that, or select
fewer. With `strategy: raw` or `hybrid`, windows are read from the counters as well, the longest of which hold the most
samples: more than a million samples a second are found, of all rules of the SLO that read the counters. The default,
`hierarchical`, reads no more of them than the base window holds. Both limits are stated here and nowhere set.

How many samples a query looks at is the server's own count, for the base window and, of the others, for five minutes,
from which the longer ones are reckoned. A server that counts none is still asked for the series.

Asks for: instant queries, and their `stats`.
"""

from collections.abc import Iterator
from typing import Final

from slogen import sli_promql
from slogen.diagnostics import Level
from slogen.live import hindsight
from slogen.live.asking import Asking, missing
from slogen.live.checks._check import Finding, NotChecked, Said
from slogen.live.reads import reads
from slogen.model import Slo
from slogen.policy import base_window
from slogen.promrules import SLOW_INTERVAL
from slogen.rules import CURRENT, LONG, Origin, derivations

MOST_SERIES: Final = 10_000
MOST_SAMPLES_PER_SECOND: Final = 1_000_000


def check(slo: Slo, asking: Asking) -> Iterator[Said]:
    """One warning for many series, and one for many samples."""
    if why := missing(slo, asking):
        yield NotChecked(why)
        return
    series = hindsight.series(slo, asking)
    path = reads(slo)[0].path
    if series > MOST_SERIES:
        much = f"its base records read {series:,} series each {slo.scrape_interval}, more than {MOST_SERIES:,}"
        yield Finding(path, f"{much}; record their sum by fewer labels and read that", Level.WARNING)
    samples = _samples_per_second(slo, asking)
    if samples is None:
        yield NotChecked("the server does not tell how many samples a query looks at", of_server=True)
    elif samples > MOST_SAMPLES_PER_SECOND:
        much = f"its rules look at {samples:,} samples of what it reads a second, more than {MOST_SAMPLES_PER_SECOND:,}"
        instead = "'strategy: hierarchical' reads no window from the counters"
        yield Finding(("strategy",), f"{much}; {instead}", Level.WARNING)


def _samples_per_second(slo: Slo, asking: Asking) -> int | None:
    base = base_window(slo.scrape_interval)
    both = [asking.touched(expr) for expr in (sli_promql.base_events(slo, base), sli_promql.base_errors(slo, base))]
    rates = [samples / slo.scrape_interval.seconds for samples in both if samples is not None]
    read = [window for window, origin in derivations(slo) if origin is Origin.COUNTERS]
    if read:
        both.append(asking.touched(sli_promql.ratio(slo, CURRENT)))
        within = both[-1] or 0
        intervals = {True: SLOW_INTERVAL, False: slo.scrape_interval}
        rates += [within * window / CURRENT / intervals[window >= LONG] for window in read]
    return None if None in both else round(sum(rates))

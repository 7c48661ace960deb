"""
The server forgets samples that a window of the SLO still needs.

Rules read what their own server keeps. Where that is less than the SLO window, the budget is told from what there is of
it, and where it is less than a long window of an alert, that alert is another one than it says. Prometheus keeps 15
days unless told otherwise, and most SLO windows are longer: `--storage.tsdb.retention.time`. A store of long retention
elsewhere helps the rules only if it is there that they run.

Where the server does not tell how long it keeps samples, or keeps no more than fit into so many bytes, it is enough
that the series which the SLO reads reach back as far as its window; where they do not, they may be young, and this is
not checked.

Source: https://prometheus.io/docs/prometheus/latest/storage/#operational-aspects

Asks for: `/api/v1/status/runtimeinfo`, else `/api/v1/status/flags`, else an instant query.
"""

import re
from collections.abc import Iterator
from typing import Final

from slogen.diagnostics import Level, shown
from slogen.live import hindsight
from slogen.live.asking import Asking, missing, moment
from slogen.live.checks._check import Finding, NotChecked, Said
from slogen.model import Slo

_SECONDS: Final = {"y": 31_536_000, "w": 604_800, "d": 86_400, "h": 3_600, "m": 60, "s": 1, "ms": 0.001}
_DURATION: Final = re.compile(r"(?:\d+(?:ms|[ywdhms]))+", re.ASCII)
_PART: Final = re.compile(r"(\d+)(ms|[ywdhms])", re.ASCII)


def check(slo: Slo, asking: Asking) -> Iterator[Said]:
    """At most one finding."""
    told = asking.retention()
    time, _, size = told.partition(" or ")
    kept = seconds(time)
    if kept is not None and kept < slo.window.seconds:
        yield _short(slo, time, kept)
    elif kept is None or size:
        yield from _by_samples(slo, told, asking)


def seconds(time: str) -> float | None:
    """How many seconds Prometheus means; None where it is no time, but a size, or nothing."""
    if not _DURATION.fullmatch(time):
        return None
    return sum(int(count) * _SECONDS[unit] for count, unit in _PART.findall(time))


def _short(slo: Slo, time: str, kept: float) -> Finding:
    told = f"the server keeps samples for {time}"
    mend = "keep them longer with --storage.tsdb.retention.time"
    alerting = [tier for alert in slo.alerts for tier in alert.tiers if tier.long.seconds > kept]
    if alerting:
        tiers = " and ".join(f"{tier.name} looks at {tier.long}" for tier in alerting)
        return Finding(("window",), f"{told}, and {tiers}; {mend}", of_server=True)
    window = f"and the SLO window is {slo.window}, so the budget is told from the last {time} alone"
    return Finding(("window",), f"{told}, {window}; {mend}, or shorten the window", Level.WARNING, of_server=True)


def _by_samples(slo: Slo, told: str, asking: Asking) -> Iterator[Said]:
    if why := missing(slo, asking):
        yield NotChecked(why)
        return
    reached = max(hindsight.reach(slo, asking).values(), default=0.0)
    if reached < slo.window.seconds:
        kept = f"the server keeps {shown(told)}" if told else "the server does not tell how long it keeps samples"
        yield NotChecked(f"{kept}, and those that it has begin {moment(asking.at - reached)}")

"""
What the rules recorded is not what the counters say.

Alerts and budget read recorded series. Where those were recorded by other rules than now, or were not for a part of the
time, or where events happened while nothing was scraped, the counters know more. Held against each other are the error
ratio over 6h as it is recorded, or the next longer one up to 1d, and the same window read from the counters. A
difference counts when it is more than a tenth of the true ratio, and more than a tenth of the error budget, and more
than two events; on their own the two differ by less than 3 % over 6h in 95 of 100 cases, also with traffic that swings
a hundredfold. Of a grouped SLO each group that has been recorded for the whole window is looked at.

Not checked are SLOs that have been recorded for less than the window, and an SLI that is an error ratio: over windows
it is recorded as the mean of what it was at each moment, which does not weigh events.

Asks for: instant queries, over 6 hours.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

from slogen import naming, sli_promql
from slogen.live.asking import Asking, first_moments
from slogen.live.checks._check import Finding, NotChecked, Said
from slogen.live.prometheus import Sample
from slogen.model import ErrorRatio, Slo
from slogen.policy import base_window
from slogen.promql import Binary, Matcher, Number, Selector
from slogen.rules import derivations
from slogen.units import Window

SHORTEST: Final = Window.parse("6h")
LONGEST: Final = Window.parse("1d")
_OF_RATIO: Final = 0.1
_OF_BUDGET: Final = 0.1
_EVENTS: Final = 2.0
_ABOUT: Final = Window.parse("10m")
"""So much later than the window begins may the first sample be seen: it is looked for every five minutes."""

Group = tuple[str, ...]


class _Pair(NamedTuple):
    """An error ratio as it was recorded, if it was, and as the counters have it."""

    group: Group
    recorded: float | None
    true: float

    @property
    def off(self) -> float:
        """By how much they differ."""
        return abs((self.recorded or 0) - self.true)


def check(slo: Slo, asking: Asking) -> Iterator[Said]:
    """At most one finding, for the group whose ratios differ most."""
    if isinstance(slo.promql, ErrorRatio):
        yield NotChecked("an error ratio is recorded as a mean over time, which does not weigh events")
        return
    window = next((window for window, _ in derivations(slo) if SHORTEST <= window <= LONGEST), None)
    if window is None:
        yield NotChecked(f"no error ratio over {SHORTEST} to {LONGEST} is recorded for it")
        return
    of_slo = Matcher(naming.SLO_ID, "=", slo.id)
    recorded = _by_group(slo, asking.query(Selector(naming.error_ratio(window), (of_slo,))))
    if not recorded:
        yield NotChecked(f"{naming.error_ratio(window)} is not recorded for it on this server")
        return
    base = Selector(naming.base(naming.EVENTS, base_window(slo.scrape_interval)), (of_slo,))
    latest = Number(round(asking.at) - window.seconds + _ABOUT.seconds)
    old = Binary(first_moments(base, window), "<=", latest)
    true = asking.query(Binary(sli_promql.ratio(slo, window), "and", old, on=slo.group_by))
    if not true:
        yield NotChecked(f"it has been recorded for less than {window}, or had no events within it")
        return
    pairs = [_Pair(group, recorded.get(group), ratio) for group, ratio in _by_group(slo, true).items()]
    suspicious = [pair for pair in pairs if _differs(pair, float(slo.error_budget))]
    if suspicious:
        rates = _by_group(slo, asking.query(sli_promql.events(slo, window)))
        told = [pair for pair in suspicious if pair.off * rates.get(pair.group, 0) * window.seconds > _EVENTS]
        yield from (Finding((), _told(slo, pair, window)) for pair in sorted(told, key=lambda pair: -pair.off)[:1])


def _by_group(slo: Slo, samples: tuple[Sample, ...]) -> dict[Group, float]:
    return {tuple(sample.labels.get(label, "") for label in slo.group_by): sample.value for sample in samples}


def _differs(pair: _Pair, budget: float) -> bool:
    return pair.off > max(_OF_RATIO * pair.true, _OF_BUDGET * budget)


def _told(slo: Slo, pair: _Pair, window: Window) -> str:
    named = ", ".join(f'{label}="{value}"' for label, value in zip(slo.group_by, pair.group, strict=True))
    whose = f" of {{{named}}}" if named else ""
    known = "not recorded" if pair.recorded is None else f"recorded as {_percent(pair.recorded)}"
    ratios = f"the error ratio{whose} over {window} is {known}, and the counters say"
    return (
        f"{ratios} {_percent(pair.true)}; within that time other rules were evaluated, or none, or nothing was scraped"
    )


def _percent(ratio: float) -> str:
    return f"{ratio * 100:.3g} %"

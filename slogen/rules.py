"""
What to record and when to alert, in no target's language.

Windows are summed from two recorded series, and what is derived from them is evaluated once per service:
an expression over all SLOs of a service costs little more than over one.
"""

from collections.abc import Collection, Iterable
from enum import StrEnum
from functools import lru_cache
from typing import Final, NamedTuple

from slogen.model import Slo, Strategy
from slogen.policy import base_window
from slogen.units import Window

CURRENT: Final = Window.parse("5m")
"""The window of the current burn rate."""
LONG: Final = Window.parse("1d")
"""Windows from here on are derived from coarser series, and less often."""
FINE_STEP: Final = Window.parse("2m")
"""Step of the coarse series that alert windows of a day and more are summed from."""
COARSE_STEP: Final = Window.parse("3m")
"""Step of the coarse series that the SLO window is summed from: it lags by half of it, and is stale after 5m."""


class Origin(StrEnum):
    """What a window is derived from: the counters themselves, the base series, or their means over a step."""

    COUNTERS = "counters"
    BASE = "base"
    FINE = "fine"
    COARSE = "coarse"


class Cohort(NamedTuple):
    """SLOs that take a record from one expression; *everyone* when that is every SLO of the service."""

    slos: tuple[Slo, ...]
    everyone: bool


class Part(NamedTuple):
    """One expression of a shared record: the cohort that it covers and what it is derived from."""

    origin: Origin
    base: Window
    cohort: Cohort


class Ratio(NamedTuple):
    """The error ratio over *window*: one record, several *parts* where SLOs of the service differ."""

    window: Window
    parts: tuple[Part, ...]

    @property
    def coarse(self) -> bool:
        """Whether nothing finer than the coarse series tells of it, so that it changes only as these do."""
        return all(part.origin is Origin.COARSE for part in self.parts)


class Means(NamedTuple):
    """The means over *step* of the base series of a cohort."""

    step: Window
    base: Window
    cohort: Cohort


class Start(NamedTuple):
    """
    The moments from which the base series of a cohort are recorded, one for each SLO.

    Attributes:
        recalled: the longest alert window that is summed from them; a gap of that length empties it.
    """

    base: Window
    cohort: Cohort
    recalled: Window


class RuleSet(NamedTuple):
    """
    SLOs whose rules stand in the same three groups.

    Attributes:
        owner: the service, or the id of an isolated SLO; the groups are named after it.
        interval: how often the fast group is evaluated.
        ratios: the shortest window first.
        starts: of those SLOs whose alerts count windows for what they cover.
        periods: the SLO windows, each with those that promise over it.
    """

    owner: str
    service: str
    isolated: bool
    interval: Window
    everyone: Cohort
    ratios: tuple[Ratio, ...]
    means: tuple[Means, ...]
    starts: tuple[Start, ...]
    periods: tuple[tuple[Window, Cohort], ...]


class ServiceRules(NamedTuple):
    """All that is to be recorded and alerted on for one service, *source* being the file that says so."""

    service: str
    source: str
    sets: tuple[RuleSet, ...]


def derivations(slo: Slo) -> tuple[tuple[Window, Origin], ...]:
    """Every window over which the error ratio of *slo* is recorded, the shortest first, and what it is derived from."""
    return _derivations(slo.strategy, slo.window, slo.window_pairs)


@lru_cache(maxsize=256)
def _derivations(
    strategy: Strategy, slo_window: Window, pairs: tuple[tuple[Window, Window], ...]
) -> tuple[tuple[Window, Origin], ...]:
    alerting = {window for pair in pairs for window in pair}

    def origin(window: Window) -> Origin:
        if strategy is Strategy.RAW or (strategy is Strategy.HYBRID and window in pairs[0]):
            return Origin.COUNTERS
        if window < LONG:
            return Origin.BASE
        return Origin.FINE if window in alerting else Origin.COARSE

    return tuple((window, origin(window)) for window in sorted({CURRENT, slo_window, *alerting}))


def covering(slo: Slo) -> frozenset[Window]:
    """The windows of *slo* that, being long windows of its tiers, count for as much of them as has been recorded."""
    return _summed(slo.strategy, slo.window, slo.window_pairs) if slo.weigh_coverage else frozenset()


@lru_cache(maxsize=256)
def _summed(strategy: Strategy, slo_window: Window, pairs: tuple[tuple[Window, Window], ...]) -> frozenset[Window]:
    derived = _derivations(strategy, slo_window, pairs)
    return frozenset(window for window, origin in derived if origin is not Origin.COUNTERS)


def plan(service: str, source: str, slos: Iterable[Slo]) -> ServiceRules:
    """The rules of the service whose *slos* these are, in the order in which they were written."""
    every = tuple(slos)
    alone = {
        slo.id
        for slo in every
        if slo.isolated or base_window(slo.scrape_interval).seconds % slo.scrape_interval.seconds
    }
    if sharing := [slo for slo in every if slo.id not in alone]:
        pace = min(slo.scrape_interval for slo in sharing)
        alone |= {slo.id for slo in sharing if base_window(slo.scrape_interval).seconds % pace.seconds}
    shared = tuple(slo for slo in every if slo.id not in alone)
    sets = [_rule_set(service, service, shared, every)] if shared else []
    sets += [_rule_set(slo.id, service, (slo,), every) for slo in every if slo.id in alone]
    return ServiceRules(service, source, tuple(sets))


def narrowed(planned: RuleSet, chosen: Collection[str]) -> RuleSet | None:
    """What *planned* has for the SLOs whose ids are *chosen* alone, at the same pace; None where there are none."""

    def few(cohort: Cohort) -> Cohort:
        slos = tuple(slo for slo in cohort.slos if slo.id in chosen)
        return Cohort(slos, cohort.everyone and len(slos) == len(cohort.slos))

    everyone = few(planned.everyone)
    if not everyone.slos:
        return None

    def of(parts: tuple[Part, ...]) -> tuple[Part, ...]:
        return tuple(part._replace(cohort=few(part.cohort)) for part in parts if few(part.cohort).slos)

    ratios = (ratio._replace(parts=of(ratio.parts)) for ratio in planned.ratios)
    return planned._replace(
        everyone=everyone,
        ratios=tuple(ratio for ratio in ratios if ratio.parts),
        means=tuple(means._replace(cohort=few(means.cohort)) for means in planned.means if few(means.cohort).slos),
        starts=tuple(start._replace(cohort=few(start.cohort)) for start in planned.starts if few(start.cohort).slos),
        periods=tuple((window, few(cohort)) for window, cohort in planned.periods if few(cohort).slos),
    )


def _rule_set(owner: str, service: str, slos: tuple[Slo, ...], every: tuple[Slo, ...]) -> RuleSet:
    def cohort(members: list[Slo]) -> Cohort:
        if len(members) == len(slos):
            return everyone
        order = {slo.name: index for index, slo in enumerate(slos)}
        return Cohort(tuple(sorted(members, key=lambda slo: order[slo.name])), everyone=False)

    everyone = Cohort(slos, everyone=owner == service and len(slos) == len(every))
    alike = _alike(slos)
    return RuleSet(
        owner,
        service,
        owner != service,
        min(slo.scrape_interval for slo in slos),
        everyone,
        tuple(
            Ratio(window, tuple(Part(origin, base, cohort(members)) for (origin, base), members in parts.items()))
            for window, parts in sorted(_by_window(alike).items())
        ),
        tuple(Means(step, base, cohort(members)) for (step, base), members in _by_step(alike).items()),
        tuple(Start(base, cohort(members), recalled) for base, (members, recalled) in _starts(slos).items()),
        tuple((window, cohort(members)) for window, members in _by_slo_window(slos).items()),
    )


_Alike = list[tuple[Window, tuple[tuple[Window, Origin], ...], list[Slo]]]


def _alike(slos: tuple[Slo, ...]) -> _Alike:
    """The SLOs that agree in their base window and in what their windows are derived from, together."""
    found: dict[tuple[Window, tuple[tuple[Window, Origin], ...]], list[Slo]] = {}
    for slo in slos:
        found.setdefault((base_window(slo.scrape_interval), derivations(slo)), []).append(slo)
    return [(base, derived, members) for (base, derived), members in found.items()]


def _by_window(alike: _Alike) -> dict[Window, dict[tuple[Origin, Window], list[Slo]]]:
    """For each window, the SLOs that derive it from the same origin over the same base window."""
    found: dict[Window, dict[tuple[Origin, Window], list[Slo]]] = {}
    for base, derived, members in alike:
        for window, origin in derived:
            found.setdefault(window, {}).setdefault((origin, base), []).extend(members)
    return found


def _by_step(alike: _Alike) -> dict[tuple[Window, Window], list[Slo]]:
    """The SLOs that need means over each step, the finer step first."""
    found: dict[tuple[Window, Window], list[Slo]] = {}
    for origin, step in ((Origin.FINE, FINE_STEP), (Origin.COARSE, COARSE_STEP)):
        for base, derived, members in alike:
            if any(start is origin for _, start in derived):
                found.setdefault((step, base), []).extend(members)
    return found


def _starts(slos: tuple[Slo, ...]) -> dict[Window, tuple[list[Slo], Window]]:
    """The SLOs whose start is asked for, by their base windows, and how far back it is."""
    found: dict[Window, tuple[list[Slo], Window]] = {}
    for slo in slos:
        covered = covering(slo)
        longest = max([tier.long for alert in slo.alerts for tier in alert.tiers if tier.long in covered], default=None)
        if longest is not None:
            base = base_window(slo.scrape_interval)
            members, recalled = found.get(base, ([], longest))
            found[base] = ([*members, slo], max(recalled, longest))
    return found


def _by_slo_window(slos: tuple[Slo, ...]) -> dict[Window, list[Slo]]:
    found: dict[Window, list[Slo]] = {}
    for slo in slos:
        found.setdefault(slo.window, []).append(slo)
    return found

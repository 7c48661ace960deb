"""The replay is right for every kind of SLI, and for the alert for missing data, whoever keeps the history."""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple

import pytest
import yaml

import slogen
from live import backfill, native, victoria
from live.histories import Incident
from live.native import Observed
from live.server import Server, Toolchain, running
from live.test_backtest import differences, fired, nearer
from slogen.live.access import access
from slogen.live.backtesting import backtests
from slogen.live.cache import Cache
from slogen.live.history import Historian
from slogen.live.prometheus import connect
from slogen.replay.replaying import as_written
from slogen.replay.result import Backtest

DAY, HOUR, MINUTE = 86_400, 3_600, 60
START: Final = 1_760_054_400
"""A midnight: the first moment that is read for the first one that is replayed."""
SINCE, END = START + DAY + 2 * HOUR, START + DAY + 14 * HOUR
FAST, SLOW, SCRAPE = 30, 120, 30
PATIENCE: Final = 15 * MINUTE
"""So long nothing is to be read before it is told."""
INCIDENTS: Final = (
    Incident(START + 9 * HOUR, START + 10 * HOUR, 0.3),
    Incident(SINCE + HOUR + 90, SINCE + HOUR + 20 * MINUTE, 0.4),
    Incident(SINCE + 5 * HOUR, SINCE + 7 * HOUR, 0.3),
    Incident(SINCE + 10 * HOUR + 10, SINCE + 10 * HOUR + 7 * MINUTE, 1.0),
)
GONE: Final = ((SINCE + 4 * HOUR, SINCE + 6 * HOUR), (SINCE + 8 * HOUR, SINCE + 8 * HOUR + 40 * MINUTE))
"""When region us is not there, and when none of both is."""
ORGANISATION: Final = """
alerting: {weigh_coverage: false}
policy: brisk
policies:
  brisk:
    - {severity: page, burn_rate: 10, long: 20m, short: 5m}
    - {severity: page, burn_rate: 4, long: 1h, short: 10m}
    - {severity: ticket, burn_rate: 1.5, long: 1d, short: 1h}
"""
KINDS: Final = {
    "good": "availability: {total: 'served_total{job=\"shop\"}', good: 'well_total{job=\"shop\"}'}",
    "latency": "latency: {histogram: 'took_seconds{job=\"shop\"}', threshold: 500ms}",
    "probe": "probe: {gauge: 'probe_success{job=\"shop\"}'}",
    "query": (
        "query: {total: 'sum(rate(served_total{job=\"shop\"}[$window]))', "
        "bad: 'sum(rate(failed_total{job=\"shop\"}[$window]))'}"
    ),
    "increase": (
        "query: {returns: increase, total: 'increase(served_total{job=\"shop\"}[$window])', "
        "bad: 'increase(failed_total{job=\"shop\"}[$window])'}"
    ),
}
RATIO: Final = "ratio: {query: 'avg_over_time(error_ratio{job=\"shop\"}[$window])'}"
NATIVE: Final = {"native": "latency: {histogram: 'felt_seconds{job=\"shop\"}', threshold: 500ms, native: true}"}
_UNREAD: Final = re.compile(r"slo:(?!sli_e)|slo:sli_error:ratio_rate30d|slo:sli_\w+:avg(?!2m)|slo_info")
VANISHING: Final = "availability: {total: 'come_total{job=\"shop\"}', bad: 'gone_total{job=\"shop\"}'}"


def slos(*, native: bool) -> dict[str, str]:
    """
    An SLO of each kind, those of some split, and one whose series come and go, alone and split.

    Error ratios are a service of their own: of them errors are recorded before events, of the others after.
    """

    def one(name: str, sli: str, more: str = "") -> str:
        return f"  - {{name: {name}, objective: 99, sli: {{{sli}}}{more}}}\n"

    def file(service: str, *slos: str) -> str:
        return f"apiVersion: slogen/v1\nservice: {service}\nslos:\n{''.join(slos)}"

    kinds = {**KINDS, **(NATIVE if native else {})}
    by = ", group_by: [region]"
    split = [one(f"{name}s", sli, by) for name, sli in kinds.items() if name in ("probe", "native")]
    vanishing = one("vanishing", VANISHING), one("vanishings", VANISHING, by)
    return {
        "slos/shop.yaml": file("shop", *(one(name, sli) for name, sli in kinds.items()), *split, *vanishing),
        "slos/mean.yaml": file("mean", one("ratio", RATIO), one("ratios", RATIO, by)),
    }


def ratio_at(region: str, moment: int) -> float:
    """The share of events that fail: in region us half as many."""
    found = max([0.001, *(one.error_ratio for one in INCIDENTS if one.start <= moment < one.end)])
    return found if region == "eu" else found / 2


def moments() -> range:
    """When everything is scraped: just before rules are evaluated."""
    return range(START - HOUR + 29, END, SCRAPE)


def counted(region: str) -> Iterator[tuple[int, int, int]]:
    """Moments, and the events and errors up to each."""
    served, failed = 10_000_000.0, 10_000_000.0
    for at in moments():
        served, failed = served + 50 * SCRAPE, failed + 50 * SCRAPE * ratio_at(region, at)
        yield at, round(served), round(failed)


def there(region: str, moment: int) -> bool:
    """Whether a region is scraped whose series come and go."""
    (first, last), (begin, end) = GONE
    return not (begin <= moment < end or (region == "us" and first <= moment < last))


def series() -> Iterator[backfill.Series]:
    """What all SLOs read, but for native histograms."""
    for region in ("eu", "us"):
        labels = f'job="shop",region="{region}"'
        found = list(counted(region))
        yield f"served_total{{{labels}}}", [(at, served) for at, served, _ in found]
        yield f"failed_total{{{labels}}}", [(at, failed) for at, _, failed in found]
        yield f"well_total{{{labels}}}", [(at, 10_000_000 + served - failed) for at, served, failed in found]
        yield f"took_seconds_count{{{labels}}}", [(at, served) for at, served, _ in found]
        fast = [(at, 10_000_000 + served - failed) for at, served, failed in found]
        yield f'took_seconds_bucket{{{labels},le="0.5"}}', fast
        yield f'took_seconds_bucket{{{labels},le="+Inf"}}', [(at, served) for at, served, _ in found]
        yield f"come_total{{{labels}}}", [(at, served) for at, served, _ in found if there(region, at)]
        yield f"gone_total{{{labels}}}", [(at, failed) for at, _, failed in found if there(region, at)]
        yield f"error_ratio{{{labels}}}", [(at, ratio_at(region, at)) for at in moments()]
        for target in range(20):
            up = [(at, int(target >= round(20 * ratio_at(region, at)))) for at in moments()]
            yield f'probe_success{{{labels},target="{target}"}}', up


def histograms() -> list[native.Series]:
    return [
        (
            {"__name__": "felt_seconds", "job": "shop", "region": region},
            [Observed(at, 10_000_000 + served - failed, failed) for at, served, failed in counted(region)],
        )
        for region in ("eu", "us")
    ]


class Kept(NamedTuple):
    """A server that keeps what was scraped and recorded, and the SLOs."""

    server: Server
    compilation: slogen.Compilation

    def holding(self, rule: backfill.Rule, step: int, edit: Callable[[str], str]) -> dict[str, list[int]]:
        """The moments at which an alert, its expression edited, holds when its group is evaluated, by region."""
        expr, slo = edit(rule["expr"]), rule["labels"]["slo_id"]
        (one,) = self.server.query(f'max(timestamp(slo:sli_events:rate2m{{slo_id="{slo}"}}))', END - HOUR)
        span = {"start": str(SINCE + int(one.value) % FAST), "end": str(END - 1), "step": str(step)}
        found: dict[str, set[int]] = {}
        for one in self.server.api("query_range", query=expr, **span)["result"]:
            held = found.setdefault(one["metric"].get("region", ""), set())
            held.update(int(at) // FAST * FAST for at, _ in one["values"])
        return {region: sorted(held) for region, held in found.items()}

    def alerts(self, slo: str, name: str) -> Iterator[backfill.Rule]:
        """The rules of that name of an SLO."""
        for groups in services(self.compilation):
            for rule in (rule for group in groups for rule in group["rules"]):
                if rule.get("alert") == name and rule["labels"]["slo_id"] == slo:
                    yield rule

    def replayed(self, name: str) -> Backtest:
        (slo,) = (slo for slo in self.compilation.slos if slo.name == name)
        with closing(connect(access(self.server.url))) as connection:
            cache = Cache(None, access(self.server.url))
            historian = Historian(connection, cache, step=FAST, now=END, end=END - 1)
            (result,) = backtests([(as_written(slo),)], historian, SINCE, at_once=1, tell=lambda: None)
        assert not result.backtest.unread
        return result.backtest


@contextmanager
def by_prometheus(request: pytest.FixtureRequest, folder: Path, major: int) -> Iterator[Kept]:
    tools = Toolchain(major, *(request.getfixturevalue(f"{name}{major}") for name in ("prometheus", "promtool")))
    of = compiled("prometheus", native=major == 3)
    if major == 3:
        native.store(tools, folder, histograms())
    backfill.write(folder / "raw.om", series())
    backfill.raw(tools, folder, folder / "raw.om")
    for groups in services(of):
        backfill.records(tools, folder, groups, START, END)
    with running(tools, folder) as server:
        yield Kept(server, of)


@contextmanager
def by_victoria(request: pytest.FixtureRequest, folder: Path) -> Iterator[Kept]:
    of = compiled("victoriametrics", native=False)
    with victoria.storing(request.getfixturevalue("victoriametrics"), folder / "store") as store:
        victoria.load(store, series())
        for groups in services(of):
            victoria.records(request.getfixturevalue("vmalert"), folder, store, groups, [(START, END)])
        yield Kept(store, of)


def compiled(target: str, *, native: bool) -> slogen.Compilation:
    organisation = ("slogen.yaml", ORGANISATION + "victoriametrics: {kind: vmalert}\n")
    return slogen.compile(slos(native=native), organisation=organisation, targets=[target])


def services(of: slogen.Compilation) -> Iterator[list[backfill.Group]]:
    """The groups of each service, less the records that no alert reads."""
    for artifact in of.artifacts:
        groups = yaml.safe_load(artifact.text)["groups"]
        yield backfill.chosen(groups, lambda rule: not _UNREAD.match(rule.get("record", "")))


@pytest.fixture(scope="module", params=["2.x", "3.x", "victoriametrics"])
def kept(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    folder = tmp_path_factory.mktemp("kinds")
    whose = by_victoria(request, folder) if request.param == "victoriametrics" else None
    with whose or by_prometheus(request, folder, int(request.param[0])) as found:
        yield found


def test_each_kind_fires_in_the_replay_when_it_does_in_the_rules(kept: Kept) -> None:
    number: dict[str, int] = {}
    for slo in kept.compilation.slos:
        backtest = kept.replayed(slo.name)
        for rule in kept.alerts(slo.id, "ErrorBudgetBurn"):
            severity = rule["labels"]["slo_severity"]
            # A day is summed from means over two minutes, and its last one is a fiftieth of all errors at an edge here.
            factors, within = ((1.0, 1.0), FAST) if severity == "page" else ((1.02, 0.98), SLOW + FAST)
            sure, possible = (kept.holding(rule, FAST, partial(nearer, factor=by)) for by in factors)
            number[slo.name] = number.get(slo.name, 0) + sum(map(len, sure.values()))

            assert (slo.name, severity, differences(fired(backtest, severity, None), sure, possible, within)) == (
                slo.name,
                severity,
                [],
            )
    assert all(number.values()), number


def missed(backtest: Backtest) -> dict[str, list[int]]:
    """The moments at which the alert for missing data was firing, by region; that of all under no name."""
    (replay,) = backtest.replays
    told = [("", replay.blind), *((group.labels.get("region", ""), group.blind) for group in replay.groups)]
    found: dict[str, list[int]] = {}
    for region, alerts in told:
        for one in alerts:
            found.setdefault(region, []).extend(range(one.start, one.end or END, FAST))
    return found


def ending(expr: str) -> str:
    """*expr* of series that end with their last sample: a server marks the end, and promtool does not."""
    return re.sub(r"(slo:\w+:rate2m\{[^}]*\})(?!\[)", rf"last_over_time(\1[{FAST + 1}s])", expr)


def lasting(held: Sequence[int]) -> list[int]:
    """Those of the moments, `SLOW` apart, before which it held for so long that the alert fires."""
    return [at for at in held if all(at - back in held for back in range(0, PATIENCE + SLOW, SLOW))]


@pytest.mark.parametrize("name", ["vanishing", "vanishings"])
def test_missing_data_is_told_in_the_replay_when_it_is_by_the_rules(name: str, kept: Kept) -> None:
    (rule,) = kept.alerts(f"shop-{name}", "SLOMetricAbsent")
    held = kept.holding(rule, SLOW, ending)
    expected = {region: firing for region, at in held.items() if (firing := lasting(at))}
    every = {
        region: [at + shift for at in firing for shift in range(0, SLOW, FAST)] for region, firing in expected.items()
    }

    assert differences(missed(kept.replayed(name)), every, every, SLOW + FAST) == []
    assert set(expected) == ({""} if name == "vanishing" else {"", "eu", "us"})

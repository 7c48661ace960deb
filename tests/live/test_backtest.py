"""The replay is right: its alerts are those of the compiled expressions over series that real servers recorded."""

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from typing import Any, Final, NamedTuple

import pytest
import yaml

import slogen
from live import backfill
from live.histories import Incident, Shape, counters, incidents
from live.server import Server, Toolchain, running
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
SINCE, END = START + 3 * DAY + 2 * HOUR, START + 5 * DAY
YOUNG: Final = SINCE + 90 * MINUTE
"""When the young SLO begins: what it has recorded fills none of its windows for hours."""
FAST, SLOW = 30, 120
"""How often rules are evaluated: what pages, and the ratios of a day and more."""


def slos() -> str:
    """SLOs that differ in what makes a replay differ."""

    def one(name: str, job: str, more: str = "") -> str:
        selected = f'{{job="{job}"}}'
        sli = f"{{availability: {{total: 'served_total{selected}', bad: 'failed_total{selected}'}}}}"
        return f"  - {{name: {name}, objective: 99.5, sli: {sli}{more}}}\n"

    return "apiVersion: slogen/v1\nservice: shop\nslos:\n" + "".join(
        [
            one("plain", "plain"),
            one("split", "plain", ", alerting: {split_tiers: true}"),
            one("grouped", "grouped", ", group_by: [region]"),
            one("rare", "rare", ", alerting: {min_events: 400}"),
            one("young", "young"),
            one("raw", "plain", ", strategy: raw"),
            one("hybrid", "plain", ", strategy: hybrid"),
        ]
    )


def series() -> Iterator[backfill.Series]:
    """The counters that they read."""
    early = START - HOUR
    idle = (START + 4 * DAY, START + 4 * DAY + 3 * HOUR)
    yield from counters('job="plain"', Shape(early, 50, 0.0008, incidents(1, START, END, 9)), END)
    for number, region in enumerate(("eu", "us", "jp", "br")):
        shape = Shape(early, 20, 0.001, incidents(10 + number, START, END, 7), idle if number == 1 else (0, 0))
        yield from counters(f'job="grouped",region="{region}"', shape, END)
    yield from counters('job="rare"', Shape(early, 0.2, 0.001, incidents(5, START, END, 9)), END)
    outage = Incident(YOUNG + 20 * MINUTE, YOUNG + 50 * MINUTE, 0.2)
    yield from counters('job="young"', Shape(YOUNG, 50, 0.0008, (outage, *incidents(6, YOUNG, END, 4))), END)


class Recorded(NamedTuple):
    """A server whose series were recorded at the intervals of the rules, and those rules."""

    server: Server
    groups: list[dict[str, Any]]

    def alerts(self, slo: str) -> list[dict[str, Any]]:
        rules = [rule for group in self.groups for rule in group["rules"] if rule.get("alert") == "ErrorBudgetBurn"]
        return [rule for rule in rules if rule["labels"]["slo_id"] == slo]

    def holding(self, expr: str) -> dict[str, list[int]]:
        """The moments at which *expr* holds, by region, when the fast group evaluates it."""
        (recorded,) = self.server.query('timestamp(slo:sli_events:rate2m{slo_id="shop-plain"})', END - HOUR)
        span = {"start": str(SINCE + int(recorded.value) % FAST), "end": str(END - 1), "step": str(FAST)}
        found: dict[str, set[int]] = {}
        for one in self.server.api("query_range", query=expr, **span)[
            "result"
        ]:  # several for a group: tiers of an `or`
            moments = found.setdefault(one["metric"].get("region", ""), set())
            moments.update(int(at) // FAST * FAST for at, _ in one["values"])
        return {region: sorted(moments) for region, moments in found.items()}


@pytest.fixture(scope="module", params=[2, 3], ids=["2.x", "3.x"])
def recorded(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recorded]:
    major = request.param
    binaries = (request.getfixturevalue(f"{name}{major}") for name in ("prometheus", "promtool"))
    tools = Toolchain(major, *binaries)
    folder = tmp_path_factory.mktemp("history")
    backfill.write(folder / "raw.om", series())
    backfill.raw(tools, folder, folder / "raw.om")
    (artifact,) = slogen.compile({"slos/shop.yaml": slos()}, targets=["prometheus"]).artifacts
    groups = yaml.safe_load(artifact.text)["groups"]
    backfill.records(tools, folder, map(_with_starts, groups), START, END)
    with running(tools, folder) as server:
        yield Recorded(server, groups)


def _with_starts(group: dict[str, Any]) -> dict[str, Any]:
    """A *group* whose start is what it would be had its rule seen its own past, which it does not in promtool."""
    rules = []
    for rule in group["rules"]:
        if rule.get("record", "").startswith("slo:sli_start"):
            for name in ("plain", "split", "grouped", "rare", "young", "hybrid"):
                start = YOUNG + SLOW if name == "young" else START
                labels = {"slo_id": f"shop-{name}", "slo_service": "shop", "slo_name": name}
                value = f"vector({start}) and on () (vector(time()) >= {start})"
                rules.append({"record": rule["record"], "expr": value, "labels": labels})
        else:
            rules.append(rule)
    return {**group, "rules": rules}


def replayed(recorded: Recorded, name: str, step: int) -> Backtest:
    """What the replay of one SLO says."""
    (slo,) = (slo for slo in slogen.compile({"slos/shop.yaml": slos()}).slos if slo.name == name)
    with closing(connect(access(recorded.server.url))) as connection:
        historian = Historian(connection, Cache(None, access(recorded.server.url)), step=step, now=END, end=END - 1)
        (result,) = backtests([(as_written(slo),)], historian, SINCE, at_once=1, tell=lambda: None)
    return result.backtest


def fired(backtest: Backtest, severity: str, tier: str | None) -> dict[str, list[int]]:
    """The moments, `FAST` apart, at which an alert was firing, by region."""
    found: dict[str, list[int]] = {}
    for group in backtest.replays[0].groups:
        for firing in group.firings:
            if firing.severity == severity and (tier is None or firing.tiers == (tier,)):
                until = backtest.end + backtest.step if firing.end is None else firing.end
                moments = found.setdefault(group.labels.get("region", ""), [])
                moments.extend(range(firing.start, until, FAST))
    return found


def nearer(expr: str, factor: float) -> str:
    """The alert whose thresholds are so many times as high."""
    return re.sub(r"> (0\.\d+)", lambda found: f"> {float(found[1]) * factor:.12f}", expr)


def strays(moments: Iterable[int], allowed: Iterable[int], within: int) -> list[int]:
    """Those of the *moments* that are further from any that is *allowed*."""
    near = {at + shift for at in allowed for shift in range(-within, within + 1, FAST)}
    return [at for at in moments if at not in near]


def differences(
    found: Mapping[str, list[int]], sure: Mapping[str, list[int]], possible: Mapping[str, list[int]], within: int
) -> list[str]:
    """Where what was *found* fires and nothing else may, or does not and everything else does."""
    told = []
    for region in sorted({*found, *sure, *possible}):
        extra = strays(found.get(region, ()), possible.get(region, ()), within)
        lost = strays(sure.get(region, ()), found.get(region, ()), within)
        told += [f"{region} fires at {at - SINCE}" for at in extra] + [
            f"{region} is silent at {at - SINCE}" for at in lost
        ]
    return told


@pytest.mark.parametrize("name", ["plain", "split", "grouped", "rare", "young"])
def test_alerts_fire_in_the_replay_when_they_do_in_the_rules(recorded: Recorded, name: str) -> None:
    backtest = replayed(recorded, name, FAST)
    number = 0
    for rule in recorded.alerts(f"shop-{name}"):
        severity, tier = rule["labels"]["slo_severity"], rule["labels"].get("slo_tier")
        expected = recorded.holding(rule["expr"])
        number += sum(map(len, expected.values()))
        # What is evaluated every two minutes may be known so much sooner or later.
        within = FAST if severity == "page" else SLOW + FAST

        assert differences(fired(backtest, severity, tier), expected, expected, within) == []

    assert number


@pytest.mark.parametrize(
    ("name", "step"), [("raw", 30), ("hybrid", 30), ("plain", 60), ("grouped", 60), ("plain", 300)]
)
def test_what_the_replay_sees_less_exactly_fires_at_about_the_same_time(
    recorded: Recorded, name: str, step: int
) -> None:
    backtest = replayed(recorded, name, step)
    for rule in recorded.alerts(f"shop-{name}"):
        sure, possible = (recorded.holding(nearer(rule["expr"], factor)) for factor in (1.02, 0.98))
        within = 2 * MINUTE + step + (SLOW if rule["labels"]["slo_severity"] == "ticket" else 0)
        found = fired(backtest, rule["labels"]["slo_severity"], None)

        assert found
        assert differences(found, sure, possible, within) == []
    assert backtest.notes

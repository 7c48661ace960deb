"""
An outage as the rule engine of a real server sees it: first a page, then a ticket too, then neither.

The engine knows only the present, so one history is told three times, each time up to another moment of it:
the counters, and all that the shipped rules would have recorded of them. Its last sample lies shortly before
the server starts, since the engine can write nothing older than what a block holds.
"""

import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Any

import pytest
import yaml

import slogen
from live import backfill
from live.server import Server, Toolchain, eventually, running

SLOS = """
apiVersion: slogen/v1
service: shop
slos:
  - name: availability
    objective: 99.9
    alerting: {weigh_coverage: false} # the start of an SLO is recorded every two minutes, and the outage is short
    sli:
      availability: {total: 'http_requests_total{job="shop"}', bad: 'http_requests_total{job="shop",code="500"}'}
  - name: latency
    objective: 99.9
    alerting: {weigh_coverage: false} # the start of an SLO is recorded every two minutes, and the outage is short
    sli:
      latency: {histogram: 'http_request_duration_seconds{job="shop"}', threshold: 500ms}
"""

SCRAPE, MINUTE, HOUR, DAY = 30, 60, 3600, 86400
HISTORY = 3 * DAY + 12 * HOUR
OUTAGE = 90 * MINUTE
REQUESTS, FAILURES = 300, 30
"""Of one pod between two scrapes: 10 % of all requests fail, which burns the budget at 100 times the planned rate."""

RATIO = "slo:sli_error:ratio_rate"
WINDOWS = ("5m", "30m", "1h", "2h", "6h", "1d", "3d")


@dataclass(frozen=True, slots=True)
class Moment:
    """
    Where the history ends, and what is to be seen there.

    Attributes:
        since: seconds since the outage began.
        above: windows whose error ratio is above this threshold.
        below: windows where it is not.
        says: what the description of every alert ends in.
    """

    name: str
    since: int
    severities: frozenset[str]
    above: dict[str, float]
    below: dict[str, float]
    says: str = ""

    @property
    def alerts(self) -> set[tuple[str, str]]:
        """SLO and severity of the alerts that are to fire: the latency is always good."""
        return {("availability", severity) for severity in self.severities}


# The thresholds for 99.9 % are 14.4, 6, 3 and 1 times 0.001. At 10 % errors, the hour that pages takes 9 minutes to
# reach its own, both tickets take 43, and the last short window forgets after 6 hours. Each moment is far from any
# of these, so that it does not matter how long a busy machine takes to get there.
PAGED = Moment(
    "paged",
    20 * MINUTE,
    frozenset({"page"}),
    {"5m": 0.0144, "1h": 0.0144, "2h": 0.003, "6h": 0.001},
    {"1d": 0.003, "3d": 0.001},
    "is left, at this rate for",
)
TICKETED = Moment(
    "ticketed",
    OUTAGE,
    frozenset({"page", "ticket"}),
    {"5m": 0.0144, "1h": 0.0144, "30m": 0.006, "6h": 0.006, "2h": 0.003, "1d": 0.003, "3d": 0.001},
    {},
    "It is spent.",
)
OVER = Moment(
    "over",
    OUTAGE + 7 * HOUR,
    frozenset(),
    {"1d": 0.003, "3d": 0.001},  # what is spent is spent; it is the short windows that forget
    {"5m": 0.0144, "1h": 0.0144, "30m": 0.006, "2h": 0.003, "6h": 0.001},
)
MOMENTS = (PAGED, TICKETED, OVER)


@dataclass(frozen=True, slots=True)
class Seen:
    """
    What a server shows.

    Attributes:
        evaluated: whether every burn alert has been looked at.
        ratios: of the SLO that suffers, by window.
    """

    evaluated: bool
    firing: list[dict[str, Any]]
    ratios: dict[str, float]
    unhealthy: list[dict[str, Any]]
    complaints: list[str]

    @property
    def alerts(self) -> set[tuple[str, str]]:
        """SLO and severity of every alert that fires."""
        return {(alert["labels"]["slo_name"], alert["labels"]["slo_severity"]) for alert in self.firing}


@pytest.fixture(scope="module")
def told(
    prometheus2: Path, promtool2: Path, prometheus3: Path, promtool3: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[tuple[int, str], Seen]:
    """What servers of both versions show at every moment, all at once: most of the time goes by until they look."""
    tools = (Toolchain(2, prometheus2, promtool2), Toolchain(3, prometheus3, promtool3))
    chapters = [(one, moment, tmp_path_factory.mktemp(moment.name)) for one in tools for moment in MOMENTS]
    with ThreadPoolExecutor(len(chapters)) as at_once:
        seen = {(one.major, moment.name): at_once.submit(tell, one, moment, at) for one, moment, at in chapters}
    return {chapter: found.result() for chapter, found in seen.items()}


@pytest.mark.parametrize("moment", MOMENTS, ids=[moment.name for moment in MOMENTS])
@pytest.mark.parametrize("major", [2, 3], ids=["2.x", "3.x"])
def test_an_outage_pages_then_opens_a_ticket_too_then_is_over(
    major: int, moment: Moment, told: dict[tuple[int, str], Seen]
) -> None:
    seen = told[major, moment.name]
    assert seen.evaluated
    assert seen.alerts == moment.alerts, seen.ratios
    assert sorted(seen.ratios) == sorted(WINDOWS)
    for window, threshold in moment.above.items():
        assert seen.ratios[window] > threshold, window
    for window, threshold in moment.below.items():
        assert seen.ratios[window] < threshold, window
    for alert in seen.firing:
        assert 80 < burn_rate(alert["annotations"]["description"]) < 125
        assert moment.says in alert["annotations"]["description"]
    assert seen.unhealthy == []
    assert seen.complaints == []


def burn_rate(description: str) -> float:
    """What an alert tells; near 100, since the counters stand still for some seconds before it is looked at."""
    found = re.search(r"The budget burns at ([\d.]+) times the planned rate now\.", description)
    assert found, description
    return float(found[1])


def tell(tools: Toolchain, moment: Moment, folder: Path) -> Seen:
    """What a server shows whose history ends at *moment*, and that moment is now."""
    rules = slogen.compile({"slos/shop.yaml": SLOS}).artifacts[0].text
    now = int(time.time())
    text, shipped = folder / "raw.om", folder / "shop.rules.yaml"
    backfill.write(text, counters(now - HISTORY, now - moment.since, now))
    backfill.raw(tools, folder, text)
    backfill.records(tools, folder, yaml.safe_load(rules)["groups"], now - HISTORY, now)
    shipped.write_text(rules)
    with running(tools, folder, lambda _port: {"rule_files": [shipped.name]}) as server:
        return eventually(
            lambda: look(server),
            lambda seen: seen.evaluated and len(seen.ratios) == len(WINDOWS) and seen.alerts == moment.alerts,
        )


def look(server: Server) -> Seen:
    rules = server.rules()
    burn = [rule for rule in rules if rule["name"] == "ErrorBudgetBurn"]
    ratios = server.query(f'{{__name__=~"{RATIO}({"|".join(WINDOWS)})",slo_id="shop-availability"}}')
    return Seen(
        evaluated=len(burn) == 4 and all(rule["health"] != "unknown" for rule in burn),
        firing=server.firing(),
        ratios={one.labels["__name__"].removeprefix(RATIO): one.value for one in ratios},
        unhealthy=[rule for rule in rules if rule["health"] == "err"],
        complaints=server.complaints(),
    )


def counters(start: int, outage: int, end: int) -> Iterator[backfill.Series]:
    """What two pods count; a counter of errors is born with the first of them, as in the client libraries."""
    scrapes = range(start, end, SCRAPE)
    total = [REQUESTS * count for count in range(1, len(scrapes) + 1)]
    failing = [outage <= moment < outage + OUTAGE for moment in scrapes]
    failed = [FAILURES * count for count in accumulate(failing)]
    good = [every - bad for every, bad in zip(total, failed, strict=True)]
    born = [(moment, count) for moment, count in zip(scrapes, failed, strict=True) if count]
    for pod in ("a", "b"):
        labels = f'job="shop",pod="{pod}"'
        yield f'http_requests_total{{{labels},code="200"}}', zip(scrapes, good, strict=True)
        yield f'http_requests_total{{{labels},code="500"}}', born
        for part in ("count{", 'bucket{le="0.5",', 'bucket{le="+Inf",'):
            yield f"http_request_duration_seconds_{part}{labels}}}", zip(scrapes, total, strict=True)

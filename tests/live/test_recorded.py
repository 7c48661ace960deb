"""What was recorded against what the counters say: by real rules, evaluated by real servers over a made history."""

import re
from collections.abc import Iterator, Mapping
from contextlib import closing
from typing import Final, NamedTuple

import pytest
import yaml

import slogen
from live import backfill
from live.server import Server, Toolchain, running
from slogen.live import checks
from slogen.live.access import access
from slogen.live.asking import Asking
from slogen.live.checks._check import Finding, NotChecked
from slogen.live.prometheus import connect

SCRAPE: Final = 30
HOUR: Final = 3_600
END: Final = 1_760_000_400
"""A full hour, anywhere in the past: the moment that is looked at."""
BEGIN: Final = END - 8 * HOUR
GAP: Final = (END - 3 * HOUR, END - 2 * HOUR)
"""When no rule was evaluated."""


def slo(name: str, job: str, bad: str = "5..", more: str = "") -> str:
    """An SLO over the counters of a *job*."""
    total = f'requests_total{{job="{job}"}}'
    of_bad = f'requests_total{{job="{job}",code=~"{bad}"}}'
    sli = f"{{availability: {{total: '{total}', bad: '{of_bad}'}}}}"
    return f"  - {{name: {name}, objective: 99, sli: {sli}{more}}}\n"


HEAD: Final = "apiVersion: slogen/v1\nservice: shop\nslos:\n"
NOW: Final = HEAD + "".join(
    [
        slo("steady", "steady"),
        slo("raw", "steady", more=", strategy: raw"),
        slo("errors-in-the-gap", "gap"),
        slo("few-errors-in-the-gap", "few"),
        slo("other-rules", "steady", "500|504"),
        slo("by-region", "steady", more=", group_by: [region]"),
        slo("gap-by-region", "gap", more=", group_by: [region]"),
        slo("young", "young"),
        slo("idle", "idle"),
        slo("lone-errors", "lone"),
        "  - {name: ratio, objective: 99, sli: {ratio: {query: 'avg_over_time(error_ratio[$window])'}}}\n",
    ]
)
THEN: Final = NOW.replace("500|504", "500")
"""By which the history was recorded."""


class Counter(NamedTuple):
    """How much a counter rises at each scrape: outside of the gap, and in it."""

    series: str
    each: int
    in_gap: int
    start: int = BEGIN


COUNTERS: Final = (
    Counter('requests_total{job="steady",region="eu",code="200"}', 980, 980),
    Counter('requests_total{job="steady",region="eu",code="500"}', 10, 10),
    Counter('requests_total{job="steady",region="us",code="504"}', 10, 10),
    Counter('requests_total{job="gap",region="eu",code="200"}', 1000, 1000),
    Counter('requests_total{job="gap",region="eu",code="500"}', 2, 2),
    Counter('requests_total{job="gap",region="us",code="200"}', 1000, 1000),
    Counter('requests_total{job="gap",region="us",code="500"}', 2, 200),
    Counter('requests_total{job="few",code="200"}', 1000, 1000),
    Counter('requests_total{job="few",code="500"}', 20, 26),
    Counter('requests_total{job="young",code="200"}', 1000, 1000, END - 2 * HOUR),
    Counter('requests_total{job="young",code="500"}', 10, 10, END - 2 * HOUR),
    Counter('requests_total{job="idle",code="200"}', 0, 0),
)


def history() -> Iterator[backfill.Series]:
    for counter in COUNTERS:
        yield counter.series, _rising(counter)
    yield "error_ratio", ((moment, 0) for moment in range(BEGIN, END + 1, SCRAPE))
    lone = range(BEGIN, END + 1, SCRAPE)
    yield 'requests_total{job="lone",code="200"}', ((at, (at - BEGIN) // 1_200) for at in lone)
    yield 'requests_total{job="lone",code="500"}', ((at, int(at > GAP[0] + 600)) for at in lone)


def _rising(counter: Counter) -> Iterator[tuple[int, int]]:
    value = 0
    for moment in range(counter.start, END + 1, SCRAPE):
        value += counter.in_gap if GAP[0] < moment <= GAP[1] else counter.each
        yield moment, value


def recorded(rule: backfill.Rule) -> bool:
    """Whether a rule is one of those that the check looks at; of an error ratio they would read each other."""
    names = ("slo:sli_events:rate2m", "slo:sli_errors:rate2m", "slo:sli_error:ratio_rate6h")
    return rule.get("record") in names and rule["labels"].get("slo_id") != "shop-ratio"


@pytest.fixture(scope="module")
def server(tools: Toolchain, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with the counters, and with what the rules of then recorded but for the gap."""
    folder = tmp_path_factory.mktemp("recorded")
    backfill.write(folder / "history.txt", history())
    backfill.raw(tools, folder, folder / "history.txt")
    (artifact,) = slogen.compile({"shop.yaml": THEN}, targets=["prometheus"]).artifacts
    groups = backfill.chosen(yaml.safe_load(artifact.text)["groups"], recorded)
    backfill.records(tools, folder, groups, BEGIN, END, without=[GAP])
    with running(tools, folder) as started:
        yield started


@pytest.fixture(scope="module")
def said(server: Server) -> Mapping[str, list[str]]:
    """What the check says of each SLO: its findings, or in brackets why it was not checked."""
    found: dict[str, list[str]] = {}
    with closing(connect(access(server.url))) as connection:
        asking = Asking(connection, END)
        slos = slogen.compile({"shop.yaml": NOW}, targets=["prometheus"]).slos
        for one in slos:
            of_one = list(checks.load("recorded-against-raw")(one, asking))
            found[one.name] = [told.message for told in of_one if isinstance(told, Finding)]
            found[one.name] += [f"[{told.reason}]" for told in of_one if isinstance(told, NotChecked)]
        assert connection.requests <= 3 * len(slos)
    return found


@pytest.mark.parametrize("name", ["steady", "raw", "by-region", "few-errors-in-the-gap", "lone-errors"])
def test_what_was_recorded_as_the_counters_have_it_passes(name: str, said: Mapping[str, list[str]]) -> None:
    assert said[name] == []


@pytest.mark.parametrize(
    ("name", "told"),
    [
        (
            "errors-in-the-gap",
            r"^the error ratio over 6h is recorded as 0\.2\d\d %, and the counters say 1\.82 %; within that time other",
        ),
        (
            "gap-by-region",
            r'^the error ratio of \{region="us"\} over 6h .* as 0\.2\d\d %, and the counters say 3\.3\d %',
        ),
        ("other-rules", r"^the error ratio over 6h is recorded as 1 %, and the counters say 2 %"),
    ],
)
def test_what_differs_from_the_counters_is_found_with_both_numbers(
    name: str, told: str, said: Mapping[str, list[str]]
) -> None:
    (message,) = said[name]
    assert re.search(told, message), message


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("young", "[it has been recorded for less than 6h, or had no events within it]"),
        ("idle", "[slo:sli_error:ratio_rate6h is not recorded for it on this server]"),
        ("ratio", "[an error ratio is recorded as a mean over time, which does not weigh events]"),
    ],
)
def test_what_cannot_be_compared_is_not_checked(name: str, reason: str, said: Mapping[str, list[str]]) -> None:
    assert said[name] == [reason]

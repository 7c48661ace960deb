"""What rule sets read of the past, made up, as the blocks of a server that has run for as long."""

import random
import re
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Final, NamedTuple

from benchmarks.rule_sets import METRIC, RuleSet
from live import backfill
from live.server import Toolchain
from slogen.units import Window

SCRAPE: Final = 30
HOUR: Final = 3_600
DAY: Final = 24 * HOUR
LOOKBACK: Final = 300
"""How far back an instant selector looks."""
END: Final = 1_762_592_400
"""The moment of the last samples."""
_BOUNDS: Final = (*range(END - 3 * HOUR - 14 * 54 * HOUR, END, 54 * HOUR), END + 1)
"""
Those of the blocks: of 54 h, as a server compacts them that keeps 30 days, and the last 3 h, which it has in memory.

Promtool cuts blocks at multiples of 1458 h too, of which none is in between.
"""
_KINDS: Final = 5
"""So many pods differ in their counts and in when they are scraped; each of the others is like one of these."""
_READ = re.compile(rf"({METRIC}|\b\w+:[\w:]+){{([^}}]*)}}(?:\[(\w+)(?::\w+)?\])?")
_JOB = re.compile(r'job="([^"]+)"')


class Read(NamedTuple):
    """A selector in an expression; *seconds* is its range, or as far as an instant selector looks back."""

    metric: str
    matchers: str
    seconds: int


class Track(NamedTuple):
    """Series with the same samples: values and moments, *step* seconds apart, as OpenMetrics writes them."""

    names: Sequence[str]
    first: int
    step: int
    samples: Sequence[str]

    def lines(self, start: int, end: int) -> Iterator[str]:
        """The samples from *start* until just before *end*, series by series."""
        low, high = (max(0, -((self.first - moment) // self.step)) for moment in (start, end))
        if some := self.samples[low:high]:
            for name in self.names:
                yield name + name.join(some)


def raw_seconds(series: int) -> int:
    """
    How much there is of the counters: 30 days of up to 100 series, less of more, but never less than 3 days.

    Sloth reads no more than those 3 days, and slogen's default strategy minutes.
    """
    return max(3 * DAY, min(30 * DAY, 30 * DAY * 100 // series))


def reads(rule_set: RuleSet) -> Iterator[Read]:
    """Every selector in the expressions."""
    for _, rule in rule_set.rules():
        for metric, matchers, window in _READ.findall(rule["expr"]):
            yield Read(metric, matchers, Window.parse(window).seconds if window else LOOKBACK)


def make(tools: Toolchain, folder: Path, compared: dict[int, tuple[RuleSet, ...]]) -> None:
    """Put what the rule sets read into the data of the server in *folder*, each series as far back as it is read."""
    tracks = [track for series, sets in compared.items() for track in _tracks(series, sets)]

    def block(bounds: tuple[int, int]) -> None:
        text = folder / f"{bounds[0]}.txt"
        with text.open("w") as file:
            written = sum(file.write(lines) for track in tracks for lines in track.lines(*bounds))
            file.write("# EOF\n")
        if written:
            backfill.raw(tools, folder, text)
        text.unlink()

    with ThreadPoolExecutor(2) as pool:  # one writes while promtool reads what the other one wrote
        list(pool.map(block, pairwise(_BOUNDS)))


def _tracks(series: int, sets: Sequence[RuleSet]) -> Iterator[Track]:
    counters = (read for one in sets for read in reads(one) if read.metric == METRIC)
    for job, seconds in _longest((_JOB.findall(read.matchers)[0], read.seconds) for read in counters).items():
        yield from _counters(job, series, min(seconds, raw_seconds(series)))
    for one in sets:
        yield from _recorded(one)


def _longest(spans: Iterable[tuple[str, int]]) -> dict[str, int]:
    longest: dict[str, int] = {}
    for name, seconds in spans:
        longest[name] = max(seconds, longest.get(name, 0))
    return longest


def _counters(job: str, series: int, seconds: int) -> Iterator[Track]:
    """As many counters as *series* says, of half as many pods; of 2,000 requests between two scrapes 1 fails."""
    chance = random.Random(job)  # noqa: S311 - it is to be the same each time
    for code, increments in (("200", range(1_900, 2_100)), ("500", range(3))):
        for kind in range(_KINDS):
            moments = range(END - seconds - kind * SCRAPE // _KINDS, END + 1, SCRAPE)
            counts = accumulate(chance.choices(increments, k=len(moments)))
            yield Track(
                [f'{METRIC}{{job="{job}",pod="pod-{pod}",code="{code}"}}' for pod in range(kind, series // 2, _KINDS)],
                moments[0],
                SCRAPE,
                [f" {count} {moment}\n" for count, moment in zip(counts, moments, strict=True)],
            )


def _recorded(rule_set: RuleSet) -> Iterator[Track]:
    """The series that rules of a rule set read of one another."""
    chance = random.Random(rule_set.shape)  # noqa: S311
    longest = _longest((read.metric, read.seconds) for read in reads(rule_set))
    for interval, rule in rule_set.rules():
        metric = rule.get("record", "")
        if metric not in longest:
            continue
        mean = 70.0 if ":sli_events:" in metric else 0.035 if ":sli_errors:" in metric else 0.0005
        for slo in rule_set.slos:
            labels = {**slo, **rule["labels"]}
            if slo.items() <= labels.items():  # else the rule is another SLO's
                written = ",".join(f'{name}="{value}"' for name, value in labels.items())
                moments = range(END - longest[metric] // interval * interval, END + 1, interval)
                samples = [f" {mean * chance.uniform(0.8, 1.2)} {moment}\n" for moment in moments]
                yield Track([f"{metric}{{{written}}}"], moments[0], interval, samples)

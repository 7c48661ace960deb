"""
How far error ratios are from the truth, in real servers, for many kinds of traffic.

    python tests/benchmarks/accuracy.py [WORD ...]    the kinds that have a word in their name, else all
    python tests/benchmarks/accuracy.py --churn 24    the default against raw, for as many services of short-lived pods

35 days of traffic at a scrape every 30 s, of which every request is known. Each window is asked for at 200 moments;
the figures are median and 95th percentile of the deviation, in percent of the true ratio. Where a rule set has no
value at a moment when errors were being made, the number of such moments stands beside. Sloth's windows below 30 days
are read from the counters, as those of the strategy raw are. Exits with 1 where the default's
30 days are off by more than promised, and by more than raw's.

With --churn, windows do not overlap and are asked for when their rules are evaluated; the mean of the deviations, with
its sign, stands in brackets. What the default is further off than raw is the mean of pairs, told apart by two things:
the same traffic of pods that stay, and the truth until a minute before, which is what the default's windows are of.
"""

import os
import re
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final, NamedTuple

import click

TESTS: Final = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TESTS))

from benchmarks.patterns import DAYS, GAPS, PATTERNS, Pattern  # noqa: E402 - found from the folder of the tests
from benchmarks.rule_sets import sloth  # noqa: E402
from live import backfill, traffic  # noqa: E402
from live.accuracy import (  # noqa: E402
    FILE,
    START,
    Compared,
    Deviations,
    Question,
    compared,
    deviations,
    question,
    served,
    spread,
)
from live.server import Toolchain, running  # noqa: E402
from slogen.model import Strategy  # noqa: E402
from slogen.units import Window  # noqa: E402
from toolchain import debian_prometheus  # noqa: E402

MOMENTS: Final = 200
WINDOWS: Final = ("5m", "30m", "1h", "2h", "6h", "1d", "3d", "30d")
SLOTH: Final = "Sloth"
CHURN_DAYS: Final = 15


class Row(NamedTuple):
    """The deviations of one rule set in one server."""

    major: int
    rules: str
    windows: tuple[Deviations | None, ...]

    @property
    def month(self) -> float:
        """The median of 30 days."""
        last = self.windows[-1]
        return last.median if last and last.percent else float("inf")

    def __str__(self) -> str:
        cells = " | ".join(f"{_cell(one):>15}" for one in self.windows)
        return f"| {self.major}.x | {self.rules:12} | {cells} |"


def _cell(found: Deviations | None) -> str:
    if found is None:
        return ""
    figures = f"{_short(found.median)} / {_short(found.p95)}" if len(found.percent) > 1 else "no value"
    return figures + (f" ({found.silent} silent)" if found.silent and found.percent else "")


def _short(percent: float) -> str:
    return f"{percent:.3f}" if percent < 1 else f"{percent:.3g}"


def measure(tools: Toolchain, name: str, pattern: Pattern, folder: Path) -> Iterator[Row]:
    """A row for each strategy, and one for Sloth's 30 days."""
    requests = traffic.make(re.sub(r"\W+", "-", name), pattern.shape, START, DAYS)
    backfill.write(folder / "raw.om", requests.counters())
    midnight = START // traffic.DAY * traffic.DAY
    gaps = [(midnight + int(first * 3600), midnight + int(last * 3600)) for first, last in GAPS]
    lost = [] if pattern.evaluated else [gap for gap in gaps if gap[1] < requests.end]
    truths = {window: requests.truth(Window.parse(window).seconds) for window in WINDOWS}
    with served(tools, folder / str(tools.major), requests, folder / "raw.om", without=lost) as server:
        for strategy in Strategy:
            questions = [question(requests.job, strategy, window) for window in WINDOWS]
            found = (
                deviations(server, one, truths[one.window], spread(requests, one.window, MOMENTS)) for one in questions
            )
            yield Row(tools.major, strategy, tuple(found))
    yield Row(tools.major, SLOTH, (*(None for _ in WINDOWS[1:]), _sloth(tools, requests, folder, lost)))


def _sloth(tools: Toolchain, requests: traffic.Traffic, folder: Path, lost: Sequence[tuple[int, int]]) -> Deviations:
    """Its 30 days: the mean of the ratios of all 5 minutes."""
    rules = {rule["record"]: rule for _, rule in sloth(requests.job).rules() if "record" in rule}
    base, month = (rules[f"slo:sli_error:ratio_rate{window}"] for window in ("5m", "30d"))
    place = folder / str(tools.major)
    layer = [{"name": "sloth", "interval": "30s", "rules": [base]}]
    backfill.records(tools, place, layer, requests.start, requests.end, without=lost, called=FILE)
    with running(tools, place) as server:
        truth = requests.truth(Window.parse("30d").seconds)
        return deviations(server, Question(SLOTH, "30d", month["expr"]), truth, spread(requests, "30d", MOMENTS))


def churn(tools: Toolchain, services: int) -> Iterator[str]:
    """How much further off the default is than raw, for pods that are replaced and for pods that stay."""
    for life, shape in (("2 h", traffic.CHURN), ("on", replace(traffic.CHURN, life=100 * traffic.DAY))):
        found: dict[str, list[Compared]] = {window: [] for window in ("1d", "3d")}
        for number in range(services):
            requests = traffic.make(f"churn-{number}", shape, START, CHURN_DAYS)
            with tempfile.TemporaryDirectory() as place:
                text = Path(place, "raw.om")
                backfill.write(text, requests.counters())
                with served(tools, Path(place, "server"), requests, text) as server:
                    for window, those in found.items():
                        those.append(compared(server, requests, window))
        for window, those in found.items():
            every = Compared(*(_together(one) for one in zip(*those, strict=True)))
            cells = (f"{one.median:.3f} / {one.p95:.3f} ({one.mean:+.3f})" for one in (every.recorded, every.raw))
            windows = f"{tools.major}.x | {life} | {window} | {len(every.raw.percent)}"
            yield f"| {windows} | {' | '.join(cells)} | {every.further} | {every.lag_aside} |"


def _together(parts: Sequence[Deviations]) -> Deviations:
    return Deviations(parts[0].question, [one for part in parts for one in part.percent])


def both() -> list[Toolchain]:
    """The servers of both major versions."""
    cache = TESTS.parent / ".cache/prometheus"
    found = []
    for major in (2, 3):
        place = debian_prometheus.folder(major, cache, os.environ)
        debian_prometheus.version(place, major)
        found.append(Toolchain(major, place / "prometheus", place / "promtool"))
    return found


@click.command()
@click.argument("words", nargs=-1)
@click.option("--churn", "services", type=int, default=0)
def main(words: tuple[str, ...], services: int) -> None:
    """Make the traffic, let both servers record it, print the table."""
    if services:
        print("| server | pods live | window | windows | hierarchical | raw | further off | lag aside |")
        print("|---|---|---|--:|--:|--:|--:|--:|")
        for tools in both():
            print(*churn(tools, services), sep="\n", flush=True)
        return
    wrong = []
    for name, pattern in PATTERNS.items():
        if words and not any(word in name for word in words):
            continue
        print(f"\n{name}\n\n|     | rules        | {' | '.join(f'{window:>15}' for window in WINDOWS)} |")
        print(f"|-----|--------------|{'|'.join('-' * 16 + ':' for _ in WINDOWS)}|")
        for tools in both():
            with tempfile.TemporaryDirectory() as folder:
                rows = []
                for row in measure(tools, name, pattern, Path(folder)):
                    print(row, flush=True)
                    rows.append(row)
            month = {row.rules: row.month for row in rows}
            if pattern.limit and month[Strategy.HIERARCHICAL] > max(pattern.limit, month[Strategy.RAW]):
                wrong.append(f"{name}, {tools.major}.x: 30d is off by {month[Strategy.HIERARCHICAL]:.3f} %")
    sys.exit("\n".join(wrong) or 0)


if __name__ == "__main__":
    main()

"""
What the rules of one SLO cost a Prometheus: slogen's, and those that Sloth and Pyrra generate, in one real server.

    python tests/benchmarks/rules.py [--picture FILE] [SERIES ...]

For SLOs of so many counters each (10, 100, 1,000 and 5,000), half of them of errors. Every expression of every rule
set is evaluated by the query API, all at one moment, in sweeps that take turns; an expression's time is the median of
the sweeps, and for the share of a core it counts as often as its group is evaluated. Writing the results is not in it.
A ratio is how many times what the rules of that row take is what Sloth's take. No rules can do without reading the two
base expressions once; the last column is how many times that a rule set takes.
"""

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

import click

TESTS: Final = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TESTS))

from benchmarks.history import END, SCRAPE, make, raw_seconds, reads  # noqa: E402 - found from the folder of the tests
from benchmarks.picture import draw  # noqa: E402
from benchmarks.rule_sets import FLOOR, METRIC, RuleSet, rule_sets  # noqa: E402
from live.server import Server, Toolchain, running  # noqa: E402
from slogen.units import Window  # noqa: E402
from toolchain import debian_prometheus  # noqa: E402

SERIES: Final = (10, 100, 1_000, 5_000)
SWEEPS: Final = 5
HEAD: Final = (
    "series",
    "rules of",
    "rules",
    "samples/sweep",
    "ms/sweep",
    "samples/s",
    "of a core",
    "Sloth's samples",
    "Sloth's time",
    "floor's time",
)


class Cost(NamedTuple):
    """What a server does for the rules of one SLO: to evaluate each once, and in each second."""

    sweep_samples: float
    sweep_seconds: float
    samples: float
    seconds: float


def sweep(server: Server, rule_set: RuleSet) -> Iterator[Cost]:
    """Evaluate every expression once."""
    for interval, rule in rule_set.rules():
        answer = server.api("query", query=rule["expr"], time=str(END), stats="all")
        # A rule that lacks what it reads would be cheap; and no alert is to hold.
        assert bool(answer["result"]) == ("record" in rule), f"{rule_set.shape}: {rule} gives {answer['result']}"
        stats = answer["stats"]
        samples, seconds = stats["samples"]["totalQueryableSamples"], stats["timings"]["execTotalTime"]
        yield Cost(samples, seconds, samples / interval, seconds / interval)


def measure(server: Server, every: Sequence[RuleSet]) -> list[Cost]:
    """The cost of each of the rule sets."""
    found: list[list[list[Cost]]] = [[] for _ in every]
    for number in range(SWEEPS + 1):
        for index in sorted(
            range(len(every)), key=lambda index: (index - number) % len(every)
        ):  # each comes first once
            costs = list(sweep(server, every[index]))
            if number:  # the first time, it reads from the disk
                found[index].append(costs)
    return [_per_slo(sweeps, len(one.slos)) for sweeps, one in zip(found, every, strict=True)]


def _per_slo(sweeps: list[list[Cost]], slos: int) -> Cost:
    medians = [Cost(*map(statistics.median, zip(*one_rule, strict=True))) for one_rule in zip(*sweeps, strict=True)]
    return Cost(*(sum(figures) / slos for figures in zip(*medians, strict=True)))


def table(compared: dict[int, tuple[RuleSet, ...]], costs: Sequence[Cost]) -> Iterator[str]:
    """The figures in Markdown."""
    left = iter(costs)
    rows: list[tuple[str, ...]] = [HEAD]
    for series, sets in compared.items():
        told = [(one, next(left)) for one in sets]
        floor = next(cost for one, cost in told if one.shape == FLOOR)
        rows += [_row(series, one, cost, told[0][1], floor) for one, cost in told]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    rows.insert(
        1,
        tuple(
            "-" * (width - 1) + ("-" if name == "rules of" else ":") for name, width in zip(HEAD, widths, strict=True)
        ),
    )
    for row in rows:
        cells = (
            text.ljust(w) if name == "rules of" else text.rjust(w)
            for name, text, w in zip(HEAD, row, widths, strict=True)
        )
        yield f"| {' | '.join(cells)} |"


def _row(series: int, rule_set: RuleSet, cost: Cost, sloth: Cost, floor: Cost) -> tuple[str, ...]:
    return (
        str(series),
        rule_set.shape + (" (*)" if _cut(series, rule_set) else ""),
        f"{sum(1 for _ in rule_set.rules()) / len(rule_set.slos):.3g}",
        f"{cost.sweep_samples:,.0f}",
        f"{cost.sweep_seconds * 1_000:.2f}",
        f"{cost.samples:,.0f}",
        f"{cost.seconds * 100:.4f} %",
        _times(sloth.samples / cost.samples),
        _times(sloth.seconds / cost.seconds),
        _times(cost.seconds / floor.seconds),
    )


def _times(ratio: float) -> str:
    return f"{ratio:,.0f} x" if ratio >= 10 else f"{ratio:.2f} x"


def _cut(series: int, rule_set: RuleSet) -> list[int]:
    """The windows over counters that find less than they ask for."""
    windows = {read.seconds for read in reads(rule_set) if read.metric == METRIC}
    return sorted(window for window in windows if window > raw_seconds(series))


def notes(compared: dict[int, tuple[RuleSet, ...]]) -> Iterator[str]:
    """What is cut short."""
    for series, sets in compared.items():
        for one in sets:
            if cut := _cut(series, one):
                windows = " and ".join(f"[{Window(window)}]" for window in cut)
                there = Window(raw_seconds(series))
                yield f"(*) {series} series, {one.shape}: a lower bound, for {windows} found {there} of counters."


def waiting(server: Server) -> str:
    """
    How long the server, ready to run, had to wait for a core; what takes it long then takes longer.

    Source: https://docs.kernel.org/scheduler/sched-stats.html
    """
    threads = Path(f"/proc/{server.process.pid}/task").glob("*/schedstat")
    ran, waited = map(sum, zip((1, 0), *(map(int, thread.read_text().split()[:2]) for thread in threads), strict=True))
    return f"the server waited {waited / ran:.0%} as long as it ran for a core: what is far above 10 % blurs the times"


@click.command()
@click.argument("numbers", nargs=-1, type=int)
@click.option("--picture", type=click.Path(path_type=Path), help="Draw the share of a core into this file too.")
def main(numbers: tuple[int, ...], picture: Path | None) -> None:
    """Make the history, start the server, print the table."""
    start = time.monotonic()
    place = debian_prometheus.folder(2, TESTS.parent / ".cache/prometheus", os.environ)
    try:
        version = debian_prometheus.version(place, 2)
    except debian_prometheus.UnavailableError as error:
        raise SystemExit(f"{error}; run `make prometheus`, or {debian_prometheus.advice(2)}") from error
    tools = Toolchain(2, place / "prometheus", place / "promtool")
    compared = {series: rule_sets(series) for series in numbers or SERIES}
    with tempfile.TemporaryDirectory() as name:
        make(tools, Path(name), compared)
        made = time.monotonic()
        with running(tools, Path(name)) as server:
            costs = measure(server, [one for sets in compared.values() for one in sets])
            blur = waiting(server)
    print(*table(compared, costs), "", *notes(compared), sep="\n")
    print(f"Prometheus {version}; one SLO of 99.9 % over 30d, scraped every {SCRAPE} s; medians of {SWEEPS} sweeps.")
    swept = time.monotonic() - made
    print(f"Made the history in {made - start:.0f} s, swept in {swept:.0f} s. On {os.cpu_count()} cores {blur}.")
    if picture:
        shares: dict[str, dict[int, float]] = {}
        for (series, one), cost in zip(((n, one) for n, sets in compared.items() for one in sets), costs, strict=True):
            shares.setdefault(one.shape, {})[series] = cost.seconds
        picture.write_text(draw(shares), "utf-8")


if __name__ == "__main__":
    main()

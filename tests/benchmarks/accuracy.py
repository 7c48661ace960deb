"""
How far the error ratios that slogen records are from the truth, in real servers, for many kinds of traffic.

    python tests/benchmarks/accuracy.py [SHAPE ...]

35 days of traffic at a scrape every 30 s, of which every request is known. Each window is asked for at 200 moments,
as each strategy has it; the figures are median and 95th percentile of the deviation, in percent of the true ratio.
"""

import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

TESTS: Final = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TESTS))

from live import backfill, traffic  # noqa: E402 - found from the folder of the tests
from live.accuracy import START, deviations, served  # noqa: E402
from live.server import Toolchain  # noqa: E402
from live.traffic import CHURN, HOUR, SWINGS  # noqa: E402
from slogen.model import Strategy  # noqa: E402
from toolchain import debian_prometheus  # noqa: E402

DAYS: Final = 35
PROBES: Final = 200
WINDOWS: Final = ("6h", "1d", "3d", "30d")
SHAPES: Final = {
    "steady": replace(CHURN, life=DAYS * 24 * HOUR),
    "resets": replace(CHURN, life=6 * HOUR, renamed=False),
    "churn": CHURN,
    "swings": SWINGS,
    "swings-without-bursts": replace(SWINGS, bursts=0.0),
    "swings-and-churn": replace(SWINGS, bursts=0.0, life=2 * HOUR, renamed=True),
}
"""What `live.traffic` can make; ``swings`` and ``churn`` are those that the tests hold to a limit."""


def rows(tools: Toolchain, job: str, requests: traffic.Traffic, folder: Path) -> Iterator[str]:
    """A line for each strategy."""
    with served(tools, folder / str(tools.major), requests, folder / "raw.om") as server:
        for strategy in (Strategy.HIERARCHICAL, Strategy.RAW):
            found = [deviations(server, requests, strategy, window, PROBES) for window in WINDOWS]
            cells = (f"{one.median:.3f} / {one.p95:.3f}" for one in found)
            yield f"| {job:21} | {tools.major}.x | {strategy:12} | {' | '.join(cells)} |"


def main(names: Sequence[str]) -> None:
    """Make the traffic, let both servers record it, print the table."""
    cache = TESTS.parent / ".cache/prometheus"
    places = {major: debian_prometheus.folder(major, cache, os.environ) for major in (2, 3)}
    print(f"| {'traffic':21} |     | {'strategy':12} | {' | '.join(f'{window:>13}' for window in WINDOWS)} |")
    print(f"|{'-' * 23}|-----|{'-' * 14}|{'|'.join('-' * 14 + ':' for _ in WINDOWS)}|")
    for name in names:
        requests = traffic.make(name, SHAPES[name], START, DAYS)
        with tempfile.TemporaryDirectory() as folder:
            backfill.write(Path(folder, "raw.om"), requests.counters())
            for major, place in places.items():
                debian_prometheus.version(place, major)
                tools = Toolchain(major, place / "prometheus", place / "promtool")
                for row in rows(tools, name, requests, Path(folder)):
                    print(row, flush=True)


if __name__ == "__main__":
    unknown = set(sys.argv[1:]) - set(SHAPES)
    if unknown:
        sys.exit(f"unknown: {', '.join(sorted(unknown))}; there are {', '.join(SHAPES)}")
    main(sys.argv[1:] or list(SHAPES))

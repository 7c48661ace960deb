"""
How far recorded windows are from the truth, in a real server over history that promtool made.

What is queried are the expressions of the compiled rules, over base series that were recorded with the compiled
rules; nothing is worked out a second time here.
"""

import statistics
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

import slogen
from live import backfill
from live.server import Server, Toolchain, running
from live.traffic import HOUR, SCRAPE, Traffic
from slogen.model import Strategy
from slogen.units import Window

START: Final = 1_760_000_400
"""A full hour, anywhere in the past: nothing depends on the clock."""


@dataclass(frozen=True, slots=True)
class Deviations:
    """By how much a window was off the truth, in percent of it, at each moment at which it was asked for."""

    window: str
    strategy: Strategy
    percent: Sequence[float]

    @property
    def median(self) -> float:
        """Half of the moments were closer."""
        return statistics.median(self.percent)

    @property
    def p95(self) -> float:
        """All but one in twenty were closer."""
        return statistics.quantiles(self.percent, n=20)[-1]

    def __str__(self) -> str:
        figures = f"median {self.median:.3f} %, p95 {self.p95:.3f} % of {len(self.percent)}"
        return f"{self.strategy:12} {self.window:>3}: {figures}"


@contextmanager
def served(tools: Toolchain, folder: Path, traffic: Traffic, text: Path) -> Iterator[Server]:
    """A server with the counters of *traffic*, which *text* holds, and all that long windows are summed from."""
    backfill.raw(tools, folder, text)
    sources = backfill.chosen(_groups(traffic.job, Strategy.HIERARCHICAL), _is_source)
    backfill.records(tools, folder, sources, traffic.start, traffic.end)
    with running(tools, folder) as server:
        yield server


def deviations(server: Server, traffic: Traffic, strategy: Strategy, window: str, probes: int) -> Deviations:
    """How far *window* is off at *probes* moments, spread over all that have a whole window behind them."""
    seconds = Window.parse(window).seconds
    first = traffic.start + seconds + HOUR
    step = (traffic.end - first) // probes // SCRAPE * SCRAPE + 7  # not always at the same moment between scrapes
    last = first + (probes - 1) * step
    name = f"slo:sli_error:ratio_rate{window}"
    rules = [rule for group in _groups(traffic.job, strategy) for rule in group["rules"] if rule.get("record") == name]
    (rule,) = rules
    found = server.query_at(rule["expr"], first, last, step)
    truth = traffic.truth(seconds)
    moments = range(first, last + 1, step)
    assert sorted(found) == list(moments), f"{window}: no value at {sorted(set(moments) - set(found))}"
    return Deviations(window, strategy, [abs(found[at] / truth(at) - 1) * 100 for at in moments])


def _groups(job: str, strategy: Strategy) -> list[dict[str, Any]]:
    slos = f"""
apiVersion: slogen/v1
service: {job}
slos:
  - name: availability
    objective: 99.9
    sli:
      availability:
        total: http_requests_total{{job="{job}"}}
        bad: http_requests_total{{job="{job}",code="500"}}
"""
    (artifact,) = slogen.compile({"slos/shop.yaml": slos}, strategy=strategy).artifacts
    groups: list[dict[str, Any]] = yaml.safe_load(artifact.text)["groups"]
    return groups


def _is_source(rule: dict[str, Any]) -> bool:
    """Whether it is one of the series that windows are summed from."""
    return str(rule.get("record", "")).startswith(("slo:sli_events:", "slo:sli_errors:"))

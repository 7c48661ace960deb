"""
How far windows are from the truth, in a real server over history that promtool made.

What is queried are the expressions of the compiled rules, over base series that were recorded with the compiled
rules; nothing is worked out a second time here.
"""

import statistics
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from math import ceil, isfinite, nan, sqrt
from pathlib import Path
from typing import Any, Final, NamedTuple

import yaml

import slogen
from live import backfill
from live.server import Server, Toolchain, running
from live.traffic import HOUR, SCRAPE, Traffic
from slogen.model import Strategy
from slogen.units import Window

START: Final = 1_760_000_400
"""A full hour, anywhere in the past: nothing depends on the clock."""
FILE: Final = "pass.rules.yaml"
"""The same in each pass, so that errors are recorded when events are."""
LAG: Final = 60
"""By how many seconds both ends of a window of the default are late: what it sums up are rates over two minutes."""
_MOVED: Final = 14 * 60
"""Seconds between a window and the next, so that pods that live for hours are not replaced at the ends of each."""
_SURE: Final = statistics.NormalDist().inv_cdf(0.975)


class Question(NamedTuple):
    """The expression by which some rules give the error ratio over a window."""

    rules: str
    window: str
    expr: str


class Deviations(NamedTuple):
    """
    By how much a window was off the truth, at each moment at which it was asked for.

    Attributes:
        percent: of the true error ratio; negative where errors are lost.
        silent: at how many moments there was a truth, but no number.
    """

    question: Question
    percent: Sequence[float]
    silent: int = 0

    @property
    def median(self) -> float:
        """Half of the moments were closer."""
        return statistics.median(map(abs, self.percent))

    @property
    def p95(self) -> float:
        """All but one in twenty were closer."""
        return statistics.quantiles(map(abs, self.percent), n=20)[-1]

    @property
    def mean(self) -> float:
        """What longer windows do not make up for; negative where errors are lost."""
        return statistics.mean(self.percent)

    def __str__(self) -> str:
        figures = f"median {self.median:.3f} %, p95 {self.p95:.3f} % of {len(self.percent)}"
        return f"{self.question.rules:12} {self.question.window:>3}: {figures}"


class Excess(NamedTuple):
    """
    How much further off one rule set is than another, in percent of the truth, over the same windows.

    The same requests are behind both, so only what differs between the two is left; the windows do not overlap, so
    each is a sample of its own. *mean* is that of the samples, and the true one is within *margin* of it, 19 times
    in 20.
    """

    mean: float
    margin: float

    def __str__(self) -> str:
        return f"{self.mean:+.4f} ± {self.margin:.4f}"


def excess(recorded: Sequence[float], raw: Sequence[float]) -> Excess:
    """How much further off *recorded* is than *raw*, moment by moment."""
    pairs = [abs(one) - abs(other) for one, other in zip(recorded, raw, strict=True)]
    return Excess(statistics.mean(pairs), _SURE * statistics.stdev(pairs) / sqrt(len(pairs)))


class Compared(NamedTuple):
    """
    The default and raw over the same windows.

    Attributes:
        recorded: the default against the truth until the moment at which it is asked for.
        covered: the same answers against the truth until `LAG` before, which is what they are of.
    """

    recorded: Deviations
    covered: Deviations
    raw: Deviations

    @property
    def further(self) -> Excess:
        """How much further off the default is."""
        return excess(self.recorded.percent, self.raw.percent)

    @property
    def lag_aside(self) -> Excess:
        """How much further off it is from what it is of."""
        return excess(self.covered.percent, self.raw.percent)


def compared(server: Server, traffic: Traffic, window: str) -> Compared:
    """The default and raw, each time the rules of *window* are evaluated and no request is in two windows."""
    known = traffic.truth(Window.parse(window).seconds)
    recorded, raw = (question(traffic.job, one, window) for one in (Strategy.HIERARCHICAL, Strategy.RAW))
    moments = apart(traffic, window, _evaluated(server, traffic, recorded))
    return Compared(
        deviations(server, recorded, known, moments),
        deviations(server, recorded, lambda moment: known(moment - LAG), moments),
        deviations(server, raw, known, moments),
    )


@contextmanager
def served(
    tools: Toolchain, folder: Path, traffic: Traffic, text: Path, *, without: Sequence[tuple[int, int]] = ()
) -> Iterator[Server]:
    """
    A server with the counters of *traffic*, which *text* holds, and all that long windows are summed from.

    Args:
        without: spans in which no rule was evaluated.
    """
    backfill.raw(tools, folder, text)
    sources = backfill.chosen(groups(traffic.job, Strategy.HIERARCHICAL), _is_source)
    backfill.records(tools, folder, sources, traffic.start, traffic.end, without=without, called=FILE)
    with running(tools, folder) as server:
        yield server


def spread(traffic: Traffic, window: str, number: int) -> range:
    """So many moments, spread over all that have a whole *window* behind them."""
    first = traffic.start + Window.parse(window).seconds + HOUR
    step = (traffic.end - first) // number // SCRAPE * SCRAPE + 7  # not always at the same moment between scrapes
    return range(first, first + number * step, step)


def apart(traffic: Traffic, window: str, since: int) -> range:
    """The ends of as many windows as there are beside one another *since* a moment."""
    seconds = Window.parse(window).seconds
    return range(since + seconds, traffic.end, seconds + _MOVED)


def _evaluated(server: Server, traffic: Traffic, question: Question) -> int:
    """The first full second after the last time, within the first hour, at which what is asked for was recorded."""
    source = min(backfill.reads({"expr": question.expr}))
    (sample,) = server.query(f'timestamp({source}{{slo_service="{traffic.job}"}})', traffic.start + HOUR)
    return ceil(sample.value)


def deviations(server: Server, question: Question, truth: Callable[[int], float | None], moments: range) -> Deviations:
    """How far the answers are off at those *moments* at which there were errors."""
    found = server.query_at(question.expr, moments[0], moments[-1], moments.step)
    known = {at: share for at in moments if (share := truth(at))}
    percent = [(found[at] / share - 1) * 100 for at, share in known.items() if isfinite(found.get(at, nan))]
    return Deviations(question, percent, len(known) - len(percent))


def question(job: str, strategy: Strategy, window: str) -> Question:
    """What the rules of a *strategy* ask, to record the error ratio over a *window*."""
    name = f"slo:sli_error:ratio_rate{window}"
    rules = [rule for group in groups(job, strategy) for rule in group["rules"] if rule.get("record") == name]
    (rule,) = rules
    return Question(strategy, window, rule["expr"])


def groups(job: str, strategy: Strategy) -> list[dict[str, Any]]:
    """What is compiled for the counters of `live.traffic`."""
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
    compilation = slogen.compile({"slos/shop.yaml": slos}, targets=["prometheus"], strategy=strategy)
    (artifact,) = compilation.artifacts
    compiled: list[dict[str, Any]] = yaml.safe_load(artifact.text)["groups"]
    return compiled


def _is_source(rule: dict[str, Any]) -> bool:
    """Whether it is one of the series that windows are summed from."""
    return str(rule.get("record", "")).startswith(("slo:sli_events:", "slo:sli_errors:"))

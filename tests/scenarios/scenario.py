"""A published measurement as data: what a service's requests were like, step by step, and what its SLOs make of it."""

import math
from dataclasses import dataclass
from pathlib import Path
from statistics import NormalDist
from typing import Any, Final

import yaml

from slogen.units import Window

HERE: Final = Path(__file__).parent
SEVERITIES: Final[tuple[str, ...]] = ("page", "ticket")
_NORMAL: Final = NormalDist()


@dataclass(frozen=True, slots=True)
class Seen:
    """
    What an SLO makes of one step.

    Attributes:
        burn: the burn rate that it comes to, of two digits.
        fires: seconds from the start of the step to each alert; 0 for one that fired before.
    """

    burn: float
    fires: dict[str, int]


@dataclass(frozen=True, slots=True)
class Step:
    """
    Requests that are alike.

    Attributes:
        error_ratio: the share of them that fails, within [0, 1].
        middle: the mean of the logarithm of their latency in seconds.
        spread: its standard deviation.
        latency: the measured quantile, in seconds.
    """

    name: str
    error_ratio: float
    middle: float
    spread: float
    latency: float

    def share_under(self, seconds: float) -> float:
        """The share of requests that take no longer."""
        return _NORMAL.cdf((math.log(seconds) - self.middle) / self.spread)


@dataclass(frozen=True, slots=True)
class Promise:
    """An SLO, in words, and what it makes of each step."""

    name: str
    says: str
    steps: tuple[Seen, ...]


@dataclass(frozen=True, slots=True)
class Scenario:
    """
    Steps, and SLOs that see them.

    Attributes:
        label: what tells the series of the steps apart.
        held: seconds that each step lasts.
    """

    title: str
    quantile: float
    label: str
    held: int
    steps: tuple[Step, ...]
    slos: dict[str, Any]
    promises: tuple[Promise, ...]


def load(name: str) -> Scenario:
    """The scenario in the file of that name."""
    told: dict[str, Any] = yaml.safe_load((HERE / f"{name}.yaml").read_text("utf-8"))
    deviations = _NORMAL.inv_cdf(told["quantile"])
    spread = math.log(told["steps"][0]["latency"] / told["healthy_median"]) / deviations
    steps = tuple(
        Step(
            one["name"],
            one["error_percent"] / 100,
            math.log(one["latency"]) - deviations * spread,
            spread,
            one["latency"],
        )
        for one in told["steps"]
    )
    promises = tuple(
        Promise(slo, expected["says"], tuple(map(_seen, expected["steps"])))
        for slo, expected in told["expected"].items()
    )
    held = Window.parse(told["held"]).seconds
    return Scenario(told["title"], told["quantile"], told["label"], held, steps, told["slos"], promises)


def _seen(step: dict[str, Any]) -> Seen:
    fires: dict[str, str] = {severity: step[severity] for severity in SEVERITIES if severity in step}
    seconds = {severity: 0 if text == "0m" else Window.parse(text).seconds for severity, text in fires.items()}
    return Seen(step["burn"], seconds)

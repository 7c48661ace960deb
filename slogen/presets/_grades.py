"""
Which responses are good, bad or not counted, and what two filters without OR say so.

A ratio in Cloud Monitoring is given by two of three filters: good, bad and total, which is the two together. A
filter is a list of comparisons that all hold, so of numbers it can take a range, of classes one, or all but some.

Source: https://cloud.google.com/monitoring/api/ref_v3/rest/v3/services.serviceLevelObjectives#TimeSeriesRatio
"""

from collections.abc import Callable
from itertools import combinations
from typing import Final, Literal, NamedTuple

from slogen.monitoring_filter import Operator
from slogen.presets._platform import PlatformParams
from slogen.shape import Field

Grade = Literal["good", "bad", "ignored"]
Role = Literal["total", "good", "bad"]
Hundred = int
"""The first digit of a status; 2 stands for all that is neither a redirect nor an error."""
HUNDREDS: Final[tuple[Hundred, ...]] = (2, 3, 4, 5)


class ResponseParams(PlatformParams):
    """Parameters of platforms that answer with a status of HTTP."""

    redirects: Grade = Field("good", description="What answers 3xx are: good, bad or ignored.")
    client_errors: Grade = Field("ignored", description="What answers 4xx are: good, bad or ignored.")
    server_errors: Grade = Field("bad", description="What answers 5xx are: good, bad or ignored.")

    @property
    def grades(self) -> dict[Hundred, Grade]:
        """What the responses of each hundred are."""
        return dict(zip(HUNDREDS, ("good", self.redirects, self.client_errors, self.server_errors), strict=True))

    def of(self, *grades: Grade) -> frozenset[Hundred]:
        """The hundreds that have one of these *grades*."""
        return frozenset(hundred for hundred, grade in self.grades.items() if grade in grades)


class Condition(NamedTuple):
    """What the status, by its hundred, is compared with."""

    op: Operator
    hundred: Hundred


Conditions = tuple[Condition, ...]
"""Conditions that all hold."""


class Part(NamedTuple):
    """The responses of one of the three filters."""

    role: Role
    conditions: Conditions


Say = Callable[[frozenset[Hundred]], Conditions | None]
"""The conditions that the statuses of some hundreds meet, and no others; None where there are no such conditions."""


def two_parts(params: ResponseParams, say: Say) -> tuple[Part, Part] | None:
    """Two of the three filters, the total and the bad before the good; None where no two can be said."""
    if not params.of("bad"):
        return None
    wanted: tuple[tuple[Role, frozenset[Hundred]], ...] = (
        ("total", params.of("good", "bad")),
        ("bad", params.of("bad")),
        ("good", params.of("good")),
    )
    said = [Part(role, conditions) for role, hundreds in wanted if (conditions := say(hundreds)) is not None]
    return next(combinations(said, 2), None)


def by_class(hundreds: frozenset[Hundred]) -> Conditions | None:
    """One class, or what is in none of the others: so responses without a status belong to the good ones."""
    if HUNDREDS[0] in hundreds:
        return tuple(Condition("!=", other) for other in HUNDREDS if other not in hundreds)
    return (Condition("=", *hundreds),) if len(hundreds) == 1 else None


def by_range(hundreds: frozenset[Hundred]) -> Conditions | None:
    """From the lowest to the highest, with nothing between left out; unbounded at either end."""
    low, high = min(hundreds), max(hundreds)
    if len(hundreds) != high - low + 1:
        return None
    above = () if low == HUNDREDS[0] else (Condition(">=", low),)
    return above if high == HUNDREDS[-1] else (*above, Condition("<", high + 1))


def refusal(params: ResponseParams) -> str:
    """Why no two filters say what the *params* ask for."""
    if not params.of("bad"):
        return "no response is bad; let one of 'redirects', 'client_errors' and 'server_errors' be bad"
    return (
        f"two filters without OR cannot say that redirects are {params.redirects}, client errors "
        f"{params.client_errors} and server errors {params.server_errors}, as each takes one range of the status"
    )

"""What is said of several SLOs alike, since it lies in the server: told once, with how many they are."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from slogen.diagnostics import Diagnostic, Level, Position
from slogen.live.validating import Result


class Alike(NamedTuple):
    """
    One thing that is said of several SLOs.

    Attributes:
        checks: the codes of those that say it.
        told: the message of a finding, or why something was not checked.
        level: that of the finding; None for what was not checked.
        places: where each of the SLOs has it, at least two.
    """

    checks: tuple[str, ...]
    told: str
    level: Level | None
    places: tuple[Position, ...]

    def __str__(self) -> str:
        """It with its checks, as one line; of a finding, what stands behind its place and level."""
        checks = ", ".join(self.checks)
        return f"{checks}: {self.told}" if self.level is None else f"{self.told} [{checks}]"

    @property
    def findings(self) -> frozenset[Diagnostic]:
        """The finding at each of its places; none for what was not checked."""
        if self.level is None:
            return frozenset()
        return frozenset(Diagnostic(place, self.level, self.checks[0], self.told) for place in self.places)


def alike(results: Iterable[Result]) -> tuple[Alike, ...]:
    """What several of the *results* say, findings before what was not checked."""
    found: dict[tuple[str, Level | None, str], dict[str, Position]] = {}
    checks: dict[tuple[str, Level | None, str], dict[str, None]] = {}
    for result in results:
        for check, level, told, place in _common(result):
            key = (check if level else "", level, told)
            found.setdefault(key, {})[result.slo.id] = place
            checks.setdefault(key, {})[check] = None
    every = (
        Alike(tuple(checks[key]), key[2], key[1], tuple(places.values()))
        for key, places in found.items()
        if len(places) > 1
    )
    return tuple(sorted(every, key=lambda one: one.level is None))


def apart(results: Iterable[Result], shared: Iterable[Alike]) -> list[Result]:
    """The *results* less what is *shared*; their states are as they were."""
    shared = tuple(shared)
    found, left = ({one.told for one in shared if (one.level is None) is unknown} for unknown in (False, True))
    return [
        result._replace(
            findings=tuple(one for one in result.findings if one.message not in result.common & found),
            reasons=tuple(one for one in result.reasons if one not in result.common & left),
        )
        for result in results
    ]


def _common(result: Result) -> Iterator[tuple[str, Level | None, str, Position]]:
    for finding in result.findings:
        if finding.message in result.common:
            yield result.check, finding.level, finding.message, finding.position
    for reason in result.reasons:
        if reason in result.common:
            yield result.check, None, reason, result.slo.place.position

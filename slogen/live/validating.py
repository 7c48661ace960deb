"""SLOs held against a running Prometheus, several at once: every check of every SLO comes to something."""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from enum import StrEnum
from typing import Final, NamedTuple

from slogen.diagnostics import Diagnostic, Level
from slogen.live import checks
from slogen.live.asking import Asking
from slogen.live.checks._check import Finding, NotChecked, Said
from slogen.live.faults import PrometheusError, UnreachableError
from slogen.live.prometheus import Prometheus
from slogen.model import Datasource, Platform, Slo

_ELSEWHERE: Final = "Cloud Monitoring measures it, whose metrics this server does not hold"


class State(StrEnum):
    """What a check came to; what a server cannot tell is neither found nor passed."""

    FOUND = "found"
    NOT_CHECKED = "not checked"
    PASSED = "passed"


class Result(NamedTuple):
    """
    What one check says of one SLO.

    Attributes:
        check: its code.
        reasons: why something was not checked, also beside what was found.
        unreachable: whether the server gave no answer.
    """

    slo: Slo
    check: str
    state: State
    findings: tuple[Diagnostic, ...] = ()
    reasons: tuple[str, ...] = ()
    unreachable: bool = False


def validate(
    slos: Sequence[Slo], prometheus: Prometheus, at: float, *, at_once: int, tell: Callable[[], None]
) -> list[Result]:
    """
    Every check of every one of the *slos*, in their order.

    Args:
        at: the moment that is looked at, in Unix seconds.
        tell: is called when one SLO is done.
    """
    asking = Asking(prometheus, at)

    def work(slo: Slo) -> list[Result]:
        results = [_checked(slo, name, asking) for name in checks.names()]
        tell()
        return results

    with ThreadPoolExecutor(at_once) as pool:
        return [result for results in pool.map(work, slos) for result in results]


def _checked(slo: Slo, name: str, asking: Asking) -> Result:
    if isinstance(slo.sli, Platform) and slo.datasource is Datasource.PROMETHEUS:
        return Result(slo, name, State.NOT_CHECKED, reasons=(_ELSEWHERE,))
    said: list[Said] = []
    unreachable = False
    try:
        said.extend(checks.load(name)(slo, asking))
    except UnreachableError as error:
        unreachable = True
        said.append(NotChecked(f"the server gave no answer: {error}"))
    except PrometheusError as error:
        said.append(NotChecked(f"the server refuses to answer: {error}"))
    findings = tuple(_diagnostic(slo, name, one) for one in said if isinstance(one, Finding))
    reasons = tuple(dict.fromkeys(one.reason for one in said if isinstance(one, NotChecked)))
    state = State.FOUND if findings else State.NOT_CHECKED if reasons else State.PASSED
    return Result(slo, name, state, findings, reasons, unreachable)


def _diagnostic(slo: Slo, name: str, finding: Finding) -> Diagnostic:
    position = slo.place.source.position((*slo.place.path, *finding.path))
    return Diagnostic(position, finding.level, name, finding.message)


def findings(results: Iterable[Result]) -> tuple[Diagnostic, ...]:
    """All that was found, each once, by its place."""
    return tuple(sorted(dict.fromkeys(found for result in results for found in result.findings)))


def worst(found: Iterable[Diagnostic]) -> Level | None:
    """The level of the worst of what was *found*; None where nothing was."""
    levels = {diagnostic.level for diagnostic in found}
    return Level.ERROR if Level.ERROR in levels else Level.WARNING if levels else None

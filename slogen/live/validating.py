"""SLOs held against a running Prometheus, several at once: every check of every SLO comes to something."""

import inspect
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from enum import StrEnum
from typing import Final, NamedTuple

from slogen.diagnostics import Diagnostic, Level
from slogen.live import checks, snoozing
from slogen.live.asking import Asking
from slogen.live.checks._check import Finding, NotChecked, Said
from slogen.live.deployment import Deployment
from slogen.live.faults import PrometheusError, UnreachableError
from slogen.live.prometheus import Prometheus
from slogen.model import Datasource, Platform, Slo, Snooze

_ELSEWHERE: Final = "Cloud Monitoring measures it, whose metrics this server does not hold"


class State(StrEnum):
    """What a check came to; what a server cannot tell is neither found nor passed."""

    FOUND = "found"
    SNOOZED = "snoozed"
    NOT_CHECKED = "not checked"
    PASSED = "passed"


class Result(NamedTuple):
    """
    What one check says of one SLO.

    Attributes:
        check: its code.
        findings: also of a check that passed, where its snooze has no effect.
        reasons: why something was not checked, also beside what was found.
        unreachable: whether the server gave no answer.
        snooze: what keeps *snoozed*, which was found, from being told as such.
        common: those messages and reasons that lie in the server, so that other SLOs have them too.
    """

    slo: Slo
    check: str
    state: State
    findings: tuple[Diagnostic, ...] = ()
    reasons: tuple[str, ...] = ()
    unreachable: bool = False
    snooze: Snooze | None = None
    snoozed: tuple[Diagnostic, ...] = ()
    common: frozenset[str] = frozenset()


def validate(  # noqa: PLR0913 - two of them say how, and one has a default
    slos: Sequence[Slo],
    prometheus: Prometheus,
    at: float,
    *,
    at_once: int,
    tell: Callable[[], None],
    deployment: Deployment | None = None,
) -> list[Result]:
    """
    Every check of every one of the *slos*, in their order.

    Args:
        at: the moment that is looked at, in Unix seconds.
        tell: is called when one SLO is done.
        deployment: where their rules are to run; without it none are known.
    """
    asking = Asking(prometheus, at, deployment)

    def work(slo: Slo) -> list[Result]:
        results = [_snoozed(_checked(slo, name, asking), at) for name in checks.names()]
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
        said.append(NotChecked(f"the server gave no answer: {error}", of_server=True))
    except PrometheusError as error:
        said.append(NotChecked(f"the server refuses to answer: {error}", of_server=True))
    findings = tuple(_diagnostic(slo, name, one) for one in said if isinstance(one, Finding))
    reasons = tuple(dict.fromkeys(one.reason for one in said if isinstance(one, NotChecked)))
    state = State.FOUND if findings else State.NOT_CHECKED if reasons else State.PASSED
    common = frozenset(one.message if isinstance(one, Finding) else one.reason for one in said if one.of_server)
    return Result(slo, name, state, findings, reasons, unreachable, common=common)


def _snoozed(result: Result, at: float) -> Result:
    """*result* as the SLO file wants it told."""
    snooze = snoozing.of(result.slo, result.check)
    if snooze is None:
        return result
    if snoozing.is_over(snooze, at):
        return result._replace(findings=(*result.findings, snoozing.over(result.slo, snooze)))
    if result.findings:
        return result._replace(state=State.SNOOZED, findings=(), snooze=snooze, snoozed=result.findings)
    if result.state is State.PASSED:
        return result._replace(findings=(snoozing.idle(result.slo, snooze),))
    return result


def _diagnostic(slo: Slo, name: str, finding: Finding) -> Diagnostic:
    position = slo.place.source.position((*slo.place.path, *finding.path))
    return Diagnostic(position, finding.level, name, finding.message)


def findings(results: Iterable[Result]) -> tuple[Diagnostic, ...]:
    """All that was found, each once, by its place."""
    return tuple(sorted(dict.fromkeys(found for result in results for found in result.findings)))


def manuals() -> dict[str, str]:
    """The page of every code that a finding may have; its first line says what is found."""
    pages = {name: checks.manual(name) for name in checks.names()}
    return {**pages, snoozing.CODE: inspect.cleandoc(snoozing.__doc__ or "")}


def worst(found: Iterable[Diagnostic]) -> Level | None:
    """The level of the worst of what was *found*; None where nothing was."""
    levels = {diagnostic.level for diagnostic in found}
    return Level.ERROR if Level.ERROR in levels else Level.WARNING if levels else None

"""What a target is: objections to an SLO, and the files for a service."""

from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import NamedTuple

from slogen.model import Datasource, Platform, PlatformLatency, Slo
from slogen.prose import Prose
from slogen.rules import ServiceRules
from slogen.source import Path
from slogen.spec.engines import Engines


class Artifact(NamedTuple):
    """
    A file to write.

    Attributes:
        path: below the output folder, with forward slashes: ``prometheus/checkout.rules.yaml``.
        source: the SLO file that it follows from.
        marked: whether its first line says so, `slogen.naming.header`; what cannot have one is listed in a manifest.
    """

    path: str
    text: str
    source: str
    marked: bool = True


class Verdict(StrEnum):
    """
    What follows from an objection.

    ``cannot`` is an error, all others are warnings. ``skips`` leaves the SLO out of this target; ``differs`` says
    something else than the SLO; ``needs`` writes what is to be completed before it is of use.
    """

    CANNOT = "cannot"
    SKIPS = "skips"
    DIFFERS = "differs"
    NEEDS = "needs"


class Objection(NamedTuple):
    """
    What a target cannot say of an SLO, or says otherwise.

    Attributes:
        message: what that is, and what to do about it.
        key: where in the SLO it is written; empty for the SLO itself. Of all SLOs of a service, where in their file;
            empty for the service's name. Of all services, where in slogen.yaml.
    """

    message: str
    verdict: Verdict = Verdict.CANNOT
    key: Path = ()


def wanted(_slo: Slo) -> bool:
    """Every SLO is."""
    return True


def unopposed(_slos: tuple[Slo, ...]) -> Iterable[Objection]:
    """No objection."""
    return ()


def uncounted(_slos: tuple[Slo, ...]) -> int:
    """Nothing that there is a limit to."""
    return 0


def unlimited(_amount: int) -> Iterable[Objection]:
    """No objection to any amount."""
    return ()


class Backend(NamedTuple):
    """
    A target.

    Attributes:
        objections: in words, what the target cannot say of an SLO; each becomes a diagnostic at its place, whose code
            is that of the target and the verdict, like ``prometheus-cannot``.
        emit: the files for the SLOs of a service that are not skipped; it cannot fail.
        wants: whether an SLO is for this target at all; where it says that it is not, nothing is told.
        of_service: objections to all SLOs of a service together.
        amount: how much the SLOs of a service take of what all services share.
        of_all: objections to the amount of all services.
    """

    objections: Callable[[Slo], Iterable[Objection]]
    emit: Callable[[ServiceRules, Prose], Iterable[Artifact]]
    wants: Callable[[Slo], bool] = wanted
    of_service: Callable[[tuple[Slo, ...]], Iterable[Objection]] = unopposed
    amount: Callable[[tuple[Slo, ...]], int] = uncounted
    of_all: Callable[[int], Iterable[Objection]] = unlimited


Configured = Callable[[Engines, Prose], Backend]
"""A target that is made of what slogen.yaml says of its engine, and of the wording of alerts."""


def scraped(slo: Slo) -> Iterable[Objection]:
    """The objection of a target whose rules read what a Prometheus scraped, to metrics that Google Cloud has."""
    if isinstance(slo.sli, Platform) and slo.datasource is Datasource.PROMETHEUS:
        message = (
            "no Prometheus scrapes the metrics of Google Cloud that this SLO reads, so it is left out; where the rules "
            "read Cloud Monitoring itself, write 'datasource: cloud-monitoring'"
        )
        yield Objection(message, Verdict.SKIPS)
    elif isinstance(slo.sli, PlatformLatency) and not slo.sli.exact:
        message = "PromQL counts requests below a bucket's bound alone, and no bucket is known to end at the threshold"
        yield Objection(message, key=("sli", "latency", "threshold"))

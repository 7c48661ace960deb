"""What each target has to say of the SLOs of a service before anything is written."""

from collections.abc import Mapping

from slogen import backends
from slogen.backends._backend import Backend, Objection, Verdict
from slogen.diagnostics import Position, Report
from slogen.model import Slo
from slogen.organisation import Organisation
from slogen.prose import Prose
from slogen.resolve import Service


def accepted(target: str, backend: Backend, service: Service, report: Report) -> tuple[Slo, ...]:
    """The SLOs of *service* that *target* is to write; *report* tells what it cannot, skips, or says otherwise."""
    slos = []
    for slo in filter(backend.wants, service.slos):
        objections = tuple(backend.objections(slo))
        for objection in objections:
            place = slo.place.source.position((*slo.place.path, *objection.key))
            _tell(target, objection, place, report)
        if all(objection.verdict is not Verdict.SKIPS for objection in objections):
            slos.append(slo)
    for objection in backend.of_service(tuple(slos)) if slos else ():
        _tell(target, objection, service.source.position(objection.key or ("service",)), report)
    return tuple(slos)


def limited(amounts: Mapping[str, int], defaults: Organisation, place: Position, report: Report) -> None:
    """
    Tell what each target has to say of what all services together take.

    Args:
        place: where it is told if there is no slogen.yaml.
    """
    for target, amount in amounts.items():
        for objection in backends.load(target, defaults.engines, Prose()).of_all(amount):
            where = defaults.source.position(objection.key) if defaults.source else place
            _tell(target, objection, where, report)


def _tell(target: str, objection: Objection, place: Position, report: Report) -> None:
    tell = report.error if objection.verdict is Verdict.CANNOT else report.warning
    tell(place, f"{target}-{objection.verdict}", f"{target}: {objection.message}")

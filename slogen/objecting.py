"""What each target has to say of the SLOs of a service before anything is written."""

from slogen import backends
from slogen.backends._backend import Objection, Verdict
from slogen.diagnostics import Position, Report
from slogen.model import Slo
from slogen.resolve import Service


def accepted(target: str, service: Service, report: Report) -> tuple[Slo, ...]:
    """The SLOs of *service* that *target* is to write; *report* tells what it cannot, skips, or says otherwise."""
    backend = backends.load(target)
    slos = []
    for slo in filter(backend.wants, service.slos):
        objections = tuple(backend.objections(slo))
        for objection in objections:
            place = slo.place.source.position((*slo.place.path, *objection.key))
            _tell(target, objection, place, report)
        if all(objection.verdict is not Verdict.SKIPS for objection in objections):
            slos.append(slo)
    for objection in backend.of_service(tuple(slos)) if slos else ():
        _tell(target, objection, service.source.position(("service",)), report)
    return tuple(slos)


def _tell(target: str, objection: Objection, place: Position, report: Report) -> None:
    tell = report.error if objection.verdict is Verdict.CANNOT else report.warning
    tell(place, f"{target}-{objection.verdict}", f"{target}: {objection.message}")

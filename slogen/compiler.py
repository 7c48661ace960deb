"""The pipeline, in order: read, resolve, plan, emit."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import NamedTuple

from slogen import backends, dependencies, naming, objecting
from slogen.backends._backend import Artifact
from slogen.dependencies import Combined, Index, Neighbour, Promise
from slogen.diagnostics import CompileError, Diagnostic, Level, Position, Report, did_you_mean, shown
from slogen.model import Slo, Strategy
from slogen.organisation import Organisation, read_organisation
from slogen.prose import Prose
from slogen.resolve import Service, resolve
from slogen.rules import ServiceRules, plan
from slogen.source import Source, read

Content = str | bytes
"""What a file holds; bytes are read as UTF-8."""


class Compilation(NamedTuple):
    """
    What a set of SLO files compiles to.

    Attributes:
        warnings: what is worth a look although it compiles.
        combined: what its parts can promise together, for each SLO that depends on any, by its id.
    """

    slos: tuple[Slo, ...]
    rules: tuple[ServiceRules, ...]
    artifacts: tuple[Artifact, ...]
    warnings: tuple[Diagnostic, ...]
    combined: Mapping[str, Combined]


class Unit(NamedTuple):
    """
    What one file compiles to by itself.

    Attributes:
        services: the service and where it is named, to be unique among all units; empty when there is none.
        ids: every SLO's id and where it is named, to be unique among all units.
        promises: what SLOs of other units may depend on.
        amounts: how much each target takes of what all services share.
    """

    diagnostics: tuple[Diagnostic, ...]
    services: tuple[tuple[str, Position], ...] = ()
    ids: tuple[tuple[str, Position], ...] = ()
    promises: tuple[Promise, ...] = ()
    amounts: tuple[tuple[str, int], ...] = ()
    slos: tuple[Slo, ...] = ()
    rules: tuple[ServiceRules, ...] = ()
    artifacts: tuple[Artifact, ...] = ()

    @property
    def failed(self) -> bool:
        """Whether something is wrong with it."""
        return any(diagnostic.level is Level.ERROR for diagnostic in self.diagnostics)

    def told(self) -> "Unit":
        """What is to be told of the unit, without all that it compiled to: what another process has to know."""
        return self._replace(slos=(), rules=(), artifacts=())


class _Targets(NamedTuple):
    """
    What is generated.

    Attributes:
        asked: whatever a file says; empty where nothing was asked for.
        usual: where a file says nothing.
        emit: whether it is; else what there is to say of it alone.
    """

    asked: tuple[str, ...]
    usual: tuple[str, ...]
    emit: bool


CompileFile = Callable[[tuple[str, Content]], Unit]
Run = Callable[[CompileFile, list[tuple[str, Content]]], Iterable[Unit]]


def compile(  # noqa: A001, PLR0913 - the verb that users know; each argument has a default
    files: Mapping[str, Content],
    *,
    organisation: tuple[str, Content] | None = None,
    targets: Iterable[str] | None = None,
    strategy: Strategy | None = None,
    project: str = "",
    emit: bool = True,
    prose: Prose | None = None,
    run: Run = map,
    neighbours: Callable[[], Mapping[str, bytes]] = dict,
) -> Compilation:
    """
    The rules, and the files to write, for the SLO *files*, text by name.

    Args:
        organisation: name and text of slogen.yaml.
        targets: what to generate, of `slogen.backends.names`; by default what a file says, or the organisation.
        strategy: holds for every SLO, whatever the files say.
        project: so does this Google Cloud project, a `slogen.spec.cloud.PROJECT`.
        emit: whether the files to write are made; else what there is to say of them alone.
        prose: the templates; by default those that slogen brings.
        run: how the files are gone through; each compiles by itself. The compilation has what the units have that it
            gives back.
        neighbours: asked for the SLO files beside *files*, where an SLO depends on one that is not in them.

    Raises:
        CompileError: the files do not compile; it holds every mistake in all of them.
    """
    report = Report()
    written = read_organisation(*organisation, report) if organisation else Organisation()
    defaults = written._replace(project=project)
    asked = tuple(dict.fromkeys(targets or ()))
    compile_file = partial(
        _compile_file,
        defaults=defaults,
        targets=_Targets(asked, () if asked else _known(defaults.targets, defaults.source, report), emit),
        strategy=strategy,
        prose=prose or Prose(),
    )
    units = list(run(compile_file, sorted(files.items())))
    for unit in units:
        report.found.extend(unit.diagnostics)
    _tell_duplicates(units, report)
    _tell_amounts(units, defaults, report)
    combined = _combined(units, defaults, neighbours, report)
    if report.failed:
        raise CompileError(report.diagnostics)
    return Compilation(
        tuple(slo for unit in units for slo in unit.slos),
        tuple(rules for unit in units for rules in unit.rules),
        tuple(artifact for unit in units for artifact in unit.artifacts),
        report.diagnostics,
        combined,
    )


def _known(targets: tuple[str, ...], source: Source | None, report: Report) -> tuple[str, ...]:
    """Those of the *targets*, written in *source*, that there are; *report* tells the others."""
    known = backends.names()
    for index, target in enumerate(targets):
        if target not in known and source:
            place = source.position(("targets", index))
            report.error(place, "unknown-target", f"unknown target {shown(target)}{did_you_mean(target, known)}")
    return tuple(dict.fromkeys(target for target in targets if target in known))


def _compile_file(
    file: tuple[str, Content],
    *,
    defaults: Organisation,
    targets: _Targets,
    strategy: Strategy | None,
    prose: Prose,
) -> Unit:
    report = Report()
    name, content = file
    if not name.isprintable():
        name = name.encode("unicode_escape").decode()
        report.error(Position(name), "bad-file-name", "the name of a file is printable; rename it")
    source = read(name, content, report)
    service = resolve(source, defaults, report, strategy) if source else None
    if service is None:
        return Unit(report.diagnostics)
    own = _known(service.targets, service.source, report)
    chosen = {
        target: backends.load(target, defaults.engines, prose) for target in targets.asked or own or targets.usual
    }
    accepted = {target: objecting.accepted(target, backend, service, report) for target, backend in chosen.items()}
    if report.failed:
        return _unit(service, report)

    # From here on nothing can fail on account of the user.
    rules = plan(service.name, service.source.name, service.slos)
    artifacts = tuple(
        artifact
        for target, slos in accepted.items()
        if slos and targets.emit
        for artifact in chosen[target].emit(_among(slos, rules, service), prose)
    )
    amounts = tuple((target, chosen[target].amount(slos)) for target, slos in accepted.items() if slos)
    return _unit(service, report)._replace(slos=service.slos, rules=(rules,), artifacts=artifacts, amounts=amounts)


def _among(slos: tuple[Slo, ...], rules: ServiceRules, service: Service) -> ServiceRules:
    """The rules of those *slos* of a *service* that a target takes."""
    return rules if len(slos) == len(service.slos) else plan(service.name, service.source.name, slos)


def _unit(service: Service, report: Report) -> Unit:
    return Unit(
        report.diagnostics,
        ((service.name, service.source.position(("service",))),) if service.name else (),
        tuple(_ids(service)),
        tuple(map(dependencies.promise, service.slos)),
    )


def _ids(service: Service) -> Iterator[tuple[str, Position]]:
    """The id of every SLO that has a name, whatever else is wrong with it, and where that is written."""
    written = service.source.data.get("slos")
    for index, slo in enumerate(written if service.name and isinstance(written, list) else ()):
        name = slo.get("name") if isinstance(slo, dict) else None
        if isinstance(name, str):
            yield naming.slo_id(service.name, name), service.source.position(("slos", index, "name"))


def _combined(
    units: list[Unit], defaults: Organisation, neighbours: Callable[[], Mapping[str, bytes]], report: Report
) -> dict[str, Combined]:
    """What the parts of SLOs can promise together, whichever files these are in."""
    promises = [promise for unit in units for promise in unit.promises]
    if not any(promise.needs for promise in promises):
        return {}
    index = Index(promises)
    files = {place.file for unit in units for _, place in unit.services}
    if index.missing():
        contents = {name: content for name, content in neighbours().items() if name not in files}
        dependencies.complete(index, files, contents, partial(_neighbour, defaults=defaults))
    failed = [name for unit in units if unit.failed for name in (dict(unit.services) or ("",))]
    return dependencies.combine(promises, index, report, failed)


def _neighbour(name: str, content: bytes, *, defaults: Organisation) -> Neighbour:
    """What a file that is not compiled promises; its mistakes are told when it is."""
    report = Report()
    source = read(name, content, report)
    service = resolve(source, defaults, report) if source else None
    promises = tuple(map(dependencies.promise, service.slos)) if service else ()
    return Neighbour(promises, name if report.failed else "")


def _tell_amounts(units: list[Unit], defaults: Organisation, report: Report) -> None:
    """Tell what targets object to in all services together: in slogen.yaml, or in the last file without one."""
    total: dict[str, int] = {}
    place = Position(naming.CONFIG_FILE)
    for unit in units:
        for target, amount in unit.amounts:
            total[target] = total.get(target, 0) + amount
            place = unit.services[0][1]
    objecting.limited(total, defaults, place, report)


def _tell_duplicates(units: list[Unit], report: Report) -> None:
    services = (named for unit in units for named in unit.services)
    _tell_clashes(
        services, "duplicate-service", "service {0!r} is already written in {1}; one service is one file", report
    )
    ids = (named for unit in units for named in dict(unit.ids).items())
    _tell_clashes(
        ids,
        "duplicate-slo",
        "SLO id {0!r} is already that of the SLO in {1}; service and name together must differ",
        report,
    )


def _tell_clashes(named: Iterable[tuple[str, Position]], code: str, message: str, report: Report) -> None:
    first: dict[str, Position] = {}
    for name, position in named:
        if name in first and first[name].file != position.file:
            report.error(position, code, message.format(name, first[name]), also=first[name])
        first.setdefault(name, position)

"""Spec to model: defaults applied, what clashes told."""

from typing import Any, Final, NamedTuple

from slogen import naming
from slogen.diagnostics import Position, Report, did_you_mean, shown
from slogen.model import ErrorRatio, Labels, Place, Slo, Snooze, Strategy
from slogen.organisation import Organisation, check_alerting
from slogen.parts import Series
from slogen.policy import Policy, base_window
from slogen.resolve.alerts import AlertResolver, given
from slogen.resolve.cloud import settings
from slogen.resolve.sli import resolve_sli
from slogen.scope import Scope
from slogen.source import Path, Source
from slogen.spec import FileSpec, SloSpec
from slogen.spec.reading import check, salvage
from slogen.units import Window, plain

LONGEST_SCRAPE = Window.parse("2m30s")
"""The longest base window, 5m, holds two scrapes at this interval; a rate needs two samples."""
COMFORTABLE_SCRAPE = Window.parse("75s")
"""The longest base window, 5m, holds four scrapes at this interval, so one may be lost."""


_FILE: Final[dict[str, Any]] = {"apiVersion": "slogen/v1", "service": "unnamed", "slos": [None]}
_SLO: Final[dict[str, Any]] = {"name": "unnamed", "objective": "99.9999999999", "sli": {"probe": {"gauge": "up"}}}
"""What stands in for what is wrong, so that the rest is checked too; it makes nothing else wrong."""


class Service(NamedTuple):
    """
    A file's service and those of its SLOs that could be resolved.

    Attributes:
        name: empty where it is not right, as *report* was told.
        slos: none where something else of the file is not right, since that could be theirs.
        targets: what is generated for it, as it is written; empty for what the organisation says.
    """

    name: str
    source: Source
    slos: tuple[Slo, ...]
    targets: tuple[str, ...] = ()


def resolve(
    source: Source, organisation: Organisation, report: Report, strategy: Strategy | None = None
) -> Service | None:
    """The service of *source*; *report* tells every mistake. *strategy*, where given, holds for all its SLOs."""
    if _is_foreign(source.data):
        message = "this is no SLO file, which has a 'service' and 'slos'; list it under 'exclude' in slogen.yaml"
        report.error(source.position(), "foreign-file", message)
        return None
    whole = check(FileSpec, source.data, source, (), report)
    header = whole or salvage(FileSpec, source.data, _FILE)
    scope = Scope(source, report, organisation.prometheus_version)
    scope.check_labels(header.labels, ("labels",))
    scope.check_templates(header.annotations, ("annotations",))
    slos = []
    written = source.data.get("slos")
    for index, data in enumerate(written if isinstance(written, list) else ()):
        path: Path = ("slos", index)
        spec = check(SloSpec, data, source, path, report)
        if spec is None and isinstance(data, dict):
            _Resolver(salvage(SloSpec, data, _SLO), header, organisation, path, scope).slo(strategy)
        elif spec and (slo := _Resolver(spec, header, organisation, path, scope).slo(strategy)):
            slos.append(slo)
    _tell_twins(source, header.slos, report)
    name = header.service if whole or source.data.get("service") == header.service else ""
    return Service(name, source, tuple(slos) if whole else (), tuple(header.targets or ()))


def _is_foreign(data: object) -> bool:
    """Whether *data* has nothing of an SLO file, as other people's YAML."""
    if not isinstance(data, dict):
        return True
    return data.keys().isdisjoint(("service", "slos")) and not str(data.get("apiVersion")).startswith("slogen")


def _tell_twins(source: Source, slos: list[Any], report: Report) -> None:
    first: dict[str, int] = {}
    for index, data in enumerate(slos):
        name = data.get("name") if isinstance(data, dict) else None
        if isinstance(name, str) and first.setdefault(name, index) != index:
            where, also = (source.position(("slos", one, "name")) for one in (index, first[name]))
            message = f"SLO {shown(name)} is written twice; it was first written in line {also.line}"
            report.error(where, "duplicate-slo", message, also=also)


class _Resolver(NamedTuple):
    """Works out one SLO from what it, its file and its organisation say."""

    spec: SloSpec
    header: FileSpec
    organisation: Organisation
    path: Path
    scope: Scope

    def slo(self, strategy: Strategy | None) -> Slo | None:
        """The SLO, or None when nothing could be made of its SLI; there may be mistakes either way."""
        spec, organisation = self.spec, self.organisation
        self._check_texts()
        group_by = self._group_by()
        # A list that is not right as a whole says nothing of how the queries are to be grouped.
        known = group_by if group_by or not self.scope.written((*self.path, "group_by")) else None
        sli = resolve_sli(spec.sli, known, (*self.path, "sli"), self.scope)
        window = spec.window or organisation.window
        policy = self._policy(window)
        scrape = self._scrape_interval(policy)
        self._check_sla()
        labels = {**organisation.labels, **self.header.labels, **spec.labels}
        annotations = {**organisation.annotations, **self.header.annotations, **spec.annotations}
        alerting = AlertResolver(spec, organisation, self.path, self.scope)
        self._check_clashes(labels, group_by, alerting)
        alerts = alerting.burn(policy, window, labels, annotations)
        depends_on = self._depends_on()
        snoozes = self._snoozes()
        if sli is None:
            return None
        return Slo(
            service=self.header.service,
            name=spec.name,
            description=spec.description,
            owner=self.header.owner or organisation.owner,
            objective=spec.objective,
            window=window,
            sli=sli,
            group_by=group_by,
            labels=labels,
            scrape_interval=scrape,
            strategy=strategy or spec.strategy or organisation.strategy,
            isolated=spec.isolated,
            window_pairs=policy.window_pairs,
            alerts=alerts,
            no_data=alerting.no_data(labels, annotations),
            min_events=None
            if isinstance(sli, ErrorRatio)
            else given(spec.alerting.min_events, organisation.alerting.min_events),
            split_tiers=bool(given(spec.alerting.split_tiers, organisation.alerting.split_tiers)),
            depends_on=depends_on,
            snoozes=snoozes,
            datasource=spec.datasource or organisation.datasource,
            cloud=settings(spec.cloud_monitoring, organisation),
            weigh_coverage=given(spec.alerting.weigh_coverage, organisation.alerting.weigh_coverage) is not False,
            place=Place(self.scope.source, self.path),
        )

    def _place(self, *keys: str) -> Position:
        """Where the first of *keys* was written: in the SLO, else in slogen.yaml; where none was, the SLO."""
        source = self.organisation.source
        own = next((key for key in keys if key in self.spec.model_fields_set), None)
        default = next((key for key in keys if source and key in source.data), None)
        if own is None and source and default:
            return source.position((default,))
        return self.scope.source.position((*self.path, own or keys[0]))

    def _check_texts(self) -> None:
        self.scope.check_labels(self.spec.labels, (*self.path, "labels"))
        self.scope.check_templates(self.spec.annotations, (*self.path, "annotations"))
        check_alerting(self.spec.alerting, (*self.path, "alerting"), self.scope)
        if self.spec.sli.ratio and self.spec.alerting.min_events is not None:
            message = "'min_events' counts events, and a ratio has none; leave it out, or measure with 'query'"
            self.scope.error((*self.path, "alerting", "min_events"), "min-events", message)

    def _group_by(self) -> tuple[str, ...]:
        seen: set[str] = set()
        written = self.scope.written((*self.path, "group_by"))
        for index, label in enumerate(written if isinstance(written, list) else ()):
            if not isinstance(label, str):
                continue
            where = (*self.path, "group_by", index)
            if label in naming.RESERVED or label == naming.SEVERITY:
                self.scope.error(
                    where,
                    "reserved-label",
                    f"label {label!r} is set by slogen or Prometheus, so a group cannot keep its own; drop it here",
                )
            if label in seen:
                self.scope.error(where, "repeated-label", f"label {label!r} is written twice")
            seen.add(label)
        return tuple(self.spec.group_by)

    def _check_clashes(self, labels: Labels, group_by: tuple[str, ...], alerting: AlertResolver) -> None:
        """A label of the user's that is also a group_by label would make all groups one."""
        settings = [alerting.settings(key) for key in ("page", "ticket", "no_data")] if group_by else []
        names = {*labels, *(name for one in settings if one for name in one.labels)} - naming.RESERVED
        for index, label in enumerate(group_by):
            if label in names and label != naming.SEVERITY:
                message = f"label {label!r} is in 'group_by' and also set under 'labels', making all groups one"
                self.scope.error((*self.path, "group_by", index), "label-clash", f"{message}; drop one of them")
        owner = self.header.owner or self.organisation.owner
        for name, value in (("owner", owner), ("description", self.spec.description)):
            if value and name in labels:
                message = f"label {name!r} would replace the key {name!r} in {naming.INFO}; drop one of them"
                self.scope.report.error(self._place_of_label(name), "label-clash", message)

    def _place_of_label(self, name: str) -> Position:
        if name in self.spec.labels:
            return self.scope.source.key((*self.path, "labels", name))
        if name in self.header.labels:
            return self.scope.source.key(("labels", name))
        return self.scope.source.position((*self.path, "name"))

    def _policy(self, window: Window) -> Policy:
        name = self.spec.policy or self.organisation.policy
        policy = self.organisation.policies.get(name)
        if policy is None:
            message = f"unknown policy {shown(name)}{did_you_mean(name, self.organisation.policies)}"
            self.scope.error((*self.path, "policy"), "unknown-policy", message)
            return self.organisation.policies[self.organisation.policy]
        if window < policy.longest:
            longest = f"the longest alert window, {policy.longest}"
            message = f"the SLO window {window} is shorter than {longest}; lengthen it or choose another policy"
            self.scope.report.error(self._place("window", "policy"), "short-window", message)
        return policy

    def _scrape_interval(self, policy: Policy) -> Window:
        scrape = self.spec.scrape_interval or self.organisation.scrape_interval
        base = base_window(scrape)
        if scrape > LONGEST_SCRAPE:
            message = (
                f"a scrape_interval of {scrape} leaves less than two samples in {base}; {LONGEST_SCRAPE} is the most"
            )
            self.scope.report.error(self._place("scrape_interval"), "slow-scrape", message)
        elif scrape > COMFORTABLE_SCRAPE:
            message = f"a scrape_interval of {scrape} leaves less than four samples in {base}; one lost may leave a gap"
            remedy = f"which {COMFORTABLE_SCRAPE} or less does not"
            self.scope.report.warning(self._place("scrape_interval"), "slow-scrape", f"{message}, {remedy}")
        for step in policy.steps:
            if step.short < base:
                message = f"the alert window {step.short} is shorter than the base window of four scrapes, {base}"
                remedy = "choose another policy, or scrape more often"
                self.scope.report.error(
                    self._place("policy", "scrape_interval"), "short-window", f"{message}; {remedy}"
                )
        return scrape

    def _depends_on(self) -> Series | None:
        if self.spec.depends_on is None:
            return None
        from slogen.spec.parts import read_parts

        if self.spec.sli.latency:
            message = "the availability of its parts says nothing about how fast an SLO is; drop 'depends_on'"
            self.scope.key_error((*self.path, "depends_on"), "latency-part", message)
        return read_parts(self.spec.depends_on, self.path, self.scope)

    def _snoozes(self) -> tuple[Snooze, ...]:
        if self.spec.checks is None:
            return ()
        from slogen.spec.checks import read_snoozes

        return read_snoozes(self.spec.checks, self.path, self.scope)

    def _check_sla(self) -> None:
        if self.spec.sla is not None and self.spec.sla >= self.spec.objective:
            sla, objective = plain(self.spec.sla * 100), plain(self.spec.objective * 100)
            reason = "the contract would be broken before anybody is told"
            message = f"the SLA of {sla} is not looser than the objective of {objective}; {reason}"
            self.scope.error((*self.path, "sla"), "strict-sla", message)

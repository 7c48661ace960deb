"""Spec to model: defaults applied, what clashes told."""

from typing import NamedTuple, TypeVar

from slogen import naming
from slogen.diagnostics import Report
from slogen.model import BurnAlert, ErrorRatio, Labels, NoDataAlert, Place, Severity, Slo, Strategy, Tier
from slogen.organisation import Organisation, check_alerting
from slogen.policy import Policy, base_window, tiers
from slogen.resolve_sli import resolve_sli
from slogen.scope import Scope
from slogen.source import Path, Source
from slogen.spec import FileSpec, SeveritySpec, SloSpec, check, did_you_mean
from slogen.units import Window, plain, printed

_T = TypeVar("_T")

LONGEST_SCRAPE = Window.parse("2m30s")
"""The longest base window, 5m, holds two scrapes at this interval; a rate needs two samples."""
COMFORTABLE_SCRAPE = Window.parse("75s")
"""The longest base window, 5m, holds four scrapes at this interval, so one may be lost."""


class Service(NamedTuple):
    """A file's service and those of its SLOs that could be resolved."""

    name: str
    source: Source
    slos: tuple[Slo, ...]


def resolve(
    source: Source, organisation: Organisation, report: Report, strategy: Strategy | None = None
) -> Service | None:
    """The service of *source*; *report* tells every mistake. *strategy*, where given, holds for all its SLOs."""
    header = _header(source, report)
    if header is None:
        return None
    scope = Scope(source, report, organisation.prometheus_version)
    scope.check_labels(header.labels, ("labels",))
    scope.check_templates(header.annotations, ("annotations",))
    slos = []
    for index, data in enumerate(header.slos):
        path: Path = ("slos", index)
        if (spec := check(SloSpec, data, source, path, report)) and (
            slo := _Resolver(spec, header, organisation, path, scope).slo(strategy)
        ):
            slos.append(slo)
    _tell_twins(slos, report)
    return Service(header.service, source, tuple(slos))


def _header(source: Source, report: Report) -> FileSpec | None:
    """What the file says of its service; what is wrong there is told and left out, so that its SLOs are checked too."""
    if _is_foreign(source.data):
        message = "this is no SLO file, which has a 'service' and 'slos'; list it under 'exclude' in slogen.yaml"
        report.error(source.position(), "foreign-file", message)
        return None
    header = check(FileSpec, source.data, source, (), report)
    if header is not None:
        return header
    return check(
        FileSpec,
        {"apiVersion": "slogen/v1", "service": "unnamed", "slos": source.data.get("slos")},
        source,
        (),
        Report(),
    )


def _is_foreign(data: object) -> bool:
    """Whether *data* has nothing of an SLO file, as other people's YAML."""
    if not isinstance(data, dict):
        return True
    return data.keys().isdisjoint(("service", "slos")) and not str(data.get("apiVersion")).startswith("slogen")


def _tell_twins(slos: list[Slo], report: Report) -> None:
    first: dict[str, Slo] = {}
    for slo in slos:
        if twin := first.get(slo.name):
            also, where = (one.place.source.position((*one.place.path, "name")) for one in (twin, slo))
            report.error(
                where,
                "duplicate-slo",
                f"SLO {slo.name!r} is written twice; it was first written in line {also.line}",
                also=also,
            )
        first.setdefault(slo.name, slo)


def given(*values: _T | None) -> _T | None:
    """The first value that was given at all."""
    return next((value for value in values if value is not None), None)


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
        sli = resolve_sli(spec.sli, group_by, (*self.path, "sli"), self.scope)
        window = spec.window or organisation.window
        policy = self._policy(window)
        scrape = self._scrape_interval(policy)
        self._check_sla()
        labels = {**organisation.labels, **self.header.labels, **spec.labels}
        annotations = {**organisation.annotations, **self.header.annotations, **spec.annotations}
        self._check_clashes(labels, group_by)
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
            alerts=self._burn_alerts(policy, window, labels, annotations),
            no_data=self._no_data(labels, annotations),
            min_events=None
            if isinstance(sli, ErrorRatio)
            else given(spec.alerting.min_events, organisation.alerting.min_events),
            split_tiers=bool(given(spec.alerting.split_tiers, organisation.alerting.split_tiers)),
            place=Place(self.scope.source, self.path),
        )

    def _error(self, key: str, code: str, message: str) -> None:
        self.scope.error((*self.path, key), code, message)

    def _check_texts(self) -> None:
        self.scope.check_labels(self.spec.labels, (*self.path, "labels"))
        self.scope.check_templates(self.spec.annotations, (*self.path, "annotations"))
        check_alerting(self.spec.alerting, (*self.path, "alerting"), self.scope)
        if self.spec.sli.ratio and self.spec.alerting.min_events is not None:
            message = "'min_events' counts events, and a ratio has none; leave it out, or measure with 'query'"
            self.scope.error((*self.path, "alerting", "min_events"), "min-events", message)

    def _group_by(self) -> tuple[str, ...]:
        for index, label in enumerate(self.spec.group_by):
            where = (*self.path, "group_by", index)
            if label in naming.RESERVED or label == naming.SEVERITY:
                self.scope.error(
                    where,
                    "reserved-label",
                    f"label {label!r} is set by slogen or Prometheus; a series cannot keep its own",
                )
            if label in self.spec.group_by[:index]:
                self.scope.error(where, "repeated-label", f"label {label!r} is written twice")
        return tuple(self.spec.group_by)

    def _check_clashes(self, labels: Labels, group_by: tuple[str, ...]) -> None:
        """A label of the user's that is also a group_by label would make all groups one."""
        alerting = {
            key: set(spec.labels) for key in ("page", "ticket", "no_data") if (spec := getattr(self.spec.alerting, key))
        }
        for index, label in enumerate(group_by):
            if label in labels or any(label in names for names in alerting.values()):
                message = (
                    f"label {label!r} is in 'group_by' and also set under 'labels', making all groups one; drop one"
                )
                self.scope.error((*self.path, "group_by", index), "label-clash", message)
        for name, value in (("owner", self.header.owner), ("description", self.spec.description)):
            if value and name in labels:
                self._error(
                    "name",
                    "label-clash",
                    f"label {name!r} would replace the key {name!r} in {naming.INFO}; drop one of them",
                )

    def _policy(self, window: Window) -> Policy:
        name = self.spec.policy or self.organisation.policy
        policy = self.organisation.policies.get(name)
        if policy is None:
            self._error(
                "policy", "unknown-policy", f"unknown policy {name!r}{did_you_mean(name, self.organisation.policies)}"
            )
            return self.organisation.policies[self.organisation.policy]
        if window < policy.longest:
            longest = f"the longest alert window, {policy.longest}"
            message = f"the SLO window {window} is shorter than {longest}; lengthen it or choose another policy"
            self._error("window", "short-window", message)
        return policy

    def _scrape_interval(self, policy: Policy) -> Window:
        scrape = self.spec.scrape_interval or self.organisation.scrape_interval
        base = base_window(scrape)
        if scrape > LONGEST_SCRAPE:
            self._error(
                "scrape_interval",
                "slow-scrape",
                f"a scrape_interval of {scrape} leaves less than two samples in {base}; {LONGEST_SCRAPE} is the most",
            )
        elif scrape > COMFORTABLE_SCRAPE:
            message = f"a scrape_interval of {scrape} leaves less than four samples in {base}; one lost may leave a gap"
            self.scope.warning((*self.path, "scrape_interval"), "slow-scrape", message)
        for step in policy.steps:
            if step.short < base:
                self._error(
                    "policy",
                    "short-window",
                    f"the alert window {step.short} is shorter than the base window, {base} (four scrapes)",
                )
        return scrape

    def _check_sla(self) -> None:
        if self.spec.sla is not None and self.spec.sla >= self.spec.objective:
            sla, objective = plain(self.spec.sla * 100), plain(self.spec.objective * 100)
            reason = "the contract would be broken before anybody is told"
            message = f"the SLA of {sla} is not looser than the objective of {objective}; {reason}"
            self._error("sla", "strict-sla", message)

    def _settings(self, key: str) -> tuple[Labels, Labels] | None:
        """Labels and annotations of the alert *key*, the SLO's over the organisation's; None when it is off."""
        own, default = getattr(self.spec.alerting, key), getattr(self.organisation.alerting, key)
        written = key in self.spec.alerting.model_fields_set
        if own is None or (default is None and not written):
            return None
        base: SeveritySpec = default or SeveritySpec.model_construct(labels={}, annotations={})
        return {**base.labels, **own.labels}, {**base.annotations, **own.annotations}

    def _burn_alerts(
        self, policy: Policy, window: Window, labels: Labels, annotations: Labels
    ) -> tuple[BurnAlert, ...]:
        alerts = []
        name = given(self.spec.alerting.name, self.organisation.alerting.name) or naming.BURN_ALERT
        for severity in Severity:
            settings = self._settings(severity.value)
            of_severity = tuple(
                tier for tier in tiers(policy, window, self.spec.objective) if tier.severity is severity
            )
            if settings is None or not of_severity:
                continue
            reachable = tuple(tier for tier in of_severity if tier.threshold < 1)
            self._tell_unreachable(severity, of_severity, reachable)
            own, texts = settings
            alerts.append(
                BurnAlert(
                    severity,
                    name,
                    reachable,
                    {naming.SEVERITY: severity.value, **labels, **own},
                    {**annotations, **texts},
                )
            )
        return tuple(alerts)

    def _tell_unreachable(self, severity: Severity, every: tuple[Tier, ...], reachable: tuple[Tier, ...]) -> None:
        lost = [tier for tier in every if tier not in reachable]
        if not lost:
            return
        reasons = ", ".join(
            f"{tier.name} (burn rate {plain(printed(tier.burn_rate))}, threshold {plain(tier.threshold * 100)} %)"
            for tier in lost
        )
        objective = f"an objective of {plain(self.spec.objective * 100)}"
        if reachable:
            left = ", ".join(tier.name for tier in reachable)
            message = f"with {objective}, {reasons} can never fire and is left out; {left} is left"
            self.scope.warning((*self.path, "objective"), "unreachable-tier", message)
        else:
            remedy = f"raise it, choose another policy, or write '{severity}: false' under 'alerting'"
            message = f"with {objective} nothing can {severity}, since {reasons} can never fire; {remedy}"
            self._error("objective", "unreachable-severity", message)

    def _no_data(self, labels: Labels, annotations: Labels) -> NoDataAlert | None:
        settings = self._settings("no_data")
        if settings is None:
            return None
        own, texts = settings
        names = (
            getattr(alerting.no_data, "name", None) for alerting in (self.spec.alerting, self.organisation.alerting)
        )
        name = given(*names) or naming.NO_DATA_ALERT
        return NoDataAlert(name, {naming.SEVERITY: Severity.TICKET.value, **labels, **own}, {**annotations, **texts})

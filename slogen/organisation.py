"""slogen.yaml to the defaults that hold for every file below its folder."""

from collections.abc import Mapping
from fractions import Fraction
from types import MappingProxyType
from typing import NamedTuple

from slogen import naming
from slogen.diagnostics import Report, did_you_mean, shown
from slogen.model import Datasource, Labels, Severity, Strategy
from slogen.policy import WORKBOOK, BudgetShare, BurnRate, Policy, Step
from slogen.scope import Scope
from slogen.source import Path, Source, read
from slogen.spec import AlertingSpec, OrganisationSpec, StepSpec
from slogen.spec.cloud import CloudSpec
from slogen.spec.engines import Engines
from slogen.spec.reading import check, salvage
from slogen.units import Window

DEFAULT_WINDOW = Window.parse("30d")
DEFAULT_SCRAPE_INTERVAL = Window.parse("30s")


_ALERTING = AlertingSpec.empty()
_CLOUD = CloudSpec()
_ENGINES = Engines()


class Organisation(NamedTuple):
    """
    Defaults, each of which a file, an SLO or a flag may override.

    Attributes:
        prometheus_version: the oldest Prometheus that loads the rules, major and minor.
        source: slogen.yaml, where there is one.
        project: what a flag names as the Google Cloud project of every SLO; empty for none.
        templates: folder of the user's own templates, relative to that of slogen.yaml; empty for none.
        exclude: patterns of files that hold no SLOs, relative to the folder of slogen.yaml.
    """

    owner: str = ""
    labels: Labels = MappingProxyType({})
    annotations: Labels = MappingProxyType({})
    alerting: AlertingSpec = _ALERTING
    window: Window = DEFAULT_WINDOW
    scrape_interval: Window = DEFAULT_SCRAPE_INTERVAL
    prometheus_version: tuple[int, int] = (2, 42)
    strategy: Strategy = Strategy.HIERARCHICAL
    policy: str = WORKBOOK.name
    policies: Mapping[str, Policy] = MappingProxyType({WORKBOOK.name: WORKBOOK})
    targets: tuple[str, ...] = ("prometheus", "promtool-tests")
    datasource: Datasource = Datasource.PROMETHEUS
    cloud: CloudSpec = _CLOUD
    engines: Engines = _ENGINES
    project: str = ""
    source: Source | None = None
    templates: str = ""
    exclude: tuple[str, ...] = ()


def read_organisation(name: str, content: str | bytes, report: Report) -> Organisation:
    """What slogen.yaml says; the defaults where it says nothing, or nothing right, of which *report* tells."""
    default = Organisation()
    if not content.strip():
        return default
    source = read(name, content, report)
    if source is None:
        return default
    spec = check(OrganisationSpec, source.data, source, (), report)
    if spec is None:
        written = source.data if isinstance(source.data, dict) else {}
        spec = salvage(OrganisationSpec, written, {"policies": _names(written.get("policies"))})
    scope = Scope(source, report, spec.prometheus_version or default.prometheus_version)
    scope.check_labels(spec.labels, ("labels",))
    scope.check_templates(spec.annotations, ("annotations",))
    check_alerting(spec.alerting, ("alerting",), scope)
    policies = {**default.policies, **{name: _policy(name, rows, scope) for name, rows in spec.policies.items()}}
    policy = spec.policy or default.policy
    if policy not in policies:
        scope.error(("policy",), "unknown-policy", f"unknown policy {shown(policy)}{did_you_mean(policy, policies)}")
    return Organisation(
        owner=spec.owner,
        labels=spec.labels,
        annotations=spec.annotations,
        alerting=spec.alerting,
        window=spec.window or default.window,
        scrape_interval=spec.scrape_interval or default.scrape_interval,
        prometheus_version=scope.version,
        strategy=spec.strategy or default.strategy,
        policy=policy if policy in policies else default.policy,
        policies=policies,
        targets=tuple(dict.fromkeys(spec.targets or default.targets)),
        datasource=spec.datasource or default.datasource,
        cloud=spec.cloud_monitoring,
        engines=Engines(spec.prometheus_operator, spec.mimir, spec.google_managed_prometheus, spec.victoriametrics),
        source=source,
        templates=spec.templates or "",
        exclude=tuple(spec.exclude),
    )


def _names(policies: object) -> dict[str, list[dict[str, str]]]:
    """A policy for each name in what is wrong, so that SLOs may name them."""
    row = {"severity": Severity.PAGE.value, "burn_rate": "1", "long": "10m", "short": "5m"}
    names = policies if isinstance(policies, dict) else {}
    return {name: [row] for name in names if naming.NAME.fullmatch(name)}


def _policy(name: str, rows: list[StepSpec], scope: Scope) -> Policy:
    path: Path = ("policies", name)
    if name == WORKBOOK.name:
        scope.key_error(path, "bad-policy", f"policy {name!r} is slogen's own; give yours another name")
    steps: dict[str, Step] = {}
    for index, row in enumerate(rows):
        step = _step(row, (*path, index), scope)
        if step.name in steps:
            scope.error(
                (*path, index),
                "bad-policy",
                f"tier {step.name!r} is written twice; a severity has one tier for each long window",
            )
        steps[step.name] = step
    return Policy(name, tuple(sorted(steps.values(), key=lambda step: (step.long, step.short))))


def _step(row: StepSpec, path: Path, scope: Scope) -> Step:
    if (row.budget is None) == (row.burn_rate is None):
        scope.error(path, "bad-policy", "a tier has either 'budget' or 'burn_rate'")
    if row.short >= row.long:
        scope.error(
            (*path, "short"), "bad-policy", f"the short window {row.short} is not shorter than the long one, {row.long}"
        )
    limit = BurnRate(Fraction(row.burn_rate or 1)) if row.budget is None else BudgetShare(Fraction(row.budget))
    return Step(row.severity, limit, row.long, row.short)


def check_alerting(alerting: AlertingSpec, path: Path, scope: Scope) -> None:
    """Tell which labels and annotations of alerts Prometheus would not load, or are not the user's to set."""
    written = alerting.model_fields_set
    for key in ("page", "ticket", "no_data"):
        if key in written and (spec := getattr(alerting, key)):
            scope.check_labels(spec.labels, (*path, key, "labels"))
            scope.check_templates(spec.annotations, (*path, key, "annotations"))

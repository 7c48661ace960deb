"""
Rules for VictoriaMetrics' vmalert: ``victoriametrics/<service>.rules.yaml``.

Files that vmalert reads, or ``VMRule`` objects below 240 KiB where ``victoriametrics`` in slogen.yaml says so. vmalert
writes results to VictoriaMetrics while it goes on, and evaluates groups in no order, so each group is divided into
stages that read nothing of each other, ``slogen-<service>-fast-1`` and so on, one after the other within the interval.
Base series read the counters alone, ``-search.latencyOffset`` (30s) behind, when all that was scraped is there; what
reads records asks without that offset. vmalert adds the label ``alertgroup`` to alerts, unless it is told not to.

Source of the format: https://docs.victoriametrics.com/victoriametrics/vmalert/#groups and
https://docs.victoriametrics.com/operator/api/#vmrule
Source of when results can be read: https://docs.victoriametrics.com/victoriametrics/vmalert/#limitations and
https://docs.victoriametrics.com/victoriametrics/keyconcepts/#query-latency
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

from slogen import naming
from slogen.backends import _metricsql
from slogen.backends._backend import Artifact, Backend, Objection, Verdict, scraped
from slogen.backends._engine import EngineGroup, file
from slogen.backends._objects import Objects
from slogen.backends._standalone import apart
from slogen.model import Slo
from slogen.promrules import Record, Rule
from slogen.prose import Prose
from slogen.rules import RuleSet, ServiceRules
from slogen.spec.engines import Engines, VictoriaMetricsSpec
from slogen.stages import staged

NAME: Final = "victoriametrics"
_OBJECT: Final = "VMRule"
_BEGIN: Final = "{{"
_APART: Final = "{ {"
_NONE: Final = ("1ms",)
"""The least that VictoriaMetrics takes for an offset."""


def groups(planned: RuleSet, prose: Prose) -> tuple[EngineGroup, ...]:
    """The stages of a rule set."""
    return tuple(
        EngineGroup(
            stage.group.name,
            stage.group.interval,
            tuple(map(_described, stage.group.rules)),
            {"eval_offset": f"{stage.offset.seconds}s"},
            {} if stage.first else {"latency_offset": _NONE},
        )
        for stage in staged(apart(planned, prose))
    )


def _described(rule: Rule) -> Rule:
    """*rule*, where it records owner and description, with these as texts that vmalert takes for templates of none."""
    if isinstance(rule, Record) and any(_BEGIN in rule.labels.get(name, "") for name in naming.INFO_LABELS):
        told = {name: rule.labels[name].replace(_BEGIN, _APART) for name in naming.INFO_LABELS if name in rule.labels}
        return rule._replace(labels={**rule.labels, **told})
    return rule


class _Vmalert(NamedTuple):
    """What is written for vmalert."""

    spec: VictoriaMetricsSpec
    prose: Prose

    def emit(self, rules: ServiceRules, prose: Prose) -> Iterator[Artifact]:
        """One file, one YAML document."""
        yield file(NAME, rules, (group for planned in rules.sets for group in groups(planned, self.prose)), prose)

    def objects(self) -> Objects:
        """The same as objects."""
        version = "operator.victoriametrics.com/v1beta1"
        return Objects(NAME, version, _OBJECT, self.spec, lambda planned: groups(planned, self.prose))

    def late(self, amount: int) -> Iterator[Objection]:
        """What is different for all SLOs, unless somebody has chosen it."""
        if amount and "kind" not in self.spec.model_fields_set:
            message = (
                "results can be read only a while after they are recorded, so that alerts fire up to 30s later for "
                "each of two stages, and 30s for what has just been scraped; write 'kind' under 'victoriametrics' in "
                "slogen.yaml to choose that"
            )
            yield Objection(message, Verdict.DIFFERS, (NAME,))


def objections(slo: Slo) -> Iterator[Objection]:
    """What is not there for its rules to read, and what MetricsQL cannot say."""
    yield from scraped(slo)
    yield from _metricsql.objections(slo)
    if any(_BEGIN in text for text in (slo.owner, slo.description)):
        message = (
            f"vmalert takes the labels of what is recorded for templates, so '{_BEGIN}' in owner and description "
            f"stands in {naming.INFO} as '{_APART}'"
        )
        yield Objection(message, Verdict.DIFFERS, ("description",))


def configured(engines: Engines, prose: Prose) -> Backend:
    """The target as slogen.yaml has it."""
    vmalert = _Vmalert(engines.victoriametrics or VictoriaMetricsSpec.empty(), prose)
    if vmalert.spec.kind == _OBJECT:
        objects = vmalert.objects()
        return Backend(objections, objects.emit, of_service=objects.objections, amount=len, of_all=vmalert.late)
    return Backend(objections, vmalert.emit, amount=len, of_all=vmalert.late)


BACKEND = configured

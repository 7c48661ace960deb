"""The rules that compile writes for each SLO, and those that a server runs."""

import re
import threading
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from typing import Final, NamedTuple

from slogen import naming, rule_files
from slogen.backends._backend import Artifact
from slogen.diagnostics import Report
from slogen.live.prometheus import Prometheus
from slogen.model import Slo
from slogen.rule_files import Rule, RuleFile

Key = tuple[str, ...]
"""What makes a rule the same one when all else about it has changed."""
_TELLING: Final = (naming.SLO_ID, naming.SLO_SERVICE, naming.SLO_SEVERITY, naming.SLO_TIER)
_SELECTED = re.compile(rf"""\b{naming.SLO_ID}\s*=~?\s*["'`]([^"'`\\]*)""")
EVERYONE: Final = ""
"""In the place of an SLO's id: all SLOs of the service."""
_SUFFIX: Final = naming.rules_file("")
_USUAL: Final = "prometheus"


class Placed(NamedTuple):
    """
    A rule and how often it is evaluated.

    Attributes:
        interval: in seconds; None where it is the server's own.
        took: the seconds that the last evaluation of its group took; 0 where nobody tells.
    """

    rule: Rule
    interval: Decimal | None
    took: Decimal = Decimal(0)

    @property
    def key(self) -> Key:
        """What makes it the rule that it is: kind, name, and the labels that say whose it is."""
        return (self.rule.kind, self.rule.name, *(self.rule.labels.get(label, "") for label in _TELLING))

    @property
    def slos(self) -> frozenset[str]:
        """The ids of the SLOs that it is evaluated for; `EVERYONE` for all of the service."""
        if own := self.rule.labels.get(naming.SLO_ID):
            return frozenset((own,))
        ids = frozenset(slo for selected in _SELECTED.findall(self.rule.expr) for slo in selected.split("|"))
        return ids or frozenset((EVERYONE,))


class Rules:
    """The rules of SLOs among those of some files."""

    def __init__(self, files: Iterable[RuleFile]) -> None:
        self._by_key: dict[Key, list[Placed]] = {}
        self._by_slo: dict[str, list[Placed]] = {}
        for placed in _placed(files):
            if any(placed.rule.labels.get(label) for label in _TELLING):
                self._by_key.setdefault(placed.key, []).append(placed)
                for slo in placed.slos:
                    self._by_slo.setdefault(slo, []).append(placed)

    def like(self, wanted: Placed) -> tuple[Placed, ...]:
        """What stands in the place of a rule; several where it is loaded more than once, or SLOs are in packs."""
        return tuple(self._by_key.get(wanted.key, ()))

    def of(self, slo: Slo) -> tuple[Placed, ...]:
        """Those that carry the id of an SLO, or record for it among others."""
        shared = self._by_slo.get(EVERYONE, ())
        return (*self._by_slo.get(slo.id, ()), *(one for one in shared if _service(one.rule) == slo.service))

    def own(self, slo: Slo) -> tuple[Placed, ...]:
        """Those that carry the id of an SLO."""
        return tuple(one for one in self._by_slo.get(slo.id, ()) if one.rule.labels.get(naming.SLO_ID) == slo.id)


class Deployment:
    """
    Where the rules of SLOs are to run, and what compile writes for them.

    Attributes:
        server: what evaluates the rules.
    """

    def __init__(
        self,
        server: Prometheus,
        artifacts: Iterable[Artifact] = (),
        generated: Callable[[str], bytes | None] = lambda _path: None,
    ) -> None:
        """
        Args:
            artifacts: all that compile writes, rule files among them. Of several for one service that of the target
                ``prometheus`` counts, else the first.
            generated: asked for what lies at the path of an artifact.
        """  # noqa: D205 - there is no more to say
        self.server = server
        self._artifacts: dict[str, Artifact] = {}
        self._generated = generated
        self._lock = threading.Lock()
        self._wanted: dict[str, Rules] = {}
        self._before: dict[str, Rules | None] = {}
        for artifact in artifacts:
            target, _, name = artifact.path.partition("/")
            service = name.removesuffix(_SUFFIX)
            if name != service and (target == _USUAL or service not in self._artifacts):
                self._artifacts[service] = artifact

    def wanted(self, slo: Slo) -> tuple[Placed, ...]:
        """The rules that compile writes for an SLO, those that it shares with others of its service too."""
        with self._lock:
            if slo.service not in self._wanted:
                artifact = self._artifacts.get(slo.service)
                files = rule_files.read(artifact.path, artifact.text, Report()) if artifact else ()
                self._wanted[slo.service] = Rules(files)
            return self._wanted[slo.service].of(slo)

    def generated(self, slo: Slo) -> Rules | None:
        """The rules of its service as compile wrote them last; None where it did not, or what it wrote is no more."""
        with self._lock:
            if slo.service not in self._before:
                self._before[slo.service] = self._read(self._artifacts.get(slo.service))
            return self._before[slo.service]

    def _read(self, artifact: Artifact | None) -> Rules | None:
        content = self._generated(artifact.path) if artifact else None
        if artifact is None or content is None:
            return None
        report = Report()
        found = rule_files.read(artifact.path, content, report)
        return None if report.failed else Rules(found)


def _placed(files: Iterable[RuleFile]) -> Iterator[Placed]:
    for file in files:
        for group in file.groups:
            took = group.fields.get("evaluationTime")
            seconds = Decimal(str(took)) if isinstance(took, (int, float)) else Decimal(0)
            yield from (Placed(rule, group.interval, seconds) for rule in group.rules)


def _service(rule: Rule) -> str:
    return rule.labels.get(naming.SLO_SERVICE, "")

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
        self._services: set[str] = set()
        for placed in _placed(files):
            if any(placed.rule.labels.get(label) for label in _TELLING):
                self._by_key.setdefault(placed.key, []).append(placed)
                self._services.add(_service(placed.rule))
                for slo in placed.slos:
                    self._by_slo.setdefault(slo, []).append(placed)

    def serve(self, service: str) -> bool:
        """Whether there are any of a service."""
        return service in self._services

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


class Expected(NamedTuple):
    """
    What compile writes for an SLO and one target.

    Attributes:
        rules: those of the SLO, and those that it shares with others of its service.
        generated: the rules of its service as compile wrote them last; None where it did not, or what it wrote is no
            more.
    """

    rules: tuple[Placed, ...]
    generated: Rules | None


class Deployment:
    """
    Where the rules of SLOs are to run, and what compile writes for them.

    Attributes:
        server: what evaluates the rules.
        elsewhere: its address, where that is not the server that holds the series; else empty.
    """

    def __init__(
        self,
        server: Prometheus,
        artifacts: Iterable[Artifact] = (),
        generated: Callable[[str], bytes | None] = lambda _path: None,
        *,
        elsewhere: str = "",
    ) -> None:
        """
        Args:
            artifacts: all that compile writes, rule files among them.
            generated: asked for what lies at the path of an artifact.
        """  # noqa: D205 - there is no more to say
        self.server = server
        self.elsewhere = elsewhere
        self._artifacts: dict[str, list[Artifact]] = {}
        self._generated = generated
        self._lock = threading.Lock()
        self._known: dict[str, tuple[Rules, Rules | None]] = {}
        for artifact in sorted(artifacts, key=lambda one: not one.path.startswith(f"{_USUAL}/")):
            name = artifact.path.partition("/")[2]
            service = name.removesuffix(_SUFFIX)
            if name != service:
                self._artifacts.setdefault(service, []).append(artifact)

    def expected(self, slo: Slo) -> tuple[Expected, ...]:
        """What is written for an SLO, for each target that has rules; that of ``prometheus`` first."""
        with self._lock:
            known = [self._read(artifact) for artifact in self._artifacts.get(slo.service, ())]
        found = (Expected(wanted.of(slo), before) for wanted, before in known)
        return tuple(one for one in found if one.rules)

    def _read(self, artifact: Artifact) -> tuple[Rules, Rules | None]:
        """The rules of an artifact as it is, and as it was written last."""
        if artifact.path not in self._known:
            wanted = Rules(rule_files.read(artifact.path, artifact.text, Report()))
            self._known[artifact.path] = wanted, self._before(artifact)
        return self._known[artifact.path]

    def _before(self, artifact: Artifact) -> Rules | None:
        content = self._generated(artifact.path)
        if content is None:
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

"""
Unit tests for promtool that prove the alerts of each service: ``promtool-tests/<service>.<step>.test.yaml``.

They load the rule files of the target ``prometheus`` unchanged. Tests with native histograms stand in files of their
own, which promtool reads from 3.0 on.

Source of the format: https://prometheus.io/docs/prometheus/latest/configuration/unit_testing_rules/
"""

from collections.abc import Iterator
from typing import Final

from slogen import naming
from slogen.backends._backend import Artifact, Backend, Objection, scraped
from slogen.model import Slo
from slogen.proofs.suites import Proof, Suite, proven
from slogen.prose import Prose
from slogen.rules import ServiceRules, plan
from slogen.yaml_text import Rendered

__all__ = ["BACKEND", "proven", "testable", "written"]

FOLDER: Final = "promtool-tests"
_TEMPLATE: Final = "promtool/tests.yaml.j2"


def wants(slo: Slo) -> bool:
    """Whether there are rules to test; what cannot be proven of an SLO is told in the file."""
    return not any(scraped(slo))


def objections(_slo: Slo) -> tuple[Objection, ...]:
    """None of its own."""
    return ()


def emit(rules: ServiceRules, prose: Prose) -> Iterator[Artifact]:
    """A file for each step at which rules are evaluated."""
    proof = proven(rules, prose)
    for suite in proof.suites:
        text = written(rules, proof, suite, prose, f"../prometheus/{naming.rules_file(rules.service)}")
        yield Artifact(f"{FOLDER}/{suite.file}", text, rules.source)


def testable(rules: ServiceRules) -> ServiceRules:
    """The rules of those SLOs that have some to test."""
    every = tuple(slo for planned in rules.sets for slo in planned.everyone.slos)
    kept = tuple(filter(wants, every))
    return rules if len(kept) == len(every) else plan(rules.service, rules.source, kept)


def written(rules: ServiceRules, proof: Proof, suite: Suite, prose: Prose, rule_file: str) -> str:
    """The file of *suite*, which loads *rule_file*."""
    given = {"rules": rule_file, "unproven": proof.unproven, "suite": suite}
    return prose.report(_TEMPLATE, {"header": Rendered(naming.header(rules.source)), **given})


BACKEND = Backend(objections, emit, wants)

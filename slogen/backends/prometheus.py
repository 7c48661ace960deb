"""
Rule files for Prometheus 2.42 and later: ``prometheus/<service>.rules.yaml``.

Source of the format: https://prometheus.io/docs/prometheus/latest/configuration/recording_rules/
"""

from collections.abc import Iterator

from slogen import naming
from slogen.backends._backend import Artifact, Backend, scraped
from slogen.prose import Prose
from slogen.rules import ServiceRules
from slogen.stencils import lower


def emit(rules: ServiceRules, prose: Prose) -> Iterator[Artifact]:
    """One file, one YAML document."""
    groups = [group for planned in rules.sets for group in lower(planned, prose)]
    text = prose.rules(naming.header(rules.source), groups)
    yield Artifact(f"prometheus/{naming.rules_file(rules.service)}", text, rules.source)


BACKEND = Backend(scraped, emit)

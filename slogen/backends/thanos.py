"""
Rule files for Thanos Ruler: ``thanos/<service>.rules.yaml``.

The rules are those of the target ``prometheus``; every group says ``partial_response_strategy: abort``. While a store
cannot be reached, nothing is recorded from what the others have, which would be fewer events than there were, nor are
alerts resolved by it. The Querier that the Ruler asks must have the Ruler itself among its endpoints, or what it writes
to if it is stateless: rules read what other rules recorded.

Source of the format: https://thanos.io/tip/components/rule.md/#partial-response
"""

from collections.abc import Iterator
from typing import Final

from slogen.backends._backend import Artifact, Backend, scraped
from slogen.backends._engine import Fields, equipped, file
from slogen.promrules import lower
from slogen.prose import Prose
from slogen.rules import ServiceRules

NAME: Final = "thanos"
_ABORT: Final[Fields] = {"partial_response_strategy": "abort"}


def emit(rules: ServiceRules, prose: Prose) -> Iterator[Artifact]:
    """One file, one YAML document."""
    groups = (group for planned in rules.sets for group in lower(planned, prose))
    yield file(NAME, rules, equipped(groups, _ABORT), prose)


BACKEND = Backend(scraped, emit)

"""What a target is: objections to an SLO, and the files for a service."""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from slogen.model import Slo
from slogen.prose import Prose
from slogen.rules import ServiceRules


class Artifact(NamedTuple):
    """
    A file to write.

    Attributes:
        path: below the output folder, with forward slashes: ``prometheus/checkout.rules.yaml``.
        source: the SLO file that it follows from.
    """

    path: str
    text: str
    source: str


class Backend(NamedTuple):
    """
    A target.

    Attributes:
        objections: in words, why the target cannot say an SLO; each becomes an error at the SLO's place.
        emit: the files for the SLOs of a service to which there is no objection; it cannot fail.
    """

    objections: Callable[[Slo], Iterable[str]]
    emit: Callable[[ServiceRules, Prose], Iterable[Artifact]]

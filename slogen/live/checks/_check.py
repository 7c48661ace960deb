"""What a check of SLOs against a running Prometheus is."""

from collections.abc import Iterator
from typing import NamedTuple, Protocol

from slogen.diagnostics import Level
from slogen.live.asking import Asking
from slogen.model import Slo
from slogen.source import Path


class Finding(NamedTuple):
    """
    Something that is wrong.

    Attributes:
        path: where it is written, below the SLO's own place.
        message: what was found and what to do about it; lower case, no full stop.
        of_server: whether it lies in the server, so that it is found of many SLOs alike; it names none then.
    """

    path: Path
    message: str
    level: Level = Level.ERROR
    of_server: bool = False


class NotChecked(NamedTuple):
    """What the server cannot tell, and so is neither found nor passed; *of_server* as that of a finding."""

    reason: str
    of_server: bool = False


Said = Finding | NotChecked


class Check(Protocol):
    """
    One thing to hold an SLO against; its code is the name of its module, whose docstring is its manual page.

    It yields nothing where all is well. That the server does not answer is not its business: `PrometheusError` passes.
    """

    def __call__(self, slo: Slo, asking: Asking) -> Iterator[Said]:
        """What there is to say of *slo*."""

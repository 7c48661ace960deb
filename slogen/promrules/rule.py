"""Rules of Prometheus as values."""

from typing import NamedTuple

from slogen import naming
from slogen.model import Labels, Slo
from slogen.promql import Expr
from slogen.units import Window


class Record(NamedTuple):
    """A recording rule."""

    name: str
    expr: Expr
    labels: Labels

    @property
    def kind(self) -> str:
        """The key under which a rule file names it."""
        return "record"


class Alert(NamedTuple):
    """An alerting rule; it fires once *pending* has passed, at once when that is None."""

    name: str
    expr: Expr
    labels: Labels
    annotations: Labels
    pending: Window | None = None

    @property
    def kind(self) -> str:
        """The key under which a rule file names it."""
        return "alert"


Rule = Record | Alert


def identity(slo: Slo) -> dict[str, str]:
    """The labels that name an SLO on every series of its own."""
    return {naming.SLO_ID: slo.id, naming.SLO_SERVICE: slo.service, naming.SLO_NAME: slo.name}

"""What checks ask of a server, each thing once however many of them ask it."""

import threading
import time
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from math import isfinite
from typing import Any, Final, TypeVar

from slogen.live.deployment import Deployment, Rules
from slogen.live.prometheus import Prometheus, Sample
from slogen.model import Slo
from slogen.promql import Aggregate, Call, Expr, Selector, Subquery, call
from slogen.units import Window

HISTORY: Final = Window.parse("7d")
"""How far back series are looked for that are not there now."""
RECENT: Final = Window.parse("1h")
"""How far back labels and their values are looked for."""
_STEP: Final = Window.parse("5m")


_Answer = TypeVar("_Answer")


class Asking:
    """
    A server at one moment.

    Attributes:
        at: that moment, in Unix seconds by the server's own clock.
        deployment: what compile writes for the SLOs, and where it is to run.
    """

    def __init__(self, prometheus: Prometheus, at: float, deployment: Deployment | None = None) -> None:
        self.at = at
        self.deployment = deployment or Deployment(prometheus)
        self._prometheus = prometheus
        self._lock = threading.Lock()
        self._known: dict[Hashable, Future[Any]] = {}

    def samples(self, expr: Expr, before: float = 0) -> tuple[Sample, ...]:
        """The instant vector that *expr* is, so many seconds *before*."""
        text = str(expr)
        return self._once(("query", text, before), lambda: self._prometheus.query(text, self.at - before))

    def query(self, expr: Expr, before: float = 0) -> tuple[Sample, ...]:
        """The instant vector that *expr* is, so many seconds *before*, without what is NaN or infinite."""
        return tuple(sample for sample in self.samples(expr, before) if isfinite(sample.value))

    def number(self, expr: Expr) -> float | None:
        """The one value of *expr*; None where it has none."""
        found = self.query(expr)
        return found[0].value if found else None

    def count(self, selector: Selector) -> int:
        """How many series *selector* selects now."""
        return int(self.number(Aggregate("count", selector)) or 0)

    def last_seen(self, selector: Selector) -> float | None:
        """When the newest sample of *selector* within `HISTORY` was taken; None where there is none."""
        moments = Subquery(call("timestamp", selector), HISTORY, _STEP)
        return self.number(Aggregate("max", call("max_over_time", moments)))

    def first_seen(self, selector: Selector, within: Window) -> float | None:
        """When the oldest sample of *selector* within a time up to now was taken; None where there is none."""
        return self.number(Aggregate("min", first_moments(selector, within)))

    def metrics(self) -> tuple[str, ...]:
        """The names of all metrics."""
        return self._values("__name__", "")

    def values(self, label: str, selector: Selector) -> tuple[str, ...]:
        """The values that *label* has in the series of *selector*."""
        return self._values(label, str(selector))

    def labels(self, selector: Selector) -> tuple[str, ...]:
        """The labels that the series of *selector* have."""
        text = str(selector)
        start = self.at - RECENT.seconds
        names = self._once(("labels", text), lambda: self._prometheus.label_names(text, start, self.at))
        return tuple(name for name in names if name != "__name__")

    def touched(self, expr: Expr) -> int | None:
        """How many samples the server looks at for *expr*; None where it does not tell."""
        text = str(expr)
        return self._once(("touched", text), lambda: self._prometheus.touched(text, self.at))

    def retention(self) -> str:
        """How long the server keeps samples, in its own words; empty where it does not tell."""
        return self._once("retention", self._prometheus.retention)

    def types(self, metric: str) -> tuple[str, ...]:
        """The types that the metadata name for *metric*."""
        return self._once(("types", metric), lambda: self._prometheus.types(metric))

    def running(self) -> Rules:
        """The rules that are deployed."""
        return self._once("rules", lambda: Rules(self.deployment.server.rules()))

    def _values(self, label: str, selector: str) -> tuple[str, ...]:
        start = self.at - RECENT.seconds
        return self._once(
            ("values", label, selector), lambda: self._prometheus.label_values(label, selector, start, self.at)
        )

    def _once(self, key: Hashable, ask: Callable[[], _Answer]) -> _Answer:
        """What *ask* gives; who wants it while it is being asked waits for the same answer, and the same error."""
        with self._lock:
            known: Future[_Answer] | None = self._known.get(key)
            asked = known or Future()
            self._known[key] = asked
        if known is None:
            try:
                asked.set_result(ask())
            except BaseException as error:
                asked.set_exception(error)
                with self._lock:
                    del self._known[key]  # another time it may be answered
                raise
        return asked.result()


def moment(seconds: float) -> str:
    """*seconds* since 1970 as a date and a time: ``2026-01-12 08:30 UTC``."""
    return time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(seconds))


def first_moments(selector: Selector, within: Window, step: Window = _STEP) -> Expr:
    """When each series of *selector* was first seen *within* a time up to now, by looking at every *step*."""
    return call("min_over_time", Subquery(call("timestamp", selector), within, step))


def over_groups(operator: str, of: Expr) -> Aggregate:
    """The least or greatest value of *of* in all groups of an SLO."""
    return Aggregate(operator, of)


def over_time(function: str, of: Expr, window: Window, step: Window) -> Call:
    """*function* of the values of *of* at each *step* of a *window*."""
    return call(function, Subquery(of, window, step))


def missing(slo: Slo, asking: Asking) -> str:
    """Why what an SLO reads cannot be looked at: what has to be there and is not; empty where all of it is."""
    from slogen.live.reads import reads

    for read in reads(slo):
        if not read.may_be_absent and not asking.count(read.selector):
            return f"there are no series of {read.selector}"
    return ""

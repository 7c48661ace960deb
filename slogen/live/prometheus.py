"""
The HTTP API of a Prometheus, or of what speaks like one: Thanos, Mimir, VictoriaMetrics, Managed Prometheus.

`Prometheus` is what checks ask; `connect` gives one that asks a server, by prometheus-api-client. Queries go through
its session, but not through its methods, which keep the result and lose its type and the warnings.

Source: https://prometheus.io/docs/prometheus/latest/querying/api/
"""

import threading
from collections.abc import Iterable, Iterator, Mapping
from math import ceil
from typing import Any, Final, NamedTuple, Protocol
from urllib.parse import quote

from slogen.live.access import Access
from slogen.live.faults import NO_POST, TooMuchError, UnreachableError, foreign, read_envelope
from slogen.live.ruling import evaluated
from slogen.live.runtime import retention
from slogen.rule_files import RuleFile

MOST_POINTS: Final = 11_000
"""
The most points of a series that one answer may have.

Source: https://github.com/prometheus/prometheus/blob/main/web/api/v1/api.go
"""
FEWEST_POINTS: Final = 10
"""A range of so few points is not halved again, however much the server would have to load for it."""
_SERVER_GIVES_UP: Final = 0.9
"""The share of the time for an answer after which the server is to stop working on it."""

_EXACTLY: Final = {"nocache": "1"}
"""
Without it VictoriaMetrics answers for the multiples of the step, whichever moments are asked for; others do not mind.

Source: https://docs.victoriametrics.com/victoriametrics/single-server-victoriametrics/#prometheus-querying-api-enhancements
"""

Labels = tuple[tuple[str, str], ...]
"""Names and values, sorted by name."""


class Sample(NamedTuple):
    """A series and its value at one moment; NaN and infinities are values too."""

    labels: Mapping[str, str]
    value: float


class Points(NamedTuple):
    """A series and its values by moment, in Unix seconds."""

    labels: Mapping[str, str]
    values: tuple[tuple[float, float], ...]


class Span(NamedTuple):
    """
    Moments that are *step* apart, *end* among them where the step allows; Unix seconds.

    All moments of its parts are moments of the whole.
    """

    start: int
    end: int
    step: int

    @property
    def points(self) -> int:
        """How many moments there are."""
        return max(self.end - self.start, 0) // self.step + 1

    def parts(self, most: int) -> Iterator["Span"]:
        """The same moments in spans of *most* at most."""
        for first in range(0, self.points, most):
            last = min(first + most, self.points) - 1
            yield Span(self.start + first * self.step, self.start + last * self.step, self.step)


class Prometheus(Protocol):
    """
    What can be asked of a server.

    Each method raises `UnreachableError` where no answer comes from the server, and `RefusedError` where it would not
    or could not answer this question.
    """

    def now(self) -> float:
        """The time by the server's clock, in Unix seconds."""

    def query(self, expr: str, at: float) -> tuple[Sample, ...]:
        """The instant vector that *expr* is at a moment."""

    def query_range(self, expr: str, span: Span) -> tuple[Points, ...]:
        """The values of *expr* at each moment of *span*."""

    def label_names(self, selector: str, start: float, end: float) -> tuple[str, ...]:
        """The labels of the series that *selector* selects between two moments."""

    def label_values(self, label: str, selector: str, start: float, end: float) -> tuple[str, ...]:
        """Their values of one of them; of all series, where the selector is empty."""

    def types(self, metric: str) -> tuple[str, ...]:
        """The types of *metric* in the metadata of what is scraped now, sorted; empty where none is known."""

    def rules(self) -> tuple[RuleFile, ...]:
        """All rules that are evaluated, by the files that hold them."""

    def touched(self, expr: str, at: float) -> int | None:
        """How many samples are looked at for *expr* at a moment; None where the server does not tell."""

    def retention(self) -> str:
        """How long samples are kept, as Prometheus says it, like ``15d or 10GiB``; empty where it does not tell."""


def connect(access: Access) -> "Connection":
    """The server that *access* leads to; nothing is asked yet."""
    # Late: they take a sixth of a second.
    from prometheus_api_client.prometheus_connect import PrometheusConnect
    from urllib3.util.retry import Retry

    from slogen.live.session import Session

    session = Session(access)
    once = Retry(0, redirect=False, raise_on_status=False)  # the session itself tries again
    return Connection(access, session, PrometheusConnect(access.url, session=session, retry=once, method="POST"))


class Connection:
    """
    A server that is asked over HTTP, from any number of threads.

    Attributes:
        warnings: that came with answers, each once, such as that a store was not there and the answer is partial.
    """

    def __init__(self, access: Access, session: Any, client: Any) -> None:
        self.warnings: dict[str, None] = {}
        self._access = access
        self._session = session
        self._client = client
        self._lock = threading.Lock()
        self._no_post = False

    @property
    def requests(self) -> int:
        """How many requests have been sent."""
        return int(self._session.sent)

    def close(self) -> None:
        """Close what is open to the server."""
        self._client.close()

    def now(self) -> float:
        """As `Prometheus` has it."""
        data = self._data("query", {"query": "time()"})
        try:
            found = data["result"]
            # VictoriaMetrics gives a vector, and the moment that it answers for, not the one at which it is asked.
            return _sampled(found[0]["value"] if data["resultType"] == "vector" else found)[1]
        except (KeyError, TypeError, IndexError, ValueError) as error:
            raise foreign("it does not tell the time") from error

    def query(self, expr: str, at: float) -> tuple[Sample, ...]:
        """As `Prometheus` has it."""
        result = self._result("query", {"query": expr, "time": f"{at:.3f}"}, "vector")
        try:
            return tuple(Sample(_labels(one), _sampled(one["value"])[1]) for one in result if "value" in one)
        except (KeyError, TypeError, IndexError, ValueError) as error:
            raise foreign("a sample has no value") from error

    def query_range(self, expr: str, span: Span) -> tuple[Points, ...]:
        """As `Prometheus` has it, in parts of `MOST_POINTS`, and those in ever smaller ones where that is too much."""
        series: dict[Labels, list[tuple[float, float]]] = {}
        for part in span.parts(MOST_POINTS):
            for points in self._part(expr, part):
                series.setdefault(tuple(sorted(points.labels.items())), []).extend(points.values)
        return tuple(Points(dict(labels), tuple(values)) for labels, values in series.items())

    def label_names(self, selector: str, start: float, end: float) -> tuple[str, ...]:
        """As `Prometheus` has it."""
        asked = {"match[]": selector, **_between(start, end)}
        return _texts(self._listed(lambda: self._client.get_label_names(asked)))

    def label_values(self, label: str, selector: str, start: float, end: float) -> tuple[str, ...]:
        """As `Prometheus` has it."""
        asked = ({"match[]": selector} if selector else {}) | _between(start, end)
        return _texts(self._listed(lambda: self._client.get_label_values(quote(label, safe=""), asked)))

    def types(self, metric: str) -> tuple[str, ...]:
        """As `Prometheus` has it."""
        told = self._listed(lambda: self._client.get_metric_metadata(metric))
        found = {str(one.get("type")) for one in told if one.get("metric_name") == metric}
        return tuple(sorted(found - {"", "unknown", "untyped"}))

    def rules(self) -> tuple[RuleFile, ...]:
        """As `Prometheus` has it."""
        return evaluated(self._got, self._access)

    def _got(self, path: str, parameters: dict[str, str]) -> Any:
        return read_envelope(self._session.get(f"{self._access.url}/api/v1/{path}", parameters).content)["data"]

    def touched(self, expr: str, at: float) -> int | None:
        """
        As `Prometheus` has it.

        Source: https://docs.aws.amazon.com/prometheus/latest/userguide/AMP-stats.html (``totalQueryableSamples``)
        """
        data = self._data("query", {"query": expr, "time": f"{at:.3f}", "stats": "all"})
        try:
            return int(data["stats"]["samples"]["totalQueryableSamples"])
        except (KeyError, TypeError, ValueError):
            return None

    def retention(self) -> str:
        """As `Prometheus` has it."""
        return retention(self._got)

    def _part(self, expr: str, part: Span) -> Iterable[Points]:
        try:
            asked = {"query": expr, "start": str(part.start), "end": str(part.end), "step": str(part.step), **_EXACTLY}
            result = self._result("query_range", asked, "matrix")
        except TooMuchError:
            if part.points <= FEWEST_POINTS:
                raise
            return [points for half in part.parts(ceil(part.points / 2)) for points in self._part(expr, half)]
        try:
            return [Points(_labels(one), tuple(map(_sampled, one.get("values", ())))) for one in result]
        except (KeyError, TypeError, ValueError) as error:
            raise foreign("a series has no values") from error

    def _result(self, path: str, parameters: dict[str, str], kind: str) -> list[Any]:
        data = self._data(path, parameters)
        if not isinstance(data, dict) or data.get("resultType") != kind or not isinstance(data.get("result"), list):
            raise foreign(f"a query does not give a {kind}")
        found: list[Any] = data["result"]
        return found

    def _data(self, path: str, parameters: dict[str, str]) -> Any:
        limit = f"{self._access.timeout_seconds * _SERVER_GIVES_UP * 1000:.0f}ms"
        answer = read_envelope(self._asked(path, {**parameters, "timeout": limit}).content)
        warnings = answer.get("warnings")
        if isinstance(warnings, list):
            with self._lock:
                self.warnings.update(dict.fromkeys(self._access.redacted(str(text)) for text in warnings))
        return answer["data"]

    def _asked(self, path: str, parameters: dict[str, str]) -> Any:
        """By POST, for queries are long; by GET where something between here and the server does not let it through."""
        url = f"{self._access.url}/api/v1/{path}"
        if not self._no_post:
            try:
                return self._session.request("POST", url, params=parameters)
            except UnreachableError as error:
                if error.status != NO_POST:
                    raise
                self._no_post = True
        return self._session.request("GET", url, params=parameters)

    @staticmethod
    def _listed(ask: Any) -> list[Any]:
        """What a method of the library gives, which expects of an answer that it is right."""
        try:
            answer = ask()
        except (KeyError, TypeError, AttributeError, ValueError, RecursionError) as error:
            raise foreign("it is no list") from error
        if not isinstance(answer, list):
            raise foreign("it is no list")
        return answer


def _sampled(pair: Any) -> tuple[float, float]:
    """
    When and what: a number, and a number in quotes.

    Raises:
        TypeError: it is something else.

    Source: https://prometheus.io/docs/prometheus/latest/querying/api/#expression-query-result-formats
    """
    moment, value = pair
    if not isinstance(moment, int | float) or not isinstance(value, str):
        raise TypeError
    return moment, float(value)


def _labels(one: Any) -> dict[str, str]:
    labels = one["metric"]
    if not isinstance(labels, dict):
        raise TypeError(labels)
    return labels


def _between(start: float, end: float) -> dict[str, str]:
    return {"start": f"{start:.3f}", "end": f"{end:.3f}"}


def _texts(listed: list[Any]) -> tuple[str, ...]:
    return tuple(text for text in listed if isinstance(text, str))

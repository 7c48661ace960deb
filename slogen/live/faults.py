"""Why a server gave no answer, in words for its user, and whether it is worth asking again."""

import json
from typing import Any, Final

from slogen.diagnostics import shown

OK: Final = 200
ACCEPTED: Final = 202
TOO_MANY_REQUESTS: Final = 429
UNAVAILABLE: Final = 503
_GATEWAYS: Final = (502, 504)
_ALLOWED: Final = {401: "wants other credentials", 403: "does not allow this"}
_REDIRECTS: Final = range(300, 400)
NO_POST: Final = 405
MISSING: Final = (404, NO_POST)
NO_SUCH: Final = (400, *MISSING, 501)
"""How servers say that there is no such path: VictoriaMetrics, most others, and Managed Prometheus."""
_NOTHING: Final = (b"no rule groups found", b"group does not exist", b"rule group not found")
"""
How rulers say that there is nothing, with 404; without such words that is a wrong address.

Source: https://github.com/grafana/mimir/blob/main/pkg/ruler/rulestore/store.go
"""
_TOO_MANY_SAMPLES: Final = ("too many samples", "-search.maxSamples", "-search.maxPointsPerTimeseries")
"""How Prometheus, Thanos and Mimir, and VictoriaMetrics say that a query would load more than they allow."""


class PrometheusError(Exception):
    """
    A question was not answered; the message is for the user and holds no secret.

    Attributes:
        status: of the answer, by HTTP; 0 where there was none.
    """

    def __init__(self, message: str, status: int = 0) -> None:
        super().__init__(message)
        self.status = status


class UnreachableError(PrometheusError):
    """The server did not answer, or what answered is no Prometheus; another question would fare no better."""


class RefusedError(PrometheusError):
    """The server understood the question and would not or could not answer this one."""


class TooMuchError(RefusedError):
    """The answer would be more than server or client allow; a shorter range may be answered."""


def error_type(body: bytes) -> tuple[str, str] | None:
    """``errorType`` and ``error`` of an answer of Prometheus's; None where *body* is none."""
    try:
        answer = json.loads(body)
    except ValueError:
        return None
    if not isinstance(answer, dict) or not isinstance(answer.get("errorType"), str):
        return None
    return answer["errorType"], str(answer.get("error", ""))


def worth_retrying(status: int, body: bytes, *, asked_to: bool) -> bool:
    """
    Whether the same question may be answered soon.

    A query that takes too long is a 503 as well, with an ``errorType``: to ask again would only burden the server more.

    Args:
        asked_to: whether the answer says when to ask again.

    Source: https://prometheus.io/docs/prometheus/latest/querying/api/#format-overview
    """
    if status == UNAVAILABLE:
        return asked_to or error_type(body) is None
    return status == TOO_MANY_REQUESTS or status in _GATEWAYS


def nothing_there(status: int, body: bytes) -> bool:
    """Whether an answer says that the address is right and nothing is kept there."""
    return status in MISSING and any(words in body for words in _NOTHING)


def fault(status: int, body: bytes, location: str) -> PrometheusError:
    """What is wrong with an answer whose *status* is not `OK`; *location* is where it sends its reader instead."""
    told = error_type(body)
    if status in _REDIRECTS:
        message = f"it redirects to {shown(location)}; name that address, redirects are not followed"
    elif status in _ALLOWED:
        message = f"it {_ALLOWED[status]} (HTTP {status})"
    elif told:
        message = f"{told[0]}: {shown(told[1])}"
        much = any(words in told[1] for words in _TOO_MANY_SAMPLES)
        return (TooMuchError if much else RefusedError)(message, status)
    elif status in MISSING:
        message = f"there is no Prometheus API at this address (HTTP {status}); name the part of the URL before /api/v1"
    else:
        message = f"it answers HTTP {status}{_reason(body)}"
    return UnreachableError(message, status)


def read_envelope(body: bytes) -> dict[str, Any]:
    """
    The answer of Prometheus's API that *body* is.

    Raises:
        UnreachableError: it is something else.
        RefusedError: it says that the question was not answered, as some proxies do with HTTP 200.
    """
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError) as error:
        what = "HTML" if body.lstrip()[:1] == b"<" else "cut off or no JSON"
        message = f"the answer is {what}; this is not Prometheus's API, or something stands before it"
        raise UnreachableError(message) from error
    if told := error_type(body):
        message = f"{told[0]}: {shown(told[1])}"
        raise RefusedError(message, OK)
    if not isinstance(answer, dict) or answer.get("status") != "success" or "data" not in answer:
        raise foreign("it has no data")
    return answer


def foreign(why: str) -> UnreachableError:
    """An answer that is JSON, and not what Prometheus's API says."""
    return UnreachableError(f"the answer is not that of Prometheus's API: {why}")


def _reason(body: bytes) -> str:
    """What an answer says in plain words, as rulers do of limits and rules that they do not take; no page of HTML."""
    text = " ".join(body.decode("utf-8", "replace").split())
    return f": {shown(text)}" if text and not text.startswith("<") else ""

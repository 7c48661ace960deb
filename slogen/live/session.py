"""
HTTP as a server that others depend on should be asked: patiently, not too often, and never for ever.

Every request of prometheus-api-client goes through `Session`: parameters of a POST stand in its body (the library puts
them into the address, which proxies cut off), each answer has a time and a size that it may not exceed, redirects are
not followed, and what fails is tried again only where that helps.
"""

import email.utils
import random
import threading
import time
from collections.abc import Callable
from typing import Any, Final, NamedTuple

import requests
from requests.auth import AuthBase
from urllib3.exceptions import HTTPError

from slogen.live.access import Access
from slogen.live.deadline import Adapter
from slogen.live.faults import (
    ACCEPTED,
    OK,
    PrometheusError,
    RefusedError,
    TooMuchError,
    UnreachableError,
    fault,
    nothing_there,
    worth_retrying,
)

MOST_BYTES: Final = 64 * 1024 * 1024
"""The largest answer that is read; that of a well-asked question has kilobytes."""
ATTEMPTS: Final = 3
LONGEST_WAIT_SECONDS: Final = 20.0
"""Where a server asks for more patience than this before the next attempt, there is none."""
FAILURES: Final = 5
"""So many in a row, and the server is left alone."""
_CONNECT_SECONDS: Final = 5.0
_FIRST_WAIT_SECONDS: Final = 0.5
_PIECE: Final = 65_536


class Waiting(NamedTuple):
    """What tells the time and what lets it pass: seconds."""

    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


class Session(requests.Session):
    """
    Asks one server, from any number of threads.

    Attributes:
        sent: how many requests went out.
    """

    def __init__(self, access: Access, waiting: Waiting = Waiting()) -> None:  # noqa: B008 - it is immutable
        super().__init__()
        self.sent = 0
        self._access = access
        self._waiting = waiting
        self._lock = threading.Lock()
        self._turns = threading.BoundedSemaphore(access.at_once)
        self._failures = 0
        self._adapter = Adapter(access.at_once)
        self.headers.update({"User-Agent": "slogen", "Accept": "application/json", **access.headers})
        self.auth = _Authorization(access)  # also without any: else requests looks for a password in ~/.netrc
        if access.ca:
            self.verify = access.ca
        if access.certificate:
            self.cert = (access.certificate, access.key) if access.key else access.certificate

    def get_adapter(self, url: str | bytes) -> Adapter:  # noqa: ARG002 - it is the same for all
        """The one whose answers end in time, whatever prometheus-api-client mounts."""
        return self._adapter

    def close(self) -> None:
        """Close what is open to the server."""
        self._adapter.close()
        super().close()

    def get(self, url: str | bytes, params: Any = None, **_options: Any) -> requests.Response:
        """As `request`."""
        return self.request("GET", url, params=params)

    def request(self, method: str | bytes, url: str | bytes, *_: Any, **options: Any) -> requests.Response:
        """
        The whole answer, a successful one.

        What the library sets apart from parameters (timeouts, credentials, certificates) is this session's own.

        Raises:
            PrometheusError: there is none.
        """
        parameters = options.get("params") or {}
        place = "data" if method == "POST" else "params"
        with self._turns:
            return self._persistently(str(method), str(url), {place: parameters})

    def exchange(self, method: str, url: str, body: bytes = b"") -> requests.Response:
        """
        The whole answer to a request about configuration, *body* being YAML.

        404 is one where it says what is missing, but for a POST, which has not been done then.

        Raises:
            PrometheusError: there is none.
        """
        options = {"data": body, "headers": {"Content-Type": "application/yaml"}} if body else {}
        with self._turns:
            return self._persistently(method, url, {"headers": {"Accept": "*/*"}} | options)

    def _persistently(self, method: str, url: str, parameters: dict[str, Any]) -> requests.Response:
        for attempt in range(1, ATTEMPTS + 1):
            self._leave_alone()
            last = attempt == ATTEMPTS
            try:
                response = self._once(method, url, parameters)
            except requests.exceptions.SSLError as error:
                raise self._failed(_told(error)) from error
            except (requests.exceptions.ConnectTimeout, requests.exceptions.ConnectionError) as error:
                if last or _hangs(error):
                    raise self._failed(_told(error)) from error
                self._wait(attempt, None)
                continue
            except (requests.exceptions.RequestException, HTTPError, OSError) as error:
                raise self._failed(_told(error)) from error
            later = _retry_after(response.headers.get("Retry-After", ""))
            again = worth_retrying(response.status_code, response.content, asked_to=later is not None)
            if last or not again or (later or 0) > LONGEST_WAIT_SECONDS:
                return self._judged(response)
            self._wait(attempt, later)
        raise AssertionError  # the last attempt returns or raises

    def _once(self, method: str, url: str, parameters: dict[str, Any]) -> requests.Response:
        """One request and all of its answer, within the time for it."""
        with self._lock:
            self.sent += 1
        limit = self._access.timeout_seconds
        deadline = self._waiting.now() + limit
        response = super().request(
            method,
            url,
            **parameters,
            timeout=(min(_CONNECT_SECONDS, limit), limit),
            verify=self.verify,  # else REQUESTS_CA_BUNDLE takes its place
            allow_redirects=False,
            stream=True,
        )
        with response:
            pieces, size = [], 0
            while piece := response.raw.read1(_PIECE, decode_content=True):
                pieces.append(piece)
                size += len(piece)
                if size > MOST_BYTES:
                    message = f"the answer has more than {MOST_BYTES // 1024 // 1024} MiB"
                    raise TooMuchError(message)
                if self._waiting.now() > deadline:
                    raise requests.exceptions.ReadTimeout
        response._content = b"".join(pieces)  # noqa: SLF001 - requests has no other way to read with a deadline
        return response

    def _judged(self, response: requests.Response) -> requests.Response:
        """The *response*, unless it is an error."""
        found = self._fault(response)
        if found is None or isinstance(found, RefusedError):
            with self._lock:
                self._failures = 0
        if found is None:
            return response
        if isinstance(found, UnreachableError):
            raise self._failed(str(found), found.status)
        raise found

    def _fault(self, response: requests.Response) -> PrometheusError | None:
        """What is wrong with a *response*; secrets are taken out before it is cut short, which may be amid one."""
        if response.status_code in (OK, ACCEPTED):
            return None
        if response.request.method != "POST" and nothing_there(response.status_code, response.content):
            return None
        body = self._access.redacted(response.content.decode("utf-8", "replace"))
        location = self._access.redacted(response.headers.get("Location", ""))
        return fault(response.status_code, body.encode(), location)

    def _failed(self, why: str, status: int = 0) -> UnreachableError:
        with self._lock:
            self._failures += 1
        return UnreachableError(self._access.redacted(why), status)

    def _leave_alone(self) -> None:
        if self._failures >= FAILURES:
            message = f"the server is left alone after {FAILURES} failures in a row"
            raise UnreachableError(message)

    def _wait(self, attempt: int, later: float | None) -> None:
        """
        Let time pass before the next attempt.

        Source: https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/ (full jitter)
        """
        longest = _FIRST_WAIT_SECONDS * 2**attempt
        self._waiting.sleep(random.uniform(0, longest) if later is None else later)  # noqa: S311 - it is no secret


class _Authorization(AuthBase):
    """Who asks."""

    def __init__(self, access: Access) -> None:
        self._value = access.authorization

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._value:
            request.headers["Authorization"] = self._value
        return request


def _hangs(error: Exception) -> bool:
    """Whether a connection was made and nothing came: to ask again would double the wait, and what the server does."""
    return isinstance(error, requests.exceptions.ReadTimeout) or "Read timed out" in str(error)


def _told(error: Exception) -> str:
    """What happened, in fewer words than the libraries have for it, and without the address, which may be secret."""
    text = str(error)
    if isinstance(error, requests.exceptions.SSLError):
        told = next((told for words, told in _SECURITY if words in text), "")
        reason = text.partition("certificate verify failed: ")[2].partition(" (_ssl")[0]
        return told or f"its certificate is not trusted{f': {reason}' if reason else ''}"
    if _hangs(error):
        return "it does not answer in time"
    if isinstance(error, requests.exceptions.ConnectTimeout):
        return "it cannot be reached in time"
    for words, told in _CAUSES:
        if words in text:
            return told
    return f"the connection fails ({type(error).__name__})"


_UNUSABLE: Final = "the certificate or its key cannot be used"
_SECURITY: Final = (
    ("certificate required", "it wants a certificate of the client's"),
    ("alert unknown ca", "it does not take the client's certificate"),
    ("alert bad certificate", "it does not take the client's certificate"),
    ("alert certificate", "it does not take the client's certificate"),
    ("alert handshake failure", "it does not agree to a connection, perhaps for want of a certificate of the client's"),
    ("EOF occurred", "it ends the secure connection at once, as where it wants another certificate of the client's"),
    ("KEY_VALUES_MISMATCH", f"{_UNUSABLE}: they do not belong together"),
    ("PEM lib", _UNUSABLE),
)
"""How OpenSSL says what is wrong with what the client shows, from the most to the least that is known."""
_CAUSES: Final = (
    ("Could not find the TLS", "the certificate or its key is not there"),
    ("Connection refused", "nothing listens there"),
    ("NameResolutionError", "its name is not known"),
    ("IncompleteRead", "the answer breaks off"),
    ("Remote end closed", "it closes the connection without an answer"),
    ("Connection reset", "it resets the connection"),
    ("Connection aborted", "it breaks the connection off"),
    ("InvalidSchema", "the address is none of the web"),
)


def _retry_after(text: str) -> float | None:
    """
    Seconds that a server asks to wait for; None where it does not.

    Source: https://www.rfc-editor.org/rfc/rfc9110#name-retry-after
    """
    if text.strip().isdecimal():
        return float(text)
    try:
        moment = email.utils.parsedate_to_datetime(text)
    except ValueError:
        return None
    return max(moment.timestamp() - time.time(), 0.0)

"""A server on a real socket that answers as badly as it is told to, and counts how often it is asked."""

import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as it arrived."""

    method: str
    path: str
    query: str
    body: str
    headers: dict[str, str]

    @property
    def parameters(self) -> dict[str, str]:
        """Those of a form, wherever they stood."""
        return {name: values[0] for name, values in parse_qs(self.body or self.query).items()}


@dataclass(slots=True)
class Faulty:
    """The server: where it is, the socket at which it listens, and what it was asked."""

    url: str
    listening: socket.socket
    asked: list[Asked] = field(default_factory=list)
    stopping: threading.Event = field(default_factory=threading.Event)


Answering = Callable[["Answer", Asked], None]


class Answer(BaseHTTPRequestHandler):
    """What an answering function writes to."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else the body of each answer waits 40 ms for the header to be acknowledged
    faulty: Faulty
    answering: Answering

    def _any(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length).decode()
        parts = urlsplit(self.path)
        asked = Asked(self.command, parts.path, parts.query, body, dict(self.headers.items()))
        self.faulty.asked.append(asked)
        type(self).answering(self, asked)

    do_GET = do_POST = do_DELETE = _any  # noqa: N815 - so they are called

    def send(self, status: int, body: str | bytes, headers: dict[str, str] | None = None) -> None:
        """A whole answer."""
        text = body.encode() if isinstance(body, str) else body
        self.send_response(status)
        for name, value in {"Content-Length": str(len(text)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(text)

    def hang(self) -> None:
        """Say nothing more until the test is over."""
        self.faulty.stopping.wait(60)
        self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Nobody reads it."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """Clients that go away are what is tested."""


@contextmanager
def faulty(answering: Answering, *, tls: ssl.SSLContext | None = None) -> Iterator[Faulty]:
    """A server that answers by *answering*, until the block ends."""
    scheme = "https" if tls else "http"

    class Handler(Answer):
        pass

    with _Server(("127.0.0.1", 0), Handler) as server:
        if tls:
            server.socket = tls.wrap_socket(server.socket, server_side=True)
        found = Faulty(f"{scheme}://127.0.0.1:{server.server_port}", server.socket)
        Handler.faulty, Handler.answering = found, staticmethod(answering)
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield found
        finally:
            found.stopping.set()
            server.shutdown()
            thread.join()


def vector(*values: float) -> str:
    """A right answer to an instant query."""
    result = [{"metric": {"n": str(n)}, "value": [0, str(value)]} for n, value in enumerate(values)]
    return success({"resultType": "vector", "result": result})


def success(data: Any, **more: Any) -> str:
    """A right answer."""
    return json.dumps({"status": "success", "data": data, **more})


def refusal(kind: str, message: str) -> str:
    """How Prometheus says that something is wrong."""
    return json.dumps({"status": "error", "errorType": kind, "error": message})


@cache
def closed_port() -> int:
    """A port at which nothing listens, nor will while these tests run: it is taken, so that nobody else is given it."""
    taken = socket.socket()
    taken.bind(("127.0.0.1", 0))
    port: int = taken.getsockname()[1]
    taken.detach()  # it stays bound until this process ends
    return port

"""A real VictoriaMetrics with a real vmalert on loopback, and a shop to scrape that can be broken."""

import json
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from live.server import _environment as environment
from live.server import _free_port as free_port
from live.server import _stop as stop
from live.server import eventually


@dataclass
class Shop:
    """
    Requests that are served since *began*, none of them with an error until the shop is broken.

    No error has been counted until then, so their series does not exist.
    """

    began: float = field(default_factory=time.time)
    broken: float | None = None

    def metrics(self) -> str:
        now = time.time()
        errors = 100 * (now - self.broken) if self.broken else 0.0
        lines = [f'requests_total{{code="200"}} {100 * (now - self.began) - errors}']
        if self.broken:
            lines.append(f'requests_total{{code="500"}} {errors}')
        return "".join(f"{line}\n" for line in lines)


@contextmanager
def serving(shop: Shop) -> Iterator[str]:
    """The address of the shop, for as long as it is open."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = shop.metrics().encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/plain; version=0.0.4")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nobody reads it."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@dataclass(frozen=True, slots=True)
class Daemon:
    """A server that answers."""

    port: int
    log: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def get(self, path: str, **parameters: str) -> Any:
        """What it answers, as JSON, its envelope taken off."""
        status, body = self.ask(f"{path}?{urlencode(parameters)}")
        assert status == 200, body
        return json.loads(body)["data"]

    def ask(self, path: str) -> tuple[int, bytes]:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()

    def ready(self) -> bool:
        try:
            return self.ask("/health")[0] == 200
        except (OSError, HTTPException):
            return False


@contextmanager
def running(binary: Path, folder: Path, arguments: Callable[[int], list[str]]) -> Iterator[Daemon]:
    """A server that is ready, until the block ends."""
    port = free_port()
    log = folder / f"{binary.name}.log"
    command: list[str | Path] = [binary, f"-httpListenAddr=127.0.0.1:{port}", *arguments(port)]
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=folder, stdout=output, stderr=subprocess.STDOUT, env=environment())
    daemon = Daemon(port, log)
    try:
        assert eventually(lambda: daemon.ready() or process.poll() is not None, bool)
        assert process.poll() is None, log.read_text()
        yield daemon
    finally:
        stop(process)


@contextmanager
def storing(victoriametrics: Path, folder: Path, scrapes: Mapping[str, Any]) -> Iterator[Daemon]:
    """A VictoriaMetrics as it is by default, but for what it scrapes."""
    (folder / "scrapes.json").write_text(json.dumps(scrapes), "utf-8")
    with running(
        victoriametrics,
        folder,
        lambda _port: ["-storageDataPath=data", "-promscrape.config=scrapes.json", "-memory.allowedBytes=256MB"],
    ) as daemon:
        yield daemon


@contextmanager
def alerting(vmalert: Path, folder: Path, store: Daemon) -> Iterator[Daemon]:
    """A vmalert as it is by default, which evaluates every rule file of *folder*."""
    with running(
        vmalert,
        folder,
        lambda _port: [
            "-rule=*.rules.yaml",
            f"-datasource.url={store.url}",
            f"-remoteWrite.url={store.url}",
            "-notifier.blackhole",
        ],
    ) as daemon:
        yield daemon

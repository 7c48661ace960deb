"""A real VictoriaMetrics with a real vmalert on loopback, and a shop to scrape that can be broken."""

import json
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from live.server import PATIENCE_SECONDS, Server, eventually
from live.server import _environment as environment
from live.server import _free_port as free_port
from live.server import _stop as stop


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


@contextmanager
def running(binary: Path, folder: Path, *flags: str) -> Iterator[Server]:
    """A server that is ready, until the block ends."""
    port, log = free_port(), folder / f"{binary.name}.log"
    command: list[str | Path] = [binary, f"-httpListenAddr=127.0.0.1:{port}", *flags]
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=folder, stdout=output, stderr=subprocess.STDOUT, env=environment())
    try:
        assert eventually(lambda: healthy(port) or process.poll() is not None, bool)
        assert process.poll() is None, log.read_text()
        yield Server(port, process, log)
    finally:
        stop(process)


def healthy(port: int) -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE_SECONDS)
    try:
        connection.request("GET", "/health")
        return connection.getresponse().status == HTTPStatus.OK
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


@contextmanager
def storing(victoriametrics: Path, folder: Path, scrapes: Mapping[str, Any], *flags: str) -> Iterator[Server]:
    """A VictoriaMetrics as it is by default, but for what it scrapes and more *flags*."""
    (folder / "scrapes.json").write_text(json.dumps(scrapes), "utf-8")
    own = ("-storageDataPath=data", "-promscrape.config=scrapes.json", "-memory.allowedBytes=256MB")
    with running(victoriametrics, folder, *own, *flags) as server:
        yield server


@contextmanager
def alerting(vmalert: Path, folder: Path, store: Server, *flags: str) -> Iterator[Server]:
    """A vmalert as it is by default but for more *flags*, which evaluates every rule file of *folder*."""
    own = ("-rule=*.rules.yaml", f"-datasource.url={store.url}", f"-remoteWrite.url={store.url}", "-notifier.blackhole")
    with running(vmalert, folder, *own, *flags) as server:
        yield server

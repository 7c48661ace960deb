"""A shop to scrape that can be broken."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


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

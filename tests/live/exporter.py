"""
A service to scrape whose share of errors is known: 20 % in region eu, 40 % in us, 30 % in both together.

With each scrape every counter grows by as much as with the last, so any window over them has that share.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import Final

ERRORS: Final = {"eu": 20, "us": 40}
"""Of 100 events in each region, between two scrapes."""
SHARES: Final = {"eu": 0.2, "us": 0.4, "": 0.3}
"""The same as error ratios; of both regions together under no name."""


@contextmanager
def exporting() -> Iterator[str]:
    """The address of an exporter, for as long as it runs."""
    scrapes = count(1)
    with serving(lambda: metrics(next(scrapes))) as address:
        yield address


@contextmanager
def serving(page: Callable[[], str]) -> Iterator[str]:
    """The address at which every scrape is given a new *page*, for as long as it is open."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = page().encode()
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


def metrics(scrape: int) -> str:
    """What the exporter shows when it is scraped for the *scrape*-th time."""
    return "".join(f"{name} {value}\n" for region in ERRORS for name, value in _series(region, scrape))


def _series(region: str, scrape: int) -> Iterator[tuple[str, int]]:
    every, bad = 100 * scrape, ERRORS[region] * scrape
    label = f'region="{region}"'
    yield f'requests_total{{{label},code="200"}}', every - bad
    yield f'requests_total{{{label},code="500"}}', bad
    # One bound for each way of writing it: Prometheus 2 keeps what it reads, 3 does not.
    for name, bound in (("duration_seconds", "0.5"), ("duration_milliseconds", "5e+02"), ("wait_seconds", "1")):
        yield f'{name}_bucket{{{label},le="{bound}"}}', every - bad
        yield f'{name}_bucket{{{label},le="+Inf"}}', every
        yield f"{name}_count{{{label}}}", every
    for target in range(5):
        yield f'probe_success{{{label},target="{target}"}}', int(target >= ERRORS[region] / 20)

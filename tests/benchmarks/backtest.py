"""
How long a backtest takes, in seconds of CPU of this process; ``python tests/benchmarks/backtest.py [SLOS]`` prints it.

By default 100 SLOs over 30 days, every minute. A server on loopback answers from memory, so that its own work is not
measured: the history of each SLO is read in answers as Prometheus gives them, decoded, and replayed. Then ten of them
are replayed a second time, from what the cache has kept. Every third SLO has incidents, the others are healthy.
"""

import json
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing import get_context
from multiprocessing.connection import Connection as Pipe
from pathlib import Path
from urllib.parse import parse_qs

import slogen
from slogen import Slo
from slogen.live.access import access
from slogen.live.cache import Cache
from slogen.live.history import Historian
from slogen.live.prometheus import connect
from slogen.replay.history import History
from slogen.replay.replaying import as_written, backtest

DAY = 86_400
STEP = 60
NOW = 1_790_000_000
SINCE = NOW // STEP * STEP - 30 * DAY
AGAIN = 10


def slos(number: int) -> tuple[Slo, ...]:
    """So many, each with counters of its own."""
    found = "".join(
        f"  - {{name: slo-{one}, objective: 99.9, sli: {{availability: {{total: 'served_total{{job=\"{one}\"}}', "
        f"bad: 'failed_total{{job=\"{one}\"}}'}}}}}}\n"
        for one in range(number)
    )
    text = f"apiVersion: slogen/v1\nservice: shop\nslos:\n{found}"
    return slogen.compile({"slos/shop.yaml": text}, targets=["prometheus"]).slos


class Answering(BaseHTTPRequestHandler):
    """Answers as Prometheus does: a series of events, or of errors, that depends on the job alone."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        asked = {name: values[0] for name, values in parse_qs(self._read()).items()}
        if self.path.endswith("/query"):
            answer = {"resultType": "scalar", "result": [NOW, str(NOW)]}
        else:
            answer = {"resultType": "matrix", "result": [{"metric": {}, "values": list(_values(asked))}]}
        body = json.dumps({"status": "success", "data": answer}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _read(self) -> str:
        return self.rfile.read(int(self.headers["Content-Length"])).decode()

    def log_message(self, *_: object) -> None:
        """Nothing."""


def _values(asked: dict[str, str]) -> Iterator[tuple[int, str]]:
    job = int(asked["query"].split('job="')[1].split('"')[0])
    failing = "failed_total" in asked["query"]
    for moment in range(int(asked["start"]), int(asked["end"]) + 1, int(asked["step"])):
        noise = (moment // STEP * 7_919 + job * 104_729) % 1_009 / 1_009
        rate = 100 + noise * 10
        bad = 0.02 if job % 3 == 0 and (moment // 3_600 + job) % 100 == 0 else 0.0004 * noise
        yield moment, str(rate * bad if failing else rate)


def _serve(pipe: Pipe) -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    pipe.send(server.server_address[1])
    pipe.recv()


@contextmanager
def answering() -> Iterator[str]:
    """The address of a server in a process of its own."""
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs,))
    process.start()
    try:
        yield f"http://127.0.0.1:{ours.recv()}"
    finally:
        ours.send(None)
        process.join()


def read(url: str, folder: Path, chosen: tuple[Slo, ...]) -> tuple[list[History], float, int]:
    """The histories of SLOs, the CPU that it took to have them, and the requests."""
    given = access(url)
    begun = time.process_time()
    with closing(connect(given)) as connection:
        historian = Historian(connection, Cache(folder, given), step=STEP, now=NOW, end=NOW)
        histories = [historian.history([slo], SINCE) for slo in chosen]
    return histories, time.process_time() - begun, connection.requests


def replay(chosen: tuple[Slo, ...], histories: list[History]) -> tuple[int, float]:
    """How many alerts there were, and the CPU that it took to find them."""
    begun = time.process_time()
    found = [backtest([as_written(slo)], history, SINCE) for slo, history in zip(chosen, histories, strict=True)]
    fired = sum(len(group.firings) for one in found for replayed in one.replays for group in replayed.groups)
    return fired, time.process_time() - begun


def main() -> None:
    """Print the figures."""
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    every = slos(number)
    with tempfile.TemporaryDirectory() as folder, answering() as url:
        histories, decoding, requests = read(url, Path(folder) / "cache", every)
        fired, replaying = replay(every, histories)
        print(f"{number} SLOs, 30 days, every minute: {fired} alerts")
        print(f"  reading and decoding {decoding:6.2f} s   {requests} requests")
        print(f"  replaying            {replaying:6.2f} s   {replaying / number * 1000:.1f} ms each")
        few = every[:AGAIN]
        begun = time.monotonic()
        histories, decoding, requests = read(url, Path(folder) / "cache", few)
        fired, replaying = replay(few, histories)
        waited = time.monotonic() - begun
        print(f"{len(few)} SLOs again, from the cache: {fired} alerts")
        print(f"  reading and decoding {decoding:6.2f} s   {requests} requests")
        print(f"  replaying            {replaying:6.2f} s")
        print(f"  in all               {waited:6.2f} s by the clock, the server's answers for the last day among them")


if __name__ == "__main__":
    main()

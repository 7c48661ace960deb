"""
What `slogen validate` asks of a server for an SLO, what that takes of the local processor, and how long 200 SLOs take.

    python tests/benchmarks/validate.py

A real server has a day of the counters and the histograms of 40 services with five SLOs each, and evaluates their
rules; a process between the two delays each answer by 50 ms. Start-up is apart: what an SLO takes is the difference
between 200 SLOs and five of them.
"""

import json
import multiprocessing
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final, NamedTuple

TESTS: Final = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TESTS))

from live import backfill  # noqa: E402 - found from the folder of the tests
from live.server import Toolchain, running  # noqa: E402
from toolchain import debian_prometheus  # noqa: E402

SERVICES: Final = 40
OF_SERVICE: Final = 5
SCRAPE: Final = 30
DAY: Final = 86_400
DELAY_SECONDS: Final = 0.05
JOBS: Final = 8

SLOS: Final = """\
apiVersion: slogen/v1
service: shop{n}
slos:
  - name: availability
    objective: 99
    sli: {{availability: {{total: 'requests_total{{job="{n}"}}', bad: 'requests_total{{job="{n}",code="500"}}'}}}}
  - name: good
    objective: 99
    sli: {{availability: {{total: 'requests_total{{job="{n}"}}', good: 'requests_total{{job="{n}",code="200"}}'}}}}
  - name: by-region
    objective: 99
    group_by: [region]
    sli: {{availability: {{total: 'requests_total{{job="{n}"}}', bad: 'requests_total{{job="{n}",code="500"}}'}}}}
  - name: latency
    objective: 99
    sli: {{latency: {{histogram: 'duration_seconds{{job="{n}"}}', threshold: 500ms}}}}
  - name: misspelt
    objective: 99
    sli: {{availability: {{total: 'requests_total{{job="{n}"}}', bad: 'requests_total{{job="{n}",cod="500"}}'}}}}
"""


class Run(NamedTuple):
    """One run of validate."""

    slos: int
    requests: int
    processor_seconds: float
    seconds: float


def history(now: int) -> Iterator[backfill.Series]:
    """A day of counters, in two regions, and of histograms."""

    def rising(series: str, each: int) -> backfill.Series:
        return series, ((moment, each * n) for n, moment in enumerate(range(now - DAY, now + 1, SCRAPE), 1))

    for n in range(SERVICES):
        for region in ("eu", "us"):
            for code, each in (("200", 995), ("500", 5)):
                yield rising(f'requests_total{{job="{n}",region="{region}",code="{code}"}}', each)
        for bound, each in (("0.1", 900), ("0.5", 995), ("+Inf", 1_000)):
            yield rising(f'duration_seconds_bucket{{job="{n}",le="{bound}"}}', each)
        yield rising(f'duration_seconds_count{{job="{n}"}}', 1_000)


def _delay(port: int, listening: "multiprocessing.Queue[int]") -> None:
    """Pass requests on to *port*, each answer later than it comes; in a process of its own."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _any(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            upstream = HTTPConnection("127.0.0.1", port)
            kept = {name: text for name, text in self.headers.items() if name.lower() != "accept-encoding"}
            upstream.request(self.command, self.path, body, kept)
            response = upstream.getresponse()
            answer = response.read()
            time.sleep(DELAY_SECONDS)
            self.send_response(response.status)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)
            upstream.close()

        do_GET = do_POST = _any  # noqa: N815 - so they are called

        def log_message(self, *_: object) -> None:
            """Nobody reads it."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        listening.put(server.server_port)
        server.serve_forever()


@contextmanager
def delayed(port: int) -> Iterator[str]:
    """The address of what delays the answers of *port*."""
    listening: multiprocessing.Queue[int] = multiprocessing.Queue()
    process = multiprocessing.Process(target=_delay, args=(port, listening), daemon=True)
    process.start()
    try:
        yield f"http://127.0.0.1:{listening.get()}"
    finally:
        process.terminate()
        process.join()


def validated(folder: Path, url: str, *paths: str) -> Run:
    """One run over *paths*, eight questions at once."""
    command = [str(Path(sys.executable).with_name("slogen")), "validate", "--prometheus", url, "--format", "json"]
    environment = {name: text for name, text in os.environ.items() if not name.lower().endswith("_proxy")}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(
        [*command, "--jobs", str(JOBS), *paths],
        cwd=folder,
        check=False,
        capture_output=True,
        text=True,
        env=environment,
    )
    seconds = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    told: Any = json.loads(done.stdout)
    assert done.returncode in (0, 1), done.stdout + done.stderr
    slos = len({result["slo"] for result in told["results"]})
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Run(slos, told["server"]["requests"], processor, seconds)


def most_requests(folder: Path, url: str) -> Mapping[str, int]:
    """How many requests the SLOs of one service take, each asked for alone."""
    text = (folder / "slos/shop0.yaml").read_text()
    head, *slos = text.split("  - name: ")
    found = {}
    for slo in slos:
        name = slo.partition("\n")[0]
        alone = folder / "alone.yaml"
        alone.write_text(f"{head}  - name: {slo}")
        found[name] = validated(folder, url, "alone.yaml").requests
        alone.unlink()
    return found


def main() -> None:
    """Print what is asked, what it takes, and how long it lasts."""
    place, _ = debian_prometheus.provide(3, TESTS.parent / ".cache/prometheus", os.environ)
    tools = Toolchain(3, place / "prometheus", place / "promtool")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "slogen.yaml").touch()
        (folder / "slos").mkdir()
        for n in range(SERVICES):
            (folder / f"slos/shop{n}.yaml").write_text(SLOS.format(n=n))
        slogen = str(Path(sys.executable).with_name("slogen"))
        subprocess.run(
            [slogen, "compile", "slos", "--target", "prometheus"], cwd=folder, check=True, capture_output=True
        )
        backfill.write(folder / "history.txt", history(int(time.time()) // SCRAPE * SCRAPE))
        backfill.raw(tools, folder / "server", folder / "history.txt")
        rules = {"rule_files": [f"{folder}/generated/prometheus/*.yaml"]}
        with running(tools, folder / "server", lambda _: rules) as server:
            for slo, requests in most_requests(folder, server.url).items():
                print(f"{slo:14} {requests:3} requests, alone")
            few, many = (validated(folder, server.url, path) for path in ("slos/shop0.yaml", "slos"))
            processor = (many.processor_seconds - few.processor_seconds) / (many.slos - few.slos)
            each = f"{many.requests / many.slos:.1f} requests and {processor * 1000:.0f} ms of a processor each"
            print(f"{many.slos} SLOs: {each}; {many.seconds:.1f} s in all")
            with delayed(server.port) as url:
                run = validated(folder, url, "slos")
            print(f"{run.slos} SLOs, answers {DELAY_SECONDS * 1000:.0f} ms late, {JOBS} at once: {run.seconds:.1f} s")


if __name__ == "__main__":
    main()

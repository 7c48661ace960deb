"""
What rules cost a Prometheus that really runs: the processor time of the whole process, scrapes and storage included.

    python tests/benchmarks/engine.py [SLOS [SECONDS]]

So many SLOs (1,000) of ten series each are scraped every 30 s, by one server for each rule set, all side by side; after
a minute in which groups have their first turn, the processor time of so many seconds (180) is taken. Nothing is in the
database but what was scraped meanwhile, so rules that read days of counters find minutes and cost less than they would.
"""

import os
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import yaml

TESTS: Final = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TESTS))

from benchmarks.rule_sets import METRIC, service_of, sloth  # noqa: E402 - found from the folder of the tests
from live.exporter import serving  # noqa: E402
from live.server import Server, Toolchain, running  # noqa: E402
from toolchain import debian_prometheus  # noqa: E402

if TYPE_CHECKING:
    from multiprocessing.queues import Queue

SCRAPE: Final = 30
PODS: Final = 5
WARM: Final = 60
TICKS: Final = os.sysconf("SC_CLK_TCK")
SIZES: Final = (1, 5, 20)


class Taken(NamedTuple):
    """Of one server: processor seconds, resident megabytes, evaluations, and how many of these came too late."""

    seconds: float
    megabytes: float
    evaluations: float
    missed: float


def rule_files(slos: int) -> dict[str, Callable[[], Iterator[str]]]:
    """The rule files of each rule set."""
    jobs = [str(number) for number in range(slos)]

    def services(size: int, *, isolated: bool = False) -> Iterator[str]:
        for first in range(0, slos, size):
            yield service_of(f"s{first}", jobs[first : first + size], isolated=isolated)

    def sloths() -> Iterator[str]:
        for job in jobs:
            groups = enumerate(sloth(job).groups)
            yield yaml.dump({"groups": [{"name": f"{job}-{kind}", **group} for kind, group in groups]}, Dumper=DUMPER)

    def of(size: int) -> Callable[[], Iterator[str]]:
        return lambda: services(size)

    return {
        "no rules": lambda: iter(()),
        **{f"slogen, {size} SLO{'s' * (size > 1)} a service": of(size) for size in SIZES},
        "slogen, groups per SLO": lambda: services(20, isolated=True),
        "Sloth": sloths,
    }


DUMPER: Final = yaml.CSafeDumper


def _serve(slos: int, port: "Queue[int]") -> None:
    start = time.monotonic()
    with serving(lambda: page(slos, int(time.monotonic() - start))) as address:
        port.put(int(address.rpartition(":")[2]))
        threading.Event().wait()  # until the process is ended


def page(slos: int, elapsed: int) -> str:
    """What the exporter shows: of 100 requests a second in each pod, one in 2,000 fails."""
    counts = {"200": 100 * elapsed, "500": elapsed // 20}
    return "".join(
        f'{METRIC}{{job="{job}",pod="{pod}",code="{code}"}} {count}\n'
        for job in range(slos)
        for pod in range(PODS)
        for code, count in counts.items()
    )


@contextmanager
def exporting(slos: int) -> Iterator[int]:
    """The port of an exporter, which runs in a process of its own."""
    context = get_context("spawn")
    port: Queue[int] = context.Queue()
    process = context.Process(target=_serve, args=(slos, port), daemon=True)
    process.start()
    try:
        yield port.get(timeout=60)
    finally:
        process.terminate()
        process.join()


def configuration(port: int) -> dict[str, Any]:
    """What the servers scrape, each at its own moment."""
    shop = {"job_name": "shop", "honor_labels": True, "static_configs": [{"targets": [f"127.0.0.1:{port}"]}]}
    every = f"{SCRAPE}s"
    return {
        "global": {"scrape_interval": every, "evaluation_interval": every},
        "rule_files": ["rules/*.yaml"],
        "scrape_configs": [shop],
    }


def used(server: Server) -> float:
    """
    Processor seconds of the server so far.

    Source: https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
    """
    fields = Path(f"/proc/{server.process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def figures(server: Server) -> dict[str, float]:
    """What the server says of its rules."""
    text = server.metrics()
    found: dict[str, float] = {}
    for line in text.splitlines():
        name, _, value = line.rpartition(" ")
        if name and not name.startswith("#"):
            metric = name.partition("{")[0]
            found[metric] = found.get(metric, 0) + float(value)
    return found


def measure(tools: Toolchain, slos: int, seconds: int) -> dict[str, Taken]:
    """Run a server for each rule set, side by side."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        port = stack.enter_context(exporting(slos))
        servers: dict[str, Server] = {}
        for number, (shape, texts) in enumerate(rule_files(slos).items()):
            place = folder / str(number)
            (place / "rules").mkdir(parents=True)
            for index, text in enumerate(texts()):
                (place / "rules" / f"{index}.yaml").write_text(text)
            servers[shape] = stack.enter_context(running(tools, place, lambda _own: configuration(port)))
        time.sleep(WARM)
        before = {shape: (used(server), figures(server)) for shape, server in servers.items()}
        time.sleep(seconds)
        return {shape: _taken(server, *before[shape]) for shape, server in servers.items()}


def _taken(server: Server, spent: float, then: dict[str, float]) -> Taken:
    seconds, now = used(server) - spent, figures(server)

    def more(metric: str) -> float:
        return now.get(metric, 0) - then.get(metric, 0)

    return Taken(
        seconds,
        now["process_resident_memory_bytes"] / 1e6,
        more("prometheus_rule_evaluations_total"),
        more("prometheus_rule_group_iterations_missed_total"),
    )


def main(slos: int = 1000, seconds: int = 180) -> None:
    """Print the table."""
    place = debian_prometheus.folder(2, TESTS.parent / ".cache/prometheus", os.environ)
    version = debian_prometheus.version(place, 2)
    found = measure(Toolchain(2, place / "prometheus", place / "promtool"), slos, seconds)
    print("| rules of | CPU s | of a core | without scraping | MB | evaluations | too late |")
    print("|---|--:|--:|--:|--:|--:|--:|")
    idle = found["no rules"].seconds
    for shape, one in found.items():
        print(
            f"| {shape} | {one.seconds:.1f} | {one.seconds / seconds:.1%} | {one.seconds - idle:.1f} "
            f"| {one.megabytes:.0f} | {one.evaluations:,.0f} | {one.missed:.0f} |"
        )
    print(f"\nPrometheus {version}, {slos:,} SLOs of ten series, {seconds} s, on {os.cpu_count()} cores.")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))

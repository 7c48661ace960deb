"""A real Prometheus on loopback, started for a test and stopped with it."""

import json
import os
import re
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlencode

PATIENCE_SECONDS = 120.0
"""How long anything is waited for; machines that run tests are busy, so only what hangs takes this long."""
_PAUSE_SECONDS = 0.1

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Toolchain:
    """Server and promtool of one major version."""

    major: int
    prometheus: Path
    promtool: Path


@dataclass(frozen=True, slots=True)
class Sample:
    """A series and its value at one moment."""

    labels: Mapping[str, str]
    value: float


@dataclass(frozen=True, slots=True)
class Server:
    """A Prometheus that answers."""

    port: int
    process: "subprocess.Popen[bytes]" = field(repr=False)
    log: Path

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    def api(self, path: str, **parameters: str) -> Any:
        """What the HTTP API answers, its envelope taken off."""
        status, body = self._ask("POST" if parameters else "GET", f"/api/v1/{path}", urlencode(parameters))
        answer = json.loads(body)
        assert status == 200, f"{path} {parameters}: {answer}"
        assert answer["status"] == "success", f"{path} {parameters}: {answer}"
        return answer["data"]

    def query(self, expr: str, at: float | None = None) -> list[Sample]:
        """The instant vector that *expr* is, now or at a moment given in Unix seconds."""
        moment = {} if at is None else {"time": f"{at:.3f}"}
        result = self.api("query", query=expr, **moment)["result"]
        return [Sample(one["metric"], float(one["value"][1])) for one in result if "value" in one]

    def query_at(self, expr: str, start: int, end: int, step: int) -> dict[int, float]:
        """The values of *expr*, one series at most, at every *step* from *start* to *end*, by their moment."""
        result = self.api("query_range", query=expr, start=str(start), end=str(end), step=str(step))["result"]
        assert len(result) <= 1, f"{expr} is several series: {[one['metric'] for one in result]}"
        return {int(moment): float(value) for one in result for moment, value in one["values"]}

    def groups(self) -> list[dict[str, Any]]:
        """Every rule group as the rules API shows it."""
        groups: list[dict[str, Any]] = self.api("rules")["groups"]
        return groups

    def rules(self) -> list[dict[str, Any]]:
        """Every rule of every group."""
        return [rule for group in self.groups() for rule in group["rules"]]

    def firing(self) -> list[dict[str, Any]]:
        """Every alert that fires."""
        return [alert for alert in self.api("alerts")["alerts"] if alert["state"] == "firing"]

    def metrics(self) -> str:
        """What it shows of itself to whoever scrapes it."""
        status, body = self._ask("GET", "/metrics")
        assert status == 200
        return body.decode()

    def reload(self) -> None:
        """Read the configuration and the rule files again."""
        status, body = self._ask("POST", "/-/reload")
        assert status == 200, body.decode()

    def ready(self) -> bool:
        """Whether it has loaded its data and its rules."""
        try:
            return self._ask("GET", "/-/ready")[0] == 200
        except (OSError, HTTPException):
            return False

    def complaints(self) -> list[str]:
        """What its rule engine warned of: samples that it could not write, above all."""
        lines = self.log.read_text().splitlines()
        return [line for line in lines if "rule manager" in line and re.search(r"\blevel=(?i:warn|error)", line)]

    def _ask(self, method: str, path: str, body: str = "") -> tuple[int, bytes]:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_SECONDS)
        try:
            connection.request(method, path, body or None, {"Content-Type": "application/x-www-form-urlencoded"})
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()


@contextmanager
def running(
    tools: Toolchain,
    folder: Path,
    configuration: Callable[[int], Mapping[str, Any]] = lambda _port: {},
    *flags: str,
    port: int | None = None,
    retention: str = "100y",
) -> Iterator[Server]:
    """
    A Prometheus whose data lie in *folder*/data, until the block ends.

    Args:
        configuration: what stands in its configuration file, given the port that it listens on.
        flags: more of its flags.
        port: where it listens; by default anywhere.
        retention: how long it keeps samples; by default history may lie anywhere in the past.
    """
    kept = f"--storage.tsdb.retention.time={retention}"
    with started(lambda free: _start(tools, folder, configuration, (kept, *flags), free), port) as server:
        yield server


@contextmanager
def started(start: Callable[[int], Server], port: int | None = None) -> Iterator[Server]:
    """A server that is ready, until the block ends; another port is tried where somebody else was faster to take it."""
    server = _ready(start, port)
    try:
        yield server
    finally:
        _stop(server.process)


def _ready(start: Callable[[int], Server], port: int | None) -> Server:
    for _ in range(5):
        server = start(port or _free_port())
        if _becomes_ready(server):
            return server
        _stop(server.process)
        if "address already in use" not in server.log.read_text():
            break
    raise AssertionError(f"the server did not start:\n{server.log.read_text()}")


def _becomes_ready(server: Server) -> bool:
    """Whether it answers within the time that it has; who is interrupted while waiting leaves nothing running."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    try:
        while server.process.poll() is None and time.monotonic() < deadline:
            if server.ready():
                return True
            time.sleep(_PAUSE_SECONDS)
    except KeyboardInterrupt:
        _stop(server.process)
        raise
    return False


def _start(
    tools: Toolchain, folder: Path, configuration: Callable[[int], Mapping[str, Any]], flags: tuple[str, ...], port: int
) -> Server:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "prometheus.yml").write_text(json.dumps(configuration(port)))
    command = [
        str(tools.prometheus),
        "--config.file=prometheus.yml",
        "--storage.tsdb.path=data",
        "--storage.tsdb.min-block-duration=2h",  # history is read as it was written, not compacted
        "--storage.tsdb.max-block-duration=2h",
        f"--web.listen-address=127.0.0.1:{port}",
        "--web.enable-lifecycle",
        *flags,
    ]
    return launched(command, folder, port)


def launched(command: list[str], folder: Path, port: int, *, cwd: Path | None = None) -> Server:
    """What *command* starts in *folder*, or *cwd*, which is to listen on *port*; its log goes to *folder*."""
    log = folder / f"{Path(command[0]).name}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=cwd or folder, stdout=output, stderr=subprocess.STDOUT, env=_environment()
        )
    return Server(port, process, log)


def _stop(process: "subprocess.Popen[bytes]") -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(PATIENCE_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _free_port() -> int:
    with socket.socket() as chosen:
        chosen.bind(("127.0.0.1", 0))
        port: int = chosen.getsockname()[1]
        return port


def _environment() -> dict[str, str]:
    """The test's own, less what would send requests to loopback through a proxy."""
    return {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}


def run(command: list[str | Path], folder: Path) -> str:
    """What a promtool command in *folder* prints; it has to succeed."""
    ended = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, env=_environment())
    assert ended.returncode == 0, f"{command}\n{ended.stdout}{ended.stderr}"
    return ended.stdout + ended.stderr


def eventually(found: Callable[[], _T], enough: Callable[[_T], bool], *, within: float = PATIENCE_SECONDS) -> _T:
    """What *found* gives once it is *enough*; what it gave last when that took too long, for the test to judge."""
    deadline = time.monotonic() + within
    while not enough(result := found()) and time.monotonic() < deadline:
        time.sleep(_PAUSE_SECONDS)
    return result

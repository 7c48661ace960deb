"""VictoriaMetrics on loopback, and vmalert, which evaluates rules for it."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from live.backfill import Series
from live.server import PATIENCE_SECONDS, Server, launched, started


@contextmanager
def storing(binary: Path, folder: Path, configuration: Mapping[str, Any] | None = None) -> Iterator[Server]:
    """
    A VictoriaMetrics whose data lie in *folder*/data, until the block ends.

    Args:
        configuration: what it scrapes, as Prometheus would.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "scrape.yml").write_text(json.dumps(configuration or {}))
    flags = ["-storageDataPath=data", "-retentionPeriod=100y", "-promscrape.config=scrape.yml"]

    def start(port: int) -> Server:
        return launched([str(binary), *flags, f"-httpListenAddr=127.0.0.1:{port}"], folder, port)

    with started(start) as server:
        yield server


@contextmanager
def evaluating(binary: Path, folder: Path, store: Server, *flags: str) -> Iterator[Server]:
    """A vmalert that evaluates *folder*/rules/*.yaml over what *store* has, until the block ends."""
    folder.mkdir(parents=True, exist_ok=True)
    own = [f"-datasource.url={store.url}", f"-remoteWrite.url={store.url}", "-rule=rules/*.yaml"]

    def start(port: int) -> Server:
        options = ["-notifier.blackhole", f"-httpListenAddr=127.0.0.1:{port}"]
        return launched([str(binary), *own, *options, *flags], folder, port)

    with started(start) as server:
        yield server


def load(store: Server, series: Iterator[Series]) -> None:
    """
    Put *series* into *store*, to be found at once.

    Source: https://docs.victoriametrics.com/victoriametrics/single-server-victoriametrics/#how-to-import-data-in-prometheus-exposition-format
    """
    connection = HTTPConnection("127.0.0.1", store.port, timeout=PATIENCE_SECONDS)
    try:
        for name, samples in series:
            text = "".join(f"{name} {value} {moment * 1000}\n" for moment, value in samples)
            _post(connection, "/api/v1/import/prometheus", text)
        _post(connection, "/internal/force_flush", "")
        _post(connection, "/internal/resetRollupResultCache", "")
    finally:
        connection.close()


def _post(connection: HTTPConnection, path: str, body: str) -> None:
    connection.request("POST", path, body)
    response = connection.getresponse()
    assert response.read() is not None
    assert response.status < 300, (path, response.status)

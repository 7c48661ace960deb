"""VictoriaMetrics on loopback, and vmalert, which evaluates rules for it."""

import json
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from live.backfill import Group, Series, passes
from live.server import PATIENCE_SECONDS, Server, launched, run, started

_AT_ONCE = 100_000
"""Samples of one request."""


@contextmanager
def storing(binary: Path, folder: Path, configuration: Mapping[str, Any] | None = None, *more: str) -> Iterator[Server]:
    """
    A VictoriaMetrics whose data lie in *folder*/data, until the block ends.

    Args:
        configuration: what it scrapes, as Prometheus would.
        more: of its flags.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "scrape.yml").write_text(json.dumps(configuration or {}))
    flags = ["-storageDataPath=data", "-retentionPeriod=100y", "-promscrape.config=scrape.yml"]

    def start(port: int) -> Server:
        return launched([str(binary), *flags, *more, f"-httpListenAddr=127.0.0.1:{port}"], folder, port)

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


def records(
    binary: Path, folder: Path, store: Server, groups: Iterable[Group], spans: Iterable[tuple[int, int]]
) -> None:
    """
    Add to *store* what the recording rules of *groups* give over some spans of the past.

    Source: https://docs.victoriametrics.com/victoriametrics/vmalert/#rules-backfilling
    """
    folder.mkdir(parents=True, exist_ok=True)
    urls = [f"-datasource.url={store.url}", f"-remoteWrite.url={store.url}", "-httpListenAddr=127.0.0.1:0"]
    quick = ["-replay.disableProgressBar", "-replay.rulesDelay=0s", "-remoteWrite.flushInterval=100ms"]
    for layer in passes(groups):
        (folder / "rules.yaml").write_text(json.dumps({"groups": layer}))
        for span in spans:
            moments = (time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(moment)) for moment in span)
            when = [f"-replay.{name}={moment}" for name, moment in zip(("timeFrom", "timeTo"), moments, strict=True)]
            run([binary, "-rule=rules.yaml", *urls, *quick, *when], folder)
        settle(store)


def load(store: Server, series: Iterable[Series]) -> None:
    """
    Put *series* into *store*.

    Source: https://docs.victoriametrics.com/victoriametrics/single-server-victoriametrics/#how-to-import-data-in-prometheus-exposition-format
    """
    lines: list[str] = []
    for name, samples in series:
        lines.extend(f"{name} {value} {at * 1000}\n" for at, value in samples)
        if len(lines) > _AT_ONCE:
            _post(store, "/api/v1/import/prometheus", "".join(lines))
            lines.clear()
    _post(store, "/api/v1/import/prometheus", "".join(lines))
    settle(store)


def settle(store: Server) -> None:
    """
    Let all that was written be found.

    It is not at once, new series are up to ten seconds later, and not where the answer of before is remembered.
    """
    _post(store, "/internal/force_flush", "")
    _post(store, "/internal/resetRollupResultCache", "")


def _post(store: Server, path: str, body: str) -> None:
    connection = HTTPConnection("127.0.0.1", store.port, timeout=PATIENCE_SECONDS)
    try:
        connection.request("POST", path, body)
        response = connection.getresponse()
        answer = response.read()
        assert response.status < 300, (path, response.status, answer)
    finally:
        connection.close()

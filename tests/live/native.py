"""
Native histograms for a Prometheus 3: sent to it by remote write, since no text that promtool reads can hold them.

Source: https://prometheus.io/docs/specs/prw/remote_write_spec/
Source: https://github.com/prometheus/prometheus/blob/main/prompb/types.proto
Source: https://github.com/google/snappy/blob/main/format_description.txt
"""

import struct
from collections.abc import Iterator, Mapping, Sequence
from http.client import HTTPConnection
from itertools import islice
from pathlib import Path
from typing import Final, NamedTuple

from live.server import PATIENCE_SECONDS, Server, Toolchain, running

_AT_ONCE: Final = 60
"""Moments of one request: the server takes nothing that is older than what it has by more than an hour."""
_LITERAL: Final = 62 << 2
"""In snappy, before bytes that are as they are: the next three tell how many, less one."""
_FAST, _APART, _WIDE = -2, 3, 1
"""In schema 0, the bucket from 1/8 to 1/4, how many lie between it and that from 2 to 4, and how many each is."""
_FEATURES: Final = (
    "--web.enable-remote-write-receiver",
    "--web.enable-admin-api",
    "--enable-feature=native-histograms",
)


class Observed(NamedTuple):
    """What was counted up to a moment, in Unix seconds: so many took a fifth of a second, and so many three."""

    moment: int
    fast: int
    slow: int


Series = tuple[Mapping[str, str], Sequence[Observed]]
"""Its labels, name included, and what was counted, scrape by scrape; all series are scraped at the same moments."""


def store(tools: Toolchain, folder: Path, series: Sequence[Series]) -> None:
    """Put *series* into the data of the server in *folder*, as blocks."""
    with running(tools, folder / "receiving", lambda _: {}, *_FEATURES) as server:
        scrapes = zip(*(found for _, found in series), strict=True)
        while some := [*islice(scrapes, _AT_ONCE)]:
            parts = zip((labels for labels, _ in series), zip(*some, strict=True), strict=True)
            _write(server, b"".join(_field(1, _series(labels, found)) for labels, found in parts))
        name = server.api("admin/tsdb/snapshot", skip_head="false")["name"]
    (folder / "data").mkdir(parents=True, exist_ok=True)
    for block in (folder / "receiving/data/snapshots" / name).iterdir():
        block.rename(folder / "data" / block.name)


def _write(server: Server, request: bytes) -> None:
    body = _number(len(request)) + bytes([_LITERAL]) + (len(request) - 1).to_bytes(3, "little") + request
    headers = {"Content-Encoding": "snappy", "Content-Type": "application/x-protobuf"}
    connection = HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE_SECONDS)
    try:
        connection.request("POST", "/api/v1/write", body, headers)
        response = connection.getresponse()
        answer = response.read()
        assert response.status < 300, answer
    finally:
        connection.close()


def _series(labels: Mapping[str, str], found: Sequence[Observed]) -> bytes:
    named = (_field(1, name.encode()) + _field(2, value.encode()) for name, value in sorted(labels.items()))
    return b"".join([*(_field(1, one) for one in named), *(_field(4, _histogram(one)) for one in found)])


def _histogram(one: Observed) -> bytes:
    return b"".join(_histogram_fields(one))


def _histogram_fields(one: Observed) -> Iterator[bytes]:
    yield _number(1 << 3) + _number(one.fast + one.slow)
    yield _number(3 << 3 | 1) + struct.pack("<d", one.fast * 0.2 + one.slow * 3)
    yield _number(4 << 3) + _signed(0)  # the schema
    for offset in (_FAST, _APART):
        yield _field(11, _number(1 << 3) + _signed(offset) + _number(2 << 3) + _number(_WIDE))
    yield _field(12, _signed(one.fast) + _signed(one.slow - one.fast))
    yield _number(15 << 3) + _number(one.moment * 1000)


def _field(number: int, content: bytes) -> bytes:
    return _number(number << 3 | 2) + _number(len(content)) + content


def _signed(number: int) -> bytes:
    return _number(number * 2 if number >= 0 else -number * 2 - 1)


def _number(number: int) -> bytes:
    found = bytearray()
    while number > 0x7F:
        found.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*found, number])

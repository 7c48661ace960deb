"""
A deadline for all of an answer, its head too.

The timeout of a socket begins anew with every byte, so a server that sends its headers one byte a second would be
listened to for minutes.
"""

import io
import time
from http.client import HTTPResponse
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.util.retry import Retry


class _Timed(io.RawIOBase):
    """What a socket receives until its timeout, counted from here, has passed."""

    def __init__(self, connected: Any, received: io.RawIOBase) -> None:
        super().__init__()
        self._socket, self._received = connected, received
        limit = connected.gettimeout()
        self._deadline = None if limit is None else time.monotonic() + limit

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        if self._deadline is not None:
            left = self._deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError
            self._socket.settimeout(left)
        return self._received.readinto(buffer)

    def close(self) -> None:
        self._received.close()
        super().close()


class _Response(HTTPResponse):
    def __init__(self, sock: Any, *positional: Any, **named: Any) -> None:
        super().__init__(sock, *positional, **named)
        self.fp: Any = io.BufferedReader(_Timed(sock, self.fp.detach()))


class _Plain(HTTPConnection):
    response_class = _Response


class _Secure(HTTPSConnection):
    response_class = _Response


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _Plain


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _Secure


class Adapter(HTTPAdapter):
    """Connections on which an answer ends when its time is over; what fails is not tried again here."""

    def __init__(self, at_once: int) -> None:
        once = Retry(0, redirect=False, raise_on_status=False)
        super().__init__(pool_maxsize=at_once, max_retries=once)

    def init_poolmanager(self, *positional: Any, **named: Any) -> None:
        """As the library has it, with connections of ours."""
        super().init_poolmanager(*positional, **named)
        _equip(self.poolmanager)

    def proxy_manager_for(self, proxy: str, **named: Any) -> PoolManager:
        """As the library has it, with connections of ours."""
        manager: PoolManager = super().proxy_manager_for(proxy, **named)
        _equip(manager)
        return manager


def _equip(manager: PoolManager) -> None:
    manager.pool_classes_by_scheme = {"http": _PlainPool, "https": _SecurePool}

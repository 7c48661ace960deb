"""How a server is reached: its address, who asks, and what must never be printed."""

import base64
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple
from urllib.parse import unquote, urlsplit, urlunsplit

REDACTED: Final = "[secret]"
_SHORTEST_SECRET: Final = 3


class Access(NamedTuple):
    """
    Where a server is, and how to be let in.

    Attributes:
        url: what stands before ``/api/v1``, without credentials.
        user: for basic authentication; empty for none.
        token: for bearer authentication; empty for none.
        headers: more of them, such as the ``X-Scope-OrgID`` of a tenant.
        ca: file of the authorities that vouch for the server; empty for the usual ones.
        certificate: file of the client's own; empty for none.
        key: file of its key, where the certificate's does not hold it.
        timeout_seconds: the longest that one answer may take.
        at_once: how many questions at most are asked at the same time.
    """

    url: str
    user: str = ""
    password: str = ""
    token: str = ""
    headers: Mapping[str, str] = MappingProxyType({})
    ca: str = ""
    certificate: str = ""
    key: str = ""
    timeout_seconds: float = 30
    at_once: int = 8

    def __repr__(self) -> str:
        return f"Access({self.url!r})"

    @property
    def authorization(self) -> str:
        """
        The header of that name; empty where nobody in particular asks.

        Source: https://www.rfc-editor.org/rfc/rfc7617, https://www.rfc-editor.org/rfc/rfc6750
        """
        if self.user:
            return f"Basic {base64.b64encode(f'{self.user}:{self.password}'.encode()).decode()}"
        return f"Bearer {self.token}" if self.token else ""

    def redacted(self, text: str) -> str:
        """*text* without any of the secrets."""
        secrets = {self.password, self.token, self.authorization.partition(" ")[2], *self.headers.values()}
        for secret in sorted(secrets, key=len, reverse=True):
            if len(secret) >= _SHORTEST_SECRET:
                text = text.replace(secret, REDACTED)
        return text


def access(url: str) -> Access:
    """
    The server at *url*, with the credentials that stand in it.

    Raises:
        ValueError: it is no address of a server; the message does not repeat it, for it may hold a password.
    """
    try:
        parts = urlsplit(url.strip())
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port, parts = None, None, urlsplit("")
    if parts.scheme not in ("http", "https") or not host or parts.query or parts.fragment:
        message = "the address of a server is written like https://prometheus.example.com or http://localhost:9090"
        raise ValueError(message)
    name = f"[{host}]" if ":" in host else host
    place = name if port is None else f"{name}:{port}"
    path = parts.path.rstrip("/").removesuffix("/api/v1")
    plain = urlunsplit((parts.scheme, place, path, "", ""))
    return Access(plain, unquote(parts.username or ""), unquote(parts.password or ""))

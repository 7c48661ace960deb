"""What a server says of its own running; many say nothing."""

from collections.abc import Callable
from typing import Any, Final

from slogen.live.faults import NO_SUCH, RefusedError, UnreachableError

_FLAG: Final = "storage.tsdb.retention.time"
_NOT_TOLD: Final = (*NO_SUCH, 401, 403)
"""How those answer that do not, or not to everybody, by HTTP."""

Got = Callable[[str, dict[str, str]], Any]
"""The data at a path of the API."""


def retention(got: Got) -> str:
    """
    How long samples are kept, as Prometheus says it; empty where that is not told.

    Source: https://prometheus.io/docs/prometheus/latest/querying/api/#runtime-information
    """
    return str(_status(got, "runtimeinfo").get("storageRetention") or _status(got, "flags").get(_FLAG) or "")


def _status(got: Got, what: str) -> dict[str, Any]:
    try:
        data = got(f"status/{what}", {})
    except RefusedError:
        return {}
    except UnreachableError as error:
        if error.status in _NOT_TOLD:
            return {}
        raise
    return data if isinstance(data, dict) else {}

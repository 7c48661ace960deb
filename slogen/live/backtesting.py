"""SLOs replayed over the history that a server has, several at once."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from math import isfinite
from typing import Final, NamedTuple

from slogen.live.faults import PrometheusError, UnreachableError
from slogen.live.history import Historian, TooManyError
from slogen.model import Datasource, Platform
from slogen.replay.replaying import WhatIf, backtest, unread
from slogen.replay.result import Backtest

ELSEWHERE: Final = "Cloud Monitoring measures it, whose metrics this server does not hold"
NOTHING: Final = "the server has no values of its events and errors in that time"

UNJUDGED: Final = "the server has events of it in that time, and no values of its errors; validate tells why"


class Result(NamedTuple):
    """
    What became of one SLO.

    Attributes:
        lacking: whether the server should have had a history of it, and had none or would not give it.
        unreachable: whether the server gave no answer.
    """

    backtest: Backtest
    lacking: bool = False
    unreachable: bool = False


class Outcome(NamedTuple):
    """
    What became of all of them.

    Attributes:
        unreachable: why the server did not answer at all; empty where it did.
        notes: what the server or the cache had to say besides.
    """

    results: tuple[Result, ...]
    unreachable: str
    notes: tuple[str, ...] = ()
    requests: int = 0


def backtests(
    slos: Sequence[tuple[WhatIf, ...]], historian: Historian, since: int, *, at_once: int, tell: Callable[[], None]
) -> list[Result]:
    """
    Each SLO, as it is written and with its what-ifs, over its history.

    Args:
        since: the first moment at which alerts are evaluated, in Unix seconds.
        tell: is called when one SLO is done.
    """

    def work(variants: tuple[WhatIf, ...]) -> Result:
        result = _replayed(variants, historian, since)
        tell()
        return result

    with ThreadPoolExecutor(at_once) as pool:
        return list(pool.map(work, slos))


def _replayed(variants: tuple[WhatIf, ...], historian: Historian, since: int) -> Result:
    slo = variants[0].slo

    def without(why: str) -> Backtest:
        return unread(slo, since, historian.end, historian.step, why)

    if isinstance(slo.sli, Platform) and slo.datasource is Datasource.PROMETHEUS:
        return Result(without(ELSEWHERE))
    try:
        history = historian.history([one.slo for one in variants], since)
    except UnreachableError as error:
        return Result(without(f"the server gave no answer: {error}"), unreachable=True)
    except PrometheusError as error:
        return Result(without(f"the server refuses to answer: {error}"), lacking=True)
    except TooManyError as error:
        return Result(without(str(error)), lacking=True)
    if not any(isfinite(value) for series in history.groups for value in series.errors):
        return Result(without(UNJUDGED if history.groups else NOTHING), lacking=True)
    return Result(backtest(variants, history, since))

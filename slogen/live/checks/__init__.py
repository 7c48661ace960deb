"""Checks of SLOs against a running Prometheus, one file each."""

from functools import cache

from slogen import plugins
from slogen.live.checks._check import Check


def names() -> tuple[str, ...]:
    """Every check's code."""
    return plugins.names(__name__)


@cache
def load(name: str) -> Check:
    """The check *name*, one of `names`."""
    check: Check = plugins.module(__name__, name).check
    return check


def manual(name: str) -> str:
    """The manual page of the check *name*, one of `names`; its first line says what it finds."""
    return plugins.manual(__name__, name)

"""Targets, one file each."""

from functools import cache

from slogen import plugins
from slogen.backends._backend import Backend


def names() -> tuple[str, ...]:
    """Every target's name, as it is written after ``--target``."""
    return plugins.names(__name__)


@cache
def load(name: str) -> Backend:
    """The target *name*, one of `names`."""
    backend: Backend = plugins.module(__name__, name).BACKEND
    return backend

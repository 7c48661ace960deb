"""Targets, one file each."""

from functools import cache

from slogen import plugins
from slogen.backends._backend import Backend, Configured
from slogen.prose import Prose
from slogen.spec.engines import Engines


def names() -> tuple[str, ...]:
    """Every target's name, as it is written after ``--target``."""
    return plugins.names(__name__)


def load(name: str, engines: Engines, prose: Prose) -> Backend:
    """The target *name*, one of `names`, as slogen.yaml has it."""
    found = _found(name)
    return found if isinstance(found, Backend) else found(engines, prose)


@cache
def _found(name: str) -> Backend | Configured:
    found: Backend | Configured = plugins.module(__name__, name).BACKEND
    return found

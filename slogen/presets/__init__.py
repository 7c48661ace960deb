"""SLI recipes, one file each."""

from functools import cache

from slogen import plugins
from slogen.presets._preset import Preset


def names() -> tuple[str, ...]:
    """Every preset's name, as it is written in a file."""
    return plugins.names(__name__)


@cache
def load(name: str) -> Preset:
    """The preset *name*, one of `names`."""
    preset: Preset = plugins.module(__name__, name).PRESET
    return preset


def manual(name: str) -> str:
    """The manual page of the preset *name*, one of `names`; its first line says what it measures."""
    return plugins.manual(__name__, name)

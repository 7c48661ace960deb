"""The shape of what stands under `checks`, and our words for what is wrong with it."""

from typing import Any, Final

from slogen import plugins
from slogen.diagnostics import close, shown
from slogen.layout import printable
from slogen.model import Snooze
from slogen.scalars import Day, Filled
from slogen.scope import Scope
from slogen.shape import Field, Shape
from slogen.source import Path
from slogen.spec.reading import check

_CHECKS: Final = "slogen.live.checks"
"""Where each check has a file that is named as it is called; nothing but the names is read here."""


class SnoozeSpec(Shape):
    """A check that keeps to itself what it finds, for a time."""

    snooze: Filled = Field(description="The check's code; docs/checks.md explains each.")
    until: Day = Field(description="The last day of it, in UTC, like 2026-12-31.")
    reason: Filled = Field(description="Why, for whoever reads it later.")


def read_snoozes(written: list[Any], path: Path, scope: Scope) -> tuple[Snooze, ...]:
    """What an SLO at *path* says under `checks`; *scope* is told what of it is wrong."""
    found: list[Snooze] = []
    named: set[str] = set()
    for index, entry in enumerate(written):
        where = (*path, "checks", index)
        spec = check(SnoozeSpec, entry, scope.source, where, scope.report)
        name = entry.get("snooze") if isinstance(entry, dict) else None
        if not isinstance(name, str) or not name.strip():
            continue
        if name in named:
            message = f"check {shown(name)} is snoozed already, by an entry before; keep one of them"
            scope.error((*where, "snooze"), "repeated-snooze", message)
        elif name not in (known := plugins.names(_CHECKS)):
            meant = close(name, known) or "; docs/checks.md has those that there are"
            scope.error((*where, "snooze"), "unknown-check", f"there is no check {shown(name)}{meant}")
        named.add(name)
        if spec:
            found.append(Snooze(name, spec.until, printable(spec.reason), ("checks", index)))
    return tuple(found)

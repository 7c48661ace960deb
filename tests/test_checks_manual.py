"""docs/checks.md is what the checks say of themselves; ``UPDATE_GOLDEN=1`` writes it."""

import os
from pathlib import Path

from slogen.live import checks
from slogen.live.validating import manuals

MANUAL = Path(__file__).parent.parent / "docs/checks.md"

INTRODUCTION = """\
# Checks against a running Prometheus

`slogen validate --prometheus URL` holds every SLO against each of these. A check finds something, at the place in the
SLO file that is to be changed, or finds nothing; what the server cannot tell is "not checked", with the reason, and
never a pass. A finding that is to be borne for a time is snoozed, as [stale-snooze](#stale-snooze) explains.
"""


def manual() -> str:
    pages = "".join(f"\n## {name}\n\n{page}\n" for name, page in manuals().items())
    return INTRODUCTION + pages


def test_the_manual_of_the_checks_is_what_they_say() -> None:
    if os.environ.get("UPDATE_GOLDEN") == "1":
        MANUAL.write_text(manual(), "utf-8", newline="\n")
    assert MANUAL.read_text("utf-8") == manual()


def test_every_check_says_what_it_asks_the_server_for() -> None:
    for name in checks.names():
        first, *_, last = checks.manual(name).split("\n\n")
        assert "\n" not in first
        assert last.startswith("Asks for: ")

"""Findings as CI systems read them: GitHub's annotations, SARIF, JUnit."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from slogen.diagnostics import Diagnostic, Level, Position

if TYPE_CHECKING:
    from slogen.live.alike import Alike
    from slogen.live.validating import Result

SARIF: Final = "https://json.schemastore.org/sarif-2.1.0.json"


def github(found: Iterable[Diagnostic], unreachable: str = "", alike: Iterable["Alike"] = ()) -> str:
    """
    A line for each, which GitHub shows at its place in a pull request; of a step it shows few.

    Args:
        alike: what several SLOs have, told once, at the place of the first.

    Source: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
    """
    lines = [f"::error title=slogen unreachable::{command_text(unreachable)}"] if unreachable else []
    shared = [
        Diagnostic(one.places[0], one.level, one.checks[0], f"{len(one.places)} SLOs alike, here the first: {one.told}")
        for one in alike
        if one.level
    ]
    for one in (*found, *shared):
        place = f"file={command_property(one.position.file)},line={one.position.line},col={one.position.column}"
        lines.append(
            f"::{one.level} {place},title={command_property(f'slogen {one.code}')}::{command_text(one.message)}"
        )
    return "".join(f"{line}\n" for line in lines)


def command_text(text: str) -> str:
    """*text* as the message of a workflow command, which it cannot end."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def command_property(text: str) -> str:
    """*text* as a property of a workflow command."""
    return command_text(text).replace(":", "%3A").replace(",", "%2C")


def sarif(
    found: Iterable[Diagnostic],
    left: Iterable[str],
    manuals: dict[str, str],
    unreachable: str = "",
    *,
    snoozed: Iterable[tuple[Diagnostic, str]] = (),
    alike: Iterable["Alike"] = (),
) -> Any:
    """
    What code scanning reads.

    Args:
        left: what was not checked, and why.
        manuals: the pages of the codes that have one.
        snoozed: what was found, is not to be told, and why not.
        alike: what several SLOs have, told once, at the place of each.

    Source: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
    """
    diagnostics, hidden, shared = list(found), list(snoozed), [sorted(one.findings) for one in alike if one.level]
    codes = sorted({one.code for one in [*diagnostics, *(one for one, _ in hidden), *(one for one, *_ in shared)]})
    notes = [{"level": "error", "message": {"text": unreachable}}] if unreachable else []
    notes += [{"level": "note", "message": {"text": text}} for text in left]
    run = {
        "tool": {"driver": {"name": "slogen", "rules": [_rule(code, manuals) for code in codes]}},
        "columnKind": "unicodeCodePoints",
        "invocations": [{"executionSuccessful": not unreachable, "toolExecutionNotifications": notes}],
        "results": [
            *(_result(one, codes) for one in diagnostics),
            *(_shared(every, codes) for every in shared),
            *({**_result(one, codes), "suppressions": [_suppression(reason)]} for one, reason in hidden),
        ],
    }
    return {"$schema": SARIF, "version": "2.1.0", "runs": [run]}


def _rule(code: str, manuals: dict[str, str]) -> dict[str, Any]:
    manual = manuals.get(code)
    if not manual:
        return {"id": code}
    return {"id": code, "shortDescription": {"text": manual.partition("\n")[0]}, "fullDescription": {"text": manual}}


def _result(one: Diagnostic, codes: list[str]) -> dict[str, Any]:
    return {
        "ruleId": one.code,
        "ruleIndex": codes.index(one.code),
        "level": one.level.value,
        "message": {"text": one.message},
        "locations": [_location(one.position)],
    }


def _shared(every: list[Diagnostic], codes: list[str]) -> dict[str, Any]:
    """One result of what several SLOs have; code scanning shows it at the first place and lists the others."""
    first, *others = every
    return {
        **_result(first, codes),
        "message": {"text": f"{len(every)} SLOs alike, here the first: {first.message}"},
        "relatedLocations": [_location(one.position) for one in others],
    }


def _location(place: Position) -> dict[str, Any]:
    region = {"startLine": place.line, "startColumn": place.column}
    artifact = {"uri": quote(place.file), "uriBaseId": "%SRCROOT%"}
    return {"physicalLocation": {"artifactLocation": artifact, "region": region}}


def _suppression(reason: str) -> dict[str, str]:
    return {"kind": "inSource", "status": "accepted", "justification": reason}


def junit(results: Iterable["Result"], fatal: frozenset[Level], unreachable: str = "") -> str:
    """A suite for each SLO, a case for each check, which fails for findings of the levels that are *fatal*."""
    from slogen.cli import trying
    from slogen.cli.junit import document

    cases = [trying.Result("prometheus", "reachable", "failed", said=unreachable)] if unreachable else []
    for result in results:
        failing = [finding for finding in result.findings if finding.level in fatal]
        snoozed = f"snoozed until {result.snooze.until}: {result.snooze.reason}" if result.snooze else ""
        said = "\n".join(map(str, failing)) or snoozed or "\n".join(result.reasons)
        state = "failed" if failing else "skipped" if result.snooze or result.reasons else "passed"
        cases.append(trying.Result(result.slo.id, result.check, state, said=said))
    return document(cases)

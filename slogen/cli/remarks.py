"""Remarks on a change of SLOs as CI systems read them: GitHub's annotations, GitLab's code quality, SARIF."""

from collections import Counter
from collections.abc import Iterable
from typing import Any, Final
from urllib.parse import quote

from slogen.changes.remarks import Remark
from slogen.changes.values import Impact
from slogen.cli.reports import SARIF, command_property, command_text
from slogen.layout import printable, shortened

_KINDS: Final = {Impact.BREAKING: "error", Impact.CHANGE: "warning", Impact.NOTE: "notice"}
_MOST_OF_A_KIND: Final = 10
_MOST: Final = 50
"""
GitHub shows so many annotations of a kind for a step, and so many for a job.

Source: https://docs.github.com/en/rest/checks/runs
"""
_LONGEST: Final = 2_000
"""So many characters of a message are shown: an annotation holds 64 KB at most."""
_SEVERITIES: Final = {Impact.BREAKING: "major", Impact.CHANGE: "minor", Impact.NOTE: "info"}
_LEVELS: Final = {Impact.BREAKING: "error", Impact.CHANGE: "warning", Impact.NOTE: "note"}
_NOWHERE: Final = "slogen.yaml"
"""The file of what has no place: these formats want one."""


def github(remarks: Iterable[Remark]) -> str:
    """
    A line for each remark that GitHub would show, the worst first, and one for how many it would not.

    Source: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
    """
    every = tuple(remarks)
    lines, shown = [], Counter[str]()
    for one in every:
        kind = _KINDS[one.impact]
        # The last of the notices is for how many there are besides.
        if shown[kind] < _MOST_OF_A_KIND - (kind == "notice") and shown.total() < _MOST - 1:
            shown[kind] += 1
            title = command_property(f"slogen {one.code}")
            message = command_text(shortened(printable(one.message), _LONGEST))
            lines.append(f"::{kind} {_where(one)}title={title}::{message}")
    if left := len(every) - len(lines):
        lines.append(f"::notice title=slogen diff::{left} more {'change is' if left == 1 else 'changes are'} not shown")
    return "".join(f"{line}\n" for line in lines)


def _where(one: Remark) -> str:
    if one.place is None:
        return ""
    return f"file={command_property(printable(one.place.file))},line={one.place.line},col={one.place.column},"


def gitlab(remarks: Iterable[Remark]) -> list[dict[str, Any]]:
    """
    GitLab's code quality report.

    Source: https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
    """
    return [
        {
            "description": printable(one.message),
            "check_name": one.code,
            "fingerprint": one.fingerprint,
            "severity": _SEVERITIES[one.impact],
            "location": {
                "path": one.place.file if one.place else _NOWHERE,
                "lines": {"begin": one.place.line if one.place else 1},
            },
        }
        for one in remarks
    ]


def sarif(remarks: Iterable[Remark], explained: dict[str, str]) -> dict[str, Any]:
    """
    What code scanning reads; *explained* says of codes what they mean.

    Source: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
    """
    every = tuple(remarks)
    codes = sorted({one.code for one in every})
    rules = [
        {"id": code, "shortDescription": {"text": explained[code]}} if code in explained else {"id": code}
        for code in codes
    ]
    run = {
        "tool": {"driver": {"name": "slogen", "rules": rules}},
        "columnKind": "unicodeCodePoints",
        "results": [_result(one, codes) for one in every],
    }
    return {"$schema": SARIF, "version": "2.1.0", "runs": [run]}


def _result(one: Remark, codes: list[str]) -> dict[str, Any]:
    found: dict[str, Any] = {
        "ruleId": one.code,
        "ruleIndex": codes.index(one.code),
        "level": _LEVELS[one.impact],
        "message": {"text": printable(one.message)},
        "partialFingerprints": {"slogenChange/v1": one.fingerprint},
    }
    if one.place:
        artifact = {"uri": quote(one.place.file), "uriBaseId": "%SRCROOT%"}
        region = {"startLine": one.place.line, "startColumn": one.place.column}
        found["locations"] = [{"physicalLocation": {"artifactLocation": artifact, "region": region}}]
    return found

"""
What a template may call, with the Prometheus that has it since.

Source: https://pkg.go.dev/text/template#hdr-Functions
Source: https://prometheus.io/docs/prometheus/latest/configuration/template_reference/#functions
Source: https://github.com/prometheus/prometheus/blob/main/CHANGELOG.md
"""

from collections.abc import Mapping
from typing import Final

OLDEST: Final = (2, 42)
"""The oldest Prometheus that is told apart; an older one counts as this one."""

_GO = ("and", "call", "html", "index", "js", "len", "not", "or", "print", "printf", "println", "slice", "urlquery")
_COMPARING = ("eq", "ge", "gt", "le", "lt", "ne")
_QUERYING = ("args", "first", "label", "query", "sortByLabel", "strvalue", "value")
_NUMBERS = ("humanize", "humanize1024", "humanizeDuration", "humanizePercentage", "humanizeTimestamp", "toTime")
_STRINGS = ("match", "parseDuration", "reReplaceAll", "safeHtml", "stripDomain", "stripPort")
_CASES = ("title", "toLower", "toUpper")
_LINKS = ("externalURL", "graphLink", "pathPrefix", "tableLink")

FUNCTIONS: Final[Mapping[str, tuple[int, int]]] = {
    **dict.fromkeys((*_GO, *_COMPARING, *_QUERYING, *_NUMBERS, *_STRINGS, *_CASES, *_LINKS), OLDEST),
    "now": (3, 6),
    "toDuration": (3, 6),
    "urlQueryEscape": (3, 8),
}

ELSE_WITH: Final = (2, 55)
"""Since when ``{{else with}}`` is read: the first release that is built with Go 1.23."""

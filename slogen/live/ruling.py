"""
The rules that a server evaluates, by its own account.

Source: https://prometheus.io/docs/prometheus/latest/querying/api/#rules
"""

from collections.abc import Callable, Iterable
from typing import Any, Final

from slogen.diagnostics import Report
from slogen.live.access import Access
from slogen.live.faults import NO_SUCH, PrometheusError, RefusedError, UnreachableError, foreign
from slogen.rule_files import Rule, RuleFile, RuleGroup, served

LAST_ERROR: Final = "lastError"
"""The field of a rule that says why it could not be evaluated."""
_ELSEWHERE: Final = "; where something else evaluates them, as vmalert does, name its address as --rules-url"

Get = Callable[[str, dict[str, str]], Any]
"""The ``data`` of what the server answers at a path below ``/api/v1``."""


def evaluated(get: Get, access: Access) -> tuple[RuleFile, ...]:
    """
    All rules that are evaluated, by the files that hold them.

    Raises:
        RefusedError: the server cannot tell.
        UnreachableError: it does not answer, or not so that it can be understood.
    """
    try:
        data = get("rules", {"exclude_alerts": "true"})
    except UnreachableError as error:
        if error.status not in NO_SUCH:
            raise
        raise RefusedError(f"it does not tell of rules (HTTP {error.status}){_ELSEWHERE}", error.status) from error
    report = Report()
    found = served(data, access.url, report)
    if report.failed:
        raise foreign("it does not tell of rules")
    if not found and not _may_evaluate(get):
        raise RefusedError(f"it evaluates no rules{_ELSEWHERE}")
    return tuple(file._replace(groups=tuple(_discreet(file.groups, access))) for file in found)


def _may_evaluate(get: Get) -> bool:
    """
    Whether a server that tells of no rules evaluates some when it has them.

    VictoriaMetrics tells of none whomever asks, and of a version without a revision; vmalert does not tell its version.

    Source: https://docs.victoriametrics.com/victoriametrics/single-server-victoriametrics/#prometheus-querying-api-usage
    """
    try:
        built = get("status/buildinfo", {})
    except PrometheusError:
        return True
    return not isinstance(built, dict) or "revision" in built


def _discreet(groups: Iterable[RuleGroup], access: Access) -> Iterable[RuleGroup]:
    """*groups* without secrets in what went wrong with a rule, which is told."""

    def discreet(rule: Rule) -> Rule:
        told = access.redacted(str(rule.fields[LAST_ERROR]))
        return rule._replace(fields={**rule.fields, LAST_ERROR: told})

    for group in groups:
        rules = (discreet(rule) if rule.fields.get(LAST_ERROR) else rule for rule in group.rules)
        yield group._replace(rules=tuple(rules))

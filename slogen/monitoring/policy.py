"""
The tiers of an SLO as alert policies of Cloud Monitoring, one for each.

A policy asks for the burn rate over both windows of its tier. The rate's look-back ends at a day: beyond it, and where
an alert needs a number of events, the policy asks in PromQL for the error ratio instead.

Source: https://docs.cloud.google.com/stackdriver/docs/solutions/slo-monitoring/alerting-on-budget-burn-rate
https://docs.cloud.google.com/monitoring/alerts/using-promql
https://cloud.google.com/monitoring/api/ref_v3/rest/v3/projects.alertPolicies
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final, NamedTuple

from slogen import naming
from slogen.model import BurnAlert, PlatformLatency, Severity, Slo, Tier
from slogen.monitoring.documents import Document, number, promise, seconds, title
from slogen.monitoring.equivalence import in_location
from slogen.monitoring.labels import Lawful, lawful
from slogen.monitoring_filter import quote
from slogen.policy import budget_spent
from slogen.promql import Binary, Expr, Number
from slogen.prose import Prose
from slogen.sli_promql import events, ratio
from slogen.units import Window, plain, printed

LONGEST_LOOK_BACK: Final = Window.parse("24h")
EVALUATION_INTERVAL: Final = Window.parse("1m")
LONGEST_CONTENT: Final = 8_192
MOST_BYTES: Final = 10_240
LONGEST_DESCRIPTION: Final = 2_000
"""Characters of an SLO's description that leave room for all else, whatever Markdown makes of them."""
MOST_LINKS: Final = 3
LONGEST_URL: Final = 2_083
LONGEST_SUBJECT: Final = 255

_SEVERITY: Final = {Severity.PAGE: "CRITICAL", Severity.TICKET: "WARNING"}
_TEMPLATE: Final = "cloud-monitoring/documentation.md.j2"
_URL: Final = "_url"
_ADDRESS: Final = re.compile(r"https?://\S+")


class Names(NamedTuple):
    """
    What a policy calls what is not in it.

    Attributes:
        slo: the full name of the SLO.
        channels: the full names of the notification channels of each severity.
    """

    slo: str
    channels: Mapping[str, tuple[str, ...]]


def policy_documents(slo: Slo, names: Names, prose: Prose) -> dict[str, Document]:
    """The policies of *slo* by the names of their tiers; those of `lost_tiers` are not among them."""
    lost = lost_tiers(slo)
    return {
        tier.name: _policy(slo, alert, tier, names, prose)
        for alert in slo.alerts
        for tier in alert.tiers
        if tier not in lost
    }


def lost_tiers(slo: Slo) -> tuple[Tier, ...]:
    """Tiers that only PromQL could say, of an SLO that has no data there."""
    if not isinstance(slo.sli, PlatformLatency) or slo.sli.exact:
        return ()
    return tuple(tier for alert in slo.alerts for tier in alert.tiers if _asks_in_promql(slo, tier))


def user_labels(slo: Slo, alert: BurnAlert, tier: Tier) -> Lawful:
    """The labels of a policy: those of the alert in Prometheus, and which tier of which SLO it is."""
    identity = {
        naming.SLO_SERVICE: slo.service,
        naming.SLO_NAME: slo.name,
        naming.SLO_SEVERITY: alert.severity.value,
        naming.SLO_TIER: tier.name,
    }
    return lawful({**identity, **alert.labels})


def _asks_in_promql(slo: Slo, tier: Tier) -> bool:
    return tier.long > LONGEST_LOOK_BACK or slo.min_events is not None


def _policy(slo: Slo, alert: BurnAlert, tier: Tier, names: Names, prose: Prose) -> Document:
    rate = plain(printed(tier.burn_rate))
    ask = _promql_conditions if _asks_in_promql(slo, tier) else _burn_conditions
    policy: Document = {
        "displayName": f"{title(slo)}: {tier.name}, burn rate above {rate} over {tier.long} and {tier.short}",
        "combiner": "AND",
        "conditions": list(ask(slo, tier, names)),
        "severity": _SEVERITY[alert.severity],
        "documentation": _documentation(slo, alert, tier, prose),
        "userLabels": user_labels(slo, alert, tier).labels,
    }
    if channels := names.channels.get(alert.severity.value):
        policy["notificationChannels"] = list(channels)
    return policy


def _burn_conditions(_slo: Slo, tier: Tier, names: Names) -> Iterator[Document]:
    rate = printed(tier.burn_rate)
    for window in (tier.long, tier.short):
        yield {
            "displayName": f"burn rate above {plain(rate)} over {window}",
            "conditionThreshold": {
                "filter": f"select_slo_burn_rate({quote(names.slo)}, {quote(seconds(window.seconds))})",
                "comparison": "COMPARISON_GT",
                "thresholdValue": number(rate),
                "duration": seconds(0),
                "trigger": {"count": 1},
            },
        }


def _promql_conditions(slo: Slo, tier: Tier, _names: Names) -> Iterator[Document]:
    """
    One condition, taken although a metric in it may have no data yet: a counter of errors before the first error.

    Source: https://github.com/hashicorp/terraform-provider-google/issues/20491
    """
    yield {
        "displayName": f"error ratio above {plain(tier.threshold)} over {tier.long} and {tier.short}",
        "conditionPrometheusQueryLanguage": {
            "query": str(_holds(replace(slo, sli=in_location(slo)), tier)),
            "duration": seconds(0),
            "evaluationInterval": seconds(EVALUATION_INTERVAL.seconds),
            "disableMetricValidation": True,
        },
    }


def _holds(slo: Slo, tier: Tier) -> Expr:
    """Whether both windows are above the threshold, and hold events enough."""
    long, short = (Binary(ratio(slo, window), ">", Number(tier.threshold)) for window in (tier.long, tier.short))
    both = Binary(short, "and", long)
    if slo.min_events is None:
        return both
    counted = Binary(events(slo, tier.long), "*", Number(tier.long.seconds))
    return Binary(both, "and", Binary(counted, ">=", Number(slo.min_events)))


def _documentation(slo: Slo, alert: BurnAlert, tier: Tier, prose: Prose) -> Document:
    spent = printed(budget_spent(tier.burn_rate, tier.long, slo.window) * 100)
    given = {
        "title": title(slo),
        "service": slo.service,
        "name": slo.name,
        "promise": promise(slo),
        "description": _shortened(slo.description),
        "owner": slo.owner,
        "severity": alert.severity.value,
        "tier": tier.name,
        "burn_rate": plain(printed(tier.burn_rate)),
        "threshold": f"{plain(tier.threshold * 100)}%",
        "long": str(tier.long),
        "short": str(tier.short),
        "spent": f"{plain(spent)}%",
    }
    subject = f"{alert.severity}: {title(slo)} burns its error budget, {tier.name}"
    document: Document = {
        "content": _cut(prose.report(_TEMPLATE, given)),
        "mimeType": "text/markdown",
        "subject": subject[:LONGEST_SUBJECT],
    }
    if links := _links(alert.annotations):
        document["links"] = links
    return document


def _links(annotations: Mapping[str, str]) -> list[Document]:
    """The first annotations that are addresses, as links: ``runbook_url``."""
    found = [
        {"displayName": name.removesuffix(_URL).replace("_", " ")[:63] or "link", "url": text}
        for name, text in annotations.items()
        if name.endswith(_URL) and _ADDRESS.fullmatch(text) and "{{" not in text and len(text) <= LONGEST_URL
    ]
    return found[:MOST_LINKS]


def _shortened(description: str) -> str:
    """A description without end would leave no room for the promise and the tier."""
    whole = len(description) <= LONGEST_DESCRIPTION
    return description if whole else f"{description[:LONGEST_DESCRIPTION].rstrip()}…"


def _cut(text: str) -> str:
    """*text* as long as a policy's documentation may be."""
    short = text.strip()[:LONGEST_CONTENT]
    return short.encode()[:MOST_BYTES].decode(errors="ignore") or "-"

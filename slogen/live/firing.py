"""Whose alerts fire now."""

from collections.abc import Iterable

from slogen import naming
from slogen.live.prometheus import Prometheus
from slogen.promql import Matcher, Selector


def firing_slos(prometheus: Prometheus, slo_ids: Iterable[str]) -> tuple[str, ...]:
    """
    Those of the SLOs with these ids of which an alert fires, by the server's own clock.

    Source: https://prometheus.io/docs/prometheus/latest/configuration/alerting_rules/#inspecting-alerts-during-runtime
    """
    wanted = "|".join(slo_ids)
    alerts = Selector("ALERTS", (Matcher("alertstate", "=", "firing"), Matcher(naming.SLO_ID, "=~", wanted)))
    found = prometheus.query(str(alerts), prometheus.now())
    return tuple(sorted({sample.labels.get(naming.SLO_ID, "") for sample in found}))

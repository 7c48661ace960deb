"""
Probes of an endpoint from outside, by Prometheus's blackbox exporter.

Every probe is an event, and good if it succeeded: what success is, the module
says that the exporter probes with.

    availability: {preset: blackbox, with: {instance: "https://example.com"}}

Without 'instance', all targets of the job count together; 'group_by:
[instance]' on the SLO gives each of them a budget of its own. There are as many
events as probes, few: one failed probe out of 120 in an hour, at a
scrape_interval of 30s, is an error ratio of 0.8 %. There is no latency: the
exporter has gauges of how long its last probe took, and no histogram.

Source of the names:
https://github.com/prometheus/blackbox_exporter/blob/master/README.md
https://prometheus.io/docs/guides/multi-target-exporter/
"""

from slogen.model import Probe
from slogen.presets._preset import Params, Preset, equal
from slogen.promql import Selector
from slogen.scalars import Filled
from slogen.shape import Field


class BlackboxParams(Params):
    """Parameters of the preset ``blackbox``."""

    job: Filled = Field("blackbox", description="Label job of the probes.")
    instance: Filled | None = Field(None, description="Label instance, the target that is probed.")


def availability(params: BlackboxParams) -> Probe:
    """Probes that succeeded."""
    return Probe(Selector("probe_success", equal({"job": params.job, "instance": params.instance, **params.labels})))


PRESET = Preset(BlackboxParams, availability)

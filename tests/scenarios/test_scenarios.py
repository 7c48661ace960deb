"""What published measurements would have meant for a service with SLOs, told by the compiled rules in promtool."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from promtool.harness import DAY, HOUR, MINUTE, Expectation, Promtool, Trial, counter, firing_groups, nothing, samples
from scenarios.picture import draw
from scenarios.scenario import SEVERITIES, Promise, Scenario, load

SCRAPE = MINUTE
BASE = 4 * MINUTE
STEP = 4 * MINUTE
HEALTHY = 3 * DAY
RATE = 10
"""Requests a second."""
BOUNDS = (0.05, 0.5, 2.0)

CALLS, DURATION = "traces_span_metrics_calls_total", "traces_span_metrics_duration_milliseconds"


def test_lost_packets_page_by_latency_long_before_requests_fail(tool3: Promtool) -> None:
    scenario = load("packet_loss")
    hasty, others = apart(scenario, "under-500ms")
    assert all(set(seen.fires.values()) == {0} for seen in hasty.promises[0].steps)
    tool3.judge(trial(others, HEALTHY))


def test_a_bound_below_what_is_normal_pages_in_the_healthy_shop(tool3: Promtool) -> None:
    hasty, _ = apart(load("packet_loss"), "under-500ms")
    tool3.judge(trial(replace(hasty, held=HOUR), 6 * HOUR))


def test_sidecars_are_seen_by_a_latency_slo_and_by_nothing_else(tool3: Promtool) -> None:
    scenario = load("sidecars")
    availability, _ = scenario.promises
    assert not any(seen.fires for seen in availability.steps)
    tool3.judge(trial(scenario, HEALTHY))


@pytest.mark.parametrize("name", ["packet_loss", "sidecars"])
def test_every_step_is_as_slow_as_was_measured(name: str) -> None:
    scenario = load(name)
    for step in scenario.steps:
        assert step.share_under(step.latency) == pytest.approx(scenario.quantile)


def apart(scenario: Scenario, name: str) -> tuple[Scenario, Scenario]:
    """One SLO alone, and the others."""

    def chosen(alone: bool) -> Scenario:
        slos = [slo for slo in scenario.slos["slos"] if (slo["name"] == name) is alone]
        promises = tuple(promise for promise in scenario.promises if (promise.name == name) is alone)
        return replace(scenario, slos={**scenario.slos, "slos": slos}, promises=promises)

    return chosen(alone=True), chosen(alone=False)


def trial(scenario: Scenario, healthy: int) -> Trial:
    """Seconds of a *healthy* service, then each step; the 30 days, which alert on nothing, are left out."""
    service = scenario.slos["service"]
    expected = [
        one for promise in scenario.promises for one in of(promise, scenario, f"{service}-{promise.name}", healthy)
    ]
    seen = nothing(healthy + scenario.held, 'ALERTS{alertname="SLOMetricAbsent"}')
    return Trial(
        yaml.safe_dump(scenario.slos),
        dict(counters(scenario, service, healthy)),
        [*expected, seen],
        "scrape_interval: 1m",
        every=SCRAPE,
        step=STEP,
        without=("tier",),
    )


def counters(scenario: Scenario, service: str, healthy: int) -> Iterator[tuple[str, str]]:
    """What the spans of the service are counted as, those of each step under its own label."""
    first, *_ = scenario.steps
    for step in scenario.steps:
        labels = f'service_name="{service}",span_kind="SPAN_KIND_SERVER",{scenario.label}="{step.name}"'

        def shared(name: str, label: str, before: float, after: float, labels: str = labels) -> tuple[str, str]:
            spans = (healthy, RATE * before), (scenario.held, RATE * after)
            return f"{name}{{{labels}{label}}}", counter(*spans, every=SCRAPE)

        yield shared(CALLS, ',status_code="STATUS_CODE_UNSET"', 1 - first.error_ratio, 1 - step.error_ratio)
        yield shared(CALLS, ',status_code="STATUS_CODE_ERROR"', first.error_ratio, step.error_ratio)
        yield shared(f"{DURATION}_count", "", 1, 1)
        yield shared(f"{DURATION}_bucket", ',le="+Inf"', 1, 1)
        for bound in BOUNDS:
            label = f',le="{bound * 1000:g}"'
            yield shared(f"{DURATION}_bucket", label, first.share_under(bound), step.share_under(bound))


def of(promise: Promise, scenario: Scenario, slo: str, healthy: int) -> Iterator[Expectation]:
    """The burn rate of each step at its end, and each alert when it is due: a step before not yet, then for good."""
    end, slack = healthy + scenario.held, BASE + 2 * STEP
    for step, seen in zip(scenario.steps, promise.steps, strict=True):
        burn = f'slo:current_burn_rate:ratio{{slo_id="{slo}",{scenario.label}="{step.name}"}}'
        yield samples(end, f"sum(abs({burn} - {seen.burn}) < bool {0.03 * seen.burn + 1e-9})", {"": 1})
    told = list(zip((step.name for step in scenario.steps), promise.steps, strict=True))
    for severity in SEVERITIES:
        due = {name: seen.fires[severity] for name, seen in told if severity in seen.fires}

        def fire(at: int, *names: str, severity: str = severity) -> Expectation:
            return firing_groups(at, severity, scenario.label, *names, slo=slo)

        for after in {*due.values()} - {0}:
            yield fire(healthy + after - STEP, *(name for name, when in due.items() if when < after))
            yield fire(healthy + after + slack, *(name for name, when in due.items() if when <= after))
        yield fire(healthy, *(name for name, when in due.items() if not when))
        yield fire(end, *due)


def test_the_picture_shows_what_the_scenario_says() -> None:
    picture = Path(__file__).parents[2] / "docs/packet-loss.svg"
    assert picture.read_text("utf-8") == draw(load("packet_loss"))

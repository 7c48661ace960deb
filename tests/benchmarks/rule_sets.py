"""The rules that slogen compiles for SLOs over some counters, and those that Sloth and Pyrra generate for them."""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

import yaml

import slogen
from live.backfill import Group, Rule
from slogen.model import Strategy
from slogen.units import Window

METRIC: Final = "http_requests_total"
FLOOR: Final = "(reading both once)"
"""No rules, but what all rules do at least."""
SEVERAL: Final = 5
"""SLOs of a service that has more than one."""
MANY: Final = 100
"""Of SLOs with more series, several whose every window is read from the counters are not compared."""
_OBJECTIVE: Final = "0.9990000000000001"
"""99.9 % as both others write it, rounded as in their output."""
_SLOTH_BUDGET: Final = "0.0009999999999999432"


class RuleSet(NamedTuple):
    """
    All rules of some SLOs, as a rule file groups them.

    Attributes:
        slos: the labels that tell the recorded series of each SLO from those of the others.
    """

    shape: str
    slos: tuple[dict[str, str], ...]
    groups: tuple[Group, ...]

    def rules(self) -> Iterator[tuple[int, Rule]]:
        """Every rule, and how many seconds pass between its evaluations."""
        for group in self.groups:
            for rule in group["rules"]:
                yield Window.parse(group["interval"]).seconds, rule


def rule_sets(series: int) -> tuple[RuleSet, ...]:
    """
    All that are compared, for SLOs of so many *series*; the first is what the others are compared with.

    Whose counters they are says the label ``job``: ``10-0`` for the first SLO of ten series, which every rule set has.
    """
    first, several = [f"{series}-0"], [f"{series}-{number}" for number in range(SEVERAL)]
    sets = [sloth(*first), pyrra(*first), floor(*first), _slogen("slogen", f"one-{series}", first)]
    sets.append(_slogen(f"slogen, {SEVERAL} SLOs a service", f"five-{series}", several))
    for strategy in (Strategy.HYBRID, Strategy.RAW):
        sets.append(_slogen(f"slogen, {strategy}", f"one-{strategy}-{series}", first, strategy))
        if strategy is not Strategy.RAW or series <= MANY:
            shape = f"slogen, {strategy}, {SEVERAL} SLOs"
            sets.append(_slogen(shape, f"five-{strategy}-{series}", several, strategy))
    return tuple(sets)


def _slogen(shape: str, service: str, jobs: list[str], strategy: Strategy | None = None) -> RuleSet:
    """What slogen compiles for one SLO a job."""
    groups = tuple(yaml.safe_load(service_of(service, jobs, strategy))["groups"])
    rules: list[Rule] = [rule for group in groups for rule in group["rules"]]
    identities = (rule["labels"] for rule in rules if rule.get("record", "").startswith("slo:sli_events:rate"))
    return RuleSet(shape, tuple(identities), groups)


def service_of(service: str, jobs: Sequence[str], strategy: Strategy | None = None, *, isolated: bool = False) -> str:
    """The rule file of a service with one SLO a job."""
    slos = "".join(
        f"""
  - name: availability-of-{job}
    objective: 99.9
    isolated: {str(isolated).lower()}
    sli:
      availability:
        total: {METRIC}{{job="{job}"}}
        bad: {METRIC}{{job="{job}",code=~"5.."}}
"""
        for job in jobs
    )
    text = f"apiVersion: slogen/v1\nservice: {service}\nslos:{slos}"
    (artifact,) = slogen.compile({"slos/shop.yaml": text}, targets=["prometheus"], strategy=strategy).artifacts
    return artifact.text


def floor(job: str) -> RuleSet:
    """What no rules can do without: the two base expressions, read once a scrape."""
    rules = [
        {"record": name, "expr": f"sum(rate({METRIC}{{{matchers}}}[2m]))", "labels": {"job": job}}
        for name, matchers in (("events", f'job="{job}"'), ("errors", f'job="{job}",code=~"5.."'))
    ]
    return RuleSet(FLOOR, ({"job": job},), ({"interval": "30s", "rules": rules},))


def sloth(job: str) -> RuleSet:
    """
    Its groups name no interval, so the server's holds: 30 s here, which is that of slogen's and Pyrra's alerts.

    Source: https://github.com/slok/sloth/blob/main/examples/_gen/getting-started.yml
    """
    slo = {"sloth_id": f"shop-{job}", "sloth_service": "shop", "sloth_slo": job}
    own = "{" + ", ".join(f'{name}="{value}"' for name, value in slo.items()) + "}"

    def ratio(window: str) -> Rule:
        bad = f'(sum(rate({METRIC}{{job="{job}",code=~"5.."}}[{window}])))'
        return record(
            f"slo:sli_error:ratio_rate{window}", f'{bad}\n/\n(sum(rate({METRIC}{{job="{job}"}}[{window}])))', window
        )

    def record(name: str, expr: str, window: str = "") -> Rule:
        return {"record": name, "expr": expr, "labels": {**slo, "sloth_window": window} if window else slo}

    def burns(window: str, factor: str) -> str:
        threshold = f"({factor} * {_SLOTH_BUDGET})"
        return f"max(slo:sli_error:ratio_rate{window}{own} > {threshold}) without (sloth_window)"

    def alert(first: str, second: str) -> Rule:
        return {"alert": "HighErrorRate", "expr": f"({first})\nor\n({second})"}

    current = f"slo:sli_error:ratio_rate5m{own}"
    of_budget = f"/ on(sloth_id, sloth_slo, sloth_service) group_left\nslo:error_budget:ratio{own}"
    ratios = [ratio(window) for window in ("5m", "30m", "1h", "2h", "6h", "1d", "3d")]
    mean = f"sum_over_time({current}[30d])\n/ ignoring (sloth_window)\ncount_over_time({current}[30d])"
    ratios.append(record("slo:sli_error:ratio_rate30d", mean, "30d"))
    metadata = [
        record("slo:objective:ratio", f"vector({_OBJECTIVE})"),
        record("slo:error_budget:ratio", f"vector(1-{_OBJECTIVE})"),
        record("slo:time_period:days", "vector(30)"),
        record("slo:current_burn_rate:ratio", f"{current}\n{of_budget}"),
        record("slo:period_burn_rate:ratio", f"slo:sli_error:ratio_rate30d{own}\n{of_budget}"),
        record("slo:period_error_budget_remaining:ratio", f"1 - slo:period_burn_rate:ratio{own}"),
        record("sloth_slo_info", "vector(1)"),
    ]
    alerts = [
        alert(f"{burns('5m', '14.4')} and {burns('1h', '14.4')}", f"{burns('30m', '6')} and {burns('6h', '6')}"),
        alert(f"{burns('2h', '3')} and {burns('1d', '3')}", f"{burns('6h', '1')} and {burns('3d', '1')}"),
    ]
    groups = tuple({"interval": "30s", "rules": rules} for rules in (ratios, metadata, alerts))
    return RuleSet("Sloth", (slo,), groups)


def pyrra(job: str) -> RuleSet:
    """
    Without the generic rules, which are off by default.

    Source: https://github.com/pyrra-dev/pyrra/blob/main/slo/rules.go
    """
    slo = {"job": job, "slo": f"shop-{job}"}
    own = f'{{job="{job}",slo="shop-{job}"}}'

    def burn_rate(window: str) -> Rule:
        bad = f'sum(rate({METRIC}{{code=~"5..",job="{job}"}}[{window}]))'
        expr = f'{bad} / sum(rate({METRIC}{{job="{job}"}}[{window}]))'
        return {"record": f"http_requests:burnrate{window}", "expr": expr, "labels": slo}

    def alert(short: str, long: str, factor: int) -> Rule:
        short, long = (
            f"http_requests:burnrate{window}{own} > ({factor} * (1-{_OBJECTIVE}))" for window in (short, long)
        )
        return {"alert": "ErrorBudgetBurn", "expr": f"{short} and {long}"}

    windows = ("5m", "32m", "1h4m", "2h9m", "6h26m", "1d1h43m", "4d6h51m")
    alerts = [
        alert("5m", "1h4m", 14),
        alert("32m", "6h26m", 7),
        alert("2h9m", "1d1h43m", 2),
        alert("6h26m", "4d6h51m", 1),
    ]
    increase = f'sum by (code) (increase({METRIC}{{job="{job}"}}[30d]))'
    slow = [
        {"record": "http_requests:increase30d", "expr": increase, "labels": slo},
        {"alert": "SLOMetricAbsent", "expr": f'absent({METRIC}{{job="{job}"}}) == 1'},
    ]
    fast = [*map(burn_rate, windows), *alerts]
    return RuleSet("Pyrra", (slo,), ({"interval": "2m30s", "rules": slow}, {"interval": "30s", "rules": fast}))

"""SLOs, series and what must follow from them, judged by promtool's unit tests in the real rule engine."""

import os
import subprocess
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

import slogen

MINUTE: Final = 60
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR

ABSENT: Final = None
"""Instead of a rate: the series has no samples."""
RESTART: Final = "restart"
"""Between two rates: the process starts again and its counters with it."""

STRATEGIES: Final = ("hierarchical", "raw", "hybrid")
BURN: Final = "ErrorBudgetBurn"
BLIND: Final = "SLOMetricAbsent"

Span = tuple[int, float | None]
Json = dict[str, Any]


@dataclass(frozen=True)
class Expectation:
    """An entry of ``promql_expr_test`` or ``alert_rule_test``."""

    kind: str
    entry: Json


def counter(*spans: Span | str, every: int = 30) -> str:
    """
    A counter that rises at a rate for some seconds, then at another, and so on, as promtool writes series.

    It is 0 at first; when it was absent it goes on from where it was.
    """
    value, parts, first = 0.0, [], True
    for span in spans:
        if isinstance(span, str):
            value = 0.0
            continue
        seconds, rate = span
        count = seconds // every + first
        if rate is ABSENT:
            parts.append("_" if count == 1 else f"_x{count}")
        else:
            rise = rate * every
            start = value if first else value + rise
            parts.append(f"{start:.12g}+{rise:.12g}x{count - 1}")
            value = start + rise * (count - 1)
        first = False
    return " ".join(parts)


def gauge(*spans: Span, every: int = 30) -> str:
    """A gauge that has a value for some seconds, then another, and so on."""
    parts, first = [], True
    for seconds, value in spans:
        count = seconds // every + first
        parts.append(f"_x{count}" if value is ABSENT else f"{value:.12g}x{count - 1}")
        first = False
    return " ".join(parts)


def number(at: int, expr: str, expected: float, *, to: float = 0.0001) -> Expectation:
    """At *at* seconds the values of *expr* sum up to *expected*, rounded since promtool compares to the last digit."""
    return samples(at, f"round(sum({expr}), {to})", {"": expected})


def each(at: int, expr: str, label: str, expected: Mapping[str, float], *, to: float = 0.0001) -> Expectation:
    """At *at* seconds *expr* has these values, by the value of *label*, and no others."""
    return samples(
        at,
        f"round(sum by ({label}) ({expr}), {to})",
        {_is(label, name): value for name, value in expected.items()},
    )


def alike(at: int, expr: str, expected: float, *, to: float = 0.0001) -> Expectation:
    """At *at* seconds *expr* has this value for each SLO of `in_every_strategy`."""
    return each(at, expr, "slo_name", dict.fromkeys(STRATEGIES, expected), to=to)


def alike_each(at: int, metric: str, label: str, expected: Mapping[str, float]) -> list[Expectation]:
    """At *at* seconds *metric* has these values by *label* for each SLO of `in_every_strategy`."""
    return [each(at, f'{metric}{{slo_name="{name}"}}', label, expected) for name in STRATEGIES]


def nothing(at: int, expr: str) -> Expectation:
    """At *at* seconds *expr* has no value, not even NaN."""
    return samples(at, expr, {})


def samples(at: int, expr: str, expected: Mapping[str, float]) -> Expectation:
    """At *at* seconds *expr* gives exactly these, by metric and labels."""
    listed = [{"labels": f"{{{labels}}}", "value": value} for labels, value in expected.items()]
    return Expectation("promql_expr_test", {"expr": expr, "eval_time": f"{at}s", "exp_samples": listed})


def firing(at: int, *severities: str, slo: str = "", among: str = "") -> Expectation:
    """At *at* seconds the burn alerts of these severities fire, and those of no other (or no other *among* these)."""
    return _groups_of(at, _firing(BURN, slo, among), "slo_severity", severities)


def holding(at: int, slo: str, *tiers: str) -> Expectation:
    """At *at* seconds the alerts of these tiers of a split SLO fire, and those of no other."""
    return _groups_of(at, _firing(BURN, slo), "slo_tier", tiers)


def never(until: int, severity: str, slo: str = "") -> Expectation:
    """Up to *until* seconds no burn alert of *severity* has fired."""
    return nothing(until, f"count_over_time({_firing(BURN, slo, severity)}[{until + 1}s])")


def blind(at: int, told: bool, *, slo: str = "") -> Expectation:
    """Whether at *at* seconds the alert for missing data fires."""
    return samples(at, f"max({_firing(BLIND, slo)})", {"": 1} if told else {})


def firing_groups(at: int, severity: str, label: str, *groups: str, slo: str = "") -> Expectation:
    """At *at* seconds the burn alert of *severity* fires for these *groups* and no others."""
    return _groups_of(at, _firing(BURN, slo, severity), label, groups)


def blind_groups(at: int, label: str, *groups: str) -> Expectation:
    """At *at* seconds the alert for missing data fires for these *groups* and no others."""
    return _groups_of(at, _firing(BLIND, ""), label, groups)


def _groups_of(at: int, alerts: str, label: str, groups: Sequence[str]) -> Expectation:
    return samples(at, f"max by ({label}) ({alerts})", {_is(label, group): 1 for group in groups})


def _is(label: str, value: str) -> str:
    return f'{label}="{value}"' if value else ""


def alerts(at: int, name: str, *expected: tuple[Mapping[str, str], Mapping[str, str]]) -> Expectation:
    """At *at* seconds the alert *name* fires with exactly these labels and annotations."""
    listed = [{"exp_labels": dict(labels), "exp_annotations": dict(texts)} for labels, texts in expected]
    return Expectation("alert_rule_test", {"eval_time": f"{at}s", "alertname": name, "exp_alerts": listed})


def firing_series(slo: str, severity: str) -> str:
    """What selects the series of a burn alert that fires."""
    return _firing(BURN, slo, severity)


def _firing(alert: str, slo: str, severity: str = "") -> str:
    wanted = {"alertname": alert, "alertstate": "firing", "slo_id": slo, "slo_severity": severity}
    matchers = [f'{name}="{value}"' for name, value in wanted.items() if value]
    return f"ALERTS{{{','.join(matchers)}}}"


@dataclass(frozen=True)
class Trial:
    """
    An SLO file, the series that are scraped, and what must follow.

    Attributes:
        every: seconds between samples.
        step: seconds between evaluations; promtool evaluates every group at this pace.
        without: the endings of groups that are not evaluated, as if it had not been their turn yet.
    """

    slos: str
    series: Mapping[str, str]
    expected: Sequence[Expectation]
    organisation: str = ""
    every: int = 30
    step: int = MINUTE
    without: tuple[str, ...] = ()

    def groups(self) -> list[Json]:
        """The rule groups that are evaluated."""
        groups = rule_groups(compiled(self.slos, self.organisation))
        return [group for group in groups if not group["name"].endswith(self.without)]

    def entry(self) -> Json:
        """One of promtool's ``tests``."""
        series = [{"series": name, "values": values} for name, values in self.series.items()]
        entry: Json = {"interval": f"{self.every}s", "input_series": series}
        for expectation in self.expected:
            entry.setdefault(expectation.kind, []).append(expectation.entry)
        return entry


def settled(
    slos: str, series: Mapping[str, str], expected: Sequence[Expectation], more: str = "", **keys: Any
) -> Trial:
    """A trial of what is not about time: the alerts take every window for full; *more* of the organisation's."""
    return Trial(slos, series, expected, f"alerting: {{weigh_coverage: false}}\n{more}", **keys)


@dataclass(frozen=True)
class Promtool:
    """promtool, one of each major version that is to judge, with a folder to write to."""

    binaries: tuple[Path, ...]
    folder: Path

    def judge(self, *trials: Trial) -> None:
        """Fail, with what promtool says, unless all that is expected of *trials* comes true."""
        files = [self._write(f"trial-{index}", trial) for index, trial in enumerate(trials)]
        said = [done.stdout + done.stderr for done in self.run("test", "rules", *files) if done.returncode]
        assert not said, "\n".join(said)

    def run(self, *arguments: str) -> list[subprocess.CompletedProcess[str]]:
        """What each version does when it is called with *arguments*; they run side by side, which halves the time."""
        with ThreadPoolExecutor(len(self.binaries)) as pool:
            return list(pool.map(lambda binary: self._run(binary, *arguments), self.binaries))

    def _run(self, binary: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [binary, *arguments],
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
            cwd=self.folder,
            env=os.environ | {"GOGC": "1000"},  # a third less time for more memory, in a short life
        )

    def _write(self, name: str, trial: Trial) -> str:
        """The name of a unit test file, which is written with its rule file beside it."""
        rules, groups = compiled(trial.slos, trial.organisation), trial.groups()
        if trial.without:
            rules = yaml.safe_dump({"groups": groups})
        (self.folder / f"{name}.rules.yaml").write_text(rules, "utf-8")
        content = {
            "rule_files": [f"{name}.rules.yaml"],
            "evaluation_interval": f"{trial.step}s",
            "group_eval_order": [group["name"] for group in groups],
            "tests": [trial.entry()],
        }
        (self.folder / f"{name}.test.yaml").write_text(yaml.safe_dump(content), "utf-8")
        return f"{name}.test.yaml"


def shop(*slos: Json, **header: Any) -> str:
    """The file of a service ``shop`` with these SLOs."""
    return yaml.safe_dump({"apiVersion": "slogen/v1", "service": "shop", **header, "slos": list(slos)}, sort_keys=False)


def slo(sli: Json, name: str = "orders", **keys: Any) -> Json:
    """An SLO of 99.9 %, if nothing else is said."""
    return {"name": name, "objective": 99.9, "sli": sli, **keys}


def in_every_strategy(sli: Json, **keys: Any) -> str:
    """The file of a service whose SLOs, named after their strategies, measure the same, each in its own way."""
    return shop(*(slo(sli, strategy, strategy=strategy, **keys) for strategy in STRATEGIES))


def compiled(slos: str, organisation: str = "") -> str:
    """The rule file of an SLO file."""
    compilation = slogen.compile(
        {"slos/shop.yaml": slos},
        organisation=("slogen.yaml", organisation) if organisation else None,
        targets=["prometheus"],
    )
    (artifact,) = compilation.artifacts
    return artifact.text


def rule_groups(rules: str) -> list[Json]:
    """The groups of a rule file, as a reader of YAML sees them."""
    groups: list[Json] = yaml.load(rules, yaml.CSafeLoader)["groups"]
    return groups

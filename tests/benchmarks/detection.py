"""
How long after an incident starts it pages and opens a ticket, and how long after its end each resets.

    python tests/benchmarks/detection.py

Incidents of several error ratios, each after three quiet days, are told to a real Prometheus as counters, scraped every
30 s; what the compiled rules would have recorded of them is recorded, and the compiled alerts are asked for at each
moment at which their group is evaluated. Beside each time stands how much later that is than the Workbook's theory.
Exits with 1 where a page comes later than a base window and an evaluation.

Source: https://sre.google/workbook/alerting-on-slos/
"""

import math
import os
import sys
import tempfile
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any, Final, NamedTuple

import yaml

TESTS: Final = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TESTS))

import slogen  # noqa: E402 - found from the folder of the tests, which is put before it
from live import backfill  # noqa: E402 - likewise
from live.server import Server, Toolchain, running  # noqa: E402
from slogen import naming, policy  # noqa: E402
from slogen.model import Severity, Strategy  # noqa: E402
from slogen.units import Window  # noqa: E402
from toolchain import debian_prometheus  # noqa: E402

SCRAPE: Final = 30
BASE: Final = 120
HOUR: Final = 3_600
START: Final = 1_760_000_400
QUIET: Final = 72 * HOUR
INTO_A_SCRAPE: Final = 13
"""Seconds after a scrape at which incidents start."""
RATE: Final = 100
OBJECTIVE: Final = Decimal("0.999")
SLO_WINDOW: Final = Window.parse("30d")
INCIDENTS: Final = {100: 1, 10: 2, 5: 4, 1: 12}
"""Percent of errors, and for how many hours."""
END: Final = START + QUIET + (max(INCIDENTS.values()) + 8) * HOUR


_START: Final = naming.base(naming.START, Window(BASE))


class Times(NamedTuple):
    """Seconds from the start of an incident until an alert fires, and from its end until it resets."""

    fires: float
    resets: float


def theory(severity: Severity, percent: int, seconds: int) -> Times:
    """The first tier that holds, and the last that lets go."""
    ratio = Fraction(percent, 100)
    fires, resets = [], []
    for step in policy.WORKBOOK.steps:
        rate = policy.burn_rate(step, SLO_WINDOW)
        detected = policy.detection_seconds(rate, step.long, OBJECTIVE, ratio)
        if step.severity is severity and detected is not None and detected < seconds:
            fires.append(float(detected))
            resets.append(float(policy.reset_seconds(policy.threshold(rate, OBJECTIVE), step.short, ratio)))
    return Times(min(fires), max(resets))


def slos(strategy: Strategy) -> list[dict[str, Any]]:
    """The rule groups of one SLO an incident."""
    text = f"apiVersion: slogen/v1\nservice: {strategy}\nslos:" + "".join(
        f"""
  - name: errors-{percent}
    objective: 99.9
    sli: {{availability: {{total: 'served_total{{job="{percent}"}}', bad: 'failed_total{{job="{percent}"}}'}}}}
"""
        for percent in INCIDENTS
    )
    compilation = slogen.compile({"slos/shop.yaml": text}, targets=["prometheus"], strategy=strategy)
    groups: list[dict[str, Any]] = yaml.safe_load(compilation.artifacts[0].text)["groups"]
    return groups


def counters() -> Iterator[backfill.Series]:
    """What is scraped: errors after three days, for some hours, and never before or after."""
    scrapes = range(START, END, SCRAPE)
    begin = START + QUIET + INTO_A_SCRAPE
    for percent, hours in INCIDENTS.items():
        failing = [min(max(moment - begin, 0), hours * HOUR) for moment in scrapes]
        yield f'served_total{{job="{percent}"}}', [(moment, RATE * (moment - START)) for moment in scrapes]
        failed = [RATE * percent * seconds // 100 for seconds in failing]
        yield f'failed_total{{job="{percent}"}}', list(zip(scrapes, failed, strict=True))


def starts(groups: list[dict[str, Any]]) -> Iterator[backfill.Series]:
    """Since when each SLO is recorded: long before, which no rule over these days alone can know."""
    rules = [rule for group in groups for rule in group["rules"]]
    for identity in (
        rule["labels"] for rule in rules if rule.get("record") == naming.base(naming.EVENTS, Window(BASE))
    ):
        labels = ",".join(f'{name}="{value}"' for name, value in identity.items())
        moments = range(START, END, BASE)
        yield f"{_START}{{{labels}}}", [(moment, START - QUIET) for moment in moments]


def measure(server: Server, groups: list[dict[str, Any]], severity: Severity, percent: int) -> Times:
    """When the alert of that SLO and severity fires first, and last."""
    rules = [rule for group in groups for rule in group["rules"] if "alert" in rule]
    wanted = {"slo_name": f"errors-{percent}", "slo_severity": severity.value}
    (alert,) = [
        rule for rule in rules if wanted.items() <= rule["labels"].items() and rule["alert"] == "ErrorBudgetBurn"
    ]
    slo = alert["labels"]["slo_id"]
    begin = START + QUIET + INTO_A_SCRAPE
    (evaluated,) = server.query(f'timestamp(slo:sli_error:ratio_rate5m{{slo_id="{slo}"}})', begin)
    held = sorted(server.query_at(f"count({alert['expr']})", math.ceil(evaluated.value), END, SCRAPE))
    return Times(held[0] - begin, held[-1] + SCRAPE - begin - INCIDENTS[percent] * HOUR)


def timed(tools: Toolchain) -> Iterator[tuple[Strategy, Severity, int, Times]]:
    """The times of every alert, by every strategy."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        groups = {strategy: slos(strategy) for strategy in Strategy}
        every = [group for some in groups.values() for group in some]
        backfill.write(folder / "raw.om", [*counters(), *starts(every)])
        backfill.raw(tools, folder, folder / "raw.om")
        told = backfill.chosen(every, lambda rule: rule.get("record") != _START)
        backfill.records(tools, folder, told, START, END)
        with running(tools, folder) as server:
            for strategy, some in groups.items():
                for severity in Severity:
                    for percent in INCIDENTS:
                        yield strategy, severity, percent, measure(server, some, severity, percent)


def main() -> None:
    """Print the table."""
    place = debian_prometheus.folder(2, TESTS.parent / ".cache/prometheus", os.environ)
    debian_prometheus.version(place, 2)
    tools = Toolchain(2, place / "prometheus", place / "promtool")
    late = False
    print("| errors | alert | strategy | fires after | theory | later by | resets after | theory | later by |")
    print("|--:|---|---|--:|--:|--:|--:|--:|--:|")
    for strategy, severity, percent, times in sorted(timed(tools), key=lambda one: (one[1], -one[2])):
        due = theory(severity, percent, INCIDENTS[percent] * HOUR)
        late |= severity is Severity.PAGE and times.fires - due.fires > BASE + SCRAPE
        cells = (f"{now:.0f} s | {then:.0f} s | {now - then:+.0f} s" for now, then in zip(times, due, strict=True))
        print(f"| {percent} % | {severity} | {strategy} | {' | '.join(cells)} |")
    sys.exit("a page came later than a base window and an evaluation" if late else 0)


if __name__ == "__main__":
    main()

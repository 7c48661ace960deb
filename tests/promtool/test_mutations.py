"""The generated tests notice whatever is broken in the rules: each mutant that is not equivalent is killed by one."""

from collections.abc import Callable
from functools import reduce
from pathlib import Path
from typing import Final

import pytest

import slogen
from slogen import promtool
from slogen.cli.trying import Trial, prepare
from slogen.prose import Prose

SLOS: Final = """\
apiVersion: slogen/v1
service: shop
slos:
  - name: orders
    description: Orders are taken.
    objective: 99.9
    sli: {availability: {total: 'orders_total{job="shop"}', bad: 'orders_total{job="shop",code=~"5.."}'}}
  - name: regions
    objective: 99.9
    group_by: [region]
    sli: {availability: {total: served_total, bad: failed_total}}
    alerting: {min_events: 100, ticket: false}
  - name: latency
    objective: 99
    sli: {latency: {histogram: latency_seconds, threshold: 500ms}}
    alerting: {page: false, ticket: false}
  - name: refusals
    objective: 99
    sli: {ratio: {query: 'sum(rate(refused_total[$window])) / sum(rate(asked_total[$window]))'}}
    alerting: {ticket: false, no_data: false}
"""

Mutate = Callable[[str], str]


def swap(old: str, new: str, times: int = 1) -> Mutate:
    """Write *new* instead of *old*."""

    def mutate(rules: str) -> str:
        assert old in rules, f"there is no {old!r} to break"
        return rules.replace(old, new, times)

    return mutate


def exchange(one: str, other: str, within: str) -> Mutate:
    """Let *one* and *other* change places in the lines from the first that holds *within*, ten of them."""

    def mutate(rules: str) -> str:
        head, found, tail = rules.partition(within)
        assert found
        lines = (found + tail).split("\n")
        broken = "\n".join(lines[:10]).replace(one, "\0").replace(other, one).replace("\0", other)
        assert broken != "\n".join(lines[:10])
        return head + "\n".join([broken, *lines[10:]])

    return mutate


def without_tier(long: str, *, first: bool) -> Mutate:
    """Leave out the tier of the window *long*, the first or the last of its alert of the SLO ``orders``."""

    def mutate(rules: str) -> str:
        place = rules.index(f'ratio_rate{long}{{slo_id="shop-orders"}}')
        start, end = rules.rindex("          (\n", 0, place), rules.index("\n          )\n", place) + 13
        joint = "          or\n"
        if first:
            assert rules[end:].startswith(joint)
            return rules[:start] + rules[end + len(joint) :]
        assert rules[:start].endswith(joint)
        return rules[: start - len(joint)] + rules[end:]

    return mutate


HOUR: Final = """\
            slo:sli_error:ratio_rate1h{slo_id="shop-orders"}
            *
            clamp_max((time() - min_over_time(slo:sli_start:rate2m{slo_id="shop-orders"}[20m])) / 3600, 1) > 0.0144"""
MINUTES: Final = '            slo:sli_error:ratio_rate5m{slo_id="shop-orders"} > 0.0144'
AND: Final = "\n            and\n"
PAGE: Final = '            slo:sli_error:ratio_rate5m{slo_id="shop-orders"} > 0.0144\n            and'
MUTANTS: Final[dict[str, Mutate]] = {
    "a threshold ten times too high": swap("0.0144", "0.144", 2),
    "a threshold ten times too low": swap("0.0144", "0.00144", 2),
    "a threshold a fifth too low": swap("0.0144", "0.0115", 2),
    "windows swapped across tiers": exchange("ratio_rate1h", "ratio_rate6h", PAGE),
    "one of two windows enough": swap(PAGE, PAGE.removesuffix("and") + "or"),
    "the other tier needed, too": swap(
        "          )\n          or\n          (", "          )\n          and\n          ("
    ),
    "errors and events swapped": exchange("sli_errors", "sli_events", 'record: "slo:sli_error:ratio_rate5m"'),
    "no guard against no traffic": swap("[5m]) > 0)", "[5m]))"),
    "a share of nothing poisons the window": swap(
        """clamp_min(avg(((sum(rate(refused_total[2m])) / sum(rate(asked_total[2m]))) > -Inf) < Inf), 0)""",
        """sum(rate(refused_total[2m])) / sum(rate(asked_total[2m]))""",
    ),
    "a page's young window counted in full": swap("/ 3600, 1) > 0.0144", "/ 36, 1) > 0.0144"),
    "a ticket's young window counted in full": swap("/ 259200, 1)", "/ 2592, 1)"),
    "the page of an hour lost": without_tier("1h", first=True),
    "the page of six hours lost": without_tier("30m", first=False),
    "the ticket of a day lost": without_tier("1d", first=True),
    "the ticket of three days lost": without_tier("3d", first=False),
    "no zero for a missing error series": swap(
        '\n          or\n          0 * sum(slo:sli_events:rate2m{slo_id="shop-orders"})', ""
    ),
    "the group's label lost": swap("sum by (region) (rate(", "sum(rate(", 2),
    "the wrong bucket": swap('le=~"0?\\\\.50*', 'le=~"[+]Inf|0?\\\\.50000*'),
    "no bucket chosen": swap("clamp_min(", "0 * clamp_min("),
    "min_events lost": swap(">= 100", ">= 0", 2),
    "the severity mislabelled": swap('slo_severity: "page"', 'slo_severity: "ticket"'),
    "the routing label lost": swap('          severity: "page"\n', ""),
    "missing data told too late": swap('for: "15m"', 'for: "1h"'),
    "missing data told at once": swap('for: "15m"', 'for: "1m"'),
    "missing data never told": swap(
        'absent(slo:sli_events:rate2m{slo_id="shop-orders",slo_service="shop",slo_name="orders"})'
        "\n          or\n          absent(slo:sli_errors:rate2m",
        "absent(slo:objective:ratio",
    ),
    "a vanished group never told": swap(
        'present_over_time(slo:sli_events:rate2m{slo_id="shop-regions"}[1h])',
        'slo:sli_events:rate2m{slo_id="shop-regions"}',
    ),
    "the wrong budget": swap("vector(0.001)", "vector(0.01)"),
    "a day read over three": swap('{slo_service="shop"}[1d]', '{slo_service="shop"}[3d]', 2),
    "counters read without a rate": swap("sum(rate(orders_total", "sum(sum_over_time(orders_total"),
    "the summary reworded": swap("is burning its error budget fast", "burns its error budget"),
}
OF_DAYS: Final = ("a day read over three", "the ticket of a day lost", "the ticket of three days lost")
"""What none but the longest tests notice, so that they are run first."""
EQUIVALENT: Final[dict[str, Mutate]] = {
    # `and` keeps what is on its left where the right has the same labels, and both windows have: which of them is on
    # the left decides the value of the expression alone, and neither ALERTS nor slogen's wording has that value.
    "the windows of one tier swapped": swap(MINUTES + AND + HOUR, HOUR + AND + MINUTES),
    # The expression of a lone counter sums one series of a test; a sum of sums is the same sum.
    "a sum of a sum": swap("sum(rate(orders_total", "sum(1 * rate(orders_total"),
}


class Bench:
    """A promtool of Prometheus 3.x, a folder, and what the SLOs compile to."""

    def __init__(self, promtool3: Path, folder: Path) -> None:
        self.tool = promtool.find(promtool3, (3, 0))
        self.folder = folder
        self.compiled = slogen.compile({"slos/shop.yaml": SLOS}, targets=["prometheus"])

    def trials(self, mutate: Mutate, *, full: bool) -> list[Trial]:
        """The generated tests beside broken rules, the shortest first."""
        (artifact,) = self.compiled.artifacts
        broken = artifact._replace(text=mutate(artifact.text))
        assert broken != artifact
        compilation = self.compiled._replace(artifacts=(broken,))
        trials, _ = prepare(compilation, Prose(), self.folder, self.tool, full=full)
        return sorted(trials, key=lambda trial: (trial.test.slow, trial.file.stat().st_size if trial.file else 0))

    def said(self, trial: Trial) -> str:
        """What promtool says of it; nothing where it passes."""
        assert trial.file
        return promtool.run(self.tool, trial.file).said


@pytest.fixture
def bench(promtool3: Path, tmp_path: Path) -> Bench:
    return Bench(promtool3, tmp_path)


@pytest.mark.parametrize("name", MUTANTS)
def test_what_is_broken_is_noticed_by_a_generated_test(bench: Bench, name: str) -> None:
    trials = bench.trials(MUTANTS[name], full=True)
    if name in OF_DAYS:
        trials.reverse()
    assert any(bench.said(trial) for trial in trials), f"nothing noticed {name}"


def test_what_means_the_same_passes_every_test_of_pages(bench: Bench) -> None:
    def mutate(rules: str) -> str:
        return reduce(lambda text, equivalent: equivalent(text), EQUIVALENT.values(), rules)

    for trial in bench.trials(mutate, full=False):
        assert not bench.said(trial)

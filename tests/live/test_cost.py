"""What the rules of a service read: the exact number of samples, by the statistics of the query API."""

from pathlib import Path

from benchmarks.history import make
from benchmarks.rule_sets import SEVERAL, rule_sets
from benchmarks.rules import sweep
from live.server import Toolchain, running

SERIES = 10
SAMPLES = {
    "slogen": {2: 37_108, 3: 37_079},
    f"slogen, {SEVERAL} SLOs a service": {2: 37_108, 3: 37_079},
}
"""Of one SLO in one sweep over all its rules; a range that ends on a sample holds one more on 2.x."""


def test_a_sweep_of_all_rules_reads_so_many_samples(tools: Toolchain, tmp_path: Path) -> None:
    sets = tuple(one for one in rule_sets(SERIES) if one.shape in SAMPLES)
    make(tools, tmp_path, {SERIES: sets})
    with running(tools, tmp_path) as server:
        read = {one.shape: sum(cost.sweep_samples for cost in sweep(server, one)) / len(one.slos) for one in sets}
    assert read == {shape: samples[tools.major] for shape, samples in SAMPLES.items()}

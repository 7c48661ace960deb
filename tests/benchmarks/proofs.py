"""
How long `slogen test` takes for an SLO on one core, of services of one and of five SLOs, --quick and --full.

    python tests/benchmarks/proofs.py PROMTOOL

Processor seconds of slogen and promtool together, since machines are busy; the median of three runs.
"""

import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

RUNS = 3
SLO = """\
  - name: slo-{number}
    objective: 99.9
    sli: {{availability: {{total: 'r{number}_total{{job="a"}}', bad: 'r{number}_total{{job="a",code=~"5.."}}'}}}}
"""


def processor_seconds(folder: Path, arguments: list[str]) -> float:
    """What one run of ``slogen test`` takes of a processor."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [str(Path(sys.executable).with_name("slogen")), "test", "slos", "--jobs", "1", *arguments]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Print a row for each size of a service."""
    for slos in (1, 5):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            (folder / "slogen.yaml").touch()
            (folder / "slos").mkdir()
            listed = "".join(SLO.format(number=number) for number in range(slos))
            (folder / "slos/shop.yaml").write_text(f"apiVersion: slogen/v1\nservice: shop\nslos:\n{listed}")
            for scope in ("--quick", "--full"):
                arguments = ["--promtool", str(Path(sys.argv[1]).absolute()), scope]
                seconds = statistics.median(processor_seconds(folder, arguments) for _ in range(RUNS))
                print(f"{slos} SLOs a service, {scope:7}: {seconds / slos:6.2f} s of one core for each SLO")


if __name__ == "__main__":
    main()

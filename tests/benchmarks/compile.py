"""
How long `slogen compile` takes, start-up included, against only loading the same files with PyYAML's C loader.

    python tests/benchmarks/compile.py [SLOS ...]

Terse SLOs, five a file, from a fixed generator, compiled to the rules alone (`--target prometheus`), or to the targets
that TARGETS names, with commas between. Both commands run in turn, after one run that does not count, by which all
modules have their bytecode, as an installed package's have; the figures are medians of their runs, and ratios of them,
since machines differ. Memory is the sum over all processes of each one's peak. Each run writes a folder of its own, and
nothing is deleted before the end: for minutes ext4 looks at every inode that was deleted before it makes a file anew,
which takes twelve times as long then.

Source: `recently_deleted` in https://github.com/torvalds/linux/blob/master/fs/ext4/ialloc.c
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SLOS_A_FILE = 5
RUNS = {1: 15, 100: 9, 1_000: 5, 10_000: 3}
START_UP = "import click, pydantic, yaml"
LOAD = """
import pathlib, sys, time, yaml
start = time.perf_counter()
for path in pathlib.Path(sys.argv[1]).rglob("*.yaml"):
    yaml.load(path.read_bytes(), Loader=yaml.CSafeLoader)
print(time.perf_counter() - start)
"""


def slo(number: int) -> str:
    """One terse SLO; every third measures latency."""
    job = f'job="service-{number // SLOS_A_FILE}"'
    if number % 3 == 2:
        sli = f"latency: {{histogram: 'http_request_duration_seconds{{{job}}}', threshold: 500ms}}"
    else:
        total = f"requests_{number}_total{{{job}"
        sli = f"availability: {{total: '{total}}}', bad: '{total},code=~\"5..\"}}'}}"
    return f"  - name: slo-{number}\n    objective: {99 + number % 9 / 10}\n    sli: {{{sli}}}\n"


def write(folder: Path, slos: int) -> None:
    """An organisation with so many SLOs."""
    for start in range(0, slos, SLOS_A_FILE):
        listed = "".join(slo(number) for number in range(start, min(start + SLOS_A_FILE, slos)))
        text = f"apiVersion: slogen/v1\nservice: service-{start // SLOS_A_FILE}\nslos:\n{listed}"
        (folder / f"service-{start // SLOS_A_FILE}.yaml").write_text(text)


def seconds(command: list[str]) -> float:
    """By the clock."""
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - start


def megabytes(command: list[str]) -> float:
    """The peaks of all its processes, summed; looking for them takes time, so it is a run of its own."""
    process = subprocess.Popen(command, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    peaks: dict[int, int] = {}
    while process.poll() is None:
        for pid in _children(process.pid):
            peaks[pid] = max(peaks.get(pid, 0), _peak_kilobytes(pid))
        time.sleep(0.005)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} failed")
    return sum(peaks.values()) / 1024


def _children(leader: int) -> list[int]:
    found = [leader]
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if (
                    int((entry / "stat").read_text().rsplit(")", 1)[1].split()[3]) == leader
                    and int(entry.name) != leader
                ):
                    found.append(int(entry.name))
            except (OSError, IndexError):
                continue
    return found


def _peak_kilobytes(pid: int) -> int:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")), 0)


def compare(folder: Path, slos: int, runs: int) -> None:
    """One row of the table."""
    (folder / "slos").mkdir(parents=True)
    write(folder / "slos", slos)
    targets = [word for name in os.environ.get("TARGETS", "prometheus").split(",") for word in ("--target", name)]
    command = [slogen(), "compile", str(folder / "slos"), *targets, "--out"]
    memory = megabytes([*command, str(folder / "first")])
    loads, compiles, starts = [], [], []
    for run in range(runs):
        loaded = subprocess.run(
            [sys.executable, "-c", LOAD, str(folder / "slos")], check=True, capture_output=True, text=True
        )
        loads.append(float(loaded.stdout))
        compiles.append(seconds([*command, str(folder / f"generated-{run}")]))
        starts.append(seconds([sys.executable, "-c", START_UP]))
    load, compiled, start = map(statistics.median, (loads, compiles, starts))
    print(
        f"{slos:>6} SLOs: compile {compiled:6.2f} s, load {load:6.3f} s, ratio {compiled / load:6.1f}, "
        f"{compiled / start:5.2f} x start-up of the libraries ({start:.3f} s), peak {memory:4.0f} MB"
    )


def slogen() -> str:
    """The command beside this interpreter."""
    return os.environ.get("SLOGEN") or str(Path(sys.executable).with_name("slogen"))


if __name__ == "__main__":
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    with tempfile.TemporaryDirectory() as name:
        for number in map(int, sys.argv[1:] or RUNS):
            compare(Path(name, str(number)), number, RUNS.get(number, 3))

"""
How long `slogen diff --against HEAD` takes where ten of many SLOs changed, against two runs of `slogen compile`.

    python tests/benchmarks/diff.py [SLOS ...]

The SLOs are those of compile.py, in a git repository with what they compile to, for the target `prometheus` alone, or
those that TARGETS names, with commas between. Ten SLOs in as many files get another objective. Diff compiles both sides
and reads what is committed; compile writes to an empty folder. Both run in turn, after one run that does not count; the
figures are medians of their runs.
"""

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.compile import SLOS_A_FILE, slogen, write

RUNS = 3
CHANGED = 10
GIT = ("git", "-c", "user.name=a", "-c", "user.email=a@b.example", "-c", "gc.auto=0")


def main(slos: int) -> None:
    """One row of the table."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "slos").mkdir()
        write(folder / "slos", slos)
        (folder / "slogen.yaml").write_text(f"targets: [{os.environ.get('TARGETS', 'prometheus')}]\n")
        called(folder, slogen(), "compile")
        called(folder, "git", "init", "--quiet")
        called(folder, *GIT, "add", "--all")
        called(folder, *GIT, "commit", "--quiet", "--message", "all")
        change(folder / "slos", slos)
        compiles, diffs = [], []
        for run in range(RUNS + 1):
            shutil.rmtree(folder / "elsewhere", ignore_errors=True)
            compiled = called(folder, slogen(), "compile", "--out", "elsewhere")
            told = called(folder, slogen(), "diff", "--against", "HEAD", code=1)
            if run:
                compiles.append(compiled)
                diffs.append(told)
        one, diff = statistics.median(compiles), statistics.median(diffs)
        times = f"diff {diff:6.2f} s, two compiles {2 * one:6.2f} s, {diff / one / 2:4.2f} x"
        print(f"{slos:>6} SLOs, {CHANGED} changed: {times}")


def change(folder: Path, slos: int) -> None:
    """Another objective for one SLO in each of ten files."""
    files = [
        folder / f"service-{number}.yaml" for number in range(0, slos // SLOS_A_FILE, slos // SLOS_A_FILE // CHANGED)
    ]
    for file in files[:CHANGED]:
        text = file.read_text()
        start = text.index("objective: ")
        file.write_text(f"{text[:start]}objective: 97.5{text[text.index(chr(10), start) :]}")


def called(folder: Path, *command: str, code: int = 0) -> float:
    """Wall seconds of a command, which has to end with *code*."""
    start = time.perf_counter()
    done = subprocess.run(command, cwd=folder, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    seconds = time.perf_counter() - start
    if done.returncode != code:
        raise SystemExit(f"{' '.join(command)} ended with {done.returncode}: {done.stdout[-2000:]}")
    return seconds


if __name__ == "__main__":
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    for number in map(int, sys.argv[1:] or (100, 1_000, 10_000)):
        main(number)

"""
slogen against a real Prometheus whose history was made for the purpose; all of it stays on this machine.

    PYTHONPATH=tests python -m demo FOLDER

The page goes to ``FOLDER/backtest.html``. Prometheus is fetched into ``FOLDER/../prometheus`` where it is not there
yet; it listens on loopback, at a port that is free, until everything is told or Ctrl-C.
"""

import os
import shlex
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

from demo import history
from live import backfill
from live.server import Toolchain, running
from toolchain import debian_prometheus
from toolchain.debian import UnavailableError

SLOS: Final = Path(__file__).parent / "slos"
SLOGEN: Final = Path(sys.executable).with_name("slogen")
FINDINGS: Final = 1
INTERRUPTED: Final = 130


def main(arguments: list[str]) -> int:
    """0 when all was told, 1 when something cannot be had or did not work."""
    if len(arguments) != 1:
        print("usage: python -m demo FOLDER", file=sys.stderr)
        return 2
    folder = Path(arguments[0]).absolute()
    folder.mkdir(parents=True, exist_ok=True)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # it is stopped like by Ctrl-C
    try:
        tools = _tools(folder.parent / "prometheus")
        with tempfile.TemporaryDirectory(prefix="server-", dir=folder, ignore_cleanup_errors=True) as server:
            return _show(tools, Path(server), folder / "backtest.html")
    except UnavailableError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nstopped", file=sys.stderr)
        return INTERRUPTED


def _tools(cache: Path) -> Toolchain:
    """Prometheus of the newest version that can be had."""
    reasons = []
    for major in sorted(debian_prometheus.TOOLS, reverse=True):
        try:
            place, _ = debian_prometheus.provide(major, cache, os.environ)
        except UnavailableError as error:
            reasons.append(f"{error}\n{debian_prometheus.advice(major)}")
        else:
            return Toolchain(major, place / "prometheus", place / "promtool")
    raise UnavailableError("\n".join(reasons))


def _show(tools: Toolchain, data: Path, page: Path) -> int:
    _tell(f"Making {history.DAYS} days of history for four services ...")
    text = data / "history.om"
    backfill.write(text, history.series(int(time.time())))
    backfill.raw(tools, data, text)
    text.unlink()
    rules = data / "generated"
    compiled = _slogen("compile", "--target", "prometheus", "--out", _here(rules))
    with running(tools, data, lambda _port: {"rule_files": [f"{rules}/prometheus/*.yaml"]}) as server:
        _tell(f"\nPrometheus has it, at {server.url}, and runs the rules.")
        asked = ("--prometheus", server.url)
        validated = _slogen("validate", *asked)
        replayed = _slogen("backtest", *asked, "--no-cache", "--min-events", "100", "--html", _here(page))
    if not (compiled and validated and replayed):
        return 1
    _tell(f"\nThe page is {page.as_uri()}")
    return 0


def _here(path: Path) -> str:
    return os.path.relpath(path)


def _slogen(command: str, *options: str) -> bool:
    """Whether the command did its work, what it found aside."""
    arguments = [command, *options, _here(SLOS)]
    _tell(f"\n$ {shlex.join(['slogen', *arguments])}")
    straight = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    done = subprocess.run([SLOGEN, *arguments], env=straight, stdin=subprocess.DEVNULL, check=False)
    return done.returncode in {0, FINDINGS}


def _tell(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""promtool, a process of its own for each test."""

import os
import re
import shutil
import subprocess
import time
from pathlib import Path
from typing import Final, NamedTuple

NATIVE: Final = (3, 0)
"""The first version that reads native histograms in unit tests."""
_INSTALL: Final = (
    "it comes with Prometheus: apt install prometheus, brew install prometheus, "
    "or https://prometheus.io/download/; or name one with --promtool"
)
_VERSION = re.compile(r"promtool, version (\d+)\.(\d+)")
_FAILURE = re.compile(r"^ +(?:name: .*|expr: .*|alertname: .*|rule: .*)$", re.MULTILINE)
_SAMPLE = re.compile(r"[^\s,{}]*\{[^{}]*\} [^\s,]+")
_ID = re.compile(r'slo_id=\\?"([^"\\]*)')
_SECONDS: Final = 600
_ENVIRONMENT: Final = {"GOMAXPROCS": "1", "GOGC": "1000"}
"""A process uses one core, since several run at once; and it is short, so memory is not worth collecting."""


class PromtoolError(Exception):
    """There is no promtool that could judge, or it cannot read the tests; the message is for the user."""


class Promtool(NamedTuple):
    """
    The program.

    Attributes:
        version: major and minor.
    """

    path: Path
    version: tuple[int, int]


class Outcome(NamedTuple):
    """
    What a test came to.

    Attributes:
        seconds: it took, on the clock.
        said: what promtool says of it; empty where all that was expected came true.
        slos: ids of those of which something else was seen, as far as that can be told.
    """

    seconds: float
    said: str
    slos: frozenset[str]


def find(named: Path | None, least: tuple[int, int]) -> Promtool:
    """
    The promtool that is *named*, else the one on the PATH.

    Args:
        least: the version that the rules are written for.

    Raises:
        PromtoolError: there is none, or it is older.
    """
    found = _located(named)
    try:
        done = subprocess.run(  # noqa: S603 - the user's own promtool, without a shell
            [found, "--version"], capture_output=True, text=True, check=False, timeout=_SECONDS
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        message = f"{found} cannot be run: {getattr(error, 'strerror', None) or 'it does not end'}; {_INSTALL}"
        raise PromtoolError(message) from error
    version = _VERSION.search(done.stdout + done.stderr)
    if version is None:
        message = f"{found} is no promtool: it does not tell its version; {_INSTALL}"
        raise PromtoolError(message)
    number = (int(version[1]), int(version[2]))
    if number < least:
        message = f"{found} is of version {number[0]}.{number[1]}, and the rules need {least[0]}.{least[1]}; {_INSTALL}"
        raise PromtoolError(message)
    return Promtool(found, number)


def _located(named: Path | None) -> Path:
    """Where it is, from the root on: a bare name, as pathlib writes ``./promtool``, would be sought on the PATH."""
    if named is not None and named.exists():
        return named.absolute()
    if path := shutil.which(named or "promtool"):
        return Path(path).absolute()
    where = "there is no promtool on the PATH" if named is None else f"{named} does not exist"
    message = f"{where}; {_INSTALL}"
    raise PromtoolError(message)


def run(promtool: Promtool, file: Path) -> Outcome:
    """
    What the test in *file* comes to.

    Raises:
        PromtoolError: it cannot be read, takes longer than ten minutes, or promtool is ended.
    """
    started = time.perf_counter()
    try:
        done = subprocess.run(  # noqa: S603 - likewise
            [promtool.path, "test", "rules", file.name],
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            timeout=_SECONDS,
            cwd=file.parent,
            env={**os.environ, **_ENVIRONMENT},
        )
    except subprocess.TimeoutExpired as error:
        message = f"promtool was stopped after {_SECONDS} seconds of one test"
        raise PromtoolError(message) from error
    seconds = time.perf_counter() - started
    if done.returncode == 0:
        return Outcome(seconds, "", frozenset())
    said = _relevant(done.stdout + done.stderr)
    if done.returncode < 0 or not said:
        ending = f"was ended by signal {-done.returncode}" if done.returncode < 0 else f"ended with {done.returncode}"
        message = f"promtool {ending} and did not tell what a test came to; is there memory enough for it?"
        raise PromtoolError(message)
    if not _FAILURE.search(said):
        message = f"promtool cannot read the tests or the rules:\n{said}"
        raise PromtoolError(message)
    return Outcome(seconds, said, _concerned(said))


def _relevant(output: str) -> str:
    """What promtool says, its greeting apart."""
    lines = (line for line in output.splitlines() if line.strip() not in ("", "FAILED:"))
    return "\n".join(line for line in lines if not line.startswith("Unit Testing:"))


def _concerned(said: str) -> frozenset[str]:
    """SLOs of which a sample is expected and not there, or there and not expected."""
    found: set[str] = set()
    for failure in re.split(r"(?m)^ +(?=(?:expr|alertname): )", said):
        expected, _, got = failure.partition("got:")
        _, _, expected = expected.partition("exp:")
        differing = set(_SAMPLE.findall(expected)) ^ set(_SAMPLE.findall(got))
        found |= {name for sample in differing for name in _ID.findall(sample)}
    return frozenset(found)

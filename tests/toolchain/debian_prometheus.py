"""
Prometheus 2.x and 3.x for the tests, out of Debian's packages.

    PYTHONPATH=tests python -m toolchain.debian_prometheus .cache/prometheus

``promtool`` and ``prometheus`` go to ``FOLDER/2`` and ``FOLDER/3``; ``PROMETHEUS2_DIR`` and ``PROMETHEUS3_DIR``, where
set, win. Of 2.x the older one, since what is written for the default ``prometheus_version``, 2.42, must suit it.
"""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from toolchain.debian import Tool, UnavailableError, main

__all__ = ["TOOLS", "UnavailableError", "advice", "folder", "provide", "version"]

BINARIES: Final = {"promtool": "promtool", "prometheus": "prometheus"}
PACKAGES: Final = ("prometheus", "promtool")
"""The second one is part of the first up to Debian 12."""
TOOLS: Final[Mapping[int, Tool]] = {
    2: Tool("Prometheus 2.x", "2.", "PROMETHEUS2_DIR", ("oldstable", "stable"), PACKAGES, BINARIES),
    3: Tool("Prometheus 3.x", "3.", "PROMETHEUS3_DIR", ("unstable",), PACKAGES, BINARIES),
}


def advice(major: int) -> str:
    """What to do where the binaries of *major* cannot be fetched."""
    return TOOLS[major].advice


def folder(major: int, cache: Path, environment: Mapping[str, str]) -> Path:
    """Where the binaries of *major* are, or would be."""
    return TOOLS[major].folder(cache / str(major), environment)


def version(place: Path, major: int) -> str:
    """
    The version of the binaries in *place*.

    Raises:
        UnavailableError: one of them is missing, does not run, or is not of *major*.
    """
    return TOOLS[major].found(place)


def provide(major: int, cache: Path, environment: Mapping[str, str]) -> tuple[Path, str]:
    """
    Where Prometheus of *major* is, and its version; fetched first if need be.

    Raises:
        UnavailableError: it is not there and cannot be fetched.
    """
    return TOOLS[major].provide(cache / str(major), environment)


if __name__ == "__main__":
    sys.exit(main({str(major): tool for major, tool in TOOLS.items()}, sys.argv[1:]))

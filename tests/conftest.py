"""Fixtures that every test may use: the programs that judge what slogen writes."""

import os
from pathlib import Path
from typing import Any, NoReturn

import pytest
from hypothesis import HealthCheck, settings
from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]

from toolchain import debian_alertmanager, debian_chromium, debian_prometheus, debian_victoria
from toolchain.debian import Tool, UnavailableError

CACHE = Path(__file__).resolve().parent.parent / ".cache/prometheus"
ALERTMANAGER = CACHE.parent / "alertmanager" / debian_alertmanager.FOLDER
VICTORIA = CACHE.parent / "victoria" / debian_victoria.FOLDER
CHROMIUM = CACHE.parent / "chromium" / debian_chromium.FOLDER
IN_CI = os.environ.get("CI", "") not in {"", "0", "false"}
TOOLS_REQUIRED = IN_CI or os.environ.get("SLOGEN_REQUIRE_TOOLS") == "1"

_UNTIMED: Any = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
"""A machine that is busy meanwhile makes no test fail: how long examples take is nobody's claim."""
settings.register_profile("dev", **_UNTIMED)
settings.register_profile("ci", **_UNTIMED, derandomize=True, max_examples=150, print_blob=True)
settings.load_profile("ci" if IN_CI else "dev")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling:
    """What gives each process its next test."""
    return _Scheduling(config, log)


class _Scheduling(LoadScopeScheduling):  # type: ignore[misc]
    """
    Every test is given out alone, but for those of a file in tests/ci or tests/live, which share what is long made.

    Source: https://pytest-xdist.readthedocs.io/en/stable/distribution.html
    """

    def _split_scope(self, nodeid: str) -> str:
        file, _, _ = nodeid.partition("::")
        return file if file.startswith(("tests/ci/", "tests/live/")) else nodeid


def _binary(name: str, major: int) -> Path:
    place = debian_prometheus.folder(major, CACHE, os.environ)
    try:
        debian_prometheus.version(place, major)
    except UnavailableError as error:
        _without(f"{error}; run `make test`, or {debian_prometheus.advice(major)}")
    return place / name


def _of(tool: Tool, cache: Path, name: str) -> Path:
    place = tool.folder(cache, os.environ)
    try:
        tool.found(place)
    except UnavailableError as error:
        _without(f"{error}; run `make test`, or {tool.advice}")
    return place / name


def _without(missing: str) -> NoReturn:
    if TOOLS_REQUIRED:
        pytest.fail(missing, pytrace=False)
    pytest.skip(missing)


@pytest.fixture(scope="session")
def promtool2() -> Path:
    """The promtool of Prometheus 2.x."""
    return _binary("promtool", 2)


@pytest.fixture(scope="session")
def promtool3() -> Path:
    """The promtool of Prometheus 3.x."""
    return _binary("promtool", 3)


@pytest.fixture(scope="session")
def prometheus2() -> Path:
    """The server of Prometheus 2.x."""
    return _binary("prometheus", 2)


@pytest.fixture(scope="session")
def prometheus3() -> Path:
    """The server of Prometheus 3.x."""
    return _binary("prometheus", 3)


@pytest.fixture(scope="session", params=[2, 3], ids=["2.x", "3.x"])
def promtool(request: pytest.FixtureRequest) -> Path:
    """The promtool of each major version in turn."""
    return _binary("promtool", request.param)


@pytest.fixture(scope="session", params=[2, 3], ids=["2.x", "3.x"])
def prometheus(request: pytest.FixtureRequest) -> Path:
    """The server of each major version in turn."""
    return _binary("prometheus", request.param)


@pytest.fixture(scope="session")
def amtool() -> Path:
    """The tool that judges Alertmanager's configuration."""
    return _of(debian_alertmanager.TOOL, ALERTMANAGER, "amtool")


@pytest.fixture(scope="session")
def alertmanager() -> Path:
    """The server of Alertmanager."""
    return _of(debian_alertmanager.TOOL, ALERTMANAGER, "alertmanager")


@pytest.fixture(scope="session")
def victoriametrics() -> Path:
    """The server of VictoriaMetrics."""
    return _of(debian_victoria.TOOL, VICTORIA, "victoria-metrics")


@pytest.fixture(scope="session")
def vmalert() -> Path:
    """What evaluates rules for VictoriaMetrics."""
    return _of(debian_victoria.TOOL, VICTORIA, "vmalert")


@pytest.fixture(scope="session")
def chromium() -> Path:
    """A browser without windows."""
    return _of(debian_chromium.TOOL, CHROMIUM, "chromium")

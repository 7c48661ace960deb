"""Fixtures for what is held against a running Prometheus."""

from collections.abc import Callable

import pytest

from live.server import Toolchain


@pytest.fixture(scope="session", params=[2, 3], ids=["2.x", "3.x"])
def tools(request: pytest.FixtureRequest) -> Toolchain:
    """Server and promtool of each major version in turn."""
    major = request.param
    return Toolchain(major, request.getfixturevalue(f"prometheus{major}"), request.getfixturevalue(f"promtool{major}"))


_FIGURES: pytest.StashKey[list[str]] = pytest.StashKey()


@pytest.fixture
def report(request: pytest.FixtureRequest) -> Callable[[object], None]:
    """What a test calls with each figure that is to be read when all have run."""
    return lambda figure: request.config.stash.setdefault(_FIGURES, []).append(str(figure))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print the figures."""
    if figures := config.stash.get(_FIGURES, []):
        terminalreporter.section("measured in real servers")
        for figure in sorted(figures):
            terminalreporter.line(figure)

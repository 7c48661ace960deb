"""Fixtures for what is held against a running Prometheus."""

from collections.abc import Callable

import pytest

from live.server import Toolchain


@pytest.fixture(scope="session", params=[2, 3], ids=["2.x", "3.x"])
def tools(request: pytest.FixtureRequest) -> Toolchain:
    """Server and promtool of each major version in turn."""
    major = request.param
    return Toolchain(major, request.getfixturevalue(f"prometheus{major}"), request.getfixturevalue(f"promtool{major}"))


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every server is on this machine."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


_FIGURE = "figure"


@pytest.fixture
def report(record_property: Callable[[str, object], None]) -> Callable[[object], None]:
    """What a test calls with each figure that is to be read when all have run."""
    return lambda figure: record_property(_FIGURE, str(figure))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the figures, in whichever process they were measured."""
    ended = [test for outcome in ("passed", "failed") for test in terminalreporter.getreports(outcome)]
    told = [named for test in ended if test.when == "call" for named in test.user_properties]
    figures = [figure for name, figure in told if name == _FIGURE]
    if figures:
        terminalreporter.section("measured in real servers")
        for figure in sorted(map(str, figures)):
            terminalreporter.line(figure)

"""Fixtures of the tests that promtool judges."""

from pathlib import Path

import pytest

from promtool.harness import Promtool


@pytest.fixture
def tool(promtool2: Path, promtool3: Path, tmp_path: Path) -> Promtool:
    """The promtool of both major versions, with a folder of its own."""
    return Promtool((promtool2, promtool3), tmp_path)


@pytest.fixture
def tool3(promtool3: Path, tmp_path: Path) -> Promtool:
    """The promtool of Prometheus 3.x: 2.x cannot read native histograms in a test."""
    return Promtool((promtool3,), tmp_path)

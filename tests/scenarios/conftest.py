"""Fixtures of the tests that promtool judges."""

from pathlib import Path

import pytest

from promtool.harness import Promtool


@pytest.fixture
def tool3(promtool3: Path, tmp_path: Path) -> Promtool:
    """The promtool of Prometheus 3.x: what a service would have seen does not depend on the version."""
    return Promtool((promtool3,), tmp_path)

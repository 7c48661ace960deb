"""
Alertmanager for the tests, out of Debian's packages.

    PYTHONPATH=tests python -m toolchain.debian_alertmanager .cache/alertmanager

``amtool`` and ``alertmanager`` go to ``FOLDER/0``, from which the latter is to be started, since it reads the wording
of its notifications there; ``ALERTMANAGER_DIR``, where set, wins.
"""

import sys
from typing import Final

from toolchain.debian import Tool, main

TOOL: Final = Tool(
    "Alertmanager 0.x",
    "0.",
    "ALERTMANAGER_DIR",
    ("stable", "oldstable", "unstable"),
    ("prometheus-alertmanager",),
    {"amtool": "amtool", "alertmanager": "prometheus-alertmanager"},
    data="/usr/share/prometheus/alertmanager",
)
FOLDER: Final = "0"

if __name__ == "__main__":
    sys.exit(main({FOLDER: TOOL}, sys.argv[1:]))

"""
VictoriaMetrics for the tests, out of Debian's packages.

    PYTHONPATH=tests python -m toolchain.debian_victoria .cache/victoria

``victoria-metrics``, which stores and answers, and ``vmalert``, which evaluates rules, go to ``FOLDER/1``;
``VICTORIAMETRICS_DIR``, where set, wins.
"""

import sys
from typing import Final

from toolchain.debian import Tool, main

BINARIES: Final = {"victoria-metrics": "victoria-metrics", "vmalert": "vmalert"}
TOOL: Final = Tool("VictoriaMetrics 1.x", "1.", "VICTORIAMETRICS_DIR", ("unstable",), ("victoria-metrics",), BINARIES)
FOLDER: Final = "1"

if __name__ == "__main__":
    sys.exit(main({FOLDER: TOOL}, sys.argv[1:]))

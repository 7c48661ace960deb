"""
Chromium for the tests, out of Debian's packages.

    PYTHONPATH=tests python -m toolchain.debian_chromium .cache/chromium

A browser without windows, and the libraries and fonts that it needs but for the C library, go to ``FOLDER/0``, where
the script ``chromium`` starts it; ``CHROMIUM_DIR``, where set, wins. The oldest release comes first, since what is
built for an older C library runs with a newer one, but not the other way round.
"""

import sys
from typing import Final

from toolchain.debian import Tool, main

TOOL: Final = Tool(
    "Chromium",
    "",
    "CHROMIUM_DIR",
    ("oldstable", "stable", "unstable"),
    ("chromium-headless-shell",),
    {"chromium": "usr/lib/chromium/chromium-headless-shell"},
    assumed=("libc6", "debconf", "x11-utils", "xdg-utils"),
)
FOLDER: Final = "0"

if __name__ == "__main__":
    sys.exit(main({FOLDER: TOOL}, sys.argv[1:]))

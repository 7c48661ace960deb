"""
The picture of the demo's page that the README shows.

    make demo
    PYTHONPATH=tests .venv/bin/python -m demo.picture .cache/demo/backtest.html docs/backtest.png
"""

import os
import sys
from pathlib import Path
from typing import Final

from browsing import opened, started
from toolchain import debian_chromium

WIDTH: Final = 1240
LAST: Final = "#s1 details:not([open])"
"""What the picture no longer shows."""


def main(page: str, picture: str) -> None:
    """Draw the top of the page in the file *page* into the file *picture*."""
    place, _ = debian_chromium.TOOL.provide(Path(".cache/chromium", debian_chromium.FOLDER).absolute(), os.environ)
    with started(place / "chromium") as browser, opened(browser, Path(page), WIDTH) as seen:
        last = seen.page.locator(LAST).bounding_box()
        assert last, f"{page} has no {LAST}"
        seen.page.set_viewport_size({"width": WIDTH, "height": round(last["y"])})
        seen.page.screenshot(path=picture)


if __name__ == "__main__":
    main(*sys.argv[1:])

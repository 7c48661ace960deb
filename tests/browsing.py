"""Pages looked at in a real browser, which writes down all that it asks for and all that it complains of."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from playwright.sync_api import Browser, Page, sync_playwright

WIDE, NARROW = 1400, 375
"""Of a screen on a desk and of a phone, in pixels."""


class Seen(NamedTuple):
    """A page that is open, the addresses that it asked for, and what the browser complained of."""

    page: Page
    requests: list[str]
    complaints: list[str]


@contextmanager
def started(chromium: Path) -> Iterator[Browser]:
    """A browser, until the block ends."""
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def opened(browser: Browser, file: Path, width: int = WIDE, *, dark: bool = False) -> Iterator[Seen]:
    """What a fresh user sees of *file*, until the block ends."""
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme="dark" if dark else "light", reduced_motion="reduce"
    )
    try:
        seen = Seen(context.new_page(), [], [])
        seen.page.on("request", lambda request: seen.requests.append(request.url))
        seen.page.on("console", lambda message: seen.complaints.append(message.text))
        seen.page.on("pageerror", lambda error: seen.complaints.append(str(error)))
        seen.page.goto(file.absolute().as_uri())
        yield seen
    finally:
        context.close()


def width_of(page: Page) -> int:
    """How wide the page is; wider than the screen, it has to be scrolled sideways."""
    width: int = page.evaluate("document.documentElement.scrollWidth")
    return width

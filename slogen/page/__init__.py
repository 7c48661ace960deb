"""A backtest as one HTML page that needs nothing else: no network, no script, no file beside it."""

import base64
import hashlib
from collections.abc import Sequence

from slogen.page.view import view
from slogen.prose import Prose
from slogen.replay.result import Backtest


def page(backtests: Sequence[Backtest], prose: Prose) -> str:
    """
    The page, in HTML; whatever it tells is escaped, and a browser is told to take no script and no other style.

    Source: https://www.w3.org/TR/CSP3/

    Raises:
        CompileError: a template of the user's own cannot be filled.
    """
    style = prose.report("backtest/page.css.j2", {})
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    given = {"style": style, "style_hash": f"sha256-{digest}", **view(backtests)}
    return prose.report("backtest/page.html.j2", given)

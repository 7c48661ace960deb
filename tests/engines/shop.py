"""A shop to scrape that can be broken."""

import time
from dataclasses import dataclass, field


@dataclass
class Shop:
    """
    Requests that are served since *began*, none of them with an error until the shop is broken.

    No error has been counted until then, so their series does not exist.
    """

    began: float = field(default_factory=time.time)
    broken: float | None = None

    def metrics(self) -> str:
        now = time.time()
        errors = 100 * (now - self.broken) if self.broken else 0.0
        lines = [f'requests_total{{code="200"}} {100 * (now - self.began) - errors}']
        if self.broken:
            lines.append(f'requests_total{{code="500"}} {errors}')
        return "".join(f"{line}\n" for line in lines)

"""When the tiers of an SLO hold in one group: what `slogen.conditions` says in PromQL, over sums."""

from typing import NamedTuple

from slogen.model import Slo, Tier
from slogen.replay.flags import both, runs, spread
from slogen.replay.sums import Sums
from slogen.rules import LONG, Origin, covering, derivations
from slogen.units import Window


class Watched(NamedTuple):
    """
    One group of an SLO over the time in which its alerts are evaluated.

    Attributes:
        slo: the promise and its alerts, as they are written or what if.
        span: the numbers of the moments.
        start: the number of the moment from which the SLO is recorded, in any group; None where that was before all
            that was read.
    """

    slo: Slo
    sums: Sums
    span: range
    start: int | None

    def holds(self, tier: Tier) -> bytes:
        """Whether *tier* holds at each moment."""
        burning = self._burning(tier)
        found = bytearray(len(self.span))
        for run in runs(burning):  # mostly there is none, and the other conditions need not be looked at
            part = self.span[run.start : run.stop]
            held = both(burning[run.start : run.stop], self._above(tier, tier.short, part))
            found[run.start : run.stop] = held if self.slo.min_events is None else both(held, self.enough(tier, part))
        return bytes(found)

    def enough(self, tier: Tier, span: range) -> bytes:
        """Whether the long window of *tier* holds as many events as it takes."""
        if self.slo.min_events is None:
            return b"\1" * len(span)
        slow = tier.long >= LONG and any(origin is Origin.FINE for _, origin in derivations(self.slo))
        totals, least = self.sums.totals(slow=slow), float(self.slo.min_events)
        if not slow:
            return totals.enough(least, tier.long, span)
        return spread(totals.enough(least, tier.long, self._evaluations(span)), self.sums.slot, span)

    def burn_rate(self, tier: Tier, moment: int) -> float:
        """That of the long window of *tier*, as it counted at a *moment*; 0 where there was none."""
        return self._ratio(tier, moment) * self._share(tier, moment) / float(self.slo.error_budget)

    def _ratio(self, tier: Tier, moment: int) -> float:
        slow = tier.long >= LONG
        return self.sums.totals(slow=slow).ratio(tier.long, moment // self.sums.slot if slow else moment)

    def _share(self, tier: Tier, moment: int) -> float:
        """The share of the long window that was recorded, where it counts for no more than that."""
        if self.start is None or tier.long not in covering(self.slo):
            return 1.0
        return min(max(moment - self.start, 0) * self.sums.base.seconds / tier.long.seconds, 1.0)

    def _burning(self, tier: Tier) -> bytes:
        """Whether the long window is above the threshold, counted for as much of it as was recorded."""
        flags = self._above(tier, tier.long, self.span)
        if self.start is None or tier.long not in covering(self.slo):
            return flags
        full = self.start + -(-tier.long.seconds // self.sums.base.seconds)
        young = range(self.span.start, max(self.span.start, min(full, self.span.stop)))
        threshold = float(tier.threshold)
        early = bytes(self._ratio(tier, moment) * self._share(tier, moment) > threshold for moment in young)
        return early + flags[len(young) :]

    def _above(self, tier: Tier, window: Window, span: range) -> bytes:
        slow, threshold = window >= LONG, float(tier.threshold)
        totals = self.sums.totals(slow=slow)
        if not slow:
            return totals.above(threshold, window, span)
        return spread(totals.above(threshold, window, self._evaluations(span)), self.sums.slot, span)

    def _evaluations(self, span: range) -> range:
        """Those of the slow rules that are known within *span*."""
        return range(span.start // self.sums.slot, (span.stop - 1) // self.sums.slot + 1)

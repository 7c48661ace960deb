"""
An SLO is split into so many groups that their alerts cannot be told apart.

Each combination of the labels under `group_by` has a budget and an alert of its own. When something fails that all of
them depend on, as many alerts page at once as there are groups, and each group has its own copy of every recorded
series. More than 100 are found: group by fewer labels, or let an SLO without groups page and this one write tickets.

Asks for: an instant query.
"""

from collections.abc import Iterator
from typing import Final

from slogen import sli_promql
from slogen.diagnostics import Level
from slogen.live.asking import Asking, missing
from slogen.live.checks._check import Finding, NotChecked, Said
from slogen.live.reads import reads
from slogen.model import ErrorRatio, Slo
from slogen.policy import base_window
from slogen.promql import Aggregate, Expr

MOST: Final = 100
"""So many groups that may page at once are enough for anybody."""


def check(slo: Slo, asking: Asking) -> Iterator[Said]:
    """At most one warning."""
    if not slo.group_by:
        return
    if why := missing(slo, asking):
        yield NotChecked(why)
        return
    groups = int(asking.number(Aggregate("count", _each(slo))) or 0)
    if not groups:
        yield NotChecked("its query has no value now, so there are no groups to count")
    elif groups > MOST:
        makes = f"'group_by' makes {groups:,} groups, more than {MOST}: so many alerts can page at once"
        instead = "group by fewer labels, or say 'page: false' here and let an SLO without groups page"
        yield Finding(("group_by",), f"{makes}; {instead}", Level.WARNING)


def _each(slo: Slo) -> Expr:
    """Something of each group: of counters those that are there, else what the query gives."""
    total = reads(slo)[0]
    if not total.written:
        return Aggregate("count", total.selector, slo.group_by)
    base = base_window(slo.scrape_interval)
    return sli_promql.ratio(slo, base) if isinstance(slo.promql, ErrorRatio) else sli_promql.events(slo, base)

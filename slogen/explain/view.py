"""An explanation in print: every number rounded once, every table in rows, for templates to lay out."""

from collections.abc import Iterable, Iterator
from decimal import ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any, Final

from slogen.dependencies import Combined
from slogen.explain import (
    ERROR_RATIOS,
    LOW_PAGE,
    PERIODS,
    Downtime,
    Explanation,
    LoneError,
    SeverityFacts,
    TierFacts,
    Timing,
    Traffic,
)
from slogen.model import Severity, Slo, Tier
from slogen.parts import Given, Parallel, Part, Reference, Series, called, percent_kept, together
from slogen.prose import Prose
from slogen.units import plain

_DIGITS: Final = Context(prec=4, rounding=ROUND_HALF_EVEN)
_UNITS: Final = (("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1))
_THOUSAND: Final = 1_000
_LONGEST_ID: Final = 26
_LONGEST_PART: Final = 40
_DEEPEST: Final = 8
"""So long an id may be beside the table of nines, and a part in its table; so deep a part may stand in it."""


def number(value: Fraction | Decimal) -> str:
    """*value* to four significant digits, whole from a thousand on, in groups of three digits."""
    exact = Fraction(value)
    if abs(exact) >= _THOUSAND:
        return f"{round(exact):,}"
    return plain(_DIGITS.divide(Decimal(exact.numerator), Decimal(exact.denominator)))


def percent(ratio: Fraction | Decimal) -> str:
    """*ratio* as a percentage of four significant digits: ``1.44 %``."""
    return f"{number(Fraction(ratio) * 100)} %"


def whole_percent(ratio: Decimal) -> str:
    """*ratio* as a percentage, every digit of it: ``99.9 %``."""
    return f"{plain(ratio * 100)} %"


def span(seconds: Fraction) -> str:
    """*seconds* in the two largest units, below a minute in tenths of a second: ``3h36m``, ``51.8s``."""
    tenths = round(seconds * 10)
    if tenths < 600:  # noqa: PLR2004 - a minute
        return f"{plain(Decimal(tenths) / 10)}s" if tenths or not seconds else "<0.1s"
    for (unit, size), (following, least) in pairwise(_UNITS):
        rounded = round(seconds / least) * least
        if rounded >= size:
            count, rest = divmod(rounded, size)
            return f"{count}{unit}{rest // least}{following}" if rest else f"{count}{unit}"
    return span(Fraction(60))


def view(explained: Explanation) -> dict[str, Any]:
    """What a template may say about one SLO."""
    slo = explained.slo
    return {
        "id": slo.id,
        "place": f"{slo.place.position.file}:{slo.place.position.line}",
        "description": slo.description,
        "objective": whole_percent(slo.objective),
        "window": str(slo.window),
        "budget": whole_percent(slo.error_budget),
        "group_by": ", ".join(slo.group_by),
        "tolerated": [
            (percent(ratio), f"{'all ' if seconds == slo.window.seconds else ''}{span(seconds)}")
            for ratio, seconds in explained.tolerated
        ],
        "tiers": _tiers(explained),
        "times": _times(explained),
        "lags": _lags(explained),
        "alerts": bool(explained.severities),
        "several": [one.severity.value for one in explained.severities if len(_own(one, explained)) > 1],
        "left_out": [f"{long} and {short}" for long, short in explained.left_out],
        "page_above": None if explained.page_above is None else percent(explained.page_above),
        "low": explained.page_above is not None and explained.page_above >= LOW_PAGE,
        "too_late": explained.page_too_late,
        "weighted": explained.weighted,
        "uncounted": explained.uncounted,
        "traffic": explained.traffic and _traffic(explained.traffic, slo),
        "normal": _normal(explained),
        "parts": explained.combined and _parts(explained.combined, slo),
    }


def _tiers(explained: Explanation) -> list[list[str]]:
    rows = [["tier", "long", "short", "burn rate", "errors above", "budget spent"]]
    for one in explained.tiers:
        tier = one.tier
        rate, limit, spent = number(tier.burn_rate), percent(one.limit), percent(one.spent)
        rows.append([tier.name, str(tier.long), str(tier.short), rate, limit, spent])
    return rows


def _times(explained: Explanation) -> list[list[str]]:
    rows = [["fires / resets after", *(f"{percent(ratio)} errors" for ratio in ERROR_RATIOS)]]
    for severity in explained.severities:
        own = _own(severity, explained)
        rows += ([one.tier.name, *map(_time, one.timings)] for one in own)
        if len(own) > 1:
            rows.append([severity.severity.value, *map(_time, severity.timings)])
            rows.append(
                ["  if it lasts", *("" if one.outage is None else span(one.outage) for one in severity.timings)]
            )
    return rows


def _own(severity: SeverityFacts, explained: Explanation) -> list[TierFacts]:
    return [one for one in explained.tiers if one.tier.severity is severity.severity]


def _time(one: Timing) -> str:
    return "never" if one.detection is None or one.reset is None else f"{span(one.detection)} / {span(one.reset)}"


def _lags(explained: Explanation) -> list[tuple[str, str]]:
    """How much later Prometheus may be, for each length of time, and the tiers that it holds for."""
    found: dict[int, list[str]] = {}
    for one in explained.tiers:
        found.setdefault(one.lag, []).append(one.tier.name)
    return [(span(Fraction(seconds)), listed(tiers)) for seconds, tiers in found.items()]


def listed(words: Iterable[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last


def _names(tiers: Iterable[Tier]) -> str:
    found = [tier.name for tier in tiers]
    return listed(found) if found else ""


def _traffic(traffic: Traffic, slo: Slo) -> dict[str, Any]:
    calmed = [one.tier for one in traffic.lone if one.holds and one.tier not in traffic.left]
    return {
        "rate": number(traffic.rate),
        "events": number(traffic.events),
        "budget": number(traffic.budget),
        "none": traffic.budget < 1,
        "min_events": None if slo.min_events is None else number(slo.min_events),
        "mute": _names(one.tier for one in traffic.lone if one.mute),
        "calming": traffic.calming,
        "calmed": _names(calmed),
        "one_calmed": len(calmed) == 1,
        "left": _names(traffic.left),
        "one_left": len(traffic.left) == 1,
        "lone": [_lone(one) for one in traffic.lone if one.holds],
    }


def _lone(one: LoneError) -> dict[str, Any]:
    return {
        "tier": one.tier.name,
        "verb": "pages" if one.tier.severity is Severity.PAGE else "raises a ticket",
        "events": number(max(one.events, Fraction(1))),
        "one": one.events <= 1,
        "burn_rate": number(one.burn_rate),
        "long": str(one.tier.long),
    }


def _normal(explained: Explanation) -> dict[str, Any] | None:
    normal = explained.normal
    if normal is None:
        return None
    pages = [tier for tier in normal.holding if tier.severity is Severity.PAGE]
    return {
        "errors": percent(normal.error_ratio),
        "burn_rate": number(normal.burn_rate),
        "spent_after": None if normal.spent_after is None else span(normal.spent_after),
        "left": percent(1 - normal.burn_rate) if normal.burn_rate <= 1 else None,
        "holding": _names(normal.holding),
        "several": len(normal.holding) > 1,
        "pages": bool(pages),
    }


def _parts(combined: Combined, slo: Slo) -> dict[str, Any]:
    windows = {one.window for one in combined.promises.values()} - {slo.window}
    return {
        "rows": [["part", "promises", "over"], *_part_rows(slo.depends_on or Series(()), combined, 0)],
        "together": f"{percent_kept(combined.availability)} %",
        "above": slo.objective > combined.availability,
        "weakest": called(combined.weakest),
        "windows": listed(map(str, sorted(windows))) if windows else "",
    }


def _part_rows(part: Part, combined: Combined, depth: int) -> Iterator[list[str]]:
    promised = f"{percent_kept(together(part, combined.ratios))} %"
    match part:
        case Reference(target):
            yield [_indented(target, depth), promised, str(combined.promises[target].window)]
        case Given(name):
            yield [_indented(name, depth), promised, ""]
        case Series(inner) | Parallel(inner):
            yield [_indented("all of" if isinstance(part, Series) else "any of", depth), promised, ""]
            for one in inner:
                yield from _part_rows(one, combined, depth + 1)


def _indented(text: str, depth: int) -> str:
    named = text if len(text) <= _LONGEST_PART else f"{text[: _LONGEST_PART - 3]}..."
    return "  " * min(depth, _DEEPEST) + named


def nines(table: Iterable[Downtime]) -> list[list[str]]:
    """The table of nines; the SLOs that have an objective are named beside it."""
    rows = [["objective", *(f"per {name}" for name, _ in PERIODS), ""]]
    for one in table:
        more = f" and {len(one.slos) - 1} more" if len(one.slos) > 1 else ""
        room = _LONGEST_ID - len(more)
        first = "".join(one.slos[:1])
        named = first if len(first) <= room else f"{first[: room - 3]}..."
        rows.append([whole_percent(one.objective), *map(span, one.seconds), named + more])
    return rows


def views(explained: Iterable[Explanation], prose: Prose) -> list[dict[str, Any]]:
    """What templates may say about several SLOs, warnings included."""
    found = []
    for one in explained:
        said = view(one)
        warnings = prose.report("explain/warnings.j2", {"slo": said}).splitlines()
        found.append(said | {"warnings": [line for line in warnings if line.strip()]})
    return found

"""Detection time against error ratio, as curves, as a chart of characters, and as what an SVG needs to draw them."""

from collections.abc import Iterable, Iterator
from fractions import Fraction
from math import ceil, floor, log10
from typing import Any, Final, NamedTuple

from slogen import policy
from slogen.explain.view import percent, span
from slogen.model import Severity, Slo

_COLUMNS: Final = 64
_ROWS: Final = 14
_MARKS: Final = {Severity.PAGE: "P", Severity.TICKET: "t"}
_TIMES: Final = (1, 10, 60, 600, 3_600, 21_600, 86_400, 259_200, 604_800, 2_592_000, 31_536_000)
"""Where the axis of time may have a mark, in seconds."""
_PLOT: Final = (90, 50, 560, 260)
"""Left, top, width and height of the plot within the drawing, in pixels."""


class Stretch(NamedTuple):
    """
    Error ratios above *low* and up to *high* that one tier detects first.

    Attributes:
        product: error ratio times seconds until it is detected, the same all along.
    """

    tier: str
    low: Fraction
    high: Fraction
    product: Fraction

    def seconds(self, error_ratio: Fraction) -> Fraction:
        """How long errors at *error_ratio* take to be detected."""
        return self.product / error_ratio


class Curve(NamedTuple):
    """How long the alert of a severity takes to fire, by error ratio from the highest; below the last it never does."""

    severity: Severity
    stretches: tuple[Stretch, ...]


class Scale(NamedTuple):
    """A logarithmic axis from *low* to *high*, both among its marks."""

    low: Fraction
    high: Fraction
    marks: tuple[Fraction, ...]

    def at(self, value: Fraction) -> float:
        """Where *value* lies, from 0 to 1."""
        return (_log(value) - _log(self.low)) / (_log(self.high) - _log(self.low))

    def value(self, at: float) -> float:
        """What lies *at*, from 0 to 1."""
        return float(10 ** (_log(self.low) + at * (_log(self.high) - _log(self.low))))


def _log(value: Fraction) -> float:
    return log10(value.numerator) - log10(value.denominator)


def curves(slo: Slo) -> tuple[Curve, ...]:
    """The curve of each severity that alerts."""
    return tuple(Curve(alert.severity, tuple(_stretches(slo, alert.severity))) for alert in slo.alerts)


def _stretches(slo: Slo, severity: Severity) -> Iterator[Stretch]:
    tiers = [tier for alert in slo.alerts if alert.severity is severity for tier in alert.tiers]
    limited = sorted(
        ((policy.threshold(tier.burn_rate, slo.objective), tier) for tier in tiers), key=lambda one: -one[0]
    )
    high = Fraction(1)
    for index, (low, _) in enumerate(limited):
        limit, first = min(limited[index:], key=lambda one: one[0] * one[1].long.seconds)
        if low < high:
            yield Stretch(first.name, low, high, limit * first.long.seconds)
        high = low


def scales(drawn: Iterable[Curve]) -> tuple[Scale, Scale]:
    """Axes of error ratio and of seconds that hold every curve."""
    stretches = [stretch for curve in drawn for stretch in curve.stretches]
    lowest = min(stretch.low for stretch in stretches)
    decades = range(min(floor(_log(lowest)), -1), 1)
    ratios = tuple(Fraction(10) ** decade for decade in decades)
    least = min(stretch.seconds(stretch.high) for stretch in stretches)
    most = max(stretch.seconds(stretch.low) for stretch in stretches)
    below = [time for time in _TIMES if time <= least][-1:] or [_TIMES[0]]
    above = [time for time in _TIMES if time >= most][:1] or [ceil(most)]
    times = [Fraction(time) for time in sorted({*below, *above, *_TIMES}) if below[0] <= time <= above[0]]
    if least < below[0]:
        times.insert(0, Fraction(10) ** floor(_log(least)))
    return Scale(ratios[0], ratios[-1], ratios), Scale(times[0], times[-1], tuple(times))


def chart(slo: Slo) -> str:
    """The curves of *slo* in characters; empty where no alert is on."""
    drawn = curves(slo)
    if not drawn:
        return ""
    across, up = scales(drawn)
    cells = [[" "] * _COLUMNS for _ in range(_ROWS)]
    for curve in reversed(drawn):  # a page hides a ticket
        for column in range(_COLUMNS):
            ratio = Fraction(across.value((column + 0.5) / _COLUMNS))
            stretch = next((one for one in curve.stretches if one.low < ratio <= one.high), None)
            if stretch:
                row = min(int(up.at(stretch.seconds(ratio)) * _ROWS), _ROWS - 1)
                cells[max(row, 0)][column] = _MARKS[curve.severity]
    names = {min(int(up.at(mark) * _ROWS), _ROWS - 1): span(mark) for mark in reversed(up.marks)}
    lines = ["  fires after"]
    lines += (f"  {names.get(row, ''):>6} |{''.join(cells[row])}".rstrip() for row in reversed(range(_ROWS)))
    lines.append(f"  {'':>6} +{'-' * _COLUMNS}")
    lines.append(_below(across))
    told = ", ".join(f"{_MARKS[curve.severity]} {curve.severity}" for curve in drawn)
    lines.append(f"  {'':>6}  errors ({told}; to the left of the marks it never fires)")
    return "\n".join(lines)


def _below(across: Scale) -> str:
    """The marks of the axis of error ratios, each centred below its place."""
    line = [" "] * (_COLUMNS + 8)
    for mark in across.marks:
        text = percent(mark)
        start = min(max(int(across.at(mark) * _COLUMNS) - len(text) // 2, 0), _COLUMNS - len(text) + 1)
        line[start : start + len(text)] = text
    return f"  {'':>6}  {''.join(line)}".rstrip()


def drawing(slo: Slo) -> dict[str, Any]:
    """What an SVG draws for *slo*: lines in pixels, and the marks of both axes."""
    drawn = curves(slo)
    left, top, width, height = _PLOT
    across, up = scales(drawn)

    def point(ratio: Fraction, seconds: Fraction) -> tuple[str, str]:
        return f"{left + across.at(ratio) * width:.1f}", f"{top + (1 - up.at(seconds)) * height:.1f}"

    lines = [
        {
            "severity": curve.severity.value,
            "tier": stretch.tier,
            "from": point(stretch.high, stretch.seconds(stretch.high)),
            "to": point(stretch.low, stretch.seconds(stretch.low)),
            "says": f"{span(stretch.seconds(stretch.high))} at {percent(stretch.high)} errors",
        }
        for curve in drawn
        for stretch in curve.stretches
    ]
    return {
        "id": slo.id,
        "objective": f"{percent(slo.objective)} over {slo.window}",
        "lines": lines,
        "severities": [curve.severity.value for curve in drawn],
        "ratios": [(point(mark, up.low)[0], percent(mark)) for mark in across.marks],
        "times": [(point(across.low, mark)[1], span(mark)) for mark in up.marks],
    }

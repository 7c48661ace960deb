"""What slogen explain says: numbers that are typed in or worked out another way, in every format."""

import json
import re
from contextlib import chdir
from decimal import Decimal
from fractions import Fraction
from math import log
from pathlib import Path
from statistics import NormalDist
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

import slogen
from command import slogen as run
from slo_strategies import ORGANISATION, services, written
from slogen.cli import cli
from slogen.explain import NINES, Explanation, Timing, explain, nines, severity_timing, timing
from slogen.explain.chart import chart, curves, drawing
from slogen.explain.data import data
from slogen.explain.view import nines as rows
from slogen.explain.view import number, span, views
from slogen.layout import WIDTH, markdown, wrapped
from slogen.model import Slo, Tier
from slogen.policy import WORKBOOK, tiers
from slogen.prose import Prose
from slogen.units import Window

ROOT = Path(__file__).parent.parent
PROSE = Prose()
FILE = """\
apiVersion: slogen/v1
service: shop
slos:
  - name: checkout
    objective: {objective}
    sli: {{{sli}}}
    {more}
"""
PROBE = "probe: {gauge: up}"


def slo(objective: str = "99.9", more: str = "", sli: str = PROBE) -> Slo:
    return slogen.compile({"shop.yaml": FILE.format(objective=objective, more=more, sli=sli)}).slos[0]


def told(folder: Path, *arguments: str, objective: str = "99.9", more: str = "", sli: str = PROBE) -> str:
    """What the command prints about one SLO."""
    (folder / "shop.yaml").write_text(FILE.format(objective=objective, more=more, sli=sli), "utf-8")
    done = called(folder, *arguments)
    assert done.exit_code == 0, done.stderr
    return done.stdout


def called(folder: Path, *arguments: str) -> Result:
    """The command, called in this process: another one for each would take a minute."""
    with chdir(folder):
        return CliRunner().invoke(cli, ["explain", "shop.yaml", *arguments], catch_exceptions=False)


def unfolded(text: str) -> str:
    return " ".join(text.split())


# The numbers


def test_the_numbers_of_three_nines_over_thirty_days() -> None:
    explained = explain(slo())

    assert [seconds for _, seconds in explained.tolerated] == [2_592, 25_920, 259_200]
    assert [one.tier.name for one in explained.tiers] == ["page-1h", "page-6h", "ticket-1d", "ticket-3d"]
    assert [one.limit for one in explained.tiers] == [
        Fraction(limit) for limit in ("0.0144", "0.006", "0.003", "0.001")
    ]
    assert [one.spent for one in explained.tiers] == [Fraction(part) for part in ("0.02", "0.05", "0.1", "0.1")]
    assert [[when.detection for when in one.timings] for one in explained.tiers] == [
        [Fraction("51.84"), Fraction("518.4"), None],
        [Fraction("129.6"), 1_296, 12_960],
        [Fraction("259.2"), 2_592, 25_920],
        [Fraction("259.2"), 2_592, 25_920],
    ]
    assert [[when.reset for when in one.timings] for one in explained.tiers] == [
        [Fraction("295.68"), Fraction("256.8"), None],
        [Fraction("1789.2"), 1_692, 720],
        [Fraction("7178.4"), 6_984, 5_040],
        [Fraction("21578.4"), 21_384, 19_440],
    ]
    page, ticket = explained.severities
    assert [when.detection for when in page.timings] == [Fraction("51.84"), Fraction("518.4"), 12_960]
    assert [when.reset for when in page.timings] == [Fraction("1789.2"), 1_692, 720]
    assert [when.outage for when in page.timings] == [Fraction("129.6"), 1_296, 12_960]
    assert [when.reset for when in ticket.timings] == [Fraction("21578.4"), 21_384, 19_440]


def share(window: int, at: Fraction, outage: Fraction, error_ratio: Fraction) -> Fraction:
    """The error ratio of the last *window* seconds, of errors that began at 0 and ended at *outage*."""
    return max(min(at, outage) - max(at - window, Fraction(0)), Fraction(0)) * error_ratio / window


def holds(tier: Tier, at: Fraction, outage: Fraction, error_ratio: Fraction) -> bool:
    limit = tier.burn_rate * Fraction(1, 1000)
    return all(share(window.seconds, at, outage, error_ratio) > limit for window in (tier.long, tier.short))


every_tier = tiers(WORKBOOK, Window.parse("30d"), Decimal("0.999"))
ratios = st.fractions(Fraction(2, 1000), Fraction(1), max_denominator=1000)
longer = st.fractions(0, 400_000, max_denominator=7)
MOMENT = Fraction(1, 1_000_000)


@given(st.sampled_from(every_tier), ratios, longer)
def test_a_tier_holds_from_its_detection_to_its_reset_whatever_the_length_of_the_outage(
    tier: Tier, error_ratio: Fraction, more: Fraction
) -> None:
    found = timing(tier, Decimal("0.999"), error_ratio)
    if found.detection is None or found.reset is None:
        assert not holds(tier, Fraction(10_000_000), Fraction(10_000_000), error_ratio)
        return
    outage = found.detection + MOMENT + more

    assert not holds(tier, found.detection, outage, error_ratio)
    assert holds(tier, found.detection + MOMENT, outage, error_ratio)
    assert holds(tier, outage, outage, error_ratio)
    assert holds(tier, outage + found.reset - MOMENT / 1000, outage, error_ratio)
    assert not holds(tier, outage + found.reset, outage, error_ratio)


@given(ratios, longer)
def test_a_severity_fires_with_its_first_tier_and_resets_with_its_last(error_ratio: Fraction, more: Fraction) -> None:
    pages = every_tier[:2]
    found = severity_timing(pages, Decimal("0.999"), error_ratio)
    if found.detection is None or found.reset is None or found.outage is None:
        assert found == Timing(error_ratio, None, None, None)
        return
    outage = found.outage + MOMENT + more

    assert not any(holds(tier, found.detection, outage, error_ratio) for tier in pages)
    assert any(holds(tier, found.detection + MOMENT, outage, error_ratio) for tier in pages)
    assert any(holds(tier, outage + found.reset - MOMENT / 1000, outage, error_ratio) for tier in pages)
    assert not any(holds(tier, outage + found.reset, outage, error_ratio) for tier in pages)


def test_prometheus_is_later_by_the_base_window_and_the_evaluation() -> None:
    def lags(more: str) -> list[int]:
        return [one.lag for one in explain(slo(more=more)).tiers]

    assert lags("") == [150, 150, 270, 270]
    assert lags("scrape_interval: 15s") == [75, 75, 195, 195]
    assert lags("strategy: raw") == [60, 60, 180, 180]
    assert lags("strategy: hybrid") == [60, 150, 270, 270]


def test_the_table_of_nines_is_the_sre_books() -> None:
    table = {str(one.objective): [span(seconds) for seconds in one.seconds] for one in nines(())}

    assert tuple(map(Decimal, table)) == NINES
    assert table["0.9"] == ["2h24m", "16h48m", "3d", "36d12h"]
    assert table["0.99"] == ["14m24s", "1h41m", "7h12m", "3d16h"]
    assert table["0.999"] == ["1m26s", "10m5s", "43m12s", "8h46m"]
    assert table["0.9999"] == ["8.6s", "1m", "4m19s", "52m34s"]
    assert table["0.99999"] == ["0.9s", "6s", "25.9s", "5m15s"]


def test_an_objective_between_the_nines_stands_among_them_with_its_slos() -> None:
    found = [(str(one.objective), one.slos) for one in nines([slo("99.7")])]

    assert found[3:6] == [("0.995", ()), ("0.997", ("shop-checkout",)), ("0.999", ())]


# Low traffic


def lone(explained: Explanation) -> dict[str, tuple[str, bool, bool]]:
    assert explained.traffic
    return {one.tier.name: (number(one.burn_rate), one.holds, one.mute) for one in explained.traffic.lone}


def test_one_error_in_forty_events_burns_at_25x_and_pages() -> None:
    explained = explain(slo(), rate=Fraction(40, 3600))

    assert lone(explained) == {
        "page-1h": ("25", True, False),
        "page-6h": ("4.167", False, False),
        "ticket-1d": ("1.042", False, False),
        "ticket-3d": ("0.3472", False, False),
    }
    assert explained.traffic
    assert (explained.traffic.events, explained.traffic.budget) == (Fraction(28_800), Fraction("28.8"))
    # One error in 70 events is 1.4286 %, no more than 1.44 %; in 69 it is 1.4493 %.
    assert explained.traffic.calming == 70
    assert [tier.name for tier in explained.traffic.left] == ["page-6h", "ticket-1d", "ticket-3d"]


def test_one_error_in_seventy_events_does_not() -> None:
    assert not any(holding for _, holding, _ in lone(explain(slo(), rate=Fraction(70, 3600))).values())
    assert lone(explain(slo(), rate=Fraction(69, 3600)))["page-1h"][1]


def test_min_events_calms_and_says_which_tiers_can_no_longer_hold() -> None:
    explained = explain(slo(more="alerting: {min_events: 70}"), rate=Fraction(40, 3600))

    assert lone(explained)["page-1h"] == ("25", False, True)
    assert lone(explained)["page-6h"] == ("4.167", False, False)
    assert explained.traffic
    assert explained.traffic.calming is None


def test_low_traffic_is_told_in_plain_words(tmp_path: Path) -> None:
    text = unfolded(told(tmp_path, "--rate", "40/h"))

    assert "At 0.01111 events per second, 28,800 in the window, the error budget is 28.8 bad events." in text
    assert "! low traffic: one error in 40 events (1h) burns at 25x: page-1h pages" in text
    assert "min_events: 70 would calm page-1h, which then sees too few events to hold; page-6h, ticket-1d and" in text


def test_plenty_of_traffic_is_no_warning(tmp_path: Path) -> None:
    text = unfolded(told(tmp_path, "--rate", "12"))

    assert "At 12 events per second, 31,104,000 in the window, the error budget is 31,104 bad events." in text
    assert "!" not in text


@pytest.mark.parametrize(("rate", "same"), [("0.5", "30/m"), ("1", "86400/d"), ("2", "7200/h"), ("12", "12/s")])
def test_a_rate_has_a_unit_or_is_per_second(rate: str, same: str, tmp_path: Path) -> None:
    assert told(tmp_path, "--rate", rate) == told(tmp_path, "--rate", same)


# A day as any other


def test_99_percent_under_500_ms_would_page_on_a_healthy_shop(tmp_path: Path) -> None:
    # Latencies are lognormal with a median of 0.25 s and a p95 of 0.8 s, as in the chaos experiment's healthy step.
    spread = log(0.8 / 0.25) / NormalDist().inv_cdf(0.95)
    slower = 1 - NormalDist(log(0.25), spread).cdf(log(0.5))
    latency = "latency: {histogram: request_duration_seconds, threshold: 500ms}"

    text = unfolded(told(tmp_path, "--errors", f"{slower:.2%}", objective="99", sli=latency))

    assert "with 16.35 % errors, burns the error budget at 16.35x: it is spent after 1d20h." in text
    assert "! healthy traffic alerts: on a day as any other page-1h, page-6h, ticket-1d and ticket-3d hold all" in text
    assert "somebody is woken for nothing" in text


def test_a_healthy_day_within_the_budget_is_no_warning(tmp_path: Path) -> None:
    text = unfolded(told(tmp_path, "--errors", "0.9", objective="99"))

    assert "with 0.9 % errors, burns the error budget at 0.9x and leaves 10 % of it." in text
    assert "!" not in text


def test_a_day_without_errors_leaves_the_whole_budget(tmp_path: Path) -> None:
    assert "burns the error budget at 0x and leaves 100 % of it." in unfolded(told(tmp_path, "--errors", "0"))


# What to beware of


@pytest.mark.parametrize(
    ("objective", "more", "sli", "warning"),
    [
        ("92", "", PROBE, "! low objective: the tier of 1h and 5m can never fire"),
        ("95", "", PROBE, "! low objective: up to 30 % errors page nobody"),
        ("99.9999", "", PROBE, "! high objective: a total outage spends the whole budget before Prometheus pages"),
        ("99.9", "", "ratio: {query: 'max_over_time(errors:ratio[$window])'}", "! long windows are means over time"),
    ],
)
def test_each_trap_is_told(objective: str, more: str, sli: str, warning: str, tmp_path: Path) -> None:
    assert warning in unfolded(told(tmp_path, objective=objective, more=more, sli=sli))


@pytest.mark.parametrize(("objective", "more"), [("98.4", ""), ("99.99", ""), ("92", "alerting: {page: false}")])
def test_what_only_looks_like_a_trap_is_not(objective: str, more: str, tmp_path: Path) -> None:
    assert "!" not in told(tmp_path, objective=objective, more=more)


def test_a_ratio_has_no_budget_in_events(tmp_path: Path) -> None:
    ratio = "ratio: {query: 'max_over_time(errors:ratio[$window])'}"

    assert "! a ratio counts no events" in told(tmp_path, "--rate", "3", sli=ratio)


def test_an_slo_without_alerts_is_explained_too(tmp_path: Path) -> None:
    text = told(tmp_path, "--chart", more="alerting: {page: false, ticket: false}")

    assert "No alert is on." in text
    assert "43m12s" in text


# Parts


PARTS = "depends_on: [shop/db, {name: Stripe, availability: 99.95}, {parallel: [shop/a, {series: [shop/b, shop/c]}]}]"
OTHERS = "".join(
    f"  - {{name: {name}, objective: {objective}, window: {window}, sli: {{probe: {{gauge: up}}}}}}\n"
    for name, objective, window in (("db", "99.99", "28d"), ("a", "99", "30d"), ("b", "99", "30d"), ("c", "98", "30d"))
)


def test_the_parts_stand_as_they_depend_on_each_other(tmp_path: Path) -> None:
    text = told(tmp_path, "--slo", "shop/checkout", more=f"{PARTS}\n{OTHERS}")

    # 0.9999 x 0.9995 x (1 - 0.01 x (1 - 0.99 x 0.98)) = 0.99910222...
    rows = """
  part          promises    over
  all of        99.91022 %
    shop/db     99.99 %     28d
    Stripe      99.95 %
    any of      99.9702 %
      shop/a    99 %        30d
      all of    97.02 %
        shop/b  99 %        30d
        shop/c  98 %        30d
"""
    assert rows in text
    sentence = (
        "Together its parts can promise 99.91022 %, if they fail independently of each other and all promise over"
    )
    assert f"{sentence} one window. Some promise over 28d." in unfolded(text)
    assert "!" not in text


def test_an_objective_above_its_parts_is_told_with_the_weakest(tmp_path: Path) -> None:
    text = unfolded(told(tmp_path, objective="99.95", more=f"{PARTS}\n{OTHERS}"))

    assert "! the objective is above what its parts can promise together; the weakest is Stripe" in text


def test_parts_within_parts_fit_a_terminal_however_deep_and_long(tmp_path: Path) -> None:
    deep = f"{{name: {'long ' * 30}, availability: 99.99}}"
    for kind in ("parallel", "series") * 20:
        deep = f"{{{kind}: [{deep}]}}"

    text = told(tmp_path, more=f"depends_on: [{deep}]")

    assert "                  long long" in text
    assert max(map(len, text.splitlines())) <= WIDTH


# The chart


def test_the_curve_of_the_page_is_that_of_its_first_tier_and_jumps_where_that_no_longer_holds() -> None:
    page, ticket = curves(slo())

    assert [(one.tier, one.low, one.high, one.product) for one in page.stretches] == [
        ("page-1h", Fraction("0.0144"), 1, Fraction("51.84")),
        ("page-6h", Fraction("0.006"), Fraction("0.0144"), Fraction("129.6")),
    ]
    assert [(one.low, one.high) for one in ticket.stretches] == [
        (Fraction("0.003"), 1),
        (Fraction("0.001"), Fraction("0.003")),
    ]


CURVED = {objective: slo(objective, more="alerting: {page: false}") for objective in ("99.9999", "99", "92", "60")}


@given(st.sampled_from(sorted(CURVED)), ratios)
def test_the_curve_is_what_the_arithmetic_says(objective: str, error_ratio: Fraction) -> None:
    one = CURVED[objective]

    for curve, alert in zip(curves(one), one.alerts, strict=True):
        stretch = next((part for part in curve.stretches if part.low < error_ratio <= part.high), None)
        expected = severity_timing(alert.tiers, one.objective, error_ratio).detection
        assert (stretch and stretch.seconds(error_ratio)) == expected


def test_the_chart_puts_each_time_beside_its_mark() -> None:
    drawn = chart(slo()).splitlines()

    assert drawn[0].strip() == "fires after"
    times = [found[1] for line in drawn if (found := re.match(r" *(\d\S*) \|", line))]
    assert times == ["3d", "1d", "6h", "1h", "10m", "1m", "10s"]
    # A total outage pages after 51.84 s, 0.1 % errors raise a ticket after three days.
    total = next(line for line in reversed(drawn) if line.endswith("P"))
    assert drawn.index(total) == next(index for index, line in enumerate(drawn) if line.startswith("      1m |"))
    assert drawn[1].startswith("      3d |t")


def test_the_svg_is_one_and_draws_every_stretch(tmp_path: Path) -> None:
    told(tmp_path, "--svg", "chart.svg")

    drawing = ET.parse(tmp_path / "chart.svg").getroot()  # noqa: S314 - our own text
    names = [title.text or "" for title in drawing.iter("{http://www.w3.org/2000/svg}title")]
    assert names[1:] == [
        "page-1h: 51.8s at 100 % errors",
        "page-6h: 2h30m at 1.44 % errors",
        "ticket-1d: 4m19s at 100 % errors",
        "ticket-3d: 1d at 0.3 % errors",
    ]
    texts = [text.text for text in drawing.iter("{http://www.w3.org/2000/svg}text")]
    assert {"shop-checkout, 99.9 % over 30d", "1m", "1h", "1d", "0.1 %", "100 %", "page", "ticket"} <= set(texts)


def test_an_svg_of_slos_without_alerts_is_refused(tmp_path: Path) -> None:
    more = "alerting: {page: false, ticket: false}"
    (tmp_path / "shop.yaml").write_text(FILE.format(objective="99.9", more=more, sli=PROBE), "utf-8")

    done = called(tmp_path, "--svg", "chart.svg")

    assert (done.exit_code, done.stdout) == (2, "")
    assert "none of these SLOs has a page or ticket, so there is nothing to draw" in done.stderr
    assert not (tmp_path / "chart.svg").exists()


# Formats


@pytest.mark.parametrize("more", [(), ("--chart",), ("--rate", "40/h", "--errors", "2"), ("--alertmanager",)])
def test_everything_fits_a_terminal(more: tuple[str, ...]) -> None:
    done = run("explain", "slos/", *more, cwd=ROOT)

    assert done.returncode == 0, done.stderr
    assert done.stdout.isascii()
    assert not [line for line in done.stdout.splitlines() if len(line) > WIDTH or line != line.rstrip()]


def test_the_whole_page_reads_like_this(tmp_path: Path) -> None:
    text = told(tmp_path, more="description: Orders are placed without a server error.")

    assert text.startswith(
        """\
shop-checkout  (shop.yaml:4)
Orders are placed without a server error.

  99.9 % of the events of 30d are to be good. The error budget, 0.1 %, is 43m12s
  of total outage, 7h12m of 10 % errors or 3d of 1 % errors.

  tier       long  short  burn rate  errors above  budget spent
  page-1h    1h    5m     14.4       1.44 %        2 %
  page-6h    6h    30m    6          0.6 %         5 %
  ticket-1d  1d    2h     3          0.3 %         10 %
  ticket-3d  3d    6h     1          0.1 %         10 %

  fires / resets after  100 % errors    10 % errors      1 % errors
  page-1h               51.8s / 4m56s   8m38s / 4m17s    never
  page-6h               2m10s / 29m49s  21m36s / 28m12s  3h36m / 12m
  page                  51.8s / 29m49s  8m38s / 28m12s   3h36m / 12m
    if it lasts         2m10s           21m36s           3h36m
"""
    )


def test_json_has_the_numbers_that_the_text_rounds(tmp_path: Path) -> None:
    found = json.loads(told(tmp_path, "--format", "json", "--rate", "0.5", "--errors", "0.05"))

    (one,) = found["slos"]
    assert (one["objective"], one["error_budget"], one["window_seconds"]) == (0.999, 0.001, 2_592_000)
    assert one["tiers"][0] == {
        "tier": "page-1h",
        "severity": "page",
        "long_seconds": 3600,
        "short_seconds": 300,
        "burn_rate": 14.4,
        "threshold": 0.0144,
        "budget_spent": 0.02,
        "lag_seconds": 150,
        "times": [
            {"error_ratio": 1, "detection_seconds": 51.84, "reset_seconds": 295.68},
            {"error_ratio": 0.1, "detection_seconds": 518.4, "reset_seconds": 256.8},
            {"error_ratio": 0.01, "detection_seconds": None, "reset_seconds": None},
        ],
    }
    assert one["traffic"]["error_budget_events"] == 1296
    assert one["normal"] == {"error_ratio": 0.0005, "burn_rate": 0.5, "spent_after_seconds": None, "holding": []}
    assert found["downtime"][0] == {
        "objective": 0.9,
        "day_seconds": 8640,
        "week_seconds": 60480,
        "month_seconds": 259200,
        "year_seconds": 3153600,
        "slos": [],
    }


def test_json_tells_diagnostics_too(tmp_path: Path) -> None:
    found = json.loads(told(tmp_path, "--format", "json", objective="92"))

    assert [one["code"] for one in found["diagnostics"]] == ["unreachable-tier"]
    assert found["slos"][0]["warnings"][0].startswith("low objective: the tier of 1h and 5m can never fire")


def test_markdown_takes_a_description_for_text(tmp_path: Path) -> None:
    text = told(tmp_path, "--format", "markdown", more=r'description: "# <b>5 | 6</b> [x](y) `z` \e[31m"')

    assert r"\# \<b\>5 \| 6\</b\> \[x\](y) \`z\` \\x1b\[31m" in text
    assert "\x1b" not in text
    assert "| page-1h | 1h | 5m | 14.4 | 1.44 % | 2 % |" in text


def test_markdown_holds_the_chart_as_it_is(tmp_path: Path) -> None:
    text = told(tmp_path, "--format", "markdown", "--chart")

    assert f"\n```text\n{chart(slo())}\n```\n" in text
    assert "```" not in told(tmp_path, "--format", "markdown")


def test_a_terminal_is_not_steered_by_a_description(tmp_path: Path) -> None:
    assert r"\x1b[31mred" in told(tmp_path, more=r'description: "\e[31mred"')


@pytest.mark.parametrize(
    ("written", "shown"),
    [("1. first", "1\\. first"), ("- no list", "\\- no list"), ("a - b", "a - b"), ("snake_case", "snake\\_case")],
)
def test_what_begins_like_a_list_of_markdown_is_none(written: str, shown: str) -> None:
    assert markdown(written) == shown


def test_a_paragraph_breaks_between_words_alone() -> None:
    name = "payment/an-availability-that-is-called-in-many-words"

    assert name in wrapped(f"{'word ' * 10}{name}", 2).split()


@pytest.mark.parametrize(
    ("seconds", "printed"),
    [
        ("0", "0s"),
        ("0.04", "<0.1s"),
        ("51.84", "51.8s"),
        ("59.95", "1m"),
        ("129.6", "2m10s"),
        ("3599.6", "1h"),
        ("12960", "3h36m"),
        ("86399", "1d"),
        ("259200", "3d"),
        ("31536000", "365d"),
    ],
)
def test_a_span_has_two_units_and_is_rounded_once(seconds: str, printed: str) -> None:
    assert span(Fraction(seconds)) == printed


@given(services(), st.fractions(Fraction(1, 10**6), 10**6), st.fractions(0, 1))
@settings(max_examples=25)
def test_any_right_slo_can_be_explained(spec: dict[str, Any], rate: Fraction, errors: Fraction) -> None:
    found = slogen.compile({"shop.yaml": written(spec)}, organisation=("slogen.yaml", ORGANISATION))
    explained = [explain(one, rate=rate, errors=errors, combined=found.combined.get(one.id)) for one in found.slos]
    said = [one | {"chart": ""} for one in views(explained, PROSE)]
    filled = {"slos": said, "nines": rows(nines(found.slos))}

    for name in ("txt", "md"):
        text = PROSE.report(f"explain/explain.{name}.j2", filled)
        assert text.replace("\n", "").isprintable()
    for one, warned in zip(explained, said, strict=True):
        json.dumps(data(one, warned["warnings"]), allow_nan=False)
        drawn = chart(one.slo).splitlines()
        assert max(map(len, drawn), default=0) <= WIDTH
        if one.slo.alerts:
            ET.fromstring(PROSE.report("explain/detection.svg.j2", {"charts": [drawing(one.slo)]}))  # noqa: S314


# The call


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--rate", "0"), "'0' is no rate; write events per second like 12 or 0.5, or 600/m, 40/h, 1000/d"),
        (("--rate", "-1"), "is no rate"),
        (("--rate", "1e9"), "is no rate"),
        (("--rate", "nan"), "is no rate"),
        (("--rate", "3/w"), "is no rate"),
        (("--errors", "100.1"), "is no percentage from 0 to 100; write it like 0.2%"),
        (("--errors", "few"), "is no percentage"),
        (("--alertmanager", "--format", "json"), "--alertmanager prints YAML alone"),
        (("--alertmanager", "--rate", "3"), "--alertmanager prints YAML alone"),
        (("--slo", "shop/chekout"), "there is no SLO 'shop/chekout'; did you mean 'shop/checkout'?"),
        (("--svg", "no/such/folder/x.svg"), "no/such/folder/x.svg cannot be written: No such file or directory"),
    ],
)
def test_a_wrong_call_is_told(arguments: tuple[str, ...], message: str, tmp_path: Path) -> None:
    (tmp_path / "shop.yaml").write_text(FILE.format(objective="99.9", more="", sli=PROBE), "utf-8")

    done = called(tmp_path, *arguments)

    assert (done.exit_code, done.stdout) == (2, "")
    assert message in unfolded(done.stderr)


def test_an_input_that_does_not_compile_is_told_as_by_compile(tmp_path: Path) -> None:
    (tmp_path / "shop.yaml").write_text(FILE.format(objective="101", more="", sli=PROBE), "utf-8")

    explained, compiled = (run(verb, "shop.yaml", cwd=tmp_path) for verb in ("explain", "compile"))

    assert (explained.returncode, explained.stdout) == (2, "")
    assert explained.stderr == compiled.stderr


def test_a_template_of_ones_own_takes_the_place_of_slogens(tmp_path: Path) -> None:
    own = tmp_path / "own/explain"
    own.mkdir(parents=True)
    (own / "explain.txt.j2").write_text("[% for slo in slos %][[ slo.id ]] [[ slo.budget ]][% endfor %]\n", "utf-8")

    assert told(tmp_path, "--templates", "own") == "shop-checkout 0.1 %\n"


@pytest.mark.parametrize("name", ["explain.txt.j2", "sentences.j2"])
def test_a_template_of_ones_own_that_cannot_be_filled_is_told_with_its_place(name: str, tmp_path: Path) -> None:
    own = tmp_path / "own/explain"
    own.mkdir(parents=True)
    (own / name).write_text("[% macro budget(slo) %][% endmacro %]\n[[ no.such ]]\n", "utf-8")
    (tmp_path / "shop.yaml").write_text(FILE.format(objective="99.9", more="", sli=PROBE), "utf-8")

    done = called(tmp_path, "--templates", "own")

    assert done.exit_code == 2
    assert done.stderr.startswith(f"own/explain/{name}:2:1: error: the template cannot be filled: 'no' is undefined")


def test_a_service_of_many_files_is_explained_whole(tmp_path: Path) -> None:
    for index in range(120):
        text = FILE.format(objective="99.9", more="", sli=PROBE).replace("service: shop", f"service: shop-{index}")
        (tmp_path / f"shop-{index}.yaml").write_text(f"{text}{'# ' + 'x' * 1000}\n", "utf-8")

    done = run("explain", ".", "--format", "json", cwd=tmp_path)

    assert len(json.loads(done.stdout)["slos"]) == 120

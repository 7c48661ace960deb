"""The page of a backtest, judged by a real browser: what it shows, on which screens, and that nothing breaks out."""

from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from hypothesis import given
from hypothesis import strategies as st
from playwright.sync_api import Browser

import backtests
from browsing import NARROW, WIDE, opened, started, width_of
from slogen.page import page
from slogen.page.view import clean
from slogen.prose import Prose, packaged
from slogen.replay.result import Backtest

PROSE = Prose()


@pytest.fixture(scope="module")
def browser(chromium: Path) -> Iterator[Browser]:
    with started(chromium) as running:
        yield running


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page with SLOs of every kind."""
    return written(tmp_path_factory.mktemp("page") / "backtest.html", *backtests.every_kind())


def written(place: Path, *told: Backtest, prose: Prose = PROSE) -> Path:
    place.write_text(page(told, prose), "utf-8")
    return place


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_a_page_fits_its_screen_asks_for_nothing_and_has_no_errors(
    browser: Browser, file: Path, width: int, dark: bool
) -> None:
    with opened(browser, file, width, dark=dark) as seen:
        assert width_of(seen.page) == width
        assert seen.requests == [file.as_uri()]
        assert seen.complaints == []


def test_every_slo_has_a_row_that_leads_to_its_section(browser: Browser, file: Path) -> None:
    with opened(browser, file) as seen:
        rows = seen.page.locator("table.summary tbody tr")
        assert [row.split("\t")[0] for row in rows.all_inner_texts()] == [
            *("shop-healthy", "shop-outage", "shop-idle", "shop-broken", "shop-unread")
        ]
        rows.locator("a").nth(1).click()
        assert seen.page.locator(":target h2").inner_text() == "shop / outage"


def test_the_summary_tells_budget_pages_and_tickets_of_the_slo_and_of_what_if(browser: Browser, file: Path) -> None:
    with opened(browser, file) as seen:
        told = [cell.strip() for cell in seen.page.locator("table.summary tbody tr").nth(1).inner_text().split("\t")]
        assert told[1] == "99.9 % over 30d"
        assert told[3:5] == ["\u221229.3 %", "\u221230.6 %"]
        assert [cell.split() for cell in told[5:]] == [
            ["1"],
            ["2", "objective", "99.5:", "0"],
        ]
        assert seen.page.locator(".facts").inner_text().split("\n") == [
            *("2", "pages from 2 SLOs", "3", "tickets", "3", "budgets overspent", "1", "could not be replayed")
        ]


def test_a_drawing_is_told_in_words_too(browser: Browser, file: Path) -> None:
    with opened(browser, file) as seen:
        assert seen.page.locator("#s2 svg.plot").get_attribute("aria-label") == (
            "Error budget left over time: \u221229.3 % of it at the end, \u221230.6 % at worst; 1 page and 2 tickets."
        )


def test_an_slo_without_groups_has_no_drawing(browser: Browser, tmp_path: Path) -> None:
    file = written(tmp_path / "none.html", backtests.backtest("none", (backtests.variant(), ())))
    with opened(browser, file) as seen:
        assert seen.page.locator("table.summary tbody tr").inner_text().startswith("shop-none\t99.9 % over 30d")
        assert not seen.page.locator("svg.spark, svg.plot").count()


def test_events_are_told_but_for_an_error_ratio_which_has_none(browser: Browser, tmp_path: Path) -> None:
    counted = backtests.healthy()
    with opened(browser, written(tmp_path / "two.html", counted, counted._replace(counted=False))) as seen:
        assert seen.page.locator(".told").all_inner_texts() == [
            "99.9 % over 30d promised; 31,104 of 25,920,000 events failed, 0.12 %.",
            "99.9 % over 30d promised; 0.12 % failed on average, whatever the traffic.",
        ]


def test_the_small_drawing_of_a_split_slo_has_the_alerts_of_all_its_groups(browser: Browser, tmp_path: Path) -> None:
    paged = backtests.page_alert(backtests.START + backtests.DAY, 5_400)
    groups = (
        backtests.group(backtests.falling(slope=0.1), (paged,), labels={"region": "eu"}),
        backtests.group(backtests.falling(slope=0.9), labels={"region": "us"}),
    )
    split = backtests.backtest("split", (backtests.variant(), groups))
    with opened(browser, written(tmp_path / "split.html", split)) as seen:
        row = seen.page.locator("table.summary tbody tr")
        assert row.inner_text().split("\t")[3].startswith("10.")  # of the group that had the least left
        assert row.locator("svg.spark > rect.page").count() == 1


def test_what_if_stands_beside_what_is_written(browser: Browser, file: Path) -> None:
    with opened(browser, file) as seen:
        rows = seen.page.locator("#s2 table.whatif tr").all_inner_texts()
        told = {name: [cell.strip() for cell in cells] for name, *cells in (row.split("\t") for row in rows)}
        assert told[""] == ["as written", "objective 99.5"]
        assert told["Objective"] == ["99.9 %", "99.5 %"]
        assert "Policy" not in told  # in which they do not differ
        assert told["Pages"] == ["1 0.23 a week", "1 0.23 a week"]
        assert told["Tickets"] == ["2 0.47 a week", "0 (\u22122)"]
        assert told["Budget left at the end"] == ["\u221229.3 %", "74.7 %"]
        assert not seen.page.locator("#s1 table.whatif").count()


def test_a_note_that_all_slos_have_is_told_once(browser: Browser, tmp_path: Path) -> None:
    both, own = "rules are evaluated every 30s", "read by halves"
    told = [
        one._replace(notes=(both, *more)) for one, more in ((backtests.healthy(), ()), (backtests.outage(), (own,)))
    ]
    with opened(browser, written(tmp_path / "notes.html", *told)) as seen:
        assert seen.page.locator("header .notes li").all_inner_texts() == [both]
        assert seen.page.locator("section .notes li").all_inner_texts() == [own]
    with opened(browser, written(tmp_path / "note.html", told[0])) as seen:
        assert seen.page.locator("section .notes li").all_inner_texts() == [both]


def test_a_severity_that_cannot_fire_is_told_apart_from_one_that_did_not(browser: Browser, tmp_path: Path) -> None:
    tickets = backtests.TIERS[1:]
    quiet = backtests.backtest(
        "quiet",
        (backtests.variant(), (backtests.group(backtests.falling()),)),
        (backtests.variant("objective 90", "0.9", tickets), (backtests.group(backtests.falling()),)),
    )
    with opened(browser, written(tmp_path / "quiet.html", quiet)) as seen:
        rows = [row.split("\t") for row in seen.page.locator("table.whatif tr").all_inner_texts()]
        assert ["Pages", "0", "none can fire"] in rows
        assert ["Tickets", "0", "0"] in rows


def test_an_alert_on_the_time_line_leads_to_its_row_also_where_that_is_folded_away(
    browser: Browser, file: Path
) -> None:
    with opened(browser, file) as seen:
        bars = seen.page.locator("#s2 svg.lane a")
        assert [bar.get_attribute("aria-label") for bar in bars.all()] == [
            "page, 5 Nov 10:00, 1h30m",
            "ticket, 5 Nov 10:30, 7h",
            "ticket, 16 Nov 10:00, 1d6h",
            "page, 5 Nov 10:00, 1h30m",
        ]
        for number, told in ((1, "5 Nov 10:30"), (3, "5 Nov 10:00")):
            bars.nth(number).focus()
            seen.page.keyboard.press("Enter")
            target = seen.page.locator("tr:target")
            assert target.inner_text().startswith(told)
            assert target.is_visible()


def test_alerts_lie_below_what_they_did_to_the_budget(browser: Browser, file: Path) -> None:
    with opened(browser, file) as seen:
        plot = seen.page.locator("#s2 svg.plot").bounding_box()
        page_bar, ticket_bar = (
            seen.page.locator(f"#s2 svg.lane rect.{severity}").first.bounding_box() for severity in ("page", "ticket")
        )
        assert plot and page_bar and ticket_bar  # noqa: PT018 - they are there or not
        assert page_bar["x"] == pytest.approx(plot["x"] + plot["width"] * 11 / 30, abs=2)
        assert ticket_bar["x"] + ticket_bar["width"] == pytest.approx(
            plot["x"] + plot["width"] * (11 + 7.5 / 24) / 30, abs=2
        )
        assert page_bar["height"] > 1.5 * ticket_bar["height"]  # who sees no colours tells them apart


def test_an_alert_shorter_than_a_pixel_is_seen_and_one_that_lasts_says_so(browser: Browser, file: Path) -> None:
    with opened(browser, file, NARROW) as seen:
        bar = seen.page.locator("#s2 svg.lane rect.page").first.bounding_box()
        assert bar
        assert bar["width"] >= 1.5
        row = seen.page.locator("#s4 table.alerts tbody tr").inner_text().split("\t")
        assert row[:2] == ["before 25 Oct 10:00", "more than 30d, firing still"]
        assert row[-1] == ""  # what was spent when it fired was spent before the replay


def test_too_little_data_is_shown_and_told(browser: Browser, file: Path) -> None:
    with opened(browser, file) as seen:
        assert seen.page.locator("#s3 .lacks").first.inner_text() == "no events: 30 times, 7d12h in all, 6h at longest"
        assert seen.page.locator("#s3 svg.plot").first.locator("rect.gap.idle").count() == 30
        assert seen.page.locator("#s2 .lacks").inner_text() == "no data: once, for 9h"
        assert seen.page.locator("#s5").inner_text().endswith("it loads too many samples.")


def test_missing_data_is_told_as_the_tickets_that_it_would_have_been(browser: Browser, tmp_path: Path) -> None:
    with opened(browser, written(tmp_path / "blind.html", backtests.blind())) as seen:
        assert seen.page.locator(".facts").inner_text().split("\n")[2:4] == ["3", "tickets"]
        assert seen.page.locator("section > .notes li").all_inner_texts() == [
            "A ticket for missing data in all groups: 30 Oct 10:16, for 8h44m"
        ]
        rows = [row.split("\t") for row in seen.page.locator("table.alerts tbody tr").all_inner_texts()]
        assert rows == 2 * [["30 Oct 10:16", "44m", "ticket", "missing data", "", ""]]
        assert seen.page.locator("svg.lane rect.ticket").count() == 2


def test_all_links_lead_somewhere_and_no_name_is_given_twice(browser: Browser, file: Path) -> None:
    with opened(browser, file) as seen:
        names = seen.page.evaluate("[...document.querySelectorAll('[id]')].map(one => one.id)")
        links = seen.page.evaluate("[...document.querySelectorAll('a')].map(one => one.getAttribute('href'))")
        assert len(names) == len(set(names))
        assert {link.removeprefix("#") for link in links} <= set(names)
        assert len(links) > 10


def test_keys_alone_reach_every_table_that_may_be_wider_than_the_screen(browser: Browser, file: Path) -> None:
    with opened(browser, file, NARROW) as seen:
        reached = set()
        for _ in range(200):
            seen.page.keyboard.press("Tab")
            found = seen.page.evaluate("[...document.querySelectorAll('.scroll')].indexOf(document.activeElement)")
            reached.add(found)
            if seen.page.evaluate("document.activeElement === document.body"):
                break
        shown = seen.page.locator(".scroll:visible").count()
        assert len(reached - {-1}) == shown > 3


def test_on_paper_nothing_is_folded_away(browser: Browser, file: Path) -> None:
    with opened(browser, file, dark=True) as seen:
        folded = seen.page.locator("#s2 details:not([open]) table")
        assert not folded.is_visible()
        seen.page.emulate_media(media="print")
        assert folded.is_visible()
        assert seen.page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_words_stand_out_from_the_paper(browser: Browser, file: Path, dark: bool) -> None:
    """Source: https://www.w3.org/TR/WCAG22/#contrast-minimum, where 4.5 is the least."""
    with opened(browser, file, dark=dark) as seen:
        style = "getComputedStyle(document.documentElement).getPropertyValue('--{}')"
        paper, raised, *words = (
            luminance(seen.page.evaluate(style.format(name)))
            for name in ("paper", "raised", "ink", "faint", "link", "page", "ticket", "spent")
        )
        for ground in (paper, raised):
            for word in words:
                lighter, darker = max(ground, word), min(ground, word)
                assert (lighter + 0.05) / (darker + 0.05) >= 4.5


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_nothing_keeps_anybody_from_reading_the_page(browser: Browser, file: Path, width: int) -> None:
    """Source: https://github.com/dequelabs/axe-core, which holds pages to the rules of WCAG."""
    with opened(browser, file, width) as seen:
        judged = Axe().run(seen.page).response
        assert [broken["id"] for broken in judged["violations"]] == []
        assert len(judged["passes"]) > 30


def luminance(colour: str) -> float:
    """Source: https://www.w3.org/TR/WCAG22/#dfn-relative-luminance."""
    digits = colour.strip().removeprefix("#")
    digits = "".join(2 * digit for digit in digits) if len(digits) == 3 else digits
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_hostile_names_are_words_and_nothing_else(browser: Browser, tmp_path: Path, width: int) -> None:
    hostile = backtests.hostile()
    file = written(tmp_path / "hostile.html", hostile)
    with opened(browser, file, width) as seen:
        assert seen.complaints == []
        assert seen.requests == [file.as_uri()]
        assert width_of(seen.page) == width
        assert seen.page.title() == "Backtest of 1 SLO: 8 pages, 0 tickets"
        assert not seen.page.locator("script, img, iframe, object, embed, base, form").count()
        assert seen.page.locator("style").count() == 1
        assert seen.page.evaluate("document.body.checkVisibility()")
        told = seen.page.locator("body").text_content() or ""
        for text in (hostile.slo, hostile.service, hostile.name, hostile.description, *hostile.notes):
            assert clean(text) in told
        links = seen.page.evaluate("[...document.querySelectorAll('a')].map(one => one.getAttribute('href'))")
        assert all(link.startswith("#s") for link in links)


def test_a_template_of_ones_own_that_lets_a_script_in_is_stopped_by_the_browser(
    browser: Browser, tmp_path: Path
) -> None:
    """The near miss: the policy of the page would hold even if something broke out."""
    template = packaged()["backtest/page.html.j2"]
    for broken, complaint in (
        ("<script>document.title = 'taken over'</script>", "Executing inline script violates"),
        ("<p style='color: red' class='own'>red</p>", "Applying inline style violates"),
        ("<style>p { color: red }</style>", "Applying inline style violates"),
        ("<img src='https://tracker.example/pixel.png'>", "Loading the image 'https://tracker.example/pixel.png'"),
    ):
        own = Prose({"backtest/page.html.j2": template.replace("<main>", f"<main>{broken}")})
        with opened(browser, written(tmp_path / "own.html", backtests.healthy(), prose=own)) as seen:
            assert [told.split(". ")[0][: len(complaint)] for told in seen.complaints] == [complaint]
            assert seen.page.title().startswith("Backtest of 1 SLO")
            assert seen.page.evaluate("getComputedStyle(document.querySelector('main p')).color") != "rgb(255, 0, 0)"


def test_a_style_sheet_of_ones_own_is_taken(browser: Browser, tmp_path: Path) -> None:
    own = Prose({"backtest/page.css.j2": "body > header { color: rgb(1, 2, 3) }"})
    with opened(browser, written(tmp_path / "own.html", backtests.healthy(), prose=own)) as seen:
        assert seen.page.evaluate("getComputedStyle(document.querySelector('header')).color") == "rgb(1, 2, 3)"
        assert seen.complaints == []


class Elements(HTMLParser):
    """The elements of a page, with the names of their attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, tuple[str, ...]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, tuple(name for name, _ in attrs)))


@given(text=st.text(st.characters(exclude_categories=()), min_size=1, max_size=40))
def test_no_text_makes_an_element(text: str) -> None:
    def told(said: str) -> str:
        slo = backtests.backtest(
            said,
            (backtests.variant(), (backtests.group(backtests.falling(), labels={said: said}),)),
            (backtests.variant(said), (backtests.group(backtests.falling(), labels={said: said}),)),
            notes=(said,),
            description=said,
        )
        return page([slo._replace(service=said, slo=said)], PROSE)

    held = told(text)
    assert Elements(held).found == Elements(told("x")).found
    held.encode("utf-8")


def test_the_same_backtest_gives_the_same_bytes() -> None:
    assert page(backtests.every_kind(), PROSE) == page(backtests.every_kind(), PROSE)

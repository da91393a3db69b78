"""What is printed, on real paper sizes: a browser makes the sheets, with nothing on them but what belongs there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from service.office import Office
from tests.journeys.browser import in_a_browser, opened, served
from tests.journeys.test_screens import entered
from tests.service.offices import Asking, make_office
from tests.service.test_api_wksbm import formed
from tests.service.test_log_proofs import seal
from tests.service.test_web_printed import board_of, carried

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = in_a_browser
SHEET = re.compile(rb"/Type\s*/Page\b")
#: What is wider than the paper is cut off: A4 without its margins, in CSS pixels.
WITHIN = {"width": 680, "height": 1008}
CUT = (
    "[...document.querySelectorAll('main *')].filter((one) => one.clientWidth && one.scrollWidth > one.clientWidth + 1)"
)
ON_SCREEN_ONLY = (".top", ".moment", "main .actions", "body > footer")


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    made = make_office(tmp_path)
    yield made
    made.close()


@pytest.fixture
def browser() -> Iterator[Browser]:
    with opened() as made:
        yield made


def sheets(browser: Browser, at: str, who: Asking, path: str, beside: tuple[str, ...] = ON_SCREEN_ONLY) -> int:
    """How many sheets of A4 a page takes, in the dark theme of whoever prints it too; and that nothing of the screen is on
    them."""
    context, page = entered(browser, at, who.person().token, color_scheme="dark")
    assert page.goto(at + path).status == 200  # type: ignore[union-attr]  # a page always answers
    page.emulate_media(media="print", color_scheme="dark")
    for one in beside:
        assert page.locator(one).count() > 0, one
        assert page.locator(one).evaluate_all("all => all.every(one => one.getClientRects().length === 0)"), one
    assert page.locator(".standing").is_visible()
    ink = page.locator(".standing").evaluate("one => getComputedStyle(one).color.match(/[0-9]+/g).map(Number)")
    assert sum(ink[:3]) < 300, "dark on paper"
    page.set_viewport_size(WITHIN)  # type: ignore[arg-type]  # a typed dict of its own that has the same keys
    assert page.evaluate(f"{CUT}.map((one) => one.tagName + one.className)") == []
    count = len(SHEET.findall(page.pdf(prefer_css_page_size=True)))
    context.close()
    return count


def test_a_summary_of_a_case_with_something_of_everything_fits_on_two_sheets(office: Office, browser: Browser) -> None:
    worker = Asking(office, "tksk")
    case = carried(office, worker, Asking(office, "supervisor"))
    with served(office) as at:
        assert 1 <= sheets(browser, at, worker, f"/kasus/{case}/ringkasan") <= 2


def test_the_minutes_of_a_checkpoint_fit_on_one_sheet(office: Office, browser: Browser, tmp_path: Path) -> None:
    size = seal(office, tmp_path).size
    with served(office) as at:
        of_no_day = tuple(one for one in ON_SCREEN_ONLY if one != ".moment")
        assert sheets(browser, at, Asking(office, "admin"), f"/jejak/titik-periksa/{size}", of_no_day) == 1


def test_minutes_fit_on_one_sheet_and_a_decree_on_two(office: Office, browser: Browser) -> None:
    who = Asking(office, "supervisor")
    body = formed(who)
    board_of(who, body)
    with served(office) as at:
        for path, most in (("sk", 2), ("berita-acara", 1), ("berita-acara?catatan=0", 1)):
            assert sheets(browser, at, who, f"/wksbm/{body}/{path}") <= most, path

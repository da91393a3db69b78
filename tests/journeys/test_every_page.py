"""Every page there is, in a real browser: nothing that axe finds fault with, whoever enlarges it, and nothing that needs a
mouse. A page that nobody listed in `sown.every_page` fails there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.journeys.browser import in_a_browser, opened, served
from tests.journeys.looking import DESK, DESK_FOUR_TIMES, DESK_TWICE, PHONE, faults, skip, unfold, walked, wide
from tests.journeys.sown import FULLEST, Sown, every_page
from tests.journeys.test_screens import entered
from tests.service.offices import VILLAGE

pytestmark = in_a_browser
TEXTS = ["Ibu Rahma di Dusun Tiga", "Sering menangis sejak rumahnya runtuh.", "Bapak Yusuf, kepala dusun"]
#: All are made by one template: of each kind of field one is looked at like any page, and every one on a bright phone and
#: on a dark desk, so that each width and each theme sees each of them once.
FORM = "/catat/<command>"
FORMS = ("beneficiary.register", "case.open", "wksbm.appoint_board", "referral.submit", "incident.declare")
#: A long page in the same form with fewer rows; `test_screens` looks at the whole of it.
SHORTER = {"/desa": f"/desa?kecamatan={VILLAGE[:8]}"}
#: Test processes share the pages.
SHARES = 4
#: Made by the API, which names it in its refusals; the page that describes the API is not ours.
RULES = "/docs/rules"


@pytest.fixture(scope="module")
def sown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sown]:
    patch = pytest.MonkeyPatch()
    made = Sown(tmp_path_factory.mktemp("every"), TEXTS, patch, once=True)
    patch.undo()
    yield made
    made.office.close()


@pytest.fixture(scope="module")
def secret(sown: Sown) -> str:
    """A session of somebody with every role."""
    return sown.one.person().token


def addresses(sown: Sown) -> tuple[list[str], list[str]]:
    """The pages that are looked at in every way there is, and the forms that are like others. Where a record has a page, it
    is the record of which most was recorded."""
    found = every_page(sown.office, sown.one)
    fullest = every_page(sown.office, sown.one, order=FULLEST)
    found |= {rule: paths for rule, paths in fullest.items() if rule.endswith("/<id>")}
    forms = [path for path in found.pop(FORM) if "case.change_task" not in path]  # leads to a page of its own
    plain = {path for path in forms if path.split("?")[0].rpartition("/")[2] not in FORMS}
    pages = [path for path in forms if path not in plain]
    for rule, paths in found.items():
        wanted = paths if "<form>" in rule else paths[:1]
        pages += [SHORTER.get(path, path) for path in wanted]
    return [*pages, RULES], [path for path in forms if path in plain]


@pytest.mark.parametrize("share", range(SHARES))
def test_axe_finds_no_fault_with_any_page_and_a_keyboard_reaches_all_of_it(sown: Sown, secret: str, share: int) -> None:
    """In both widths, both themes and enlarged to 200 %, by every rule; enlarged to 400 % none is wider than its screen.
    A theme changes colours alone, and enlarging none: so it is enlarged in one of them."""
    pages, forms = addresses(sown)
    assert len(pages) > 60
    assert len(forms) > 125
    wrong: list[Any] = []
    reached = 0
    with served(sown.office) as address, opened() as browser:
        context, page = entered(browser, address, secret)

        def gone_to(path: str, width: int, theme: str = "light") -> int:
            wide(page, width, theme)
            answer = page.goto(address + path)
            assert answer is not None
            assert answer.status == 200, (path, answer.status)
            unfold(page)
            whole = path == pages[share]  # the menu, which all have
            if not whole:
                skip(page)
            count, missed = walked(page, "body" if whole else "main")
            wrong.extend((path, width, *one) for one in missed)
            return count

        def look(path: str, width: int, theme: str) -> None:
            wide(page, width, theme)
            wrong.extend((path, width, theme, *one) for one in faults(page))

        for path in pages[share::SHARES]:
            for width in (DESK, PHONE):
                reached += gone_to(path, width)
                look(path, width, "light")
                look(path, width, "dark")
            look(path, DESK_TWICE, "light")
            wide(page, DESK_FOUR_TIMES)
            if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                wrong.append((path, "too wide at 400 %"))
        for path in forms[share::SHARES]:
            reached += gone_to(path, PHONE)
            look(path, PHONE, "light")
            look(path, DESK, "dark")
        context.close()
    assert wrong == []
    assert reached > 400


def test_the_first_key_leads_past_the_menu(sown: Sown, secret: str) -> None:
    with served(sown.office) as address, opened() as browser:
        context, page = entered(browser, address, secret, viewport={"width": 360, "height": 800})
        page.goto(f"{address}/kasus")
        page.keyboard.press("Tab")
        skip = page.locator(".skip")
        assert skip.evaluate("one => one === document.activeElement")
        box = skip.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "isi"
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.closest('main') !== null")
        context.close()


def test_the_whole_menu_is_seen_on_a_phone_and_in_it_where_one_is(sown: Sown, secret: str) -> None:
    with served(sown.office) as address, opened() as browser:
        context, page = entered(
            browser, address, secret, viewport={"width": 360, "height": 800}, java_script_enabled=False
        )
        for path, current in (("/pelindungan", "page"), (f"/desa/{VILLAGE}", "true")):
            page.goto(address + path)
            boxes = [one.bounding_box() for one in page.locator(".menu a").all()]
            assert len(boxes) > 8, "whoever has every role has every entry"
            for box in boxes:
                assert box is not None
                assert box["x"] >= 0
                assert box["x"] + box["width"] <= 360
                assert min(box["width"], box["height"]) >= 24, "WCAG 2.2, 2.5.8"
            here = page.locator(".menu [aria-current]")
            assert (here.get_attribute("href"), here.get_attribute("aria-current")) == (
                "/" + path.split("/")[1],
                current,
            )
        context.close()


def test_one_sees_where_one_is_in_every_part_of_a_date(sown: Sown, secret: str) -> None:
    """The button that opens the calendar lies within the field: there the field itself is no longer ``:focus``."""
    drawn = "one => [getComputedStyle(one).boxShadow, getComputedStyle(one).backgroundColor].join(' ')"
    with served(sown.office) as address, opened() as browser:
        context, page = entered(
            browser, address, secret, viewport={"width": 360, "height": 800}, reduced_motion="reduce"
        )
        page.goto(f"{address}/kasus")
        day = page.locator("input[type=date]").first
        rest = day.evaluate(drawn)
        day.focus()
        parts = 0
        while day.evaluate("one => one === document.activeElement"):
            assert day.evaluate(drawn) != rest, f"part {parts + 1} of the date"
            page.keyboard.press("Tab")
            parts += 1
        assert parts == 4, "day, month, year and the button"
        context.close()

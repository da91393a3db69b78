"""Every page there is, in a real browser: nothing that axe finds fault with, whoever enlarges it, and nothing that needs a
mouse. A page that nobody listed in `sown.every_page` fails there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from tests.journeys.browser import in_a_browser, opened, served
from tests.journeys.sown import Sown, every_page
from tests.journeys.test_screens import entered
from tests.service.offices import VILLAGE

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = in_a_browser
TEXTS = ["Ibu Rahma di Dusun Tiga", "Sering menangis sejak rumahnya runtuh.", "Bapak Yusuf, kepala dusun"]
#: Of the forms, which are made by one template, one of each kind of field.
FORMS = ("beneficiary.register", "case.open", "wksbm.appoint_board", "referral.submit", "incident.declare")
#: 1280 at 200 % is 640; 320 is 1280 at 400 %, at which a page must still flow (WCAG 1.4.10).
WIDTHS = {"desk": 1280, "desk at 200 %": 640, "phone": 360, "desk at 400 %": 320}
#: A long page in the same form with fewer rows; `test_screens` looks at the whole of it.
SHORTER = {"/desa": f"/desa?kecamatan={VILLAGE[:8]}"}
#: The pages that are enlarged to 200 % under axe too; all are looked at in that width.
ENLARGED = (
    "/",
    "/warga",
    "/warga/<id>",
    "/kasus",
    "/kasus/<id>",
    "/rujukan",
    "/rujukan/<id>",
    "/catat/<command>",
    "/akun",
)
ENLARGED += (
    "/desa",
    "/desa/<code>",
    "/wksbm/<id>",
    "/pengawasan",
    "/cakupan",
    "/jejak",
    "/pelindungan",
    "/pengelolaan",
)
FULL = {"rules": {"target-size": {"enabled": True}}, "resultTypes": ["violations"]}
CONTRAST = {"runOnly": {"type": "rule", "values": ["color-contrast"]}}
#: All that a keyboard must reach, and what it came to, with whether one sees where one is.
KEYBOARD = """part => {
  const wanted = 'a[href],button,input:not([type=hidden]),select,textarea,summary,[tabindex="0"]';
  const there = [...document.querySelector(part).querySelectorAll(wanted)];
  window.all = there.filter(one => one.checkVisibility() && !one.disabled);
  const look = one => {
    const inner = one.querySelector('rect,path') || one, style = getComputedStyle(one), drawn = getComputedStyle(inner);
    return [style.outlineStyle, style.outlineWidth, style.boxShadow, style.borderColor, style.textDecorationLine,
      style.backgroundColor, drawn.stroke, drawn.strokeWidth, style.left].join(' ');
  };
  const before = new Map(window.all.map(one => [one, look(one)]));
  window.reached = new Set(); window.unseen = new Set();
  document.addEventListener('focusin', event => {
    const one = event.target;
    window.reached.add(one);
    requestAnimationFrame(() => setTimeout(() => {
      if (document.activeElement === one && before.has(one) && before.get(one) === look(one)) window.unseen.add(one);
    }, 0));
  });
  return [window.all.length, window.all.filter(one => one.type === 'date').length];
}"""
MANY = 90
#: Past the middle of a long list, to so many before its end.
ONWARD = """many => {
  window.all.slice(0, -many).forEach(one => window.reached.add(one));
  window.all.at(-many).focus();
}"""
TOLD = """() => [
  window.all.filter(one => !window.reached.has(one) && !(one.type === 'radio')).map(one => one.outerHTML.slice(0, 120)),
  [...window.unseen].map(one => one.outerHTML.slice(0, 120)),
]"""


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


@pytest.fixture(scope="module")
def looked_at(sown: Sown, secret: str) -> dict[str, list[Any]]:
    """What is wrong with each page, by kind of fault; ``pages`` are those that were looked at. Each is loaded once."""
    from axe_playwright_python.sync_playwright import Axe

    found: dict[str, list[Any]] = defaultdict(list)
    script = Axe().axe_script
    with served(sown.office) as address, opened() as browser:
        context, page = entered(
            browser, address, secret, viewport={"width": 1280, "height": 900}, reduced_motion="reduce"
        )
        for rule, paths in every_page(sown.office, sown.one).items():
            wanted = [SHORTER.get(path, path) for path in paths[:1]]
            if rule == "/catat/<command>":
                wanted = [path for path in paths if path.split("?")[0].rpartition("/")[2] in FORMS]
            elif "<form>" in rule:
                wanted = [path for path in paths if "alat=" in path or path.endswith("rencana")]
            for path in wanted:
                page.set_viewport_size({"width": 1280, "height": 900})
                page.emulate_media(color_scheme="light")
                answer = page.goto(address + path)
                assert answer is not None
                assert answer.status == 200, (path, answer.status)
                walked(page, path, found)
                page.evaluate(script)
                faults(page, path, found, enlarged=rule in ENLARGED)
                found["pages"].append(path)
        context.close()
    return found


def faults(page: Page, path: str, found: dict[str, list[Any]], *, enlarged: bool) -> None:
    """Look at a page in every width, and at its colours in both themes."""
    for name, wide in WIDTHS.items():
        page.set_viewport_size({"width": wide, "height": 900})
        if page.evaluate("document.documentElement.scrollWidth") > wide:
            found["too wide"].append((path, name))
        if name in ("desk", "phone") or (enlarged and name == "desk at 200 %"):
            found["axe"] += [(path, name, *one) for one in violations(page, FULL)]
    page.emulate_media(color_scheme="dark")
    for name in ("phone", "desk"):
        page.set_viewport_size({"width": WIDTHS[name], "height": 900})
        found["axe"] += [(path, name, "dark", *one) for one in violations(page, CONTRAST)]


def violations(page: Page, options: dict[str, Any]) -> list[Any]:
    told = page.evaluate("options => axe.run(document, options)", options)
    return [(one["id"], [node["html"][:110] for node in one["nodes"][:2]]) for one in told["violations"]]


def walked(page: Page, path: str, found: dict[str, list[Any]]) -> None:
    """Go through a page with the Tab key alone until it comes round: the first one from its top, where the menu is that all
    have; the others from where the skip link leads. Of a long list its beginning and its end are walked."""
    whole = not found["pages"]
    if not whole:
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
    reachable, dates = page.evaluate(KEYBOARD, "body" if whole else "main")
    for _ in range(min(reachable + 5 * dates + 1, MANY)):
        page.keyboard.press("Tab")
    if reachable > MANY:
        page.evaluate(ONWARD, MANY // 3)
        for _ in range(MANY // 3):
            page.keyboard.press("Tab")
    missed, unseen = page.evaluate(TOLD)
    page.evaluate("document.activeElement.blur()")  # what has the focus may lie over something else
    found["not reached"] += [(path, one) for one in missed]
    found["focus not seen"] += [(path, one) for one in unseen]
    found["reached"].append(reachable - len(missed))


def test_axe_finds_no_fault_with_any_page_in_any_width_and_theme(looked_at: dict[str, list[Any]]) -> None:
    assert looked_at["axe"] == []
    assert len(looked_at["pages"]) > 45


def test_no_page_is_wider_than_its_screen_however_much_it_is_enlarged(looked_at: dict[str, list[Any]]) -> None:
    assert looked_at["too wide"] == []


def test_the_keyboard_alone_reaches_everything_and_one_sees_where_one_is(looked_at: dict[str, list[Any]]) -> None:
    assert looked_at["not reached"] == []
    assert looked_at["focus not seen"] == []
    assert sum(looked_at["reached"]) > 800


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

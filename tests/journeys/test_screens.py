"""Screens in a real browser: nothing axe finds fault with, nothing from elsewhere, and a day's work without JavaScript."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.journeys.browser import in_a_browser, opened, served
from tests.journeys.looking import BROKEN
from tests.service.offices import VILLAGE, Asking, make_office, person
from tests.service.test_api_boards import ratified
from tests.service.test_api_cases import opened as opened_case
from tests.service.test_api_referrals import sent as sent_referral

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

pytestmark = in_a_browser
WIDTHS = {"phone": (360, 800), "desk": (1280, 900)}


class Served:
    """An office with something in it, its address, and who may sign in."""

    def __init__(self, folder: Path) -> None:
        self.office = make_office(folder)
        self.who = {
            role: Asking(self.office, role) for role in ("supervisor", "psm", "peksos", "auditor", "dpo", "admin")
        }
        self.secrets = {role: asking.person().token for role, asking in self.who.items()}
        worker = self.who["peksos"]
        self.body = ratified(self.who["supervisor"])
        self.head = self.office.reader.head()[0]
        self.person = person(self.office)
        self.case = opened_case(self.office, worker)
        self.referral = sent_referral(worker, self.case)


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    made = Served(tmp_path_factory.mktemp("screens"))
    yield made
    made.office.close()


@pytest.fixture(scope="module")
def address(office: Served) -> Iterator[str]:
    with served(office.office) as at:
        yield at


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with opened() as made:
        yield made


def entered(browser: Browser, address: str, secret: str, **options: Any) -> tuple[BrowserContext, Page]:
    """A browser that holds the session of somebody who signed in."""
    context = browser.new_context(**options)
    context.add_cookies([{"name": "wahana-session", "value": secret, "url": address, "httpOnly": True}])
    return context, context.new_page()


def pages_of(office: Served, role: str) -> list[str]:
    about = {
        "peksos": ["/", "/warga", f"/warga/{office.person}", "/kasus", f"/kasus/{office.case}",
                   f"/kasus/{office.case}/ringkasan", "/rujukan", f"/rujukan/{office.referral}",
                   "/catat/beneficiary.register?kind=person", "/akun",
                   f"/catat/beneficiary.give_consent?stream={office.person}"],
        "supervisor": ["/desa", f"/desa/{VILLAGE}", f"/wksbm/{office.body}",
                       f"/wksbm/{office.body}/sk", f"/wksbm/{office.body}/berita-acara", "/pengawasan", "/cakupan",
                       f"/desa/{VILLAGE}?posisi={office.head}", f"/mengapa/board.people.tier_1?village={VILLAGE}",
                       "/bantuan", "/bantuan/supervisor", "/publik", "/publik/rujukan", "/publik/tanda-terima"],
        "auditor": ["/jejak"],
        "dpo": ["/pelindungan"],
        "admin": ["/pengelolaan"],
    }  # fmt: skip
    return about[role]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_axe_finds_no_fault_with_any_page(
    office: Served, address: str, browser: Browser, width: str, theme: str
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    wide, high = WIDTHS[width]
    faults, looked_at = [], 0
    for role in ("peksos", "supervisor", "auditor", "dpo", "admin"):
        context, page = entered(
            browser, address, office.secrets[role], viewport={"width": wide, "height": high}, color_scheme=theme
        )
        elsewhere: list[str] = []
        page.on("request", lambda asked, found=elsewhere: found.append(asked.url))
        complaints: list[str] = []
        page.on("console", lambda said, found=complaints: found.append(said.text) if said.type == "error" else None)
        for path in pages_of(office, role):
            answer = page.goto(address + path)
            assert answer is not None
            assert answer.status == 200, (role, path)
            assert page.evaluate("document.documentElement.scrollWidth") <= wide, (path, "wider than the screen")
            told = Axe().run(page).response["violations"]
            faults += [(path, one["id"], [node["html"][:90] for node in one["nodes"][:2]]) for one in told]
            looked_at += 1
        assert all(url.startswith((address, "data:")) for url in elsewhere)
        assert complaints == [], "the content security policy was offended, or a file is missing"
        context.close()
    assert not faults, "\n".join(map(str, faults))
    assert looked_at > 15


@pytest.mark.parametrize("width", WIDTHS)
def test_a_number_of_the_board_opens_its_rows(office: Served, address: str, browser: Browser, width: str) -> None:
    wide, high = WIDTHS[width]
    context, page = entered(browser, address, office.secrets["supervisor"], viewport={"width": wide, "height": high})
    page.goto(f"{address}/desa")
    assert page.locator("main table").evaluate("one => one.parentElement.scrollWidth <= one.offsetWidth + 1"), "no room"
    count = page.locator("main tbody td.n .why").count()
    assert count > 0
    for place in range(count):
        page.goto(f"{address}/desa")
        number = page.locator("main tbody td.n .why").nth(place)
        said, box = number.inner_text(), number.bounding_box()
        assert box
        assert min(box["width"], box["height"]) >= 24
        number.focus()
        page.keyboard.press("Enter")
        page.wait_for_url("**/mengapa/board.*")
        assert page.locator(".numbers dd").inner_text() == said
    context.close()


@pytest.mark.parametrize("width", WIDTHS)
def test_who_is_alike_is_compared_in_whole_words(office: Served, address: str, browser: Browser, width: str) -> None:
    wide, high = WIDTHS[width]
    alike = {"birth_place": "Limboto Barat", "mother": "Rabiatuladawiyah"}
    names = ("Fatmawati Olii", "Fatmawati Oli", "Fatmawaty Olii", "Patmawati Oli", "Fatmawati Ollii")
    psm = office.who["psm"]
    told = {"village": VILLAGE, "kind": "person", "channel": "desa", "reason_to_go_on": "Orang lain"}
    for name in names:
        identity = {"name": f"{name} {width}", "birth_year": 1951, **alike}
        one = psm.done("/api/v1/beneficiaries", {**told, "identity": identity})["id"]
    context, page = entered(browser, address, office.secrets["psm"], viewport={"width": wide, "height": high})
    page.goto(f"{address}/warga/{one}/mirip")
    assert page.locator(".compared table").count() >= len(names) - 1
    assert page.evaluate(BROKEN, "main") == []
    page.goto(f"{address}/catat/beneficiary.register?kind=person&village={VILLAGE}&channel=desa")
    page.locator('[name="identity.name"]').fill(f"{names[0]} {width}")
    page.locator('[name="identity.birth_year"]').fill("1951")
    page.locator("main form button").last.click()
    page.locator(".compared table").first.wait_for()
    assert page.evaluate(BROKEN, ".compared") == []
    assert page.evaluate("document.documentElement.scrollWidth") <= wide
    context.close()


def test_a_persons_way_from_the_register_to_the_end_of_her_case_without_javascript(
    office: Served, address: str, browser: Browser
) -> None:
    phone = {"viewport": {"width": 360, "height": 800}, "java_script_enabled": False}
    context, page = entered(browser, address, office.secrets["psm"], **phone)
    page.set_default_timeout(30_000)

    def filled(**fields: str) -> None:
        """Fill the form on the page, as far as its fields are named, and send it."""
        for name, value in fields.items():
            field = page.locator(f'main [name="{name.replace("__", ".")}"]').first
            if field.evaluate("element => element.tagName") == "SELECT":
                field.select_option(value)
            else:
                field.fill(value)
        with page.expect_navigation():
            page.locator("main form button").last.click()
        assert page.locator(".told").count() == 1, page.locator("main").inner_text()

    def followed(start: str) -> None:
        """Open the first link of the page that begins so, and what it is folded into."""
        link = page.locator(f'main a[href^="{start}"]').first
        if not link.is_visible():
            link.locator("xpath=ancestor::details[1]/summary").click()
        with page.expect_navigation():
            link.click()

    def arrived(start: str) -> None:
        """Go on to the record, where the form led back to the page it was opened from."""
        if start not in page.url:
            followed(start)

    page.goto(f"{address}/warga")
    followed("/catat/beneficiary.register")
    filled(village=VILLAGE, channel="desa", identity__name="Salma Hulopi", identity__birth_year="1948")
    assert "Salma Hulopi" in page.locator("h1").inner_text()
    followed("/catat/case.open")
    filled(channel="datang_langsung", urgency="biasa", story="Tinggal sendiri, atap rumahnya runtuh.")
    arrived("/kasus/")
    assert "atap rumahnya runtuh" in page.locator("main").inner_text()
    followed("/catat/referral.submit")
    filled(destination_kind="puskesmas", destination="Puskesmas Limboto", need="pemeriksaan")
    arrived("/rujukan/")
    followed("/catat/referral.accept")
    heard = {"channel": "telepon", "informant": "Ibu Hadija", "note": "Ditelepon"}
    filled(**heard)
    followed("/catat/referral.handle")
    filled(**heard)
    followed("/catat/referral.complete")
    filled(**heard, outcome="tertangani")
    followed("/kasus/")
    followed("/catat/case.terminate")
    filled(reason="menolak", outcome="sebagian", note="Dirawat keluarganya")
    assert office.who["supervisor"].data("/api/v1/cases", open="false")[0]["stage"]
    context.close()

"""S5 on pages, in a real browser: a village head forms a WKSBM on a phone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.journeys.browser import in_a_browser, opened, served
from tests.journeys.calendar import NEXT_DOOR, VILLAGE, Place, registration
from tests.service.offices import Asking

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

pytestmark = in_a_browser
PHONE, DESK = {"width": 360, "height": 800}, {"width": 1280, "height": 900}
PAPER = {"name": "berita acara.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 berita acara"}


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Place]:
    made = Place(tmp_path, "", date(2025, 6, 16))
    yield made
    made.close()


@pytest.fixture
def browser() -> Iterator[Browser]:
    with opened() as made:
        yield made


class Screen:
    """Somebody signed in at a browser, who follows links and fills in forms by what stands on them."""

    def __init__(self, browser: Browser, at: str, who: Asking, size: dict[str, int]) -> None:
        self.at, self.who = at, who
        self.page = browser.new_context(viewport={"width": size["width"], "height": size["height"]}).new_page()
        self.page.set_default_timeout(30_000)
        self.sign_in()

    def sign_in(self) -> None:
        """Hold a session of one's own; the one before ends when days pass."""
        cookie = {"name": "wahana-session", "value": self.who.person().token, "url": self.at, "httpOnly": True}
        self.page.context.add_cookies([cookie])  # type: ignore[list-item]

    def open(self, path: str) -> Page:
        self.page.goto(self.at + path)
        return self.page

    def press(self, words: str) -> None:
        """Follow the link with these words, also when it is folded away."""
        link = self.page.locator("main a", has_text=re.compile(rf"^\s*{re.escape(words)}\s*$")).first
        self.click(self.unfolded(link))

    def click(self, what: Locator) -> None:
        """Click on what leads to another page, and have that page whole."""
        with self.page.expect_navigation():
            what.click()

    @staticmethod
    def unfolded(found: Locator) -> Locator:
        found.wait_for(state="attached")
        if not found.is_visible():
            found.locator("xpath=ancestor::details[1]/summary").click()
        return found

    def fill(self, papers: str = "", **fields: str) -> None:
        """Fill in the form on the page, with a paper of a kind, and send it."""
        for name, value in ({**fields, "evidence__0__kind": papers} if papers else fields).items():
            field = self.unfolded(self.page.locator(f'main [name="{name.replace("__", ".")}"]').first)
            if field.evaluate("element => element.tagName") == "SELECT":
                field.select_option(value)
            else:
                field.fill(value)
        if papers:
            self.page.locator('main [name="evidence.0.file"]').set_input_files(PAPER)  # type: ignore[arg-type]
        self.page.locator("main form button", has_text="Simpan").last.click()

    def recorded(self) -> None:
        self.page.locator(".told").wait_for()  # a paper is on its way first

    @property
    def text(self) -> str:
        return " ".join(self.page.locator("main").inner_text().split())


def number(text: str) -> int:
    return int(re.sub(r"\D", "", text))


def test_a_village_head_forms_a_wksbm_on_a_phone(here: Place, browser: Browser) -> None:
    worker = here.who("tksk")
    known = worker.done("/api/v1/beneficiaries", registration(name="Hadija Katili", birth_year=1948))["id"]
    worker.done("/api/v1/cases", {"beneficiary": known, "channel": "surat", "urgency": "biasa"})
    survivor = here.who("peksos").done("/api/v1/beneficiaries", registration(name="Nama Rahasia", birth_year=1999))[
        "id"
    ]
    here.who("peksos").done(f"/api/v1/beneficiaries/{survivor}/classifications", {"type": "korban_tindak_kekerasan"})
    with served(here.office) as at:
        head = Screen(browser, at, here.who("kades", VILLAGE), PHONE)
        office = Screen(browser, at, here.who("supervisor"), DESK)

        # Only his village: it alone stands on the board, and no other opens.
        board = head.open("/desa")
        assert board.locator("svg.map a").count() == 1
        head.open(f"/desa/{NEXT_DOOR}")
        assert "Tidak ada di sini" in head.text

        head.open(f"/desa/{VILLAGE}")
        head.press("Rintis WKSBM")
        head.fill(name="WKSBM Huyula", hamlet="Dusun I")
        head.recorded()
        head.press("WKSBM Huyula")
        head.page.wait_for_url("**/wksbm/*")
        wksbm = re.findall(r"/wksbm/([0-9a-f-]{36})", head.page.url)[0]
        head.press("Catat sosialisasi")
        head.fill("daftar_hadir", attendance="61", minutes="Warga setuju")
        head.recorded()
        members = []
        for kind, name in (("majelis_taklim", "Al-Hidayah"), ("paguyuban", "Rukun Warga"), ("arisan", "Melati")):
            head.open(f"/desa/{VILLAGE}")
            head.press("Daftarkan KPS")
            head.fill(kind=kind, name=name)
            head.recorded()
            head.open(f"/desa/{VILLAGE}")
            head.press(name)
            head.page.wait_for_url("**/kps/*")
            members += re.findall(r"/kps/([0-9a-f-]{36})", head.page.url)

        # A step is missing: it cannot be made legal, and the page and the refusal say which.
        head.open(f"/wksbm/{wksbm}")
        assert "Sebelum dapat disahkan masih kurang" in head.text
        head.open(f"/catat/wksbm.ratify?stream={wksbm}")
        sk = {"number": "141/07/2025", "dated": "2025-06-16", "signatory": "Hasan Pakaya"}
        sk |= {"signatory_post": "kepala_desa", "term_until": "2030-06-24"}
        head.fill(**sk)
        head.page.locator(".wrong").first.wait_for()
        for word in ("musyawarah", "pembentukan", "pengurus"):
            assert word in head.text
        assert head.page.locator('[name="number"]').input_value() == "141/07/2025", "what was typed is still there"

        here.calendar.move_to(date(2025, 6, 20))
        head.sign_in()
        for command, papers, fields in (
            ("wksbm.identify_kps", "", {"found": "9"}),
            ("wksbm.hold_deliberation", "berita_acara", {"attendance": "44", "minutes": "Musyawarah sepakat"}),
            ("wksbm.form", "berita_acara", {}),
        ):
            head.open(f"/catat/{command}?stream={wksbm}&kembali=/wksbm/{wksbm}")
            head.fill(papers, **fields)
            head.recorded()
        head.open(f"/catat/wksbm.appoint_board?stream={wksbm}&kembali=/wksbm/{wksbm}")
        offices = {"members__0__office": "ketua", "members__0__name": "Yusuf Abdullah"}
        offices |= {"members__1__office": "sekretaris", "members__1__name": "Ramla Ishak"}
        head.fill(term_from="2025-06-20", **offices)
        head.recorded()
        for kps in members:
            here.who("kades", VILLAGE).done(f"/api/v1/wksbm/{wksbm}/members", {"kps": kps})

        # The decree is of 25 June and entered on 14 July: coverage rises from the decree's day.
        here.calendar.move_to(date(2025, 7, 14))
        for screen in (head, office):
            screen.sign_in()
        head.open(f"/catat/wksbm.ratify?stream={wksbm}&kembali=/wksbm/{wksbm}")
        head.fill("sk", **{**sk, "dated": "2025-06-25"}, on="2025-06-25")
        head.recorded()
        assert "Sah" in head.text
        assert "Al-Hidayah" in head.text
        rows = office.open("/cakupan").locator("table").first.locator("tbody tr")
        legal = {row.locator("th").inner_text(): number(row.locator("td").nth(2).inner_text()) for row in rows.all()}
        assert legal["30 Jun 2025"] == legal["31 Mei 2025"] + 1
        office.open("/cakupan?per=2025-07-10")
        assert number(office.page.locator(".numbers dd").nth(2).inner_text().split("dari")[0]) == 0, "not known by then"

        # For the assembly: his village on the evening of 30 June, by the one control on the page.
        page = head.open(f"/desa/{VILLAGE}")
        page.locator("#per").fill("2025-06-30")
        head.click(page.get_by_role("button", name="Lihat", exact=True))
        assert "Seperti diketahui pada 30 Juni 2025" in page.locator("form.moment").inner_text()
        assert page.locator("main a", has_text="Catat").count() == 0, "the past is only to be read"
        assert "Kasus berjalan 1" in head.text

        # The file of a survivor does not exist for him, by whatever way.
        head.open(f"/warga/{survivor}")
        assert "Tidak ada di sini" in head.text
        assert "Nama Rahasia" not in head.open("/warga").content()
        # Neighbours are counts on the public page, small ones suppressed.
        for name in ("Sance Lahay", "Muhamad Olii"):
            worker.done("/api/v1/beneficiaries", registration(NEXT_DOOR, name=name))
        here.calendar.move_to(date(2025, 8, 2))
        row = head.open("/publik").locator(f'tr[id="d{NEXT_DOOR}"]').inner_text()
        assert row.split()[-1] == "*"

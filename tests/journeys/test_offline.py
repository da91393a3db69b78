"""Two days without signal (S1): a volunteer's phone keeps everything, locked, and all of it arrives once."""

from __future__ import annotations

import os
import random
import struct
import zlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from service.envelopes import split
from service.office import Office
from tests.journeys.browser import BadLine, installed, program, served
from tests.service.offices import PASSWORD, VILLAGE, Asking, make_office
from tests.service.test_outbox import handed_in

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page

pytestmark = pytest.mark.skipif(
    program() is None and "CI" not in os.environ, reason="no Chromium on this machine: the journeys in a browser"
)
FAMILY = ("Rahmatia Hunawa", "Yusuf Hunawa", "Karim Hunawa", "Fatmah Hunawa", "Salma Hunawa")


DISABLED = {"type": "penyandang_disabilitas", "subtypes": "fisik"}
STORY = "Tinggal sendiri di rumah panggung tanpa atap"


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    made = make_office(tmp_path)
    yield made
    made.close()


def photograph(folder: Path, at: int) -> Path:
    """A picture of noise, two megabytes and wider than what is sent of it."""
    path, (width, height) = folder / f"foto-{at}.png", (2000, 1000)
    rows = b"".join(b"\0" + random.Random(at * height + row).randbytes(width) for row in range(height))

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows, 1)) + chunk(b"IEND", b"")
    )
    return path


def sign_in(page: Page, address: str, who: Asking) -> None:
    who.person()
    page.goto(f"{address}/masuk")
    page.fill("[name=login]", who.login)
    page.fill("[name=password]", PASSWORD)
    page.click("main button")
    page.wait_for_url(f"{address}/")


def prepared(page: Page, address: str) -> None:
    """Make the device ready, while there is signal."""
    page.goto(f"{address}/luring")
    page.get_by_role("button", name="Siapkan perangkat ini").click()
    page.get_by_text("Data diambil:").wait_for()


def record(page: Page, action: str, fields: dict[str, str], papers: list[Path] | None = None) -> None:
    """Open a form of the shell by its link, fill it in, and put it into the outbox."""
    place = page.locator("#luring details").filter(has_text="Catat").first
    place.wait_for()
    if not place.evaluate("one => one.open"):
        place.locator("summary").click()
    place.get_by_role("link", name=action, exact=True).click()
    form = page.locator("#luring form")
    for name, value in fields.items():
        field = form.locator(f'[name="{name}"]')
        if field.first.get_attribute("type") == "checkbox":
            form.locator(f'[name="{name}"][value="{value}"]').check()
        elif field.evaluate("one => one.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)
    for at, paper in enumerate(papers or []):
        if form.locator("details.paper").count() <= at:
            form.get_by_role("button", name="Tambah foto").click()
        place = form.locator("details.paper").nth(at)
        if not place.evaluate("one => one.open"):
            place.locator("summary").click()
        place.locator('[name$=".kind"]').fill("foto")
        place.locator("[type=file]").set_input_files(paper)
    form.get_by_role("button", name="Simpan di kotak keluar").click()
    page.get_by_text("Tersimpan di kotak keluar.").wait_for()


def opened(page: Page, name: str) -> None:
    """Go to somebody's page on the device."""
    page.evaluate("location.hash = ''")
    page.locator("#luring section").get_by_role("link", name=name, exact=True).last.click()
    page.locator("#luring h2").get_by_text(name).wait_for()


def states(page: Page) -> list[str]:
    page.locator("#kotak ul.entries").wait_for()
    return page.locator("#kotak li[data-state]").evaluate_all("all => all.map(one => one.dataset.state)")


def two_days(page: Page, folder: Path) -> None:
    """What Ibu Rahma records where there is no signal."""
    record(page, "Daftarkan warga", {"kind": "family", "village": VILLAGE, "identity.name": "Keluarga Hunawa"})
    for name, born in zip(FAMILY, ("1951-02-03", "1948-05-06", "1980-01-02", "1983-03-04", "2012-07-08"), strict=True):
        person = {"kind": "person", "village": VILLAGE, "identity.name": name, "identity.birth_date": born}
        record(page, "Daftarkan warga", person)
    for name, relation in zip(FAMILY, ("kepala_keluarga", "suami", "anak", "anak", "anak"), strict=True):
        opened(page, name)
        record(page, "Masukkan ke keluarga", {"family": "Keluarga Hunawa", "relation": relation})
    for name, type in ((FAMILY[0], {"type": "lanjut_usia_telantar"}), (FAMILY[3], DISABLED)):
        opened(page, name)
        record(page, "Tetapkan jenis PPKS", type)
    opened(page, FAMILY[0])
    consent = {"how": "cap_jempol", "giver": "yang_bersangkutan", "purpose": "layanan"}
    record(page, "Catat persetujuan", consent, [photograph(folder, 1)])
    opened(page, FAMILY[0])
    papers = [photograph(folder, at) for at in (2, 3, 4)]
    record(page, "Buka kasus", {"channel": "wksbm", "urgency": "segera", "story": STORY}, papers)
    page.evaluate("location.hash = ''")
    page.locator("#luring section").first.get_by_role("link", name=FAMILY[0], exact=True).click()
    sent_to = {"destination_kind": "puskesmas", "destination": "Puskesmas Telaga", "need": "pemeriksaan"}
    record(page, "Buat rujukan", sent_to)


def left_behind(folder: Path, *words: str) -> list[str]:
    """Which of these words stand in any file of the phone."""
    whole = [path.read_bytes() for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]
    return [
        word for word in words if any(word.encode(code) in bytes for bytes in whole for code in ("utf-8", "utf-16-le"))
    ]


def test_two_days_without_signal_arrive_once(office: Office, tmp_path: Path) -> None:
    owner, folder = Asking(office, "psm"), tmp_path / "phone"
    lines: list[BadLine] = []

    def bad(application: Any) -> BadLine:
        lines.append(BadLine(application, "/api/v1/outbox", {2: "after", 5: "before", 9: "after"}))
        return lines[0]

    with served(office, bad) as address:
        with installed(folder) as phone:
            page = phone.new_page()
            sign_in(page, address, owner)
            prepared(page, address)
            before = office.reader.head()[0]
            phone.set_offline(True)
            lines[0].away = True  # what the service worker asks for by itself, the browser's switch does not stop
            page.goto(f"{address}/warga")  # any page: the shell stands in for it
            page.set_default_timeout(6000)
            two_days(page, tmp_path)
            page.goto(f"{address}/kotak-keluar")
            assert states(page) == ["waiting"] * 20
            assert page.get_by_text(FAMILY[0]).count()
            page.goto(f"{address}/luring")
            page.get_by_role("button", name="Keluar dan kunci perangkat ini").click()
            page.wait_for_url(f"{address}/kotak-keluar")
            assert states(page) == ["waiting"] * 20
            assert not page.get_by_text("Hunawa").count()
            page.goto(f"{address}/luring")
            assert not page.get_by_text("Hunawa").count()
        assert left_behind(folder, *FAMILY, STORY) == []
        with installed(folder) as phone:
            page = phone.new_page()
            page.goto(f"{address}/kotak-keluar")
            assert states(page) == ["waiting"] * 20
            with page.expect_download() as saving:
                page.get_by_role("button", name="Simpan sebagai berkas").click()
            saving.value.save_as(tmp_path / "kotak.wahana")
            assert office.reader.head()[0] == before
            lines[0].away = False
            for _ in range(60):  # whoever is impatient may press; it also goes by itself
                if "waiting" in states(page) and (button := page.get_by_role("button", name="Kirim sekarang")).is_visible():
                    button.click()
                page.wait_for_timeout(500)
                if "waiting" not in states(page):
                    break
            assert states(page) == ["sent"] * 20, page.inner_text("#kotak")
            assert lines[0].broken == 3
            receipts = page.locator("#kotak pre").all_text_contents()
            assert len(receipts) == 16  # of twenty entries four are photographs
            assert page.locator("#kotak img.qr").count() == 16
            page.goto(f"{address}/kasus")
            assert page.url.startswith(f"{address}/masuk")  # the session ended too
    arrived = office.reader.head()[0]
    again = handed_in(office, *split((tmp_path / "kotak.wahana").read_bytes()))
    assert {one["status"] for one in again} == {200}
    assert sorted(one["answer"]["receipt"] for one in again if "receipt" in one["answer"]) == sorted(receipts)
    assert office.reader.head()[0] == arrived
    people = office.database.rows("SELECT topic FROM events WHERE topic LIKE 'beneficiary.%'")
    counted = Counter(topic for (topic,) in people)
    assert counted == {
        **{"beneficiary.registered": 6, "beneficiary.family_joined": 5},
        **{"beneficiary.ppks_classified": 2, "beneficiary.consent_given": 1},
    }
    (case,) = owner.data("/api/v1/cases")
    assert len(owner.data(f"/api/v1/cases/{case['id']}")["referrals"]) == 1
    assert office.database.rows("SELECT count(*) FROM file_claims")[0][0] == 4
    for path in office.database.rows("SELECT id FROM files"):
        assert office.files.open(path[0])[1].startswith(b"\xff\xd8")

"""Two days without signal (S1): what a volunteer records at a family's is locked on her phone, outlives her signing out and
a restart, and arrives once over a line that breaks three times, each item with a receipt."""

from __future__ import annotations

import json
import random
import struct
import zlib
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from domain.nik import synthetic_nik
from service.envelopes import split
from service.office import Office
from tests.journeys.browser import BadLine, in_a_browser, installed, served
from tests.journeys.calendar import WITA, Place
from tests.journeys.phones import opened, prepared, record, settled, sign_in, states
from tests.journeys.test_offline import FAMILY, left_behind
from tests.service.offices import VILLAGE, Asking
from tests.service.test_outbox import handed_in

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = in_a_browser
BORN = ("1951-02-03", "1948-05-06", "1980-01-02", "1983-03-04", "2012-07-08")
NIKS = [synthetic_nik(date.fromisoformat(BORN[at]), "PLLP"[at], 7 + at) for at in range(4)]  # the fifth has none
PHOTOS, ENTRIES = 4, 23  # of the entries, four are photographs
DISABLED = {"type": "penyandang_disabilitas", "subtypes": "fisik"}
STORY = "Tinggal sendiri di rumah panggung tanpa atap"


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


def two_days(page: Page, folder: Path) -> None:
    """What Ibu Rahma records where there is no signal."""
    record(page, "Daftarkan warga", {"kind": "family", "village": VILLAGE, "identity.name": "Keluarga Hunawa"})
    for name, born, nik in zip(FAMILY, BORN, [*NIKS, ""], strict=True):
        person = {"kind": "person", "village": VILLAGE, "identity.name": name, "identity.birth_date": born}
        record(page, "Daftarkan warga", {**person, "identity.nik": nik})
    for name, relation in zip(FAMILY, ("kepala_keluarga", "suami", "anak", "anak", "anak"), strict=True):
        opened(page, name, "Warga")
        record(page, "Masukkan ke keluarga", {"family": "Keluarga Hunawa", "relation": relation})
    for name, type in ((FAMILY[0], {"type": "lanjut_usia_telantar"}), (FAMILY[3], DISABLED)):
        opened(page, name, "Warga")
        record(page, "Tetapkan jenis PPKS", type)
    opened(page, FAMILY[0], "Warga")
    consent = {"how": "cap_jempol", "giver": "yang_bersangkutan", "purpose": "layanan"}
    record(page, "Catat persetujuan", consent, [photograph(folder, 1)])
    opened(page, FAMILY[0], "Warga")
    papers = [photograph(folder, at) for at in (2, 3, 4)]
    record(page, "Buka kasus", {"channel": "wksbm", "urgency": "segera", "story": STORY}, papers)
    visit = {"planned_for": page.evaluate("new Date().toLocaleDateString('sv-SE')")}
    for action, fields in (
        ("Tugaskan petugas", {}),
        ("Rencanakan kunjungan", visit),
        ("Catat kunjungan", {"met": "ya", "minutes": "45"}),
    ):
        opened(page, FAMILY[0], "Kasus saya")
        record(page, action, fields)
    opened(page, FAMILY[0], "Kasus saya")
    sent_to = {"destination_kind": "puskesmas", "destination": "Puskesmas Telaga", "need": "pemeriksaan"}
    record(page, "Buat rujukan", sent_to)


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Place]:
    """An office of today, whose clock goes on two days while a phone is away."""
    made = Place(tmp_path, "", datetime.now(WITA).date())
    made.calendar.moment = datetime.now(WITA)
    yield made
    made.close()


def test_two_days_without_signal_arrive_once(here: Place, tmp_path: Path) -> None:
    office, folder = here.office, tmp_path / "phone"
    owner = Asking(office, "psm")
    lines: list[BadLine] = []

    def bad(application: Any) -> BadLine:
        lines.append(BadLine(application, "/api/v1/outbox", {2: "after", 5: "before", 9: "after"}))
        return lines[0]

    with served(office, bad) as address:
        with installed(folder) as phone:
            page = phone.new_page()
            sign_in(page, address, owner)
            prepared(page, address)
            before, visited = office.reader.head()[0], here.calendar.today
            phone.set_offline(True)
            lines[0].away = True  # what the service worker asks for by itself, the browser's switch does not stop
            page.goto(f"{address}/warga")  # any page: the shell stands in for it
            two_days(page, tmp_path)
            signed_out(page, address)
        assert left_behind(folder, *FAMILY, *NIKS, STORY) == []
        arrived = here.calendar.later(2)
        with installed(folder) as phone:
            page = phone.new_page()
            page.goto(f"{address}/kotak-keluar")
            assert states(page) == ["waiting"] * ENTRIES
            with page.expect_download() as saving:
                page.get_by_role("button", name="Simpan sebagai berkas").click()
            saving.value.save_as(tmp_path / "kotak.wahana")
            assert office.reader.head()[0] == before
            lines[0].away = False
            assert settled(page, ENTRIES) == ["sent"] * ENTRIES, page.inner_text("#kotak")
            assert lines[0].broken == 3
            receipts = shown_receipts(page)
            page.goto(f"{address}/kasus")
            assert page.url.startswith(f"{address}/masuk")  # the session ended too
    head = office.reader.head()[0]
    again = handed_in(office, *split((tmp_path / "kotak.wahana").read_bytes()))
    assert {one["status"] for one in again} == {200}
    assert sorted(one["answer"]["receipt"] for one in again if "receipt" in one["answer"]) == sorted(receipts)
    assert office.reader.head()[0] == head
    everything_once(office, owner)
    dated(office, before, visited, arrived)
    (case,) = owner.data("/api/v1/cases")
    (visit,) = [one for one in owner.data(f"/api/v1/cases/{case['id']}")["tasks"] if one["kind"] == "visit"]
    assert (visit["state"], visit["settled_on"]) == ("terlaksana", visited)


def signed_out(page: Page, address: str) -> None:
    """She locks the phone: what waits is still there, and nothing of it can be read."""
    page.goto(f"{address}/kotak-keluar")
    assert states(page) == ["waiting"] * ENTRIES
    assert page.get_by_text(FAMILY[0]).count()
    page.goto(f"{address}/luring")
    page.get_by_role("button", name="Keluar dan kunci perangkat ini").click()
    page.wait_for_url(f"{address}/kotak-keluar")
    assert states(page) == ["waiting"] * ENTRIES
    assert not page.get_by_text("Hunawa").count()
    page.goto(f"{address}/luring")
    assert not page.get_by_text("Hunawa").count()


def shown_receipts(page: Page) -> set[str]:
    """The receipts on the outbox: every item shows one, with a code to scan; a photograph that of the entry it is in."""
    items = page.locator("#kotak li[data-state]")
    shown = [items.nth(at).locator("pre").all_text_contents() for at in range(ENTRIES)]
    assert {len(one) for one in shown} == {1}
    assert page.locator("#kotak img.qr").count() == ENTRIES
    assert not page.get_by_role("button", name="Kirim sekarang").count(), "nothing waits any more"
    found = {text for one in shown for text in one}
    assert len(found) == ENTRIES - PHOTOS
    return found


def everything_once(office: Office, owner: Asking) -> None:
    """One family of five, two types, one consent, one case, one referral, four photographs."""
    people = office.database.rows("SELECT topic FROM events WHERE topic LIKE 'beneficiary.%'")
    counted = Counter(topic for (topic,) in people)
    assert counted == {
        "beneficiary.registered": 6,
        "beneficiary.family_joined": 5,
        "beneficiary.ppks_classified": 2,
        "beneficiary.consent_given": 1,
    }
    (case,) = owner.data("/api/v1/cases")
    assert len(owner.data(f"/api/v1/cases/{case['id']}")["referrals"]) == 1
    assert office.database.rows("SELECT count(*) FROM file_claims")[0][0] == PHOTOS
    for path in office.database.rows("SELECT id FROM files"):
        assert office.files.open(path[0])[1].startswith(b"\xff\xd8")


def dated(office: Office, before: int, visited: str, arrived: str) -> None:
    """Everything happened on the day of the visit and was recorded on the day on which it arrived."""
    events = [json.loads(one.text) for one in office.log.stored(before, 1000)]
    offline = [one for one in events if one.get("source") == "offline"]
    assert len(offline) >= ENTRIES - PHOTOS
    for one in offline:
        recorded = datetime.fromisoformat(one["recorded"]).astimezone(WITA).date().isoformat()
        assert (one["on"], recorded) == (visited, arrived), one["topic"]

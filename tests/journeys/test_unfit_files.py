"""A file that nobody can use is refused when it is chosen, with a sentence beside the field: later the photograph cannot be
taken again. One that the office refuses all the same is left behind, and what was typed beside it is kept."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from service.log import files
from service.office import Office
from service.pictures import PictureUnreadable
from tests.journeys.browser import in_a_browser, opened, served
from tests.journeys.phones import fill, form_of, settled, type_in
from tests.journeys.test_offline import cut_off
from tests.journeys.test_screens import entered
from tests.journeys.test_two_days import photograph
from tests.service.offices import VILLAGE, Asking

pytestmark = in_a_browser
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
UNFIT = "Berkas ini tidak dapat dipakai"
NAME = "Rahma Hunawa"


def file(name: str, kind: str, content: bytes) -> Any:
    return {"name": name, "mimeType": kind, "buffer": content}


BROKEN = file("rusak.jpg", "image/jpeg", b"\xff\xd8\xff" + os.urandom(3000))
EMPTY = file("kosong.jpg", "image/jpeg", b"")
OTHERS = [file("foto.heic", "image/heic", b"x" * 100), file("surat.docx", WORD, b"PK" * 50)]


def test_a_file_that_cannot_be_used_is_told_beside_its_field_and_a_good_one_in_its_place_is_kept(
    office: Office, tmp_path: Path
) -> None:
    owner, picture = Asking(office, "psm"), photograph(tmp_path, 7)
    large = file("besar.pdf", "application/pdf", bytes(21 * 1024 * 1024))
    with served(office) as address, opened() as browser:
        _, page = entered(browser, address, owner.person().token, viewport={"width": 360, "height": 800})
        page.goto(f"{address}/catat/beneficiary.register?kind=person&village={VILLAGE}&channel=relawan")
        page.fill('[name="identity.name"]', NAME)
        page.locator("details.paper summary").first.click()
        page.fill('[name="evidence.0.kind"]', "foto")
        field, said = page.locator("[type=file]").first, page.locator("[data-sent]").first
        told = [(EMPTY, UNFIT), (large, "lebih besar dari 20 MB"), *((one, UNFIT) for one in OTHERS)]
        for chosen, sentence in [*told, (BROKEN, "Gambar ini rusak")]:
            field.set_input_files(chosen)
            said.filter(has_text=sentence).wait_for(timeout=10_000)
            assert said.get_attribute("class") == "wrong"
            page.locator("main form button").last.click()
            assert "/catat/" in page.url
            assert not owner.data("/api/v1/beneficiaries")
        field.set_input_files(picture)
        said.filter(has_text="Berkas sudah tersimpan.").wait_for(timeout=10_000)
        assert not said.get_attribute("class")
        page.locator("main form button").last.click()
        page.locator(".told").wait_for()
    ((kept, _),) = office.database.rows("SELECT file, stream FROM file_claims")
    assert office.files.open(kept)[1] == picture.read_bytes()


def test_without_signal_it_is_told_too_and_a_refused_photograph_does_not_take_the_entry_with_it(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = Asking(office, "psm")
    typed = {"kind": "person", "village": VILLAGE, "identity.name": NAME, "identity.birth_date": "1951-02-03"}
    with cut_off(office, tmp_path, owner) as (page, address, line):
        form_of(page, "Daftarkan warga")
        type_in(page, typed)
        form = page.locator("#luring form")
        form.locator("details.paper summary").first.click()
        form.locator('[name="evidence.0.kind"]').fill("foto")
        for number, chosen in enumerate((BROKEN, EMPTY, *OTHERS)):
            form.locator("[type=file]").first.set_input_files(chosen)
            form.get_by_role("button", name="Simpan di kotak keluar").click()
            page.locator("#luring .told").get_by_text(UNFIT).nth(number).wait_for(timeout=10_000)
            assert not page.evaluate("async () => (await Wahana.entries()).length")
        fill(page, typed, [photograph(tmp_path, 7)])

        def refused(*_: Any) -> bytes:
            raise PictureUnreadable

        monkeypatch.setattr(files, "bare", refused)
        line.away = False
        page.goto(f"{address}/kotak-keluar")
        assert settled(page, 2) == ["refused", "refused"]
        page.get_by_role("button", name="Perbaiki").click()
        form.wait_for()
        page.get_by_label("Sertakan lagi foto atau surat yang sudah dilampirkan: 1").uncheck()
        fill(page, {}, [])
        page.goto(f"{address}/kotak-keluar")
        assert sorted(settled(page, 2)) == ["refused", "sent"]
    [person] = owner.data("/api/v1/beneficiaries")
    assert person["village"] == VILLAGE

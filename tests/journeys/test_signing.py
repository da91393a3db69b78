"""A consent that is signed on the screen: one picture of what was shown and of the hand below it, tied by a hash."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from service.office import Office
from tests.journeys.browser import in_a_browser, opened, served
from tests.journeys.phones import fill, form_of, settled
from tests.journeys.phones import opened as opened_here
from tests.journeys.test_offline import cut_off
from tests.journeys.test_screens import entered
from tests.service.offices import Asking, make_office, person

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = in_a_browser


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    made = make_office(tmp_path)
    yield made
    made.close()


def agreed_to(page: Page) -> str:
    """Fill in the form and have it shown for signing; the text that is shown."""
    page.get_by_label("Caranya").select_option("tanda_tangan")
    page.get_by_label("Yang menyetujui").select_option("yang_bersangkutan")
    page.get_by_label("Keperluan").select_option("layanan")
    page.get_by_role("button", name="Perlihatkan dan tanda tangani").click()
    return str(page.locator("[data-shown]").text_content())


def signs(page: Page) -> None:
    box = page.locator("[data-canvas]").bounding_box()
    assert box
    page.mouse.move(box["x"] + 40, box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + 160, box["y"] + 90, steps=8)
    page.mouse.up()
    page.get_by_role("button", name="Pakai tanda tangan ini").click()
    page.get_by_text("Tanda tangan terlampir").wait_for()


def test_what_is_signed_on_the_screen_is_kept_with_the_hash_of_what_was_shown(office: Office) -> None:
    who, someone = Asking(office, "tksk"), person(office)
    form = f"/catat/beneficiary.give_consent?stream={someone}"
    with opened() as browser, served(office) as at:
        context, page = entered(browser, at, who.person().token, viewport={"width": 360, "height": 800})
        complaints: list[str] = []
        page.on("console", lambda told: complaints.append(told.text) if told.type == "error" else None)
        page.goto(at + form)
        text = agreed_to(page)
        assert text.startswith("Catat persetujuan: Warga Uji, Bulila\n")
        assert "Keperluan: Pelayanan dan pendampingan oleh Dinas Sosial" in text
        page.get_by_role("button", name="Pakai tanda tangan ini").click()
        page.get_by_text("Kotaknya masih kosong.").wait_for()
        signs(page)
        page.get_by_role("button", name="Simpan").click()
        page.wait_for_url("**/warga/**")
        assert complaints == []
        context.close()
    [paper] = office.log.history(someone)[-1].evidence
    digest = hashlib.sha256(text.encode()).hexdigest()
    assert paper.kind == "tanda_tangan_layar"
    assert str(paper.number).replace(":", "") == f"sha256{digest}"
    _, content, *_ = office.files.open(str(paper.file))
    assert content.startswith(b"\x89PNG")


def test_what_is_changed_after_signing_is_signed_anew(office: Office) -> None:
    who, someone = Asking(office, "tksk"), person(office)
    with opened() as browser, served(office) as at:
        context, page = entered(browser, at, who.person().token)
        page.goto(f"{at}/catat/beneficiary.give_consent?stream={someone}")
        first = agreed_to(page)
        signs(page)
        number = page.locator("#f-evidence-0-number")
        assert number.input_value()
        page.get_by_label("Keperluan").select_option("dokumentasi_foto")
        assert number.input_value() == ""
        assert page.locator("[data-canvas]").is_hidden()
        again = agreed_to(page)
        assert first.rpartition(": ")[2] != again.rpartition(": ")[2], "a word of chance of its own"
        context.close()


def test_another_picture_in_its_place_is_not_said_to_be_signed(office: Office, tmp_path: Path) -> None:
    who, someone = Asking(office, "tksk"), person(office)
    photo = tmp_path / "foto.png"
    with opened() as browser, served(office) as at:
        context, page = entered(browser, at, who.person().token)
        page.goto(f"{at}/catat/beneficiary.give_consent?stream={someone}")
        page.screenshot(path=str(photo))
        agreed_to(page)
        signs(page)
        assert page.locator("#f-evidence-0-number").input_value()
        page.locator("#f-evidence-0-file").set_input_files(str(photo))
        for name in ("kind", "number", "dated"):
            assert page.locator(f"#f-evidence-0-{name}").input_value() == "", name
        assert page.locator("#f-evidence-0-file").evaluate("one => one.files[0].name") == "foto.png"
        context.close()


def test_whoever_withdraws_a_consent_is_shown_which_one(office: Office) -> None:
    who, someone = Asking(office, "tksk").person(), person(office)
    where = f"/api/v1/beneficiaries/{someone}/consents"
    for purpose in ("layanan", "dokumentasi_foto"):
        who.done(where, {"purpose": purpose, "giver": "yang_bersangkutan", "how": "tanda_tangan"})
    given = who.data(f"/api/v1/beneficiaries/{someone}")["consents"]
    with opened() as browser, served(office) as at:
        context, page = entered(browser, at, who.token)
        for one in given:
            page.goto(f"{at}/catat/beneficiary.withdraw_consent?stream={someone}&consent={one['consent']}")
            assert one["purpose_label"] in page.inner_text("main")
            assert one["purpose_label"] in str(page.locator("[data-signing]").get_attribute("data-signing"))
        context.close()
    assert len({one["purpose_label"] for one in given}) == 2


def test_a_photograph_that_was_attached_stays_beside_the_signature(office: Office) -> None:
    who, someone = Asking(office, "tksk"), person(office)
    with opened() as browser, served(office) as at:
        context, page = entered(browser, at, who.person().token)
        page.goto(f"{at}/catat/beneficiary.give_consent?stream={someone}")
        page.get_by_text("Lampirkan surat atau foto", exact=True).click()
        page.locator("#f-evidence-0-kind").fill("foto")
        page.locator("#f-evidence-0-number").fill("1")
        agreed_to(page)
        signs(page)
        page.get_by_role("button", name="Simpan").click()
        page.wait_for_url("**/warga/**")
        context.close()
    kinds = [(paper.kind, bool(paper.file)) for paper in office.log.history(someone)[-1].evidence]
    assert kinds == [("foto", False), ("tanda_tangan_layar", True)]


def test_without_signal_a_consent_is_signed_as_well(office: Office, tmp_path: Path) -> None:
    who, someone = Asking(office, "tksk"), person(office)
    with cut_off(office, tmp_path, who) as (page, address, line):
        page.goto(f"{address}/luring")
        opened_here(page, "Warga Uji", "Warga")
        form_of(page, "Catat persetujuan")
        text = agreed_to(page)
        assert text.startswith("Catat persetujuan: Warga Uji\n")
        signs(page)
        page.screenshot(path=str(tmp_path / "signed.png"), full_page=True)
        fill(page, {}, [])
        line.away = False
        page.goto(f"{address}/kotak-keluar")
        assert set(settled(page, 2)) == {"sent"}, page.inner_text("#kotak")
    [paper] = office.log.history(someone)[-1].evidence
    assert paper.kind == "tanda_tangan_layar"
    assert str(paper.number).replace(":", "") == f"sha256{hashlib.sha256(text.encode()).hexdigest()}"
    assert len(office.files.open(str(paper.file))[1]) > 1000, "the picture of what was shown and of the hand"


def test_without_a_script_the_form_is_as_it_was(office: Office) -> None:
    who, someone = Asking(office, "tksk"), person(office)
    with opened() as browser, served(office) as at:
        context, page = entered(browser, at, who.person().token, java_script_enabled=False)
        page.goto(f"{at}/catat/beneficiary.give_consent?stream={someone}")
        assert page.locator("[data-signing]").is_hidden()
        assert page.get_by_role("button", name="Simpan").is_visible()
        context.close()

"""Forms on a phone: a registration asks of a person, a family or a community what belongs to it, with a line and without,
and without JavaScript too."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from service.office import Office
from tests.journeys.browser import in_a_browser, opened, served
from tests.journeys.desks import PHONE
from tests.journeys.phones import form_of, prepared, sign_in
from tests.journeys.phones import opened as opened_here
from tests.service.offices import VILLAGE, Asking
from tests.service.test_api_cases import opened as case_of

if TYPE_CHECKING:
    from playwright.sync_api import Locator

pytestmark = in_a_browser
ASKED = {
    "person": {"name", "nik", "kk", "sex", "birth_date", "mother", "phone", "description"},
    "family": {"name", "kk", "head", "phone"},
    "community": {"name", "head", "phone", "description"},
}
ALL = ASKED["person"] | ASKED["community"]


def asked_of_each(form: Locator) -> None:
    """Choose each kind, and look at what is asked then."""
    for kind in ASKED:
        form.locator("[name=kind]").select_option(kind)
        seen(form, kind)


def seen(form: Locator, kind: str) -> None:
    """Those fields and labels are to be seen that belong to a kind."""
    for place in ('[name="identity.{}"]', "label[for=f-identity-{}]"):
        assert {name for name in ALL if form.locator(place.format(name)).is_visible()} == ASKED[kind], (kind, place)


def test_whose_identity_is_completed_is_asked_what_belongs_to_her(office: Office) -> None:
    who = Asking(office, "psm")
    family = {"village": VILLAGE, "kind": "family", "channel": "desa", "identity": {"name": "Keluarga Une"}}
    hers = who.done("/api/v1/beneficiaries", family)["id"]
    with served(office) as address, opened() as browser:
        page = browser.new_context(viewport=PHONE).new_page()  # type: ignore[arg-type]
        sign_in(page, address, who)
        page.goto(f"{address}/catat/beneficiary.claim_identity?stream={hers}")
        seen(page.locator("main form").last, "family")
        prepared(page, address)
        opened_here(page, "Keluarga Une", "Warga")
        form_of(page, "Lengkapi jati diri")
        page.locator("#luring form").wait_for()
        seen(page.locator("#luring form"), "family")


@pytest.mark.parametrize("scripts", [True, False])
def test_a_registration_asks_what_belongs_to_whom_it_registers(office: Office, scripts: bool) -> None:
    who = Asking(office, "psm")
    with served(office) as address, opened() as browser:
        page = browser.new_context(viewport=PHONE, java_script_enabled=scripts).new_page()  # type: ignore[arg-type]
        sign_in(page, address, who)
        page.goto(f"{address}/catat/beneficiary.register")
        form = page.locator("main form").last
        asked_of_each(form)
        assert "cukup satu isian" in form.inner_text()
        if scripts:
            prepared(page, address)
            form_of(page, "Daftarkan warga")
            asked_of_each(page.locator("#luring form"))


def test_a_draft_unfolds_what_was_typed_into_and_no_more(office: Office) -> None:
    who = Asking(office, "tksk").person()
    plan = f"/kasus/{case_of(office, who)}/isi/rencana"
    with served(office) as address, opened() as browser:
        page = browser.new_context(viewport=PHONE).new_page()  # type: ignore[arg-type]
        sign_in(page, address, who)
        page.goto(address + plan)
        page.locator("form[data-kept]").wait_for()
        title = page.locator('main [name="goals.3.title"]')
        assert not title.is_visible()
        page.locator("main details.row summary", has_text="(4)").click()
        title.fill("Makan tiga kali")
        page.wait_for_function("() => Object.keys(localStorage).length === 2")
        page.goto(address + plan)
        page.locator("[data-restored]:not([hidden])").wait_for()
        assert title.is_visible()
        assert page.locator("main details[open] summary").all_inner_texts() == ["Tujuan rencana lain (4)"]

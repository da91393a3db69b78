"""Forms on a phone: a registration asks of a person, a family or a community what belongs to it, with a line and without,
and without JavaScript too."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from service.office import Office
from tests.journeys.browser import in_a_browser, opened, served
from tests.journeys.desks import PHONE
from tests.journeys.phones import form_of, prepared, sign_in
from tests.service.offices import Asking

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
    """Choose each kind, and look at which fields and labels are to be seen."""
    for kind, asked in ASKED.items():
        form.locator("[name=kind]").select_option(kind)
        for what in (f'[name="identity.{name}"]' for name in ALL), (f"label[for=f-identity-{name}]" for name in ALL):
            seen = {one for one in what if form.locator(one).is_visible()}
            assert {one.rpartition(".")[2].rpartition("-")[2].strip('"]') for one in seen} == asked, kind


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

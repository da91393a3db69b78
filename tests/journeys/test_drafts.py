"""A form never loses what was typed: not by an error, not when a session ends, not when the line is lost."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from service.office import Office
from tests.journeys.browser import in_a_browser, opened, served
from tests.journeys.test_screens import entered
from tests.service.offices import PASSWORD, VILLAGE, Asking, make_office
from tests.service.test_api_cases import opened as case_of
from tests.service.test_api_incidents import INCIDENTS, flood, victim
from tests.service.test_api_referrals import sent
from tests.service.test_web_referrals import letter_of

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = in_a_browser
REGISTER = "/catat/beneficiary.register?kind=person"
NAMES = iter(("Salma Hulopi", "Yusuf Botutihe", "Ferdinand Olii", "Rahmatia Djafar", "Konggoasa Tamu", "Wisnu Karim"))
STREET = "Dusun Tiga, dekat masjid"
PHONE = {"width": 360, "height": 800}
KEPT = "JSON.stringify(localStorage)"  # drafts are sealed anew each time


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    made = make_office(tmp_path_factory.mktemp("drafts"))
    yield made
    made.close()


@pytest.fixture(scope="module")
def address(office: Office) -> Iterator[str]:
    with served(office) as at:
        yield at


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with opened() as made:
        yield made


def volunteer(office: Office) -> Asking:
    """A volunteer who signed in; her account's password is known."""
    return Asking(office, "psm").person()


def typing(page: Page, name: str) -> None:
    page.locator('main [name="village"]').select_option(VILLAGE)
    page.locator('main [name="channel"]').select_option("desa")
    page.locator('main [name="identity.name"]').fill(name)
    page.locator('main [name="identity.address"]').fill(STREET)


def stands(page: Page, name: str) -> bool:
    """Whether the form holds what was typed."""
    fields = {
        field: page.locator(f'main [name="{field}"]').input_value()
        for field in ("village", "channel", "identity.name", "identity.address")
    }
    return fields == {"village": VILLAGE, "channel": "desa", "identity.name": name, "identity.address": STREET}


def people(office: Office) -> int:
    rows = office.database.rows("SELECT count(*) FROM events WHERE topic = 'beneficiary.registered'")
    return int(rows[0][0])


def kept_on(page: Page) -> None:
    """Wait until the device keeps a draft, beside its half of the key."""
    for _ in range(100):
        if page.evaluate("Object.keys(localStorage).length") == 2:
            return
        page.wait_for_timeout(50)
    raise AssertionError("no draft was kept")


def saved(page: Page) -> None:
    with page.expect_navigation():
        page.locator('main form button:text("Simpan")').click()


def signed_in(page: Page, who: Asking, password: str = PASSWORD) -> None:
    page.locator("#login").fill(who.login)
    page.locator("#password").fill(password)
    with page.expect_navigation():
        page.locator('main button:text-is("Masuk")').click()


@pytest.mark.parametrize("scripts", [False, True], ids=["without JavaScript", "with JavaScript"])
def test_an_error_loses_nothing(office: Office, address: str, browser: Browser, scripts: bool) -> None:
    context, page = entered(browser, address, volunteer(office).token, viewport=PHONE, java_script_enabled=scripts)
    before, name = people(office), next(NAMES)
    page.goto(address + REGISTER)
    typing(page, name)
    page.locator('main [name="on"]').fill("2099-01-01")
    saved(page)
    assert page.locator("main .wrong").count() > 0
    assert stands(page, name)
    page.locator('main [name="on"]').fill("")
    saved(page)
    assert page.locator(".told").count() == 1
    assert people(office) == before + 1
    context.close()


@pytest.mark.parametrize("scripts", [False, True], ids=["without JavaScript", "with JavaScript"])
def test_a_session_that_ended_loses_nothing_and_shows_it_to_nobody_else(
    office: Office, address: str, browser: Browser, scripts: bool
) -> None:
    she, other = volunteer(office), volunteer(office)
    context, page = entered(browser, address, she.token, viewport=PHONE, java_script_enabled=scripts)
    before, name = people(office), next(NAMES)
    page.goto(address + REGISTER)
    typing(page, name)
    office.identity.sign_out_everywhere(she.account)
    saved(page)
    assert page.locator("#password").count() == 1
    assert name not in page.content(), "of a phone that is shared, nothing of it is legible before she signs in"
    signed_in(page, she, "salah-sekali-ini")
    assert page.locator("main .wrong").count() == 1
    signed_in(page, she)
    assert "Isian Anda masih ada" in page.locator("h1").inner_text()
    with page.expect_navigation():
        page.locator('main button:text("Lanjutkan mengisi")').click()
    assert stands(page, name)
    assert people(office) == before
    office.identity.sign_out_everywhere(she.account)  # once more, and then somebody else takes the phone
    saved(page)
    signed_in(page, other)
    assert "Isian Anda" not in page.content()
    for path in ("", REGISTER):
        page.goto(address + path)
        assert name not in page.content()
        assert page.locator('main [name="identity.name"]').count() in (0, 1)
    assert page.locator('main [name="identity.name"]').input_value() == ""
    assert people(office) == before
    context.close()


def test_a_lost_line_loses_nothing_and_records_nothing_twice(office: Office, address: str, browser: Browser) -> None:
    she = volunteer(office)
    context, page = entered(browser, address, she.token, viewport=PHONE)
    before, name = people(office), next(NAMES)
    page.goto(address + REGISTER)
    page.locator("form[data-kept]").wait_for()
    typing(page, name)
    kept_on(page)
    assert name not in page.evaluate("JSON.stringify(localStorage)")
    context.set_offline(True)
    with page.expect_event("requestfailed"):
        page.locator('main form button:text("Simpan")').click(no_wait_after=True)
    context.set_offline(False)
    page.goto(address + REGISTER)
    page.locator("[data-restored]:not([hidden])").wait_for()
    assert stands(page, name)

    # Recorded, but the answer never arrived: the form comes back with the same key, and sending it again records nothing.
    form = page.evaluate(
        """() => Object.fromEntries([...new FormData(document.querySelector('form[data-draft]'))]
             .filter(([, value]) => typeof value === 'string'))"""
    )
    recorded = context.request.post(
        page.locator("form[data-draft]").evaluate("form => form.action"),
        multipart=form,
        headers={"Origin": address, "Sec-Fetch-Site": "same-origin"},
    )
    assert recorded.ok
    assert people(office) == before + 1
    page.goto(address + REGISTER)
    page.locator("[data-restored]:not([hidden])").wait_for()
    saved(page)
    page.locator(".told a").wait_for()
    assert people(office) == before + 1
    assert name in page.locator("h1").inner_text()
    assert page.evaluate("Object.keys(localStorage).length") == 1, "recorded: the draft is gone"
    page.goto(address + REGISTER)
    page.locator("form[data-kept]").wait_for()
    assert page.locator('main [name="identity.name"]').input_value() == ""
    context.close()


def test_a_draft_is_thrown_away_when_asked_and_wiped_at_sign_out(
    office: Office, address: str, browser: Browser
) -> None:
    she, other, name = volunteer(office), volunteer(office), next(NAMES)
    context, page = entered(browser, address, she.token, viewport=PHONE)
    page.goto(address + REGISTER)
    page.locator("form[data-kept]").wait_for()
    typing(page, name)
    kept_on(page)
    page.reload()
    page.locator("[data-restored] button").click()
    page.locator("form[data-kept]").wait_for()
    assert page.locator('main [name="identity.name"]').input_value() == ""
    typing(page, name)
    kept_on(page)
    kept = page.evaluate("({...localStorage})")
    page.locator("details.me summary").click()
    page.locator('form[action="/keluar"] button').click()
    page.locator("#password").wait_for()
    assert page.evaluate("Object.keys(localStorage).length") == 0
    page.evaluate("kept => Object.assign(localStorage, kept)", kept)  # somebody had copied them
    signed_in(page, other)
    page.goto(address + REGISTER)
    page.locator("form[data-kept]").wait_for()
    assert page.locator('main [name="identity.name"]').input_value() == "", "another account cannot open them"
    context.close()


def test_a_draft_ticks_whoever_was_ticked_and_chooses_all_that_was_chosen(
    office: Office, address: str, browser: Browser
) -> None:
    worker = Asking(office, "tksk").person()
    incident = flood(worker)
    for name in ("Karsum Une", "Salma Hulopi", "Yusuf Biya"):
        worker.done(
            f"{INCIDENTS}/{incident}/victims",
            {"victims": [victim(identity={"name": name}, reason_to_go_on="Orang lain")]},
        )
    context, page = entered(browser, address, worker.token, viewport=PHONE)
    relief = f"{address}/catat/incident.deliver_relief?stream={incident}"
    page.goto(relief)
    page.get_by_label("Karsum Une").check()
    kept_on(page)
    kept = page.evaluate(KEPT)
    page.get_by_label("Yusuf Biya").check()
    page.wait_for_function(f"kept => {KEPT} !== kept", arg=kept)
    for name in ("Ferdinand Olii", "Rahmatia Djafar", "Wisnu Karim", "Konggoasa Tamu", "Hasna Pakaya", "Idrus Mooduto"):
        worker.done(
            f"{INCIDENTS}/{incident}/victims",
            {"victims": [victim(identity={"name": name}, reason_to_go_on="Orang lain")]},
        )
    page.goto(relief)
    page.locator("form[data-kept]").wait_for()
    ticked = page.locator("main label:has(input:checked)").all_inner_texts()
    assert sorted(one.split(",")[0].strip() for one in ticked) == ["Karsum Une", "Yusuf Biya"]

    declare = f"{address}/catat/incident.declare"
    page.goto(declare)
    villages = page.locator('main [name="villages"]')
    chosen = villages.locator("option").evaluate_all("all => all.slice(0, 3).map(one => one.value)")
    kept = page.evaluate(KEPT)
    villages.select_option(chosen)
    page.wait_for_function(f"kept => {KEPT} !== kept", arg=kept)
    page.goto(declare)
    page.locator("form[data-kept]").wait_for()
    assert villages.evaluate("one => [...one.selectedOptions].map(option => option.value)") == chosen
    context.close()


def test_an_answer_by_letter_is_there_when_the_code_is_scanned_again(
    office: Office, address: str, browser: Browser
) -> None:
    worker = Asking(office, "peksos")
    way = address + letter_of(worker, sent(worker, case_of(office, worker)))
    context = browser.new_context(viewport=PHONE)
    page = context.new_page()
    page.goto(f"{way}?jawaban=tolak")
    page.locator("form[data-kept]").wait_for()
    page.locator('main [name="informant"]').fill("dr. Rahma Une, direktur")
    page.locator('main [name="note"]').fill("Ruang penuh sampai Senin")
    reason = page.locator('main [name="reason"]')
    reason.select_option(index=1)
    chosen = reason.input_value()
    kept_on(page)
    assert "Ruang penuh" not in page.evaluate(KEPT)
    context.set_offline(True)
    with page.expect_event("requestfailed"):
        page.locator('main form button:text("Kirim jawaban")').click(no_wait_after=True)
    context.set_offline(False)
    page.goto(f"{way}?jawaban=terima")
    page.locator("form[data-kept]").wait_for()
    assert page.locator('main [name="informant"]').input_value() == "", "another answer, another form"
    page.goto(way)
    page.locator("main a.card", has_text="tidak dapat menerima").click()
    page.locator("[data-restored]:not([hidden])").wait_for()
    assert page.locator('main [name="note"]').input_value() == "Ruang penuh sampai Senin"
    assert reason.input_value() == chosen
    with page.expect_navigation():
        page.locator('main form button:text("Kirim jawaban")').click()
    page.locator("main .told").wait_for()
    page.wait_for_function("() => Object.keys(localStorage).length === 1")
    context.close()

"""What somebody does on a phone that works without signal, by what stands on its screen."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from tests.service.offices import PASSWORD, Asking

if TYPE_CHECKING:
    from playwright.sync_api import Page


def sign_in(page: Page, address: str, who: Asking) -> None:
    who.person()
    page.goto(f"{address}/masuk")
    page.fill("[name=login]", who.login)
    page.fill("[name=password]", PASSWORD)
    page.click("main button")
    if page.locator("[name=code]").count():
        page.fill("[name=login]", who.login)
        page.fill("[name=password]", PASSWORD)
        page.fill("[name=code]", who.code())
        page.click("main button")
    page.wait_for_url(f"{address}/")


def prepared(page: Page, address: str) -> None:
    """Make the device ready, while there is signal."""
    page.goto(f"{address}/luring")
    page.get_by_role("button", name="Siapkan perangkat ini").click()
    page.get_by_text("Data diambil:").wait_for()


def form_of(page: Page, action: str) -> None:
    """Open a form of the shell by its link."""
    place = page.locator("#luring details").filter(has_text=action).first
    place.wait_for()
    if not place.evaluate("one => one.open"):
        place.locator("summary").click()
    place.get_by_role("link", name=action, exact=True).click()


def type_in(page: Page, fields: dict[str, str]) -> None:
    """Fill in the form that is shown."""
    form = page.locator("#luring form")
    for name, value in fields.items():
        field = form.locator(f'[name="{name}"]')
        if re.search(r"\.[1-9]\d*\.", name) and not field.count():
            form.get_by_role("button", name="Tambah baris").click()
        if field.first.get_attribute("type") == "checkbox":
            form.locator(f'[name="{name}"][value="{value}"]').check()
        elif field.evaluate("one => one.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)


def fill(page: Page, fields: dict[str, str], papers: list[Path]) -> None:
    """Fill in the form that is shown, and put it into the outbox."""
    type_in(page, fields)
    form = page.locator("#luring form")
    for at, paper in enumerate(papers):
        if form.locator("details.paper").count() <= at:
            form.get_by_role("button", name="Tambah foto").click()
        place = form.locator("details.paper").nth(at)
        if not place.evaluate("one => one.open"):
            place.locator("summary").click()
        place.locator('[name$=".kind"]').fill("foto")
        place.locator("[type=file]").set_input_files(paper)
    form.get_by_role("button", name="Simpan di kotak keluar").click()
    page.get_by_text("Tersimpan di kotak keluar.").wait_for()


DRAFTS = """async () => {
  const drafts = (await Wahana.names('kept')).filter((name) => name.startsWith('draft '));
  return JSON.stringify(await Promise.all(drafts.map((name) => Wahana.kept(name))));
}"""


def draft_kept(page: Page, words: str) -> None:
    """Wait until the device keeps what was typed and not saved."""
    for _ in range(200):
        if words in page.evaluate(DRAFTS):
            return
        page.wait_for_timeout(50)
    raise AssertionError("no draft was kept")


def record(page: Page, action: str, fields: dict[str, str], papers: list[Path] | None = None) -> None:
    """Record something in the shell."""
    form_of(page, action)
    fill(page, fields, papers or [])


def opened(page: Page, name: str, section: str) -> None:
    """Go to the page of somebody, of a case or of a village on the device."""
    page.evaluate("location.hash = ''")
    part = page.locator("#luring section").filter(has=page.get_by_role("heading", name=section, exact=True))
    part.get_by_role("link", name=name, exact=True).first.click()
    page.locator("#luring h2").get_by_text(name).wait_for()


def states(page: Page) -> list[str]:
    """How the entries of the outbox stand, the latest first."""
    page.locator("#kotak ul.entries").wait_for()
    found: list[str] = page.locator("#kotak li[data-state]").evaluate_all("all => all.map(one => one.dataset.state)")
    return found


def settled(page: Page, entries: int) -> list[str]:
    """How they stand once nothing waits any more."""
    from playwright.sync_api import TimeoutError

    for _ in range(60):
        if len(found := states(page)) == entries and "waiting" not in found:
            return found
        button = page.get_by_role("button", name="Kirim sekarang")
        if button.is_visible():
            with suppress(TimeoutError):  # it goes when the last entry is sent
                button.click(timeout=2000)
        page.wait_for_timeout(500)
    return states(page)

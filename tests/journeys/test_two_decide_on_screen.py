"""A case of grave risk on screens, JavaScript off: its worker asks for its end, the supervisor returns it with a reason, is
asked again, and approves."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tests.journeys.browser import in_a_browser, opened, served
from tests.journeys.test_screens import entered
from tests.service.offices import Asking, make_office
from tests.service.test_api_cases import assessed

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = in_a_browser


def follow(page: Page, start: str) -> None:
    link = page.locator(f'main a[href^="{start}"]').first
    if not link.is_visible():
        link.locator("xpath=ancestor::details[1]/summary").click()
    link.click()


def save(page: Page, **fields: str) -> str:
    """Fill in the form on the page and send it; what stands on the page that follows."""
    for name, value in fields.items():
        field = page.locator(f'main [name="{name}"]')
        if field.evaluate("one => one.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)
    page.locator("main form button").last.click()
    assert page.locator(".told").count() == 1, page.locator("main").inner_text()
    return page.locator("main").inner_text()


def test_a_grave_case_is_ended_by_two_without_javascript(tmp_path: Path) -> None:
    office = make_office(tmp_path)
    people = {role: Asking(office, role) for role in ("tksk", "supervisor")}
    case = assessed(office, people["tksk"])
    with served(office) as address, opened() as browser:
        worker, supervisor = (
            entered(browser, address, who.person().token, java_script_enabled=False)[1] for who in people.values()
        )

        def asked(**ending: str) -> None:
            worker.goto(f"{address}/kasus/{case}")
            follow(worker, "/catat/case.terminate")
            assert "setelah orang lain menyetujui" in worker.locator("main").inner_text()
            here = save(worker, **ending)
            for words in ("Pengakhiran menunggu persetujuan", "Anda yang mengajukan; orang lain yang memutuskan."):
                assert words in here
            assert worker.locator('main a[href^="/catat/case.approve_closure"]').count() == 0

        asked(reason="menolak", outcome="sebagian", note="Pindah ke Manado")
        supervisor.goto(f"{address}/pengawasan")
        follow(supervisor, "#pengakhiran")
        follow(supervisor, "/catat/case.return_closure")
        assert "Tidak ada. Kasus berisiko tinggi" in save(supervisor, reason="Cari keluarganya dahulu")
        worker.reload()
        here = worker.locator("main").inner_text()
        for words in ("Pengakhiran dikembalikan", "Cari keluarganya dahulu", "Asesmen menunggu persetujuan"):
            assert words in here
        asked(reason="pindah_wilayah", outcome="sebagian")
        supervisor.goto(f"{address}/kasus/{case}")
        assert "Pindah wilayah" in supervisor.locator("main").inner_text()
        follow(supervisor, "/catat/case.approve_closure")
        assert "Kasus diakhiri dengan persetujuan supervisor" in save(supervisor)
    assert people["tksk"].data(f"/api/v1/cases/{case}")["open"] is False
    office.close()

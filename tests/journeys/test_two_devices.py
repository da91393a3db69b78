"""Two devices in conflict (S4), in real browsers: both answers are kept, the graver counts, a supervisor decides."""

from __future__ import annotations

from itertools import permutations
from typing import TYPE_CHECKING, Any

import pytest

from service.log.ids import new_id
from service.office import Office
from tests.journeys.browser import BadLine, in_a_browser, opened, served
from tests.journeys.phones import opened as at_page
from tests.journeys.phones import prepared, record, settled, sign_in
from tests.service.offices import VILLAGE, Asking
from tests.service.test_api_cases import opened as opened_case

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = in_a_browser


def without_signal(page: Page, risk: dict[str, str], task: str, change: dict[str, str]) -> None:
    """One answer about the risk and one thing about the task, at the only case there is."""
    cases = page.locator("#luring section").filter(has=page.get_by_role("heading", name="Kasus saya", exact=True))
    name = cases.get_by_role("link").inner_text()  # initials, for whoever sees no more of her
    at_page(page, name, "Kasus saya")
    record(page, "Ubah tingkat risiko", risk)
    at_page(page, name, "Kasus saya")
    record(page, task, change)


@pytest.mark.parametrize("order", list(permutations((0, 1))), ids=["volunteer first", "desk first"])
def test_two_devices_answer_one_question_differently(office: Office, order: tuple[int, ...]) -> None:
    volunteer, supervisor = Asking(office, "tksk"), Asking(office, "supervisor")
    desk = Asking(office, "peksos", (VILLAGE,))
    case = opened_case(office, volunteer)
    task = {"task": new_id(), "title": "Urus KTP", "owner": volunteer.account, "due": "2026-12-20"}
    volunteer.done(f"/api/v1/cases/{case}/tasks", task)
    volunteer.done(f"/api/v1/cases/{case}/risk", {"risk": "sedang", "reason": "Penilaian awal"})
    lines: list[BadLine] = []

    def bad(application: Any) -> BadLine:
        lines.append(BadLine(application, "/api/v1/outbox", {}))
        return lines[0]

    with served(office, bad) as address, opened() as browser:
        pages = [browser.new_context(viewport={"width": 360, "height": 800}).new_page() for _ in range(2)]
        for page, who in zip(pages, (volunteer, desk), strict=True):
            page.set_default_timeout(60_000)
            sign_in(page, address, who)
            prepared(page, address)
        lines[0].away = True
        high = {"risk": "tinggi", "reason": "Anak sendirian di rumah"}
        without_signal(pages[0], high, "Selesaikan tugas", {"note": "KTP sudah jadi"})
        low = {"risk": "rendah", "reason": "Menurut berkas aman"}
        without_signal(pages[1], low, "Ubah tugas", {"title": "Urus KTP dan KK"})
        for page in pages:  # so that neither sends by itself when the line is back
            page.goto("about:blank")
        lines[0].away = False
        for one in order:
            pages[one].goto(f"{address}/kotak-keluar")
            assert settled(pages[one], 2) == ["sent", "sent"], pages[one].inner_text("#kotak")
        row = supervisor.data(f"/api/v1/cases/{case}")
        assert row["risk"] == "tinggi"
        (kept,) = row["tasks"]
        assert (kept["title"], kept["state"]) == ("Urus KTP dan KK", "selesai")
        page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
        sign_in(page, address, supervisor)
        page.goto(f"{address}/kasus/{case}")
        shown = page.inner_text("main")
        for word in ("Dua jawaban", "Anak sendirian di rumah", "Menurut berkas aman"):
            assert word.lower() in shown.lower(), shown
        supervisor.done(f"/api/v1/cases/{case}/risk-decision", {"risk": "tinggi", "reason": "Kunjungan lebih baru"})
        page.reload()
        assert "dua jawaban" not in page.inner_text("main .facts, main dl").lower()
        assert supervisor.data(f"/api/v1/cases/{case}")["risk"] == "tinggi"

"""Two devices in conflict (S4), in real browsers: both answers are kept, the graver counts, and a supervisor decides on the
page, with a reason."""

from __future__ import annotations

from datetime import timedelta
from itertools import permutations
from typing import TYPE_CHECKING, Any

import pytest

from projections.verify import verify
from service.log.ids import new_id
from service.office import Office
from tests.journeys.browser import BadLine, in_a_browser, opened, served
from tests.journeys.desks import DESK, Seat, plain
from tests.journeys.phones import opened as at_page
from tests.journeys.phones import prepared, record, settled, sign_in
from tests.service.offices import VILLAGE, Asking
from tests.service.test_api_cases import opened as opened_case

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = in_a_browser
VISITED, FILED = "Anak sendirian di rumah", "Menurut berkas aman"
DECISION = "Kunjungan lebih baru daripada berkas"
VOLUNTEER = (
    ("Catat kunjungan", {"met": "ya", "minutes": "40"}),
    ("Ubah tingkat risiko", {"risk": "tinggi", "reason": VISITED}),
    ("Selesaikan tugas", {"note": "KTP sudah jadi"}),
)
AT_THE_DESK = (
    ("Ubah tingkat risiko", {"risk": "rendah", "reason": FILED}),
    ("Ubah tugas", {"title": "Urus KTP dan KK"}),
)


def without_signal(page: Page, *recorded: tuple[str, dict[str, str]]) -> None:
    """What is recorded, form by form, at the only case there is."""
    cases = page.locator("#luring section").filter(has=page.get_by_role("heading", name="Kasus saya", exact=True))
    name = cases.get_by_role("link").inner_text()  # initials, for whoever sees no more of her
    for action, fields in recorded:
        at_page(page, name, "Kasus saya")
        record(page, action, fields)


def two_answers(browser: Browser, address: str, lines: list[BadLine], people: list[Asking], order: Any) -> None:
    """What the volunteer and the desk record without signal, sent in this order."""
    pages = [browser.new_context(viewport={"width": 360, "height": 800}).new_page() for _ in range(2)]
    for page, who in zip(pages, people, strict=True):
        page.set_default_timeout(60_000)
        sign_in(page, address, who)
        prepared(page, address)
    lines[0].away = True
    without_signal(pages[0], *VOLUNTEER)
    without_signal(pages[1], *AT_THE_DESK)
    for page in pages:  # so that neither sends by itself when the line is back
        page.goto("about:blank")
    lines[0].away = False
    for one in order:
        pages[one].goto(f"{address}/kotak-keluar")
        entries = len((VOLUNTEER, AT_THE_DESK)[one])
        assert settled(pages[one], entries) == ["sent"] * entries, pages[one].inner_text("#kotak")


@pytest.mark.parametrize("order", list(permutations((0, 1))), ids=["volunteer first", "desk first"])
def test_two_devices_answer_one_question_differently(office: Office, order: tuple[int, ...]) -> None:
    volunteer, supervisor = Asking(office, "tksk"), Asking(office, "supervisor")
    desk = Asking(office, "peksos", (VILLAGE,))
    case = opened_case(office, volunteer)
    task = {"task": new_id(), "title": "Urus KTP", "owner": volunteer.account, "due": "2026-12-20"}
    volunteer.done(f"/api/v1/cases/{case}/tasks", task)
    volunteer.done(f"/api/v1/cases/{case}/visits", {"visit": new_id(), "planned_for": office.today().isoformat()})
    volunteer.done(f"/api/v1/cases/{case}/risk", {"risk": "sedang", "reason": "Penilaian awal"})
    lines: list[BadLine] = []

    def bad(application: Any) -> BadLine:
        lines.append(BadLine(application, "/api/v1/outbox", {}))
        return lines[0]

    with served(office, bad) as address, opened() as browser:
        two_answers(browser, address, lines, [volunteer, desk], order)
        behaves_as_high(office, supervisor, volunteer, case)
        seat = Seat(browser, address, DESK)
        sign_in(seat.page, address, supervisor)
        decided_on_the_page(seat)
    row = supervisor.data(f"/api/v1/cases/{case}")
    assert (row["risk"], row["disputed"], [one["risk"] for one in row["answers"]]) == ("tinggi", False, ["tinggi"])
    assert not verify(office.views).differences


def behaves_as_high(office: Office, supervisor: Asking, volunteer: Asking, case: str) -> None:
    """Neither answer is lost; until somebody decides the graver one counts; what was done about the task is all there."""
    row = supervisor.data(f"/api/v1/cases/{case}")
    today = office.today()
    assert {one["risk"]: one["reason"] for one in row["answers"]} == {"tinggi": VISITED, "rendah": FILED}
    assert (row["risk"], row["review_due_on"]) == ("tinggi", (today + timedelta(days=14)).isoformat())
    (load,) = [one for one in supervisor.data("/api/v1/caseload")["workers"] if one["worker"] == volunteer.account]
    assert (load["risk_high"], load["risk_low"]) == (1, 0)
    kept = {one["kind"]: one for one in row["tasks"]}
    assert (kept["task"]["title"], kept["task"]["state"]) == ("Urus KTP dan KK", "selesai")
    assert kept["visit"]["state"] == "terlaksana"


def decided_on_the_page(seat: Seat) -> None:
    """The supervisor finds it on her board, reads both reasons, and decides with one of her own."""
    seat.go("/pengawasan").reads("Dua jawaban tentang risiko")
    waiting = seat.page.locator("main article").filter(has_text="Buka kasusnya untuk membandingkan alasannya")
    assert "tinggi" in plain(waiting.inner_text())
    assert "rendah" in plain(waiting.inner_text())
    with seat.page.expect_navigation():
        waiting.locator("a").first.click()
    seat.reads("Dua jawaban tentang risiko", VISITED, FILED, "kasus ini diperlakukan sebagai tinggi")
    seat.follow("Putuskan tingkat risiko").reads("Alasan wajib")
    seat.fill({"Tingkat risiko": "Tinggi", "Alasan": DECISION}).saved()
    assert not seat.page.get_by_role("heading", name="Dua jawaban tentang risiko").count()
    seat.reads("Urus KTP dan KK").page.locator("main summary", has_text="dari awal").click()
    seat.reads(f"risiko tinggi. Alasan: {DECISION}", VISITED, FILED)
    seat.go("/pengawasan").reads("Tidak ada jawaban yang berbeda")

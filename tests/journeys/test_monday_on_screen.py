"""S6 on screens, without its rehearsal: a supervisor's Monday, a worker who leaves, a sealed file in an emergency."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import msgspec

from service.log.ids import new_id
from tests.bench.pages import LATER
from tests.journeys.browser import in_a_browser
from tests.journeys.calendar import VILLAGE, keyed, registration
from tests.journeys.desks import Desks, Seat, plain
from tests.journeys.test_intake_to_plan import ANSWERS, goals
from tests.service.offices import Asking
from tests.service.test_api_wksbm import formed

pytestmark = in_a_browser
MONDAY = date(2025, 3, 17)
CASES, PLANS, REFUSED = 312, 15, 9
TAKEN, MOST = 7, 310  # what the taker carries before, and what the office lets one be given
GIVEN = CASES - REFUSED
LATE = CASES - PLANS - 1  # those with a plan are to be looked at again only today, and one was answered by a referral
SEALED_NAME = "Hasna Lamusu"
REASON = "Anak demam tinggi, wali tidak dapat dihubungi"
UNCLEAR = "Tujuan kedua belum jelas"


def carried(worker: Asking, first: int, many: int, plans: int = 0) -> list[str]:
    """A worker's cases, opened on one day; the last of them with a plan that waits."""
    people, cases = ([new_id() for _ in range(many)] for _ in range(2))
    opened = {"channel": "surat", "urgency": "biasa", "story": "Perlu bantuan"}
    items: list[dict[str, Any]] = []
    for at, (person, case) in enumerate(zip(people, cases, strict=True)):
        known = registration(VILLAGE, name=f"Warga {first + at:03d}", birth_year=1961)
        items.append(keyed("beneficiary.register", {**known, "id": person, "reason_to_go_on": "Orang lain"}))
        items.append(keyed("case.open", {**opened, "id": case, "beneficiary": person}))
        items.append(keyed("case.assign", {"worker": worker.account}, stream=case))
        if at >= many - plans:
            items.append(keyed("case.assess", {"instrument": "umum", "details": ANSWERS}, stream=case))
            items.append(keyed("case.propose_plan", {"goals": goals(worker.account)}, stream=case))
    told = worker.post("/api/v1/batch", {"items": items}).get_json()["results"]
    assert {one["status"] for one in told} == {201}, [one for one in told if one["status"] != 201][:2]
    return cases


def test_a_supervisor_gives_a_leaving_workers_cases_away_and_decides_what_waits(desks: Desks) -> None:
    place = desks.place
    leaving, taker, supervisor = place.who("peksos"), place.who("tksk"), place.who("supervisor")
    carried(taker, 900, TAKEN)
    cases = carried(leaving, 0, CASES, PLANS)
    home = {"destination_kind": "lks", "destination": "LKS Huyula", "need": "pengasuhan_panti"}
    leaving.done(f"/api/v1/cases/{cases[5]}/referrals", {**home, "reply_by": "2025-03-14"})
    asleep = formed(supervisor)
    supervisor.done(f"/api/v1/wksbm/{asleep}/dormancy", {"signals": ["tanpa_kegiatan"]})
    place.office.config = msgspec.structs.replace(place.office.config, caseload_most=MOST)
    place.calendar.move_to(MONDAY)
    desk = desks.of(supervisor)
    board(desk)
    left = handed_over(desk, taker, cases)
    each_has_its_entry(desks, taker, cases, left)
    plans(desk, cases[-PLANS:])
    assert len(desk.seconds) > 4
    assert max(desk.seconds.values()) < 2, desk.seconds


def board(desk: Seat) -> None:
    """Who carries how much of what one may, and how much of it is late; referrals that stand still; bodies that sleep."""
    desk.follow("Pengawasan", desk.page.locator("header")).go("/pengawasan")
    rows = {plain(row.inner_text()) for row in desk.page.locator("main table").first.locator("tbody tr").all()}
    assert any(
        row.startswith(f"peksos {LATE} {CASES} / {MOST} penuh alihkan 6 mar 2025 {PLANS} / 0 {PLANS}") for row in rows
    ), rows
    assert any(row.startswith(f"tksk {TAKEN} {TAKEN} / {MOST} alihkan 6 mar 2025 0 / 0 0") for row in rows), rows
    desk.reads("Rujukan yang macet", "LKS Huyula", "14 hari", "WKSBM tidak aktif", "WKSBM Huyula", "Bulila")
    desk.reads("Semua akses darurat sudah ditinjau", "Rencana menunggu persetujuan 15")
    desk.follow("Perlihatkan lebih banyak", desk.page.locator("#rencana"))
    desk.reads(*[f"Warga {at:03d}" for at in range(CASES - PLANS, CASES)])
    desk.follow("peksos").reads("Kasus terlambat: peksos", "6 Mar 2025").lacks("Warga 900")


def handed_over(desk: Seat, taker: Asking, cases: list[str]) -> set[str]:
    """All in one go; those that are refused, because the taker carries as many as one may. They stay where they were."""
    row = desk.page.locator("main tr").filter(has_text="peksos").first
    desk.follow("Alihkan", row).reads(f"{CASES} kasus berjalan")
    desk.fill({"Petugas yang menerima": f"tksk ({taker.login})"})
    with desk.page.expect_response(lambda answer: answer.request.method == "POST") as told:
        desk.press(f"Alihkan semua ({CASES})")
    assert told.value.request.sizes()["responseBodySize"] < LATER
    desk.reads(f"{GIVEN} dari {CASES} kasus dialihkan kepada tksk")
    results = {}
    for row in desk.page.locator("main tbody tr").all():
        words = plain(row.inner_text())
        results[cases[int(words.split()[1])]] = words
    assert set(results) == set(cases)
    refused = {case: line for case, line in results.items() if "ditolak" in line}
    linked = desk.page.locator("main tbody a").evaluate_all("all => all.map(one => one.pathname.split('/').pop())")
    assert set(linked) == set(refused), "each of them can be opened"
    assert len(refused) == REFUSED
    assert all("sebanyak batas yang ditetapkan dinas" in line for line in refused.values()), refused
    desk.follow("Lihat kasus yang masih ada padanya").reads(f"{REFUSED} kasus berjalan")
    desk.go("/pengawasan").reads(f"{MOST} / {MOST} penuh Alihkan 6 Mar 2025", f"{REFUSED} / {MOST} Alihkan 6 Mar 2025")
    return set(refused)


def each_has_its_entry(desks: Desks, taker: Asking, cases: list[str], left: set[str]) -> None:
    """The history of every case that changed hands tells it once, as done today by her; that of the others does not."""
    supervisor, log = desks.place.who("supervisor"), desks.place.office.log
    given = [one for one in log.stored(0, 10_000) if one.topic == "case.transferred"]
    assert sorted(one.stream for one in given) == sorted(set(cases) - left)
    assert len({one.command for one in given}) == GIVEN, "one command each"
    for case in cases:
        row = supervisor.data(f"/api/v1/cases/{case}")
        told = supervisor.data(f"/api/v1/beneficiaries/{row['beneficiary']}/history", case=case)["entries"]
        moved = [(one["on"], one["by"]) for one in told if one["topic"] == "case.transferred"]
        assert moved == ([] if case in left else [(MONDAY.isoformat(), supervisor.account)]), case
        assert (row["worker"] == taker.account) == (case not in left), case
    case = next(iter(set(cases) - left))
    entries = told_of(desks.of(supervisor), case)
    assert sum("dialihkan" in one and "17 mar 2025" in one for one in entries) == 1, entries
    desks.of(supervisor).reads("Petugas tksk")


def plans(desk: Seat, cases: list[str]) -> None:
    """She approves the assessments, and all plans but one, which she returns with a reason."""
    desk.go("/pengawasan?semua=ya").lacks("/catat/case.approve_plan")
    for _ in range(PLANS):
        desk.record("Setujui asesmen", {}, desk.page.locator("#asesmen article").first)
    for left in range(PLANS - 1, 0, -1):
        desk.record("Setujui rencana", {"Keterangan": "Setuju"}, desk.page.locator("#rencana article").first)
        assert desk.page.locator("#rencana article").count() == left
    desk.record("Kembalikan rencana", {"Alasan": UNCLEAR}).reads("Tidak ada rencana yang menunggu")
    states: dict[str, list[str]] = {"disetujui": [], "dikembalikan": []}
    for case in cases:
        state = desk.go(f"/kasus/{case}").page.locator("main article h3 .tag").first.inner_text()
        states[plain(state)].append(case)
    assert len(states["disetujui"]) == PLANS - 1
    (returned,) = states["dikembalikan"]
    desk.go(f"/kasus/{returned}").reads(UNCLEAR)
    assert plain(UNCLEAR) in told_of(desk, returned)[-1]


def told_of(desk: Seat, case: str) -> list[str]:
    """What the page of a case tells of it from the beginning, entry by entry."""
    desk.go(f"/kasus/{case}").page.locator("main summary", has_text="dari awal").click()
    return [plain(one) for one in desk.page.locator("main .story").last.locator("li").all_inner_texts()]


def test_a_sealed_file_is_opened_in_an_emergency_and_answered_for(desks: Desks) -> None:
    place = desks.place
    worker, head = place.who("peksos"), place.who("kepala_dinas")
    supervisor = Asking(place.office, "supervisor", None, ())  # cleared for nothing that is strictly restricted
    identity = {"name": SEALED_NAME, "birth_date": "2014-02-03", "sex": "P"}
    person = str(worker.done("/api/v1/beneficiaries", registration(VILLAGE, **identity))["id"])
    worker.done(f"/api/v1/beneficiaries/{person}/classifications", {"type": "anak_korban_kekerasan"})
    place.calendar.move_to(MONDAY)
    desk = desks.of(supervisor).go(f"/warga/{person}").reads("Tertutup untuk Anda").lacks(SEALED_NAME)
    desk.record("Buka akses darurat", {"Alasan": REASON}).reads(SEALED_NAME, "Anda membaca dengan akses darurat")
    way = desk.page.url.removeprefix(desk.address)
    desk.go("/pengawasan").reads(REASON, "Akses Anda sendiri ditinjau oleh orang lain")
    desks.of(head).go("/pengawasan").reads("supervisor", REASON, "ditinjau sebelum 19 Maret 2025")
    place.calendar.moment += timedelta(hours=3, minutes=1)
    desk = desks.again(supervisor).go(way, 409).lacks(SEALED_NAME).reads("sudah berakhir")
    desk.go(f"/warga/{person}").reads("Tertutup untuk Anda").lacks(SEALED_NAME)
    judged = {"Beralasan": True, "Keterangan": "Wali memang tidak ada"}
    manager = desks.again(head).go("/pengawasan").reads(REASON)
    manager.record("Tinjau akses darurat", judged).reads("Semua akses darurat sudah ditinjau")
    kinds = [one.topic for one in place.office.log.stored(0, 10_000) if one.topic.startswith("emergency.")]
    assert kinds == ["emergency.opened", "emergency.reviewed"]

"""S6 on screens, without its rehearsal: a supervisor's Monday, a worker who leaves, a sealed file in an emergency."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from service.log.ids import new_id
from tests.journeys.browser import in_a_browser
from tests.journeys.calendar import VILLAGE, Place, keyed, registration
from tests.journeys.desks import Desks, Seat, plain
from tests.journeys.test_intake_to_plan import ANSWERS, goals
from tests.service.offices import Asking
from tests.service.test_api_wksbm import formed

pytestmark = in_a_browser
MONDAY = date(2025, 3, 17)
CASES, SEALED, PLANS = 36, 3, 3
LATE = CASES - PLANS - 1  # those with a plan are to be looked at again only today, and one was answered by a referral
SEALED_NAME = "Hasna Lamusu"
REASON = "Anak demam tinggi, wali tidak dapat dihubungi"


def carried(place: Place, worker: Asking) -> list[str]:
    """A worker's cases, the last of them of children whose files are strictly restricted; the first with a plan."""
    people, cases = ([new_id() for _ in range(CASES)] for _ in range(2))
    kind = {"type": "anak_korban_kekerasan"}
    opened = {"channel": "surat", "urgency": "biasa", "story": "Perlu bantuan"}
    items: list[dict[str, Any]] = []
    for at, (person, case) in enumerate(zip(people, cases, strict=True)):
        identity = {"name": f"Warga {at:02d}", "birth_year": 2014}
        items.append(keyed("beneficiary.register", {**registration(VILLAGE, **identity), "id": person}))
        if at >= CASES - SEALED:
            items.append(keyed("beneficiary.classify", kind, stream=person))
        items.append(keyed("case.open", {**opened, "id": case, "beneficiary": person}))
        items.append(keyed("case.assign", {"worker": worker.account}, stream=case))
        if at < PLANS:
            items.append(keyed("case.assess", {"instrument": "umum", "details": ANSWERS}, stream=case))
            items.append(keyed("case.propose_plan", {"goals": goals(worker.account)}, stream=case))
    told = worker.post("/api/v1/batch", {"items": items}).get_json()["results"]
    assert {one["status"] for one in told} == {201}, [one for one in told if one["status"] != 201][:2]
    return cases


def test_a_supervisor_gives_a_leaving_workers_cases_away_and_decides_what_waits(desks: Desks) -> None:
    place = desks.place
    leaving, taker, supervisor = place.who("peksos"), place.who("tksk"), place.who("supervisor")
    cases = carried(place, leaving)
    home = {"destination_kind": "lks", "destination": "LKS Huyula", "need": "pengasuhan_panti"}
    leaving.done(f"/api/v1/cases/{cases[5]}/referrals", {**home, "reply_by": "2025-03-14"})
    asleep = formed(supervisor)
    supervisor.done(f"/api/v1/wksbm/{asleep}/dormancy", {"signals": ["tanpa_kegiatan"]})
    place.calendar.move_to(MONDAY)
    desk = desks.of(supervisor)
    board(desk)
    handed_over(desk, leaving, taker, cases)
    plans(desk, cases)
    assert len(desk.seconds) > 4
    assert max(desk.seconds.values()) < 2, desk.seconds


def board(desk: Seat) -> None:
    """Who carries how much and how much of it is late; referrals that stand still; bodies that sleep; what waits."""
    desk.follow("Pengawasan", desk.page.locator("header")).go("/pengawasan")
    row = desk.page.locator("main tr").filter(has_text="peksos").first
    assert plain(row.inner_text()).startswith(f"peksos {CASES} {LATE} terlambat {PLANS} / 0 {PLANS}"), row.inner_text()
    desk.reads("Rujukan yang macet", "LKS Huyula", "14 hari", "WKSBM tidak aktif", "WKSBM Huyula", "Bulila")
    desk.reads("Semua akses darurat sudah ditinjau", *[f"Warga {at:02d}" for at in range(PLANS)])
    desk.follow("peksos").reads("Kasus terlambat: peksos", "Warga 00")


def handed_over(desk: Seat, leaving: Asking, taker: Asking, cases: list[str]) -> None:
    """All in one go; the sealed ones are refused, for the taker is not cleared for them; one ended meanwhile."""
    row = desk.page.locator("main tr").filter(has_text="peksos").first
    desk.follow("Alihkan", row).reads(f"{CASES} kasus berjalan")
    leaving.done(f"/api/v1/cases/{cases[10]}/closure", {"reason": "menolak", "outcome": "sebagian"})
    desk.fill({"Pekerja yang menerima": f"tksk ({taker.login})"}).press(f"Alihkan semua ({CASES})")
    done = CASES - SEALED - 1
    desk.reads(f"{done} dari {CASES} kasus dialihkan kepada tksk")
    results = [plain(line) for line in desk.page.locator("main tbody tr").all_inner_texts()]
    assert len(results) == CASES
    refused = [line for line in results if "ditolak" in line]
    assert len(refused) == SEALED + 1
    assert sum("izin" in line for line in refused) == SEALED, refused
    (ended,) = [line for line in refused if "diterminasi" in line]
    assert ended.startswith("warga 10 ditolak"), refused
    for case in (cases[0], cases[9], cases[-SEALED - 1]):  # each has an entry of its own in its history
        whole = desk.go(f"/kasus/{case}").reads("Petugas tksk").page.locator("main summary", has_text="dari awal")
        whole.click()
        entries = [plain(one) for one in desk.page.locator("main .story").last.locator("li").all_inner_texts()]
        assert sum("dialihkan" in one and "17 mar 2025" in one for one in entries) == 1, entries
    desk.go("/pengawasan").reads(f"tksk {done} {done - PLANS - 1} terlambat", f"peksos {SEALED} {SEALED} terlambat")


def plans(desk: Seat, cases: list[str]) -> None:
    """She approves all plans but one, which she returns with a reason."""
    desk.go("/pengawasan")
    for left in (2, 1):
        desk.record("Setujui rencana", {"Keterangan": "Setuju"}, desk.page.locator("main article").first)
        assert desk.page.locator("main article").count() == left
    desk.record("Kembalikan rencana", {"Alasan": "Tujuan kedua belum jelas"})
    desk.reads("Tidak ada rencana yang menunggu")
    states = sorted(
        plain(desk.go(f"/kasus/{case}").page.locator("main article h3 .tag").first.inner_text())
        for case in cases[:PLANS]
    )
    assert states == ["dikembalikan", "disetujui", "disetujui"]


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

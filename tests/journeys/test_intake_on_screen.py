"""S2 on screens: a case worker takes somebody in, links her twin, plans, may not approve himself, and unlinks again."""

from __future__ import annotations

import re

from domain.instrument_forms import FORMS
from service.log.ids import new_id
from tests.journeys.browser import in_a_browser
from tests.journeys.calendar import ELSEWHERE, VILLAGE, registration
from tests.journeys.desks import Desks, Seat, plain
from tests.journeys.test_intake_to_plan import ANSWERS, HERE, THERE
from tests.service.offices import Asking

pytestmark = in_a_browser
NAMES = {VILLAGE: "Bulila, Telaga", ELSEWHERE: "Kayubulan, Limboto"}
#: The questions of the general instrument, version 2.
GENERAL = next(form[5] for form in FORMS if form[:2] == ("umum", "2"))
GOALS = ("Makan tiga kali sehari", "Punya KTP", "Atap diperbaiki")
TO_GO_ON = "Bila mirip dengan warga terdaftar: mengapa tetap didaftarkan"


def identity(village: str, given: dict[str, object]) -> dict[str, object]:
    return {
        "Desa/kelurahan": village,
        "Diterima lewat": "Pemerintah desa/kelurahan",
        "Nama": given["name"],
        "Tahun lahir": str(given["birth_year"]),
        "Nama ibu": given["mother"],
    }


def test_a_worker_takes_somebody_in_links_her_twin_plans_and_unlinks_a_week_later(desks: Desks) -> None:
    place = desks.place
    worker, neighbour, supervisor = place.who("peksos"), place.who("psm", ELSEWHERE[:8]), place.who("supervisor")
    acting = {"role": "supervisor", "title": "Plt. Kepala Bidang Rehabilitasi Sosial"}
    place.who("admin").done(f"/api/v1/accounts/{worker.account}/grants", acting)
    worker.enrol()
    twin = registered(desks.of(neighbour), THERE, ELSEWHERE)
    opened = {"Diterima lewat": "Datang langsung", "Kegentingan": "Biasa"}
    desks.of(neighbour).record("Buka kasus", opened)
    person, case = taken_in(desks.of(worker))
    linked(desks.of(worker), twin, person)
    planned(desks.of(worker), case)
    decided(desks, worker, supervisor, case)
    place.calendar.later(7)
    unlinked(desks.of(worker), twin, person)
    whole_again(desks, supervisor, twin, person)


def registered(desk: Seat, given: dict[str, object], village: str) -> str:
    form = {**identity(NAMES[village], given)}
    desk.go("/warga").follow("Daftarkan orang").fill(form).saved().reads(str(given["name"]))
    return desk.here.removeprefix("/warga/")


def taken_in(desk: Seat) -> tuple[str, str]:
    """Registering her shows who she may be, side by side; he says why he goes on, and opens her case."""
    desk.go("/warga").follow("Daftarkan orang").fill(identity(NAMES[VILLAGE], HERE))
    desk.refused("Mungkin orang ini sudah terdaftar", "Yang Anda ketik", "Hadidjah Pakaja", "Hadijah Pakaya")
    beside = desk.page.locator(".compared tr").filter(has_text="Tahun lahir").first
    assert plain(beside.inner_text()) == "tahun lahir 1951 1951 sama"
    desk.reads("Nama sama atau hanya berbeda ejaan", "Tahun lahir sama")
    desk.fill({TO_GO_ON: "Ia bilang belum pernah didata"}).saved()
    person = desk.here.removeprefix("/warga/")
    opened = {"Diterima lewat": "Datang langsung", "Kegentingan": "Segera", "Cerita": "Ditinggal anaknya"}
    desk.record("Buka kasus", opened).reads("Ditinggal anaknya", "Laporan diterima")
    case = desk.here
    desk.record("Tugaskan petugas", {}).reads("Petugas peksos", "1 catatan lain mungkin orang yang sama.")
    return person, case


def linked(desk: Seat, twin: str, person: str) -> None:
    """Her other record is compared with this one and linked to it; from then on it takes no case of its own."""
    desk.go(f"/warga/{twin}").follow("Cari catatan yang mirip").reads(
        "Hadidjah Pakaja", "Hadijah Pakaya", "sama", "beda"
    )
    desk.follow("Ya, catatan utamanya ini").reads("Hadidjah Pakaja", "Hadijah Pakaya")
    why = {"Alasan": "Ibu yang sama menurut kepala dusun", "Nilai": "88", "Nama mirip": True, "Tahun lahir sama": True}
    desk.fill(why).saved().reads("Orang yang sama juga tercatat di sini", "Hadijah Pakaya")
    assert desk.here == f"/warga/{person}"
    desk.go(f"/warga/{twin}").reads("Catatan ini ganda", "Hadidjah Pakaja")
    assert not desk.page.get_by_role("button", name="Buka kasus").count()


def planned(desk: Seat, case: str) -> None:
    """49 of 68 weighted points: a high risk, to be looked at again every 14 days; and a plan of three goals."""
    answers = {words: ANSWERS[code] for code, words, _weight in GENERAL}
    said = {words: f"{n}, paling berat" if n == 4 else str(n) for words, n in answers.items()}
    desk.go(case).follow("Catat asesmen").follow("Asesmen umum").fill({**said, "Cerita": "Tinggal sendiri"}).saved()
    desk.reads("nilai 72", "risiko tinggi", "Ditinjau paling lambat 17 Maret 2025", "tinjauan berikutnya dalam 14 hari")
    desk.follow("Ajukan rencana").fill({"Keterangan": "Tiga tujuan"})
    for at, goal in enumerate(GOALS):
        kind = "Bimbingan fisik, mental spiritual, dan sosial"
        desk.fill({"Tujuan yang hendak dicapai": goal, "Jenis": kind, "Tenggat": "2025-06-30"}, at)
    desk.saved().reads("Rencana 1 Menunggu persetujuan", *GOALS)


def decided(desks: Desks, worker: Asking, supervisor: Asking, case: str) -> None:
    """He is acting supervisor as well, and still may not approve what he found and proposed."""
    desks.of(worker).reads("Anda yang mengusulkan; orang lain yang menyetujui.").follow("Setujui asesmen")
    desks.of(worker).refused("sendiri")
    desks.of(supervisor).go("/pengawasan").record("Setujui asesmen", {}).reads("rencana ke-1")
    desks.of(worker).go(case).follow("Setujui rencana")
    desks.of(worker).refused("sendiri").go(case).reads("Menunggu persetujuan")
    desk = desks.of(supervisor).go("/pengawasan").reads("Rencana menunggu persetujuan", "rencana ke-1")
    desk.record("Setujui rencana", {"Keterangan": "Setuju"}).reads("Tidak ada rencana yang menunggu")
    desk.go(case).reads("Rencana 1 Disetujui", "Diusulkan peksos", "Diputuskan supervisor")


def unlinked(desk: Seat, twin: str, person: str) -> None:
    part = desk.go(f"/warga/{person}").part("Catatan ganda")
    desk.record("Lepaskan tautan ganda", {"Alasan": "Ternyata sepupu: NIK berbeda"}, part)
    assert desk.here == f"/warga/{person}"
    desk.reads("Tidak ada catatan lain yang ditautkan").lacks("Hadijah Pakaya")
    desk.go(f"/warga/{twin}").reads("Tidak ada catatan lain yang ditautkan")


def whole_again(desks: Desks, supervisor: Asking, twin: str, person: str) -> None:
    """Each is who she was where she was, with what is hers: the plan is one's alone, the story of both can be read."""
    desk = desks.of(supervisor)
    stories = {}
    for one, given, village in ((person, HERE, VILLAGE), (twin, THERE, ELSEWHERE)):
        desk.go(f"/warga/{one}").reads(
            str(given["name"]), NAMES[village].partition(",")[0], str(given["mother"]), "1951"
        )
        assert desk.page.get_by_text("Kasus sejak").count() == 1
        lines = desk.page.locator("ol.story > li").all_inner_texts()
        stories[one] = [line.split("\n")[0] for line in lines]
        for line in stories[one]:
            assert re.fullmatch(r"\d{1,2} \w+ 2025: [A-Z].*[.)”]( dikoreksi)?", line), line
            assert "_" not in line, line
    assert any("rencana" in plain(line) and "disetujui" in plain(line) for line in stories[person]), stories[person]
    assert not any("rencana" in plain(line) for line in stories[twin]), stories[twin]
    assert "sepupu" in str(stories[twin])
    desk.go(f"/warga/{person}").follow("Kasus sejak 3 Maret 2025").reads("Rencana 1 Disetujui", *GOALS)
    desk.go(f"/warga/{twin}").follow("Kasus sejak 3 Maret 2025").reads("Belum ada rencana")


def test_two_versions_of_a_plan_stand_side_by_side(desks: Desks) -> None:
    place = desks.place
    worker, supervisor = place.who("peksos", VILLAGE[:8]), place.who("supervisor")
    person = worker.done("/api/v1/beneficiaries", registration(VILLAGE, **HERE))["id"]
    case = worker.done("/api/v1/cases", {"beneficiary": person, "channel": "surat", "urgency": "biasa"})["id"]
    at = f"/api/v1/cases/{case}"
    worker.done(f"{at}/assignment", {"worker": worker.account})
    worker.done(f"{at}/assessments", {"instrument": "umum", "details": ANSWERS})
    goal = {"kind": "L07", "owner": worker.account, "due": "2025-06-30"}
    for titles in (("Punya KTP", "Atap diperbaiki"), ("Punya KTP", "Pindah ke rumah anaknya")):
        worker.done(f"{at}/plans", {"goals": [{**goal, "id": new_id(), "title": one} for one in titles]})
        number = len(worker.data(at)["plans"])
        if number == 1:
            supervisor.done(f"{at}/plans/1/return", {"reason": "Atapnya sudah diperbaiki desa"})
    desk = desks.of(supervisor).go(f"/kasus/{case}")
    first, second = (desk.page.locator("main article").filter(has_text=f"Rencana {n}") for n in (1, 2))
    assert "Dikembalikan" in first.inner_text()
    assert "Menunggu persetujuan" in second.inner_text()
    for plan, there, elsewhere in (
        (first, "Atap diperbaiki", "Pindah ke rumah anaknya"),
        (second, "Pindah ke rumah anaknya", "Atap diperbaiki"),
    ):
        assert "Punya KTP" in plan.inner_text()
        assert there in plan.inner_text()
        assert elsewhere not in plan.inner_text()
    mine, other = first.bounding_box(), second.bounding_box()
    assert mine
    assert other
    assert mine["y"] == other["y"]
    assert other["x"] + other["width"] <= mine["x"], "the later one first"
    assert mine["x"] + mine["width"] <= desk.width

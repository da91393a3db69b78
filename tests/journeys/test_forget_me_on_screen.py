"""S9 on screens: a survivor of violence is given her data, stops the sharing, and is forgotten."""

from __future__ import annotations

import hashlib
from datetime import date

from tests.journeys.afterwards import SetAside, anything_exported, lines_written
from tests.journeys.browser import in_a_browser
from tests.journeys.calendar import VILLAGE, Place, registration
from tests.journeys.desks import Desks, Seat, plain
from tests.journeys.test_forget_me import NAME, counts, survivor
from tests.journeys.test_referral_on_screen import letter_of
from tests.service.destroyers import destroy
from tests.service.offices import Asking

pytestmark = in_a_browser
OTHER = "Hendra Moodutu"
COURT, COURT_NUMBER, TRIAL = "Perkara perdata di pengadilan", "12/PN-LBT/2026", "13/Pid.B/PN-LBT/2026"
HER_WORDS = (NAME, "Lihawa", "Dipukul suaminya")
REQUEST = {"Yang meminta": "Yang bersangkutan", "Diterima lewat": "Datang ke kantor atau kepada petugas"}
MINUTES = "045/BA/2026"
#: The month in which she came.
MONTH = "/laporan?mulai=2025-03-01&sampai=2025-03-31"
#: A year and more after her case was ended: the period of her records is over.
LATER = date(2026, 4, 10)


def test_a_survivor_is_given_her_data_stops_the_sharing_and_is_forgotten(desks: Desks) -> None:
    with lines_written() as lines:
        given_and_forgotten(desks)
    assert lines.text
    assert not [one for one in HER_WORDS if one.encode() in lines.text], "no log line names her"


def given_and_forgotten(desks: Desks) -> None:
    place = desks.place
    worker, dpo, supervisor = place.who("peksos"), place.who("dpo"), place.who("supervisor")
    person, case = survivor(place, worker)
    other = worker.done("/api/v1/beneficiaries", registration(VILLAGE, name=OTHER, birth_year=1950))["id"]
    schedule(desks.of(dpo))
    referral, way = referred(desks, worker, person, case)
    given_her_data(desks, worker, dpo, person)
    place.calendar.later(1)
    withdrawn(desks, worker, dpo, person, case, referral, way)
    visum = uploaded(supervisor, person, f"Visum atas nama {NAME}".encode())
    ending = {"reason": "menolak", "outcome": "sebagian", "note": "Pindah", "evidence": [{"kind": "surat", **visum}]}
    worker.done(f"/api/v1/cases/{case}/closure", ending)
    supervisor.done(f"/api/v1/cases/{case}/closure-approval")
    place.calendar.move_to(LATER)
    supervisor.token = place.office.identity.issue_token(supervisor.account, "uji", 366)  # the old one has run out
    shown, month = on_the_board(desks.of(supervisor)), of_the_month(desks.of(supervisor))
    before, evening = counts(place), place.calendar.today
    assert [one for one in HER_WORDS if one in anything_exported(place)] == list(HER_WORDS)
    for path in ("/warga", f"/warga/{person}"):
        assert NAME in desks.of(worker).told(path)
    held = one_document_is_held(desks.of(supervisor), person)
    destruction = proposed(desks, place, worker, dpo, supervisor, person, other)
    approved(desks, place, supervisor, dpo, destruction)
    aside = SetAside(place)
    destroy(place.office, destruction)  # `wahana destroy`, as the page tells the operator
    place.calendar.later(1)
    certified(desks, place, dpo, destruction, person, other)
    assert (counts(place), on_the_board(desks.of(supervisor))) == (before, shown)
    assert of_the_month(desks.of(supervisor)) == month
    assert aside.chain_verifies()
    hers = [f"/warga/{person}", f"/kasus/{case}", f"/rujukan/{referral}", "/pelindungan/surat"]
    nowhere(desks, place, hers, evening)
    until_the_court_lets_go(desks, place, held, visum["file"])
    nowhere(desks, place, hers, evening)
    assert not [one for one in HER_WORDS if one in anything_exported(place)]
    with aside.put_back(desks) as again:
        nowhere(again, place, hers, evening)
        assert of_the_month(again.of(place.who("supervisor"))) == month
    assert not [one for one in HER_WORDS if one in anything_exported(place)]


def uploaded(who: Asking, person: str, content: bytes) -> dict[str, str]:
    answer = who.client.post(
        f"/api/v1/files?subject={person}",
        data=content,
        content_type="text/plain",
        headers={"Authorization": f"Bearer {who.token}"},
    )
    assert answer.status_code == 201
    return {"file": answer.get_json()["id"]}


def one_document_is_held(desk: Seat, person: str) -> str:
    """A court needs one paper of hers: that one alone is held, and the history says so. Returns its hold."""
    desk.go(f"/warga/{person}").follow("Tahan surat ini").fill({"Alasan": "Perkara pidana"})
    desk.paper("Penetapan pengadilan", TRIAL).saved().reads("Pemusnahan satu surat ditahan", "Perkara pidana")
    desk.go("/pelindungan").follow("Surat yang ditahan").reads("Ditahan", TRIAL, "Perkara pidana")
    link = desk.page.get_by_role("link", name="Unduh berkas").get_attribute("href")
    assert link
    return link.rpartition("/")[2]


def until_the_court_lets_go(desks: Desks, place: Place, held: str, visum: str) -> None:
    """Everything else of her is gone. The held paper is read by the data protection officer, with the reason, and by nobody
    else, until its hold is lifted: then it goes, which the list says."""
    dpo, *others = (place.who(role) for role in ("dpo", "supervisor", "peksos", "kades", "auditor", "psm"))
    for who in (dpo, *others):
        who.token = place.office.identity.issue_token(who.account, "uji", 366)
    assert NAME in dpo.get(f"/api/v1/files/{held}").get_data(as_text=True)
    assert dpo.get(f"/api/v1/files/{visum}").status_code == 404
    for who in others:
        assert who.get(f"/api/v1/files/{held}").status_code in (403, 404)
    desk = desks.of(dpo).go("/pelindungan").follow("Surat yang ditahan")
    desk.reads("Perkara pidana", "data lainnya dimusnahkan").follow("Cabut penahanan surat")
    desk.fill({"Alasan": "Putusan tetap"}).paper("Penetapan pengadilan", "15/PN-LBT/2026").saved()
    desk.go("/pelindungan").reads("menunggu dimusnahkan").follow("Surat yang ditahan")
    desk.reads("menunggu dimusnahkan", "wahana destroy").lacks("Unduh berkas")
    again = {"Alasan": "Masih banding"}
    desk.follow("Tahan lagi").fill(again).paper("Penetapan pengadilan", "16/PN-LBT/2026").saved()
    desk.go("/pelindungan").lacks("menunggu dimusnahkan").follow("Surat yang ditahan")
    desk.reads("Masih banding", "Unduh berkas").follow("Cabut penahanan surat")
    desk.fill({"Alasan": "Putusan tetap"}).paper("Penetapan pengadilan", "17/PN-LBT/2026").saved()
    destroy(place.office)
    desk.go("/pelindungan/surat").reads("dimusnahkan").lacks("Perkara pidana", "Unduh berkas", "menunggu")
    for who in (dpo, *others):
        assert who.get(f"/api/v1/files/{held}").status_code in (403, 404)


def on_the_board(desk: Seat) -> str:
    """What the village board counts in her village."""
    return plain(desk.go("/desa").page.locator("main tr").filter(has_text="Bulila").inner_text())


def of_the_month(desk: Seat) -> str:
    """What the report of the month in which she came counts; her case is among it."""
    desk.go(MONTH).reads("Kasus yang dibuka 1")
    return plain(desk.page.locator("main table").inner_text())


def schedule(desk: Seat) -> None:
    kept = {"Kode": "463.1", "Sebutan": "Berkas perorangan", "Orang": True, "Dasar": "JRA 2019", "Lama (tahun)": "1"}
    ends = {"Mulai dihitung dari": "Kasus terakhir ditutup (tanpa kasus: catatan terakhir)"}
    desk.go("/pelindungan").record("Tetapkan masa simpan", {**kept, **ends, "Sesudah masa simpan": "Musnah"})
    desk.reads("Berkas perorangan", "1 tahun", "Belum ada warga yang masa simpannya lewat")


def referred(desks: Desks, worker: Asking, person: str, case: str) -> tuple[str, str]:
    """Nothing goes to the shelter without her consent; with it, the shelter can answer by the letter."""
    desk = desks.of(worker)
    shelter = {
        "Jenis lembaga tujuan": "UPTD PPA / DP3A",
        "Nama lembaga tujuan": "UPTD PPA Kabupaten",
        "Kebutuhan": "Tempat tinggal sementara / tempat aman",
        "Nomor surat": "460/7",
    }
    desk.go(f"/kasus/{case}").follow("Buat rujukan").fill(shelter).refused("persetujuan")
    agreed = {
        "Caranya": "Cap jempol",
        "Yang menyetujui": "Yang bersangkutan",
        "Keperluan": "Rujukan kepada lembaga lain",
    }
    desk.go(f"/warga/{person}").record("Catat persetujuan", {**agreed, "Jenis penerima": "UPTD PPA / DP3A"})
    desk.go(f"/kasus/{case}").follow("Buat rujukan").fill(shelter)
    desk.page.get_by_label("Persetujuan warga").select_option(index=1)
    desk.saved().follow("Tujuan dilindungi").reads("UPTD PPA Kabupaten", "Menunggu jawaban")
    referral, way = desk.here.removeprefix("/rujukan/"), letter_of(desk)
    desks.stranger().go(way).reads("460/7", "Kami terima").lacks(*HER_WORDS)
    return referral, way


def asked(desks: Desks, worker: Asking, dpo: Asking, person: str, kind: str) -> Seat:
    """Her request, recorded where she came, on the data officer's list, who makes sure that it is she who asks."""
    desks.of(worker).go(f"/warga/{person}").record("Catat permintaan subjek data", {"Jenis": kind, **REQUEST})
    desk = desks.of(dpo).go("/pelindungan").follow(kind)
    return desk.record("Pastikan jati diri peminta", {"Caranya": "KTP-el diperlihatkan"})


def given_her_data(desks: Desks, worker: Asking, dpo: Asking, person: str) -> None:
    desk = asked(desks, worker, dpo, person, "Akses dan salinan data")
    desk.go("/pelindungan").reads("sisa 71 jam").follow("Akses dan salinan data")
    desk.record("Kabulkan permintaan", {}).follow("Susun laporan datanya")
    desk.reads(NAME, "Dipukul suaminya", "UPTD PPA Kabupaten", "SIAPA YANG MEMPROSES DATA ANDA").lacks("Kepala dusun")
    trail = plain(desk.page.locator("pre.sheet").inner_text()).partition("siapa yang memproses data anda")[2]
    assert "peksos" in trail
    readable_files(desk)
    desk.record("Serahkan data", {}).record("Tutup permintaan", {"Hasil": "Selesai"})
    desk.reads("selesai tepat waktu", "Yang diserahkan")


def readable_files(desk: Seat) -> None:
    """She takes it with her: all that the page tells, with her rights and who used her data, in a file that needs nothing
    else; and the same as data, by whose hash it is known again."""
    told = plain(desk.page.locator("pre.sheet").inner_text())
    sheet = desk.download("Unduh laporan untuk dibaca").decode()
    assert told in plain(sheet)
    assert "://" not in sheet
    assert "penghapusan atau pemusnahan data" in plain(sheet.partition("HAK ANDA")[2])
    data = desk.download("Unduh sebagai data (JSON)")
    desk.reads(hashlib.sha256(data).hexdigest())
    assert hashlib.sha256(data).hexdigest() in sheet


def withdrawn(desks: Desks, worker: Asking, dpo: Asking, person: str, case: str, referral: str, way: str) -> None:
    """Her consent ends, and with it at once what the shelter is shown."""
    desk = asked(desks, worker, dpo, person, "Penarikan persetujuan")
    desk.record("Kabulkan permintaan", {"Caranya": "Tanda tangan", "Yang menyetujui": "Yang bersangkutan"})
    desks.stranger().go(way, 404).reads("tidak berlaku").lacks("460/7", *HER_WORDS)
    mine = desks.of(worker).go(f"/rujukan/{referral}").reads("Persetujuan ditarik", "Warga menarik persetujuannya")
    mine.record("Tarik rujukan", {"Diterima lewat": "Dicatat petugas sendiri", "Alasan": "Persetujuan ditarik"})
    mine.go(f"/warga/{person}").reads("ditarik 4 Maret 2025").go(f"/kasus/{case}").follow("Buat rujukan")
    assert not mine.page.get_by_label("Persetujuan warga").count(), "no consent is left to choose"


def proposed(
    desks: Desks, place: Place, worker: Asking, dpo: Asking, supervisor: Asking, person: str, other: str
) -> str:
    """Both are due. A court holds the other's record: of that one nothing may be destroyed; of hers it may."""
    hold = desks.of(supervisor).go(f"/warga/{other}").follow("Tangguhkan pemusnahan").fill({"Alasan": COURT})
    hold.paper("Penetapan pengadilan", COURT_NUMBER).saved().reads("Pemusnahan ditangguhkan", COURT_NUMBER)
    desk = asked(desks, worker, dpo, person, "Penghapusan atau pemusnahan data")
    desk.record("Kabulkan permintaan", {}).follow("Usulkan pemusnahan")
    desk.go(desk.page.url.removeprefix(desk.address).replace(person, f"{person}%0A{other}", 1))
    desk.refused(f"Data warga {other} sedang ditahan untuk keperluan hukum")
    desk.fill({other: False}).saved().follow("Lihat pemusnahan").reads("Anda yang mengusulkan", "0 dari 2", person)
    assert not desk.page.get_by_role("button", name="Setujui pemusnahan").count()
    return desk.here.rpartition("/")[2]


def approved(desks: Desks, place: Place, supervisor: Asking, dpo: Asking, destruction: str) -> None:
    """By two who did not propose it; then its minutes."""
    at, head = f"/pelindungan/pemusnahan/{destruction}", place.who("kepala_dinas")
    desks.of(supervisor).go(at).record("Setujui pemusnahan", {}).reads("1 dari 2")
    desks.of(head).go(at).record("Setujui pemusnahan", {}).reads("2 dari 2")
    minutes = {"Nomor berita acara": MINUTES}
    desk = desks.of(head).follow("Catat berita acara").fill(minutes)
    desk.page.locator('main [name="dated"]').fill(place.calendar.today)
    desk.saved().reads(MINUTES, f"wahana destroy {destruction}")


def certified(desks: Desks, place: Place, dpo: Asking, destruction: str, person: str, other: str) -> None:
    """The certificate names nobody; her request is done; the dry run names the other when the court lets go of her."""
    desk = desks.of(dpo).go(f"/pelindungan/pemusnahan/{destruction}")
    desk.reads("Selesai", "Sertifikat", MINUTES, person).lacks(*HER_WORDS)
    desk.go("/pelindungan").follow("Penghapusan atau pemusnahan data")
    desk.record("Catat sudah dimusnahkan", {}).record("Tutup permintaan", {"Hasil": "Selesai"})
    desk.reads("selesai tepat waktu").go("/pelindungan").reads("Belum ada warga yang masa simpannya lewat")
    hold = desks.of(place.who("supervisor")).go(f"/warga/{other}").follow("Cabut penangguhan pemusnahan")
    hold.fill({"Alasan": "Perkara selesai"}).paper("Penetapan pengadilan", "14/PN-LBT/2026").saved()
    desk.go("/pelindungan").reads("1 warga.", f"(…{other[-6:]})").lacks(person[-6:])


def nowhere(desks: Desks, place: Place, hers: list[str], evening: str) -> None:
    """No page of any role shows her name: lists, her own pages, history; of today, and of the evening she was whole."""
    paths = ["/warga", "/warga?tingkat=3", "/kasus", "/kasus?keadaan=tutup", "/rujukan", "/rujukan?keadaan=dibatalkan"]
    paths += ["/pengawasan", "/pelindungan", *hers]
    for role in ("peksos", "supervisor", "kepala_dinas", "dpo", "auditor", "kades"):
        desk = desks.of(place.who(role))
        for path in paths:
            for moment in ("", f"{'&' if '?' in path else '?'}per={evening}"):
                shown = desk.told(path + moment).lower()
                assert not [one for one in HER_WORDS if one.lower() in shown], (role, path + moment)
    for role in ("peksos", "supervisor"):
        for day in ("", f"?per={evening}"):
            desk = desks.of(place.who(role)).go(f"/warga{day}").fill({"Nama": NAME}).press("Cari")
            assert not desk.page.locator("main tbody").filter(has_text="Lihawa").count(), desk.read()
            desk.reads("Tidak ditemukan")

"""S3 on screens: a referral with a letter that is answered without an account, falls silent, and comes back at last."""

from __future__ import annotations

from datetime import date
from urllib.parse import urlsplit

from tests.journeys.browser import in_a_browser
from tests.journeys.desks import Desks, Seat, plain
from tests.journeys.test_referral_comes_back import case_of
from tests.service.offices import Asking

pytestmark = in_a_browser
DIAGNOSIS = "Skizofrenia, perlu rawat jalan"
LAST_TUESDAY = "2025-03-18"  # for whoever asks on Tuesday the 25th
BY_PHONE = {"Diterima lewat": "Telepon", "Yang memberi kabar": "Bagian pendaftaran"}


def letter_of(desk: Seat) -> str:
    """The way of the link that is printed on the letter of the referral on the screen, as its code tells it."""
    desk.follow("Surat rujukan untuk dicetak")
    assert desk.page.get_by_alt_text("Kode QR ke halaman jawaban").is_visible()
    desk.page.locator("main summary").filter(has_text="Alamat halaman jawaban").click()
    return urlsplit(desk.page.locator("main details a").inner_text()).path


def answered(hospital: Seat, way: str, answer: str, fields: dict[str, str]) -> None:
    hospital.go(way).follow(answer).fill(fields).press("Kirim jawaban")
    hospital.reads("Terima kasih. Jawaban Anda sudah tercatat")
    assert hospital.context.cookies() == [], "whoever answers a letter is nobody's session"


def test_a_referral_is_answered_by_its_letter_falls_silent_and_comes_back(desks: Desks) -> None:
    place = desks.place
    worker, supervisor, head = place.who("tksk"), place.who("supervisor"), place.who("kades")
    case = case_of(worker)
    sent_off(desks, worker, case)
    rejected = answered_without_an_account(desks, worker, case)
    sent = fallen_silent(desks, worker, supervisor, case)
    come_back(desks, worker, sent)
    as_it_stood(desks, worker, supervisor, head, sent, rejected)


def sent_off(desks: Desks, worker: Asking, case: str) -> None:
    hospital = {
        "Jenis lembaga tujuan": "Rumah sakit",
        "Nama lembaga tujuan": "RSUD dr. M.M. Dunda",
        "Kebutuhan": "Rawat inap",
        "Dijawab paling lambat": "2025-03-06",
        "Keterangan": "Perlu rawat inap segera",
    }
    desks.of(worker).go(f"/kasus/{case}").follow("Buat rujukan").fill(hospital)
    desks.of(worker).fill({"Nomor surat": "460/118"}).saved()
    desks.of(worker).reads("Rumah sakit", "Menunggu jawaban").follow("Rumah sakit")


def answered_without_an_account(desks: Desks, worker: Asking, case: str) -> str:
    """The hospital has no bed, and says so by the link on the letter."""
    rejected, way = desks.of(worker).here, letter_of(desks.of(worker))
    desks.place.calendar.move_to(date(2025, 3, 5))
    hospital = desks.stranger().go(way).reads("460/118", "Rawat inap").lacks("Rahma", "Gobel", "segera")
    answered(
        hospital, way, "Kami tidak dapat menerima", {"Nama dan jabatan Anda": "dr. Olii", "Alasan": "Tempat penuh"}
    )
    hospital.go(rejected)
    assert hospital.here == "/masuk", "the link opens its own page alone"
    desks.of(worker).go(rejected).reads(
        "Ditolak", "Tempat penuh", "Jawaban lewat tautan surat", "lewat tautan pada surat"
    )
    desks.of(worker).reads("2 hari sampai langkah berikutnya").go(f"/kasus/{case}").reads("Rumah sakit Ditolak")
    return rejected


def fallen_silent(desks: Desks, worker: Asking, supervisor: Asking, case: str) -> str:
    """A home accepts her, and nothing is heard for seven days: the worker sees it stuck, and later the supervisor."""
    desks.place.calendar.move_to(date(2025, 3, 6))
    home = {
        "Jenis lembaga tujuan": "LKS / LKSA / panti swasta",
        "Nama lembaga tujuan": "LKS Huyula",
        "Kebutuhan": "Perawatan atau pengasuhan di lembaga",
        "Dijawab paling lambat": "2025-03-13",
    }
    desk = desks.of(worker).go(f"/kasus/{case}")
    desk.record("Buat rujukan", home).follow("LKS / LKSA / panti swasta")
    sent, way = desk.here, letter_of(desk)
    desks.place.calendar.move_to(date(2025, 3, 10))
    answered(desks.stranger(), way, "Kami terima", {"Nama dan jabatan Anda": "Ibu Sartin, pengurus"})
    desks.place.calendar.move_to(date(2025, 3, 16))
    desks.of(worker).go("/rujukan").reads("Tidak bergerak 7 hari 0")
    desks.place.calendar.move_to(date(2025, 3, 17))
    desks.of(worker).go("/rujukan").reads("Tidak bergerak 7 hari 1")
    desks.of(worker).go("/rujukan?macet=ya").reads("LKS Huyula").go(sent).reads("Tidak bergerak 7 hari", "sudah 7 hari")
    desks.place.calendar.move_to(date(2025, 3, 19))
    desks.of(supervisor).go("/pengawasan").reads("Tidak ada rujukan yang macet")
    desks.place.calendar.move_to(date(2025, 3, 20))
    desks.of(supervisor).go("/pengawasan").reads("Rujukan yang macet", "10 hari lebih", "LKS Huyula", "10 hari")
    return sent


def come_back(desks: Desks, worker: Asking, sent: str) -> None:
    desks.place.calendar.move_to(date(2025, 3, 21))
    desks.of(worker).go(sent).record("Rujukan ditangani", BY_PHONE)
    desks.place.calendar.move_to(date(2025, 3, 24))
    outcome = {"Hasil": "Tertangani", "Keterangan": DIAGNOSIS}
    desks.of(worker).go(sent).record("Rujukan selesai", {**BY_PHONE, **outcome})
    feedback = {"Diterima lewat": "Surat", "Umpan balik": f"Diterima dengan baik. {DIAGNOSIS}"}
    desks.of(worker).record("Catat umpan balik", feedback).reads("Selesai", "Tertangani", "Umpan balik sudah diterima")


def as_it_stood(desks: Desks, worker: Asking, supervisor: Asking, head: Asking, sent: str, rejected: str) -> None:
    desks.place.calendar.move_to(date(2025, 3, 25))
    village = desks.of(head)
    for path in (sent, "/rujukan", "/rujukan?keadaan=selesai"):
        village.go(path).reads("Selesai").lacks("Skizofrenia", "rawat jalan", "Diterima dengan baik")
    village.go(rejected).reads("Ditolak")
    desk = desks.of(supervisor).go("/pengawasan").reads("Tidak ada rujukan yang macet")
    desk.back_to("2025-03-20").reads("LKS Huyula", "10 hari")
    desk.go("/rujukan?macet=ya").lacks("LKS Huyula").back_to("2025-03-20").reads("LKS Huyula", "Diterima")
    mine = desks.of(worker).go("/rujukan?macet=ya").lacks("LKS Huyula")
    mine.back_to(LAST_TUESDAY).reads("LKS Huyula", "Diterima")
    rail = desk.go(sent).page.locator("ol.rail li").all_inner_texts()
    steps = [
        ("Dikirim, 6 Mar 2025", "tksk", "lewat surat", "4 hari sampai langkah berikutnya"),
        ("Diterima, 10 Mar 2025", "Jawaban lewat tautan surat", "lewat tautan pada surat", "11 hari sampai langkah"),
        ("Mulai ditangani, 21 Mar 2025", "tksk", "lewat telepon", "3 hari sampai langkah berikutnya"),
        ("Selesai ditangani, 24 Mar 2025", "tksk", "lewat telepon", "dicatat 24 Mar 2025"),
        ("Umpan balik diterima, 24 Mar 2025", "tksk", "lewat surat", "dicatat 24 Mar 2025"),
    ]
    assert len(rail) == len(steps)
    for shown, words in zip(rail, steps, strict=True):
        for one in words:
            assert plain(one) in plain(shown), (one, shown)

"""A TKSK in a village without signal, in a real browser: what she records there names what she recorded there before, and
what could not be recorded as it is waits for her with all that she wrote."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from service.office import Office
from tests.journeys.browser import in_a_browser
from tests.journeys.calendar import registration
from tests.journeys.phones import fill, form_of, opened, record, settled, states
from tests.journeys.test_offline import cut_off
from tests.service.offices import VILLAGE, Asking, person
from tests.service.test_api_cases import DAY
from tests.service.test_api_cases import opened as opened_case
from tests.service.test_api_referrals import sent

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = in_a_browser
NAME = "Salma Igirisa"
REGISTERED = {"kind": "person", "village": VILLAGE, "identity.name": NAME, "identity.birth_date": "1951-02-03"}


def of_a_person(page: Page) -> None:
    record(page, "Daftarkan warga", REGISTERED)
    opened(page, NAME, "Warga")
    record(page, "Tetapkan jenis PPKS", {"type": "fakir_miskin", "criteria": "Tidak berpenghasilan"})
    opened(page, NAME, "Warga")
    record(page, "Akhiri jenis PPKS", {"reason": "salah_data"})
    opened(page, NAME, "Warga")
    record(page, "Buka kasus", {"channel": "kunjungan", "urgency": "segera", "story": "Sakit di rumah"})
    opened(page, NAME, "Kasus saya")
    record(page, "Tugaskan petugas", {})
    opened(page, NAME, "Kasus saya")
    record(page, "Beri tugas", {"title": "Antar ke puskesmas", "owner": "peksos, peksos", "due": "2026-12-20"})
    opened(page, NAME, "Kasus saya")
    record(page, "Selesaikan tugas", {"note": "Sudah diantar"})
    opened(page, NAME, "Kasus saya")
    sent_to = {"destination_kind": "puskesmas", "destination": "Puskesmas Telaga", "need": "pemeriksaan"}
    record(page, "Buat rujukan", sent_to)
    opened(page, NAME, "Kasus saya")
    record(page, "Rujukan diterima", {"channel": "telepon"})


def of_a_disaster(page: Page) -> None:
    page.evaluate("location.hash = ''")
    declared = {"kind": "banjir", "name": "Banjir Telaga", "struck_on": "2026-01-05", "villages": VILLAGE}
    record(page, "Nyatakan kejadian bencana", declared)
    opened(page, "Banjir Telaga", "Kejadian bencana")
    struck = {"village": VILLAGE, "conditions": "mengungsi"}
    rows = ({"victim": NAME}, {"identity.name": "Karsum Une", "identity.birth_year": "1975"})
    typed = {f"victims.{at}.{name}": said for at, row in enumerate(rows) for name, said in {**struck, **row}.items()}
    record(page, "Catat korban", typed)
    opened(page, "Banjir Telaga", "Kejadian bencana")
    given = {"kind": "E1", "goods": "beras", "quantity": "10", "unit": "kg", "recipients": "Karsum Une"}
    record(page, "Catat bantuan bencana", given)
    opened(page, "Banjir Telaga", "Kejadian bencana")
    record(page, "Periksa korban", {"victim": "Karsum Une", "outcome": "benar"})


def of_a_body(page: Page, village: str) -> None:
    page.evaluate("location.hash = ''")
    record(page, "Rintis WKSBM", {"village": VILLAGE, "name": "Mohuyula"})
    for action, fields in (
        ("Catat sosialisasi", {"attendance": "20"}),
        ("Catat musyawarah", {"attendance": "30"}),
        ("Catat pembentukan", {}),
    ):
        opened(page, village, "Desa")
        record(page, action, fields)
    opened(page, village, "Desa")
    form_of(page, "Angkat pengurus")
    seats = (("ketua", "Husain Pakaya"), ("sekretaris", "Ina Lasena"), ("bendahara", "Ram Abas"))
    board = {
        f"members.{at}.{name}": said
        for at, seat in enumerate(seats)
        for name, said in zip(("office", "name"), seat, strict=True)
    }
    fill(page, {**board, "term_from": "2026-01-10"}, [])


def test_a_case_is_told_in_words_and_not_in_codes(office: Office, tmp_path: Path) -> None:
    owner = Asking(office, "tksk")
    case = opened_case(office, owner)
    owner.done(f"/api/v1/cases/{case}/risk", {"risk": "tinggi", "reason": "Sendirian", "on": DAY})
    referral = sent(owner, case)
    with cut_off(office, tmp_path, owner) as (page, address, _line):
        page.goto(f"{address}/luring")
        page.get_by_text("Risiko: Tinggi").wait_for()
        opened(page, "Warga Uji", "Kasus saya")
        page.get_by_text("Rujukan: Puskesmas · Menunggu jawaban", exact=True).wait_for()
        assert "Risiko: Tinggi" in page.inner_text("#luring")
        page.get_by_text("Rujukan: Puskesmas").locator("xpath=..").locator("summary").click()
        record_here = page.get_by_role("link", name="Rujukan diterima")
        assert referral in str(record_here.get_attribute("href"))


def test_what_was_made_without_signal_is_gone_on_from_without_signal(office: Office, tmp_path: Path) -> None:
    peksos, owner = Asking(office, "peksos"), Asking(office, "tksk")
    (village,) = [one["name"] for one in owner.data("/api/v1/villages") if one["code"] == VILLAGE]
    of_an_area = {"kind": "tksk", "name": "Rahma Yunus", "area": VILLAGE[:8], "on": "2026-01-05"}
    source = owner.done("/api/v1/psks", of_an_area)["id"]
    with cut_off(office, tmp_path, owner) as (page, address, line):
        page.goto(f"{address}/luring")
        of_a_person(page)
        of_a_disaster(page)
        of_a_body(page, village)
        page.evaluate("location.hash = ''")
        page.get_by_text("PSKS: Rahma Yunus").wait_for()
        record(page, "Tambah layanan PSKS", {"service": "rujukan"})
        page.goto(f"{address}/kotak-keluar")
        assert states(page) == ["waiting"] * 19
        line.away = False
        assert settled(page, 19) == ["sent"] * 19, page.inner_text("#kotak")
    assert [one["service"] for one in owner.data(f"/api/v1/psks/{source}")["services"]] == ["rujukan"]
    counted = Counter(topic for (topic,) in office.database.rows("SELECT topic FROM events"))
    assert counted["beneficiary.registered"] == 2
    assert counted["incident.victim_recorded"] == counted["beneficiary.ppks_classified"] + 1 == 2
    (case,) = owner.data("/api/v1/cases")
    row = owner.data(f"/api/v1/cases/{case['id']}")
    assert [(one["owner"], one["state"]) for one in row["tasks"]] == [(peksos.account, "selesai")]
    assert [one["state"] for one in row["referrals"]] == ["diterima"]
    (disaster,) = owner.data("/api/v1/incidents")
    assert (disaster["victims"], disaster["helped"], disaster["unverified"]) == (2, 1, 1)
    (body,) = [one for place in owner.data("/api/v1/villages") for one in place["wksbm"]]
    assert len(owner.data(f"/api/v1/wksbm/{body['id']}")["boards"][0]["members"]) == 3


def test_what_builds_on_a_refused_entry_waits_until_it_is_mended(office: Office, tmp_path: Path) -> None:
    owner = Asking(office, "tksk")
    with cut_off(office, tmp_path, owner) as (page, address, line):
        page.goto(f"{address}/luring")
        record(page, "Daftarkan warga", REGISTERED)
        opened(page, NAME, "Warga")
        record(page, "Buka kasus", {"channel": "kunjungan", "urgency": "segera", "story": "Sakit di rumah"})
        owner.done("/api/v1/beneficiaries", registration(name=NAME, birth_date="1951-02-03"))
        line.away = False
        page.goto(f"{address}/kotak-keluar")
        page.get_by_text("Menunggu entri sebelumnya").wait_for()
        assert states(page) == ["waiting", "refused"]
        page.get_by_role("button", name="Perbaiki").click()
        page.locator("#luring form").wait_for()
        fill(page, {"reason_to_go_on": "Sepupu dengan nama sama"}, [])
        page.goto(f"{address}/kotak-keluar")
        assert settled(page, 2) == ["sent", "sent"]
    assert len(owner.data("/api/v1/cases")) == 1


def test_what_arrives_after_its_case_ended_goes_to_another_case_or_waits_for_it_to_be_reopened(
    office: Office, tmp_path: Path
) -> None:
    owner = Asking(office, "tksk")
    case = opened_case(office, owner)
    ending = {"reason": "tujuan_tercapai", "outcome": "tercapai", "on": "2026-03-02"}
    whose = owner.data(f"/api/v1/cases/{case}")["beneficiary"]
    with cut_off(office, tmp_path, owner) as (page, address, line):
        page.goto(f"{address}/luring")
        for reason in ("Anak sendirian", "Atap bocor"):
            opened(page, "Warga Uji", "Kasus saya")
            record(page, "Ubah tingkat risiko", {"risk": "tinggi", "reason": reason})
        owner.done(f"/api/v1/cases/{case}/closure", ending)
        opening = {"beneficiary": whose, "channel": "datang_langsung", "urgency": "segera", "story": "Datang lagi"}
        other = owner.done("/api/v1/cases", opening)["id"]
        owner.done(f"/api/v1/cases/{other}/assignment", {"worker": owner.account})
        line.away = False
        page.goto(f"{address}/kotak-keluar")
        assert settled(page, 2) == ["refused", "refused"]
        shown = page.inner_text("#kotak")
        assert shown.count("hanya bimbingan lanjut, koreksi, atau pembukaan kembali") == 2
        assert shown.count("Isinya tetap tersimpan di sini.") == 2
        page.get_by_role("link", name="Catat di kasus lain").first.click()
        page.locator("#luring").get_by_role("link", name="Warga Uji").click()
        page.locator("#luring form").wait_for()
        assert page.input_value('#luring [name="reason"]') == "Atap bocor"
        fill(page, {}, [])
        page.goto(f"{address}/kotak-keluar")
        assert settled(page, 2) == ["sent", "refused"]
        page.get_by_role("link", name="Catat di kasus lain").click()
        record(page, "Buka kembali kasus", {"reason": "Keadaannya memburuk"})
        page.goto(f"{address}/kotak-keluar")
        assert settled(page, 3) == ["sent", "sent", "refused"]
        page.get_by_role("button", name="Perbaiki").click()
        page.locator("#luring form").wait_for()
        assert page.input_value('#luring [name="reason"]') == "Anak sendirian"
        fill(page, {}, [])
        page.goto(f"{address}/kotak-keluar")
        assert settled(page, 3) == ["sent", "sent", "sent"], page.inner_text("#kotak")
    assert [owner.data(f"/api/v1/cases/{one}")["risk"] for one in (case, other)] == ["tinggi", "tinggi"]


def test_what_was_refused_for_want_of_a_right_is_sent_again_as_it_is(office: Office, tmp_path: Path) -> None:
    owner, admin = Asking(office, "tksk"), Asking(office, "admin")
    (row,) = [one for one in admin.data("/api/v1/accounts") if one["key"] == owner.account]
    at, grant = f"/api/v1/accounts/{owner.account}", row["grants"][0]
    with cut_off(office, tmp_path, owner) as (page, address, line):
        page.goto(f"{address}/luring")
        record(page, "Rintis WKSBM", {"village": VILLAGE, "name": "Mohuyula"})
        admin.done(f"{at}/revocations", {"grant": grant["grant_id"]})
        line.away = False
        page.goto(f"{address}/kotak-keluar")
        assert settled(page, 1) == ["refused"]
        admin.done(f"{at}/grants", {"role": "tksk", "title": "TKSK", "areas": [VILLAGE[:8]]})
        page.get_by_role("button", name="Kirim lagi").click()
        page.locator("#kotak li[data-state=sent]").wait_for()


def test_a_carried_name_is_in_no_file_once_she_signed_out(office: Office, tmp_path: Path) -> None:
    """Names of victims, of officers and of whoever is to be helped lie under the same key as all the rest."""
    from tests.journeys.test_offline import left_behind

    owner = Asking(office, "tksk")
    person(office)
    with cut_off(office, tmp_path, owner) as (page, address, _line):
        page.goto(f"{address}/luring")
        of_a_disaster_alone(page)
        page.goto(f"{address}/luring")
        page.get_by_role("button", name="Keluar dan kunci perangkat ini").click()
        page.wait_for_url(f"{address}/kotak-keluar")
    assert left_behind(tmp_path / "phone", "Karsum Une", "Banjir Telaga", "Warga Uji") == []


def of_a_disaster_alone(page: Page) -> None:
    declared = {"kind": "banjir", "name": "Banjir Telaga", "struck_on": "2026-01-05", "villages": VILLAGE}
    record(page, "Nyatakan kejadian bencana", declared)
    opened(page, "Banjir Telaga", "Kejadian bencana")
    typed = {"village": VILLAGE, "conditions": "mengungsi", "identity.name": "Karsum Une"}
    record(page, "Catat korban", {f"victims.0.{name}": said for name, said in typed.items()})

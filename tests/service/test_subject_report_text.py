"""The report as whoever asked for it reads it: no codes, routes, ids or days as computers write them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from projections.sentences.words import day
from service.office import Office, utc_now
from service.subject_report_text import told
from service.subject_report_words import Words
from tests.service.offices import VILLAGE, Asking, make_office
from tests.service.test_api_consents import agreed
from tests.service.test_api_referrals import HEARD, sending, sent
from tests.service.test_api_subject_requests import AT, Clock, confirmed
from tests.service.web_office import page

PEOPLE = "/api/v1/beneficiaries"
ON = {"on": "2026-03-02"}
MACHINE = {
    "a name of a code": r"\w_\w",
    "a route": r"GET |POST |/\w+/<",
    "a day as computers write it": r"\d{4}-\d\d-\d\d",
    "the code of a village": r"75\.01",
    "an id": r"[0-9a-f]{8}-[0-9a-f]{4}-",
    "a code of a sex": r"Jenis kelamin: [LP]$",
}


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def here(tmp_path: Path, clock: Clock) -> Iterator[Office]:
    made = make_office(tmp_path, now=clock)
    yield made
    made.close()


def a_life(here: Office, worker: Asking) -> str:
    """Somebody with a family, papers, a corrected record, a referral that she did not go to, and readings."""
    identity = {"name": "Rahma Pakaya", "sex": "P", "birth_date": "1980-01-01"}
    body = {"village": VILLAGE, "kind": "person", "channel": "desa", "identity": identity, "hamlet": "Tengah"}
    subject = str(worker.done(PEOPLE, {**body, **ON})["id"])
    head = {"village": VILLAGE, "kind": "family", "channel": "desa", "identity": {"head": "Kepala Uji"}}
    family = worker.done(PEOPLE, {**head, **ON})["id"]
    worker.done(f"{PEOPLE}/{subject}/family-memberships", {"family": family, "relation": "anak", **ON})
    asked = {"reason": "Salah dengar", "requested_by": "yang_bersangkutan", "target": 1}
    values = {"identity": {**identity, "name": "Rahmawati Pakaya"}, "channel": "datang_sendiri", "on": "2026-03-01"}
    worker.done(f"/api/v1/streams/{subject}/corrections", {**asked, "values": values})
    worker.done(f"{PEOPLE}/{subject}/domicile-moves", {"village": "75.01.02.2014", "hamlet": "Timur", **ON})
    opened = {"story": "Rumahnya terbakar", "beneficiary": subject, "channel": "surat", "urgency": "segera", **ON}
    case = worker.done("/api/v1/cases", opened)["id"]
    worker.done(f"/api/v1/cases/{case}/assignment", {"worker": worker.account, **ON})
    typed = {"type": "anak_korban_kekerasan", "override_reason": "Sejak kecil", "criteria": "Visum"}
    worker.done(f"{PEOPLE}/{subject}/classifications", typed)
    paper = {"kind": "surat_desa", "number": "12/2026", "dated": "2026-03-01"}
    consent = agreed(worker, subject, recipient_kind="uptd_ppa", evidence=[paper], **ON)
    strict = sending(destination_kind="uptd_ppa", destination="UPTD PPA Kabupaten", consent=consent)
    referral = sent(worker, case, **{**strict, **ON})
    worker.done(f"/api/v1/referrals/{referral}/absence", {**HEARD, "note": "Tulis ke ibu_rahma@contoh.id"})
    page(worker, f"/warga/{subject}")
    page(worker, f"/catat/beneficiary.move_domicile?stream={subject}")
    return subject


def test_the_report_is_plain_indonesian_from_its_first_line_to_its_last(here: Office) -> None:
    dpo, worker = Asking(here, "dpo"), Asking(here, "peksos")
    subject = a_life(here, worker)
    request = confirmed(dpo, subject)
    page(dpo, f"/pelindungan/permintaan/{request}/laporan")
    found = dpo.data(f"{AT}/{request}/report")
    text = found["text"]
    hers = "ibu_rahma@contoh.id"
    assert hers in text, "what somebody wrote stays as it was written"
    for what, pattern in MACHINE.items():
        wrong = [line for line in text.replace(hers, "").splitlines() if re.search(pattern, line)]
        assert wrong == [], what
    for line in (
        f"Catatan …{subject[-6:]}, desa/kelurahan Mongolato, Kecamatan Telaga:",
        "Jenis kelamin: Perempuan",
        "Tanggal lahir: 1 Januari 1980",
        "Masuk keluarga (catatan …",
        "dari desa/kelurahan Bulila, Kecamatan Telaga ke",
        "tanggal kejadian dari “2 Maret 2026” menjadi “1 Maret 2026”",
        "diterima lewat dari “Pemerintah desa/kelurahan” menjadi “Datang sendiri”",
        "jati diri (disegel)",
        "; keadaan: tidak datang.",
        "Surat keterangan desa/kelurahan nomor 12/2026 tanggal 1 Maret 2026.",
        "peksos, peksos (Catatan warga).",
        "(Formulir pencatatan).",
        "dpo, dpo (Laporan data seorang warga).",
    ):
        assert line in text, line
    again = dpo.data(f"{AT}/{request}/report", as_of=found["document"]["position"])
    assert (again["text"], again["sha256"]) == (text, found["sha256"])
    dpo.client.set_cookie("wahana-bahasa", "en")
    again = dpo.data(f"{AT}/{request}/report", as_of=found["document"]["position"])
    assert again["text"] == text, "whatever language whoever hands it over reads"


def test_what_is_recorded_before_eight_is_told_with_the_day_of_the_office(here: Office, clock: Clock) -> None:
    now = datetime.fromisoformat(utc_now())
    clock.ahead = now.replace(hour=23, minute=30, second=0, microsecond=0) + timedelta(days=1) - now
    utc = (now + clock.ahead).date()
    today = day(utc + timedelta(days=1))
    dpo, worker = Asking(here, "dpo"), Asking(here, "peksos")
    subject = a_life(here, worker)
    request = confirmed(dpo, subject)
    text = dpo.data(f"{AT}/{request}/report")["text"]
    assert f"(dicatat {today} oleh peksos)" in text
    assert f"catatan, {today} sampai {today}." in text
    assert f"{today}: peksos, peksos (Catatan warga)." in text
    assert day(utc) not in text


def test_numbers_have_points_and_files_the_end_of_theirs(here: Office) -> None:
    lists = ("records", "types", "needs", "consents", "cases", "referrals", "disasters", "history", "read_by")
    row = {"by": "a", "name": "Ibu Siti", "post": "", "events": 1250}
    times = {"first": "2026-08-17T23:30:00.000000Z", "last": "2026-08-21T15:59:00.000000Z"}
    document = {
        **dict.fromkeys(lists, ()),
        "request": {"key": "01a2237b-dfde-744e-8000-000000abcdef", "kind": "access", "kinds": None},
        "position": 29799,
        "files": [{"kind": "surat_desa", "file": "01a2237b-dfde-744e-8000-000000fedcba"}],
        "processed_by": [{**row, **times}],
    }
    text = told(document, [], Words(here.zone, {}))
    assert "sampai posisi 29.799." in text
    assert "nomor …abcdef." in text
    assert "Surat keterangan desa/kelurahan, berkas …fedcba." in text
    assert "Ibu Siti: 1.250 catatan, 18 Agustus 2026 sampai 21 Agustus 2026." in text

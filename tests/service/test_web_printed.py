"""Sheets to print: they tell what their page tells whoever looks, of which state, and by what it is found again."""

import base64
import re
from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any

from domain.case import Case
from service.log.ids import new_id
from service.office import Office
from service.web import printed
from tests.service.offices import VILLAGE, Asking, application
from tests.service.qr_reader import read
from tests.service.test_api_cases import DAY, SECRET, assessed, goal, opened
from tests.service.test_api_referrals import sent as sent_referral
from tests.service.test_api_wksbm import DAY as DAY_OF_BODIES
from tests.service.test_api_wksbm import MEMBERS, MINUTES, SK, begun, formed
from tests.service.test_log_proofs import seal
from tests.service.test_readings import entries
from tests.service.test_receipts_alone import modules
from tests.service.test_review_past import tightened
from tests.service.test_web_cases import links, shown

Client = Callable[[str], Asking]


def carried(office: Office, worker: Asking, supervisor: Asking) -> str:
    """A case with something of everything in it, ended."""
    case = assessed(office, worker)
    at, own, visit, plan_goal = f"/api/v1/cases/{case}", {"on": DAY}, new_id(), goal(worker.account)
    other = goal(worker.account, title="Punya KTP")
    worker.done(f"{at}/plans", {"goals": [plan_goal, other], **own})
    supervisor.done(f"{at}/assessment-approval", own)
    supervisor.done(f"{at}/plans/1/approval", own)
    service = {"kind": "L07", "quantity": 1, "unit": "kali", "provider": "Dinas Sosial", "goal": plan_goal["id"]}
    worker.done(f"{at}/services", {**service, **own})
    worker.done(f"{at}/visits", {"visit": visit, "planned_for": "2026-03-09", "note": "Bawa formulir", **own})
    worker.done(f"{at}/visits/{visit}/completion", {"met": True, "minutes": 40, **own})
    worker.done(f"{at}/reviews", {"progress": "membaik", "goals_reached": [plan_goal["id"]], **own})
    referral = sent_referral(worker, case)
    worker.done(f"/api/v1/referrals/{referral}/rejection", {"channel": "telepon", "reason": "penuh"})
    worker.done(f"{at}/closure", {"reason": "tujuan_tercapai", "outcome": "tercapai", **own})
    supervisor.done(f"{at}/closure-approval", own)
    return case


def test_a_summary_tells_a_case_from_its_reason_to_its_end(office: Office, client: Client) -> None:
    worker, supervisor = client("tksk"), client("supervisor")
    case = carried(office, worker, supervisor)
    assert f"/kasus/{case}/ringkasan" in links(worker, f"/kasus/{case}")
    sheet = shown(worker, f"/kasus/{case}/ringkasan")
    for fact in (
        *("Warga Uji", "Ringkasan kasus", SECRET, "Asesmen: 2 Mar 2026", "Tinggi · nilai 75"),
        *("Rencana 1: Disetujui.", "Makan tiga kali", "tercapai 2 Mar 2026", "Punya KTP", "belum tercapai"),
        *("Layanan dan bantuan", "2 Mar 2026: Bawa formulir, terlaksana", "Puskesmas, ditolak", "Pemantauan"),
        *("Berakhir 2 Maret 2026: Tujuan tercapai", "Dinas Sosial"),
    ):
        assert fact in sheet


def test_a_summary_says_which_state_it_tells_who_printed_it_and_how_to_find_it_again(
    office: Office, client: Client, tmp_path: Path
) -> None:
    worker = client("tksk")
    case = opened(office, worker)
    position = office.reader.head()[0]
    foot = shown(worker, f"/kasus/{case}/ringkasan")
    assert f"posisi {position}." in foot
    assert re.search(r"Keadaan per \d+ \w+ 20\d\d, \d\d\.\d\d WITA, posisi", foot)
    assert re.search(r"Dicetak \d+ \w+ 20\d\d, \d\d\.\d\d WITA oleh tksk, tksk\.", foot)
    assert "Belum ada titik periksa" in foot
    sealed = seal(office, tmp_path)
    foot = shown(worker, f"/kasus/{case}/ringkasan")
    [listed] = worker.get("/api/v1/log/checkpoints").get_json()["checkpoints"]
    assert f"Titik periksa terakhir: {sealed.size} catatan, akar {listed['root'][:16]}…." in foot
    assert "berikutnya akan mencakup" not in foot
    worker.done(f"/api/v1/cases/{case}/closure", {"reason": "menolak", "outcome": "sebagian"})
    foot = shown(worker, f"/kasus/{case}/ringkasan")
    assert "Titik periksa berikutnya akan mencakup posisi lembar ini." in foot
    again = re.search(r"Dibuka lagi di http://[^/]+(/kasus/\S+)", foot)
    assert again
    assert f"posisi={position + 1}" in again[1]
    assert "Menolak" in shown(worker, again[1])


def test_a_summary_of_a_past_day_knows_nothing_later(office: Office, client: Client) -> None:
    worker = client("tksk")
    case = opened(office, worker)
    position = office.reader.head()[0]
    worker.done(f"/api/v1/cases/{case}/closure", {"reason": "menolak", "outcome": "sebagian"})
    then = shown(worker, f"/kasus/{case}/ringkasan?posisi={position}")
    assert f"posisi {position}." in then
    assert "Menolak" not in then
    assert "Menolak" in shown(worker, f"/kasus/{case}/ringkasan")
    assert f"/kasus/{case}/ringkasan?posisi={position}" in links(worker, f"/kasus/{case}?posisi={position}")


def test_a_summary_opens_to_nobody_more_than_the_page_of_the_case(office: Office, client: Client) -> None:
    worker = client("peksos")
    case = opened(office, worker)
    sheet = shown(client("auditor"), f"/kasus/{case}/ringkasan")
    assert SECRET not in sheet
    assert "Warga Uji" not in sheet
    assert "tidak dibuka untuk peran Anda" in sheet
    assert client("kades").get(f"/kasus/{case}/ringkasan").status_code == 403
    assert Asking(office, "tksk", ("75.01.03",)).get(f"/kasus/{case}/ringkasan").status_code == 404
    tightened(office, office.log.load(Case, case).beneficiary)
    for who in (client("psm"), client("tksk"), Asking(office, "supervisor", clearances=())):
        page, sheet = who.get(f"/kasus/{case}"), who.get(f"/kasus/{case}/ringkasan")
        assert sheet.status_code == page.status_code
        for told in (SECRET, "Warga Uji"):
            assert told not in sheet.get_data(as_text=True)
    assert SECRET in shown(worker, f"/kasus/{case}/ringkasan")


def test_printing_what_is_protected_is_a_reading_like_that_of_the_page(office: Office, client: Client) -> None:
    worker = client("peksos")
    case = opened(office, worker, tier=3)
    before = len(entries(office))
    shown(worker, f"/kasus/{case}")
    shown(worker, f"/kasus/{case}/ringkasan")
    page, sheet = entries(office)[before:]
    assert (sheet.by, sheet.subjects) == (worker.account, page.subjects)
    assert sheet.resource == "GET /kasus/<id>/ringkasan"
    assert set(sheet.opened) == set(page.opened)


def test_a_long_case_stays_short_on_paper(office: Office, client: Client) -> None:
    worker = client("tksk")
    case = assessed(office, worker)
    for number in range(9):
        visit = {"visit": new_id(), "planned_for": f"2026-03-{10 + number}", "note": f"Kunjungan ke-{number}."}
        worker.done(f"/api/v1/cases/{case}/visits", {**visit, "on": DAY})
    sheet = unescape(worker.get(f"/kasus/{case}/ringkasan").get_data(as_text=True))
    assert [f"Kunjungan ke-{number}." in sheet for number in range(9)] == [False] * 3 + [True] * 6
    assert "3 yang lebih dahulu ada di halaman kasus." in sheet


def scanned(html: str) -> str:
    """What the QR code on a sheet says."""
    [drawing] = re.findall(r'src="data:image/svg\+xml;base64,([^"]+)"', html)
    return read(modules(base64.b64decode(drawing).decode())).decode()


def board_of(who: Asking, body: str) -> dict[str, Any]:
    appointed = {"members": MEMBERS, "term_from": DAY_OF_BODIES, "on": DAY_OF_BODIES}
    return dict(who.done(f"/api/v1/wksbm/{body}/board", appointed))


def test_a_decree_is_drafted_from_the_board_and_leaves_blank_what_the_village_decides(
    office: Office, client: Client
) -> None:
    who = client("supervisor")
    body = formed(who)
    done = board_of(who, body)
    assert f"/wksbm/{body}/sk" in links(who, f"/wksbm/{body}")
    assert f"/wksbm/{body}/sk" in links(who, f"/desa/{VILLAGE}")
    assert f"/wksbm/{body}/sk" in links(who, f"/catat/wksbm.ratify?stream={body}")
    sheet = shown(client("kades"), f"/wksbm/{body}/sk")
    for fact in (
        *("Keputusan Kepala Desa Bulila", "Kecamatan Telaga", "WKSBM Huyula, masa bakti 2019–2024", "Menimbang:"),
        *("hasil musyawarah tanggal 1 Agustus 2019", "Ketua Yusuf Abdullah", "Sekretaris Ramla Ishak"),
        *("sejak 1 Agustus 2019 sampai 31 Juli 2024", "Rancangan, belum berlaku", "Ditetapkan di Bulila"),
    ):
        assert fact in sheet
    html = client("kades").get(f"/wksbm/{body}/sk").get_data(as_text=True)
    assert scanned(html) == done["receipt"], "whoever prints it"
    signed = who.done(f"/api/v1/wksbm/{body}/ratification", SK)
    html = who.get(f"/wksbm/{body}/sk").get_data(as_text=True)
    for fact in ("Nomor: 141/12/2019", "pada tanggal 1 Agustus 2019", "Hasan Pakaya", "Menurut catatan"):
        assert fact in shown(who, f"/wksbm/{body}/sk")
    assert scanned(html) == signed["receipt"]


def test_without_a_board_the_draft_has_its_usual_posts_and_the_latest_checkpoint(
    office: Office, client: Client, tmp_path: Path
) -> None:
    who = client("supervisor")
    body = begun(who)
    page = who.get(f"/wksbm/{body}/sk").get_data(as_text=True)
    assert "data:image" not in page, "nothing is signed yet"
    seal(office, tmp_path)
    page = who.get(f"/wksbm/{body}/sk").get_data(as_text=True)
    assert scanned(page) == who.get("/api/v1/log/checkpoint").get_data(as_text=True)
    sheet = shown(who, f"/wksbm/{body}/sk")
    for fact in ("Ketua", "Sekretaris", "Bendahara", "Kode ini titik periksa"):
        assert fact in sheet


def test_minutes_are_printed_of_what_was_recorded_and_blank_before(office: Office, client: Client) -> None:
    who = client("supervisor")
    body = begun(who)
    at = f"/wksbm/{body}/berita-acara"
    assert at in links(who, f"/wksbm/{body}")
    assert f"{at}?catatan=0" in links(who, f"/catat/wksbm.hold_deliberation?stream={body}")
    assert "dihadiri oleh orang" in shown(who, at)
    told = {"attendance": 40, "minutes": MINUTES, "on": DAY_OF_BODIES}
    done = who.done(f"/api/v1/wksbm/{body}/deliberations", told)
    assert f"{at}?catatan=2" in links(who, f"/wksbm/{body}")
    assert at in links(who, f"/catat/wksbm.form?stream={body}")
    sheet = shown(who, at)
    for fact in ("Kamis, 1 Agustus 2019", "dihadiri oleh 40 orang", MINUTES, "Mengetahui, Kepala Desa Bulila"):
        assert fact in sheet
    assert scanned(who.get(f"{at}?catatan=2").get_data(as_text=True)) == done["receipt"]
    assert MINUTES not in shown(client("kepala_dinas"), at), "who may not record about it"
    assert MINUTES not in shown(who, f"{at}?catatan=0"), "to take along to the next one"
    for wrong in ("1", "3", "x"):
        assert who.get(f"{at}?catatan={wrong}").status_code == 404
    assert Asking(office, "tksk", ("75.01.03",)).get(at).status_code == 404


def test_a_paper_of_the_village_is_indonesian_in_every_language(office: Office, client: Client) -> None:
    who = client("supervisor")
    body = formed(who)
    board_of(who, body)
    who.client.set_cookie("wahana-bahasa", "en")
    for path, words in (("sk", "Masa bakti pengurus"), ("berita-acara", "Kamis, 1 Agustus 2019")):
        html = who.get(f"/wksbm/{body}/{path}").get_data(as_text=True)
        article = unescape(html.partition("<article")[2].partition("</article>")[0])
        assert words in article
        assert "Keadaan per" in article
        assert "Back to the WKSBM" in html


def test_a_receipt_that_does_not_fit_into_a_code_leaves_the_checkpoint(
    office: Office, client: Client, tmp_path: Path
) -> None:
    who = client("supervisor")
    begun_at_once = [{"id": new_id(), "village": VILLAGE, "name": f"WKSBM {number}"} for number in range(60)]
    day = {"wksbm": [], "initiations": begun_at_once, "on": DAY_OF_BODIES}
    done = who.done("/api/v1/socializations", day)
    seal(office, tmp_path)
    foot = {"checkpoint": {"size": 1}}
    with application(office).test_request_context():
        said = printed.proof(foot, done["receipt"])
    assert said["says"] == "checkpoint"

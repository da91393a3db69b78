"""The pages about referrals: the board, one referral, its letter, and the answer of whoever holds the letter."""

import base64
import re
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from domain.beneficiary import Beneficiary
from domain.case import Case
from domain.referral import Referral
from domain.refusals import NotFound
from service.api import letter_links
from service.api.commands import COMMANDS, Denied, execute
from service.log.ids import new_id
from service.office import Office
from tests.service.offices import Asking, Clock, application, make_office, person
from tests.service.test_api_cases import DAY, opened, opening
from tests.service.test_api_consents import agreed, withdrawn
from tests.service.test_api_referrals import sent
from tests.service.test_review_past import tightened
from tests.service.test_web_cases import links, shown, text
from tests.service.web_office import page

Client = Callable[[str], Asking]
NAME = "Ibu Rosdiana, kepala puskesmas"


@pytest.fixture
def stranger(office: Office) -> FlaskClient:
    """Somebody without an account, such as whoever opens the mail of a destination."""
    return application(office).test_client()


def letter_of(worker: Asking, referral: str) -> str:
    """The path of the answer page that the letter leads to."""
    page = worker.get(f"/rujukan/{referral}/surat")
    assert page.status_code == 200, page.get_data(as_text=True)
    found = re.search(r'href="http://[^/"]+(/jawab/[^"]+)"', page.get_data(as_text=True))
    assert found, "the letter holds no link"
    assert "data:image/svg+xml" in page.get_data(as_text=True)
    return found[1]


def said(stranger: FlaskClient, path: str, word: str, key: str = "", **more: Any) -> TestResponse:
    return stranger.post(path, data={"jawaban": word, "kunci": key or new_id(), "informant": NAME, **more})


def referred(office: Office, client: Client, **more: Any) -> tuple[Asking, str, str]:
    worker = client("tksk")
    case = opened(office, worker)
    referral = sent(worker, case, letter_number="460/12", **more)
    return worker, case, referral


def test_the_board_has_what_waits_longest_first(office: Office, client: Client) -> None:
    worker, case, silent = referred(office, client)
    heard = sent(worker, case, destination_kind="rumah_sakit", destination="RSUD Dunda", reply_by="2999-01-01")
    worker.done(f"/api/v1/referrals/{heard}/acceptance", {"channel": "telepon"})
    found = [one for one in links(worker, "/rujukan") if re.fullmatch(r"/rujukan/[0-9a-f-]{36}", one)]
    assert found == [f"/rujukan/{silent}", f"/rujukan/{heard}"]
    page = shown(worker, "/rujukan")
    assert "Tanpa jawaban" in page
    assert "Puskesmas Limboto" in page
    assert "Menurut tujuan dan umur" in page
    only = links(worker, "/rujukan?tujuan=rumah_sakit")
    assert f"/rujukan/{heard}" in only
    assert f"/rujukan/{silent}" not in only
    assert "Tidak ada rujukan seperti itu" in shown(worker, "/rujukan?keadaan=ditolak")
    assert client("admin").get("/rujukan").status_code == 403


def test_one_referral_tells_its_steps_and_what_may_come_next(office: Office, client: Client) -> None:
    worker, _case, referral = referred(office, client)
    before = office.reader.head()[0]
    worker.done(f"/api/v1/referrals/{referral}/acceptance", {"channel": "telepon", "on": "2026-03-05"})
    page, offered = shown(worker, f"/rujukan/{referral}"), links(worker, f"/rujukan/{referral}")
    assert "3 hari sampai langkah berikutnya" in page
    assert "lewat telepon" in page
    assert any("/catat/referral.handle" in one for one in offered)
    assert not any("/catat/referral.accept" in one for one in offered)
    then = shown(worker, f"/rujukan/{referral}?posisi={before}")
    assert "Menunggu jawaban" in then
    assert "lewat telepon" not in then
    assert not any("/catat/" in one for one in links(worker, f"/rujukan/{referral}?posisi={before}"))
    assert not any("/catat/referral." in one for one in links(client("auditor"), f"/rujukan/{referral}"))
    assert Asking(office, "tksk", ("75.01.03",)).get(f"/rujukan/{referral}").status_code == 404


def test_the_destination_answers_by_the_letter_and_it_is_its_word(
    office: Office, client: Client, stranger: FlaskClient
) -> None:
    worker, case, referral = referred(office, client)
    path = letter_of(worker, referral)
    page = text(answer := stranger.get(path))
    assert "460/12" in page
    assert "460/<wbr>12" in answer.get_data(as_text=True), "on a narrow phone no year is cut"
    assert "Pemeriksaan dan pengobatan" in page
    assert "Warga Uji" not in page
    assert "Puskesmas Limboto" not in page
    key = new_id()
    assert said(stranger, path, "terima", key).status_code == 303
    head = office.reader.head()[0]
    assert said(stranger, path, "terima", key).status_code == 303, "sent twice"
    assert office.reader.head()[0] == head
    assert said(stranger, path, "terima").status_code == 409, "accepted already"
    assert office.reader.head()[0] == head
    stored = office.log.history(referral)[-1]
    assert (stored.topic, stored.by, stored.post) == (
        "referral.accepted",
        "jawaban-surat",
        "Jawaban lewat surat rujukan",
    )
    row = worker.data(f"/api/v1/referrals/{referral}")
    assert (row["state"], row["steps"][-1]["channel"]) == ("diterima", "tautan")
    assert "Jawaban lewat tautan surat" in shown(worker, f"/rujukan/{referral}")
    history = worker.data(f"/api/v1/beneficiaries/{row['beneficiary']}/history")["entries"]
    assert NAME in next(one["sentence"] for one in history if one["topic"] == "referral.accepted")
    assert said(stranger, path, "selesai", outcome="tertangani").status_code == 303
    assert worker.data(f"/api/v1/cases/{case}")["open_referrals"] == 0
    assert "tidak ada yang perlu dijawab" in text(stranger.get(path))
    assert said(stranger, path, "tolak", reason="penuh").status_code == 409


@pytest.mark.parametrize(
    ("word", "more", "state"),
    [
        ("tolak", {"reason": "penuh", "note": "Bulan depan kosong"}, "ditolak"),
        ("lengkapi", {"reason": "berkas_kurang", "missing": ["ktp_kk", "persetujuan"]}, "dikembalikan"),
        ("selesai", {"outcome": "tertangani"}, "selesai"),
    ],
)
def test_every_answer_is_the_referrals_own_command(
    office: Office, client: Client, stranger: FlaskClient, word: str, more: dict[str, Any], state: str
) -> None:
    worker, _case, referral = referred(office, client)
    path = letter_of(worker, referral)
    assert "Nama dan jabatan Anda" in text(stranger.get(f"{path}?jawaban={word}"))
    answer = said(stranger, path, word, **more)
    assert answer.status_code == 303
    assert "sudah tercatat" in text(stranger.get(answer.headers["Location"]))
    assert worker.data(f"/api/v1/referrals/{referral}")["state"] == state


def test_what_is_missing_is_told_and_what_was_typed_stays(
    office: Office, client: Client, stranger: FlaskClient
) -> None:
    worker, _case, referral = referred(office, client)
    path, head = letter_of(worker, referral), office.reader.head()[0]
    nameless = stranger.post(path, data={"jawaban": "terima", "informant": "  ", "note": "Datang pagi"})
    assert nameless.status_code == 422
    assert "Tulis nama dan jabatan Anda" in text(nameless)
    assert "Datang pagi" in nameless.get_data(as_text=True)
    wrong = said(stranger, path, "tolak", reason="")
    assert wrong.status_code == 422
    assert NAME in wrong.get_data(as_text=True)
    assert said(stranger, path, "tolak", reason="entah").status_code in (409, 422)
    assert said(stranger, path, "tarik", reason="x").status_code == 200, "no such answer is offered"
    assert office.reader.head()[0] == head


def test_a_link_answers_one_referral_and_does_nothing_else(
    office: Office, client: Client, stranger: FlaskClient
) -> None:
    worker, case, referral = referred(office, client)
    other = sent(worker, case, destination="Puskesmas Telaga")
    secret = letter_of(worker, referral).rpartition("/")[2]
    head = office.reader.head()[0]
    with application(office).test_request_context():
        link = letter_links.opened(secret)
        assert link
        assert (link.referral, link.printed_by) == (referral, worker.account)
        who = letter_links.principal_of(link)
        for route in COMMANDS.values():
            body: dict[str, Any] = {"channel": "tautan", "reason": "penuh", "outcome": "tertangani"}
            answering = "referral.answer" in route.actions
            with pytest.raises(NotFound if answering else Denied):
                execute(route, body, {"stream": other if answering else referral}, who, office, key=new_id())
    assert office.reader.head()[0] == head
    for path in ("/", f"/rujukan/{referral}", "/api/v1/referrals", f"/api/v1/referrals/{referral}"):
        asked = stranger.get(path, headers={"Authorization": f"Bearer {secret}"})
        assert asked.status_code in (303, 401), path


def test_a_forged_or_foreign_link_opens_nothing(office: Office, client: Client, stranger: FlaskClient) -> None:
    worker, _case, referral = referred(office, client)
    secret = letter_of(worker, referral).rpartition("/")[2]
    packed = bytearray(base64.urlsafe_b64decode(secret + "=" * (-len(secret) % 4)))
    head = office.reader.head()[0]
    for at in (0, 11, 12, 30, 44, 48, len(packed) - 1):
        packed[at] ^= 1
        forged = base64.urlsafe_b64encode(bytes(packed)).decode().rstrip("=")
        packed[at] ^= 1
        assert said(stranger, f"/jawab/{forged}", "terima").status_code == 404
    cursor = "A" * 84
    for wrong in ("x", secret[:-4], secret + "AAAA", cursor, "%C3%A9"):
        page = stranger.get(f"/jawab/{wrong}")
        assert page.status_code == 404
        assert "tidak berlaku" in text(page)
    assert office.reader.head()[0] == head
    assert stranger.get(f"/jawab/{secret}").status_code == 200


def test_a_withdrawn_consent_closes_the_link(office: Office, client: Client, stranger: FlaskClient) -> None:
    worker = client("tksk")
    someone = person(office)
    consent = agreed(worker, someone, recipient="Puskesmas Limboto")
    case = worker.done("/api/v1/cases", opening(someone))["id"]
    worker.done(f"/api/v1/cases/{case}/assignment", {"worker": worker.account, "on": DAY})
    referral = sent(worker, case, consent=consent)
    path = letter_of(worker, referral)
    assert stranger.get(path).status_code == 200
    link = letter_links.Link(referral, worker.account, date(2999, 1, 1))
    withdrawn(worker, someone, consent)
    head = office.reader.head()[0]
    assert stranger.get(path).status_code == 404
    assert said(stranger, path, "terima").status_code == 404
    with application(office).test_request_context(), pytest.raises(Exception, match="ditarik"):
        letter_links.answer(link, "terima", {"informant": NAME}, key=new_id())
    assert office.reader.head()[0] == head
    assert "/jawab/" not in worker.get(f"/rujukan/{referral}/surat").get_data(as_text=True)


def test_a_partner_answers_what_it_was_sent_and_loses_sight_of_her_with_the_consent(
    office: Office, client: Client
) -> None:
    worker, partner = client("tksk"), Asking(office, "mitra")
    case = opened(office, worker)
    someone = office.log.load(Case, case).beneficiary
    consent = agreed(worker, someone, recipient="Puskesmas Limboto")
    referral = sent(worker, case, consent=consent, destination_id=partner.account, letter_number="460/12")
    assert f"/rujukan/{referral}" in links(partner, "/rujukan")
    offered = links(partner, f"/rujukan/{referral}")
    assert any("/catat/referral.accept" in one for one in offered)
    assert not any("/catat/referral.withdraw" in one for one in offered)
    withdrawn(worker, someone, consent)
    page = shown(partner, f"/rujukan/{referral}")
    assert "Persetujuan ditarik" in page
    for fact in ("460/12", "Puskesmas Limboto", "Pemeriksaan"):
        assert fact not in page
    assert not any("/catat/" in one for one in links(partner, f"/rujukan/{referral}"))
    assert "Persetujuan ditarik" in shown(partner, "/rujukan")
    assert any("/catat/referral.withdraw" in one for one in links(worker, f"/rujukan/{referral}"))


def test_the_list_names_whom_each_is_about_to_those_who_ask_after_them(office: Office, client: Client) -> None:
    worker, partner = client("tksk"), Asking(office, "mitra")
    first = sent(worker, opened(office, worker), destination_id=partner.account)
    for who, named in ((worker, True), (client("supervisor"), True), (partner, False), (client("kepala_dinas"), False)):
        for address in ("/rujukan", "/rujukan?tujuan=puskesmas"):
            listed = page(who, address)
            assert f"/rujukan/{first}" in listed
            assert ("Warga Uji" in listed) is named
    said = {"channel": "telepon", "informant": "Petugas", "note": "Siap"}
    onward = {"destination_kind": "rumah_sakit", "destination": "RSUD", "need": "pemeriksaan", **said}
    worker.done(f"/api/v1/referrals/{first}/forwarding", onward)
    following = worker.data(f"/api/v1/referrals/{first}")["next_referral"]
    assert following in page(worker, f"/rujukan/{first}")
    told = page(partner, f"/rujukan/{first}")
    assert "rujukan berikutnya" in told
    assert following not in told, "it was sent to somebody else"


def test_a_partner_with_an_account_is_chosen_on_the_form_and_then_finds_the_referral(
    office: Office, client: Client
) -> None:
    worker, partner = client("tksk"), Asking(office, "mitra")
    case = opened(office, worker)
    form = f"/catat/referral.submit?stream={case}"
    assert f'<option value="{partner.account}"' in page(worker, form)
    said = {"destination_kind": "puskesmas", "destination": "Puskesmas Limboto", "need": "pemeriksaan"}
    typed = {**said, "kunci": new_id(), "destination_id": partner.account}
    headers = {"Authorization": f"Bearer {worker.token}", "Accept": "text/html"}
    assert worker.client.post(form, data=typed, headers=headers).status_code == 303
    (referral,) = [one for one in links(partner, "/rujukan") if re.fullmatch(r"/rujukan/[0-9a-f-]{36}", one)]
    assert partner.account in page(worker, f"/catat/referral.forward?stream={referral.rpartition('/')[2]}")
    hers = opened(office, client("peksos"), tier=3)
    assert partner.account not in page(client("peksos"), f"/catat/referral.submit?stream={hers}")


def test_a_restriction_of_her_processing_closes_the_link(office: Office, client: Client, stranger: FlaskClient) -> None:
    worker, _case, referral = referred(office, client)
    path, dpo = letter_of(worker, referral), Asking(office, "dpo")
    subject = office.log.load(Referral, referral).beneficiary
    body = {"subject": subject, "kind": "restriction", "asker": "yang_bersangkutan", "channel": "datang"}
    request = dpo.done("/api/v1/subject-requests", body)["id"]
    dpo.done(f"/api/v1/subject-requests/{request}/identity-confirmation", {"how": "ktp"})
    dpo.done(f"/api/v1/subject-requests/{request}/grant", {})
    head = office.reader.head()[0]
    assert stranger.get(path).status_code == 404
    assert said(stranger, path, "terima").status_code == 404
    link = letter_links.Link(referral, worker.account, date(2999, 1, 1))
    with application(office).test_request_context(), pytest.raises(Exception, match="dibatasi"):
        letter_links.answer(link, "terima", {"informant": NAME}, key=new_id())
    assert office.reader.head()[0] == head


def test_of_somebody_strictly_restricted_the_link_shows_the_number_alone(
    office: Office, client: Client, stranger: FlaskClient
) -> None:
    worker, _case, referral = referred(office, client)
    path = letter_of(worker, referral)
    tightened(office, office.log.load(Referral, referral).beneficiary)
    page = text(stranger.get(path))
    assert "460/12" in page
    for fact in ("Pemeriksaan", "Warga Uji", "Maret 2026", "Menunggu jawaban"):
        assert fact not in page
    assert said(stranger, path, "terima").status_code == 303
    assert office.log.history(referral)[-1].topic == "referral.accepted"
    assert office.log.load(Beneficiary, office.log.load(Referral, referral).beneficiary).strict


def test_only_whoever_may_record_about_a_referral_prints_the_link(office: Office, client: Client) -> None:
    worker, _case, referral = referred(office, client)
    for role in ("supervisor", "kades"):
        page = client(role).get(f"/rujukan/{referral}/surat")
        assert page.status_code == 200
        assert "/jawab/" not in page.get_data(as_text=True)
    for role in ("auditor", "kepala_dinas"):
        assert "/jawab/" not in client(role).get(f"/rujukan/{referral}/surat").get_data(as_text=True)
    before = office.reader.head()[0]
    worker.done(f"/api/v1/referrals/{referral}/withdrawal", {"channel": "internal", "reason": "Batal"})
    for query in ("", f"?posisi={before}"):
        assert "/jawab/" not in worker.get(f"/rujukan/{referral}/surat{query}").get_data(as_text=True)


@pytest.fixture
def later(tmp_path: Path) -> Iterator[tuple[Office, Clock]]:
    clock = Clock()
    made = make_office(tmp_path, now=clock)
    yield made, clock
    made.close()


def test_a_link_ends_after_thirty_days(later: tuple[Office, Clock]) -> None:
    office, clock = later
    worker = Asking(office, "tksk")
    referral = sent(worker, opened(office, worker), letter_number="460/12")
    path, stranger = letter_of(worker, referral), application(office).test_client()
    clock.wait(days=letter_links.DAYS)
    assert stranger.get(path).status_code == 200, "its last day"
    clock.wait(days=1)
    assert stranger.get(path).status_code == 404
    head = office.reader.head()[0]
    assert said(stranger, path, "terima").status_code == 404
    assert office.reader.head()[0] == head

"""Correcting by form: what the event holds stands in the fields, and only what was changed is recorded."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from io import BytesIO
from typing import Any

import pytest

from domain.aggregate import ENVELOPE, EVENTS
from domain.correction import Corrected
from projections.sentences import tell
from service.office import Office
from service.web import words
from service.web.around import fields_named
from service.web.remembered import named
from tests.service.offices import VILLAGE, Asking
from tests.service.test_api_boards import ratified
from tests.service.test_api_cases import assessed
from tests.service.test_api_incidents import DRY, INCIDENTS, flood
from tests.service.test_api_referrals import sent as sent_referral
from tests.service.web_office import page, told
from tests.service.web_pages import landed, registered, sent

Client = Callable[[str], Asking]
WHY = {"reason": "Salah ketik", "requested_by": "pencatat"}


def shown(html: str) -> dict[str, Any]:
    """What a browser would send of the form on a page, as it stands."""
    form = html[html.index("<main") : html.index("</main>")]
    found: dict[str, Any] = {}

    def put(name: str, value: str) -> None:
        found.setdefault(unescape(name), []).append(unescape(value))

    for tag in re.findall(r"<input[^>]*>", form):
        named = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        if "name" in named and named.get("type") != "file" and (named.get("type") != "checkbox" or " checked" in tag):
            put(named["name"], named.get("value", ""))
    for name, text in re.findall(r'<textarea[^>]* name="([^"]+)"[^>]*>(.*?)</textarea>', form, re.DOTALL):
        put(name, text)
    for name, options in re.findall(r'<select[^>]* name="([^"]+)"[^>]*>(.*?)</select>', form, re.DOTALL):
        for chosen in re.findall(r'<option value="([^"]*)" selected', options) or [""]:
            put(name, chosen)
    return found


def test_a_name_is_corrected_where_it_is_read(office: Office, client: Client) -> None:
    worker = client("peksos")
    she = registered(worker)
    story = page(worker, f"/warga/{she}")
    link = re.search(r'href="(/catat/record.correct[^"]*)"', story)
    assert link
    html = page(worker, landed_at(worker, unescape(link[1])))
    fields = shown(html)
    assert fields["nilai.identity.name"] == ["Siti Rachmawaty Djafar"]
    assert fields["nilai.on"] == [office.today().isoformat()]
    assert "nilai.village" not in fields, "where she lives is changed by moving"
    changed = {**fields, "nilai.identity.name": "Siti Rahmawati Djafar", "nilai.identity.nik": "", **WHY}
    story = landed(sent(worker, f"/koreksi/{she}/1", changed), worker)
    assert "dikoreksi: jati diri (disegel), atas permintaan" in story
    person = worker.data(f"/api/v1/beneficiaries/{she}")["person"]
    assert (person["name"], person.get("nik"), person["address"]) == ("Siti Rahmawati Djafar", None, "Dusun Satu")
    event = office.log.history(she)[-1]
    assert isinstance(event, Corrected)
    assert (event.fields, event.changes, event.requested_by) == (("identity",), {}, "pencatat")
    assert shown(page(worker, f"/koreksi/{she}/1"))["nilai.identity.name"] == ["Siti Rahmawati Djafar"]


def landed_at(who: Asking, link: str) -> str:
    """Where the form of a correction leads to, which has a page of its own."""
    headers = {"Authorization": f"Bearer {who.token}", "Accept": "text/html"}
    answer = who.client.get(link, headers=headers)
    assert answer.status_code == 303
    return str(answer.location)


def test_only_what_was_changed_is_recorded_and_what_was_typed_stays_when_it_is_refused(
    office: Office, client: Client
) -> None:
    supervisor = client("supervisor")
    body = {"village": VILLAGE, "kind": "arisan", "name": "Mawar", "members": 12, "on": "2026-01-05"}
    kps = supervisor.done("/api/v1/kps", body)["id"]
    fields = shown(page(supervisor, f"/koreksi/{kps}/1"))
    same = sent(supervisor, f"/koreksi/{kps}/1", {**fields, **WHY})
    assert same.status_code == 422
    assert "Belum ada isian yang diubah" in told(same.get_data(as_text=True))
    future = {**fields, "nilai.on": "2099-01-01", "nilai.members": "21", **WHY}
    refused = sent(supervisor, f"/koreksi/{kps}/1", future)
    assert refused.status_code == 422
    typed = refused.get_data(as_text=True)
    assert "Tanggal kejadian tidak boleh di masa depan" in typed
    assert shown(typed)["nilai.members"] == ["21"]
    assert shown(typed)["reason"] == ["Salah ketik"]
    done = sent(supervisor, f"/koreksi/{kps}/1", {**fields, "nilai.members": "21", "nilai.on": "2026-01-04", **WHY})
    assert done.status_code == 303
    event = office.log.history(kps)[-1]
    assert isinstance(event, Corrected)
    assert event.changes == {"on": "2026-01-04", "members": 21}
    assert event.was == {"on": "2026-01-05", "members": 12}


def test_sent_twice_it_is_recorded_once(office: Office, client: Client) -> None:
    supervisor = client("supervisor")
    kps = supervisor.done("/api/v1/kps", {"village": VILLAGE, "kind": "arisan", "name": "Mawar"})["id"]
    fields = {**shown(page(supervisor, f"/koreksi/{kps}/1")), "nilai.name": "Melati", **WHY}
    for _ in range(2):
        sent(supervisor, f"/koreksi/{kps}/1", fields)
    assert len(office.log.history(kps)) == 2


def test_who_may_not_correct_is_offered_nothing_and_refused(office: Office, client: Client) -> None:
    worker, other = client("peksos"), client("kades")
    she = registered(worker)
    assert "record.correct" not in page(other, f"/warga/{she}")
    headers = {"Authorization": f"Bearer {other.token}", "Accept": "text/html"}
    assert other.client.get(f"/koreksi/{she}/1", headers=headers).status_code == 403
    assert sent(other, f"/koreksi/{she}/1", {"nilai.on": "2020-01-01", **WHY}).status_code == 403
    assert worker.get(f"/api/v1/streams/{she}/events/9").status_code == 404
    assert client("auditor").get(f"/api/v1/streams/{she}/events/1").status_code == 403
    child = registered(worker, {"name": "Hasna", "birth_date": "2014-02-03", "sex": "P"}, reason_to_go_on="lain")
    worker.done(f"/api/v1/beneficiaries/{child}/classifications", {"type": "anak_korban_kekerasan"})
    stranger = Asking(office, "supervisor", clearances=["hiv"])
    assert stranger.get(f"/api/v1/streams/{child}/events/1").status_code in (403, 404)
    assert "Hasna" in worker.get(f"/api/v1/streams/{child}/events/1").get_data(as_text=True)


def test_every_field_of_every_event_comes_back_from_its_form_as_it_was(office: Office, client: Client) -> None:
    """What is not touched must not be changed by passing through a form, whatever kind of field it is."""
    supervisor, worker = client("supervisor"), client("peksos")
    ratified(supervisor)
    case = assessed(office, worker)
    sent_referral(worker, case)
    she = registered(worker)
    worker.done(
        f"/api/v1/beneficiaries/{she}/classifications",
        {"type": "lanjut_usia_telantar", "criteria": "Makan sekali sehari"},
    )
    disaster = flood(supervisor, villages=[VILLAGE, DRY])
    supervisor.done(f"{INCIDENTS}/{disaster}/extension", {"villages": ["75.01.03.2003"]})
    forms, fields = 0, set()
    for (stream,) in office.database.rows("SELECT DISTINCT stream FROM events ORDER BY stream"):
        for event in office.log.history(stream):
            who = next(
                (
                    one
                    for one in (supervisor, worker)
                    if one.get(f"/api/v1/streams/{stream}/events/{event.version}").status_code == 200
                ),
                None,
            )
            if who is None or event.topic.startswith(("account.", "territory.", "record.")):
                continue
            address = f"/koreksi/{stream}/{event.version}"
            answer = sent(who, address, {**shown(page(who, address)), **WHY})
            text = told(answer.get_data(as_text=True))
            assert answer.status_code == 422, (event.topic, text)
            assert "Belum ada isian yang diubah" in text, (event.topic, text)
            forms += 1
            fields |= set(type(event).__struct_fields__) - ENVELOPE
    assert forms > 10
    assert len(fields) > 30


def test_papers_go_with_the_forms_of_a_case(office: Office, client: Client) -> None:
    worker = client("peksos")
    case = assessed(office, worker)
    address = f"/kasus/{case}/isi/pembahasan"
    fields = {**shown(page(worker, address)), "attendees": "4", "minutes": "Sepakat dibantu"}
    bad = {**fields, "evidence.0.kind": "surat", "evidence.0.file": (BytesIO(b"bukan foto"), "foto.jpg", "image/jpeg")}
    refused = sent(worker, address, bad)
    assert refused.status_code == 409
    assert shown(refused.get_data(as_text=True))["minutes"] == ["Sepakat dibantu"]
    late = {**fields, "on": "2099-01-01", "evidence.0.kind": "surat"}
    late["evidence.0.file"] = (BytesIO(b"%PDF-1.4 surat"), "surat.pdf", "application/pdf")
    refused = sent(worker, address, late)
    assert refused.status_code == 422, "the day is to come"
    kept = shown(refused.get_data(as_text=True))
    assert kept["evidence.0.file"][0], "the paper is in the vault and need not be sent again"
    done = sent(worker, address, {**kept, "on": ""})
    assert done.status_code == 303, told(done.get_data(as_text=True))
    (evidence,) = office.log.history(case)[-1].evidence
    assert office.files.open(str(evidence.file))[1] == b"%PDF-1.4 surat"


def test_a_correction_names_every_field_as_the_forms_do() -> None:
    fields = {name for event in EVENTS.values() for name in event.__struct_fields__}
    assert len(fields) > 200
    for name in sorted(fields):
        for changed in ({"changes": {name: "b"}, "was": {name: "a"}}, {"fields": [name, f"identity.{name}"]}):
            sentence = tell("record.corrected", {"target": 8, "requested_by": "petugas", **changed}, None)
            said = fields_named(sentence)
            assert not re.search(r"[a-z]_[a-z]|identity\.", said), said
            assert words.inside(str(named(name))) in said
    assert fields_named("Kunjungan dari “1” menjadi “2”") == "Kunjungan dari “1” menjadi “2”"


def test_a_correction_tells_codes_in_words_and_what_people_called_themselves_as_it_is() -> None:
    said = {"channel": ("datang_langsung", "telepon"), "kind": (None, "karang_taruna"), "name": ("mawar", "melati")}
    said |= {"hamlet": ("timur", "barat"), "grounds": (["kk_sama", "desa_sama"], ["kk_sama"])}
    values = {
        "was": {name: one[0] for name, one in said.items()},
        "changes": {name: one[1] for name, one in said.items()},
    }
    sentence = fields_named(tell("record.corrected", {"target": 1, "requested_by": "petugas", **values}, None))
    for told_so in (
        "diterima lewat dari “Datang langsung” menjadi “Telepon”",
        "dari “-” menjadi “Karang Taruna”",
        "nama dari “mawar” menjadi “melati”",
        "dusun dari “timur” menjadi “barat”",
    ):
        assert told_so in sentence, sentence
    assert "alasan dari “Nomor KK sama dan Desa/kelurahan sama” menjadi “Nomor KK sama”" in sentence


@pytest.mark.parametrize(
    ("field", "was", "now"),
    [
        ("organizer", "puskesmas dan kader", "dinsos"),  # what an institution calls itself, whatever lists hold
        ("reporter", "kepolisian", "bpbd"),
        ("open_hours", "senin", "selasa"),
        ("reason", "menolak", "menolak"),
        ("anything", "zzz", "yyy"),  # in no list
    ],
)
def test_a_correction_makes_no_word_of_a_code_that_it_is_not_sure_of(field: str, was: str, now: str) -> None:
    told_so = {"target": 1, "requested_by": "petugas", "was": {field: was}, "changes": {field: now}}
    assert f"dari “{was}” menjadi “{now}”" in fields_named(tell("record.corrected", told_so, None))

"""What is personal stands in the vault's ciphertext and nowhere else: no table, file, log line or address holds it."""

from __future__ import annotations

import base64
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from service.log.ids import new_id
from tests.service.offices import VILLAGE, Asking
from tests.service.planting import NUMBER, WORD, bytes_of, forms, hits, sealed_fields, text
from tests.service.planting_field import DAY, Field, Lines
from tests.service.test_api_cases import GRAVE
from tests.service.test_api_wksbm import MEMBERS
from tests.trials.plugin import Trial

# Codes that only the strictly restricted person of this test is given: they would give her type away.
GIVEAWAYS = ("anak_korban_kekerasan", "uptd_ppa", "tempat_aman", "perlengkapan_bayi", "pindah_wilayah")


@pytest.fixture
def lines() -> Iterator[Lines]:
    handler, root = Lines(), logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield handler
    root.removeHandler(handler)
    root.setLevel(before)


@pytest.fixture
def field(tmp_path: Path, database_url: str, lines: Lines) -> Iterator[Field]:
    made = Field(tmp_path, database_url)
    yield made
    made.office.close()


def registered(field: Field, **more: Any) -> str:
    return field.do("beneficiary.register", {"village": VILLAGE, "kind": "person", "channel": "desa", **more})


def a_life(field: Field, *, strict: bool) -> None:
    """Everything that can be recorded about one person."""
    do = field.do
    person, twin = registered(field), registered(field)
    family = registered(field, kind="family", identity={"head": text(), "address": text()})
    first, second = new_id(), new_id()
    kinds = ("anak_korban_kekerasan", "anak_jalanan") if strict else ("fakir_miskin", "lanjut_usia_telantar")
    do("beneficiary.classify", {"classification": first, "type": kinds[0]}, stream=person, strict=strict)
    do("beneficiary.reclassify", {"classification": second, "type": kinds[1]}, stream=person, ends=first, strict=strict)
    if strict:
        do("beneficiary.classify", {"type": kinds[0]}, stream=person, strict=True)
    handed = {"village": VILLAGE, "urgency": "biasa", "type": kinds[0] if strict else "gelandangan"}
    do("report.submit", handed, strict=strict)
    do("beneficiary.claim_identity", {}, stream=person)
    do("beneficiary.match_identity", {"how": "layanan_data"}, stream=person)
    do("beneficiary.assess_neglect", {"neglected": True, "how": "kunjungan_rumah"}, stream=person)
    place = text() if strict else "Panti Ilomata"
    do("beneficiary.enter_institution", {"institution": place}, stream=person, strict=strict)
    do("beneficiary.leave_institution", {}, stream=person)
    do("beneficiary.move_domicile", {"village": VILLAGE}, stream=person)
    field.one.done(
        field.path("beneficiary.join_family", {"stream": person}), {"family": family, "relation": "istri", **DAY}
    )
    do("beneficiary.leave_family", {"family": family}, stream=person)
    do("beneficiary.link_as_duplicate", {"primary": person}, stream=twin)
    do("beneficiary.reverse_link", {"primary": person}, stream=twin)
    a_case(field, person, strict=strict)
    requests(field, person, strict=strict)
    do("beneficiary.end_ppks", {"reason": "pindah"}, stream=person, classification=second, strict=strict)
    do("beneficiary.move_out", {}, stream=twin)
    do("beneficiary.die", {}, stream=registered(field))
    version = field.office.log.version(person)
    said = {"target": 1, "values": {"identity": {"name": text(), "nik": f"{NUMBER}000001"}}, "requested_by": "petugas"}
    do("record.correct", said, stream=person)
    do("record.retract", {"target": version, "requested_by": "petugas"}, stream=person)


def requests(field: Field, person: str, *, strict: bool) -> None:
    """What that person asks of her data, and a restriction that is lifted again."""
    do = field.do

    def asked(kind: str) -> str:
        stream = do(
            "subject_request.open",
            {"subject": person, "kind": kind, "asker": "wali", "channel": "surat"},
            strict=strict,
        )
        do("subject_request.confirm_identity", {"how": "penetapan_wali"}, stream=stream)
        return stream

    stream = asked("withdrawal")
    do("subject_request.pause", {"reason": "keterangan_pemohon"}, stream=stream)
    do("subject_request.resume", {}, stream=stream)
    agreed = {"purpose": "dokumentasi_foto", "giver": "wali", "relation": "wali", "how": "lisan_saksi"}
    do("beneficiary.give_consent", agreed, stream=person, strict=strict)
    do("subject_request.grant", {"how": "lisan_saksi", "giver": "wali"}, stream=stream, strict=strict)
    do("subject_request.fulfil", {}, stream=stream)
    do("subject_request.close", {"outcome": "selesai"}, stream=stream)
    do("subject_request.refuse", {"ground": "masa_retensi"}, stream=asked("erasure"))
    do("beneficiary.restrict_processing", {"ground": "keberatan"}, stream=person)
    do("beneficiary.lift_restriction", {}, stream=person)


def side_by_side(field: Field, case: str) -> None:
    """Two answers about the risk, given without signal, and a third one's decision."""
    seen = field.one.data(f"/api/v1/cases/{case}")["version"]
    for who, risk, device in ((field.one, "darurat", "hp-1"), (field.other, "rendah", "hp-2")):
        answer = {"risk": risk, "source": "offline", "device": device}
        field.do("case.change_risk", answer, who=who, stream=case, seen=seen)
    field.do("case.settle_risk", {"risk": "darurat"}, who=field.third, stream=case)


def a_case(field: Field, person: str, *, strict: bool) -> None:
    """A case of that person with everything in it."""
    do, one, other = field.do, field.one, field.other
    case = do("case.open", {"beneficiary": person, "channel": "surat", "urgency": "segera"})
    do("case.assign", {"worker": one.account}, stream=case)
    do("case.request_transfer", {"worker": other.account}, stream=case)
    do("case.decline_transfer", {}, stream=case)
    do("case.transfer", {"worker": other.account}, who=other, stream=case)
    do("case.transfer", {"worker": one.account}, stream=case)
    do("case.assess", {"instrument": "umum", "details": GRAVE}, stream=case)
    do("case.return_assessment", {}, who=other, stream=case)
    do("case.assess", {"instrument": "umum", "details": GRAVE}, stream=case)
    do("case.approve_assessment", {}, who=other, stream=case)
    side_by_side(field, case)
    dated = {"owner": one.account, "due": "2026-04-01"}
    task, dropped, visit, missed = (new_id() for _ in range(4))
    do("case.hold_conference", {"attendees": 3, "decisions": [{"task": task, **dated}]}, stream=case)
    for number in ("1", "2"):
        do("case.propose_plan", {"goals": [{"id": new_id(), "kind": "L07", **dated}]}, stream=case)
        do("case.return_plan" if number == "1" else "case.approve_plan", {}, who=other, stream=case, number=number)
    whose = text() if strict else "LK3"
    aid = {"item": "perlengkapan_bayi" if strict else "sandang", "quantity": 1, "unit": "paket", "provider": whose}
    do("case.give_emergency_aid", aid, stream=case, strict=strict)
    served = {"kind": "L07", "quantity": 1, "unit": "kali", "provider": whose}
    do("case.deliver_service", served, stream=case, strict=strict)
    do("case.plan_visit", {"visit": visit, "planned_for": "2026-03-03"}, stream=case)
    do("case.record_visit", {"met": True}, stream=case, visit=visit)
    do("case.plan_visit", {"visit": missed, "planned_for": "2026-03-03"}, stream=case)
    do("case.miss_visit", {"reason": "cuaca_jalan"}, stream=case, visit=missed)
    do("case.review_progress", {"progress": "membaik"}, stream=case)
    do("case.change_task", {}, stream=case, task=task)
    do("case.finish_task", {}, stream=case, task=task)
    do("case.give_task", {"task": dropped, **dated}, stream=case)
    do("case.drop_task", {}, stream=case, task=dropped)
    consent = new_id()
    agreed = {"consent": consent, "purpose": "rujukan", "recipient_kind": "uptd_ppa" if strict else "puskesmas"}
    agreed |= {"giver": "wali", "relation": "wali", "how": "lisan_saksi"}
    if strict:
        agreed |= {"recipient": text()}
    do("beneficiary.give_consent", agreed, stream=person, strict=strict)
    referrals(field, case, consent, strict=strict)
    access = do("emergency.open", {"beneficiary": person}, who=one)
    do("emergency.review", {"justified": True}, who=other, stream=access)
    said = {"giver": "wali", "how": "lisan_saksi"}
    do("beneficiary.withdraw_consent", said, stream=person, consent=consent, strict=strict)
    ending = {"reason": "pindah_wilayah" if strict else "menolak", "outcome": "sebagian"}
    do("case.terminate", ending, stream=case, strict=strict)
    do("case.return_closure", {}, who=other, stream=case)
    do("case.terminate", ending, stream=case, strict=strict)
    do("case.approve_closure", {}, who=other, stream=case)
    do("case.visit_aftercare", {"condition": "membaik"}, stream=case)
    do("case.reopen", {}, stream=case)


def referrals(field: Field, case: str, consent: str, *, strict: bool) -> None:
    """One referral for each way it can go."""
    do = field.do
    where = text() if strict else "Puskesmas Limboto"
    kind = (
        {"destination_kind": "uptd_ppa", "need": "tempat_aman"}
        if strict
        else {"destination_kind": "puskesmas", "need": "pemeriksaan"}
    )
    sent = {**kind, "destination": where, **({"basis": "kewajiban_hukum"} if strict else {"consent": consent})}
    heard = {"channel": "telepon"}

    def submitted() -> str:
        return do("referral.submit", sent, stream=case, strict=strict)

    whole = submitted()
    do("referral.return_incomplete", {**heard, "reason": "berkas_kurang"}, stream=whole)
    do("referral.resubmit", {**heard, "reply_by": "2026-03-20"}, stream=whole)
    do("referral.accept", heard, stream=whole)
    do("referral.schedule", {**heard, "planned_for": "2026-03-10"}, stream=whole)
    do("referral.handle", heard, stream=whole)
    do("referral.complete", {**heard, "outcome": "tertangani"}, stream=whole)
    do("referral.receive_feedback", heard, stream=whole)
    do("referral.reject", {**heard, "reason": "penuh"}, stream=submitted())
    do("referral.withdraw", heard, stream=submitted())
    do("referral.note_absence", heard, stream=submitted())
    do("referral.expire", {"on": "2026-04-20"}, stream=submitted())
    onward = new_id()
    do("referral.forward", {**sent, **heard, "id": onward}, stream=submitted(), strict=strict)
    do("referral.expire", {"on": "2026-04-20"}, stream=onward)


def bodies_and_disasters(field: Field) -> None:
    """Everything else that has a personal field: WKSBM, registers, a flood, accounts."""
    do = field.do
    wksbm = str(field.one.done("/api/v1/wksbm", {"village": VILLAGE, "name": "WKSBM Huyula", **DAY})["id"])
    do("wksbm.hold_socialization", {"attendance": 20}, stream=wksbm)
    do("wksbm.hold_deliberation", {"attendance": 20}, stream=wksbm)
    field.one.done(f"/api/v1/wksbm/{wksbm}/formation", DAY)
    field.one.done(f"/api/v1/wksbm/{wksbm}/board", {"members": MEMBERS, "term_from": "2026-03-01", **DAY})
    do("wksbm.provide_facility", {"kind": "papan_nama", "quantity": 1, "origin": "donasi"}, stream=wksbm)
    do("wksbm.conduct_coaching", {"kind": "pelatihan"}, stream=wksbm)
    do("wksbm.report_activity", {"kind": "kedukaan"}, stream=wksbm)
    do("wksbm.raise_funds", {"amount": 1, "origin": "iuran"}, stream=wksbm)
    do("wksbm.distribute_funds", {"amount": 1, "purpose": "pangan", "beneficiaries": 1}, stream=wksbm)
    do("wksbm.assess", {"level": "tumbuh"}, stream=wksbm)
    do("wksbm.hold_socialization_day", {"wksbm": [wksbm]})
    do("wksbm.conduct_coaching_day", {"wksbm": [wksbm], "kind": "pelatihan"})
    do("wksbm.find_dormant", {"signals": ["tanpa_kegiatan"]}, stream=wksbm)
    do("wksbm.reactivate", {}, stream=wksbm)
    decision = {"kind": "berita_acara", "number": "3/2026", "dated": "2026-03-01"}
    do("wksbm.dissolve", {"reason": "musyawarah", "evidence": [decision]}, stream=wksbm)
    kps = do("kps.register", {"village": VILLAGE, "kind": "arisan", "name": "Arisan Melati"})
    do("kps.end", {}, stream=kps)
    psks = do("psks.register", {"kind": "psm", "name": "PSM Bulila", "village": VILLAGE})
    do("psks.end", {"reason": "tidak_aktif"}, stream=psks)
    flood = {"kind": "banjir", "name": "Banjir Limboto", "struck_on": "2026-03-01", "villages": [VILLAGE]}
    incident = do("incident.declare", flood)
    victim = {"victim": new_id(), "village": VILLAGE, "conditions": ["mengungsi"]}
    do("incident.record_victims", {"victims": [victim]}, stream=incident)
    relief = {"kind": "E1", "goods": "beras", "quantity": 1, "unit": "kg", "recipients": [victim["victim"]]}
    do("incident.deliver_relief", relief, stream=incident)
    do("incident.verify_victim", {"victim": victim["victim"], "outcome": "benar"}, stream=incident)
    said = {"figure": "mengungsi", "number": 2, "reporter": "BPBD", **DAY}
    field.one.done(f"/api/v1/incidents/{incident}/figures", said)
    do("incident.reconcile_figure", {"figure": "mengungsi", "number": 1}, stream=incident)
    do("incident.close", {}, stream=incident)
    a_destruction(field)
    clerk, grant = new_id(), new_id()
    field.one.done("/api/v1/accounts", {"id": clerk, "login": "petugas-uji", "name": "Petugas Uji", **DAY})
    role = {"grant": grant, "role": "auditor", "title": "Auditor", **DAY}
    field.one.done(f"/api/v1/accounts/{clerk}/grants", role)
    do("account.revoke_role", {"grant": grant}, stream=clerk)
    clearance, paper = new_id(), {"kind": "surat_tugas", "number": "7/2026", "dated": "2026-03-01"}
    cleared = {"clearance": clearance, "compartment": "hiv", "evidence": [paper], **DAY}
    field.one.done(f"/api/v1/accounts/{clerk}/clearances", cleared)
    do("account.revoke_clearance", {"clearance": clearance}, stream=clerk)
    do("account.close", {}, stream=clerk)


def a_destruction(field: Field) -> None:
    """A schedule, a hold that ends, and destructions proposed, approved and refused of somebody registered long ago."""
    do, letter = field.do, {"evidence": [{"kind": "surat", "number": "1/2019"}]}
    setting = {"code": "463.1", "label": "Berkas", "kinds": ["person"], "trigger": "catatan_terakhir", "years": 5}
    do("retention.set_class", {**setting, "fate": "musnah", "basis": "JRA 2019"})
    long_ago = {"village": VILLAGE, "kind": "person", "channel": "desa", "on": "2015-01-05"}
    person, hold, kept = new_id(), new_id(), new_id()
    paper = [{"kind": "ktp", "file": uploaded(field.one, person)}]
    do("beneficiary.register", {"id": person, **long_ago, "evidence": paper})
    do("beneficiary.place_hold", {"hold": hold, **letter}, stream=person)
    do("beneficiary.lift_hold", letter, stream=person, hold=hold)
    do("beneficiary.hold_document", {"hold": kept, "document": paper[0]["file"], **letter}, stream=person)
    do("beneficiary.release_document", letter, stream=person, hold=kept)
    for approved in (True, False):
        stream = do("destruction.propose", {"subjects": [person]})
        if approved:
            do("destruction.approve", {}, who=field.other, stream=stream)
        do("destruction.refuse", {}, who=field.other, stream=stream)


def uploaded(one: Asking, subject: str) -> str:
    """The id of a paper about somebody, which is full of canaries, its name too."""
    kept = one.client.post(
        f"/api/v1/files?subject={subject}",
        data=text().encode() * 50,
        content_type="text/plain",
        headers={"Authorization": f"Bearer {one.token}", "File-Name": f"KTP {WORD}.txt"},
    )
    assert kept.status_code == 201
    return str(kept.get_json()["id"])


def looked_at(field: Field) -> int:
    """Read every list and page, search by name and NIK, upload a paper, and count what opened to the reader."""
    one, opened = field.one, 0
    for asked in ({"name": f"Ibu {WORD}"}, {"nik": f"{NUMBER}000001"}):
        answer = one.post("/api/v1/people/search", asked)
        assert answer.status_code == 200
        opened += answer.get_data(as_text=True).count(WORD)
    kept = uploaded(one, one.data("/api/v1/beneficiaries")[0]["id"])
    assert WORD in one.get(f"/api/v1/files/{kept}").get_data(as_text=True)
    for person in one.data("/api/v1/beneficiaries"):
        opened += one.get(f"/api/v1/beneficiaries/{person['id']}/history").get_data(as_text=True).count(WORD)
    for case in one.data("/api/v1/cases"):
        opened += one.get(f"/api/v1/cases/{case['id']}").get_data(as_text=True).count(WORD)
    assert one.post("/api/v1/sessions", {"login": "tak-ada", "password": text()}).status_code == 401
    return opened


@pytest.mark.trial
def test_canaries_in_every_personal_field_are_found_nowhere_in_the_open(
    field: Field, lines: Lines, trial: Trial
) -> None:
    a_life(field, strict=False)
    bodies_and_disasters(field)
    assert sealed_fields() - field.planted == set(), "a personal field was never planted"
    opened, size = looked_at(field), sum(map(len, bytes_of(field.folder, field.url).values()))
    trial.count(personal_fields=len(field.planted), canaries_read_by_whoever_may=opened, bytes_searched=size)
    assert opened > 50, "the canaries can be read by whoever may"
    assert size > 100_000
    assert field.scan() == {}
    assert lines.text.count(b"\n") > 100
    assert hits(lines.text) == []
    assert hits(field.addresses) == []


def test_what_gives_a_strictly_restricted_person_away_is_sealed_too(field: Field, lines: Lines) -> None:
    a_life(field, strict=True)
    strict = {(command, name) for command, name in field.planted if (command, name) not in sealed_fields()}
    assert strict >= {
        ("beneficiary.enter_institution", "institution"),
        ("case.give_emergency_aid", "provider"),
        ("case.deliver_service", "provider"),
        ("referral.submit", "destination"),
        ("referral.forward", "destination"),
    }
    assert field.scan() == {}
    assert hits(lines.text) == []
    for name, data in bytes_of(field.folder, field.url).items():
        for word in GIVEAWAYS:
            assert hits(data, (word,)) == [], f"{word} in {name}"
            assert word.encode() not in lines.text


def test_the_scan_finds_what_is_planted_in_the_open(field: Field, lines: Lines) -> None:
    assert field.scan() == {}
    field.one.done("/api/v1/kps", {"village": VILLAGE, "kind": "arisan", "name": f"Arisan {WORD}", **DAY})
    field.one.data("/api/v1/kps")
    found = field.scan()
    log = "public.events" if field.url.startswith("postgresql") else "wahana.db"
    assert any(name.startswith(log) for name in found), found
    assert len(found) >= 2, "the log and the views"
    logging.getLogger("wahana.uji").warning("Ibu %s", WORD)
    assert hits(lines.text)


@pytest.mark.parametrize("form", sorted(forms(WORD)))
def test_the_scan_knows_every_form(tmp_path: Path, form: str) -> None:
    for shift in range(3):
        around = b"x" * shift + WORD.encode() + b"y" * (2 - shift)
        written = {
            "UTF-8": around,
            "UTF-16": around.decode().encode("utf-16-le"),
            "JSON": around,
            "hex": around.hex().encode(),
            "HEX": around.hex().upper().encode(),
        }.get(form, base64.b64encode(around))
        (tmp_path / f"{shift}").write_bytes(b"\x01\x02" + written + b"\xff")
    found = {told.partition(":")[0] for name in bytes_of(tmp_path, "") for told in hits((tmp_path / name).read_bytes())}
    assert form in found
    assert hits(b"Zqxkanari " + base64.b64encode(b"Ibu Rahma") + b"0812") == []

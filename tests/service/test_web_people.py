"""The pages about people: what each role finds on them, the past, emergencies, registering, and the types in words."""

from collections.abc import Callable
from html import unescape
from io import BytesIO
from typing import Any

from werkzeug.test import TestResponse

from service.log.ids import new_id
from service.office import Office
from tests.service.offices import VILLAGE, Asking

PEOPLE = "/api/v1/beneficiaries"
NIK = "7501994703600003"
SITI = {"name": "Siti Rachmawaty Djafar", "nik": NIK, "birth_date": "1960-03-07", "sex": "P", "address": "Dusun Satu"}
CHILD = {"name": "Hasna Lamusu", "birth_date": "2014-02-03", "sex": "P"}
Client = Callable[[str], Asking]


def registered(asking: Asking, identity: dict[str, Any] = SITI, **more: Any) -> str:
    body = {"village": VILLAGE, "kind": "person", "channel": "desa", "identity": identity, **more}
    return str(asking.done(PEOPLE, body)["id"])


def strict(office: Office) -> str:
    theirs = Asking(office, "peksos")
    child = registered(theirs, CHILD)
    theirs.done(f"{PEOPLE}/{child}/classifications", {"type": "anak_korban_kekerasan"})
    return child


def text(answer: TestResponse, status: int = 200) -> str:
    found = unescape(answer.get_data(as_text=True))
    assert answer.status_code == status, found
    return " ".join(found.split())


def page(asking: Asking, path: str, status: int = 200, **query: Any) -> str:
    return text(asking.get(path, **query), status)


def sent(asking: Asking, path: str, data: dict[str, Any]) -> TestResponse:
    return asking.client.post(path, data=data, headers={"Authorization": f"Bearer {asking.token}"})


def landed(answer: TestResponse, asking: Asking) -> str:
    assert answer.status_code == 303, answer.get_data(as_text=True)
    return text(asking.client.get(answer.location, headers={"Authorization": f"Bearer {asking.token}"}))


def test_the_list_names_people_in_full_or_by_initials(client: Client) -> None:
    person = registered(client("psm"))
    full = page(client("psm"), "/warga")
    assert "Siti Rachmawaty Djafar" in full
    assert "7 Maret 1960" in full
    assert f"/warga/{person}" in full
    masked = page(client("pengurus_wksbm"), "/warga")
    assert "S. R. D." in masked
    assert "1960" in masked
    assert "Siti" not in masked
    assert "7 Maret" not in masked


def test_the_list_goes_on_from_page_to_page_and_is_filtered(client: Client) -> None:
    psm = client("psm")
    for number in range(51):
        registered(
            psm, {"name": f"Warga {'ABCDEFGHIJ'[number // 10]}{'ABCDEFGHIJ'[number % 10]}"}, reason_to_go_on="lain"
        )
    registered(psm, {"head": "Keluarga Daud"}, kind="family", reason_to_go_on="lain")
    first = page(psm, "/warga")
    onward = first.split('href="/warga?lanjut=')[1].split('"')[0]
    second = page(psm, "/warga", lanjut=onward)
    assert first.count('<th scope="row"><a') == 50
    assert second.count('<th scope="row"><a') == 2
    families = page(psm, "/warga", satuan="family")
    assert "Keluarga Daud" in families
    assert "Warga AA" not in families


def test_a_search_is_posted_and_keeps_what_was_typed(client: Client) -> None:
    registered(client("psm"))
    registered(client("psm"), {"name": "Rustam Niode"})
    found = text(sent(client("psm"), "/warga", {"name": "Sitti Rahmawati Jafar"}))
    assert "Siti Rachmawaty Djafar" in found
    assert "Rustam" not in found
    assert 'value="Sitti Rahmawati Jafar"' in found
    empty = text(sent(client("psm"), "/warga", {"birth_year": "1960"}), 422)
    assert "tahun lahir bersama desa" in empty
    assert 'value="1960"' in empty
    assert "Tidak ditemukan" in text(sent(client("psm"), "/warga", {"name": "Zulkarnain"}))


def test_who_reads_of_nobody_has_no_list(client: Client) -> None:
    assert "Bukan untuk peran Anda" in page(client("admin"), "/warga", 403)


def test_a_person_is_shown_with_all_that_is_known(client: Client) -> None:
    peksos = client("peksos")
    person = registered(peksos)
    peksos.done(f"{PEOPLE}/{person}/neglect-assessments", {"neglected": True, "how": "kunjungan_rumah"})
    kind = new_id()
    typing = {"type": "lanjut_usia_telantar", "classification": kind}
    peksos.done(f"{PEOPLE}/{person}/classifications", typing)
    need = {"classification": kind, "spm_service": "c", "services": ["L03"], "year": 2026}
    peksos.done(f"{PEOPLE}/{person}/needs", need)
    consent = new_id()
    agreed = {"how": "cap_jempol", "giver": "yang_bersangkutan", "purpose": "layanan", "consent": consent}
    peksos.done(f"{PEOPLE}/{person}/consents", agreed)
    case = {"beneficiary": person, "channel": "telepon", "urgency": "biasa"}
    peksos.done("/api/v1/cases", case)
    shown = page(peksos, f"/warga/{person}")
    for words in (NIK, "7 Maret 1960", "Perempuan", "Dusun Satu", "Lanjut usia telantar", "Permakanan", "2026:"):
        assert words in shown, words
    for words in ("Kasus sejak", "telantar,", "Pelayanan dan pendampingan", "Cap jempol", "Tarik persetujuan"):
        assert words in shown, words
    peksos.done(f"{PEOPLE}/{person}/consents/{consent}/withdrawal", {"how": "cap_jempol", "giver": "yang_bersangkutan"})
    shown = page(peksos, f"/warga/{person}")
    assert ">ditarik " in shown
    assert "/catat/beneficiary.withdraw_consent" not in shown
    masked = page(client("auditor"), f"/warga/{person}")
    assert "S. R. D." in masked
    assert NIK not in masked
    assert "Rachmawaty" not in masked
    assert "Dusun Satu" not in masked
    assert "/catat/" not in masked


def test_the_story_tells_when_it_happened_and_when_it_was_recorded(client: Client) -> None:
    psm = client("psm")
    person = registered(psm, on="2026-01-05")
    psm.done(f"{PEOPLE}/{person}/domicile-moves", {"village": VILLAGE, "hamlet": "Huyula", "on": "2026-02-01"})
    shown = page(psm, f"/warga/{person}")
    assert "5 Januari 2026" in shown
    assert "1 Februari 2026" in shown
    assert "Dicatat" in shown
    assert "oleh psm" in shown
    retracted = {"target": 2, "reason": "Salah orang", "requested_by": "petugas"}
    psm.done(f"/api/v1/streams/{person}/retractions", retracted)
    assert "<s>" in page(psm, f"/warga/{person}")


def test_the_past_shows_what_was_known_and_offers_no_action(client: Client) -> None:
    psm = client("psm")
    person = registered(psm)
    position = psm.get(f"{PEOPLE}/{person}").get_json()["position"]
    psm.done(f"{PEOPLE}/{person}/death", {})
    assert "Meninggal" in page(psm, f"/warga/{person}")
    then = page(psm, f"/warga/{person}", posisi=position)
    assert "Meninggal" not in then
    assert "/catat/" not in then
    assert f"/warga?posisi={position}" in then
    page(psm, f"/warga/{person}", 404, per="2020-01-01")


def test_a_family_is_shown_with_its_members(client: Client) -> None:
    psm = client("psm")
    person, family = registered(psm), registered(psm, {"head": "Ismail Djafar"}, kind="family")
    choosing = page(psm, "/warga", untuk="keluarga", dari=person, satuan="family")
    link = next(
        part.split('"')[0] for part in choosing.split('href="') if part.startswith("/catat/beneficiary.join_family")
    )
    assert f"stream={person}" in link
    assert f"family={family}" in link
    form = text(psm.client.get(link, headers={"Authorization": f"Bearer {psm.token}"}))
    assert f'<input type="hidden" name="family" value="{family}">' in form
    assert "<strong>Siti Rachmawaty Djafar</strong>" in form
    assert "Keluarga: <strong>Ismail Djafar</strong>" in form
    typed = {"kunci": new_id(), "family": family, "relation": "istri", "kembali": f"/warga/{person}"}
    landed_on = landed(sent(psm, link, typed), psm)
    assert "Ismail Djafar" in landed_on
    assert "Istri" in landed_on
    assert "Keluar dari keluarga" in landed_on
    assert "Siti Rachmawaty Djafar" in page(psm, f"/warga/{family}")


def test_registering_leads_to_the_person_and_shows_who_is_alike_first(client: Client) -> None:
    psm = client("psm")
    form = page(psm, "/catat/beneficiary.register", kind="person", village=VILLAGE)
    assert "reason_to_go_on" not in form
    assert f'<option value="{VILLAGE}" selected' in form
    typed = {"village": VILLAGE, "kind": "person", "channel": "relawan", "identity.name": SITI["name"]}
    typed |= {"identity.nik": NIK, "identity.birth_date": "1960-03-07"}
    first = landed(sent(psm, "/catat/beneficiary.register", {**typed, "kunci": new_id()}), psm)
    assert "<h1>Siti Rachmawaty Djafar</h1>" in first
    assert "Tercatat." in first
    again = {**typed, "kunci": new_id(), "identity.name": "Sitti Rahmawati Jafar", "identity.birth_date": "1961-03-07"}
    refused = text(sent(psm, "/catat/beneficiary.register", again), 409)
    assert "Yang Anda ketik" in refused
    assert 'name="reason_to_go_on"' in refused
    assert "Siti Rachmawaty Djafar</a>" in refused
    assert "7 Maret 1961" in refused
    assert "7 Maret 1960" in refused
    assert "NIK sama" in refused
    assert 'value="Sitti Rahmawati Jafar"' in refused
    assert refused.count(">sama</span>") == 1
    assert refused.count(">beda</span>") == 2
    landed(sent(psm, "/catat/beneficiary.register", {**again, "reason_to_go_on": "Saudara kembar"}), psm)


def test_alike_records_stand_side_by_side_and_are_linked_and_unlinked(client: Client) -> None:
    psm = client("psm")
    first = registered(psm)
    second = registered(psm, {**SITI, "birth_date": "1961-03-07"}, reason_to_go_on="belum jelas")
    beside = page(psm, f"/warga/{second}/mirip")
    assert "7 Maret 1960" in beside
    assert "7 Maret 1961" in beside
    assert ">beda<" in beside
    link = beside.split('href="/catat/beneficiary.link_as_duplicate')[1].split('"')[0]
    data = {"kunci": new_id(), "primary": first, "reason": "KTP sama", "kembali": f"/warga/{first}"}
    shown = landed(sent(psm, f"/catat/beneficiary.link_as_duplicate{link}", data), psm)
    assert "Orang yang sama juga tercatat di sini" in shown
    assert f"/warga/{second}" in shown
    assert "Catatan utamanya" in page(psm, f"/warga/{second}")
    undo = {"kunci": new_id(), "primary": first, "reason": "Ternyata kembar", "kembali": f"/warga/{first}"}
    shown = landed(sent(psm, f"/catat/beneficiary.reverse_link?stream={second}", undo), psm)
    assert "Tidak ada catatan lain yang ditautkan" in shown


def test_somebody_strictly_restricted_is_nobody_until_an_emergency_is_opened(office: Office, client: Client) -> None:
    child, tksk = strict(office), client("tksk")
    nobody = page(tksk, f"/warga/{new_id()}", 404)
    closed = page(tksk, f"/warga/{child}", 404)
    assert "Hasna" not in closed
    assert "Buka akses darurat" in closed
    assert "Buka akses darurat" in nobody
    typed = {"kunci": new_id(), "beneficiary": child, "reason": "Demam tinggi", "kembali": f"/warga/{child}"}
    answer = sent(tksk, "/catat/emergency.open", typed)
    shown = landed(answer, tksk)
    assert "Hasna Lamusu" in shown
    assert "Anda membaca dengan akses darurat" in shown
    assert "darurat=" in shown
    assert "Anak korban tindak kekerasan" in shown
    assert "/catat/emergency.end?" in shown
    without = page(tksk, f"/warga/{child}", 404)
    assert "Baca dengan akses ini" in without
    assert "Hasna" not in without
    read = page(client("auditor"), f"/warga/{child}/dibaca")
    assert "Akses darurat" in read
    assert "tksk" in read
    assert "Catatan warga" in read
    access = answer.location.split("darurat=")[1].split("&")[0]
    assert "Hasna" not in page(Asking(office, "tksk"), f"/warga/{child}", 409, darurat=access)
    ended = sent(tksk, f"/catat/emergency.end?stream={access}", {"kunci": new_id(), "kembali": "/warga"})
    assert ended.status_code == 303
    assert "Hasna" not in page(tksk, f"/warga/{child}", 409, darurat=access)


def test_an_emergency_shows_and_lets_nobody_record(office: Office, client: Client) -> None:
    child, tksk = strict(office), client("tksk")
    access = tksk.done("/api/v1/emergencies", {"beneficiary": child, "reason": "Demam tinggi"})["id"]
    typed = {"kunci": new_id(), "note": "–"}
    answer = sent(tksk, f"/catat/beneficiary.die?stream={child}&darurat={access}", typed)
    assert answer.status_code == 404


def test_only_those_who_watch_see_who_read(client: Client) -> None:
    person = registered(client("psm"))
    page(client("psm"), f"/warga/{person}/dibaca", 403)
    assert "Belum ada yang membaca" in page(client("auditor"), f"/warga/{person}/dibaca")


def test_papers_are_named_and_downloaded_by_those_who_see_her_in_full(client: Client) -> None:
    psm = client("psm")
    person = registered(psm)
    data = {
        "kunci": new_id(),
        "village": VILLAGE,
        "address": "Dusun Dua",
        "evidence.0.kind": "surat_keterangan_domisili",
        "evidence.0.number": "12/2026",
        "evidence.0.file": (BytesIO(b"%PDF-1.4\n%%EOF"), "surat.pdf", "application/pdf"),
        "kembali": f"/warga/{person}",
    }
    shown = landed(sent(psm, f"/catat/beneficiary.move_domicile?stream={person}", data), psm)
    assert "12/2026" in shown
    assert "Unduh berkas" in shown
    file = shown.split("/api/v1/files/")[1].split('"')[0]
    assert psm.get(f"/api/v1/files/{file}").get_data().startswith(b"%PDF")
    assert "/api/v1/files/" not in page(client("auditor"), f"/warga/{person}")


def test_the_form_of_a_type_explains_every_type(client: Client) -> None:
    person = registered(client("psm"))
    form = page(client("psm"), "/catat/beneficiary.classify", stream=person)
    assert "umur 60 tahun ke atas" in form
    assert "umur 18 sampai 59 tahun; perempuan" in form
    assert "kosongkan isian" in form
    assert "nomor catatan" not in form
    assert "Kriteria tiap jenis" not in page(client("psm"), "/catat/beneficiary.die", stream=person)


def test_a_word_of_old_forms_is_told_what_it_means(client: Client) -> None:
    certain = text(sent(client("psm"), "/jenis-ppks", {"istilah": "WRSE"}))
    assert "Ini berarti jenis" in certain
    assert certain.count("Perempuan rawan sosial ekonomi (PRSE)") == 2
    doubtful = text(sent(client("psm"), "/jenis-ppks", {"istilah": "gepeng"}))
    assert "lebih dari satu jenis" in doubtful
    assert doubtful.count("<strong>Pengemis</strong>") == 2
    assert "tidak dikenal" in text(sent(client("psm"), "/jenis-ppks", {"istilah": "zzz"}))

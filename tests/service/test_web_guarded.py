"""The pages about people who are guarded: emergencies, restriction, holds, readings, papers; and the types in words."""

from datetime import date
from io import BytesIO

from domain.beneficiary import Beneficiary
from service.log.ids import new_id
from service.office import Office
from tests.service.offices import VILLAGE, Asking, person, record
from tests.service.test_api_cases import opening
from tests.service.web_pages import PEOPLE, Client, landed, page, registered, sent, strict, text


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


def test_whoever_was_given_the_case_of_a_record_opened_in_an_emergency_still_ends_the_access(
    office: Office, client: Client
) -> None:
    someone, peksos, supervisor = person(office), client("peksos"), client("supervisor")
    protected = {"on": date(2026, 3, 2), "classification": new_id(), "type": "fakir_miskin", "tier": 2}
    record(office, lambda decision: decision.load(Beneficiary, someone).classify(**protected, assessor="penyiap"))
    assert "Warga Uji" not in page(peksos, f"/warga/{someone}")
    access = peksos.done("/api/v1/emergencies", {"beneficiary": someone, "reason": "Demam tinggi"})["id"]
    case = Asking(office, "peksos").done("/api/v1/cases", opening(someone))["id"]
    supervisor.done(f"/api/v1/cases/{case}/assignment", {"worker": peksos.account})
    shown = page(peksos, f"/warga/{someone}")
    assert "Warga Uji" in shown
    assert "Akses darurat Anda berlaku sampai" in shown
    assert "Baca dengan akses ini" not in shown, "she needs it no more"
    assert "/catat/emergency.open?" not in shown
    assert f"/catat/emergency.end?kembali=/warga/{someone}&stream={access}" in shown
    assert "Akses darurat" not in page(supervisor, f"/warga/{someone}"), "it is another's"
    ended = sent(peksos, f"/catat/emergency.end?stream={access}", {"kunci": new_id(), "kembali": "/warga"})
    assert ended.status_code == 303
    assert "Akses darurat" not in page(peksos, f"/warga/{someone}")


def test_an_emergency_shows_and_lets_nobody_record(office: Office, client: Client) -> None:
    child, tksk = strict(office), client("tksk")
    access = tksk.done("/api/v1/emergencies", {"beneficiary": child, "reason": "Demam tinggi"})["id"]
    typed = {"kunci": new_id(), "note": "–"}
    answer = sent(tksk, f"/catat/beneficiary.die?stream={child}&darurat={access}", typed)
    assert answer.status_code == 404


def test_a_report_lands_on_its_receipt_whoever_it_is_about(client: Client) -> None:
    psm = client("psm")
    assert "Laporkan warga" in page(psm, "/warga")
    assert "Laporkan warga" not in page(client("tksk"), "/warga")
    typed = {
        "kunci": new_id(),
        "village": VILLAGE,
        "kind": "person",
        "identity.name": "Hasna Lamusu",
        "urgency": "segera",
    }
    typed |= {"type": "anak_korban_kekerasan", "story": "Sering menangis", "override_reason": "Umur belum diketahui"}
    shown = landed(sent(psm, "/catat/report.submit", typed), psm)
    assert "<h1>Tanda terima</h1>" in shown
    assert "Hasna" not in page(psm, "/warga")


def test_only_those_who_watch_see_who_read(client: Client) -> None:
    person = registered(client("psm"))
    page(client("psm"), f"/warga/{person}/dibaca", 403)
    assert "Belum ada yang membaca" in page(client("auditor"), f"/warga/{person}/dibaca")


def test_a_restricted_record_is_there_for_the_data_protection_officer_alone(client: Client) -> None:
    psm, dpo = client("psm"), client("dpo")
    person = registered(psm)
    dpo.done(f"{PEOPLE}/{person}/processing-restriction", {"ground": "permintaan"})
    assert "Tidak ada di sini" in page(psm, f"/warga/{person}", 404)
    assert f"/warga/{person}" not in page(psm, "/warga")
    shown = page(dpo, f"/warga/{person}")
    assert "Pemrosesan dibatasi" in shown
    assert "/catat/beneficiary.lift_restriction?" in shown
    assert "/catat/beneficiary.restrict_processing" not in shown


def test_a_hold_is_marked_and_lifted_by_those_who_may(client: Client) -> None:
    supervisor = client("supervisor")
    person = registered(client("psm"))
    assert "Pemusnahan ditangguhkan" not in page(supervisor, f"/warga/{person}")
    paper = [{"kind": "surat_tugas", "number": "1/2026", "dated": "2026-01-05"}]
    hold = new_id()
    body = {"hold": hold, "reason": "Perkara di pengadilan", "evidence": paper}
    supervisor.done(f"{PEOPLE}/{person}/holds", body)
    shown = page(supervisor, f"/warga/{person}")
    assert "Pemusnahan ditangguhkan" in shown
    assert f"hold={hold}" in shown
    assert "Pemusnahan ditangguhkan" not in page(client("psm"), f"/warga/{person}")
    supervisor.done(f"{PEOPLE}/{person}/holds/{hold}/lifting", {"reason": "Perkara selesai", "evidence": paper})
    assert "Pemusnahan ditangguhkan" not in page(supervisor, f"/warga/{person}")


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

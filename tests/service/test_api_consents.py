"""Consent over HTTP: given, carrying a referral, withdrawn, and what a partner then still sees."""

from collections.abc import Callable
from typing import Any

import pytest

from service.log.ids import new_id
from service.office import Office
from tests.service.offices import VILLAGE, Asking
from tests.service.test_api_cases import DAY, opened
from tests.service.test_api_referrals import HEARD, sending, sent

Client = Callable[[str], Asking]


def agreeing(**more: Any) -> dict[str, Any]:
    said = {"purpose": "rujukan", "recipient_kind": "puskesmas", "giver": "yang_bersangkutan", "how": "cap_jempol"}
    return {**said, "on": DAY, **more}


def of_case(worker: Asking, case: str) -> str:
    return str(worker.data(f"/api/v1/cases/{case}")["beneficiary"])


def agreed(worker: Asking, person: str, **more: Any) -> str:
    consent = new_id()
    worker.done(f"/api/v1/beneficiaries/{person}/consents", agreeing(consent=consent, **more))
    return consent


def withdrawn(worker: Asking, person: str, consent: str, **more: Any) -> dict[str, Any]:
    said = {"giver": "yang_bersangkutan", "how": "lisan_saksi", "witness": "Ibu Kepala Dusun", **more}
    return worker.done(f"/api/v1/beneficiaries/{person}/consents/{consent}/withdrawal", said)


def test_a_strict_referral_goes_out_on_a_consent_that_carries_it_and_nothing_of_it_stands_in_the_open(
    office: Office, client: Client
) -> None:
    worker = client("peksos")
    case = opened(office, worker, tier=3)
    person, at = of_case(worker, case), f"/api/v1/cases/{case}/referrals"
    assert worker.refused(at, sending()) == "consent_needed"
    assert worker.refused(at, sending(consent=new_id())) == "no_such_consent"
    assert worker.refused(at, sending(basis="kewajiban_hukum")) == "basis_too_weak"
    other = agreed(worker, person, recipient_kind="bnn", recipient="BNN Provinsi")
    assert worker.refused(at, sending(consent=other)) == "consent_for_something_else"
    named = agreed(worker, person, recipient="Puskesmas Telaga")
    assert worker.refused(at, sending(consent=named)) == "consent_for_something_else"
    consent = agreed(worker, person, recipient="Puskesmas Limboto")
    referral = sent(worker, case, consent=consent)
    stored = " ".join(row[0] for row in office.database.rows("SELECT text FROM events"))
    for word in ("rujukan", "bnn", "puskesmas", "Puskesmas", "yang_bersangkutan", "BNN"):
        assert f'"{word}' not in stored, word
    [shown] = [one for one in worker.data(f"/api/v1/beneficiaries/{person}")["consents"] if one["consent"] == consent]
    assert [shown["purpose"], shown["recipient"], shown["giver"], shown["withdrawn"]] == [
        "rujukan",
        "Puskesmas Limboto",
        "yang_bersangkutan",
        False,
    ]
    assert client("auditor").get(f"/api/v1/beneficiaries/{person}").status_code == 404
    assert worker.data(f"/api/v1/referrals/{referral}")["consent"] == consent


def test_withdrawing_stops_sharing_at_once(office: Office, client: Client) -> None:
    worker, partner = client("tksk"), Asking(office, "mitra")
    case = opened(office, worker)
    person = of_case(worker, case)
    consent = agreed(worker, person, recipient_id=partner.account)
    referral = sent(worker, case, consent=consent, destination_id=partner.account)
    at = f"/api/v1/referrals/{referral}"
    assert partner.data(at)["need"] == "pemeriksaan"
    assert [row["beneficiary"] for row in partner.data("/api/v1/referrals")] == [person]
    before = office.reader.head()[0]
    worker.done(f"{at}/return", {**HEARD, "reason": "berkas_kurang"})
    withdrawn(worker, person, consent)
    for moment in ({}, {"as_of": before}):
        (row,) = partner.data("/api/v1/referrals", **moment)
        for told in (row, partner.data(at, **moment)):
            assert told["shown_state"] == "persetujuan_ditarik"
            assert told["open"]
            assert person not in str(told)
            assert case not in str(told)
            assert [told.get(name) for name in ("need", "destination", "person", "village", "letter_number")] == [
                None
            ] * 5
    mine = worker.data(at)
    assert (mine["shown_state"], mine["need"], mine["consent_withdrawn"]) == (
        "persetujuan_ditarik",
        "pemeriksaan",
        True,
    )
    assert worker.refused(f"/api/v1/cases/{case}/referrals", sending(consent=consent)) == "consent_not_in_force"
    again = {**HEARD, "reply_by": "2099-01-01"}
    assert worker.refused(f"{at}/resubmission", again) == "consent_not_in_force"
    onward = sending(id=new_id(), channel="telepon", consent=consent)
    assert worker.refused(f"{at}/forwarding", onward) == "consent_not_in_force"
    assert worker.refused(f"/api/v1/beneficiaries/{person}/consents/{consent}/withdrawal", agreeing_to_stop()) == (
        "no_such_consent"
    )
    worker.done(f"{at}/withdrawal", {**HEARD, "reason": "Persetujuan ditarik"})
    assert "shown_state" not in worker.data(at)


def agreeing_to_stop() -> dict[str, Any]:
    return {"giver": "yang_bersangkutan", "how": "tanda_tangan"}


def test_a_consent_whose_recording_was_a_mistake_carries_nothing(office: Office, client: Client) -> None:
    worker, partner = client("tksk"), Asking(office, "mitra")
    case = opened(office, worker)
    person = of_case(worker, case)
    consent = agreed(worker, person)
    referral = sent(worker, case, consent=consent, destination_id=partner.account)
    version = office.log.version(person)
    client("supervisor").done(
        f"/api/v1/streams/{person}/retractions", {"target": version, "reason": "Salah", "requested_by": "pencatat"}
    )
    assert partner.data(f"/api/v1/referrals/{referral}")["beneficiary"] is None


def test_a_child_s_parent_decides(office: Office, client: Client) -> None:
    worker = client("tksk")
    identity = {"name": "Anak Uji", "birth_date": "2015-05-05"}
    child = worker.done(
        "/api/v1/beneficiaries", {"village": VILLAGE, "kind": "person", "channel": "desa", "identity": identity}
    )["id"]
    at = f"/api/v1/beneficiaries/{child}/consents"
    assert worker.refused(at, agreeing()) == "consent_guardian_decides"
    assert worker.refused(at, agreeing(giver="wali")) == "consent_guardian_needed"
    worker.done(at, agreeing(giver="wali", guardian="Pak Wali Uji", relation="wali", until="2026-12-31"))
    [shown] = worker.data(f"/api/v1/beneficiaries/{child}")["consents"]
    assert (shown["guardian"], shown["relation"], shown["until_on"]) == ("Pak Wali Uji", "wali", "2026-12-31")
    assert client("pengurus_wksbm").data(f"/api/v1/beneficiaries/{child}")["consents"][0]["guardian"] is None
    told = [entry["sentence"] for entry in worker.data(f"/api/v1/beneficiaries/{child}/history")["entries"]]
    assert told[-1] == (
        "Persetujuan diberikan untuk rujukan kepada lembaga lain kepada Puskesmas sampai 31 Desember 2026, oleh wali,"
        " yaitu Pak Wali Uji (wali), dengan cap jempol."
    )


@pytest.mark.parametrize("role", ["kades", "kepala_dinas", "auditor", "admin", "mitra"])
def test_consents_are_recorded_by_those_who_meet_people(office: Office, client: Client, role: str) -> None:
    worker = client("tksk")
    person = of_case(worker, opened(office, worker))
    consent = agreed(worker, person)
    who = client(role)
    assert who.refused(f"/api/v1/beneficiaries/{person}/consents", agreeing()) == "not_allowed"
    assert who.refused(f"/api/v1/beneficiaries/{person}/consents/{consent}/withdrawal", agreeing_to_stop()) == (
        "not_allowed"
    )

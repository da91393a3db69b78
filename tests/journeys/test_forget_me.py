"""S9 up to the erasure: a survivor of violence asks for her data, withdraws her consent, has her record frozen, asks to be
forgotten. The proposal to destroy that this leads to is a journey of its own."""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec

from service.log.ids import new_id
from tests.journeys.calendar import Place, registration
from tests.service.offices import Asking

NAME = "Rahma Lihawa"
AT = "/api/v1/subject-requests"
HEARD = {"channel": "telepon", "informant": "Petugas UPTD"}


def survivor(place: Place, worker: Asking) -> tuple[str, str]:
    """Her record, of the strictly restricted tier, and her case."""
    person = worker.done("/api/v1/beneficiaries", registration(name=NAME, birth_date="1992-04-05"))["id"]
    story = {"story": "Dipukul suaminya", "reporter": "Kepala dusun"}
    case = worker.done("/api/v1/cases", {"beneficiary": person, "channel": "surat", "urgency": "segera", **story})["id"]
    worker.done(f"/api/v1/cases/{case}/assignment", {"worker": worker.account})
    typed = {"type": "korban_tindak_kekerasan", "tier": 3}
    worker.done(f"/api/v1/beneficiaries/{person}/classifications", typed)
    return str(person), str(case)


def counts(place: Place) -> list[Any]:
    """What the boards count, without what was recorded last."""
    rows = place.who("supervisor").data("/api/v1/villages")
    return [(row["code"], row["people"], row["open_cases"], row["open_referrals"]) for row in rows]


def asked(dpo: Asking, person: str, kind: str) -> str:
    request = dpo.done(AT, {"subject": person, "kind": kind, "asker": "yang_bersangkutan", "channel": "datang"})["id"]
    dpo.done(f"{AT}/{request}/identity-confirmation", {"how": "ktp"})
    return str(request)


def test_a_survivor_is_given_her_data_stops_the_sharing_and_asks_to_be_forgotten(place: Place) -> None:
    worker, dpo, supervisor = place.who("peksos"), place.who("dpo"), place.who("supervisor")
    person, case = survivor(place, worker)
    shelter = {"destination_kind": "uptd_ppa", "destination": "UPTD PPA Kabupaten", "need": "tempat_aman"}
    assert worker.refused(f"/api/v1/cases/{case}/referrals", shelter) == "consent_needed"
    consent = new_id()
    agreed = {"consent": consent, "purpose": "rujukan", "recipient_kind": "uptd_ppa", "giver": "yang_bersangkutan"}
    worker.done(f"/api/v1/beneficiaries/{person}/consents", {**agreed, "how": "cap_jempol"})
    referral = worker.done(f"/api/v1/cases/{case}/referrals", {**shelter, "consent": consent})["id"]
    before, begun = counts(place), place.calendar()

    # She asks for her data, and has it within three days of twenty-four hours.
    request = worker.done(AT, {"subject": person, "kind": "access", "asker": "yang_bersangkutan", "channel": "datang"})[
        "id"
    ]
    assert dpo.get(f"{AT}/{request}/report").get_json()["rule"] == "requester_not_confirmed"
    dpo.done(f"{AT}/{request}/identity-confirmation", {"how": "ktp"})
    given = dpo.data(f"{AT}/{request}/report")
    for hers in (NAME, "Dipukul suaminya", "UPTD PPA Kabupaten"):
        assert hers in given["text"]
    assert "Kepala dusun" not in given["text"]
    assert {(one["by"], one["post"]) for one in given["document"]["processed_by"]} == {(worker.account, "peksos")}
    copied = msgspec.json.encode(given["document"], order="sorted") + b"\n"
    assert hashlib.sha256(copied).hexdigest() == given["sha256"]
    dpo.done(f"{AT}/{request}/grant", {})
    dpo.done(f"{AT}/{request}/fulfilment", {"sha256": given["sha256"], **given["counts"]})
    dpo.done(f"{AT}/{request}/closure", {"outcome": "selesai"})
    assert not dpo.data(f"{AT}/{request}")["late"]

    # She withdraws her consent: sharing stops at once, and nothing new goes out.
    place.calendar.later(1)
    withdrawal = asked(dpo, person, "withdrawal")
    dpo.done(f"{AT}/{withdrawal}/grant", {"how": "tanda_tangan", "giver": "yang_bersangkutan"})
    shown = worker.data(f"/api/v1/referrals/{referral}")
    assert (shown["shown_state"], shown["open"]) == ("persetujuan_ditarik", True)
    assert worker.refused(f"/api/v1/cases/{case}/referrals", {**shelter, "consent": consent}) == "consent_not_in_force"

    # She has it frozen: nobody finds her any more, of today or of a past day, and no count moves.
    freeze = asked(dpo, person, "restriction")
    dpo.done(f"{AT}/{freeze}/grant", {})
    for who in (worker, supervisor, place.who("auditor"), place.who("kades")):
        for moment in ({}, {"as_of": begun}):
            assert NAME not in who.get("/api/v1/beneficiaries", **moment).get_data(as_text=True)
            assert person not in who.get("/api/v1/beneficiaries", **moment).get_data(as_text=True)
            assert who.get(f"/api/v1/beneficiaries/{person}", **moment).status_code == 404
            assert who.get(f"/api/v1/cases/{case}", **moment).status_code in (403, 404)
            assert who.get(f"/api/v1/referrals/{referral}", **moment).status_code == 404
        found = who.post("/api/v1/people/search", {"name": NAME})
        assert found.get_json()["data"] == []
    assert worker.refused(f"/api/v1/referrals/{referral}/acceptance", HEARD) == "processing_restricted"
    assert counts(place) == before

    # She asks to be forgotten. The office may refuse that on art. 15(1), but never the access; here it goes on.
    erasure = asked(dpo, person, "erasure")
    again = asked(dpo, person, "access")
    no = {"ground": "penyelenggaraan_negara", "reason": "Masih diperlukan"}
    assert dpo.refused(f"{AT}/{again}/refusal", no) == "ground_not_for_this_right"
    dpo.done(f"{AT}/{again}/closure", {"outcome": "dicabut"})
    assert dpo.refused(f"{AT}/{erasure}/fulfilment", {}) == "request_not_granted"
    proposal = new_id()
    dpo.done(f"{AT}/{erasure}/grant", {"destruction": proposal})
    assert dpo.data(f"{AT}/{erasure}")["destruction"] == proposal
    place.calendar.later(20)
    assert [row["id"] for row in dpo.data(AT, overdue="true")] == [erasure], "until it is destroyed, it is not done"
    assert {row["kind"] for row in dpo.data(AT, subject=person)} == {"access", "withdrawal", "restriction", "erasure"}
    assert counts(place) == before

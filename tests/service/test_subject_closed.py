"""What is sent about somebody while her destruction begins, and may still be refused: it waits until that is certain."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from domain.beneficiary import Beneficiary
from domain.beneficiary_hold import UnderLegalHold
from domain.sealed import Evidence
from domain.subject import SubjectClosed
from service.casebook import Decision
from service.destroying import Destroyer
from service.log.ids import new_id
from service.log.uploads import Announced
from service.office import Office
from tests.service import destroyers
from tests.service.destroyed import decided, lived
from tests.service.offices import Asking, record
from tests.service.test_outbox import Phone, handed_in
from tests.service.test_uploads import begun, sent

here = destroyers.here


def carry_out(here: Office, stream: str, *, once_closed: Callable[[], None]) -> None:
    worker = Destroyer(here, lambda step: once_closed() if step == "closed" else None)
    try:
        worker.carry_out(stream)
    finally:
        worker.close()


def classified(person: str) -> dict[str, Any]:
    """A command that needs a key which she has not got: the type is sealed in a compartment of its own."""
    body = {
        "classification": new_id(),
        "type": "anak_korban_kekerasan",
        "override_reason": "Dahulu",
        "on": "2014-03-04",
    }
    return {"command": "beneficiary.classify", "url": {"stream": person}, "body": body}


def test_what_comes_while_it_begins_is_tried_again_and_then_told_that_she_is_destroyed(here: Office) -> None:
    (one,) = lived(here, [1])
    phone = Phone(Asking(here, "tksk"))
    entry, told = phone.entry(**classified(one)), list[dict[str, Any]]()
    carry_out(here, decided(here, [one]), once_closed=lambda: told.extend(handed_in(here, entry)))
    told += handed_in(here, entry)
    assert [(row["status"], row["rule"]) for row in told] == [(503, "subject_closed"), (409, "subject_destroyed")]


def test_a_paper_of_somebody_destroyed_tells_nothing_to_whoever_does_not_know_her(here: Office) -> None:
    (one,) = lived(here, [1])
    carry_out(here, decided(here, [one]), once_closed=lambda: None)
    near, far = Asking(here, "tksk"), Asking(here, "psm", ("75.01.03.2004",))

    def answers(who: Asking, subject: str) -> list[int]:
        headers = {"Authorization": f"Bearer {who.token}", "Content-Type": "text/plain"}
        whole = who.client.post("/api/v1/files", query_string={"subject": subject}, data=b"Surat", headers=headers)
        announced = begun(who, 5, subject)
        last = sent(who, announced.headers["Location"], 0, b"Surat") if announced.status_code == 201 else announced
        read = who.get(f"/api/v1/files/{whole.get_json()['id']}") if whole.status_code == 201 else whole
        return [whole.status_code, announced.status_code, last.status_code, read.status_code]

    assert answers(far, one) == answers(far, new_id()) == [201, 201, 204, 200]
    assert answers(near, one) == [409, 409, 409, 409]


def test_what_comes_while_it_begins_is_recorded_when_it_is_refused_after_all(here: Office) -> None:
    (one,) = lived(here, [1])
    owner = Asking(here, "tksk")
    phone, command = Phone(owner), classified(one)
    entry, told = phone.entry(**command), list[Any]()
    stream = decided(here, [one])

    def hold(decision: Decision) -> None:
        person = decision.load(Beneficiary, one)
        reason = decision.seal(one, {"reason": "Perkara perdata"})
        person.place_hold(on=date(2026, 1, 5), hold=new_id(), reason=reason, evidence=(Evidence("surat", "1/PN"),))

    def sent() -> None:
        told.append(owner.post(f"/api/v1/beneficiaries/{one}/classifications", command["body"]))
        told.extend(handed_in(here, entry))

    record(here, hold)
    with pytest.raises(UnderLegalHold):
        carry_out(here, stream, once_closed=sent)
    over_http, from_a_phone = told
    assert (over_http.status_code, over_http.get_json()["rule"]) == (503, "subject_closed")
    assert int(over_http.headers["Retry-After"]) >= 1
    assert (from_a_phone["status"], from_a_phone["rule"]) == (503, "subject_closed")
    assert [row["status"] for row in handed_in(here, entry)] == [201]


def test_no_file_is_begun_about_her_meanwhile_and_nothing_is_refused_for_good(here: Office) -> None:
    (one,) = lived(here, [1])
    announced = Announced("surat.txt", "text/plain", strict=True)
    about = {"subject": one, "label": "kompartemen baru", "account": "a"}

    def stored() -> str:
        return here.files.store(b"Surat", name="surat.txt", media_type="text/plain", **about).subject

    def begun() -> str:
        under = here.keys.key_for(one, about["label"])
        return here.uploads.begin(announced, 5, under=under, subject=one, account="a", now=here.milliseconds()).subject

    here.keys.close_subjects([one], "keputusan")
    for begin in (stored, begun):
        with pytest.raises(SubjectClosed):
            begin()
    here.keys.open_subjects([one], "keputusan")
    assert (stored(), begun()) == (one, one)

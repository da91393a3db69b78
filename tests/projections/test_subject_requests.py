"""Requests about one's own data: when each is due, and what is overdue at a moment; consents and restrictions beside."""

from datetime import datetime
from typing import Any

import pytest

from domain.correction import DecisionStands, retract
from domain.subject_request import SubjectRequest
from projections import caseload, consents, emergencies, people, referrals, subject_requests
from projections.consent_lists import restricted, streams_of
from projections.engine import Views
from projections.store import Store
from projections.subject_request_lists import listed, one
from tests.domain.beneficiary_beginnings import DAY, SECRET, a_beneficiary
from tests.domain.test_beneficiary_consent import consent, strict_consent, withdraw
from tests.projections.casework import write
from tests.projections.market import Ledger


@pytest.fixture
def views(store: Store, ledger: Ledger) -> Views:
    known = (
        caseload.cases,
        emergencies.emergencies,
        referrals.referrals,
        people.people,
        consents.consents,
        consents.restrictions,
        subject_requests.subject_requests,
    )
    views = Views(store, known, ledger, now=lambda: "2027-01-01T00:00:00.000000Z")
    views.prepare()
    return views


def asked(id: str = "q1", kind: str = "access", **more: Any) -> SubjectRequest:
    said: dict[str, Any] = {"on": DAY, "subject": "b1", "tier": 1, "kind": kind, "asker": "yang_bersangkutan"}
    return SubjectRequest.open(id, **{**said, "channel": "surat", **more})


def hours(earlier: str, later: str) -> float:
    return (datetime.fromisoformat(later) - datetime.fromisoformat(earlier)).total_seconds() / 3600


def recorded(ledger: Ledger, stream: str) -> list[Any]:
    return [event for event in ledger.events if event.stream == stream]


def known(views: Views, id: str = "q1") -> dict[str, Any]:
    with views.at() as view:
        row = one(view, id)
    assert row is not None
    return row


def test_a_request_is_due_by_the_clock_of_its_right_from_its_recording(views: Views, ledger: Ledger) -> None:
    for id, kind in (("q1", "access"), ("q2", "erasure"), ("q3", "restriction")):
        write(ledger, asked(id, kind))
    with views.at() as view:
        rows = {row["key"]: row for row in listed(view)}
        assert [row["key"] for row in listed(view, overdue=True)] == ["q3", "q2", "q1"]
    assert [hours(rows[id]["opened_at"], rows[id]["due_at"]) for id in ("q1", "q2", "q3")] == [72, 336, 72]
    with views.at(rows["q1"]["opened_at"]) as view:
        assert listed(view, overdue=True) == []
        assert [row["key"] for row in listed(view, overdue=False, kind="access")] == ["q1"]


def test_a_pause_is_added_to_the_time_and_cannot_be_taken_back(views: Views, ledger: Ledger) -> None:
    request = asked()
    request.pause(on=DAY, reason="bukti_identitas")
    write(ledger, request)
    write(ledger, a_beneficiary("b2"))  # time passes
    request.resume(on=DAY)
    write(ledger, request)
    row = known(views)
    steps = [event.recorded for event in recorded(ledger, "q1")]
    assert hours(row["opened_at"], row["due_at"]) == pytest.approx(72 + hours(steps[1], steps[2]))
    assert (row["paused_at"], row["pauses"]) == (None, 1)
    for number in (2, 1):
        with pytest.raises(DecisionStands):
            retract(request, recorded(ledger, "q1")[number], on=DAY, reason=SECRET, requested_by="pencatat")


def test_what_is_granted_at_once_is_done_and_what_must_be_made_is_not_yet(views: Views, ledger: Ledger) -> None:
    for id, kind in (("q1", "access"), ("q2", "restriction")):
        request = asked(id, kind)
        request.confirm_identity(on=DAY, how="ktp")
        request.grant(on=DAY)
        write(ledger, request)
    assert [known(views, id)["done_at"] is not None for id in ("q1", "q2")] == [False, True]


def test_consents_are_listed_with_what_became_of_them(views: Views, ledger: Ledger) -> None:
    person = a_beneficiary()
    consent(person, "s1", recipient="Puskesmas Limboto")
    strict_consent(person, "s2")
    withdraw(person, "s1")
    write(ledger, person)
    with views.at() as view:
        rows = {row["consent"]: row for row in view.rows("SELECT * FROM {consents}")}
    names = ("purpose", "recipient_kind", "recipient", "withdrawn", "part")
    assert [rows["s1"][name] for name in names] == ["rujukan", "puskesmas", "Puskesmas Limboto", 1, None]
    assert [rows["s2"][name] for name in names] == [None, None, None, 0, SECRET.part]


def test_who_is_restricted_is_asked_of_today_whatever_moment_is_looked_at(views: Views, ledger: Ledger) -> None:
    person = a_beneficiary()
    write(ledger, person)
    before = len(ledger.events)
    person.restrict_processing(on=DAY, ground="permintaan")
    write(ledger, person)
    write(ledger, asked())
    with views.at(before) as view:
        assert restricted(view) == ["b1"]
        assert streams_of(view, ["b1"]) == {"b1", "q1"}
        assert streams_of(view, []) == set()
    person.lift_restriction(on=DAY, reason=SECRET)
    write(ledger, person)
    with views.at(before + 1) as view:
        assert restricted(view) == []

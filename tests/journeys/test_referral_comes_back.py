"""S3: a referral that is rejected, sent again elsewhere, accepted, falls silent, and comes back at last."""

from __future__ import annotations

from datetime import date
from typing import Any

from tests.journeys.calendar import Place, registration
from tests.service.offices import Asking

PHONE = {"channel": "telepon", "informant": "Bagian pendaftaran", "note": "Lewat telepon"}


def case_of(worker: Asking) -> str:
    person = worker.done("/api/v1/beneficiaries", registration(name="Rahma Gobel", birth_year=1990))["id"]
    case = worker.done("/api/v1/cases", {"beneficiary": person, "channel": "surat", "urgency": "segera"})["id"]
    worker.done(f"/api/v1/cases/{case}/assignment", {"worker": worker.account})
    return str(case)


def ids(rows: list[dict[str, Any]]) -> set[str]:
    return {str(row["id"]) for row in rows}


def test_a_referral_is_rejected_sent_elsewhere_goes_silent_and_comes_back(place: Place) -> None:
    worker, supervisor, head = place.who("tksk"), place.who("supervisor"), place.who("kades")
    case = case_of(worker)
    hospital = {
        "destination_kind": "rumah_sakit",
        "destination": "RSUD dr. M.M. Dunda",
        "need": "rawat_inap",
        "letter_number": "460/118",
        "reply_by": "2025-03-06",
        "note": "Perlu rawat inap segera",
    }
    rejected = worker.done(f"/api/v1/cases/{case}/referrals", hospital)["id"]
    place.calendar.move_to(date(2025, 3, 5))
    worker.done(f"/api/v1/referrals/{rejected}/rejection", {**PHONE, "reason": "penuh"})
    assert worker.data(f"/api/v1/referrals/{rejected}")["state"] == "ditolak"
    assert worker.data(f"/api/v1/cases/{case}")["open"]

    place.calendar.move_to(date(2025, 3, 6))
    home = {"destination_kind": "lks", "destination": "LKS Huyula", "need": "pengasuhan_panti"}
    sent = worker.done(f"/api/v1/cases/{case}/referrals", {**home, "reply_by": "2025-03-13"})["id"]
    place.calendar.move_to(date(2025, 3, 10))
    worker.done(f"/api/v1/referrals/{sent}/acceptance", PHONE)

    # Nothing is heard for more than seven days after that.
    place.calendar.move_to(date(2025, 3, 18))  # a Tuesday
    assert ids(worker.data("/api/v1/referrals", stuck=7)) == {sent}
    tuesday = place.calendar()
    board = supervisor.data("/api/v1/referrals/summary", stuck=7)
    assert (board["stuck"], [(row["state"], row["stuck"]) for row in board["by_step"]]) == (1, [("diterima", 1)])
    assert supervisor.data(f"/api/v1/referrals/{sent}")["idle_days"] == 8

    place.calendar.move_to(date(2025, 3, 20))
    worker.done(f"/api/v1/referrals/{sent}/handling", PHONE)
    place.calendar.move_to(date(2025, 3, 24))
    worker.done(f"/api/v1/referrals/{sent}/completion", {**PHONE, "outcome": "tertangani"})
    worker.done(f"/api/v1/referrals/{sent}/feedback", {"channel": "surat", "feedback": "Diterima dengan baik"})

    place.calendar.move_to(date(2025, 3, 25))
    # The stuck list of last Tuesday, asked today, shows it as stuck; today's does not.
    assert ids(supervisor.data("/api/v1/referrals", stuck=7)) == set()
    assert ids(supervisor.data("/api/v1/referrals", stuck=7, as_of=tuesday)) == {sent}
    then = supervisor.data("/api/v1/referrals/summary", stuck=7, as_of=tuesday)
    assert then == board
    assert supervisor.data(f"/api/v1/referrals/{sent}", as_of=tuesday)["state"] == "diterima"

    done = worker.data(f"/api/v1/referrals/{sent}")
    assert [done["state"], done["outcome"], done["loop_closed"]] == ["selesai", "tertangani", True]
    steps = done["steps"]
    assert [(one["step"], one["day"], one.get("days")) for one in steps] == [
        ("submitted", "2025-03-06", 4),
        ("accepted", "2025-03-10", 10),
        ("handled", "2025-03-20", 4),
        ("completed", "2025-03-24", None),
        ("feedback_received", "2025-03-24", None),
    ]
    assert {one["by_account"] for one in steps} == {worker.account}
    assert [one["channel"] for one in steps] == ["surat", *["telepon"] * 3, "surat"]
    assert all(one["recorded"] for one in steps)
    first = worker.data(f"/api/v1/referrals/{rejected}")
    assert [(one["step"], one.get("days")) for one in first["steps"]] == [("submitted", 2), ("rejected", None)]
    assert first["reason"] == "penuh"
    assert worker.data(f"/api/v1/cases/{case}")["open"], "the end of a referral closes no case"
    village = head.data("/api/v1/referrals")
    assert {(row["id"], row["state"]) for row in village} == {(rejected, "ditolak"), (sent, "selesai")}
    assert "Diterima dengan baik" not in str(village)


def test_a_referral_nobody_answered_is_silent_from_the_day_after_its_time(place: Place) -> None:
    worker, supervisor = place.who("tksk"), place.who("supervisor")
    case = case_of(worker)
    body = {"destination_kind": "dukcapil", "destination": "Dinas Dukcapil", "need": "dokumen"}
    sent = worker.done(f"/api/v1/cases/{case}/referrals", {**body, "reply_by": "2025-03-10"})["id"]
    place.calendar.move_to(date(2025, 3, 10))
    assert supervisor.data("/api/v1/referrals", silent="true") == []
    place.calendar.move_to(date(2025, 3, 11))
    assert ids(supervisor.data("/api/v1/referrals", silent="true")) == {sent}
    assert ids(supervisor.data("/api/v1/referrals", silent="true", as_of="2025-03-10T23:59:59+08:00")) == set()

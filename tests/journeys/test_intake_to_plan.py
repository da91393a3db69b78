"""S2: a case worker takes in a person, finds her twin in another village, links, plans, and unlinks a week later."""

from __future__ import annotations

from typing import Any

from service.log.ids import new_id
from tests.journeys.calendar import ELSEWHERE, VILLAGE, Place, registration, topics
from tests.service.offices import Asking

# 49 of 68 weighted points of the general instrument, version 2: 72 of 100.
ANSWERS = {
    "pangan": 4,
    "tempat_tinggal": 4,
    "kesehatan": 3,
    "pendapatan": 4,
    "dukungan": 3,
    "keamanan": 1,
    "dokumen": 1,
}
HERE = {"name": "Hadidjah Pakaja", "birth_year": 1951, "mother": "Saripa Tangahu"}
THERE = {"name": "Hadijah Pakaya", "birth_year": 1951, "mother": "Sarifa Tangahu"}


def registered_twice(worker: Asking, neighbour: Asking) -> tuple[str, str]:
    """Two records of what may be one person: one elsewhere, then one here in spite of the warning."""
    first = neighbour.done("/api/v1/beneficiaries", registration(ELSEWHERE, **THERE))["id"]
    body = registration(VILLAGE, **HERE)
    warned = worker.post("/api/v1/beneficiaries", body)
    assert warned.status_code == 409
    told = warned.get_json()
    assert told["rule"] == "probable_duplicates"
    assert first in str(told["errors"])
    second = worker.done("/api/v1/beneficiaries", {**body, "reason_to_go_on": "Ia bilang belum pernah didata"})["id"]
    return first, second


def goals(owner: str) -> list[dict[str, Any]]:
    titles = ("Makan tiga kali sehari", "Punya KTP", "Atap diperbaiki")
    return [{"id": new_id(), "title": title, "kind": "L07", "owner": owner, "due": "2025-06-30"} for title in titles]


def test_a_worker_takes_somebody_in_links_her_twin_plans_and_unlinks_a_week_later(place: Place) -> None:
    worker, supervisor = place.who("tksk", VILLAGE[:8], ELSEWHERE[:8]), place.who("supervisor")
    neighbour = place.who("psm", ELSEWHERE[:8])
    twin, person = registered_twice(worker, neighbour)
    neighbour_case = neighbour.done(
        "/api/v1/cases", {"beneficiary": twin, "channel": "datang_langsung", "urgency": "biasa"}
    )["id"]
    case = worker.done(
        "/api/v1/cases",
        {"beneficiary": person, "channel": "datang_langsung", "urgency": "segera", "story": "Ditinggal anaknya"},
    )["id"]
    at = f"/api/v1/cases/{case}"
    worker.done(f"{at}/assignment", {"worker": worker.account})
    link = {"primary": person, "reason": "Ibu yang sama menurut kepala dusun", "score": 88}
    worker.done(
        f"/api/v1/beneficiaries/{twin}/duplicate-links", {**link, "grounds": ["nama_mirip", "tahun_lahir_sama"]}
    )
    assert worker.refused("/api/v1/cases", {"beneficiary": twin, "channel": "surat", "urgency": "biasa"}) == (
        "linked_to_another"
    )
    whole = supervisor.data(f"/api/v1/beneficiaries/{person}/history")
    assert sorted(whole["records"]) == sorted([person, twin])
    assert {neighbour_case, case} <= {entry["stream"] for entry in whole["entries"]}

    worker.done(f"{at}/assessments", {"instrument": "umum", "details": ANSWERS, "narrative": "Tinggal sendiri"})
    row = worker.data(at)
    assert (row["score"], row["risk"], row["review_due_on"]) == (72, "tinggi", "2025-03-17")
    worker.done(f"{at}/plans", {"goals": goals(worker.account), "note": "Tiga tujuan"})
    assert supervisor.data(at)["plans"][0]["state"] == "diusulkan"
    # A worker may not approve at all; a supervisor not what she proposed herself.
    refused = worker.post(f"{at}/plans/1/approval")
    assert (refused.status_code, refused.get_json()["rule"]) == (403, "not_allowed")
    supervisor.done(f"{at}/assessment-approval")
    supervisor.done(f"{at}/plans/1/approval", {"note": "Setuju"})
    place.calendar.later(7)

    reversal = {"primary": person, "reason": "Ternyata sepupu: NIK berbeda"}
    worker.done(f"/api/v1/beneficiaries/{twin}/link-reversals", reversal)
    mine, hers = (supervisor.data(f"/api/v1/beneficiaries/{one}/history") for one in (person, twin))
    assert (mine["records"], hers["records"]) == ([person], [twin])
    assert {entry["stream"] for entry in mine["entries"]} == {person, case}
    assert {entry["stream"] for entry in hers["entries"]} == {twin, neighbour_case}
    assert "case.plan_approved" in topics(mine["entries"])
    assert not any(topic.startswith("case.plan") for topic in topics(hers["entries"]))
    assert {goal["title"] for goal in worker.data(at)["plans"][0]["goals"]} == {
        "Makan tiga kali sehari",
        "Punya KTP",
        "Atap diperbaiki",
    }
    for id, identity, village in ((person, HERE, VILLAGE), (twin, THERE, ELSEWHERE)):
        shown = supervisor.data(f"/api/v1/beneficiaries/{id}")
        assert (shown["state"], shown["linked_to"], shown["village"]) == ("active", None, village)
        assert shown["person"]["name"] == identity["name"]
    own = {"worker": neighbour.account}
    neighbour.done(f"/api/v1/cases/{neighbour_case}/assignment", own)  # her own case goes on as before

    told = {entry["topic"]: entry["sentence"] for entry in hers["entries"]}
    assert "sepupu" in told["beneficiary.link_reversed"]
    for entry in (*mine["entries"], *hers["entries"]):
        assert entry["sentence"][0].isupper(), entry
        assert entry["sentence"].endswith((".", ")", "”")), entry
        assert "_" not in entry["sentence"], entry["sentence"]


def test_who_proposed_a_plan_does_not_approve_it_whatever_her_roles(place: Place) -> None:
    """One person who is both case worker and, for a month, acting supervisor."""
    both, admin = place.who("peksos", VILLAGE[:8]), place.who("admin")
    acting = {"role": "supervisor", "title": "Plt. Kepala Bidang Rehabilitasi Sosial"}
    admin.done(f"/api/v1/accounts/{both.account}/grants", acting)
    person = place.who("tksk").done("/api/v1/beneficiaries", registration(name="Yusuf Lahay"))["id"]
    case = both.done("/api/v1/cases", {"beneficiary": person, "channel": "surat", "urgency": "biasa"})["id"]
    both.done(f"/api/v1/cases/{case}/assignment", {"worker": both.account})
    both.done(f"/api/v1/cases/{case}/assessments", {"instrument": "umum", "details": ANSWERS})
    both.done(f"/api/v1/cases/{case}/plans", {"goals": goals(both.account)})
    refused = both.post(f"/api/v1/cases/{case}/plans/1/approval")
    told = refused.get_json()
    assert (refused.status_code, told["rule"]) == (409, "no_self_approval")
    assert "sendiri" in told["detail"]
    place.who("supervisor").done(f"/api/v1/cases/{case}/assessment-approval")
    place.who("supervisor").done(f"/api/v1/cases/{case}/plans/1/approval")

"""Cases over HTTP: the whole life, who may do what, and what is read back."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from domain.beneficiary import Beneficiary
from domain.instruments import in_force
from service.casebook import Decision
from service.log.ids import new_id
from service.office import Office
from tests.service.offices import VILLAGE, Asking, person, record, restrict

Client = Callable[[str], Asking]
DAY = "2026-03-02"
GRAVE = dict.fromkeys((question.code for question in in_force("umum", date(2026, 3, 2)).questions), 3)
SECRET = "Rahasia keluarga Ponelo"


def opening(beneficiary: str, **more: Any) -> dict[str, Any]:
    return {
        "beneficiary": beneficiary,
        "channel": "datang_langsung",
        "urgency": "segera",
        "story": SECRET,
        "on": DAY,
        **more,
    }


def opened(office: Office, worker: Asking, tier: int = 1, **more: Any) -> str:
    """A case of the worker's own."""
    case = worker.done("/api/v1/cases", opening(person(office, tier=tier), **more))["id"]
    worker.done(f"/api/v1/cases/{case}/assignment", {"worker": worker.account, "on": DAY})
    return str(case)


def assessed(office: Office, worker: Asking, **more: Any) -> str:
    case = opened(office, worker, **more)
    worker.done(f"/api/v1/cases/{case}/assessments", {"instrument": "umum", "details": GRAVE, "on": DAY})
    return case


def goal(owner: str, **more: Any) -> dict[str, Any]:
    return {"id": new_id(), "title": "Makan tiga kali", "kind": "L07", "owner": owner, "due": "2026-04-01", **more}


def test_a_case_is_worked_from_the_report_to_aftercare(office: Office, client: Client) -> None:
    worker, supervisor = client("tksk"), client("supervisor")
    case = assessed(office, worker)
    at = f"/api/v1/cases/{case}"
    task, visit, own = new_id(), new_id(), {"on": DAY}
    plan_goal = goal(worker.account)
    aid = {"item": "sembako", "quantity": 2, "unit": "paket", "value_rupiah": 300_000}
    worker.done(f"{at}/emergency-aid", {**aid, **own})
    decision = {"task": task, "title": "Urus KTP", "owner": worker.account, "due": "2026-03-20"}
    worker.done(f"{at}/conferences", {"attendees": 4, "decisions": [decision], "minutes": "Sepakat", **own})
    worker.done(f"{at}/plans", {"goals": [plan_goal], **own})
    supervisor.done(f"{at}/assessment-approval", own)
    supervisor.done(f"{at}/plans/1/approval", own)
    service = {"kind": "L07", "quantity": 1, "unit": "kali", "provider": "Dinas Sosial", "goal": plan_goal["id"]}
    worker.done(f"{at}/services", {**service, **own})
    worker.done(f"{at}/visits", {"visit": visit, "planned_for": "2026-03-09", "note": "Bawa formulir", **own})
    row = worker.data(at)
    assert [row["stage"], row["risk"], row["plan_in_force"], row["services"]] == ["intervensi", "tinggi", 1, 2]
    assert [row["next_due_on"], row["next_kind"], row["next_task"]] == ["2026-03-09", "kunjungan", visit]
    assert row["story"] == SECRET
    assert {(one["kind"], one["title"], one["state"]) for one in row["tasks"]} == {
        ("task", "Urus KTP", "terbuka"),
        ("visit", "Bawa formulir", "terbuka"),
    }
    assert [(one["title"], one["service"]) for one in row["plans"][0]["goals"]] == [("Makan tiga kali", "L07")]
    worker.done(f"{at}/visits/{visit}/completion", {"met": True, "minutes": 40, **own})
    worker.done(f"{at}/tasks/{task}/completion", own)
    worker.done(f"{at}/reviews", {"progress": "membaik", "goals_reached": [plan_goal["id"]], **own})
    worker.done(f"{at}/closure", {"reason": "tujuan_tercapai", "outcome": "tercapai", **own})
    supervisor.done(f"{at}/closure-approval", own)
    worker.done(f"{at}/aftercare", {"condition": "membaik", **own})
    row = worker.data(at)
    assert [row["open"], row["stage"], row["reason"], row["next_due_on"]] == [
        False,
        "terminasi",
        "tujuan_tercapai",
        None,
    ]
    assert row["plans"][0]["goals"][0]["reached_on"] == DAY
    assert worker.refused(f"{at}/tasks", {**decision, "task": new_id()}) == "case_is_terminated"
    worker.done(f"{at}/reopening", {"reason": "Kambuh", **own})
    assert worker.data(at)["reopened"] == 1


def test_tasks_and_visits_end_in_other_ways_too(office: Office, client: Client) -> None:
    worker = client("tksk")
    case = opened(office, worker)
    at, task, visit = f"/api/v1/cases/{case}", new_id(), new_id()
    given = {"task": task, "title": "Urus KK", "owner": worker.account, "due": "2026-03-20", "on": DAY}
    worker.done(f"{at}/tasks", given)
    worker.done(f"{at}/tasks/{task}/cancellation", {"reason": "Sudah ada"})
    worker.done(f"{at}/visits", {"visit": visit, "planned_for": "2026-03-09", "visitor": worker.account, "on": DAY})
    worker.done(f"{at}/visits/{visit}/missed", {"reason": "cuaca_jalan"})
    assert {one["state"] for one in worker.data(at)["tasks"]} == {"dibatalkan", "tidak_terlaksana"}
    assert worker.post(f"{at}/visits/bukan-uuid/completion", {"met": True}).status_code == 422
    assert worker.refused(f"{at}/tasks/{new_id()}/completion") == "task_not_open"


def test_nobody_approves_her_own_plan_and_only_a_supervisor_approves(office: Office, client: Client) -> None:
    worker, supervisor = client("tksk"), client("supervisor")
    case = assessed(office, worker)
    worker.done(f"/api/v1/cases/{case}/plans", {"goals": [goal(worker.account)], "on": DAY})
    assert worker.refused(f"/api/v1/cases/{case}/plans/1/approval") == "not_allowed"
    supervisor.done(f"/api/v1/cases/{case}/plans/1/return", {"reason": "Kurang rinci"})
    returned = [who.data(f"/api/v1/cases/{case}")["plans"][0] for who in (supervisor, worker, client("auditor"))]
    assert {one["state"] for one in returned} == {"dikembalikan"}
    assert [one["reason"] for one in returned] == ["Kurang rinci", "Kurang rinci", None], "whoever may read the case"
    assert supervisor.refused(f"/api/v1/cases/{case}/plans/1/approval") == "plan_not_pending"
    assert supervisor.refused(f"/api/v1/cases/{case}/plans/2/approval") == "plan_not_pending"


def test_a_case_changes_hands_when_the_other_side_agrees(office: Office, client: Client) -> None:
    worker, other, supervisor = client("tksk"), client("psm"), client("supervisor")
    case = opened(office, worker)
    at = f"/api/v1/cases/{case}"
    worker.done(f"{at}/transfer-request", {"worker": other.account, "reason": "Pindah tugas", "on": DAY})
    assert worker.refused(f"{at}/transfer", {"worker": other.account}) == "not_allowed"
    other.done(f"{at}/transfer-refusal", {"reason": "Penuh"})
    assert supervisor.data(at)["transfer_to"] is None
    worker.done(f"{at}/transfer-request", {"worker": other.account, "reason": "Pindah tugas", "on": DAY})
    other.done(f"{at}/transfer", {"worker": other.account})
    assert other.data(at)["worker"] == other.account
    assert worker.get(at).status_code == 404
    supervisor.done(f"{at}/transfer", {"worker": worker.account})
    assert supervisor.post(f"{at}/transfer", {"worker": new_id()}).status_code == 422


def test_a_dead_or_linked_person_gets_no_case(office: Office, client: Client) -> None:
    worker, gone, twin, primary = client("tksk"), person(office), person(office), person(office)
    record(office, lambda decision: decision.load(Beneficiary, gone).die(on=date(2026, 2, 1)))
    assert worker.refused("/api/v1/cases", opening(gone)) == "has_died"
    assert worker.refused("/api/v1/cases", opening(new_id())) == "not_found"

    def link(decision: Decision) -> None:
        reason = decision.seal(twin, {"reason": "Orang yang sama"})
        known = decision.load(Beneficiary, primary)
        decision.load(Beneficiary, twin).link_as_duplicate(on=date(2026, 2, 1), primary=known, reason=reason)

    record(office, link)
    assert worker.refused("/api/v1/cases", opening(twin)) == "linked_to_another"


def test_a_case_of_a_strictly_restricted_person_gives_nothing_away(office: Office, client: Client) -> None:
    worker, supervisor = client("peksos"), client("supervisor")
    case = opened(office, worker, tier=3)
    at, own = f"/api/v1/cases/{case}", {"on": DAY}
    worker.done(f"{at}/assessments", {"instrument": "umum", "details": GRAVE, **own})
    worker.done(f"{at}/emergency-aid", {"item": "sandang", "quantity": 1, "unit": "paket", "provider": "LK3", **own})
    worker.done(f"{at}/plans", {"goals": [goal(worker.account, kind="A05")], **own})
    assert worker.post(f"{at}/emergency-aid", {"item": "entah", "quantity": 1, "unit": "paket"}).status_code == 422
    stored = " ".join(row[0] for row in office.database.rows("SELECT text FROM events"))
    for word in ("sandang", "LK3", '"umum"', "A05", SECRET, "Makan tiga kali"):
        assert word not in stored
    assert worker.data(at)["plans"][0]["goals"][0]["title"] == "Makan tiga kali"
    ending = {"reason": "pindah_wilayah", "outcome": "sebagian", **own}
    assert supervisor.refused(f"{at}/closure", ending) == "not_allowed"
    worker.done(f"{at}/closure", ending)
    supervisor.done(f"{at}/closure-approval", own)
    assert "pindah_wilayah" not in " ".join(row[0] for row in office.database.rows("SELECT text FROM events"))
    person = worker.data(at)["beneficiary"]
    told = worker.data(f"/api/v1/beneficiaries/{person}/history", case=case)["entries"]
    assert "Alasan: Pindah wilayah" in next(one["sentence"] for one in told if one["topic"] == "case.terminated")
    row = worker.data(at)
    assert [row["open"], row["reason"], row["outcome"]] == [False, None, "sebagian"]


def test_a_case_can_be_restricted_further(office: Office, client: Client) -> None:
    worker = client("peksos")
    case = opened(office, worker)
    worker.done(f"/api/v1/cases/{case}/restriction", {"tier": 3})
    assert worker.data(f"/api/v1/cases/{case}")["tier"] == 3
    assert worker.refused(f"/api/v1/cases/{case}/restriction", {"tier": 2}) == "tier_only_rises"


def test_the_risk_is_changed_with_a_reason(office: Office, client: Client) -> None:
    worker = client("tksk")
    case = assessed(office, worker)
    worker.done(f"/api/v1/cases/{case}/risk", {"risk": "darurat", "reason": "Dipukul", "on": DAY})
    row = worker.data(f"/api/v1/cases/{case}")
    assert [row["risk"], row["review_due_on"]] == ["darurat", "2026-03-05"]
    assert (
        worker.refused(f"/api/v1/cases/{case}/assessments", {"instrument": "umum", "details": {}, "narrative": "x"})
        == "answer_missing"
    )


def test_people_see_the_cases_of_their_area_and_strangers_none(office: Office, client: Client) -> None:
    worker, auditor, head, far = (
        client("tksk"),
        client("auditor"),
        client("kades"),
        Asking(office, "tksk", ("75.01.01",)),
    )
    case = opened(office, worker)
    assert [row["id"] for row in worker.data("/api/v1/cases")] == [case]
    assert far.data("/api/v1/cases") == []
    assert far.get(f"/api/v1/cases/{case}").status_code == 404
    assert far.refused(f"/api/v1/cases/{case}/emergency-aid", {"item": "sembako", "quantity": 1, "unit": "paket"}) == (
        "not_found"
    )
    assert head.get("/api/v1/cases").status_code == 403
    seen = auditor.data(f"/api/v1/cases/{case}")
    assert [seen["texts_shown"], seen["story"]] == [False, None]
    assert worker.client.get("/api/v1/cases").status_code == 401


def test_the_list_is_filtered_and_paged(office: Office, client: Client) -> None:
    worker = client("tksk")
    cases = [opened(office, worker) for _ in range(3)]
    late = opened(office, worker, on=office.today().isoformat())
    first = worker.get("/api/v1/cases", limit=2).get_json()
    second = worker.get("/api/v1/cases", limit=2, cursor=first["next_cursor"]).get_json()
    assert first["data"][0]["id"] == late
    assert sorted(row["id"] for page in (first, second) for row in page["data"]) == sorted([*cases, late])
    assert {row["id"] for row in worker.data("/api/v1/cases", overdue="true")} == set(cases)
    assert [row["id"] for row in worker.data("/api/v1/cases", overdue="false")] == [late]
    for query in ({"risk": "tinggi"}, {"stage": "terminasi"}, {"open": "false"}, {"worker": new_id()}):
        assert worker.data("/api/v1/cases", **query) == []
    assert len(worker.data("/api/v1/cases", village=VILLAGE, open="true")) == 4
    assert worker.get("/api/v1/cases", cursor="palsu").status_code == 422


def test_the_caseload_says_who_carries_how_much(office: Office, client: Client) -> None:
    worker, supervisor = client("tksk"), client("supervisor")
    case = assessed(office, worker)
    waiting = worker.done("/api/v1/cases", opening(person(office)))["id"]
    told = supervisor.get("/api/v1/caseload").get_json()
    nobodys = told["why"]["unassigned"].format(field="open")
    assert "worker=-&" in nobodys
    assert supervisor.data(nobodys)["count"] == sum(row["open"] for row in told["data"]["workers"] if not row["worker"])
    workers = told["data"]["workers"]
    assert [(row["worker"], row["open"], row["overdue"], row["risk_high"]) for row in workers] == [
        (None, 1, 1, 0),
        (worker.account, 1, 1, 1),
    ]
    found = supervisor.data("/api/v1/caseload", worker=worker.account)["next"]
    assert [(row["id"], row["next_kind"], row["overdue"]) for row in found] == [(case, "tinjauan", True)]
    assert waiting in {row["id"] for row in supervisor.data("/api/v1/cases")}


def test_a_case_is_read_as_it_was_known_before(office: Office, client: Client) -> None:
    worker = client("tksk")
    case = opened(office, worker)
    before = worker.get(f"/api/v1/cases/{case}").get_json()["position"]
    worker.done(f"/api/v1/cases/{case}/assessments", {"instrument": "umum", "details": GRAVE, "on": DAY})
    assert worker.data(f"/api/v1/cases/{case}", as_of=before)["risk"] is None
    assert worker.data(f"/api/v1/cases/{case}")["risk"] == "tinggi"
    assert worker.get(f"/api/v1/cases/{case}", as_of=1).status_code == 404


def test_the_same_command_twice_opens_one_case(office: Office, client: Client) -> None:
    worker = client("tksk")
    body, key = opening(person(office)), new_id()
    first = worker.done("/api/v1/cases", body, **{"Idempotency-Key": key})
    again = worker.done("/api/v1/cases", body, **{"Idempotency-Key": key})
    assert first == again
    assert len(worker.data("/api/v1/cases")) == 1


def test_what_was_not_seen_makes_a_decision_stale(office: Office, client: Client) -> None:
    worker = client("tksk")
    case = assessed(office, worker)
    body = {"reason": "menolak", "outcome": "tidak_dinilai", "on": DAY}
    assert worker.post(f"/api/v1/cases/{case}/closure", body, **{"If-Match": '"1"'}).status_code == 412
    etag = worker.get(f"/api/v1/cases/{case}").headers.get("ETag")
    assert etag == '"3"'
    assert worker.post(f"/api/v1/cases/{case}/closure", body, **{"If-Match": etag}).status_code == 201


@pytest.mark.parametrize("body", [{}, {"reason": "entah", "outcome": "tercapai"}, {"alasan": "menolak"}])
def test_a_wrong_body_is_named_and_records_nothing(office: Office, client: Client, body: dict[str, Any]) -> None:
    worker = client("tksk")
    case = opened(office, worker)
    answer = worker.post(f"/api/v1/cases/{case}/closure", body)
    assert answer.status_code == 422
    assert answer.get_json()["errors"]["json"]
    assert worker.data(f"/api/v1/cases/{case}")["open"]


def test_nothing_is_recorded_for_tomorrow(office: Office, client: Client) -> None:
    tomorrow = (office.today() + timedelta(days=2)).isoformat()
    answer = client("tksk").post("/api/v1/cases", opening(person(office), on=tomorrow))
    assert answer.status_code == 422


def test_a_batch_of_field_work_is_answered_item_by_item(office: Office, client: Client) -> None:
    worker, supervisor = client("tksk"), client("supervisor")
    case, visit = assessed(office, worker), new_id()
    worker.done(f"/api/v1/cases/{case}/plans", {"goals": [goal(worker.account)], "on": DAY})
    url = {"stream": case}
    sent = [
        {"command": "case.plan_visit", "url": url, "body": {"visit": visit, "planned_for": DAY, "on": DAY}},
        {"command": "case.record_visit", "url": {**url, "visit": visit}, "body": {"met": True, "on": DAY}},
        {"command": "case.finish_task", "url": {**url, "task": new_id()}},
        {
            "command": "case.plan_visit",
            "url": {**url, "note": new_id()},
            "body": {"visit": new_id(), "planned_for": DAY},
        },
        {"command": "case.finish_task", "url": {**url, "task": "bukan-uuid"}},
    ]
    answers = worker.post("/api/v1/batch", {"items": [{"key": new_id(), **item} for item in sent]}).get_json()
    assert [one["status"] for one in answers["results"]] == [201, 201, 409, 422, 422]
    approvals = [
        {"key": new_id(), "command": "case.approve_assessment", "url": url},
        {"key": new_id(), "command": "case.approve_plan", "url": {**url, "number": "1"}},
    ]
    answers = supervisor.post("/api/v1/batch", {"items": approvals}).get_json()
    assert [one["status"] for one in answers["results"]] == [201, 201]
    assert supervisor.post(f"/api/v1/cases/{case}/plans/satu/approval").status_code == 422


def test_a_case_reopened_for_somebody_now_strictly_restricted_is_so_too(office: Office, client: Client) -> None:
    worker, someone = client("peksos"), person(office)
    case = worker.done("/api/v1/cases", opening(someone))["id"]
    worker.done(f"/api/v1/cases/{case}/assignment", {"worker": worker.account, "on": DAY})
    worker.done(f"/api/v1/cases/{case}/closure", {"reason": "menolak", "outcome": "tidak_dinilai"})
    record(office, lambda decision: restrict(decision, decision.load(Beneficiary, someone)))
    worker.done(f"/api/v1/cases/{case}/reopening", {"reason": "Ada laporan baru"})
    assert worker.data(f"/api/v1/cases/{case}")["tier"] == 3


def test_who_a_case_is_about_is_shown_as_far_as_one_may_see(office: Office, client: Client) -> None:
    worker, auditor = client("tksk"), client("auditor")
    case, strict = opened(office, worker), opened(office, client("peksos"), tier=3)
    assert worker.data(f"/api/v1/cases/{case}")["person"]["name"] == "Warga Uji"
    seen = {row["id"]: row for row in auditor.data("/api/v1/cases")}
    assert [seen[case]["sight"], seen[case]["person"]["name"]] == ["masked", "W. U."]
    assert [seen[strict]["sight"], seen[strict]["person"]] == ["none", None]

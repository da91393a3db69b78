"""Two people at one record: who is told that it changed, and who need not be."""

from __future__ import annotations

from typing import Any

from service.log.ids import new_id
from tests.journeys.calendar import Place, registration
from tests.journeys.test_intake_to_plan import ANSWERS
from tests.service.offices import Asking


def worked(place: Place) -> tuple[Asking, str]:
    worker = place.who("tksk")
    person = worker.done("/api/v1/beneficiaries", registration(name="Hasan Lahay"))["id"]
    case = worker.done("/api/v1/cases", {"beneficiary": person, "channel": "surat", "urgency": "biasa"})["id"]
    worker.done(f"/api/v1/cases/{case}/assignment", {"worker": worker.account})
    worker.done(f"/api/v1/cases/{case}/assessments", {"instrument": "umum", "details": ANSWERS})
    return worker, str(case)


def test_a_decision_on_an_old_page_is_refused_only_when_what_came_since_matters(place: Place) -> None:
    worker, case = worked(place)
    at = f"/api/v1/cases/{case}"
    seen = worker.get(at).headers["ETag"]
    risk = {"risk": "darurat", "reason": "Sakit"}
    # Somebody plans a visit and gives a task: neither changes what the risk was judged by.
    worker.done(f"{at}/visits", {"visit": new_id(), "planned_for": "2025-03-10"})
    worker.done(f"{at}/risk", risk, **{"If-Match": seen})
    # Another judgement of the risk does.
    stale = worker.post(f"{at}/risk", {"risk": "rendah", "reason": "Membaik"}, **{"If-Match": seen})
    assert (stale.status_code, stale.get_json()["rule"]) == (412, "stale_base")
    # A visit is added to what is there, whatever came since.
    worker.done(f"{at}/visits", {"visit": new_id(), "planned_for": "2025-03-11"}, **{"If-Match": seen})
    fresh = worker.get(at).headers["ETag"]
    worker.done(f"{at}/risk", {"risk": "rendah", "reason": "Membaik"}, **{"If-Match": fresh})
    for wrong in ('"tiga"', "-1", '"99999999999999999999"'):
        assert worker.post(f"{at}/visits", {}, **{"If-Match": wrong}).status_code == 422


def test_the_same_command_again_is_answered_and_another_body_under_its_id_refused(place: Place) -> None:
    (worker, case), other = worked(place), place.who("peksos")
    key, task = new_id(), new_id()
    body: dict[str, Any] = {"task": task, "title": "Urus KTP", "owner": worker.account, "due": "2025-03-20"}
    sent = {"Idempotency-Key": key}
    first = worker.post(f"/api/v1/cases/{case}/tasks", body, **sent)
    head = place.office.reader.head()[0]
    # Later the task is done: the command sent again is still answered as it was, not refused by the rule.
    worker.done(f"/api/v1/cases/{case}/tasks/{task}/completion")
    again = worker.post(f"/api/v1/cases/{case}/tasks", body, **sent)
    assert (again.status_code, again.get_json()) == (first.status_code, first.get_json())
    assert again.headers["ETag"] == first.headers["ETag"]
    assert again.headers["Idempotent-Replayed"] == "true"
    for answer in (
        worker.post(f"/api/v1/cases/{case}/tasks", {**body, "title": "Lain"}, **sent),
        other.post(f"/api/v1/cases/{case}/tasks", body, **sent),
    ):
        assert (answer.status_code, answer.get_json()["rule"]) == (409, "command_reused")
    assert worker.post(f"/api/v1/cases/{case}/tasks", body, **{"Idempotency-Key": "satu"}).status_code == 422
    assert place.office.reader.head()[0] == head + 1  # the completion


def test_every_list_and_page_can_be_put_back_to_a_moment(place: Place) -> None:
    """Every GET route of the API that tells of the log takes ``as_of``, and answers as it would have then."""
    _, case = worked(place)
    office = place.who("supervisor")
    rules = [
        str(rule)
        for rule in office.client.application.url_map.iter_rules()
        if "GET" in (rule.methods or ()) and str(rule).startswith("/api/v1/") and not rule.arguments
    ]
    apart = {"/api/v1/events", "/api/v1/codes", "/api/v1/instruments", "/api/v1/subject-requests"}
    # Periods and differences ask for moments of their own; proofs name a size of the log.
    elsewhere = ("/api/v1/periods", "/api/v1/coverage/difference", "/api/v1/log/", "/api/v1/sessions/")
    lists = sorted(path for path in set(rules) - apart if not path.startswith(elsewhere))
    by = {"/api/v1/partners": place.who("tksk")}  # who refers; a supervisor does not
    assert len(lists) >= 12
    before = {}
    for path in lists:
        answer = by.get(path, office).get(path)
        assert answer.status_code == 200, (path, answer.get_data(as_text=True))
        before[path] = answer.get_json()
    moment = {path: body["position"] for path, body in before.items()}
    place.calendar.later(1)
    worker = place.who("tksk")
    person = worker.done("/api/v1/beneficiaries", registration(name="Orang Baru"))["id"]
    worker.done("/api/v1/cases", {"beneficiary": person, "channel": "surat", "urgency": "biasa"})
    wksbm = office.done("/api/v1/wksbm", {"village": "75.01.02.2011", "name": "WKSBM Baru"})["id"]
    office.done(f"/api/v1/wksbm/{wksbm}/socializations", {"attendance": 9})
    changed = 0
    for path in lists:
        then = by.get(path, office).get(path, as_of=moment[path]).get_json()
        assert then["data"] == before[path]["data"], path
        assert then["position"] == moment[path]
        changed += by.get(path, office).get(path).get_json()["data"] != before[path]["data"]
        early = by.get(path, office).get(path, as_of="2018-01-01T00:00:00Z")
        assert early.status_code in (200, 404, 422), path
        assert by.get(path, office).get(path, as_of="kemarin").status_code == 422, path
    assert changed >= 5
    assert office.get(f"/api/v1/cases/{case}", as_of=1).status_code == 404

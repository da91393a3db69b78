"""What two decide on a case of grave risk, over HTTP: its assessment and its end."""

from collections.abc import Callable

import pytest

from service.log.ids import new_id
from service.office import Office
from tests.service.offices import Asking
from tests.service.test_api_cases import DAY, assessed, goal, opened

Client = Callable[[str], Asking]
ENDING = {"reason": "menolak", "outcome": "sebagian", "note": "Pindah ke Manado", "on": DAY}
ROUTES = ("assessment-approval", "assessment-return", "closure-approval", "closure-return")


def waits(who: Asking) -> list[str]:
    found = who.data("/api/v1/cases/waiting")
    return [name for name in ("assessments", "closures") if found[name]]


def acting(office: Office, client: Client, role: str) -> Asking:
    """Somebody who works on cases and is supervisor as well."""
    both = client(role)
    client("admin").done(
        f"/api/v1/accounts/{both.account}/grants", {"role": "supervisor", "title": "Plt. Kepala Bidang"}
    )
    return both


@pytest.mark.parametrize("route", ROUTES)
def test_only_a_supervisor_decides(office: Office, client: Client, route: str) -> None:
    worker = client("tksk")
    case = assessed(office, worker)
    worker.done(f"/api/v1/cases/{case}/closure", ENDING)
    body = {"reason": "Belum"} if route.endswith("return") else {}
    for role in ("tksk", "psm", "peksos", "kades", "kepala_dinas", "auditor", "dpo", "mitra", "admin"):
        assert client(role).post(f"/api/v1/cases/{case}/{route}", body).status_code in (403, 404), role
    client("supervisor").done(f"/api/v1/cases/{case}/{route}", body)


def test_an_assessment_is_returned_with_a_reason_made_again_and_approved_once(office: Office, client: Client) -> None:
    worker, supervisor = client("tksk"), client("supervisor")
    case = assessed(office, worker)
    at, own = f"/api/v1/cases/{case}", {"on": DAY}
    worker.done(f"{at}/plans", {"goals": [goal(worker.account)], **own})
    before = worker.get(at).get_json()["position"]
    assert waits(supervisor) == ["assessments"]
    assert supervisor.refused(f"{at}/plans/1/approval") == "plan_needs_approved_assessment"
    assert supervisor.post(f"{at}/assessment-return", {}).status_code == 422
    supervisor.done(f"{at}/assessment-return", {"reason": "Temui anaknya dahulu", **own})
    row = worker.data(at)
    assert [row["assessed"], row["assessment_pending"], row["risk"]] == [False, False, "tinggi"]
    assert worker.data(at, as_of=before)["assessment_pending"] is True
    assert supervisor.refused(f"{at}/plans/1/approval") == "plan_needs_assessment"
    again = {"instrument": "umum", "details": dict.fromkeys(details(worker), 3), **own}
    worker.done(f"{at}/assessments", again)
    assert [one["id"] for one in supervisor.data("/api/v1/cases", assessment_pending="true")] == [case]
    supervisor.done(f"{at}/assessment-approval", {"note": "Sesuai", **own})
    assert supervisor.refused(f"{at}/assessment-approval") == "assessment_not_pending"
    supervisor.done(f"{at}/plans/1/approval", own)
    assert waits(supervisor) == []


def details(who: Asking) -> list[str]:
    """The questions of the general instrument."""
    general = [one for one in who.get("/api/v1/instruments").get_json() if one["code"] == "umum"][-1]
    return [one["code"] for one in general["questions"]]


def test_nobody_decides_on_what_she_recorded_or_asked_for_herself(office: Office, client: Client) -> None:
    both = acting(office, client, "tksk")
    case = assessed(office, both)
    at = f"/api/v1/cases/{case}"
    both.done(f"{at}/closure", ENDING)
    for route in ROUTES:
        assert both.refused(f"{at}/{route}", {"reason": "x"} if "return" in route else {}) == "no_self_approval"
    client("supervisor").done(f"{at}/assessment-approval")
    client("supervisor").done(f"{at}/closure-approval")
    assert both.data(at)["open"] is False


def test_an_end_is_asked_for_returned_asked_for_again_and_approved_once(office: Office, client: Client) -> None:
    worker, supervisor = client("tksk"), client("supervisor")
    case = assessed(office, worker)
    at = f"/api/v1/cases/{case}"
    asked = worker.done(f"{at}/closure", ENDING)
    assert [one["topic"] for one in asked["events"]] == ["case.closure_requested"]
    row = worker.data(at)
    assert [row["open"], row["closure_pending"], row["reason"]] == [True, True, None]
    supervisor.done(f"{at}/closure-return", {"reason": "Cari keluarganya di Manado", "on": DAY})
    assert supervisor.refused(f"{at}/closure-approval") == "closure_not_pending"
    aid = {"item": "sembako", "quantity": 1, "unit": "paket", "on": DAY}
    worker.done(f"{at}/emergency-aid", aid)
    worker.done(f"{at}/closure", {**ENDING, "reason": "pindah_wilayah"})
    assert [one["id"] for one in supervisor.data("/api/v1/cases", closure_pending="true")] == [case]
    position = worker.get(at).get_json()["position"]
    ended = supervisor.done(f"{at}/closure-approval", {"on": DAY})
    assert [one["topic"] for one in ended["events"]] == ["case.terminated"]
    row = worker.data(at)
    assert [row["open"], row["closure_pending"], row["reason"]] == [False, False, "pindah_wilayah"]
    assert [worker.data(at, as_of=position)[name] for name in ("open", "closure_pending")] == [True, True]
    assert supervisor.refused(f"{at}/closure-approval") == "case_is_terminated"


def test_who_asked_for_an_end_takes_it_back(office: Office, client: Client) -> None:
    worker, supervisor = client("tksk"), client("supervisor")
    case = assessed(office, worker)
    at = f"/api/v1/cases/{case}"
    [asked] = worker.done(f"{at}/closure", ENDING)["events"]
    why = {"target": asked["version"], "reason": "Ibunya kembali", "requested_by": "petugas", "on": DAY}
    worker.done(f"/api/v1/streams/{case}/retractions", why)
    assert worker.data(at)["closure_pending"] is False
    assert supervisor.data("/api/v1/cases", closure_pending="true") == []
    assert supervisor.refused(f"{at}/closure-approval") == "closure_not_pending"


def test_what_she_has_not_seen_a_supervisor_does_not_decide(office: Office, client: Client) -> None:
    worker, supervisor = client("tksk"), client("supervisor")
    case = assessed(office, worker)
    at = f"/api/v1/cases/{case}"
    worker.done(f"{at}/closure", ENDING)
    seen = {"If-Match": supervisor.get(at).headers["ETag"]}
    worker.done(f"{at}/risk", {"risk": "darurat", "reason": "Dipukul", "on": DAY})
    for route in ("assessment-approval", "closure-approval"):
        assert supervisor.post(f"{at}/{route}", {}, **seen).status_code == 412


def test_a_risk_lowered_in_between_does_not_let_its_worker_end_the_case_alone(office: Office, client: Client) -> None:
    worker, supervisor = client("tksk"), client("supervisor")
    case = assessed(office, worker)
    at = f"/api/v1/cases/{case}"
    supervisor.done(f"{at}/assessment-approval")
    worker.done(f"{at}/risk", {"risk": "rendah", "reason": "Sudah tenang", "on": DAY})
    assert worker.data(at)["ends_by_two"] is True
    worker.done(f"{at}/assessments", {"instrument": "umum", "details": dict.fromkeys(details(worker), 0), "on": DAY})
    supervisor.done(f"{at}/assessment-approval")
    assert [one["topic"] for one in worker.done(f"{at}/closure", ENDING)["events"]] == ["case.terminated"]


def test_who_works_on_a_case_without_risk_ends_it_alone(office: Office, client: Client) -> None:
    worker = client("tksk")
    case = opened(office, worker)
    worker.done(f"/api/v1/cases/{case}/closure", ENDING)
    assert worker.data(f"/api/v1/cases/{case}")["open"] is False


def test_an_end_sent_without_signal_to_a_grave_case_is_asked_for(office: Office, client: Client) -> None:
    worker = client("tksk")
    case = assessed(office, worker)
    sent = {
        "key": new_id(),
        "command": "case.terminate",
        "url": {"stream": case},
        "body": {**ENDING, "source": "offline", "device": "hp-1"},
        "base": 3,
    }
    [told] = worker.post("/api/v1/batch", {"items": [sent]}).get_json()["results"]
    assert told["status"] == 201, told
    row = worker.data(f"/api/v1/cases/{case}")
    assert [row["open"], row["closure_pending"]] == [True, True]


def test_who_asked_for_an_end_cannot_become_somebody_else(office: Office, client: Client) -> None:
    both = acting(office, client, "tksk")
    case = assessed(office, both)
    version = both.done(f"/api/v1/cases/{case}/closure", ENDING)["version"]
    said = {"target": version, "values": {"requested_by": new_id()}, "reason": "Salah", "requested_by": "pencatat"}
    assert both.post(f"/api/v1/streams/{case}/corrections", said).status_code == 422

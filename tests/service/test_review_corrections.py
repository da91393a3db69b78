"""What a correction may not be used for: to reach another record, or to write a sentence in the open."""

from collections.abc import Callable
from typing import Any

from service.office import Office
from tests.service.offices import VILLAGE, Asking, person
from tests.service.test_api_case_approvals import details

BODY = {"reason": "salah ketik", "requested_by": "supervisor"}
ELSEWHERE = "75.01.03.2004"
Client = Callable[[str], Asking]


def opening(beneficiary: str, **more: Any) -> dict[str, Any]:
    return {"beneficiary": beneficiary, "channel": "datang_langsung", "urgency": "biasa", "on": "2026-03-02", **more}


def test_a_case_is_not_turned_to_another_person_by_a_correction(office: Office, client: Client) -> None:
    worker, other = client("psm"), person(office, ELSEWHERE)
    case = worker.done("/api/v1/cases", opening(person(office)))["id"]
    answer = worker.post(f"/api/v1/streams/{case}/corrections", {**BODY, "target": 1, "values": {"beneficiary": other}})
    assert answer.status_code == 422
    assert "beneficiary" in answer.get_json()["errors"]["json"]["values"]


def test_a_case_is_not_given_to_another_worker_by_a_correction(office: Office, client: Client) -> None:
    worker = client("psm")
    case = worker.done("/api/v1/cases", opening(person(office)))["id"]
    worker.done(f"/api/v1/cases/{case}/assignment", {"worker": worker.account, "on": "2026-03-02"})
    wrong = {**BODY, "target": 2, "values": {"worker": client("tksk").account}}
    assert worker.post(f"/api/v1/streams/{case}/corrections", wrong).status_code == 422


def test_a_sealed_field_that_was_empty_does_not_come_to_point_at_another_part(office: Office, client: Client) -> None:
    supervisor = client("supervisor")
    kps = supervisor.done("/api/v1/kps", {"village": VILLAGE, "kind": "arisan", "name": "Mawar"})["id"]
    part = office.database.rows("SELECT id FROM parts LIMIT 1") or [("0191f0aa-0000-7000-8000-000000000000",)]
    wrong = {**BODY, "target": 1, "values": {"contact": {"part": part[0][0]}}}
    assert supervisor.post(f"/api/v1/streams/{kps}/corrections", wrong).status_code == 422


def test_free_text_gets_neither_into_an_empty_field_nor_into_a_list_of_codes(client: Client) -> None:
    supervisor = client("supervisor")
    incident = supervisor.done(
        "/api/v1/incidents", {"kind": "banjir", "name": "Banjir", "struck_on": "2026-01-05", "villages": [VILLAGE]}
    )["id"]
    path = f"/api/v1/streams/{incident}/corrections"
    listed = {**BODY, "target": 1, "values": {"villages": ["Ibu Rahma sakit keras"]}}
    assert supervisor.post(path, listed).status_code == 422
    psks = supervisor.done("/api/v1/psks", {"kind": "psm", "name": "Karang", "village": VILLAGE})["id"]
    empty = {**BODY, "target": 1, "values": {"area": "Ibu Rahma sakit keras"}}
    assert supervisor.post(f"/api/v1/streams/{psks}/corrections", empty).status_code == 422


def test_a_code_comes_from_the_list_of_its_field(office: Office, client: Client) -> None:
    """Where a code stood, where several did, and where none did."""
    supervisor, worker = client("supervisor"), client("psm")
    kps = supervisor.done("/api/v1/kps", {"village": VILLAGE, "kind": "lainnya", "name": "Mawar"})["id"]
    case = worker.done("/api/v1/cases", opening(person(office)))["id"]
    of_another = (
        (supervisor, kps, {"kind": "banjir"}),  # which also stands beside a "lainnya", in another list
        (worker, case, {"channel": "banjir"}),
        (worker, case, {"urgency": "datang_langsung"}),
        (worker, case, {"urgency": "segera_sekali"}),
    )
    for who, stream, values in of_another:
        answer = who.post(f"/api/v1/streams/{stream}/corrections", {**BODY, "target": 1, "values": values})
        assert answer.status_code == 422, values
        assert list(answer.get_json()["errors"]["json"]["values"].values()) == [["Kode ini tidak ada dalam daftarnya."]]
    for who, stream, values in ((supervisor, kps, {"kind": "paguyuban"}), (worker, case, {"urgency": "darurat"})):
        who.done(f"/api/v1/streams/{stream}/corrections", {**BODY, "target": 1, "values": values})


def test_a_code_out_of_the_list_of_its_field_may_stand_in_other_lists_or_in_none(
    office: Office, client: Client
) -> None:
    worker = client("peksos")
    case = worker.done("/api/v1/cases", opening(person(office)))["id"]
    assessment = {"instrument": "umum", "details": dict.fromkeys(details(worker), 0), "on": "2026-03-01"}
    worker.done(f"/api/v1/cases/{case}/assessments", assessment)
    assert office.log.history(case)[-1].topic == "case.assessed"
    version = office.log.version(case)
    values = {"instrument": "keluarga"}
    worker.done(f"/api/v1/streams/{case}/corrections", {**BODY, "target": version, "values": values})


def test_what_an_institution_is_called_is_any_words_whatever_it_was_called_before(client: Client) -> None:
    supervisor = client("supervisor")
    incident = supervisor.done(
        "/api/v1/incidents", {"kind": "banjir", "name": "Banjir", "struck_on": "2026-01-05", "villages": [VILLAGE]}
    )["id"]
    figure = {"figure": "meninggal", "number": 2, "reporter": "kepolisian"}
    supervisor.done(f"/api/v1/incidents/{incident}/figures", figure)
    path = f"/api/v1/streams/{incident}/corrections"
    for reporter in ("BPBD", "Kantor Polisi Limboto"):
        supervisor.done(path, {**BODY, "target": 2, "values": {"reporter": reporter}})
    for wrong in (" ", "x" * 201):
        assert supervisor.post(path, {**BODY, "target": 2, "values": {"reporter": wrong}}).status_code == 422


def test_a_correction_does_not_move_an_event_into_the_future(client: Client) -> None:
    supervisor = client("supervisor")
    kps = supervisor.done("/api/v1/kps", {"village": VILLAGE, "kind": "arisan", "name": "Mawar"})["id"]
    wrong = {**BODY, "target": 1, "values": {"on": "2999-01-01"}}
    assert supervisor.post(f"/api/v1/streams/{kps}/corrections", wrong).status_code == 422


def test_a_social_worker_corrects_no_register_that_she_may_not_record(client: Client) -> None:
    kps = client("supervisor").done("/api/v1/kps", {"village": VILLAGE, "kind": "arisan", "name": "Mawar"})["id"]
    changed = {**BODY, "target": 1, "values": {"name": "Arisan Melati"}}
    assert client("peksos").refused(f"/api/v1/streams/{kps}/corrections", changed) == "not_allowed"


def test_a_case_is_not_opened_for_somebody_who_lives_out_of_reach(office: Office, client: Client) -> None:
    stranger = person(office, ELSEWHERE)
    assert client("psm").refused("/api/v1/cases", opening(stranger, village=VILLAGE)) == "not_found"

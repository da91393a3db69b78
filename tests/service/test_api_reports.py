"""A village hands in a report; of a strictly restricted type it never learns of it again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from domain.beneficiary import Beneficiary
from domain.case import Case
from service.log.ids import new_id
from service.office import Office
from tests.service.offices import VILLAGE, Asking

Client = Callable[[str], Asking]
NAME, NIK = "Zulkarnain Qoyyimah", "7501021203800007"
VOLUNTEERS = ("psm", "pengurus_wksbm")
AROUND = (*VOLUNTEERS, "kades", "tksk")
LISTS = (
    "beneficiaries",
    "beneficiaries?tier=3",
    "beneficiaries?type=orang_dengan_hiv",
    "cases",
    "referrals",
    "referrals/summary",
    "caseload",
    "villages",
    f"villages/{VILLAGE}",
    "kecamatan",
    "coverage",
    f"periods?begin=2026-01-01&end=2030-01-01&village={VILLAGE}",
    *(f"figures/board.{name}?village={VILLAGE}" for name in ("people.tier_3", "people.tier_1", "open_cases")),
    "figures/caseload.open",
    "figures/caseload.urgent?worker=-",
    "figures/referrals.open",
)


def report(type: str = "orang_dengan_hiv", **more: Any) -> dict[str, Any]:
    return {
        "village": VILLAGE,
        "identity": {"name": NAME, "nik": NIK, "sex": "L", "birth_date": "1980-03-12"},
        "type": type,
        "urgency": "darurat",
        "story": "Diceritakan tetangganya.",
        **more,
    }


def told(asking: Asking, path: str) -> tuple[int, Any]:
    """What an answer says, apart from the position and the clock at which it is true."""
    answer = asking.get(f"/api/v1/{path}")
    body = answer.get_json()
    return answer.status_code, {name: body.get(name) for name in ("data", "next_cursor", "rule", "detail", "title")}


def test_a_volunteer_hands_in_a_restricted_report_and_nothing_around_her_changes(
    office: Office, client: Client
) -> None:
    asked = [(client(role), path) for role in AROUND for path in LISTS]
    before = [told(asking, path) for asking, path in asked]
    handed = {role: client(role).done("/api/v1/reports", report(case=new_id())) for role in VOLUNTEERS}
    for (asking, path), then in zip(asked, before, strict=True):
        assert told(asking, path) == then, (asking.role, path)
    ids = {event["stream"] for answer in handed.values() for event in answer["events"]}
    assert len(ids) == 4
    for role in AROUND:
        for noun in ("beneficiaries", "cases"):
            for id in ids:
                for path in (f"{noun}/{id}", f"{noun}/{id}/history", f"{noun}/{id}?as_of={office.reader.head()[0]}"):
                    assert told(client(role), path) == told(client(role), path.replace(id, new_id())), (role, path)


def test_nobody_around_finds_her_by_name_number_or_as_a_duplicate(client: Client) -> None:
    client("psm").done("/api/v1/reports", report())
    for role in AROUND:
        for asked in ({"name": NAME}, {"nik": NIK}, {"birth_year": 1980, "village": VILLAGE}):
            assert client(role).post("/api/v1/people/search", asked).get_json()["data"] == []
    again = {"village": VILLAGE, "kind": "person", "channel": "desa", "identity": report()["identity"]}
    client("psm").done("/api/v1/beneficiaries", again)
    client("tksk").refused("/api/v1/beneficiaries", again)
    (doubt,) = client("tksk").post("/api/v1/beneficiaries", again).get_json()["errors"]["duplicates"]
    assert doubt["person"]["name"] == NAME, "only the one registered in the open"


def test_a_second_report_about_the_same_person_is_taken_like_the_first(client: Client) -> None:
    first, second = client("psm").post("/api/v1/reports", report()), client("psm").post("/api/v1/reports", report())
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.get_json().keys() == second.get_json().keys()


def test_a_paper_that_was_handed_in_is_not_read_again(office: Office, client: Client) -> None:
    psm, subject = client("psm"), new_id()
    kept = psm.client.post(
        f"/api/v1/files?subject={subject}&strict=true",
        data=b"Surat keterangan",
        content_type="text/plain",
        headers={"Authorization": f"Bearer {psm.token}"},
    ).get_json()["id"]
    assert psm.get(f"/api/v1/files/{kept}").status_code == 200, "nothing refers to it yet"
    psm.done("/api/v1/reports", report(id=subject, evidence=[{"kind": "surat", "file": kept}]))
    assert psm.get(f"/api/v1/files/{kept}").status_code == 404
    assert client("supervisor").get(f"/api/v1/files/{kept}").get_data() == b"Surat keterangan"


def test_the_office_takes_it_on_who_is_cleared_for_it(office: Office, client: Client) -> None:
    answer = client("pengurus_wksbm").done("/api/v1/reports", report())
    person, case = answer["id"], answer["events"][-1]["stream"]
    assert office.log.load(Beneficiary, person).tier == office.log.load(Case, case).tier == 3
    supervisor, worker = client("supervisor"), Asking(office, "peksos", clearances=["hiv"])
    other, blind = Asking(office, "peksos", clearances=["napza"]), Asking(office, "supervisor", clearances=["anak"])
    assert supervisor.data(f"/api/v1/beneficiaries/{person}")["person"]["name"] == NAME
    assert blind.data(f"/api/v1/beneficiaries/{person}")["person"] is None
    assignment = f"/api/v1/cases/{case}/assignment"
    assert supervisor.refused(assignment, {"worker": other.account}) == "worker_not_cleared"
    assert blind.refused(assignment, {"worker": worker.account}) == "not_allowed"
    told = supervisor.post(assignment, {"worker": other.account}).get_data(as_text=True).lower()
    assert "hiv" not in told
    supervisor.done(assignment, {"worker": worker.account})
    handing_over = f"/api/v1/cases/{case}/transfer"
    assert supervisor.refused(handing_over, {"worker": other.account}) == "worker_not_cleared"
    assert worker.data(f"/api/v1/cases/{case}")["story"] == "Diceritakan tetangganya."
    assert blind.data(f"/api/v1/cases/{case}")["story"] is None


def test_an_ordinary_report_is_shown_to_the_village_as_its_role_allows(client: Client) -> None:
    psm, board = client("psm"), client("pengurus_wksbm")
    elder = report("lanjut_usia_telantar", identity={"name": NAME, "birth_year": 1940})
    person = board.done("/api/v1/reports", elder)["id"]
    assert board.data(f"/api/v1/beneficiaries/{person}")["person"]["name"] == "Z. Q."
    assert psm.data(f"/api/v1/beneficiaries/{person}")["person"]["name"] == NAME
    assert len(psm.data("/api/v1/cases")) == 1


@pytest.mark.parametrize("role", ["kades", "tksk", "peksos", "supervisor", "auditor", "admin", "kepala_dinas"])
def test_only_a_village_s_volunteers_hand_in_reports(client: Client, role: str) -> None:
    assert client(role).refused("/api/v1/reports", report()) == "not_allowed"


def test_a_report_is_handed_in_for_ones_own_village(client: Client) -> None:
    assert client("psm").refused("/api/v1/reports", report(village="75.01.03.2004")) == "village_outside_area"
    assert client("psm").post("/api/v1/reports", report(tier=1)).status_code == 422

"""Papers over HTTP: read by those who may read the record that refers to them."""

from collections.abc import Callable
from typing import Any

from service.log.ids import new_id
from service.office import Office
from tests.service.offices import VILLAGE, Asking, person

Client = Callable[[str], Asking]


def uploaded(asking: Asking, subject: str, **query: str) -> str:
    headers = {"Authorization": f"Bearer {asking.token}", "Content-Type": "text/plain"}
    answer = asking.client.post(
        "/api/v1/files", query_string={"subject": subject, **query}, data=b"Visum", headers=headers
    )
    assert answer.status_code == 201
    return str(answer.get_json()["id"])


def case_with_paper(office: Office, asking: Asking, tier: int) -> str:
    """The id of a paper that a case of the asker's own refers to."""
    who = person(office, tier=tier)
    paper: dict[str, Any] = {"kind": "surat", "file": uploaded(asking, who)}
    opening = {"beneficiary": who, "channel": "surat", "urgency": "biasa", "evidence": [paper]}
    case = asking.done("/api/v1/cases", opening)["id"]
    asking.done(f"/api/v1/cases/{case}/assignment", {"worker": asking.account})
    return str(paper["file"])


def test_a_protected_persons_paper_is_read_by_those_who_work_with_her(office: Office, client: Client) -> None:
    worker, other = client("peksos"), Asking(office, "peksos")
    paper = f"/api/v1/files/{case_with_paper(office, worker, tier=3)}"
    assert worker.get(paper).get_data() == b"Visum"
    assert client("supervisor").get(paper).get_data() == b"Visum"
    for stranger in (other, client("kades"), client("psm"), Asking(office, "supervisor", clearances=["hiv"])):
        assert stranger.get(paper).status_code == 404
    assert client("auditor").get(paper).status_code == 403, "of no paper at all"


def test_a_paper_is_read_in_its_area_and_not_in_another(office: Office, client: Client) -> None:
    supervisor = client("supervisor")
    body = {"id": new_id(), "village": VILLAGE, "kind": "arisan", "name": "Mawar"}
    file = uploaded(supervisor, body["id"])
    supervisor.done("/api/v1/kps", {**body, "evidence": [{"kind": "sk", "file": file}]})
    assert client("kades").get(f"/api/v1/files/{file}").get_data() == b"Visum"
    assert Asking(office, "kades", ("75.01.03.2004",)).get(f"/api/v1/files/{file}").status_code == 404
    assert client("admin").get(f"/api/v1/files/{file}").status_code == 404


def test_a_paper_that_no_record_refers_to_is_its_uploaders_alone(office: Office, client: Client) -> None:
    file = uploaded(client("psm"), person(office))
    assert client("psm").get(f"/api/v1/files/{file}").status_code == 200
    assert client("supervisor").get(f"/api/v1/files/{file}").status_code == 404


def test_a_paper_of_no_record_does_not_tell_its_uploader_that_somebody_is_restricted(
    office: Office, client: Client
) -> None:
    """He sees neither her nor whom nobody knows, and reads what he sent himself, of both."""
    she, psm = person(office, village="75.01.03.2004"), client("psm")
    client("dpo").done(f"/api/v1/beneficiaries/{she}/processing-restriction", {"ground": "keberatan"})
    assert [psm.get(f"/api/v1/files/{uploaded(psm, one)}").status_code for one in (she, new_id())] == [200, 200]


def test_a_paper_sent_while_somebody_was_closed_backs_no_record_of_hers(office: Office, client: Client) -> None:
    """Whoever did not know her sent it, so it lies under a key of nobody, which her destruction would not take."""
    she, far = person(office), Asking(office, "psm", ("75.01.03.2004",))
    office.keys.close_subjects([she], "keputusan")
    paper = {"kind": "surat", "file": uploaded(far, she, strict="true")}
    office.keys.open_subjects([she], "keputusan")
    opening = {"beneficiary": she, "channel": "surat", "urgency": "biasa"}
    assert client("peksos").refused("/api/v1/cases", {**opening, "evidence": [paper]}) == "file_of_another"


def test_a_paper_about_somebody_else_backs_no_record(office: Office, client: Client) -> None:
    worker, she, other = client("peksos"), person(office), person(office)
    opening = {"beneficiary": she, "channel": "surat", "urgency": "biasa"}
    for subject in (other, new_id()):
        paper = {"kind": "surat", "file": uploaded(worker, subject)}
        assert worker.refused("/api/v1/cases", {**opening, "evidence": [paper]}) == "file_of_another"
        assert office.files.claimed_by(paper["file"]) is None
    supervisor, wksbm = client("supervisor"), {"village": VILLAGE, "name": "Mawar"}
    paper = {"kind": "sk", "file": uploaded(supervisor, she)}
    assert supervisor.refused("/api/v1/wksbm", {**wksbm, "evidence": [paper]}) == "file_of_another"
    worker.done("/api/v1/cases", {**opening, "evidence": [{"kind": "surat", "file": uploaded(worker, she)}]})

"""What lies outside somebody's reach stays there, by whatever way she asks; odd questions are refused in words."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from domain.beneficiary import Beneficiary
from service.casebook import Decision
from service.log.ids import new_id
from service.office import Office
from tests.service.offices import VILLAGE, Asking, person, record

ELSEWHERE = "75.01.03.2004"
Client = Callable[[str], Asking]


def family_with(office: Office, member: str) -> str:
    """A family that the person joins."""
    family = new_id()

    def join(decision: Decision) -> None:
        head = decision.seal(family, {"identity": {"head": "Rusli"}})
        made = Beneficiary.register(
            family,
            on=date(2026, 1, 5),
            village=VILLAGE,
            kind="family",
            channel="desa",
            identity=head,
        )
        decision.begin(made)
        decision.load(Beneficiary, member).join_family(on=date(2026, 1, 6), family=made, relation="anak")

    record(office, join)
    return family


def test_a_restricted_child_is_not_known_by_her_place_in_the_family(office: Office, client: Client) -> None:
    child = person(office, tier=3)
    family = family_with(office, child)
    kades = client("kades")
    assert kades.data(f"/api/v1/beneficiaries/{family}")["members"] == []
    uncleared = Asking(office, "supervisor", clearances=())
    assert family not in str(uncleared.data(f"/api/v1/beneficiaries/{child}"))
    assert family not in str(uncleared.data(f"/api/v1/beneficiaries/{child}/history"))
    assert uncleared.data(f"/api/v1/beneficiaries/{family}")["members"] == []
    assert [row["id"] for row in client("supervisor").data(f"/api/v1/beneficiaries/{family}")["members"]] == [child]


def test_a_type_is_not_learned_by_asking_for_it(office: Office, client: Client) -> None:
    psm = client("psm")
    body = {"village": VILLAGE, "kind": "person", "channel": "desa", "identity": {"name": "Ratna", "birth_year": 1940}}
    who = psm.done("/api/v1/beneficiaries", body)["id"]
    psm.done(f"/api/v1/beneficiaries/{who}/classifications", {"type": "lanjut_usia_telantar", "tier": 2})
    asked = {"type": "lanjut_usia_telantar"}
    assert client("pengurus_wksbm").data("/api/v1/beneficiaries", **asked) == []
    assert [row["id"] for row in client("supervisor").data("/api/v1/beneficiaries", **asked)] == [who]


def test_a_village_is_told_how_much_work_there_is_but_not_which_cases(office: Office, client: Client) -> None:
    tksk = client("tksk")
    opening = {"beneficiary": person(office), "channel": "datang_langsung", "urgency": "biasa"}
    case = tksk.done("/api/v1/cases", opening)["id"]
    tksk.done(f"/api/v1/cases/{case}/assignment", {"worker": tksk.account})
    found = client("kades").data("/api/v1/caseload", worker=tksk.account)
    assert ([row["open"] for row in found["workers"]], found["next"]) == ([1], [])
    assert [row["id"] for row in tksk.data("/api/v1/caseload", worker=tksk.account)["next"]] == [case]


def test_a_village_does_not_end_a_disaster_that_struck_others_too(office: Office, client: Client) -> None:
    flood = {"kind": "banjir", "name": "Banjir", "struck_on": "2026-01-05", "villages": [VILLAGE, ELSEWHERE]}
    incident = client("supervisor").done("/api/v1/incidents", flood)["id"]
    path = f"/api/v1/incidents/{incident}"
    assert client("kades").refused(f"{path}/closure") == "not_allowed"
    agreed = {"figure": "jiwa_terdampak", "number": 1}
    assert client("kades").refused(f"{path}/agreed-figures", agreed) == "not_allowed"
    client("supervisor").done(f"{path}/closure")


def test_a_search_opens_nobody_out_of_reach(office: Office, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    supervisor, psm = client("supervisor"), client("psm")
    far = Asking(office, "psm", (ELSEWHERE,))
    body: dict[str, Any] = {"kind": "person", "channel": "desa", "reason_to_go_on": "Orang lain"}
    for asking, village in ((psm, VILLAGE), (far, ELSEWHERE)):
        asking.done("/api/v1/beneficiaries", {**body, "village": village, "identity": {"name": "Ratna Gobel"}})
    opened: list[int] = []
    open_parts = office.vault.open

    def counted(parts: Any) -> Any:
        found = open_parts(list(parts))
        opened.append(len(found))
        return found

    monkeypatch.setattr(office.vault, "open", counted)
    search = {"name": "Ratna Gobel"}
    assert len(psm.post("/api/v1/people/search", search).get_json()["data"]) == 1
    assert max(opened) == 1
    assert len(supervisor.post("/api/v1/people/search", search).get_json()["data"]) == 2


@pytest.mark.parametrize("until", ["9" * 39, "0001-01-01T00:00:00+08:00", "9999-12-31T23:59:59-08:00"])
def test_a_moment_at_the_end_of_the_calendar_is_no_fault_of_the_service(
    office: Office, client: Client, until: str
) -> None:
    answer = client("auditor").get(f"/api/v1/streams/{person(office)}/replay", until=until)
    assert answer.status_code in (200, 422)
    if answer.status_code == 200:
        assert answer.get_json()["position"] == office.reader.head()[0]


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_the_boards_answer_for_any_day_of_the_calendar(client: Client, day: str) -> None:
    supervisor = client("supervisor")
    for path in ("villages", f"villages/{VILLAGE}", "kecamatan", "coverage", "wksbm"):
        assert supervisor.get(f"/api/v1/{path}", on=day).status_code in (200, 404)
        assert supervisor.get(f"/api/v1/{path}", as_of=f"{day}T12:00:00Z").status_code in (200, 404)
    assert supervisor.get("/api/v1/coverage/series", begin=day, on=day).status_code == 200


def test_a_version_that_nobody_can_have_seen_is_refused(client: Client) -> None:
    supervisor = client("supervisor")
    kps = supervisor.done("/api/v1/kps", {"village": VILLAGE, "kind": "arisan", "name": "Mawar"})["id"]
    answer = supervisor.post(f"/api/v1/kps/{kps}/ending", {}, **{"If-Match": '"7"'})
    assert answer.status_code == 412
    supervisor.done(f"/api/v1/kps/{kps}/ending", {}, **{"If-Match": '"1"'})


@pytest.mark.parametrize("number", ["7501010101900001", "7501 0101 0190 0001"])
def test_the_number_of_an_identity_card_does_not_get_into_the_open(office: Office, client: Client, number: str) -> None:
    body = {"village": VILLAGE, "kind": "person", "channel": "desa", "identity": {"name": "Ratna"}}
    papers = {"evidence": [{"kind": "ktp", "number": number}]}
    assert client("psm").post("/api/v1/beneficiaries", {**body, **papers}).status_code == 422
    assert not office.database.rows("SELECT 1 FROM events WHERE text LIKE :number", number=f"%{number}%")

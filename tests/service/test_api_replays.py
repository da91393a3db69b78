"""Replaying over HTTP: every event of a person with the state it led to."""

from collections.abc import Callable

from service.office import Office
from tests.service.offices import VILLAGE, Asking, person
from tests.service.test_api_beneficiaries import NIK, PEOPLE, registered
from tests.service.test_api_incidents import INCIDENTS, flood, victim
from tests.service.test_api_wksbm import NEXT_DOOR

Client = Callable[[str], Asking]


def test_an_auditor_replays_a_person_step_by_step_with_nothing_unsealed(client: Client, office: Office) -> None:
    psm = client("psm")
    person = registered(psm)
    position = office.reader.head()[0]
    psm.done(f"{PEOPLE}/{person}/death")
    path = f"/api/v1/streams/{person}/replay"
    steps = client("auditor").get(path).get_json()["steps"]
    assert [step["topic"] for step in steps] == ["beneficiary.registered", "beneficiary.died"]
    assert steps[1]["changed"] == {"died_on": office.today().isoformat()}
    assert NIK not in str(steps)
    assert len(client("auditor").get(path, until=str(position)).get_json()["steps"]) == 1
    for nonsense in ("kemarin", "2026-02-30", "2026-06-30T17:00"):
        assert client("auditor").get(path, until=nonsense).status_code == 422
    missing = client("auditor").get(path, until="99999")
    assert (missing.status_code, missing.get_json()["errors"]) == (422, {"query": {"until": ["belum ada"]}})
    # A plus that is written into an address as it stands is read as a space.
    later = client("auditor").get(path, until="2099-01-01T00:00:00 08:00")
    assert len(later.get_json()["steps"]) == 2
    today = client("auditor").get(path, until=office.today().isoformat())
    assert len(today.get_json()["steps"]) == 2
    assert psm.get(path).status_code == 403


def test_a_replay_of_a_person_tells_what_incidents_say_of_her_and_of_nobody_else(
    client: Client, office: Office
) -> None:
    tksk, auditor = client("tksk"), client("auditor")
    she, other = person(office), person(office)
    incident = flood(tksk)
    at = f"{INCIDENTS}/{incident}"
    tksk.done(f"{at}/victims", {"victims": [victim(victim=other), victim(victim=she, household=3)]})
    relief = {"kind": "E1", "goods": "beras", "quantity": 5, "unit": "kg"}
    given = tksk.done(f"{at}/relief", {**relief, "recipients": [other, she]})["events"][0]
    tksk.done(f"{at}/relief", {**relief, "recipients": [other]})
    client("supervisor").done(
        f"/api/v1/streams/{incident}/retractions",
        {"target": given["version"], "reason": "Salah catat", "requested_by": "supervisor"},
    )
    steps = auditor.get(f"/api/v1/streams/{she}/replay").get_json()["steps"]
    assert [step["topic"] for step in steps] == [
        "beneficiary.registered",
        "incident.victim_recorded",
        "incident.relief_delivered",
        "record.retracted",
    ]
    assert steps[1]["changed"] == {"victims": {she: [victim()["village"], 3]}}
    assert (steps[2]["changed"]["helped"], steps[3]["changed"]["helped"]) == ([she], [])
    assert other not in str([step["state"] for step in steps])
    # The incident itself is replayed whole.
    assert len(auditor.get(f"/api/v1/streams/{incident}/replay").get_json()["steps"]) == 6


def test_a_village_replayed_tells_of_a_disaster_what_concerns_the_village(client: Client, office: Office) -> None:
    tksk, auditor = client("tksk"), client("auditor")
    she, other = person(office, tier=3), person(office, village=NEXT_DOOR)
    at = f"{INCIDENTS}/{flood(tksk, villages=[VILLAGE, NEXT_DOOR])}"
    victims = [victim(victim=she), {**victim(victim=other), "village": NEXT_DOOR}]
    client("supervisor").done(f"{at}/victims", {"victims": victims})
    steps = auditor.get(f"/api/v1/villages/{VILLAGE}/replay").get_json()["steps"]
    recorded = [step for step in steps if step["topic"] == "incident.victim_recorded"]
    assert [list(step["changed"]["victims"]) for step in recorded] == [[she]]
    assert other not in str(steps)
    assert "kekerasan" not in str(steps)


def test_a_village_is_replayed_in_pages_alone(client: Client, office: Office) -> None:
    person(office)
    auditor = client("auditor")
    assert auditor.get(f"/api/v1/villages/{VILLAGE}/replay").status_code == 200
    assert auditor.get(f"/api/v1/streams/{VILLAGE}/replay").status_code == 404


def test_a_village_where_nothing_is_recorded_has_no_steps(client: Client, office: Office) -> None:
    person(office)
    auditor = client("auditor")
    empty = auditor.get(f"/api/v1/villages/{NEXT_DOOR}/replay").get_json()
    assert (empty["steps"], "next_cursor" in empty) == ([], False)
    assert auditor.get("/api/v1/villages/75.01.99.2999/replay").status_code == 404


def test_a_village_told_in_pages_is_what_it_is_told_at_once(client: Client, office: Office) -> None:
    psm, auditor = client("psm"), client("auditor")
    first, second = registered(psm), person(office)
    psm.done(f"{PEOPLE}/{first}/death")
    client("tksk").done(f"{PEOPLE}/{second}/death")
    path = f"/api/v1/villages/{VILLAGE}/replay"
    whole, told, cursor = auditor.get(path, limit=500).get_json()["steps"], [], {}
    while True:
        page = auditor.get(path, limit=1, **cursor).get_json()
        told += page["steps"]
        if "next_cursor" not in page:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert told == whole
    assert len({step["stream"] for step in whole}) > 1
    assert [step["position"] for step in whole] == sorted(step["position"] for step in whole)

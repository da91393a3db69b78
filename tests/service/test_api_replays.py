"""Replaying over HTTP: every event of a person with the state it led to."""

from collections.abc import Callable

from service.office import Office
from tests.service.offices import Asking
from tests.service.test_api_beneficiaries import NIK, PEOPLE, registered

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
    # Written into an address as it stands, a plus is read as a space.
    later = client("auditor").get(f"{path}?until=2099-01-01T00:00:00+08:00")
    assert len(later.get_json()["steps"]) == 2
    today = client("auditor").get(path, until=office.today().isoformat())
    assert len(today.get_json()["steps"]) == 2
    assert psm.get(path).status_code == 403

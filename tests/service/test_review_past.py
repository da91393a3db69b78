"""A past moment is shown with the rights and restrictions of today."""

from collections.abc import Callable
from datetime import date

from domain.beneficiary import Beneficiary
from service.casebook import Decision
from service.office import Office
from tests.service.offices import VILLAGE, Asking, person, record, restrict

ELSEWHERE = "75.01.03.2004"
Client = Callable[[str], Asking]


def tightened(office: Office, who: str) -> int:
    """The person becomes strictly restricted; returns the last position before."""
    before = office.reader.head()[0]
    record(office, lambda decision: restrict(decision, decision.load(Beneficiary, who)))
    return before


def test_whoever_became_strictly_restricted_is_not_shown_as_known_before(office: Office, client: Client) -> None:
    who = person(office)
    before = tightened(office, who)
    for role in ("kades", "pengurus_wksbm", "auditor"):
        assert client(role).get(f"/api/v1/beneficiaries/{who}", as_of=before).status_code == 404
        assert client(role).data("/api/v1/beneficiaries", as_of=before) == []
    uncleared = Asking(office, "supervisor", clearances=["anak"])
    page = uncleared.data(f"/api/v1/beneficiaries/{who}", as_of=before)
    assert (page["sight"], page["person"], page["tier"]) == ("none", None, "ketat")
    entries = uncleared.data(f"/api/v1/beneficiaries/{who}/history", as_of=before)["entries"]
    assert "Warga Uji" not in str(entries)
    assert client("supervisor").data(f"/api/v1/beneficiaries/{who}", as_of=before)["person"]["name"] == "Warga Uji"


def test_a_search_of_the_past_does_not_find_whoever_is_restricted_today(office: Office, client: Client) -> None:
    psm = client("psm")
    body = {"village": VILLAGE, "kind": "person", "channel": "desa", "identity": {"name": "Ratna Gobel"}}
    who = psm.done("/api/v1/beneficiaries", body)["id"]
    before = tightened(office, who)
    answer = psm.post("/api/v1/people/search", {"name": "Ratna Gobel", "as_of": str(before)})
    assert answer.get_json()["data"] == []


def test_whoever_moved_away_is_no_longer_shown_to_her_old_village(office: Office, client: Client) -> None:
    who = person(office)
    before = office.reader.head()[0]

    def move(decision: Decision) -> None:
        decision.load(Beneficiary, who).move_domicile(on=date(2026, 2, 1), village=ELSEWHERE)

    record(office, move)
    assert client("kades").get(f"/api/v1/beneficiaries/{who}", as_of=before).status_code == 404
    assert client("kades").data("/api/v1/beneficiaries", as_of=before) == []
    [row] = Asking(office, "kades", (ELSEWHERE,)).data("/api/v1/beneficiaries", as_of=before)
    assert (row["id"], row["village"], row["person"]["name"]) == (who, VILLAGE, "Warga Uji")


def test_a_case_that_was_handed_over_is_not_read_in_the_past(office: Office, client: Client) -> None:
    worker, supervisor, next_one = client("psm"), client("supervisor"), client("tksk")
    opening = {"beneficiary": person(office), "channel": "datang_langsung", "urgency": "biasa", "story": "Rahasia"}
    case = worker.done("/api/v1/cases", opening)["id"]
    worker.done(f"/api/v1/cases/{case}/assignment", {"worker": worker.account})
    before = office.reader.head()[0]
    assert worker.data(f"/api/v1/cases/{case}")["story"] == "Rahasia"
    supervisor.done(f"/api/v1/cases/{case}/transfer", {"worker": next_one.account})
    assert worker.get(f"/api/v1/cases/{case}", as_of=before).status_code == 404
    assert worker.data("/api/v1/cases", as_of=before) == []
    assert worker.data("/api/v1/caseload", worker=worker.account, as_of=before)["next"] == []
    [row] = next_one.data("/api/v1/cases", as_of=before)
    assert (row["id"], row["worker"]) == (case, worker.account)
    assert next_one.data(f"/api/v1/cases/{case}", as_of=before)["worker"] == worker.account
    assert next_one.data(f"/api/v1/cases/{case}")["story"] == "Rahasia"


def test_a_filter_of_the_past_does_not_tell_of_whoever_is_restricted_today(office: Office, client: Client) -> None:
    before = tightened(office, person(office))
    assert client("kades").data("/api/v1/beneficiaries", tier=1, as_of=before) == []
    assert len(client("supervisor").data("/api/v1/beneficiaries", tier=1, as_of=before)) == 1


def test_referrals_of_a_case_that_was_handed_over_are_not_listed_in_the_past(office: Office, client: Client) -> None:
    worker, next_one = Asking(office, "peksos", (ELSEWHERE,)), Asking(office, "peksos", (ELSEWHERE,))
    opening = {"beneficiary": person(office), "channel": "datang_langsung", "urgency": "biasa"}
    case = client("tksk").done("/api/v1/cases", opening)["id"]
    client("supervisor").done(f"/api/v1/cases/{case}/assignment", {"worker": worker.account})
    sending = {"destination_kind": "puskesmas", "destination": "Puskesmas Limboto", "need": "pemeriksaan"}
    referral = worker.done(f"/api/v1/cases/{case}/referrals", sending)["id"]
    before = office.reader.head()[0]
    client("supervisor").done(f"/api/v1/cases/{case}/transfer", {"worker": next_one.account})
    for asking, seen in ((worker, []), (next_one, [referral])):
        assert [row["id"] for row in asking.data("/api/v1/referrals", as_of=before)] == seen
        assert asking.data("/api/v1/referrals/summary", as_of=before)["open"] == len(seen)
        assert asking.get(f"/api/v1/referrals/{referral}", as_of=before).status_code == (200 if seen else 404)


def test_a_disaster_elsewhere_does_not_show_who_a_victim_is(office: Office, client: Client) -> None:
    stranger = person(office, ELSEWHERE)
    tksk = client("tksk")
    flood = {"kind": "banjir", "name": "Banjir", "struck_on": "2026-01-05", "villages": [VILLAGE]}
    incident = tksk.done("/api/v1/incidents", flood)["id"]
    victim = {"victim": stranger, "village": VILLAGE, "conditions": ["mengungsi"]}
    tksk.done(f"/api/v1/incidents/{incident}/victims", {"victims": [victim]})
    [row] = tksk.data(f"/api/v1/incidents/{incident}/victims")
    assert (row["victim"], row["village"], row["person"]) == (stranger, VILLAGE, None)
    [row] = Asking(office, "supervisor").data(f"/api/v1/incidents/{incident}/victims")
    assert row["person"]["name"] == "Warga Uji"

"""What a household received, before the same is given again: a warning that depends on nothing but what was recorded."""

from collections.abc import Callable
from typing import Any

from service.office import Office
from tests.service.offices import VILLAGE, Asking, person
from tests.service.test_api_cases import DAY, opening
from tests.service.test_api_incidents import INCIDENTS, flood, victim
from tests.service.web_office import filled, page, told

Client = Callable[[str], Asking]
PEOPLE = "/api/v1/beneficiaries"
AID = {"item": "sembako", "quantity": 2, "unit": "paket", "on": DAY}


def case_of(worker: Asking, beneficiary: str) -> str:
    case = worker.done("/api/v1/cases", opening(beneficiary))["id"]
    worker.done(f"/api/v1/cases/{case}/assignment", {"worker": worker.account, "on": DAY})
    return f"/api/v1/cases/{case}"


def household(worker: Asking, *members: str) -> str:
    body = {
        "village": VILLAGE,
        "kind": "family",
        "channel": "desa",
        "identity": {"head": "Karsum Une"},
        "on": "2026-01-05",
    }
    family = str(worker.done(PEOPLE, body)["id"])
    for one in members:
        joined = {"family": family, "relation": "anak", "on": "2026-01-06"}
        worker.done(f"{PEOPLE}/{one}/family-memberships", joined)
    return family


def received(who: Asking, someone: str, **query: Any) -> list[tuple[str, str, str]]:
    rows = who.data(f"{PEOPLE}/{someone}/received", **{"on": "2026-03-20", **query})
    return [(row["kind"], row["on"], row["until"]) for row in rows]


def test_what_one_of_the_household_got_is_told_of_all_of_it_within_the_period_of_its_kind(
    office: Office, client: Client
) -> None:
    worker = client("tksk")
    mother, child, neighbour = (person(office) for _ in range(3))
    family = household(worker, mother, child)
    worker.done(f"{case_of(worker, mother)}/emergency-aid", AID)
    for one in (mother, child, family):
        assert received(worker, one) == [("sembako", DAY, "2026-04-01")], "a parcel of food is for 30 days"
    assert received(worker, neighbour) == []
    assert received(worker, child, on="2026-04-02") == []
    assert received(worker, child, on="2026-03-01") == [], "not given yet"
    assert received(worker, child, kind="paket_sembako") == [("sembako", DAY, "2026-04-01")], "the same by another name"
    assert received(worker, child, kind="kursi_roda") == []
    [row] = worker.data(f"{PEOPLE}/{child}/received", on="2026-03-20")
    assert [row["beneficiary"], row["post"], row["person"]["name"]] == [mother, "tksk", "Warga Uji"]
    assert "bahan pokok" in row["sentence"].lower()


def test_what_is_a_matter_of_course_is_no_warning(office: Office, client: Client) -> None:
    worker, someone = client("tksk"), person(office)
    at = case_of(worker, someone)
    service = {"kind": "L07", "quantity": 1, "unit": "kali", "provider": "Dinas", "exception": "Mendesak", "on": DAY}
    worker.done(f"{at}/services", service)
    assert received(worker, someone) == []
    worker.done(f"{at}/services", {**service, "kind": "L06"})
    assert received(worker, someone) == [("L06", DAY, "2026-05-31")]


def test_nothing_is_opened_and_nobody_named_in_the_trail_of_whom_the_answer_does_not_tell(
    office: Office, client: Client
) -> None:
    worker = client("peksos")
    hidden, sister = person(office, tier=3), person(office)
    household(worker, hidden, sister)
    worker.done(f"{case_of(worker, hidden)}/emergency-aid", AID)

    def read(**query: Any) -> list[Any]:
        head = office.reader.head()[0]
        received(worker, sister, **query)
        return [row.topic for row in office.log.stored(head, 100)]

    assert read() == ["reading.made"]
    assert read(on="2027-03-20") == [], "too long ago to be given twice"


def test_relief_after_a_disaster_counts_and_what_was_retracted_does_not(office: Office, client: Client) -> None:
    worker, supervisor, someone = client("tksk"), client("supervisor"), person(office)
    at, incident = case_of(worker, someone), flood(worker)
    worker.done(f"{INCIDENTS}/{incident}/victims", {"victims": [victim(victim=someone)], "on": DAY})
    relief = {"kind": "E1", "goods": "paket_sembako", "quantity": 1, "unit": "paket", "recipients": [someone]}
    worker.done(f"{INCIDENTS}/{incident}/relief", {**relief, "on": "2026-03-04"})
    given = worker.done(f"{at}/emergency-aid", AID)["events"][-1]
    twice = [("sembako", "2026-03-04", "2026-04-03"), ("sembako", DAY, "2026-04-01")]
    assert received(worker, someone) == twice
    back = {"target": given["version"], "reason": "salah orang", "requested_by": "petugas"}
    supervisor.done(f"/api/v1/streams/{given['stream']}/retractions", back)
    assert received(worker, someone) == twice[:1]
    assert received(worker, someone, as_of=given["position"]) == twice, "as was known then"


def test_of_the_victims_of_a_disaster_it_is_told_together_before_relief_is_recorded(
    office: Office, client: Client
) -> None:
    worker, elsewhere = client("tksk"), Asking(office, "tksk", ("75.01.22",))
    mother, child, other = (person(office) for _ in range(3))
    household(worker, mother, child)
    today = office.today().isoformat()
    worker.done(f"{case_of(worker, mother)}/emergency-aid", {**AID, "on": today})
    incident = flood(worker)
    form = f"/catat/incident.deliver_relief?stream={incident}"
    assert "sudah menerima" not in told(page(worker, form)), "nobody is a victim yet"
    hit = [victim(victim=child), victim(victim=other)]
    worker.done(f"{INCIDENTS}/{incident}/victims", {"victims": hit})
    rows = worker.data(f"{INCIDENTS}/{incident}/received")
    assert [(row["kind"], row["beneficiary"]) for row in rows] == [("sembako", mother)]
    assert worker.data(f"{INCIDENTS}/{incident}/received", kind="beras") == []
    assert elsewhere.data(f"{INCIDENTS}/{incident}/received") == [], "they are out of her reach"
    warned = told(page(worker, form))
    assert "Rumah tangga korban berikut sudah menerima" in warned
    assert "Paket bahan pokok" in warned
    relief = {"kind": "E1", "goods": "paket_sembako", "quantity": "1", "unit": "paket", "recipients": [child]}
    assert filled(worker, form, **relief).status_code == 303
    assert [row["beneficiary"] for row in worker.data(f"{INCIDENTS}/{incident}/received")] == [child, mother]


def test_a_long_warning_is_cut_short(office: Office, client: Client) -> None:
    worker, someone = client("tksk"), person(office)
    at, today = case_of(worker, someone), office.today().isoformat()
    for _ in range(21):
        worker.done(f"{at}/emergency-aid", {**AID, "on": today})
    warned = page(worker, f"/catat/case.give_emergency_aid?stream={at.rpartition('/')[2]}")
    assert warned.count("yang sama lagi sesudah") == 20
    assert "Ada pemberian lain sebelumnya" in warned


def test_what_the_asker_may_not_know_of_is_left_out(office: Office, client: Client) -> None:
    social, officer = client("peksos"), client("kades")
    hidden = person(office, tier=3)
    known = {"village": VILLAGE, "kind": "person", "channel": "desa", "identity": {"name": "Yusuf Biya"}}
    sister = str(social.done(PEOPLE, {**known, "on": "2026-01-05"})["id"])
    case = case_of(social, hidden)
    household(social, hidden, sister)
    social.done(f"{case}/emergency-aid", AID)
    for one in (hidden, sister):
        assert [kind for kind, *_ in received(social, one)] == ["sembako"]
    assert officer.get(f"{PEOPLE}/{hidden}/received").status_code == 404
    assert received(officer, sister) == []


def test_the_form_in_which_help_is_recorded_tells_of_it_and_records_it_all_the_same(
    office: Office, client: Client
) -> None:
    worker, mother, child = client("tksk"), person(office), person(office)
    household(worker, mother, child)
    today = {**AID, "on": office.today().isoformat()}
    worker.done(f"{case_of(worker, mother)}/emergency-aid", today)
    case = case_of(worker, child).rpartition("/")[2]
    for command in ("case.give_emergency_aid", "case.deliver_service"):
        form = told(page(worker, f"/catat/{command}?stream={case}"))
        assert "Rumah tangga ini sudah menerima" in form, command
        assert "Paket bahan pokok" in form, command
    again = filled(worker, f"/catat/case.give_emergency_aid?stream={case}", item="sembako", quantity="1", unit="paket")
    assert again.status_code == 303
    other = case_of(worker, person(office)).rpartition("/")[2]
    assert "sudah menerima" not in told(page(worker, f"/catat/case.give_emergency_aid?stream={other}"))

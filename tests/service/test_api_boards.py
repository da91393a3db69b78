"""The boards over HTTP: villages, kecamatan and coverage, today and put back."""

from collections.abc import Callable

from service.office import Office
from tests.service.offices import VILLAGE, Asking, person
from tests.service.test_api_wksbm import DAY, MEMBERS, NEXT_DOOR, SK, begun, formed

Client = Callable[[str], Asking]


def ratified(who: Asking, village: str = VILLAGE, **more: str) -> str:
    wksbm = formed(who, village)
    who.done(f"/api/v1/wksbm/{wksbm}/board", {"members": MEMBERS, "term_from": DAY, "on": DAY})
    who.done(f"/api/v1/wksbm/{wksbm}/ratification", {**SK, **more})
    return wksbm


def test_every_village_stands_on_the_board(client: Client, office: Office) -> None:
    who = client("supervisor")
    ratified(who)
    person(office)
    person(office, tier=3)
    rows = {row["code"]: row for row in who.data("/api/v1/villages")}
    assert len(rows) == 205
    assert rows[VILLAGE]["stage"] == "sah"
    assert rows[VILLAGE]["people"] == {"tier_1": 1, "tier_2": 0, "tier_3": 1}
    assert rows[VILLAGE]["last_event"]["topic"] == "beneficiary.ppks_classified"
    assert rows[NEXT_DOOR]["stage"] == "belum_ada"
    assert [row["code"] for row in who.data("/api/v1/villages", stage="sah")] == [VILLAGE]
    assert {row["kecamatan"] for row in who.data("/api/v1/villages", kecamatan="75.01.01")} == {"75.01.01"}


def test_villages_are_asked_for_by_what_one_wksbm_lacks(client: Client) -> None:
    who = client("supervisor")
    ratified(who, term_until="2021-01-01")
    asleep = formed(who, NEXT_DOOR)
    who.done(f"/api/v1/wksbm/{asleep}/dormancy", {"signals": ["tanpa_kegiatan"]})

    def found(**lacking: str) -> list[str]:
        return [row["code"] for row in who.data("/api/v1/villages", **lacking)]

    assert found(sk_expired="true") == [VILLAGE]
    assert found(unproven="true") == found(inactive="true") == [VILLAGE, NEXT_DOOR]
    assert found(inactive="true", sk_expired="true") == [VILLAGE]
    assert found(inactive="true", sk_expired="true", stage="terbentuk") == []
    assert found(sk_expired="true", on="2020-12-31") == []
    assert found(board_expired="true", on="2020-12-31") == [NEXT_DOOR], "it never had one"


def test_an_open_case_and_its_referral_are_counted(client: Client, office: Office) -> None:
    worker = client("tksk")
    body = {"beneficiary": person(office), "channel": "datang_langsung", "urgency": "segera", "story": "Perlu makan"}
    worker.done("/api/v1/cases", body)
    row = worker.data(f"/api/v1/villages/{VILLAGE}")
    assert (row["open_cases"], row["open_referrals"]) == (1, 0)


def test_people_see_the_villages_of_their_area(client: Client, office: Office) -> None:
    ratified(client("supervisor"))
    neighbour = Asking(office, "kades", (NEXT_DOOR,))
    assert [row["code"] for row in neighbour.data("/api/v1/villages")] == [NEXT_DOOR]
    assert neighbour.get(f"/api/v1/villages/{VILLAGE}").status_code == 404
    assert neighbour.data("/api/v1/coverage")["kabupaten"]["villages"] == 1
    assert [part["code"] for part in neighbour.data("/api/v1/kecamatan")] == ["75.01.02"]
    assert client("admin").get("/api/v1/villages").status_code == 403


def test_a_village_card_has_its_registers(client: Client) -> None:
    who = client("supervisor")
    ratified(who)
    who.done("/api/v1/kps", {"village": VILLAGE, "kind": "huyula", "name": "Huyula Bulila", "contact": "0812"})
    who.done("/api/v1/psks", {"village": VILLAGE, "kind": "psm", "name": "PSM Bulila"})
    card = who.data(f"/api/v1/villages/{VILLAGE}")
    assert [each["name"] for each in card["kps"]] == ["Huyula Bulila"]
    assert card["kps"][0]["contact"] is True
    assert [each["name"] for each in card["psks"]] == ["PSM Bulila"]
    assert card["wksbm"][0]["sk_number"] == SK["number"]


def test_as_of_says_what_was_known_and_on_the_day_that_is_judged(client: Client) -> None:
    who = client("supervisor")
    wksbm = ratified(who)
    before = int(who.get("/api/v1/villages").headers["Wahana-Position"])
    who.done(f"/api/v1/wksbm/{wksbm}/activities", {"kind": "rapat", "on": "2020-01-01"})

    def active(**query: object) -> int:
        return int(who.data("/api/v1/coverage", **query)["kabupaten"]["aktif"]["villages"])

    assert active(on="2020-06-01") == 1
    assert active(on="2020-06-01", as_of=before) == 0
    assert active(on="2021-06-01") == 0
    assert who.data("/api/v1/coverage", on="2024-08-01")["kabupaten"]["sah"]["villages"] == 0
    assert who.data("/api/v1/coverage", on="2024-07-31")["kabupaten"]["sah"]["unproven"] == 1


def test_coverage_over_time_is_told_by_month_ends(client: Client) -> None:
    who = client("supervisor")
    ratified(who)
    begun(who, NEXT_DOOR)
    found = who.data("/api/v1/coverage/series", begin="2019-07-01", on="2019-10-15")
    assert [point["on"] for point in found["points"]] == ["2019-07-31", "2019-08-31", "2019-09-30", "2019-10-15"]
    assert [point["dirintis"]["villages"] for point in found["points"]] == [0, 2, 2, 2]
    assert [point["sah"]["villages"] for point in found["points"]] == [0, 1, 1, 1]
    part = who.data("/api/v1/coverage/series", begin="2019-07-01", on="2019-10-15", kecamatan="75.01.01")
    assert [point["dirintis"]["villages"] for point in part["points"]] == [0, 0, 0, 0]
    assert who.get("/api/v1/coverage/series", begin="2026-07-01", on="2019-10-15").status_code == 422

"""Disasters over HTTP: many victims at once, most of them without a NIK and not registered before."""

from collections.abc import Callable
from typing import Any

from service.log.ids import new_id
from service.office import Office
from tests.service.offices import VILLAGE, Asking, person
from tests.service.test_api_wksbm import uploaded
from tests.service.web_office import page
from tests.service.web_pages import sent, text

INCIDENTS = "/api/v1/incidents"
DRY = "75.01.03.2004"
Client = Callable[[str], Asking]


def flood(asking: Asking, **more: Any) -> str:
    body = {"kind": "banjir", "name": "Banjir Limboto", "struck_on": "2026-01-05", "on": "2026-01-05"}
    return str(asking.done(INCIDENTS, {**body, "villages": [VILLAGE], **more})["id"])


def victim(**more: Any) -> dict[str, Any]:
    return {"village": VILLAGE, "conditions": ["mengungsi"], **more}


def test_a_declared_disaster_is_listed_with_its_place_and_day(client: Client) -> None:
    incident = flood(client("tksk"))
    (row,) = client("kades").data(INCIDENTS)
    assert [row[name] for name in ("id", "villages", "struck_on", "victims", "kabupaten_scale")] == [
        incident,
        [VILLAGE],
        "2026-01-05",
        0,
        False,
    ]


def test_victims_are_recorded_at_once_the_registered_and_the_unknown(client: Client, office: Office) -> None:
    tksk, known = client("tksk"), person(office)
    incident = flood(tksk)
    victims = [
        victim(victim=known, household=4, note="Di posko dua"),
        victim(identity={"name": "Karsum Une", "birth_year": 1975}, household=3),
        victim(identity={"description": "Anak laki-laki, kira-kira 5 tahun"}),
    ]
    done = tksk.done(f"{INCIDENTS}/{incident}/victims", {"victims": victims})
    topics = [event["topic"] for event in done["events"]]
    assert (topics.count("beneficiary.registered"), topics.count("incident.victim_recorded")) == (2, 3)
    page = tksk.data(f"{INCIDENTS}/{incident}")
    assert [page[name] for name in ("victims", "people", "unverified", "helped")] == [3, 8, 3, 0]
    names = [row["person"].get("name") for row in tksk.data(f"{INCIDENTS}/{incident}/victims")]
    assert sorted(name or "" for name in names) == ["", "Karsum Une", "Warga Uji"]
    history = tksk.data(f"/api/v1/beneficiaries/{known}/history")["entries"]
    assert "Catatan: Di posko dua" in history[-1]["sentence"]


def test_a_repeated_list_records_nothing_twice(client: Client) -> None:
    tksk, key = client("tksk"), new_id()
    incident = flood(tksk)
    body = {"victims": [victim(identity={"name": "Karsum Une"})]}
    first = tksk.done(f"{INCIDENTS}/{incident}/victims", body, **{"Idempotency-Key": key})
    assert tksk.done(f"{INCIDENTS}/{incident}/victims", body, **{"Idempotency-Key": key})["events"] == first["events"]


def test_a_list_with_probable_duplicates_names_each_and_records_none(client: Client) -> None:
    tksk = client("tksk")
    incident = flood(tksk)
    path = f"{INCIDENTS}/{incident}/victims"
    twice = victim(identity={"name": "Karsum Une", "birth_date": "1975-04-02"})
    tksk.done(path, {"victims": [twice]})
    answer = tksk.post(path, {"victims": [victim(identity={"name": "Biya Sune"}), twice]})
    assert (answer.status_code, answer.get_json()["rule"]) == (409, "probable_duplicates")
    assert [found["index"] for found in answer.get_json()["errors"]["duplicates"]] == [1]
    assert tksk.data(f"{INCIDENTS}/{incident}")["victims"] == 1
    tksk.done(path, {"victims": [{**twice, "reason_to_go_on": "Bapak dan anak bernama sama"}]})


def test_somebody_entered_twice_in_one_list_is_noticed(client: Client) -> None:
    tksk = client("tksk")
    path = f"{INCIDENTS}/{flood(tksk)}/victims"
    once = victim(identity={"name": "Zubaidah Tolinggi", "nik": "7501994203770001"})
    again = victim(identity={"name": "Zubaedah Tolinggi", "nik": "7501994203770001"})
    answer = tksk.post(path, {"victims": [once, victim(identity={"name": "Karsum Une"}), again]})
    assert (answer.status_code, answer.get_json()["rule"]) == (409, "probable_duplicates")
    (found,) = answer.get_json()["errors"]["duplicates"]
    assert found["index"] == 2
    (other,) = found["duplicates"]
    assert (other["score"], other["person"]["name"]) == (100, "Zubaidah Tolinggi")
    done = tksk.done(path, {"victims": [once, {**again, "reason_to_go_on": "Saudara kembar, NIK keliru di kartu"}]})
    assert [event["topic"] for event in done["events"]].count("beneficiary.registered") == 2


def test_relief_and_checks_are_counted(client: Client, office: Office) -> None:
    tksk = client("tksk")
    incident, one, other = flood(tksk), person(office), person(office)
    tksk.done(f"{INCIDENTS}/{incident}/victims", {"victims": [victim(victim=one), victim(victim=other)]})
    relief = {"kind": "E1", "goods": "beras", "quantity": 10, "unit": "kg", "recipients": [one], "value_rupiah": 150000}
    tksk.done(f"{INCIDENTS}/{incident}/relief", relief)
    tksk.done(f"{INCIDENTS}/{incident}/verifications", {"victim": other, "outcome": "bukan_korban"})
    tksk.done(f"{INCIDENTS}/{incident}/figures", {"figure": "jiwa_terdampak", "number": 12, "reporter": "BPBD"})
    tksk.done(f"{INCIDENTS}/{incident}/agreed-figures", {"figure": "jiwa_terdampak", "number": 1})
    page = tksk.data(f"{INCIDENTS}/{incident}")
    assert [page[name] for name in ("victims", "people", "unverified", "helped")] == [2, 1, 1, 1]
    assert [(row["goods"], row["recipients"]) for row in page["relief"]] == [("beras", 1)]
    assert [(row["number"], row["agreed"]) for row in page["figures"]] == [(12, False), (1, True)]
    told = tksk.data(f"/api/v1/beneficiaries/{one}/history")["entries"][-1]["sentence"]
    assert told.startswith("Bantuan beras 10 kg senilai Rp150.000")


def test_the_rules_of_the_field_hold(client: Client, office: Office) -> None:
    tksk = client("tksk")
    incident, one = flood(tksk), person(office)
    path = f"{INCIDENTS}/{incident}/victims"
    assert tksk.refused(path, {"victims": [victim(victim=new_id())]}) == "not_found"
    tksk.done(path, {"victims": [victim(victim=one)]})
    assert tksk.refused(path, {"victims": [victim(victim=one)]}) == "victim_already_recorded"
    supervisor = client("supervisor")
    elsewhere = {**victim(victim=person(office)), "village": DRY}
    assert supervisor.refused(path, {"victims": [elsewhere]}) == "outside_the_incident"
    supervisor.done(f"{INCIDENTS}/{incident}/extension", {"villages": [DRY]})
    supervisor.done(f"{INCIDENTS}/{incident}/closure", {"on": "2026-02-01"})
    assert supervisor.refused(f"{INCIDENTS}/{incident}/closure") == "incident_already_closed"
    assert tksk.post(path, {"victims": []}).status_code == 422
    assert tksk.post(path, {"victims": [victim()]}).status_code == 422


def test_only_whoever_works_where_it_struck_records(client: Client, office: Office) -> None:
    incident = flood(client("tksk"))
    stranger = Asking(office, "tksk", ("75.01.03",))
    assert stranger.refused(f"{INCIDENTS}/{incident}/closure") == "not_allowed"
    declared = {"kind": "banjir", "name": "X", "struck_on": "2026-01-05", "villages": [VILLAGE]}
    told = stranger.post(INCIDENTS, declared).get_json()
    assert (told["rule"], *told["errors"]["json"]) == ("village_outside_area", "villages")
    assert stranger.refused(INCIDENTS, {**declared, "villages": [], "kabupaten_scale": True}) == "not_allowed"
    assert client("pengurus_wksbm").refused(f"{INCIDENTS}/{incident}/closure") == "not_allowed"
    whole = client("supervisor").done(
        INCIDENTS, {"kind": "banjir", "name": "Banjir besar", "struck_on": "2026-01-05", "kabupaten_scale": True}
    )["id"]
    stranger.done(f"{INCIDENTS}/{whole}/figures", {"figure": "hilang", "number": 0, "reporter": "Desa"})


def test_no_count_of_a_disaster_tells_of_somebody_who_does_not_exist_for_the_reader(
    client: Client, office: Office
) -> None:
    """Of the victims of his own village he would see all but her, and be told how many he does not see."""
    supervisor, one, she = client("supervisor"), person(office), person(office, tier=3)
    incident = flood(supervisor)
    supervisor.done(
        f"{INCIDENTS}/{incident}/victims", {"victims": [victim(victim=one), victim(victim=she, household=4)]}
    )
    relief = {"kind": "E1", "goods": "beras", "quantity": 10, "unit": "kg", "recipients": [she]}
    supervisor.done(f"{INCIDENTS}/{incident}/relief", relief)
    for role, counts in (("kades", [1, 1, 1, 0]), ("psm", [1, 1, 1, 0]), ("auditor", [2, 5, 2, 1])):
        who = client(role)
        for told in (who.data(f"{INCIDENTS}/{incident}"), *who.data(INCIDENTS)):
            assert [told[name] for name in ("victims", "people", "unverified", "helped")] == counts, role
        figure = who.data("/api/v1/figures/incidents.victims", incident=incident)
        assert (figure["count"], figure["left_out"]) == (counts[0], counts[0] - 1), role


def test_nothing_is_recorded_of_a_victim_who_does_not_exist_for_whoever_asks(client: Client, office: Office) -> None:
    supervisor, one, she = client("supervisor"), person(office), person(office, tier=3)
    incident = flood(supervisor)
    supervisor.done(f"{INCIDENTS}/{incident}/victims", {"victims": [victim(victim=one), victim(victim=she)]})
    goods = {"kind": "E1", "goods": "beras", "quantity": 10, "unit": "kg"}
    for role in ("kades", "psm", "tksk"):
        for id in (she, new_id()):
            relief = {**goods, "recipients": [one, id]}
            assert client(role).refused(f"{INCIDENTS}/{incident}/relief", relief) == "victim_not_recorded"
            check = {"victim": id, "outcome": "benar"}
            assert client(role).refused(f"{INCIDENTS}/{incident}/verifications", check) == "victim_not_recorded"
    client("kades").done(f"{INCIDENTS}/{incident}/relief", {**goods, "recipients": [one]})
    supervisor.done(f"{INCIDENTS}/{incident}/relief", {**goods, "recipients": [one, she]})


def test_a_restricted_victim_of_another_area_is_nobody_for_whoever_records(client: Client, office: Office) -> None:
    near, far = person(office), person(office, village=DRY)
    for one in (near, far):
        client("dpo").done(f"/api/v1/beneficiaries/{one}/processing-restriction", {"ground": "keberatan"})
    incident, kades = flood(client("supervisor")), client("kades")
    address = f"{INCIDENTS}/{incident}/victims"
    told = [kades.refused(address, {"victims": [victim(victim=one)]}) for one in (near, far, new_id())]
    assert told == ["processing_restricted", "not_found", "not_found"]
    kades.done(address, {"victims": [victim(victim=person(office, village=DRY))]})


def test_a_victim_of_another_area_is_not_shown(client: Client, office: Office) -> None:
    incident = flood(client("tksk"))
    client("tksk").done(f"{INCIDENTS}/{incident}/victims", {"victims": [victim(victim=person(office))]})
    stranger = Asking(office, "kades", (DRY,))
    assert stranger.data(f"{INCIDENTS}/{incident}/victims") == []
    assert len(client("kades").data(f"{INCIDENTS}/{incident}/victims")) == 1
    masked = client("auditor").data(f"{INCIDENTS}/{incident}/victims")
    assert masked[0]["person"]["name"] == "W. U."


def test_the_list_of_a_village_tells_what_hit_it_and_what_hit_the_whole_kabupaten(client: Client) -> None:
    supervisor = client("supervisor")
    here, there = flood(supervisor), flood(supervisor, villages=[DRY])
    everywhere = flood(supervisor, villages=[], kabupaten_scale=True)
    listed = {row["id"] for row in supervisor.data(INCIDENTS, village=VILLAGE)}
    assert (listed, there in listed) == ({here, everywhere}, False)


def test_the_story_of_a_disaster_leaves_victims_to_their_list_and_opens_notes_to_who_records_there(
    client: Client,
) -> None:
    tksk = client("tksk")
    incident = flood(tksk, note="Tanggul jebol")
    tksk.done(f"{INCIDENTS}/{incident}/victims", {"victims": [victim(identity={"name": "Karsum Une"})]})
    reported = tksk.done(
        f"{INCIDENTS}/{incident}/figures", {"figure": "mengungsi", "number": 40, "reporter": "BPBD", "on": "2026-01-06"}
    )
    before = reported["events"][-1]["position"]
    tksk.done(f"{INCIDENTS}/{incident}/closure", {"note": "Air surut"})
    first, second, third = (one["sentence"] for one in tksk.data(f"{INCIDENTS}/{incident}/history"))
    assert "Banjir Limboto" in first
    assert "Tanggul jebol" in first
    assert "BPBD melaporkan jiwa mengungsi: 40." in second
    assert "Air surut" in third
    assert len(tksk.data(f"{INCIDENTS}/{incident}/history", as_of=before)) == 2
    masked = client("auditor").data(f"{INCIDENTS}/{incident}/history")
    assert "Tanggul jebol" not in masked[0]["sentence"]
    assert tksk.get(f"{INCIDENTS}/{new_id()}/history").status_code == 404


def test_the_papers_of_a_disaster_are_opened_from_its_story_by_whoever_records_there(
    client: Client, office: Office
) -> None:
    tksk, incident = client("tksk"), new_id()
    file, paper = uploaded(tksk, incident), {"kind": "laporan", "number": "12/BPBD"}
    assert flood(tksk, id=incident, evidence=[{**paper, "file": file}]) == incident
    for who in (tksk, client("supervisor")):
        [told] = who.data(f"{INCIDENTS}/{incident}/history")[0]["evidence"]
        assert told == {**paper, "dated": None, "file": file}
        assert f'href="/api/v1/files/{file}"' in page(who, f"/bencana/{incident}")
        assert who.get(f"/api/v1/files/{file}").status_code == 200
    for who in (client("auditor"), Asking(office, "tksk", ("75.01.03",))):
        [only] = who.data(f"{INCIDENTS}/{incident}/history")
        assert only["papers"] == 1
        assert "evidence" not in only
        assert "12/BPBD" not in page(who, f"/bencana/{incident}")


def test_who_opens_a_paper_of_a_disaster_stays_the_same_whatever_is_recorded_afterwards(
    client: Client, office: Office
) -> None:
    """Whoever may read papers in one of the villages that were hit: what the story offers is what is handed out."""
    supervisor, incident, other = client("supervisor"), new_id(), "75.01.02.2014"
    kades, neighbour, elsewhere = (Asking(office, "kades", (code,)) for code in (VILLAGE, other, DRY))
    file = uploaded(supervisor, incident)
    flood(supervisor, id=incident, evidence=[{"kind": "laporan", "number": "1", "file": file}])

    def offered(who: Asking) -> bool:
        [paper] = who.data(f"{INCIDENTS}/{incident}/history")[0].get("evidence", [{"file": None}])
        return paper["file"] == file

    def opened(who: Asking) -> bool:
        return who.get(f"/api/v1/files/{file}").status_code == 200

    assert [(offered(who), opened(who)) for who in (kades, neighbour, elsewhere)] == [
        (True, True),
        *[(False, False)] * 2,
    ]
    supervisor.done(f"{INCIDENTS}/{incident}/extension", {"villages": [other]})
    for village in (VILLAGE, other):
        at, body = (
            f"{INCIDENTS}/{incident}",
            {"victims": [victim(village=village, identity={"name": f"Ibu {village}"})]},
        )
        supervisor.done(f"{at}/victims", body)
        assert [(offered(who), opened(who)) for who in (kades, neighbour, elsewhere)] == [
            *[(True, True)] * 2,
            (False, False),
        ]


def test_a_birth_in_the_future_names_the_row_of_its_victim(client: Client) -> None:
    tksk = client("tksk")
    incident = flood(tksk)
    rows = [victim(identity={"name": name, "birth_year": year}) for name, year in (("Ani", 1990), ("Budi", 2199))]
    answer = tksk.post(f"{INCIDENTS}/{incident}/victims", {"victims": rows})
    assert answer.status_code == 422
    assert list(answer.get_json()["errors"]["json"]["victims"]) == ["1"]
    form = text(
        sent(
            tksk,
            f"/bencana/{incident}/korban",
            {
                "kunci": new_id(),
                "on": "2026-01-06",
                "victims.0.village": VILLAGE,
                "victims.0.conditions": "mengungsi",
                "victims.0.identity.name": "Ani",
                "victims.0.identity.birth_year": "2199",
            },
        ),
        422,
    )
    assert '<a href="#f-victims-0-identity-birth_year">Korban (1): Tahun lahir</a>' in form

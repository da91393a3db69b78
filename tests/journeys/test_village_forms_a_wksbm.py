"""S5: a village head forms a WKSBM: steps, papers, what he may see, and from when coverage counts it."""

from __future__ import annotations

from datetime import date
from typing import Any

from service.log.ids import new_id
from tests.journeys.calendar import ELSEWHERE, NEXT_DOOR, VILLAGE, Place, keyed, registration
from tests.service.offices import Asking

BOARD = {
    "members": [
        {"office": "ketua", "name": "Yusuf Abdullah"},
        {"office": "sekretaris", "name": "Ramla Ishak"},
        {"office": "bendahara", "name": "Sance Hulopi"},
    ],
    "term_from": "2025-06-20",
}
SK = {
    "number": "141/07/2025",
    "dated": "2025-06-25",
    "signatory": "Hasan Pakaya",
    "signatory_post": "kepala_desa",
    "term_until": "2030-06-24",
}


def uploaded(who: Asking, subject: str, content: bytes) -> dict[str, Any]:
    """A paper kept for a body, as evidence names it."""
    answer = who.client.post(
        "/api/v1/files",
        query_string={"subject": subject},
        data=content,
        content_type="application/pdf",
        headers={"Authorization": f"Bearer {who.token}", "File-Name": "berita acara.pdf"},
    )
    assert answer.status_code == 201, answer.get_data(as_text=True)
    return {"file": answer.get_json()["id"]}


def legal(who: Asking, day: str) -> tuple[int, int]:
    """How many villages have a legal WKSBM on a day: in the village's kecamatan, and in what is within reach."""
    found = who.data("/api/v1/coverage", on=day)
    part = next(row for row in found["kecamatan"] if row["code"] == VILLAGE[:8])
    return part["sah"]["villages"], found["kabupaten"]["sah"]["villages"]


def test_a_village_head_forms_a_wksbm_and_coverage_rises_from_the_day_of_the_decree(place: Place) -> None:
    head, supervisor = place.who("kades", VILLAGE), place.who("supervisor")
    place.calendar.move_to(date(2025, 6, 16))
    wksbm = head.done("/api/v1/wksbm", {"village": VILLAGE, "name": "WKSBM Huyula", "hamlet": "Dusun I"})["id"]
    at = f"/api/v1/wksbm/{wksbm}"
    meeting = uploaded(head, wksbm, b"%PDF-1.7 undangan dan daftar hadir")
    head.done(
        f"{at}/socializations",
        {"attendance": 61, "minutes": "Warga setuju", "evidence": [{"kind": "daftar_hadir", **meeting}]},
    )
    members = [
        head.done("/api/v1/kps", {"village": VILLAGE, "kind": kind, "name": name})["id"]
        for kind, name in (("majelis_taklim", "Al-Hidayah"), ("paguyuban", "Rukun Warga"), ("arisan", "Melati"))
    ]
    head.done(f"{at}/kps-identifications", {"found": 9, "kps": members})

    # A missing step: it cannot be made legal, and the answer says which.
    refused = head.post(f"{at}/ratification", {**SK, "dated": "2025-06-16"})
    told = refused.get_json()
    assert (refused.status_code, told["rule"]) == (409, "not_ready_for_ratification")
    for word in ("musyawarah", "pembentukan", "pengurus"):
        assert word in told["detail"]
    assert set(head.data(at)["missing_for_ratification"]) >= {"deliberation", "forming", "board"}
    assert head.refused(f"{at}/formation") == "forming_needs_deliberation"

    place.calendar.move_to(date(2025, 6, 20))
    minutes = uploaded(head, wksbm, b"%PDF-1.7 berita acara musyawarah")
    papers = [{"kind": "berita_acara", **minutes}, {"kind": "daftar_hadir", **minutes}]
    head.done(f"{at}/deliberations", {"attendance": 44, "minutes": "Musyawarah sepakat", "evidence": papers})
    head.done(f"{at}/formation", {"evidence": papers})
    head.done(f"{at}/board", BOARD)
    for kps in members:
        head.done(f"{at}/members", {"kps": kps})
    assert head.data(at)["missing_for_ratification"] == []
    before = legal(supervisor, "2025-07-31")

    # The decree is of 25 June; it is entered on 14 July.
    place.calendar.move_to(date(2025, 7, 14))
    entered = head.done(f"{at}/ratification", {**SK, "on": "2025-06-25"})
    assert legal(supervisor, "2025-06-24") == before
    assert legal(supervisor, "2025-06-25") == (before[0] + 1, before[1] + 1)
    assert legal(supervisor, "2025-07-31") == (before[0] + 1, before[1] + 1)
    months = {one["on"]: one["sah"]["villages"] for one in supervisor.data("/api/v1/coverage/series")["points"]}
    assert months["2025-05-31"] + 1 == months["2025-06-30"]
    # What was known on 10 July did not have it yet, whatever day is judged.
    known = supervisor.data("/api/v1/coverage", on="2025-06-25", as_of="2025-07-10T12:00:00+08:00")
    assert known["kabupaten"]["sah"]["villages"] == before[1]

    # Without its paper the step is reported, unproven, and counted apart until the paper comes.
    row = head.data(at)
    waiting = {step["target"]: step["wanted"] for step in row["unproven_steps"]}
    assert waiting[entered["version"]] == ["sk"]
    assert supervisor.data("/api/v1/coverage", on="2025-06-30")["kabupaten"]["sah"]["unproven"] == 1
    scan = uploaded(head, wksbm, b"%PDF-1.7 SK 141/07/2025")
    head.done(f"{at}/papers", {"target": entered["version"], "evidence": [{"kind": "sk", **scan}]})
    assert entered["version"] not in {step["target"] for step in head.data(at)["unproven_steps"]}
    assert supervisor.data("/api/v1/coverage", on="2025-06-30")["kabupaten"]["sah"]["unproven"] == 0
    row = head.data(at)
    assert (row["stage"], row["sk_in_force"], len(row["members"])) == ("sah", True, 3)


def test_a_village_head_sees_his_own_village_only(place: Place) -> None:
    head, other, office = place.who("kades", VILLAGE), place.who("kades", NEXT_DOOR), place.who("supervisor")
    own = head.done("/api/v1/wksbm", {"village": VILLAGE, "name": "WKSBM Huyula"})["id"]
    theirs = other.done("/api/v1/wksbm", {"village": NEXT_DOOR, "name": "WKSBM Ambu"})["id"]
    place.who("tksk").done("/api/v1/beneficiaries", registration(NEXT_DOOR, name="Sance Lahay"))
    assert [row["code"] for row in head.data("/api/v1/villages")] == [VILLAGE]
    assert [row["id"] for row in head.data("/api/v1/wksbm")] == [own]
    assert head.get(f"/api/v1/wksbm/{theirs}").status_code == 404
    assert head.get(f"/api/v1/villages/{NEXT_DOOR}").status_code == 404
    assert head.data("/api/v1/beneficiaries") == []
    assert head.refused("/api/v1/wksbm", {"village": NEXT_DOOR, "name": "Bukan miliknya"}) == "village_outside_area"
    assert head.refused(f"/api/v1/wksbm/{theirs}/socializations", {"attendance": 5}) == "not_found"
    assert {row["id"] for row in office.data("/api/v1/wksbm")} == {own, theirs}


def test_the_musdes_looks_at_the_evening_of_30_june(place: Place) -> None:
    worker, head = place.who("tksk"), place.who("kades", VILLAGE)
    place.calendar.move_to(date(2025, 6, 30))
    first = worker.done("/api/v1/beneficiaries", registration(name="Hadija Katili", birth_year=1948))["id"]
    worker.done(f"/api/v1/beneficiaries/{first}/classifications", {"type": "lanjut_usia_telantar"})
    worker.done("/api/v1/cases", {"beneficiary": first, "channel": "surat", "urgency": "biasa"})
    place.calendar.move_to(date(2025, 7, 2))
    late = worker.done("/api/v1/beneficiaries", registration(name="Sofyan Monoarfa", birth_year=1999))["id"]
    worker.done("/api/v1/cases", {"beneficiary": late, "channel": "surat", "urgency": "biasa"})
    evening = "2025-06-30T20:00:00+08:00"
    now, then = (head.data(f"/api/v1/villages/{VILLAGE}", **query) for query in ({}, {"as_of": evening}))
    assert (sum(now["people"].values()), now["open_cases"]) == (2, 2)
    assert (sum(then["people"].values()), then["open_cases"]) == (1, 1)
    assert [row["id"] for row in head.data("/api/v1/beneficiaries", as_of=evening)] == [first]


def test_a_village_head_cannot_open_the_file_of_a_survivor(place: Place) -> None:
    worker, head = place.who("peksos", VILLAGE[:8]), place.who("kades", VILLAGE)
    survivor = worker.done("/api/v1/beneficiaries", registration(name="Nur Aini", birth_year=2011))["id"]
    worker.done(f"/api/v1/beneficiaries/{survivor}/classifications", {"type": "anak_korban_kekerasan"})
    case = worker.done("/api/v1/cases", {"beneficiary": survivor, "channel": "surat", "urgency": "segera"})["id"]
    assert head.data("/api/v1/beneficiaries") == [], "not even that there is somebody"
    assert head.get(f"/api/v1/beneficiaries/{survivor}").status_code == 404
    assert head.get(f"/api/v1/cases/{case}").status_code in (403, 404)
    pages = [head.get(f"/api/v1/beneficiaries/{survivor}{more}").get_data(as_text=True) for more in ("", "/history")]
    for page in pages:
        assert "Nur Aini" not in page
        assert "kekerasan" not in page


def test_one_socialisation_day_for_many_villages_is_one_command(place: Place) -> None:
    supervisor = place.who("supervisor")
    codes = [village.code for village in place.office.casebook.territory().villages_on(date(2025, 3, 3)).values()][:40]
    begun = [{"id": new_id(), "village": code, "name": f"WKSBM {number}"} for number, code in enumerate(codes)]
    key, head = new_id(), place.office.reader.head()[0]
    body = {"initiations": begun, "attendance": 240, "minutes": "Sosialisasi serentak di Limboto"}
    first = supervisor.post("/api/v1/socializations", body, **{"Idempotency-Key": key})
    assert first.status_code == 201, first.get_data(as_text=True)
    again = supervisor.post("/api/v1/socializations", body, **{"Idempotency-Key": key})
    assert (again.status_code, again.get_json()) == (201, first.get_json())
    assert again.headers["Idempotent-Replayed"] == "true"
    assert place.office.reader.head()[0] == head + 80
    assert {event["topic"] for event in first.get_json()["events"]} == {"wksbm.initiated", "wksbm.socialization_held"}
    found = supervisor.data("/api/v1/coverage")["kabupaten"]
    assert found["dirintis"]["villages"] == 40
    rows = supervisor.data("/api/v1/villages")
    assert (len(rows), sum(bool(row["wksbm"]) for row in rows)) == (205, 40)


def test_a_batch_answers_each_item_for_itself(place: Place) -> None:
    head = place.who("kades", VILLAGE)
    wksbm = new_id()
    good = {"id": wksbm, "village": VILLAGE, "name": "WKSBM Huyula"}
    items = [
        keyed("wksbm.initiate", good),
        keyed("wksbm.hold_deliberation", {"attendance": 30}, stream=wksbm),
        keyed("wksbm.form", {}, stream=wksbm),
        keyed("wksbm.form", {}, stream=wksbm),
        keyed("wksbm.initiate", {**good, "id": new_id(), "village": ELSEWHERE}),
        keyed("wksbm.initiate", {"village": VILLAGE}),
        keyed("wksbm.entah", {}),
        keyed("wksbm.hold_deliberation", {}, stream=new_id()),
    ]
    answer = head.post("/api/v1/batch", {"items": items})
    results = answer.get_json()["results"]
    assert [one["status"] for one in results] == [201, 201, 201, 409, 403, 422, 422, 404]
    assert [one["key"] for one in results] == [item["key"] for item in items]
    assert results[3]["rule"] == "already_formed"
    assert "name" in str(results[5]["errors"])
    position = place.office.reader.head()[0]
    again = head.post("/api/v1/batch", {"items": items}).get_json()["results"]
    assert [one["status"] for one in again] == [200, 200, 200, 409, 403, 422, 422, 404]
    assert [one.get("answer") for one in again] == [one.get("answer") for one in results]
    assert place.office.reader.head()[0] == position

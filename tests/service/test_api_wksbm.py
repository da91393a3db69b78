"""WKSBM over HTTP: the whole life, one day for many, and what is read back."""

from collections.abc import Callable
from typing import Any

import pytest

from domain.account import Account
from service.log.ids import new_id
from service.office import Office
from tests.service.offices import VILLAGE, Asking
from tests.service.web_office import page

Client = Callable[[str], Asking]
DAY = "2019-08-01"
MEMBERS = [{"office": "ketua", "name": "Yusuf Abdullah"}, {"office": "sekretaris", "name": "Ramla Ishak"}]
SK = {
    "number": "141/12/2019",
    "dated": DAY,
    "signatory": "Hasan Pakaya",
    "signatory_post": "kepala_desa",
    "term_until": "2024-07-31",
    "on": DAY,
}
MINUTES = "Warga Bulila sepakat membentuk WKSBM"
NEXT_DOOR = "75.01.02.2014"
ELSEWHERE = "75.01.01.1001"


def begun(who: Asking, village: str = VILLAGE, **more: Any) -> str:
    body = {"village": village, "name": "WKSBM Huyula", "on": DAY, **more}
    return str(who.done("/api/v1/wksbm", body)["id"])


def formed(who: Asking, village: str = VILLAGE) -> str:
    wksbm = begun(who, village)
    who.done(f"/api/v1/wksbm/{wksbm}/deliberations", {"attendance": 40, "minutes": MINUTES, "on": DAY})
    who.done(f"/api/v1/wksbm/{wksbm}/formation", {"on": DAY})
    return wksbm


def uploaded(who: Asking, subject: str, content: bytes = b"%PDF-1.7 SK 141/12/2019") -> str:
    """The id of a scanned paper kept for a WKSBM."""
    answer = who.client.post(
        "/api/v1/files",
        query_string={"subject": subject},
        data=content,
        content_type="application/pdf",
        headers={"Authorization": f"Bearer {who.token}"},
    )
    assert answer.status_code == 201, answer.get_data(as_text=True)
    return str(answer.get_json()["id"])


def test_a_wksbm_lives_from_its_beginning_to_its_dissolution(client: Client) -> None:
    who = client("supervisor")
    kps = who.done("/api/v1/kps", {"village": VILLAGE, "kind": "arisan", "name": "Arisan Melati", "on": DAY})["id"]
    wksbm = begun(who, hamlet="Dusun I")
    at = f"/api/v1/wksbm/{wksbm}"
    own: dict[str, Any] = {"on": DAY}
    who.done(f"{at}/socializations", {"attendance": 55, "minutes": MINUTES, **own})
    who.done(f"{at}/kps-identifications", {"found": 6, "kps": [kps], **own})
    who.done(f"{at}/deliberations", {"attendance": 40, "minutes": MINUTES, **own})
    assert who.refused(f"{at}/ratification", SK) == "not_ready_for_ratification"
    who.done(f"{at}/formation", {"legal_basis": "Kepmensos 42/HUK/2004", **own})
    who.done(f"{at}/board", {"members": MEMBERS, "term_from": DAY, **own})
    who.done(f"{at}/ratification", SK)
    registration = {"register_number": "PSKS-7", "members": 20, **own}
    for village in ("pengurus_wksbm", "kades", "tksk"):
        assert client(village).refused(f"{at}/registration", registration) == "not_allowed", "the office's own step"
    who.done(f"{at}/registration", registration)
    who.done(f"{at}/members", {"kps": kps, **own})
    facility = {"kind": "papan_nama", "quantity": 1, "origin": "dana_desa", "value": 500_000}
    who.done(f"{at}/facilities", {**facility, **own})
    who.done(f"{at}/coachings", {"kind": "pelatihan", "organizer": "Dinas Sosial", "participants": 12, **own})
    who.done(f"{at}/activities", {"kind": "kedukaan", "beneficiaries": 1, "description": "Rumah duka", **own})
    who.done(f"{at}/funds-raised", {"amount": 750_000, "origin": "iuran", **own})
    who.done(f"{at}/funds-distributed", {"amount": 300_000, "purpose": "pangan", "beneficiaries": 4, **own})
    who.done(f"{at}/assessments", {"level": "tumbuh", "score": 61, "recommendation": "Lengkapi buku kas", **own})
    row = who.data(at, on="2020-01-01")
    assert (row["stage"], row["sk_in_force"], row["board_in_office"], row["active"]) == ("sah", True, True, True)
    assert row["boards"][0]["term_until"] == "2024-07-31"
    assert row["members"][0]["name"] == "Arisan Melati"
    assert (row["funds_raised"], row["funds_distributed"], row["missing_for_ratification"]) == (750_000, 300_000, [])
    who.done(f"{at}/members/{kps}/departure", {"on": "2021-01-01"})
    who.done(f"{at}/board-term-end", {"on": "2021-01-02"})
    who.done(f"{at}/dormancy", {"signals": ["kps_keluar", "ketua_kosong"], "on": "2021-06-01"})
    assert who.data("/api/v1/wksbm", dormant="true")[0]["id"] == wksbm
    who.done(f"{at}/reactivation", {"on": "2021-07-01"})
    decision = {"kind": "berita_acara", "number": "3/2022", "dated": "2022-02-01"}
    assert who.refused(f"{at}/dissolution", {"reason": "musyawarah"}) == "dissolution_needs_decision"
    who.done(f"{at}/dissolution", {"reason": "musyawarah", "evidence": [decision], "on": "2022-02-02"})
    assert who.data(at)["stage"] == "dibubarkan"
    assert who.refused(f"{at}/activities", {"kind": "rapat"}) == "wksbm_dissolved"


def test_a_paper_that_comes_later_proves_the_step(client: Client) -> None:
    who = client("supervisor")
    wksbm = formed(who)
    at = f"/api/v1/wksbm/{wksbm}"
    who.done(f"{at}/board", {"members": MEMBERS, "term_from": DAY, "on": DAY})
    version = who.done(f"{at}/ratification", SK)["version"]
    waiting = {step["target"]: step["wanted"] for step in who.data(at)["unproven_steps"]}
    assert waiting[version] == ["sk"]
    file = uploaded(who, wksbm)
    who.done(f"{at}/papers", {"target": version, "evidence": [{"kind": "sk", "file": file}]})
    assert version not in {step["target"] for step in who.data(at)["unproven_steps"]}
    assert who.refused(f"{at}/papers", {"target": version, "evidence": [{"kind": "sk", "file": file}]}) == (
        "nothing_to_prove"
    )


def test_the_etag_is_the_version_and_guards_a_stale_decision(client: Client) -> None:
    who = client("supervisor")
    wksbm = formed(who)
    at = f"/api/v1/wksbm/{wksbm}"
    seen = who.get(at).headers["ETag"]
    assert seen == '"3"'
    board = {"members": MEMBERS, "term_from": DAY, "on": DAY}
    who.done(f"{at}/activities", {"kind": "rapat", "on": DAY})
    who.done(f"{at}/board", board, **{"If-Match": seen})
    assert who.post(f"{at}/board", board, **{"If-Match": seen}).status_code == 412


def test_one_socialization_day_is_recorded_for_many_villages_in_one_command(client: Client, office: Office) -> None:
    who = client("supervisor")
    standing = [begun(who), begun(who, NEXT_DOOR)]
    before = office.reader.head()[0]
    made = new_id()
    answer = who.done(
        "/api/v1/socializations",
        {
            "wksbm": standing,
            "initiations": [{"id": made, "village": ELSEWHERE, "name": "WKSBM Kayubulan"}],
            "attendance": 120,
            "minutes": MINUTES,
            "evidence": [{"kind": "daftar_hadir", "file": uploaded(who, standing[0])}],
            "on": "2019-07-25",
        },
    )
    topics = [event["topic"] for event in answer["events"]]
    assert sorted(topics) == ["wksbm.initiated", *["wksbm.socialization_held"] * 3]
    assert office.reader.head()[0] == before + 4
    events = [event for event in office.reader.read(before, 10) if event.topic == "wksbm.socialization_held"]
    assert len({event.session for event in events}) == 1  # type: ignore[union-attr]
    assert not any(event.unproven for event in events)  # type: ignore[union-attr]
    assert who.data(f"/api/v1/wksbm/{made}")["socialized_on"] == "2019-07-25"
    for wksbm in (*standing, made):
        assert MINUTES in who.data(f"/api/v1/wksbm/{wksbm}/history")[-1]["sentence"]


def test_a_day_for_many_names_the_bodies_that_do_not_fit(client: Client) -> None:
    who = client("supervisor")
    body = {"kind": "pelatihan", "wksbm": [begun(who), new_id()], "on": DAY}
    answer = who.post("/api/v1/coachings", body)
    assert answer.status_code == 422
    assert list(answer.get_json()["errors"]["json"]["wksbm"]) == ["1"]
    assert who.post("/api/v1/socializations", {"on": DAY}).status_code == 422
    body["wksbm"] = body["wksbm"][:1]
    assert who.done("/api/v1/coachings", body)["events"][0]["topic"] == "wksbm.coaching_conducted"


def test_people_record_in_their_own_area_only(client: Client, office: Office) -> None:
    inside, outside = Asking(office, "kades", (VILLAGE,)), Asking(office, "kades", (NEXT_DOOR,))
    wksbm = begun(inside)
    at = f"/api/v1/wksbm/{wksbm}"
    assert outside.post(f"{at}/activities", {"kind": "rapat"}).status_code == 404
    assert outside.get(at).status_code == 404
    assert outside.get(f"{at}/history").status_code == 404
    assert outside.data("/api/v1/wksbm") == []
    assert client("auditor").post(f"{at}/activities", {"kind": "rapat"}).status_code == 403
    assert outside.post("/api/v1/coachings", {"kind": "pelatihan", "wksbm": [wksbm]}).status_code == 422


def test_the_papers_of_a_step_are_named_to_all_and_opened_by_those_who_may(client: Client, office: Office) -> None:
    writer = client("tksk")
    wksbm = begun(writer)
    file, paper = uploaded(writer, wksbm), {"kind": "daftar_hadir", "number": "7/WKSBM"}
    writer.done(f"/api/v1/wksbm/{wksbm}/activities", {"kind": "rapat", "evidence": [{**paper, "file": file}]})
    for who, opens in (
        (writer, True),
        (client("supervisor"), True),
        (Asking(office, "kades", (VILLAGE,)), True),
        (client("auditor"), False),
        (Asking(office, "tksk"), True),
        (Asking(office, "psm"), True),
    ):
        [told] = who.data(f"/api/v1/wksbm/{wksbm}/history")[-1]["evidence"]
        assert told == {**paper, "dated": None, "file": file if opens else None}
        assert (who.get(f"/api/v1/files/{file}").status_code == 200) == opens
        html = page(who, f"/wksbm/{wksbm}")
        assert "Daftar hadir 7/WKSBM" in html
        assert (f'href="/api/v1/files/{file}"' in html) == opens


def test_minutes_are_shown_to_those_who_may_record_and_sealed_to_others(client: Client) -> None:
    wksbm = formed(client("supervisor"))
    told = client("supervisor").data(f"/api/v1/wksbm/{wksbm}/history")[1]["sentence"]
    hidden = client("auditor").data(f"/api/v1/wksbm/{wksbm}/history")[1]["sentence"]
    assert MINUTES in told
    assert "[tersegel]" in hidden
    assert MINUTES not in hidden


def test_the_newest_of_its_life_is_told_with_it_and_nothing_sealed_is_opened(client: Client, office: Office) -> None:
    who = client("supervisor")
    wksbm = formed(who)
    at = f"/api/v1/wksbm/{wksbm}"
    for month in (6, 2, 4):
        done = {"kind": "rapat", "participants": month, "description": MINUTES, "on": f"2021-{month:02d}-01"}
        version = who.done(f"{at}/activities", done)["version"]
    before = office.reader.head()[0]
    who.done(f"{at}/funds-raised", {"amount": 750_000, "origin": "iuran", "on": "2021-07-01"})
    wrong = {"target": version, "reason": "Salah catat", "requested_by": "pencatat"}
    who.done(f"/api/v1/streams/{wksbm}/retractions", wrong)
    newest = who.data(at, newest=2)["newest"]
    assert [one["on"] for one in newest["activities"]] == ["2021-06-01", "2021-02-01"], "what was retracted is not told"
    assert [one["sentence"].split(" terkumpul")[0] for one in newest["funds"]] == ["Dana Rp750.000"]
    assert [one["topic"] for one in newest["events"]] == ["record.retracted", "wksbm.funds_raised"]
    assert MINUTES not in str(newest)
    assert "[tersegel]" not in str(newest), "a short list leaves out what is sealed"
    then = who.data(at, newest=3, as_of=before)["newest"]
    assert [one["on"][5:7] for one in then["activities"]] == ["06", "04", "02"]
    assert then["funds"] == []
    judged = who.data(at, newest=3, on="2021-04-30")["newest"]
    assert [one["on"][5:7] for one in judged["activities"]] == ["02"], (
        "the one of April was retracted, June has not come"
    )
    assert judged["funds"] == []
    assert "newest" not in who.data(at)
    assert who.get(at, newest=21).status_code == 422


@pytest.mark.parametrize(
    ("field", "value"), [("village", "7501022011"), ("village", "75.01.99.2001"), ("name", " "), ("stage", "sah")]
)
def test_what_does_not_fit_is_named(client: Client, field: str, value: str) -> None:
    answer = client("supervisor").post("/api/v1/wksbm", {"village": VILLAGE, "name": "X", field: value})
    assert answer.status_code == 422
    assert field in answer.get_json()["errors"]["json"]


def test_a_member_must_be_in_the_register(client: Client) -> None:
    who = client("supervisor")
    wksbm = begun(who)
    assert who.post(f"/api/v1/wksbm/{wksbm}/members", {"kps": new_id()}).status_code == 422


def test_the_list_is_filtered_and_comes_in_pages(client: Client) -> None:
    who = client("supervisor")
    first, second, third = begun(who), formed(who), begun(who, NEXT_DOOR)
    assert {row["id"] for row in who.data("/api/v1/wksbm", village=VILLAGE)} == {first, second}
    assert [row["id"] for row in who.data("/api/v1/wksbm", stage="terbentuk")] == [second]
    assert who.data("/api/v1/wksbm", unproven="false") == []
    page = who.get("/api/v1/wksbm", limit=2).get_json()
    rest = who.data("/api/v1/wksbm", limit=2, cursor=page["next_cursor"])
    assert {row["id"] for row in (*page["data"], *rest)} == {first, second, third}


def test_a_former_village_head_stays_the_signatory_of_his_decree_and_does_nothing_more(
    client: Client, office: Office
) -> None:
    former, admin = Asking(office, "kades", (VILLAGE,)), client("admin")
    wksbm = formed(former)
    at = f"/api/v1/wksbm/{wksbm}"
    former.done(f"{at}/board", {"members": MEMBERS, "term_from": DAY, "on": DAY})
    former.done(f"{at}/ratification", SK)
    grant = next(iter(office.log.load(Account, former.account).grants))
    paper = {"evidence": [{"kind": "sk", "number": "141/2/2021", "dated": "2021-03-01"}]}
    admin.done(f"/api/v1/accounts/{former.account}/revocations", {"grant": grant, "on": "2021-03-01", **paper})
    successor = Asking(office, "kades", (VILLAGE,))
    assert former.get(at).status_code == 403
    assert former.post(f"{at}/activities", {"kind": "rapat"}).status_code == 403
    for as_of in ({}, {"as_of": str(office.reader.head()[0])}):
        (sk,) = successor.data(at, **as_of)["sks"]
        assert (sk["signatory"], sk["signatory_post"], sk["number"]) == ("Hasan Pakaya", "kepala_desa", "141/12/2019")
    told = successor.data(f"{at}/history")
    assert "Hasan Pakaya" in str(told)
    assert any(row["by"] == former.account for row in told if "ratified" in row["topic"])


def test_a_step_is_told_with_its_fields_and_the_receipt_of_its_command(client: Client, office: Office) -> None:
    who = client("supervisor")
    wksbm = begun(who)
    done = who.done(f"/api/v1/wksbm/{wksbm}/deliberations", {"attendance": 40, "minutes": MINUTES, "on": DAY})
    at = f"/api/v1/wksbm/{wksbm}/steps/2"
    told = who.data(at)
    assert (told["topic"], told["on"], told["fields"]["attendance"]) == ("wksbm.deliberation_held", DAY, 40)
    assert told["fields"]["minutes"] == MINUTES
    assert told["receipt"] == done["receipt"], "that of whoever recorded it"
    other = client("kepala_dinas").data(at)
    assert other["fields"]["minutes"] is None, "who may not record about it"
    assert MINUTES not in str(other)
    assert other["receipt"] == done["receipt"]
    assert who.get(f"/api/v1/wksbm/{wksbm}/steps/3").status_code == 404
    assert who.get(at, as_of=told["position"] - 1).status_code == 404, "not recorded yet"
    assert Asking(office, "tksk", ("75.01.03",)).get(at).status_code == 404

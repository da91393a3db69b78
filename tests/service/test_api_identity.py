"""Identities over HTTP: whoever states a NIK later meets the same question as whoever stated it at registration."""

from collections.abc import Callable

from tests.service.offices import VILLAGE, Asking

Client = Callable[[str], Asking]


def test_a_nik_that_another_record_holds_is_noticed_when_it_is_claimed_later(client: Client) -> None:
    tksk = client("tksk")
    nik = "7501994203770001"
    place = {"village": VILLAGE, "kind": "person", "channel": "desa"}
    first = tksk.done("/api/v1/beneficiaries", {**place, "identity": {"name": "Rosna Kadir", "nik": nik}})["id"]
    second = tksk.done("/api/v1/beneficiaries", {**place, "identity": {"name": "Wempi Lamusu"}})["id"]
    path, claim = f"/api/v1/beneficiaries/{second}/identity-claims", {"identity": {"name": "Wempi Lamusu", "nik": nik}}
    answer = tksk.post(path, claim)
    assert (answer.status_code, answer.get_json()["rule"]) == (409, "probable_duplicates")
    assert [one["id"] for one in answer.get_json()["errors"]["duplicates"]] == [first]
    tksk.done(path, {**claim, "reason_to_go_on": "KTP-nya keliru, sedang diurus"})
    told = tksk.data(f"/api/v1/beneficiaries/{second}/history")["entries"][-1]["sentence"]
    assert "Alasan lanjut: KTP-nya keliru" in told
    again = {"identity": {"name": "Rosna Kadir Une", "nik": "7501994203770002"}}
    tksk.done(f"/api/v1/beneficiaries/{first}/identity-claims", again)
    tksk.done(f"/api/v1/beneficiaries/{first}/identity-claims", again)  # her own earlier record is no other one

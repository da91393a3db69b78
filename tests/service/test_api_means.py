"""By what means people sign in, over HTTP: passwords, devices, tokens, and resets that take two others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from domain.account import Account
from service.office import Office
from tests.service.offices import BEGINNING, PASSWORD, VILLAGE, Asking, record

ACCOUNTS = "/api/v1/accounts"
NEW = "jagung-binthe-biluhuta-4"
Client = Callable[[str], Asking]


def events(office: Office, account: str) -> list[Any]:
    """What the log says of an account, without how it was opened."""
    return [
        event
        for event in office.log.history(account)
        if event.topic.partition(".")[2] not in ("opened", "role_granted")
    ]


def test_a_session_tells_what_area_one_serves(client: Client) -> None:
    assert client("psm").person().get("/api/v1/sessions/current").get_json()["areas"] == [VILLAGE[:8]]
    assert client("supervisor").person().get("/api/v1/sessions/current").get_json()["areas"] == []


def test_a_password_is_changed_by_its_owner_who_knows_the_old_one(client: Client, office: Office) -> None:
    psm = client("psm").person()
    other, path = client("psm").person(), f"{ACCOUNTS}/{psm.account}/password"
    assert psm.refused(path, {"password": NEW, "current": "salah"}) == "current_password_wrong"
    assert psm.refused(path, {"password": "pendek", "current": PASSWORD}) == "weak_password"
    assert psm.get("/api/v1/sessions/current").status_code == 200
    assert psm.post(path, {"password": NEW, "current": PASSWORD}).status_code == 204
    assert [one.get("/api/v1/sessions/current").status_code for one in (psm, other)] == [401, 401]
    assert office.identity.sign_in(psm.login, NEW, "127.0.0.1")
    assert client("psm").get("/api/v1/cases").status_code == 200, "a token has days of its own"
    [*_, last] = events(office, psm.account)
    assert (last.topic, last.how, last.by) == ("account.password_set", "own", psm.account)


def test_a_password_is_changed_by_nobody_else_and_not_with_a_token(client: Client) -> None:
    psm = client("psm")
    path = f"{ACCOUNTS}/{psm.account}/password"
    body = {"password": NEW, "current": PASSWORD}
    assert client("admin").person().refused(path, body) == "not_allowed"
    assert psm.refused(path, body) == "session_needed"


def test_guessing_the_old_password_of_an_open_session_has_to_wait(client: Client) -> None:
    psm = client("psm").person()
    path = f"{ACCOUNTS}/{psm.account}/password"
    for _ in range(5):
        assert psm.refused(path, {"password": NEW, "current": "salah"}) == "current_password_wrong"
    answer = psm.post(path, {"password": NEW, "current": PASSWORD})
    assert (answer.status_code, answer.get_json()["rule"]) == (429, "locked_out")
    assert int(answer.headers["Retry-After"]) >= 1


def test_a_person_sees_her_devices_and_ends_the_ones_that_are_not_hers(client: Client) -> None:
    agent = "Mozilla/5.0 (Linux; Android 14; SM-A145F) AppleWebKit/537.36 Chrome/126.0.0.0 Mobile Safari/537.36"
    office, phone = client("psm").person(), client("psm").person(**{"User-Agent": agent})
    path = f"{ACCOUNTS}/{office.account}/sessions"
    listed = phone.get(path).get_json()
    assert sorted(one["agent"] for one in listed) == ["", "Chrome 126, Android"]
    assert {one["address"] for one in listed} == {"127.0.0.0/24"}
    assert all(one["created"] <= one["last_seen"] for one in listed)
    [this] = [one for one in listed if one["current"]]
    [that] = [one for one in listed if not one["current"]]
    assert this["agent"] == "Chrome 126, Android"
    assert phone.token not in phone.get(path).get_data(as_text=True)
    assert client("tksk").person().delete(f"{path}/{that['id']}").status_code == 403
    assert phone.delete(f"{path}/{that['id']}").status_code == 204
    assert phone.delete(f"{path}/{that['id']}").status_code == 404
    assert office.get("/api/v1/sessions/current").status_code == 401
    more = client("psm").person()
    assert phone.delete(path).status_code == 204
    assert [more.get(path).status_code, phone.get(path).status_code] == [401, 200]


def test_an_administrator_signs_somebody_out_everywhere(client: Client) -> None:
    psm = client("psm").person()
    path = f"{ACCOUNTS}/{psm.account}/sessions"
    assert client("tksk").delete(path).status_code == 403
    assert client("admin").delete(path).status_code == 204
    assert psm.get(path).status_code == 401


def test_a_token_is_shown_once_and_worthless_after_its_revocation(client: Client, office: Office) -> None:
    psm = client("psm").person()
    path = f"{ACCOUNTS}/{psm.account}/tokens"
    issued = psm.post(path, {"label": "ekspor", "days": 7}).get_json()
    assert issued["actions"] == ["read"]
    assert office.identity.bearer(issued["token"]) is not None
    listed = psm.get(path).get_json()
    assert issued["id"] in [row["id"] for row in listed]
    assert "token" not in listed[0]
    at = f"/api/v1/tokens/{issued['id']}"
    assert client("tksk").person().delete(at).status_code == 404, "as if there were none"
    assert psm.delete(at).status_code == 204
    assert office.identity.bearer(issued["token"]) is None
    assert psm.delete("/api/v1/tokens/ffffffff").status_code == 404
    told = [(event.topic, event.how) for event in events(office, psm.account)[-2:]]
    assert told == [("account.token_issued", "own"), ("account.token_revoked", "own")]
    said = "".join(text for (text,) in office.database.rows("SELECT text FROM events"))
    assert issued["id"] in said
    assert issued["token"].split("_", 2)[2] not in said


def test_a_token_issues_no_token_and_ends_no_session(client: Client) -> None:
    psm = client("psm")
    for path, body in (("tokens", {"label": "x"}), ("second-factor", {"current": PASSWORD})):
        assert psm.refused(f"{ACCOUNTS}/{psm.account}/{path}", body) == "session_needed"
    assert psm.delete(f"{ACCOUNTS}/{psm.account}/sessions").status_code == 403
    assert client("admin").person().refused(f"{ACCOUNTS}/{psm.account}/tokens", {"label": "x"}) == "not_allowed"


def test_a_token_does_what_it_names_and_no_more_than_its_account(client: Client) -> None:
    psm = client("psm").person()

    def with_token(*actions: str) -> Asking:
        issued = psm.post(f"{ACCOUNTS}/{psm.account}/tokens", {"label": "uji", "actions": list(actions)}).get_json()
        made = client("psm").person()
        made.token = issued["token"]
        return made

    body = {"village": "75.01.02.2011", "kind": "person", "channel": "desa", "identity": {"name": "Warga"}}
    reads, board, writes = (
        with_token("read"),
        with_token("board.read"),
        with_token("beneficiary.record", "account.manage"),
    )
    assert reads.get("/api/v1/cases").status_code == 200
    assert reads.refused("/api/v1/beneficiaries", body) == "not_allowed"
    assert board.get("/api/v1/coverage").status_code == 200
    assert board.get("/api/v1/cases").status_code == 403
    assert writes.get("/api/v1/cases").status_code == 403
    assert writes.done("/api/v1/beneficiaries", body)
    assert writes.refused(ACCOUNTS, {"login": "lain", "name": "Lain"}) == "not_allowed", "her account may not"
    assert with_token("all").get("/api/v1/cases").status_code == 200
    refused = psm.post(f"{ACCOUNTS}/{psm.account}/tokens", {"label": "uji", "actions": ["cases.erase"]})
    assert refused.status_code == 422


def test_a_password_is_reset_by_two_others_and_its_owner_is_told(client: Client, office: Office) -> None:
    psm, admin, supervisor = client("psm").person(), client("admin"), client("supervisor")
    path = f"{ACCOUNTS}/{psm.account}/resets"
    admin.done(path, {"means": "password"})
    [asked] = admin.data("/api/v1/resets")
    assert (asked["account"], asked["means"], asked["asker"], asked["approver"]) == (
        psm.account,
        "password",
        admin.account,
        "",
    )
    approval = f"{path}/{asked['reset']}/approval"
    assert admin.refused(approval) == "reset_needs_another"
    assert client("tksk").refused(approval) == "not_allowed"
    told = psm.sign_in().get_json()["resets"]
    assert [(one["means"], one["asker"], one["approver"]) for one in told] == [("password", admin.account, "")]
    assert psm.sign_in().get_json()["resets"] == [], "told once"
    given = supervisor.post(approval).get_json()
    assert supervisor.refused(approval) == "reset_not_open"
    reset = {"login": psm.login, "password": NEW}
    wrong = psm.client.post("/api/v1/sessions/password", json={**reset, "code": "AAAA-AAAA-AAAA-AAAA"})
    assert (wrong.status_code, wrong.get_json()["rule"]) == (401, "reset_refused")
    typed = given["code"].lower().replace("-", " ")
    assert psm.client.post("/api/v1/sessions/password", json={**reset, "code": typed}).status_code == 204
    assert psm.client.post("/api/v1/sessions/password", json={**reset, "code": typed}).status_code == 401, "once"
    assert psm.get("/api/v1/sessions/current").status_code == 401
    assert client("psm").get("/api/v1/cases").status_code == 401, "a reset takes the tokens too"
    assert psm.sign_in().status_code == 401
    signed = psm.client.post("/api/v1/sessions", json={"login": psm.login, "password": NEW}).get_json()
    assert [(one["approver"], one["done"]) for one in signed["resets"]] == [(supervisor.account, True)]
    [row] = admin.data("/api/v1/resets")
    assert (row["outcome"], row["login"]) == ("used", psm.login)
    text = "".join(said for (said,) in office.database.rows("SELECT text FROM events"))
    assert given["code"] not in text


def test_nobody_resets_herself(client: Client) -> None:
    admin, supervisor = client("admin"), client("supervisor")
    path = f"{ACCOUNTS}/{admin.account}/resets"
    assert admin.refused(path, {"means": "password"}) == "reset_for_oneself"
    supervisor.done(path, {"means": "password"})
    [asked] = supervisor.data("/api/v1/resets")
    assert admin.refused(f"{path}/{asked['reset']}/approval") == "reset_for_oneself"
    assert client("psm").refused(path, {"means": "password"}) == "not_allowed"


def test_a_reset_that_its_owner_did_not_want_is_ended_by_her(client: Client) -> None:
    psm, admin, supervisor = client("psm").person(), client("admin"), client("supervisor")
    path = f"{ACCOUNTS}/{psm.account}/resets"
    admin.done(path, {"means": "password"})
    [asked] = admin.data("/api/v1/resets")
    code = supervisor.post(f"{path}/{asked['reset']}/approval").get_json()["code"]
    assert psm.post(f"{path}/{asked['reset']}/refusal").status_code == 204
    body = {"login": psm.login, "code": code, "password": NEW}
    assert psm.client.post("/api/v1/sessions/password", json=body).status_code == 401
    assert psm.sign_in().status_code == 201, "the old password stands"


def test_a_new_colleague_gets_her_first_password_by_the_same_way(client: Client) -> None:
    admin, supervisor = client("admin"), client("supervisor")
    account = admin.done(ACCOUNTS, {"login": "yusuf", "name": "Yusuf Pakaya"})["id"]
    supervisor.done(f"{ACCOUNTS}/{account}/resets", {"means": "password"})
    [asked] = admin.data("/api/v1/resets")
    code = admin.post(f"{ACCOUNTS}/{account}/resets/{asked['reset']}/approval").get_json()["code"]
    body = {"login": "yusuf", "code": code, "password": NEW}
    assert admin.client.post("/api/v1/sessions/password", json=body).status_code == 204
    assert admin.client.post("/api/v1/sessions", json={"login": "yusuf", "password": NEW}).status_code == 201


def test_what_became_of_a_means_is_neither_corrected_nor_retracted(client: Client, office: Office) -> None:
    psm = client("psm")
    admin, supervisor = client("admin"), client("supervisor")
    admin.done(f"{ACCOUNTS}/{psm.account}/resets", {"means": "password"})
    version = office.log.version(psm.account)
    why = {"target": version, "reason": "keliru", "requested_by": "supervisor"}
    for path, body in (("corrections", {**why, "values": {"asker": supervisor.account}}), ("retractions", why)):
        assert admin.post(f"/api/v1/streams/{psm.account}/{path}", body).status_code in (409, 422)
    assert office.log.version(psm.account) == version


def test_a_closed_account_cannot_be_reset(client: Client, office: Office) -> None:
    psm = client("psm")
    record(office, lambda decision: decision.load(Account, psm.account).close(on=BEGINNING))
    assert client("admin").refused(f"{ACCOUNTS}/{psm.account}/resets", {"means": "password"}) == "account_is_closed"


@pytest.mark.parametrize("login", ["tak.ada", "admin"])
def test_a_reset_code_for_nobody_is_refused_in_the_same_words(client: Client, login: str) -> None:
    body = {"login": login, "code": "AAAA-AAAA-AAAA-AAAA", "password": NEW}
    answer = client("psm").client.post("/api/v1/sessions/password", json=body)
    assert (answer.status_code, answer.get_json()["rule"]) == (401, "reset_refused")

"""Accounts over HTTP: opened, given roles, closed; passwords and tokens."""

from collections.abc import Callable

from domain.account import Account
from service.casebook import Decision
from service.office import Office
from tests.service.offices import BEGINNING, VILLAGE, Asking, record

ACCOUNTS = "/api/v1/accounts"
PASSWORD = "kalimat panjang yang baru"
Client = Callable[[str], Asking]


def opened(admin: Asking, login: str = "yusuf") -> str:
    return str(admin.done(ACCOUNTS, {"login": login, "name": "Yusuf Pakaya"})["id"])


def test_an_account_gets_a_role_and_a_password_and_signs_in(client: Client, office: Office) -> None:
    admin = client("admin")
    account = opened(admin)
    role = {"role": "psm", "title": "PSM Limboto", "areas": [VILLAGE], "valid_from": "2026-01-01"}
    admin.done(f"{ACCOUNTS}/{account}/grants", role)
    assert admin.post(f"{ACCOUNTS}/{account}/password", {"password": PASSWORD}).status_code == 204
    who = office.identity.session(office.identity.sign_in("yusuf", PASSWORD, "127.0.0.1"))
    assert who is not None
    assert (who.account, who.roles, who.post) == (account, frozenset({"psm"}), "PSM Limboto")


def test_accounts_are_listed_with_every_role_they_were_given(client: Client) -> None:
    admin = client("admin")
    account = opened(admin)
    grant = admin.done(f"{ACCOUNTS}/{account}/grants", {"role": "peksos", "title": "Peksos"})
    assert grant["version"] == 2
    (row,) = [row for row in admin.data(ACCOUNTS) if row["login"] == "yusuf"]
    number = row["grants"][0]["grant_id"]
    admin.done(f"{ACCOUNTS}/{account}/revocations", {"grant": number})
    admin.done(f"{ACCOUNTS}/{account}/closure", {"note": "Pensiun"})
    (row,) = [row for row in client("auditor").data(ACCOUNTS) if row["login"] == "yusuf"]
    assert row["closed_on"] is not None
    assert row["grants"][0]["revoked_on"] is not None
    (before,) = [row for row in admin.data(ACCOUNTS, as_of=grant["position"]) if row["login"] == "yusuf"]
    assert (before["closed_on"], before["grants"][0]["revoked_on"]) == (None, None)
    admin.done(f"{ACCOUNTS}/{account}/reopening")


def test_a_sign_in_name_belongs_to_one_account_for_ever(client: Client) -> None:
    admin = client("admin")
    opened(admin)
    assert admin.refused(ACCOUNTS, {"login": "yusuf", "name": "Yusuf Lain"}) == "already_reserved"
    assert admin.refused(ACCOUNTS, {"login": "Yusuf!", "name": "Yusuf Lain"}) == "not_a_login"


def test_only_the_administrator_manages_accounts(client: Client) -> None:
    account = opened(client("admin"))
    for role in ("psm", "supervisor", "auditor"):
        assert client(role).refused(ACCOUNTS, {"login": "lain", "name": "Lain"}) == "not_allowed"
        assert client(role).refused(f"{ACCOUNTS}/{account}/grants", {"role": "admin", "title": "A"}) == "not_allowed"
        assert client(role).refused(f"{ACCOUNTS}/{account}/password", {"password": PASSWORD}) == "not_allowed"
        assert client(role).refused(f"{ACCOUNTS}/{account}/tokens", {"label": "x"}) == "not_allowed"
    assert client("psm").get(ACCOUNTS).status_code == 403


def test_everybody_changes_the_own_password_knowing_the_current_one(client: Client, office: Office) -> None:
    psm = client("psm")
    office.identity.set_password(psm.account, "kata sandi lama sekali")
    path = f"{ACCOUNTS}/{psm.account}/password"
    assert psm.refused(path, {"password": PASSWORD}) == "current_password_wrong"
    assert psm.refused(path, {"password": PASSWORD, "current": "salah"}) == "current_password_wrong"
    assert psm.post(path, {"password": PASSWORD, "current": "kata sandi lama sekali"}).status_code == 204
    assert psm.refused(path, {"password": "pendek", "current": PASSWORD}) == "weak_password"


def test_a_token_is_shown_once_and_worthless_after_its_revocation(client: Client, office: Office) -> None:
    psm = client("psm")
    path = f"{ACCOUNTS}/{psm.account}/tokens"
    issued = psm.post(path, {"label": "ekspor", "days": 7}).get_json()
    assert office.identity.bearer(issued["token"]) is not None
    listed = psm.get(path).get_json()
    assert issued["id"] in [row["id"] for row in listed]
    assert "token" not in listed[0]
    headers = {"Authorization": f"Bearer {psm.token}"}
    stranger = {"Authorization": f"Bearer {client('tksk').token}"}
    assert psm.client.delete(f"/api/v1/tokens/{issued['id']}", headers=stranger).status_code == 403
    assert psm.client.delete(f"/api/v1/tokens/{issued['id']}", headers=headers).status_code == 204
    assert office.identity.bearer(issued["token"]) is None
    assert psm.client.delete("/api/v1/tokens/ffffffff", headers=headers).status_code == 404


def test_what_one_worker_takes_away_counts_at_once_on_the_others(client: Client, office: Office) -> None:
    psm = client("psm")
    other = Office(office.config)
    who = other.identity.bearer(psm.token)
    assert who is not None
    assert who == other.identity.bearer(psm.token)
    assert who.roles == {"psm"}

    def revoke(decision: Decision) -> None:
        decision.load(Account, psm.account).revoke_role(on=BEGINNING, grant=who.grants[0].id)

    record(office, revoke)
    again = other.identity.bearer(psm.token)
    assert again is not None
    assert again.grants == ()
    record(office, lambda decision: decision.load(Account, psm.account).close(on=BEGINNING))
    assert other.identity.bearer(psm.token) is None
    other.close()


def test_closing_all_sessions_signs_everybody_out(client: Client, office: Office) -> None:
    psm = client("psm")
    office.identity.set_password(psm.account, PASSWORD)
    who = office.identity.bearer(psm.token)
    assert who is not None
    secret = office.identity.sign_in(who.login, PASSWORD, "127.0.0.1")
    headers = {"Authorization": f"Bearer {psm.token}"}
    assert psm.client.delete(f"{ACCOUNTS}/{psm.account}/sessions", headers=headers).status_code == 204
    assert office.identity.session(secret) is None

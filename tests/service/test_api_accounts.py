"""Accounts over HTTP: opened, given roles, closed."""

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
    office.identity.set_password(account, PASSWORD)
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


def test_whoever_refers_finds_the_partners_who_answer_themselves(client: Client) -> None:
    partner, tksk = client("mitra"), client("tksk")
    (found,) = tksk.data("/api/v1/partners")
    assert found["account"] == partner.account
    assert sorted(found) == ["account", "name", "post"]
    assert tksk.get("/api/v1/partners", limit=1).get_json()["next_cursor"]
    assert partner.get("/api/v1/partners").status_code == 403


def test_whoever_works_on_cases_finds_the_officers_to_give_work_to(client: Client) -> None:
    admin, tksk = client("admin"), client("tksk")
    account = opened(admin)
    for title, begins in (("Peksos Ahli", "2026-02-01"), ("Peksos Pertama", "2026-01-01")):
        admin.done(f"{ACCOUNTS}/{account}/grants", {"role": "peksos", "title": title, "valid_from": begins})
    admin.done(f"{ACCOUNTS}/{account}/grants", {"role": "supervisor", "title": "Kabid", "valid_from": "2025-01-01"})
    known = {one["account"]: one for one in tksk.data("/api/v1/officers")}
    assert known[account] == {"account": account, "name": "Yusuf Pakaya", "post": "Peksos Pertama"}
    assert tksk.account in known
    assert admin.account not in known
    first = tksk.get("/api/v1/officers", limit=1).get_json()
    second = tksk.get("/api/v1/officers", limit=1, cursor=first["next_cursor"]).get_json()
    assert [one["account"] for one in (*first["data"], *second["data"])] == sorted(known)[:2]
    admin.done(f"{ACCOUNTS}/{account}/closure", {})
    assert account not in {one["account"] for one in tksk.data("/api/v1/officers")}
    assert client("kades").get("/api/v1/officers").status_code == 403


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
    assert client("psm").get(ACCOUNTS).status_code == 403


def test_an_administrator_gives_herself_nothing_and_another_one_may(office: Office, client: Client) -> None:
    admin, other = client("admin"), Asking(office, "admin")
    mine = f"{ACCOUNTS}/{admin.account}"
    role = {"role": "supervisor", "title": "Kepala Bidang"}
    paper = {"compartment": "hiv", "evidence": [{"kind": "surat_tugas", "number": "463/12/2026"}]}
    assert admin.refused(f"{mine}/grants", role) == "grant_to_oneself"
    assert admin.refused(f"{mine}/clearances", paper) == "clearance_for_oneself"
    # Nor by the way of what was recorded wrongly.
    wrong = {"target": 2, "reason": "Salah catat", "requested_by": "yang_bersangkutan"}
    own = f"/api/v1/streams/{admin.account}"
    assert admin.refused(f"{own}/corrections", {**wrong, "values": {"role": "supervisor"}}) == "grant_to_oneself"
    assert admin.refused(f"{own}/retractions", wrong) == "grant_to_oneself"
    other.done(f"{mine}/grants", role)
    other.done(f"{mine}/clearances", paper)
    other.done(f"{own}/corrections", {**wrong, "values": {"title": "Pengelola"}})


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

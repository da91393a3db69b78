"""The second factor: who must have one, what its codes open, and that each of them opens it once."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from domain.account import Account
from domain.account_means import TWO_FACTORS
from service.log.ids import new_id
from service.log.keys import KeyStore
from service.office import Office
from service.second_factor import RECOVERY_CODES, Factors, FactorUnreadable, code_at, step_of
from service.signin import LockedOut, SecondFactorNeeded, SecondFactorRefused
from tests.service.offices import BEGINNING, PASSWORD, Asking, Clock, make_office, record

ACCOUNTS = "/api/v1/accounts"
HERE = "127.0.0.1"
Client = Callable[[str], Asking]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def office(tmp_path: Path, database_url: str, clock: Clock) -> Iterator[Office]:
    made = make_office(tmp_path, database_url, now=clock)
    yield made
    made.views.store.close()
    made.close()


@pytest.fixture
def supervisor(office: Office) -> Asking:
    """A supervisor with a password who has no second factor yet."""
    made = Asking(office, "supervisor")
    office.identity.set_password(made.account, PASSWORD)
    made.settled = True
    return made


def shown(secret: str, clock: Clock, steps: int = 0) -> str:
    return code_at(base64.b32decode(secret), step_of(int(clock.time.timestamp() * 1000)) + steps)


def enrolled(who: Asking, clock: Clock) -> tuple[Asking, str, list[str]]:
    """Her session after she enrolled over HTTP, her authenticator's secret, her recovery codes."""
    signed = who.person()
    path = f"{ACCOUNTS}/{who.account}/second-factor"
    made = signed.post(path, {"current": PASSWORD}).get_json()
    answer = signed.post(f"{path}/confirmation", {"code": shown(made["secret"], clock)})
    assert answer.status_code == 201, answer.get_data(as_text=True)
    return signed, made["secret"], answer.get_json()["recovery_codes"]


def enter(who: Asking, code: str = "") -> Any:
    body = {"login": who.login, "password": PASSWORD, **({"code": code} if code else {})}
    answer = who.client.post("/api/v1/sessions", json=body)
    return answer.status_code if answer.status_code == 201 else answer.get_json()["rule"]


def test_codes_are_those_of_the_standard() -> None:
    """RFC 6238, appendix B: the last six digits of its vectors for SHA-1."""
    secret = b"12345678901234567890"
    times = {59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 20000000000: "353130"}
    assert {time: code_at(secret, time // 30) for time in times} == times


@pytest.mark.parametrize("role", sorted(TWO_FACTORS))
def test_who_decides_for_others_can_only_enrol_until_she_has_a_second_factor(
    office: Office, clock: Clock, role: str
) -> None:
    who = Asking(office, role)
    office.identity.set_password(who.account, PASSWORD)
    who.settled = True
    signed = who.person()
    told = signed.get("/api/v1/sessions/current").get_json()
    assert (told["enrolling"], told["second_factor"]) == (True, "")
    for path in (
        "/api/v1/territory",
        "/api/v1/coverage",
        f"{ACCOUNTS}/{who.account}/tokens",
        "/api/v1/codes",
        ACCOUNTS,
    ):
        answer = signed.get(path)
        if answer.status_code != 404:
            assert (answer.status_code, answer.get_json()["rule"]) == (403, "second_factor_missing"), path
    assert signed.refused(f"{ACCOUNTS}/{who.account}/tokens", {"label": "x"}) == "second_factor_missing"
    signed, _, codes = enrolled(who, clock)
    told = signed.get("/api/v1/sessions/current").get_json()
    assert (told["enrolling"], told["second_factor"], len(set(codes))) == (False, "totp", RECOVERY_CODES)
    assert signed.post(f"{ACCOUNTS}/{who.account}/tokens", {"label": "x"}).status_code == 201


def test_who_works_in_the_village_may_but_need_not_have_one(office: Office, clock: Clock) -> None:
    who = Asking(office, "psm")
    signed = who.person()
    assert signed.get("/api/v1/cases").status_code == 200
    signed, secret, _ = enrolled(who, clock)
    assert enter(who) == "second_factor_needed"
    path = f"{ACCOUNTS}/{who.account}/second-factor"
    assert signed.get(path).get_json() == {"enrolled": True, "mandatory": False, "recovery_codes": RECOVERY_CODES}
    assert signed.refused(f"{path}/removal", {"current": "salah"}) == "current_password_wrong"
    assert signed.post(f"{path}/removal", {"current": PASSWORD}).status_code == 204
    assert enter(who) == 201
    assert secret


def test_an_authenticator_reads_the_secret_from_its_address(supervisor: Asking) -> None:
    signed = supervisor.person()
    path = f"{ACCOUNTS}/{supervisor.account}/second-factor"
    assert signed.refused(path, {"current": "salah"}) == "current_password_wrong"
    made = signed.post(path, {"current": PASSWORD}).get_json()
    address = urlsplit(made["uri"])
    assert (address.scheme, address.netloc, address.path) == ("otpauth", "totp", f"/Wahana:{supervisor.login}")
    assert parse_qs(address.query)["secret"] == [made["secret"]]
    assert len(base64.b32decode(made["secret"])) == 20


def test_the_password_alone_no_longer_opens_anything(supervisor: Asking, clock: Clock, office: Office) -> None:
    _, secret, _ = enrolled(supervisor, clock)
    clock.wait(seconds=30)
    assert enter(supervisor) == "second_factor_needed"
    clock.wait(seconds=1)
    assert enter(supervisor, "000000") == "second_factor_refused"
    clock.wait(seconds=1)
    assert enter(supervisor, shown(secret, clock)) == 201
    outcomes = [(one.outcome, one.method) for one in office.identity.sign_ins(3, supervisor.account)]
    assert outcomes == [("ok", "password+totp"), ("wrong_code", "password"), ("no_code", "password")]


def test_a_phone_may_be_off_by_one_step_and_no_more(supervisor: Asking, clock: Clock) -> None:
    _, secret, _ = enrolled(supervisor, clock)
    clock.wait(minutes=5)
    assert [enter(supervisor, shown(secret, clock, steps)) for steps in (-2, 2)] == ["second_factor_refused"] * 2
    assert [enter(supervisor, shown(secret, clock, steps)) for steps in (-1, 0, 1)] == [201] * 3


def test_a_code_counts_once_and_none_before_it_after_it(supervisor: Asking, clock: Clock) -> None:
    _, secret, _ = enrolled(supervisor, clock)
    assert enter(supervisor, shown(secret, clock)) == "second_factor_refused", "it enrolled with this one"
    clock.wait(minutes=5)
    assert enter(supervisor, shown(secret, clock, 1)) == 201
    again = [enter(supervisor, shown(secret, clock, steps)) for steps in (1, 0, -1)]
    assert again == ["second_factor_refused"] * 3
    clock.wait(seconds=60)
    assert enter(supervisor, shown(secret, clock)) == 201


def test_of_one_code_shown_on_two_workers_at_once_one_counts(supervisor: Asking, clock: Clock, office: Office) -> None:
    _, secret, _ = enrolled(supervisor, clock)
    clock.wait(minutes=5)
    code, now = shown(secret, clock), office.identity.means.milliseconds()
    workers = [Office(office.config, now=clock) for _ in range(4)]

    def show(worker: Office) -> str | None:
        try:
            return worker.identity.means.factors.check(supervisor.account, code, now)
        finally:
            worker.close()

    with ThreadPoolExecutor(4) as pool:
        assert sorted(map(str, pool.map(show, workers))) == ["None", "None", "None", "totp"]


def test_a_recovery_code_opens_one_session(supervisor: Asking, clock: Clock, office: Office) -> None:
    signed, _, codes = enrolled(supervisor, clock)
    assert enter(supervisor, codes[0].lower().replace("-", " ")) == 201
    assert enter(supervisor, codes[0]) == "second_factor_refused"
    path = f"{ACCOUNTS}/{supervisor.account}/second-factor"
    assert signed.get(path).get_json()["recovery_codes"] == RECOVERY_CODES - 1
    renewed = signed.post(f"{path}/recovery-codes", {"current": PASSWORD}).get_json()["recovery_codes"]
    assert len(set(renewed) - set(codes)) == RECOVERY_CODES
    assert [enter(supervisor, codes[1]), enter(supervisor, renewed[0])] == ["second_factor_refused", 201]
    last = office.log.history(supervisor.account)[-1]
    assert last.topic == "account.recovery_codes_renewed"


def test_guessing_codes_has_to_wait_wherever_it_comes_from(supervisor: Asking, clock: Clock, office: Office) -> None:
    """Whoever guesses here knows the password. A guess from each of many networks would find a code within days."""
    _, secret, _ = enrolled(supervisor, clock)
    clock.wait(minutes=5)
    for network in range(5):
        with pytest.raises(SecondFactorRefused):
            office.identity.sign_in(supervisor.login, PASSWORD, f"10.0.{network}.1", code="000000")
    with pytest.raises(LockedOut):
        office.identity.sign_in(supervisor.login, PASSWORD, "10.0.9.1", code=shown(secret, clock))
    other = Asking(office, "admin")
    other.enrol()
    office.identity.set_password(other.account, PASSWORD)
    with pytest.raises(SecondFactorNeeded):
        office.identity.sign_in(other.login, PASSWORD, "10.0.1.1")
    clock.wait(seconds=1)
    assert office.identity.sign_in(supervisor.login, PASSWORD, "10.0.9.1", code=shown(secret, clock))


def test_guessing_the_code_of_an_authenticator_that_was_begun_has_to_wait_too(
    supervisor: Asking, clock: Clock, office: Office
) -> None:
    """A session that was left open in the middle of it: who finds it knows neither password nor secret."""
    signed = supervisor.person()
    secret, _ = office.identity.means.begin_factor(supervisor.account)
    path = f"{ACCOUNTS}/{supervisor.account}/second-factor/confirmation"
    told = [signed.post(path, {"code": "000000"}) for _ in range(6)]
    assert [answer.status_code for answer in told] == [401] * 5 + [429]
    assert told[-1].headers["Retry-After"] == "1"
    code = {"code": shown(secret, clock)}
    assert signed.post(path, code).status_code == 429
    clock.wait(seconds=1)
    assert signed.post(path, {"code": shown(secret, clock)}).status_code == 201


def test_enrolling_ends_every_other_session(supervisor: Asking, clock: Clock) -> None:
    other = supervisor.person()
    signed, _, _ = enrolled(supervisor, clock)
    current = "/api/v1/sessions/current"
    assert [other.get(current).status_code, signed.get(current).status_code] == [401, 200]


def test_a_new_authenticator_takes_the_place_of_the_old_one_once_it_has_shown_a_code(
    supervisor: Asking, clock: Clock
) -> None:
    signed, old, _ = enrolled(supervisor, clock)
    path = f"{ACCOUNTS}/{supervisor.account}/second-factor"
    assert signed.refused(f"{path}/removal", {"current": PASSWORD}) == "second_factor_is_mandatory"
    new = signed.post(path, {"current": PASSWORD}).get_json()["secret"]
    clock.wait(minutes=5)
    assert enter(supervisor, shown(old, clock)) == 201
    wrong = signed.post(f"{path}/confirmation", {"code": "000000"})
    assert (wrong.status_code, wrong.get_json()["rule"]) == (401, "second_factor_refused")
    assert signed.post(f"{path}/confirmation", {"code": shown(new, clock)}).status_code == 201
    clock.wait(minutes=5)
    assert enter(supervisor, shown(old, clock)) == "second_factor_refused"
    assert enter(supervisor, shown(new, clock)) == 201


def test_a_lost_authenticator_is_taken_away_by_two_others_and_she_enrols_again(
    supervisor: Asking, clock: Clock, office: Office
) -> None:
    enrolled(supervisor, clock)
    admin, second = Asking(office, "admin"), Asking(office, "supervisor")
    path = f"{ACCOUNTS}/{supervisor.account}/resets"
    admin.done(path, {"means": "second_factor"})
    [asked] = admin.data("/api/v1/resets")
    code = second.post(f"{path}/{asked['reset']}/approval").get_json()["code"]
    assert enter(supervisor) == "second_factor_needed", "the code must be shown"
    assert enter(supervisor, code) == 201
    assert supervisor.person().get("/api/v1/sessions/current").get_json()["enrolling"]
    assert enter(supervisor, code) == 201, "without an authenticator no code is asked for, and it opens no more"
    event = next(one for one in office.log.history(supervisor.account) if one.topic == "account.second_factor_removed")
    assert (event.how, event.reset, event.by) == ("reset", asked["reset"], supervisor.account)  # type: ignore[attr-defined]
    enrolled(supervisor, clock)


def test_the_code_of_a_reset_is_worthless_after_a_day(supervisor: Asking, clock: Clock, office: Office) -> None:
    enrolled(supervisor, clock)
    admin, second = Asking(office, "admin"), Asking(office, "supervisor")
    path = f"{ACCOUNTS}/{supervisor.account}/resets"
    codes = {}
    for means in ("second_factor", "password"):
        admin.done(path, {"means": means})
        reset = admin.data("/api/v1/resets")[0]["reset"]
        codes[means] = second.post(f"{path}/{reset}/approval").get_json()["code"]
    clock.wait(hours=24)
    assert enter(supervisor, codes["second_factor"]) == "second_factor_refused"
    body = {"login": supervisor.login, "code": codes["password"], "password": "jagung-binthe-biluhuta-4"}
    assert supervisor.client.post("/api/v1/sessions/password", json=body).status_code == 401


def test_a_token_from_before_its_account_decided_for_others_is_worthless(office: Office, clock: Clock) -> None:
    psm = Asking(office, "psm").person()
    token = psm.post(f"{ACCOUNTS}/{psm.account}/tokens", {"label": "uji"}).get_json()["token"]
    assert office.identity.bearer(token)

    def promote(decision: Any) -> None:
        decision.load(Account, psm.account).grant_role(
            on=BEGINNING, grant=new_id(), role="supervisor", title="Plt.", valid_from=BEGINNING
        )

    record(office, promote)
    assert office.identity.bearer(token) is None
    assert psm.get("/api/v1/sessions/current").get_json()["enrolling"], "her session can only enrol from now on"


def test_neither_secret_nor_code_stands_in_a_table_and_a_stolen_row_opens_nothing(
    supervisor: Asking, clock: Clock, office: Office
) -> None:
    _, secret, codes = enrolled(supervisor, clock)
    plain = base64.b32decode(secret)
    tables = ("second_factors", "recovery_codes", "events", "sessions", "commands")
    rows = [value for table in tables for row in office.database.rows(f"SELECT * FROM {table}") for value in row]
    text = "\n".join(map(str, rows))
    hidden = [secret, base64.b64encode(plain).decode(), plain.hex(), *codes, *(code.replace("-", "") for code in codes)]
    assert [one for one in hidden if one in text] == []
    thief = Asking(office, "psm")
    office.database.rows(
        "INSERT INTO second_factors SELECT :thief, box, NULL, 0 FROM second_factors WHERE account = :account",
        thief=thief.account,
        account=supervisor.account,
    )
    with pytest.raises(FactorUnreadable):
        office.identity.means.factors.check(thief.account, shown(secret, clock), 0)
    other = Factors(office.database, KeyStore(office.keys_database, b"x" * 32), office.identity.means.codes._codes)
    with pytest.raises(Exception, match="master key"):
        other.check(supervisor.account, shown(secret, clock), 0)

"""Who is asking: signing in and out, guessing passwords, tokens, and grants that count from the next request on."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import argon2
import pytest

from domain.account import Account, AccountIsClosed
from domain.refusals import NotFound
from service import signin
from service.casebook import Casebook
from service.identity import LOGIN, Identity, LockedOut, Principal, SignInRefused, TokenLifetime, WeakPassword, create
from service.log.database import Database, connect
from service.log.entries import Entries, Reservation
from service.log.eventlog import EventLog
from service.log.files import Files
from service.log.ids import new_id
from service.log.keys import KeyStore
from service.log.tokens import TokenKey
from service.log.vault import Vault
from service.signin import FREE_FAILURES, PARALLEL, SignIn, address_prefix, check_strength, delay

PASSWORD = "perahu-danau-Limboto-7"
NEW_PASSWORD = "jagung-binthe-biluhuta-4"
VILLAGE_ROUTER = "103.10.66.17"
ELSEWHERE = "36.90.1.2"
DAY = date(2025, 3, 1)
KEY = b"k" * 32


class Clock:
    """A clock that goes when it is told to."""

    def __init__(self) -> None:
        self.time = datetime(2025, 3, 1, 2, 0, tzinfo=UTC)

    def __call__(self) -> str:
        return self.time.strftime("%Y-%m-%dT%H:%M:%S.%fZ")

    def wait(self, **amount: float) -> None:
        self.time += timedelta(**amount)


class Desk:
    """An office's sign-in desk with one account, `siti`, a TKSK of Telaga."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.database = database
        self.clock = Clock()
        self.log = EventLog(database)
        self.keys = KeyStore(connect("sqlite:///" + str(folder / "keys.db"), owner=True), b"m" * 32)
        self.keys.create()
        self.identity = self.worker()
        self.siti = self.account("siti")
        self.identity.set_password(self.siti, PASSWORD)

    def worker(self) -> Identity:
        """Another worker process's own identity object over the same tables."""
        vault, files = Vault(self.database, self.keys), Files(self.database, self.keys)
        casebook = Casebook(self.log, vault, files, TokenKey(KEY), self.clock, lambda recorded: None)
        return Identity(self.database, casebook, self.keys, self.clock, key=KEY)

    def account(self, login: str) -> str:
        account = Account.open(new_id(), on=DAY, login=login, name=login.title())
        account.grant_role(on=DAY, grant="g1", role="tksk", title="TKSK Telaga", areas=("75.01.02",), valid_from=DAY)
        self.record(account, login)
        return account.id

    def record(self, account: Account, login: str | None = None) -> None:
        held = (Reservation(LOGIN, login, account.id),) if login else ()
        events = account.collect_events()
        self.log.record(events, Entries(self.clock(), reservations=held))  # type: ignore[arg-type]

    def load(self) -> Account:
        return self.log.load(Account, self.siti)

    def sign_in(self, password: str = PASSWORD, login: str = "siti", address: str = VILLAGE_ROUTER) -> str:
        return self.identity.sign_in(login, password, address)

    def fail(self, times: int, login: str = "siti", address: str = VILLAGE_ROUTER) -> None:
        for _ in range(times):
            with pytest.raises(SignInRefused):
                self.sign_in("salah-salah-salah", login, address)

    def who(self, secret: str) -> Principal:
        found = self.identity.session(secret)
        assert found is not None
        return found


@pytest.fixture
def desk(database_url: str, tmp_path: Path) -> Iterator[Desk]:
    owner = connect(database_url, owner=True, size=1)
    if owner.engine == "sqlite":
        from service.log.sqlite import create_log
    else:
        from service.log.postgres_tables import create_log  # type: ignore[assignment]
    create_log(owner)  # type: ignore[arg-type]
    Files(owner, KeyStore(owner, b"m" * 32)).create()
    create(owner)
    create(owner)
    owner.close()
    database = connect(database_url)
    made = Desk(database, tmp_path)
    yield made
    made.keys.database.close()
    database.close()


def test_whoever_signs_in_is_known_with_her_post_and_her_area(desk: Desk) -> None:
    who = desk.who(desk.sign_in())
    assert (who.account, who.login, who.name, who.day) == (desk.siti, "siti", "Siti", DAY)
    assert (who.post, who.roles) == ("TKSK Telaga", {"tksk"})
    assert who.covers("75.01.02.2001")
    assert not who.covers("75.01.04.2003")


def test_a_login_may_be_typed_with_capitals_and_blanks(desk: Desk) -> None:
    assert desk.who(desk.sign_in(login=" Siti ")).account == desk.siti


@pytest.mark.parametrize("login", ["siti", "tidak.ada", "", "a\x00b", "\ud800", "s" * 5000])
def test_a_wrong_password_and_an_unknown_login_are_refused_in_the_same_words(desk: Desk, login: str) -> None:
    with pytest.raises(SignInRefused) as refusal:
        desk.sign_in("salah-salah-salah", login)
    assert refusal.value.sentence == "Nama masuk atau kata sandi salah."


def test_an_account_without_a_password_cannot_be_signed_in_to(desk: Desk) -> None:
    desk.account("agus")
    with pytest.raises(SignInRefused):
        desk.sign_in(login="agus")
    assert desk.identity.sign_ins(1)[0].outcome == "no_password"


def test_a_session_ends_after_an_hour_without_a_request(desk: Desk) -> None:
    secret = desk.sign_in()
    desk.clock.wait(minutes=59)
    assert desk.identity.session(secret)
    desk.clock.wait(minutes=59)
    assert desk.identity.session(secret)
    desk.clock.wait(minutes=60)
    assert desk.identity.session(secret) is None


def test_a_session_ends_after_twelve_hours_however_busy(desk: Desk) -> None:
    secret = desk.sign_in()
    for _ in range(23):
        desk.clock.wait(minutes=30)
        assert desk.identity.session(secret)
    desk.clock.wait(minutes=30)
    assert desk.identity.session(secret) is None


def test_who_signs_out_is_out_on_every_worker_and_only_on_that_device(desk: Desk) -> None:
    phone, office = desk.sign_in(), desk.sign_in()
    desk.identity.sign_out(phone)
    assert desk.worker().session(phone) is None
    assert desk.worker().session(office)
    desk.identity.sign_out_everywhere(desk.siti)
    assert desk.identity.session(office) is None


@pytest.mark.parametrize("secret", ["", "x", "wahana_1_2", "\ud800", "a\x00b"])
def test_a_made_up_secret_opens_nothing(desk: Desk, secret: str) -> None:
    assert desk.identity.session(secret) is None
    assert desk.identity.bearer(secret) is None
    desk.identity.sign_out(secret)


def test_secrets_and_passwords_are_not_in_the_tables(desk: Desk) -> None:
    secret, token = desk.sign_in(), desk.identity.issue_token(desk.siti, "Laporan", 30)
    desk.fail(1, login="perahu-rahasia-ku")
    rows = [
        value
        for table in ("credentials", "sessions", "access_tokens", "sign_ins", "sign_in_failures")
        for row in desk.database.rows(f"SELECT * FROM {table}")
        for value in row
    ]
    assert desk.siti in rows
    text = "\n".join(map(str, rows))
    assert [
        hidden for hidden in (secret, token.split("_", 2)[2], PASSWORD, "perahu-rahasia-ku") if hidden in text
    ] == []


def test_a_revoked_role_counts_from_the_next_request_on(desk: Desk) -> None:
    secret, token = desk.sign_in(), desk.identity.issue_token(desk.siti, "Laporan", 30)
    account = desk.load()
    account.revoke_role(on=DAY, grant="g1")
    desk.record(account)
    by_token = desk.identity.bearer(token)
    assert by_token is not None
    assert (desk.who(secret).grants, by_token.grants) == ((), ())


def test_a_role_ends_with_its_last_day_in_the_time_of_the_office(desk: Desk) -> None:
    account = desk.load()
    account.grant_role(
        on=DAY, grant="g2", role="supervisor", title="Plt. Kepala Bidang", valid_from=DAY, valid_until=DAY
    )
    desk.record(account)
    desk.clock.time = datetime(2025, 3, 1, 15, 59, tzinfo=UTC)
    secret = desk.sign_in()
    assert desk.who(secret).roles == {"tksk", "supervisor"}
    desk.clock.wait(minutes=1)  # midnight in Limboto, 16:00 UTC
    assert desk.who(secret).roles == {"tksk"}
    assert desk.identity.today() == DAY + timedelta(days=1)


def test_a_closed_account_is_out_at_once_and_cannot_come_back(desk: Desk) -> None:
    secret, token = desk.sign_in(), desk.identity.issue_token(desk.siti, "Laporan", 30)
    account = desk.load()
    account.close(on=DAY)
    desk.record(account)
    assert desk.identity.session(secret) is None
    assert desk.identity.bearer(token) is None
    with pytest.raises(SignInRefused):
        desk.sign_in()
    with pytest.raises(AccountIsClosed):
        desk.identity.issue_token(desk.siti, "Laporan", 30)
    with pytest.raises(AccountIsClosed):
        desk.identity.set_password(desk.siti, NEW_PASSWORD)


def test_a_new_password_replaces_the_old_one_and_closes_the_sessions(desk: Desk) -> None:
    secret = desk.sign_in()
    desk.identity.set_password(desk.siti, NEW_PASSWORD)
    assert desk.identity.session(secret) is None
    desk.fail(1)
    assert desk.sign_in(NEW_PASSWORD)


def test_a_password_is_kept_as_argon2id_and_hashed_anew_when_the_rule_gets_stricter(desk: Desk) -> None:
    def stored() -> str:
        return str(desk.database.rows("SELECT hash FROM credentials")[0][0])

    assert stored().startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    weaker = argon2.PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash(PASSWORD)
    desk.database.rows("UPDATE credentials SET hash = :hash", hash=weaker)
    desk.sign_in()
    assert stored().startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert desk.sign_in()


def test_a_password_is_the_same_however_a_keyboard_composes_its_letters(desk: Desk) -> None:
    desk.identity.set_password(desk.siti, "kopi-Pagimana-cafe\u0301-9")
    assert desk.sign_in("kopi-Pagimana-caf\u00e9-9")


@pytest.mark.parametrize(
    "password",
    ["", "pendek-77xy", "aaaaaaaaaaaa", "gorontalo-2024!", "Password123456", "121212121212", "siti.ahmad-01"],
)
def test_a_weak_password_is_refused(desk: Desk, password: str) -> None:
    with pytest.raises(WeakPassword):
        check_strength(password, "siti.ahmad.01")
    if password != "siti.ahmad-01":
        with pytest.raises(WeakPassword):
            desk.identity.set_password(desk.siti, password)


def test_a_password_for_nobody_is_refused(desk: Desk) -> None:
    with pytest.raises(NotFound):
        desk.identity.set_password(new_id(), PASSWORD)


def test_after_some_failures_even_the_right_password_has_to_wait(desk: Desk) -> None:
    desk.fail(FREE_FAILURES)
    with pytest.raises(LockedOut) as refusal:
        desk.sign_in()
    assert refusal.value.retry_after == 1
    desk.clock.wait(seconds=1)
    assert desk.sign_in()
    desk.fail(FREE_FAILURES)  # counted from the beginning again


def test_the_wait_doubles_to_a_quarter_of_an_hour(desk: Desk) -> None:
    assert [delay(failures) // 1000 for failures in (0, 4, 5, 6, 7, 14, 15, 10_000)] == [0, 0, 1, 2, 4, 512, 900, 900]
    desk.fail(FREE_FAILURES)
    for wait in (1, 2, 4, 8):
        with pytest.raises(LockedOut) as refusal:
            desk.sign_in()
        assert refusal.value.retry_after == wait
        desk.clock.wait(seconds=wait)
        desk.fail(1)


def test_failures_are_forgotten_after_an_hour(desk: Desk) -> None:
    desk.fail(FREE_FAILURES)
    desk.clock.wait(hours=1)
    desk.fail(1)
    assert desk.sign_in()


def test_a_locked_login_never_locks_the_village_nor_the_owner_elsewhere(desk: Desk) -> None:
    agus = desk.account("agus")
    desk.identity.set_password(agus, NEW_PASSWORD)
    desk.fail(FREE_FAILURES)
    with pytest.raises(LockedOut):
        desk.sign_in()
    assert desk.who(desk.sign_in(NEW_PASSWORD, "agus")).account == agus
    assert desk.who(desk.sign_in(address=ELSEWHERE)).account == desk.siti


def test_an_unknown_login_is_locked_like_a_known_one(desk: Desk) -> None:
    desk.fail(FREE_FAILURES, login="tidak.ada")
    with pytest.raises(LockedOut):
        desk.sign_in("apa saja yang lain", "tidak.ada")


def test_every_worker_counts_the_same_failures(desk: Desk) -> None:
    for _ in range(FREE_FAILURES):
        with pytest.raises(SignInRefused):
            desk.worker().sign_in("siti", "salah-salah-salah", VILLAGE_ROUTER)
    with pytest.raises(LockedOut):
        desk.worker().sign_in("siti", PASSWORD, VILLAGE_ROUTER)


def test_guesses_sent_at_the_same_moment_are_counted_one_by_one(desk: Desk) -> None:
    workers = [desk.worker() for _ in range(4)]
    start = threading.Barrier(12)

    def guess(number: int) -> str:
        start.wait()
        try:
            workers[number % 4].sign_in("siti", "salah-salah-salah", VILLAGE_ROUTER)
        except SignInRefused:
            return "checked"
        except LockedOut:
            return "locked"
        finally:
            if desk.database.engine == "sqlite":
                desk.database.close()
        return "in"

    with ThreadPoolExecutor(12) as pool:
        outcomes = list(pool.map(guess, range(12)))
    assert (outcomes.count("checked"), outcomes.count("locked")) == (FREE_FAILURES, 12 - FREE_FAILURES)


def test_an_attempt_between_another_ones_reading_and_writing_is_not_lost(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    brake = signin.Brake(desk.database, KEY)
    brake.count("siti", 1000)
    read = type(desk.database).rows
    others = iter([1002])

    def rows(database: Database, sql: str, **values: Any) -> list[tuple[Any, ...]]:
        found = read(database, sql, **values)
        if sql.startswith("SELECT failures"):
            for at in others:
                brake.count("siti", at)
        return found

    monkeypatch.setattr(type(desk.database), "rows", rows)
    brake.count("siti", 1001)
    assert desk.database.rows("SELECT failures FROM sign_in_failures WHERE subject = 'siti'") == [(3,)]


def test_few_passwords_are_checked_at_a_time(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signin, "TURN_SECONDS", 0.01)
    passwords = signin.Passwords(desk.database)
    turns = [passwords.turn() for _ in range(PARALLEL)]
    for turn in turns:
        turn.__enter__()
    with pytest.raises(LockedOut), passwords.turn():
        raise AssertionError("one too many")
    for turn in turns:
        turn.__exit__(None, None, None)
    with passwords.turn():
        assert passwords.check(desk.siti, PASSWORD)


def test_attempts_are_written_down_and_stay(desk: Desk) -> None:
    desk.sign_in()
    desk.clock.wait(seconds=1)
    desk.fail(1)
    desk.clock.wait(seconds=1)
    desk.fail(1, login="kata-sandi-salah-isian", address="2001:db8:1:2:3:4:5:6")
    at = 1_740_794_400_000
    unknown, wrong, fine = desk.identity.sign_ins()
    assert fine == SignIn(at, "siti", desk.siti, "ok", "password", "103.10.66.0/24")
    assert wrong == SignIn(at + 1000, "siti", desk.siti, "wrong_password", "password", "103.10.66.0/24")
    assert (unknown.account, unknown.outcome, unknown.address) == (None, "unknown_login", "2001:db8:1:2::/64")
    assert "sandi" not in unknown.login
    assert desk.identity.sign_ins(10, desk.siti) == [wrong, fine]
    for statement in ("DELETE FROM sign_ins", "UPDATE sign_ins SET outcome = 'ok'"):
        with pytest.raises(Exception, match="append-only"):
            desk.database.rows(statement)
    assert len(desk.identity.sign_ins()) == 3


def test_an_address_is_kept_as_its_network_only() -> None:
    addresses = ["103.10.66.17", "::ffff:103.10.66.17", "2001:db8:1:2:3:4:5:6", "", "unix:"]
    assert [address_prefix(address) for address in addresses] == [
        "103.10.66.0/24",
        "103.10.66.0/24",
        "2001:db8:1:2::/64",
        "",
        "",
    ]


def test_a_token_works_until_its_day_and_says_when_it_was_used(desk: Desk) -> None:
    token = desk.identity.issue_token(desk.siti, "Laporan bulanan", 30)
    assert token.startswith("wahana_")
    who = desk.identity.bearer(token)
    assert who is not None
    assert who.account == desk.siti
    used = desk.identity.tokens(desk.siti)[0].last_used
    desk.clock.wait(seconds=59)
    desk.identity.bearer(token)
    assert desk.identity.tokens()[0].last_used == used
    desk.clock.wait(seconds=1)
    desk.identity.bearer(token)
    assert desk.identity.tokens()[0].last_used == (used or 0) + 60_000
    desk.clock.wait(days=30)
    assert desk.identity.bearer(token) is None


def test_a_token_with_one_letter_changed_opens_nothing(desk: Desk) -> None:
    token = desk.identity.issue_token(desk.siti, "Laporan", 30)
    for at in range(len(token)):
        forged = token[:at] + ("x" if token[at] != "x" else "y") + token[at + 1 :]
        assert desk.identity.bearer(forged) is None
    assert desk.identity.bearer(token)


def test_a_revoked_token_is_worthless_at_once(desk: Desk) -> None:
    token = desk.identity.issue_token(desk.siti, "Laporan", 30)
    desk.identity.revoke_token(token.split("_")[1])
    assert desk.worker().bearer(token) is None
    with pytest.raises(NotFound):
        desk.identity.revoke_token(token.split("_")[1])


@pytest.mark.parametrize("days", [0, -1, 367])
def test_a_token_lives_for_a_year_at_most(desk: Desk, days: int) -> None:
    with pytest.raises(TokenLifetime):
        desk.identity.issue_token(desk.siti, "Laporan", days)

"""Passwords, the brake on guessing them, and the journal of who tried to sign in.

All of it lies in tables of the log's database, so that every worker counts the same failures.
"""

import hashlib
import hmac
import ipaddress
import threading
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property

import msgspec
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from domain.refusals import Refused
from service.log.database import Database
from service.log.ids import new_id

SHORTEST = 12
#: What a password may not consist of: besides these, at least `LEFT_OVER` letters or digits must be its own.
DENIED = (
    *("password", "katasandi", "sandi", "rahasia", "passwd", "qwertyuiop", "qwerty", "asdfghjkl", "asdf", "admin"),
    *("kabupaten", "gorontalo", "limboto", "dinas", "sosial", "dinsos", "wahana", "indonesia", "bismillah", "sayang"),
    *("1234567890", "123456789", "12345678", "123456", "12345", "1234", "0987654321", "abcdef", "abcd", "iloveyou"),
)
LEFT_OVER = 6
FEWEST_DIFFERENT = 5

PARALLEL = 2  # argon2 takes 19 MiB and a core for 40 ms: more at a time would starve everybody else
TURN_SECONDS = 5.0
FREE_FAILURES = 5
LONGEST_DELAY = 15 * 60 * 1000
FORGET_AFTER = 60 * 60 * 1000

SCHEMA = """
CREATE TABLE IF NOT EXISTS credentials (account TEXT PRIMARY KEY, hash TEXT NOT NULL, set_at BIGINT NOT NULL);
CREATE TABLE IF NOT EXISTS sign_in_failures (
  subject TEXT PRIMARY KEY, failures INTEGER NOT NULL, last_at BIGINT NOT NULL);
CREATE TABLE IF NOT EXISTS sign_ins (
  id TEXT PRIMARY KEY, at BIGINT NOT NULL, login TEXT NOT NULL, account TEXT, outcome TEXT NOT NULL,
  method TEXT NOT NULL, address TEXT NOT NULL);
"""
_STANDS = {
    "sqlite": "".join(
        f"CREATE TRIGGER IF NOT EXISTS sign_ins_stand_{verb.lower()} BEFORE {verb} ON sign_ins "
        "BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;"
        for verb in ("UPDATE", "DELETE")
    ),
    "postgresql": """
CREATE OR REPLACE FUNCTION sign_ins_stand() RETURNS trigger LANGUAGE plpgsql AS
$$BEGIN RAISE EXCEPTION 'the journal is append-only' USING ERRCODE = 'insufficient_privilege'; END$$;
DROP TRIGGER IF EXISTS sign_ins_stand ON sign_ins;
CREATE TRIGGER sign_ins_stand BEFORE UPDATE OR DELETE OR TRUNCATE ON sign_ins
  FOR EACH STATEMENT EXECUTE FUNCTION sign_ins_stand();
""",
}


class SignInRefused(Refused):
    RULE = "sign_in_refused"
    SENTENCE = "Nama masuk atau kata sandi salah."


class SecondFactorNeeded(Refused):
    RULE = "second_factor_needed"
    SENTENCE = "Masukkan juga kode dari aplikasi autentikator Anda."


class SecondFactorRefused(Refused):
    RULE = "second_factor_refused"
    SENTENCE = "Kode ini tidak cocok atau sudah pernah dipakai."


class LockedOut(Refused):
    """Too many failures for one login from one address prefix; ``retry_after`` is in seconds."""

    RULE = "locked_out"
    SENTENCE = "Terlalu banyak percobaan masuk; coba lagi {retry_after} detik lagi."

    def __init__(self, retry_after: int) -> None:
        self.retry_after = retry_after
        super().__init__(retry_after=retry_after)


class WeakPassword(Refused):
    RULE = "weak_password"
    SENTENCE = "Kata sandi paling sedikit {shortest} huruf dan angka, bukan kata umum, nama kantor, atau nama masuk."


class SignIn(msgspec.Struct, frozen=True):
    """One attempt to sign in: ``at`` in milliseconds since 1970; ``login`` is a keyed hash when nobody has it."""

    at: int
    login: str
    account: str | None
    outcome: str  # ok, wrong_password, unknown_login, no_password, closed, no_code, wrong_code, not_linked
    method: str  # password, password+totp, password+recovery, password+reset, reset, oidc
    address: str


def create_tables(database: Database) -> None:
    """Make the tables. Safe to run again."""
    database.script(SCHEMA + _STANDS[database.engine])


def address_prefix(address: str) -> str:
    """The network an address belongs to: /24 or /64, as one provider's customer; empty for no address."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return ""
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped:
        found = found.ipv4_mapped
    return str(ipaddress.ip_network((found, 24 if found.version == 4 else 64), strict=False))


def check_strength(password: str, login: str) -> None:
    """Raise `WeakPassword` for a password that is too short, monotonous, made of common words, or the login itself."""
    own = "".join(letter for letter in password.lower() if letter.isalnum())
    rest = own
    for word in DENIED:
        rest = rest.replace(word, "")
    too_plain = len(rest) < LEFT_OVER or len(set(own)) < FEWEST_DIFFERENT
    if len(password) < SHORTEST or too_plain or own == "".join(filter(str.isalnum, login.lower())):
        raise WeakPassword(shortest=SHORTEST)


class Passwords:
    """Argon2id hashes by account (OWASP: 19 MiB, two passes, one lane), a few computed at a time."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._hasher = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)
        self._turns = threading.BoundedSemaphore(PARALLEL)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for one of the few places at which passwords are checked. Raises `LockedOut` when it takes too long."""
        if not self._turns.acquire(timeout=TURN_SECONDS):
            raise LockedOut(int(TURN_SECONDS))
        try:
            yield
        finally:
            self._turns.release()

    def hashed(self, password: str) -> str:
        """A password's hash, for `set`."""
        return self._hasher.hash(_bytes(password))

    def set(self, account: str, hash: str, now: int) -> None:
        """Store a password's hash in place of the one before."""
        self._database.rows(
            "INSERT INTO credentials VALUES (:account, :hash, :now) "
            "ON CONFLICT (account) DO UPDATE SET hash = excluded.hash, set_at = excluded.set_at",
            account=account,
            hash=hash,
            now=now,
        )

    def set_at(self, account: str | None) -> int:
        """When the account's password was set; 0 when it has none."""
        rows = self._database.rows("SELECT set_at FROM credentials WHERE account = :account", account=account or "")
        return int(rows[0][0]) if rows else 0

    def unchanged(self, account: str, set_at: int) -> bool:
        """Whether the password is still the one that was set then. Within a transaction it stays so until its end."""
        return bool(
            self._database.rows(
                "UPDATE credentials SET set_at = set_at WHERE account = :account AND set_at = :set_at RETURNING 1",
                account=account,
                set_at=set_at,
            )
        )

    def check(self, account: str | None, password: str) -> bool | None:
        """Whether the password is the account's; None when it has none. Takes as long for an account nobody has."""
        rows = self._database.rows("SELECT hash FROM credentials WHERE account = :account", account=account or "")
        stored = rows[0][0] if rows else self._nobody
        try:
            self._hasher.verify(stored, _bytes(password))
        except (VerificationError, InvalidHashError):
            return False if rows else None
        if account and rows and self._hasher.check_needs_rehash(stored):
            self._database.rows(
                "UPDATE credentials SET hash = :hash WHERE account = :account AND hash = :stored",
                hash=self.hashed(password),
                account=account,
                stored=stored,
            )
        return bool(rows) or None

    @cached_property
    def _nobody(self) -> str:
        return self._hasher.hash(new_id())


class Brake:
    """Slows guessing down, by login and address prefix: after `FREE_FAILURES` each failure doubles the wait.

    It never stops a login from another network, nor another login from the same one: a village behind one address
    stays able to work. Only codes of the second factor are counted by account alone: whoever may try them has shown the
    password. An attempt is counted before the password is checked, so parallel attempts count too.
    """

    def __init__(self, database: Database, key: bytes) -> None:
        self._database = database
        self._key = key

    def subject(self, login: str, prefix: str) -> str:
        """What is counted, as a keyed hash: a password typed into the wrong field must not be stored."""
        return self.digest(f"{login}\n{prefix}")

    def factor(self, account: str) -> str:
        """What guesses of an account's second factor are counted under, from wherever."""
        return self.subject(f"second factor of {account}", "")

    def digest(self, text: str) -> str:
        return hmac.digest(self._key, b"sign-in\x00" + _bytes(text), hashlib.sha256).hex()[:32]

    def count(self, subject: str, now: int) -> None:
        """Count an attempt as a failure until `release`. Raises `LockedOut` while the wait lasts; that costs nothing."""
        for _ in range(50):
            rows = self._database.rows(
                "SELECT failures, last_at FROM sign_in_failures WHERE subject = :subject", subject=subject
            )
            if not rows:
                if self._first(subject, now):
                    return
                continue
            failures, last = rows[0]
            wait = last + delay(failures) - now
            # Workers' clocks differ a little: a count from just ahead of this one's now is no reason to wait by itself.
            if delay(failures) and wait > 0:
                raise LockedOut(-(-wait // 1000))
            # Compare and set: of attempts at the same moment each counts.
            if self._database.rows(
                "UPDATE sign_in_failures SET failures = :more, last_at = :now "
                "WHERE subject = :subject AND failures = :failures AND last_at = :last RETURNING 1",
                more=1 if now - last >= FORGET_AFTER else failures + 1,
                now=now,
                subject=subject,
                failures=failures,
                last=last,
            ):
                return
        raise LockedOut(1)

    def release(self, subject: str) -> None:
        """Forget the failures: the right password was given."""
        self._database.rows("DELETE FROM sign_in_failures WHERE subject = :subject", subject=subject)

    def _first(self, subject: str, now: int) -> bool:
        self._database.rows("DELETE FROM sign_in_failures WHERE last_at < :old", old=now - FORGET_AFTER)
        return bool(
            self._database.rows(
                "INSERT INTO sign_in_failures VALUES (:subject, 1, :now) ON CONFLICT DO NOTHING RETURNING 1",
                subject=subject,
                now=now,
            )
        )


def delay(failures: int) -> int:
    """Milliseconds to wait after so many failures: 1 s after the fifth, doubling, at most 15 minutes."""
    if failures < FREE_FAILURES:
        return 0
    return int(min(LONGEST_DELAY, 1000 * 2 ** min(failures - FREE_FAILURES, 20)))


class Journal:
    """Every attempt that was let through to the password check. Rows are never changed."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def note(self, attempt: SignIn) -> None:
        """Write one attempt down."""
        self._database.rows(
            "INSERT INTO sign_ins VALUES (:id, :at, :login, :account, :outcome, :method, :address)",
            id=new_id(attempt.at),
            **msgspec.structs.asdict(attempt),
        )

    def latest(self, limit: int, account: str | None = None) -> list[SignIn]:
        """The latest attempts, newest first, of one account or of all."""
        where, values = ("WHERE account = :account", {"account": account}) if account else ("", {})
        rows = self._database.rows(
            f"SELECT at, login, account, outcome, method, address FROM sign_ins {where} ORDER BY id DESC LIMIT :limit",
            limit=limit,
            **values,
        )
        return [SignIn(*row) for row in rows]


def _bytes(text: str) -> bytes:
    return unicodedata.normalize("NFC", text).encode("utf-8", "surrogatepass")

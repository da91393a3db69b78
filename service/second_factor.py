"""The second factor: codes of an authenticator (RFC 6238) and recovery codes for the day when it is lost.

An authenticator's secret is encrypted with a key of the account's own in the key store, which wraps it with the master
key: a copy of the log's database gives no codes, and a new master key touches nothing here. Recovery codes are random and
kept as keyed hashes.
"""

import base64
import hashlib
import hmac
import os
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from service.log.database import Database
from service.log.keys import KeyStore

ISSUER = "Wahana"
SECONDS = 30
DRIFT = 1  # steps by which a phone's clock may differ
RECOVERY_CODES = 10
COMPARTMENT = "faktor kedua"

SCHEMA = """
CREATE TABLE IF NOT EXISTS second_factors (
  account TEXT PRIMARY KEY, box TEXT, begun TEXT, last_step BIGINT NOT NULL);
CREATE TABLE IF NOT EXISTS recovery_codes (
  account TEXT NOT NULL, code TEXT NOT NULL, used BIGINT, PRIMARY KEY (account, code));
"""


class FactorUnreadable(Exception):
    """An authenticator's secret does not open: its key is gone, or the row belongs to another account."""


def create_tables(database: Database) -> None:
    """Make the tables. Safe to run again."""
    database.script(SCHEMA)


def step_of(now: int) -> int:
    """The time step of a moment in milliseconds since 1970."""
    return now // 1000 // SECONDS


def _totp(secret: bytes) -> TOTP:
    # SHA-1 is what every authenticator can do, and what is weak about it (collisions) is of no use against an HMAC.
    return TOTP(secret, 6, SHA1(), SECONDS)  # noqa: S303 # nosec B303


def code_at(secret: bytes, step: int) -> str:
    """The six digits that an authenticator shows during a time step."""
    return _totp(secret).generate(step * SECONDS).decode()


def in_letters(secret: bytes) -> str:
    """A secret as authenticators take it: base32."""
    return base64.b32encode(secret).decode()


def uri_of(secret: bytes, login: str) -> str:
    """The ``otpauth`` address that an authenticator reads from a picture."""
    return _totp(secret).get_provisioning_uri(login, ISSUER)


def one_time_code(letters: int) -> str:
    """A random code that a person can read out: groups of four letters and digits, five bits each."""
    code = base64.b32encode(secrets.token_bytes(letters * 5 // 8)).decode()[:letters]
    return "-".join(code[at : at + 4] for at in range(0, letters, 4))


class Codes:
    """Keyed hashes of codes that people type: without the key a copy of the table is nothing to guess at."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def hashed(self, account: str, code: str) -> str:
        """The hash of a code however it was typed: in small letters, with blanks or without hyphens."""
        plain = "".join(filter(str.isalnum, code.upper()))
        text = f"one-time code\x00{account}\x00{plain}".encode("utf-8", "surrogatepass")
        return hmac.digest(self._key, text, hashlib.sha256).hex()


class Factors:
    """The second factors that there are. Times are milliseconds since 1970."""

    def __init__(self, database: Database, keys: KeyStore, codes: Codes) -> None:
        self._database = database
        self._keys = keys
        self._codes = codes

    def enrolled(self, account: str) -> bool:
        """Whether the account has an authenticator that counts."""
        return self._row(account)[0] is not None

    def begin(self, account: str, secret: bytes | None = None) -> bytes:
        """A new secret for an authenticator, which counts once a code of it was shown; the one before counts till then."""
        secret = secret or secrets.token_bytes(20)
        self._database.rows(
            "INSERT INTO second_factors VALUES (:account, NULL, :begun, 0) "
            "ON CONFLICT (account) DO UPDATE SET begun = excluded.begun",
            account=account,
            begun=self._seal(account, secret),
        )
        return secret

    def begun(self, account: str, code: str, now: int) -> int | None:
        """The time step at which the authenticator that is being enrolled shows this code, if it does."""
        begun = self._row(account)[1]
        return self._step(account, begun, code, now) if begun else None

    def count(self, account: str, step: int) -> list[str]:
        """Let the authenticator that was begun count, used at ``step`` for the first time; returns the recovery codes."""
        self._database.rows(
            "UPDATE second_factors SET box = begun, begun = NULL, last_step = :step "
            "WHERE account = :account AND begun IS NOT NULL",
            account=account,
            step=step,
        )
        return self.renew(account)

    def renew(self, account: str) -> list[str]:
        """Ten new recovery codes, to be shown once, in place of those before."""
        codes = [one_time_code(16) for _ in range(RECOVERY_CODES)]
        with self._database.transaction():
            self._database.rows("DELETE FROM recovery_codes WHERE account = :account", account=account)
            for code in codes:
                self._database.rows(
                    "INSERT INTO recovery_codes VALUES (:account, :code, NULL)",
                    account=account,
                    code=self._codes.hashed(account, code),
                )
        return codes

    def left(self, account: str) -> int:
        """How many recovery codes were not used yet."""
        rows = self._database.rows(
            "SELECT count(*) FROM recovery_codes WHERE account = :account AND used IS NULL", account=account
        )
        return int(rows[0][0])

    def check(self, account: str, code: str, now: int) -> str | None:
        """Which factor a code is of, ``totp`` or ``recovery``; None when it is of none or was used before.

        A time step counts once, and no earlier one after it: on whichever worker it is shown again.
        """
        box = self._row(account)[0]
        if box is None:
            return None
        step = self._step(account, box, code, now)
        if step is not None:
            used = self._database.rows(
                "UPDATE second_factors SET last_step = :step WHERE account = :account AND last_step < :step RETURNING 1",
                account=account,
                step=step,
            )
            return "totp" if used else None
        used = self._database.rows(
            "UPDATE recovery_codes SET used = :now "
            "WHERE account = :account AND code = :code AND used IS NULL RETURNING 1",
            account=account,
            code=self._codes.hashed(account, code),
            now=now,
        )
        return "recovery" if used else None

    def remove(self, account: str) -> None:
        """Forget the authenticator and the recovery codes."""
        with self._database.transaction():
            self._database.rows("DELETE FROM second_factors WHERE account = :account", account=account)
            self._database.rows("DELETE FROM recovery_codes WHERE account = :account", account=account)

    def _row(self, account: str) -> tuple[str | None, str | None]:
        rows = self._database.rows("SELECT box, begun FROM second_factors WHERE account = :account", account=account)
        return (rows[0][0], rows[0][1]) if rows else (None, None)

    def _step(self, account: str, box: str, code: str, now: int) -> int | None:
        shown = "".join(filter(str.isalnum, code)).encode("utf-8", "surrogatepass")
        secret, this = self._open(account, box), step_of(now)
        steps = [
            step
            for step in range(this - DRIFT, this + DRIFT + 1)
            if hmac.compare_digest(code_at(secret, step).encode(), shown)
        ]
        return max(steps, default=None)

    def _seal(self, account: str, secret: bytes) -> str:
        key_id, key = self._keys.key_for(account, COMPARTMENT)
        nonce = os.urandom(12)
        return base64.b64encode(nonce + AESGCM(key).encrypt(nonce, secret, _bound(account, key_id))).decode()

    def _open(self, account: str, box: str) -> bytes:
        key_id, key = self._keys.key_for(account, COMPARTMENT)
        sealed = base64.b64decode(box)
        try:
            return AESGCM(key).decrypt(sealed[:12], sealed[12:], _bound(account, key_id))
        except InvalidTag as error:
            raise FactorUnreadable(f"the second factor of {account} does not open") from error


def _bound(account: str, key: str) -> bytes:
    return f"second factor\n{account}\n{key}".encode()

"""Sessions of browsers and tokens of programs: secrets of 256 bits, stored as hashes only, revocable at once."""

import hashlib
import hmac
import secrets

import msgspec

from domain.refusals import Refused
from service.log.database import Database

MINUTE = 60 * 1000
HOUR = 60 * MINUTE
DAY = 24 * HOUR
ABSOLUTE = 12 * HOUR
IDLE = 60 * MINUTE
LONGEST_DAYS = 366

SCHEMA = """
CREATE TABLE IF NOT EXISTS sessions (
  id TEXT PRIMARY KEY, account TEXT NOT NULL, created BIGINT NOT NULL, last_seen BIGINT NOT NULL, revoked BIGINT);
CREATE INDEX IF NOT EXISTS sessions_of ON sessions (account);
CREATE TABLE IF NOT EXISTS access_tokens (
  id TEXT PRIMARY KEY, secret TEXT NOT NULL, account TEXT NOT NULL, label TEXT NOT NULL, created BIGINT NOT NULL,
  expires BIGINT NOT NULL, revoked BIGINT, last_used BIGINT);
CREATE INDEX IF NOT EXISTS access_tokens_of ON access_tokens (account);
"""
_VERSION = "(SELECT coalesce(max(version), 0) FROM events WHERE stream = account)"


class TokenLifetime(Refused):
    RULE = "token_lifetime"
    SENTENCE = "Masa berlaku token antara 1 dan {longest} hari."


class Holder(msgspec.Struct, frozen=True):
    """Whose a secret is, and the version her account's stream has at this moment: asked in the same round trip, so that
    an account that has not changed need not be read again."""

    account: str
    version: int


class TokenRow(msgspec.Struct, frozen=True):
    """What may be shown of a token. Times are milliseconds since 1970; ``last_used`` is exact to a minute."""

    id: str
    account: str
    label: str
    created: int
    expires: int
    revoked: int | None
    last_used: int | None


def create_tables(database: Database) -> None:
    """Make the tables. Safe to run again."""
    database.script(SCHEMA)


def _hash(secret: str) -> str:
    # The secret is 256 random bits: nothing to guess, so a plain hash is enough (no salt, no argon2).
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


class Sessions:
    """Browser sessions: 12 hours at most, 60 minutes without a request."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self, account: str, now: int) -> str:
        """A new session's secret; it is not stored. Sessions of the account that are over are removed."""
        secret = secrets.token_urlsafe(32)
        self._database.rows(
            "DELETE FROM sessions WHERE account = :account AND created < :old", account=account, old=now - ABSOLUTE
        )
        self._database.rows(
            "INSERT INTO sessions VALUES (:id, :account, :now, :now, NULL)", id=_hash(secret), account=account, now=now
        )
        return secret

    def holder(self, secret: str, now: int) -> Holder | None:
        """Whose session it is, if it still holds."""
        rows = self._database.rows(
            f"SELECT account, {_VERSION}, created, last_seen FROM sessions WHERE id = :id AND revoked IS NULL",
            id=_hash(secret),
        )
        if not rows:
            return None
        account, version, created, last_seen = rows[0]
        if now - created >= ABSOLUTE or now - last_seen >= IDLE:
            return None
        if now - last_seen >= MINUTE:
            self._database.rows("UPDATE sessions SET last_seen = :now WHERE id = :id", now=now, id=_hash(secret))
        return Holder(account, version)

    def end(self, secret: str, now: int) -> None:
        """Close one session. Harmless for a secret that opens none."""
        self._database.rows(
            "UPDATE sessions SET revoked = :now WHERE id = :id AND revoked IS NULL", now=now, id=_hash(secret)
        )

    def end_all(self, account: str, now: int) -> None:
        """Close every session of an account."""
        self._database.rows(
            "UPDATE sessions SET revoked = :now WHERE account = :account AND revoked IS NULL", now=now, account=account
        )


class Tokens:
    """Bearer tokens of programs: ``wahana_<id>_<secret>``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def issue(self, account: str, label: str, days: int, now: int) -> str:
        """A new token's text, shown once and not stored. Raises `TokenLifetime`."""
        if not 1 <= days <= LONGEST_DAYS:
            raise TokenLifetime(longest=LONGEST_DAYS)
        token, secret = secrets.token_hex(8), secrets.token_urlsafe(32)
        self._database.rows(
            "INSERT INTO access_tokens VALUES (:id, :secret, :account, :label, :now, :expires, NULL, NULL)",
            id=token,
            secret=_hash(secret),
            account=account,
            label=label,
            now=now,
            expires=now + days * DAY,
        )
        return f"wahana_{token}_{secret}"

    def holder(self, text: str, now: int) -> Holder | None:
        """Whose token it is, if it still holds."""
        name, _, rest = text.partition("_")
        token, _, secret = rest.partition("_")
        if name != "wahana" or not (token.isascii() and token.isalnum()):
            return None
        rows = self._database.rows(
            f"SELECT secret, account, {_VERSION}, last_used FROM access_tokens "
            "WHERE id = :id AND revoked IS NULL AND expires > :now",
            id=token,
            now=now,
        )
        if not rows or not hmac.compare_digest(rows[0][0], _hash(secret)):
            return None
        _, account, version, last_used = rows[0]
        if last_used is None or now - last_used >= MINUTE:
            self._database.rows(
                "UPDATE access_tokens SET last_used = :minute WHERE id = :id", minute=now - now % MINUTE, id=token
            )
        return Holder(account, version)

    def revoke(self, token: str, now: int) -> bool:
        """Make a token worthless from now on; False when there is no such token or it was revoked before."""
        return bool(
            self._database.rows(
                "UPDATE access_tokens SET revoked = :now WHERE id = :id AND revoked IS NULL RETURNING 1",
                now=now,
                id=token,
            )
        )

    def of(self, account: str | None = None) -> list[TokenRow]:
        """The tokens of one account or of all, newest first."""
        where, values = ("WHERE account = :account", {"account": account}) if account else ("", {})
        rows = self._database.rows(
            "SELECT id, account, label, created, expires, revoked, last_used FROM access_tokens "
            f"{where} ORDER BY created DESC, id",
            **values,
        )
        return [TokenRow(*row) for row in rows]

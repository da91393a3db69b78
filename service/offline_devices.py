"""Devices that may keep an outbox: phones on which somebody works without signal.

A device has two secrets, both made of a key of the service and the device's id, so that nothing secret is stored: one
stands in each of its envelopes and says from whom it is, the other encrypts what the device itself keeps and is handed out
again only to its owner, signed in. When the device is revoked, neither is worth anything. The account's events say that it
was made ready and revoked, and by whom; this table is what is asked, so that a revocation counts at once.
"""

import base64
import hmac
from collections.abc import Iterable
from hashlib import sha256

import msgspec

from service.log.database import Database
from service.log.ids import is_id
from service.log.notes import b64
from service.sessions import DAY, MINUTE, VERSION, Holder, end_of, head_of

UNUSED = 90 * DAY  # after so long without a word from it a device is worth nothing
HOLDS, REVOKED, UNKNOWN = "holds", "revoked", "unknown"

SCHEMA = """
CREATE TABLE IF NOT EXISTS offline_devices (
  id TEXT PRIMARY KEY, account TEXT NOT NULL, label TEXT NOT NULL, factor TEXT NOT NULL, created BIGINT NOT NULL,
  last_seen BIGINT NOT NULL, revoked BIGINT);
CREATE INDEX IF NOT EXISTS offline_devices_account ON offline_devices (account);
"""


class OfflineDevice(msgspec.Struct, frozen=True):
    """What its owner is shown of a device. Times are milliseconds since 1970, ``last_seen`` exact to a minute."""

    id: str
    account: str
    label: str
    created: int
    last_seen: int
    revoked: int | None


def create_tables(database: Database) -> None:
    """Make the table. Safe to run again."""
    database.script(SCHEMA)


class OfflineDevices:
    """The devices that there are. ``key`` is any secret of the service."""

    def __init__(self, database: Database, key: bytes) -> None:
        self._database = database
        self._key = key

    def keep(self, device: str, account: str, label: str, factor: str, now: int) -> None:
        """Let a device hold from now on. ``factor`` is the second factor with which its owner had signed in."""
        self._database.rows(
            "INSERT INTO offline_devices VALUES (:id, :account, :label, :factor, :now, :now, NULL)",
            id=device,
            account=account,
            label=label,
            factor=factor,
            now=now,
        )

    def secret(self, device: str) -> str:
        """What stands in its envelopes."""
        return self._made("secret", device)

    def storage_key(self, device: str) -> str:
        """What encrypts its storage: 32 bytes, URL-safe base64 without padding."""
        return self._made("storage", device)

    def _made(self, purpose: str, device: str) -> str:
        made = hmac.digest(self._key, f"offline {purpose}\x00{device}".encode(), "sha256")
        return base64.urlsafe_b64encode(made).decode().rstrip("=")

    def holder(self, device: str, secret: str, now: int) -> Holder | None:
        """Whose device it is, if it still holds and the secret is its own."""
        if self.standing(device, secret, now) != HOLDS:
            return None
        sql = f"SELECT account, {VERSION}, {end_of(0)}, factor FROM offline_devices WHERE id = :id"
        [(account, version, position, leaf, quiet, factor)] = self._database.rows(sql, id=device, folded=0)
        return Holder(account, version, factor, head=head_of(position, leaf, 0, quiet))

    def standing(self, device: str, secret: str, now: int) -> str:
        """Whether a device holds, was revoked, or is unknown: its secret is another's, it was made ready after the backup
        that was put back, or nothing was heard of it for `UNUSED`. Only a revoked one must forget what it keeps."""
        if not hmac.compare_digest(secret.encode(), self.secret(device).encode()):
            return UNKNOWN
        rows = self._database.rows("SELECT last_seen, revoked FROM offline_devices WHERE id = :id", id=device)
        if not rows or (rows[0][1] is None and now - rows[0][0] > UNUSED):
            return UNKNOWN
        last_seen, revoked = rows[0]
        if revoked is None and now - last_seen >= MINUTE:
            self._database.rows("UPDATE offline_devices SET last_seen = :now WHERE id = :id", now=now, id=device)
        return HOLDS if revoked is None else REVOKED

    def destroyed_since(self, position: int, secret: str) -> list[str]:
        """Of whom a device must forget what it took along: whose keys were destroyed by an event after a position. Of
        each a digest with the device's secret, so that nobody learns a number who has not got it."""
        rows: Iterable[tuple[str]] = self._database.rows(
            "SELECT DISTINCT stream FROM events WHERE stream IN (SELECT subject FROM destroyed_keys) "
            "AND topic = 'subject.key_destroyed' AND position > :position",
            position=position,
        )
        return sorted(b64(sha256(f"{secret}{subject}".encode()).digest()) for (subject,) in rows)

    def revoke(self, account: str, device: str, now: int) -> bool:
        """Make a device of an account worthless, however often it is said; False when there is no such device."""
        return is_id(device) and bool(
            self._database.rows(
                "UPDATE offline_devices SET revoked = coalesce(revoked, :now) "
                "WHERE account = :account AND id = :id RETURNING 1",
                now=now,
                account=account,
                id=device,
            )
        )

    def revoke_all(self, account: str, now: int) -> None:
        """Make every device of an account worthless."""
        self._database.rows(
            "UPDATE offline_devices SET revoked = :now WHERE account = :account AND revoked IS NULL",
            now=now,
            account=account,
        )

    def of(self, account: str) -> list[OfflineDevice]:
        """The devices of an account, revoked ones too, the newest first."""
        rows: Iterable[tuple[object, ...]] = self._database.rows(
            "SELECT id, account, label, created, last_seen, revoked FROM offline_devices "
            "WHERE account = :account ORDER BY id DESC",
            account=account,
        )
        return [OfflineDevice(*row) for row in rows]  # type: ignore[arg-type]  # as the table has them

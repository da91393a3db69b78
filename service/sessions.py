"""Sessions of browsers: a secret of 256 bits, stored as a hash only, revocable at once.

A session knows with which second factor it was opened, from which network, and with what sort of device, so that its
owner recognises it in a list and ends those that are not hers.
"""

import hashlib
import re
import secrets

import msgspec

from domain.reading import Reading
from projections.source import Head
from service.log.database import Database, add_columns
from service.log.ids import new_id

MINUTE = 60 * 1000
HOUR = 60 * MINUTE
DAY = 24 * HOUR
ABSOLUTE = 12 * HOUR
IDLE = 60 * MINUTE

SCHEMA = """
CREATE TABLE IF NOT EXISTS sessions (
  id TEXT PRIMARY KEY, account TEXT NOT NULL, created BIGINT NOT NULL, last_seen BIGINT NOT NULL, revoked BIGINT);
CREATE INDEX IF NOT EXISTS sessions_of ON sessions (account);
"""
_SINCE = dict.fromkeys(("device", "address", "agent", "factor"), "TEXT NOT NULL DEFAULT ''")
VERSION = "(SELECT coalesce(max(version), 0) FROM events WHERE stream = account)"  # of the account's stream
_END = (
    "(SELECT max(position) FROM events), (SELECT leaf FROM events ORDER BY position DESC LIMIT 1), "
    "(SELECT leaf FROM events WHERE position = :folded AND NOT EXISTS "
    f"(SELECT 1 FROM events WHERE position > :folded AND topic <> '{Reading.Made.TOPIC}'))"
)

#: What names itself in a User-Agent, and how people call it; most name others too, which come later here.
_BROWSERS = {
    "Edg": "Edge",
    "EdgA": "Edge",
    "OPR": "Opera",
    "SamsungBrowser": "Samsung",
    "Firefox": "Firefox",
    "CriOS": "Chrome",
    "Chrome": "Chrome",
    "Version": "Safari",
    "curl": "curl",
}
_SYSTEMS = ("Android", "iPhone", "iPad", "Windows", "Macintosh", "CrOS", "Linux")


class Holder(msgspec.Struct, frozen=True):
    """Whose a secret is, the version her account's stream has at this moment, and the ``head`` of the log: asked in the
    same round trip, so that an account that has not changed need not be read again, nor the log be asked once more how far
    it goes, nor, by a page for which all but readings was ``folded`` already, whether there is more. Where nothing is
    going to be read, the end is not asked for, and the head is that of an empty log.

    ``factor`` is the second factor behind it, empty for none; ``device`` the id of a session in its owner's list, empty
    for a token; ``actions`` what a token may do, None for whatever the account may.
    """

    account: str
    version: int
    factor: str
    device: str = ""
    actions: frozenset[str] | None = None
    head: Head = Head()


def end_of(folded: int | None) -> str:
    """SQL for the end of the log, where what is read is looked for, as `head_of` takes it; None asks for nothing."""
    return "NULL, NULL, NULL" if folded is None else _END


def head_of(position: int | None, leaf: bytes | None, folded: int | None, quiet: bytes | None) -> Head:
    """The end of the log as `end_of` tells it, that of an empty one too."""
    return Head(position or 0, bytes(leaf or b""), folded or 0, bytes(quiet or b""))


class Device(msgspec.Struct, frozen=True):
    """What its owner is shown of a session that still holds. Times are milliseconds since 1970, ``last_seen`` exact to a
    minute; ``address`` is a network, ``agent`` the sort of browser."""

    id: str
    created: int
    last_seen: int
    address: str
    agent: str
    factor: str


def create_tables(database: Database) -> None:
    """Make the table, or what it lacks. Safe to run again."""
    database.script(SCHEMA)
    add_columns(database, "sessions", _SINCE)


def hashed(secret: str) -> str:
    """The hash that stands for a secret of 256 random bits: nothing to guess, so neither salt nor argon2."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def shortened(agent: str) -> str:
    """What a person recognises of a User-Agent: "Chrome 126, Android". Less would not tell phones from computers, more
    would be a fingerprint."""
    found = ((called, re.search(rf"\b{name}/(\d{{1,4}})", agent)) for name, called in _BROWSERS.items())
    browser = next((f"{called} {version[1]}" for called, version in found if version), "")
    system = next((name for name in _SYSTEMS if name in agent), "")
    return ", ".join(word for word in (browser, system) if word)


class Sessions:
    """The sessions that there are: 12 hours at most, 60 minutes without a request."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self, account: str, now: int, *, address: str = "", agent: str = "", factor: str = "") -> str:
        """A new session's secret; it is not stored. Sessions of the account that are over are removed."""
        secret = secrets.token_urlsafe(32)
        self._database.rows(
            "DELETE FROM sessions WHERE account = :account AND created < :old", account=account, old=now - ABSOLUTE
        )
        self._database.rows(
            "INSERT INTO sessions (id, account, created, last_seen, device, address, agent, factor) "
            "VALUES (:id, :account, :now, :now, :device, :address, :agent, :factor)",
            id=hashed(secret),
            account=account,
            now=now,
            device=new_id(),
            address=address,
            agent=shortened(agent),
            factor=factor,
        )
        return secret

    def holder(self, secret: str, now: int, folded: int | None = None) -> Holder | None:
        """Whose session it is, if it still holds; with the end of the log unless ``folded`` is None."""
        rows = self._database.quick(
            f"SELECT account, {VERSION}, {end_of(folded)}, created, last_seen, factor, device FROM sessions "
            "WHERE id = :id AND revoked IS NULL",
            id=hashed(secret),
            folded=folded,
        )
        if not rows:
            return None
        account, version, position, leaf, quiet, created, last_seen, factor, device = rows[0]
        if now - created >= ABSOLUTE or now - last_seen >= IDLE:
            return None
        if now - last_seen >= MINUTE:
            self._database.rows("UPDATE sessions SET last_seen = :now WHERE id = :id", now=now, id=hashed(secret))
        return Holder(account, version, factor, device, head=head_of(position, leaf, folded, quiet))

    def holds(self, account: str, secret: str, now: int) -> bool:
        """Whether an account's session still holds. To ask this does not count as a request of it."""
        return bool(
            self._database.rows(
                "SELECT 1 FROM sessions WHERE id = :id AND account = :account AND revoked IS NULL "
                "AND created > :begun AND last_seen > :seen",
                id=hashed(secret),
                account=account,
                begun=now - ABSOLUTE,
                seen=now - IDLE,
            )
        )

    def of(self, account: str, now: int) -> list[Device]:
        """The sessions of an account that still hold, the one used last first."""
        rows = self._database.rows(
            "SELECT device, created, last_seen, address, agent, factor FROM sessions WHERE account = :account "
            "AND revoked IS NULL AND created > :begun AND last_seen > :seen ORDER BY last_seen DESC, device DESC",
            account=account,
            begun=now - ABSOLUTE,
            seen=now - IDLE,
        )
        return [Device(*row) for row in rows]

    def strengthen(self, device: str, factor: str) -> None:
        """Let a session count as opened with that second factor: its owner has just shown it."""
        self._database.rows("UPDATE sessions SET factor = :factor WHERE device = :device", factor=factor, device=device)

    def end(self, secret: str, now: int) -> None:
        """Close one session. Harmless for a secret that opens none."""
        self._database.rows(
            "UPDATE sessions SET revoked = :now WHERE id = :id AND revoked IS NULL", now=now, id=hashed(secret)
        )

    def end_device(self, account: str, device: str, now: int) -> bool:
        """Close one session of an account by its id in the list; False when there is no such session."""
        return bool(
            self._database.rows(
                "UPDATE sessions SET revoked = :now "
                "WHERE account = :account AND device = :device AND revoked IS NULL RETURNING 1",
                now=now,
                account=account,
                device=device,
            )
        )

    def end_all(self, account: str, now: int, *, but: str = "-") -> None:
        """Close every session of an account, or all ``but`` the one with that id in the list."""
        self._database.rows(
            "UPDATE sessions SET revoked = :now WHERE account = :account AND revoked IS NULL AND device <> :but",
            now=now,
            account=account,
            but=but,
        )

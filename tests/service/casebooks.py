"""A casebook of its own for a test: on either engine, worked with as the application, never as the owner.

`Desk` holds only addresses, so it can be handed to another process, which opens a casebook of its own.
"""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from domain.kps import Kps
from domain.territory import Territory
from service.casebook import Casebook, Decision
from service.command import Answer, Command
from service.log import checkpoints, files
from service.log.database import Database, connect
from service.log.eventlog import EventLog
from service.log.files import Files
from service.log.ids import new_id
from service.log.keys import KeyStore
from service.log.tokens import TokenKey
from service.log.vault import Vault

APPLICATION = "wahana_app"
MASTER = b"m" * 32
DAY = date(2019, 8, 1)
VILLAGE = "75.01.02.2011"


def utc_now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def as_role(url: str, role: str) -> str:
    """The URL of a PostgreSQL database for somebody who may do what ``role`` may do."""
    return f"{url}{'&' if '?' in url else '?'}options=-c%20role%3D{role}"


@dataclass
class Desk:
    """Where one test's casebook lies: the log for its owner and for the application, and the key store."""

    owner_url: str
    url: str
    keys_url: str
    opened: list[Database] = field(default_factory=list, repr=False)

    def connect(self, url: str, **options: Any) -> Database:
        self.opened.append(connect(url, **options))
        return self.opened[-1]

    def owner(self) -> Database:
        return self.connect(self.owner_url, owner=True, size=1)

    def keys(self, master: bytes = MASTER) -> KeyStore:
        return KeyStore(self.connect(self.keys_url, owner=True), master)

    def casebook(
        self,
        *,
        now: Callable[[], str] = utc_now,
        catch_up: Callable[[int], object] = lambda recorded: None,
        database: Database | None = None,
    ) -> Casebook:
        """A casebook of the application, over ``database`` when one is given."""
        database = database or self.connect(self.url, size=4)
        keys = self.keys()
        tokens = TokenKey(b"t" * 32)
        return Casebook(EventLog(database), Vault(database, keys), Files(database, keys), tokens, now, catch_up)

    def close(self) -> None:
        for database in self.opened:
            database.close()
        self.opened.clear()

    def __getstate__(self) -> dict[str, Any]:
        return {"owner_url": self.owner_url, "url": self.url, "keys_url": self.keys_url, "opened": []}


def make_desk(url: str, folder: Path) -> Desk:
    """Make the tables of a casebook in the empty database ``url``, with the territory published."""
    desk = Desk(url, url, f"sqlite:///{folder / 'keys.db'}")
    owner = desk.owner()
    desk.keys().create()
    if owner.engine == "sqlite":
        from service.log import sqlite

        sqlite.create_log(owner)  # type: ignore[arg-type]  # connect() returns the engine's own class
        Files(owner, desk.keys()).create()
        checkpoints.create(owner)
    else:
        from service.log import postgres_grants, postgres_tables

        postgres_tables.create_log(owner)  # type: ignore[arg-type]  # connect() returns the engine's own class
        Files(owner, desk.keys()).create()
        checkpoints.create(owner)
        only = (*files.APPEND_ONLY, *checkpoints.APPEND_ONLY)
        postgres_grants.grant(owner, APPLICATION, append_only=only, state=files.STATE)  # type: ignore[arg-type]  # see above
        desk.url = as_role(url, APPLICATION)
    villages = Territory.publish(on=date(2019, 7, 1), valid_from=date(2019, 7, 1))
    desk.casebook().record(command(), lambda decision: decision.begin(villages))
    return desk


@pytest.fixture
def desk(database_url: str, tmp_path: Path) -> Iterator[Desk]:
    """A casebook on both engines, in turn."""
    desk = make_desk(database_url, tmp_path)
    yield desk
    desk.close()


@pytest.fixture
def postgres_desk(postgres_url: str, tmp_path: Path) -> Iterator[Desk]:
    """A casebook on PostgreSQL."""
    desk = make_desk(postgres_url, tmp_path)
    yield desk
    desk.close()


def command(**given: Any) -> Command:
    return Command(**{"id": new_id(), "name": "kps.register", "account": "akun-1", "post": "pendamping", **given})


_numbers = itertools.count(1)


def registration(kps: str, contact: str = "") -> Callable[[Decision], object]:
    """The decision to register a KPS under that id; with a contact, one part and two tokens."""

    def decide(decision: Decision) -> object:
        sealed = decision.seal(kps, {"contact": contact}) if contact else None
        if sealed is not None:
            decision.find_by(sealed, {f"w:{word}" for word in contact.lower().split()[:2]})
        name = f"Arisan {next(_numbers)}"
        return decision.begin(Kps.register(kps, on=DAY, village=VILLAGE, kind="arisan", name=name, contact=sealed))

    return decide


def turn(kps: str) -> Callable[[Decision], object]:
    """The decision to end a KPS that is active, or to resume one that has ended."""

    def decide(decision: Decision) -> object:
        known = decision.load(Kps, kps)
        return known.end(on=DAY) if known.active else known.resume(on=DAY)

    return decide


def registered(casebook: Casebook, contact: str = "") -> str:
    """The id of a newly registered KPS."""
    kps = new_id()
    casebook.record(command(), registration(kps, contact))
    return kps


def same(one: Answer, other: Answer) -> bool:
    """Whether two answers tell the same, whichever was the first."""
    return (one.command, one.recorded, one.events) == (other.command, other.recorded, other.events)


def refusal(engine: str) -> Any:
    """What the engine raises when a statement is refused."""
    if engine == "sqlite":
        return pytest.raises(sqlite3.DatabaseError, match=r"not authorized|append-only|stands")
    import psycopg

    return pytest.raises(psycopg.errors.InsufficientPrivilege)

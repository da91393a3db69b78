"""The event log on SQLite: one file, WAL, every commit on disk before it is acknowledged."""

import json
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from os import getpid
from typing import Any

from eventsourcing.persistence import IntegrityError

from service.log.codec import Prepared, leaf_hash
from service.log.entries import CommandTaken, Entries, LogUnavailable, Reserved, VersionTaken

BUSY_MILLISECONDS = 5000
_LOG_TABLES = frozenset(
    {"events", "commands", "parts", "tokens", "reservations", "file_claims"}
    | {"tree_hashes", "checkpoints", "cosignatures"}
)
# What would switch off, for one connection, the rules that keep the log as it stands.
_KEPT_PRAGMAS = frozenset(
    {"foreign_keys", "ignore_check_constraints", "journal_mode", "recursive_triggers", "secure_delete", "synchronous"}
    | {"trusted_schema", "writable_schema"}
)
_FORBIDDEN = {
    sqlite3.SQLITE_ALTER_TABLE,
    sqlite3.SQLITE_ATTACH,
    sqlite3.SQLITE_CREATE_TABLE,
    sqlite3.SQLITE_CREATE_TEMP_TRIGGER,
    sqlite3.SQLITE_CREATE_TRIGGER,
    sqlite3.SQLITE_DROP_INDEX,
    sqlite3.SQLITE_DROP_TABLE,
    sqlite3.SQLITE_DROP_TRIGGER,
}

SCHEMA = """
CREATE TABLE IF NOT EXISTS events (
  position INTEGER PRIMARY KEY,
  stream TEXT NOT NULL,
  version INTEGER NOT NULL,
  topic TEXT NOT NULL,
  schema INTEGER NOT NULL,
  recorded TEXT NOT NULL,
  command TEXT NOT NULL,
  text TEXT NOT NULL,
  leaf BLOB NOT NULL,
  CONSTRAINT events_version UNIQUE (stream, version)
) STRICT;
CREATE TABLE IF NOT EXISTS commands (
  id TEXT PRIMARY KEY,
  account TEXT NOT NULL,
  name TEXT NOT NULL,
  fingerprint BLOB NOT NULL,
  status INTEGER NOT NULL,
  answer TEXT NOT NULL,
  first INTEGER NOT NULL,
  count INTEGER NOT NULL,
  recorded TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS parts (
  id TEXT PRIMARY KEY,
  position INTEGER NOT NULL,
  subject TEXT NOT NULL,
  key TEXT NOT NULL,
  box BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS tokens (
  token BLOB NOT NULL,
  part TEXT NOT NULL,
  PRIMARY KEY (token, part)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS reservations (
  kind TEXT NOT NULL,
  value TEXT NOT NULL,
  stream TEXT NOT NULL,
  PRIMARY KEY (kind, value)
) STRICT, WITHOUT ROWID;
"""
_KEEPERS = "".join(
    f"""
CREATE TRIGGER IF NOT EXISTS {table}_stands_{verb.lower()} BEFORE {verb} ON {table}
BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;"""
    for table, verbs in {
        "events": ("UPDATE", "DELETE"),
        "commands": ("UPDATE", "DELETE"),
        "reservations": ("UPDATE", "DELETE"),
        "parts": ("UPDATE",),
        "tokens": ("UPDATE",),
    }.items()
    for verb in verbs
)
# Parts may be deleted (lawful destruction), so a delete trigger cannot stop INSERT OR REPLACE from exchanging one.
_KEEPERS += """
CREATE TRIGGER IF NOT EXISTS parts_stand_replace BEFORE INSERT ON parts
WHEN EXISTS (SELECT 1 FROM parts WHERE id = NEW.id) BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
"""


def _guard(action: int, table: str | None, *_: str | None) -> int:
    """The application's connections may add to the log and read it, and change nothing that stands in it."""
    if action in _FORBIDDEN or (action in (sqlite3.SQLITE_DELETE, sqlite3.SQLITE_UPDATE) and table in _LOG_TABLES):
        return sqlite3.SQLITE_DENY
    if action == sqlite3.SQLITE_PRAGMA and table in _KEPT_PRAGMAS:
        return sqlite3.SQLITE_DENY
    return sqlite3.SQLITE_OK


def _readable(raw: bytes) -> str:
    return raw.decode(errors="replace")  # bytes that are no text are damage, which the leaf hash tells


class SqliteDatabase:
    """Connections to one SQLite file: one per thread, opened after a fork; guarded unless they are the owner's."""

    engine = "sqlite"

    def __init__(self, path: str, *, owner: bool = False) -> None:
        self.path = path
        self._owner = owner
        self._local = threading.local()
        self._inherited: list[sqlite3.Connection] = []

    def connection(self) -> sqlite3.Connection:
        """This thread's connection, in autocommit mode."""
        if getattr(self._local, "pid", None) != getpid():
            if getattr(self._local, "pid", None) is not None:
                # Opened before a fork: closing it here would release the parent's locks, so it is only put aside.
                self._inherited.append(self._local.connection)
            try:
                connection = sqlite3.connect(
                    self.path, isolation_level=None, timeout=BUSY_MILLISECONDS / 1000, cached_statements=256
                )
                connection.execute("PRAGMA journal_mode=WAL")
                connection.execute("PRAGMA synchronous=FULL")
                connection.execute("PRAGMA foreign_keys=ON")
                connection.execute("PRAGMA secure_delete=ON")
                # Without it, INSERT OR REPLACE would remove a row past the triggers that refuse its removal.
                connection.execute("PRAGMA recursive_triggers=ON")
                connection.execute("PRAGMA trusted_schema=OFF")
            except sqlite3.Error as error:
                raise LogUnavailable(str(error)) from error
            if not self._owner:
                connection.set_authorizer(_guard)
            self._local.connection, self._local.pid = connection, getpid()
        connection = self._local.connection
        assert isinstance(connection, sqlite3.Connection)
        return connection

    def rows(self, sql: str, **values: Any) -> list[tuple[Any, ...]]:
        """Run one statement with ``:name`` parameters and return its rows."""
        values |= {name: json.dumps(value) for name, value in values.items() if isinstance(value, list)}
        connection = self.connection()
        try:
            return connection.execute(sql, values).fetchall()
        except sqlite3.OperationalError as error:
            if "decode" in str(error) and connection.text_factory is str:
                connection.text_factory = _readable
                return self.rows(sql, **values)
            raise LogUnavailable(str(error)) from error

    @staticmethod
    def among(name: str) -> str:
        """SQL that is true when the value before it is in the list given as parameter ``name``."""
        return f"IN (SELECT value FROM json_each(:{name}))"

    @contextmanager
    def transaction(self) -> Iterator["SqliteDatabase"]:
        """A write transaction of this thread, begun at once so that it cannot fail half-way for want of the lock."""
        connection = self.connection()
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            raise LogUnavailable(str(error)) from error
        try:
            yield self
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise

    @contextmanager
    def snapshot(self) -> Iterator[Callable[[str], Iterator[tuple[Any, ...]]]]:
        """One state of the database for as many queries as are asked; nobody waits for it."""
        connection = self.connection()

        def stream(sql: str) -> Iterator[tuple[Any, ...]]:
            try:
                yield from connection.execute(sql)
            except sqlite3.OperationalError as error:
                raise LogUnavailable(str(error)) from error

        connection.text_factory = _readable
        connection.execute("BEGIN")
        try:
            yield stream
        finally:
            connection.execute("ROLLBACK")

    def script(self, sql: str) -> None:
        """Run several statements (set-up only)."""
        self.connection().executescript(sql)

    def close(self) -> None:
        """Close this thread's connection."""
        if getattr(self._local, "pid", None) == getpid():
            self._local.connection.close()
            self._local.pid = None


def create_log(database: SqliteDatabase) -> None:
    """Make the tables of the log and the triggers that keep them append-only. Safe to run again."""
    database.script(SCHEMA + _KEEPERS)


def append(database: SqliteDatabase, events: Sequence[Prepared], entries: Entries) -> tuple[int, str]:
    """Record events and all that belongs to them in one transaction; returns the first position and recording time.

    Raises `VersionTaken`, `CommandTaken`, `Reserved` or `LogUnavailable`; nothing is recorded then.
    """
    try:
        with database.transaction():
            return _insert(database.connection(), events, entries)
    except sqlite3.IntegrityError as error:
        raise _told_apart(error) from error
    except sqlite3.OperationalError as error:
        raise LogUnavailable(str(error)) from error


def append_together(
    database: SqliteDatabase, turns: Sequence[tuple[Sequence[Prepared], Entries]]
) -> list[tuple[int, str] | Exception]:
    """Record several commands in one transaction, each in a savepoint: its own result or its own error for each, as
    from `append`. Raises `LogUnavailable`; nothing is recorded then."""
    outcomes: list[tuple[int, str] | Exception] = []
    try:
        with database.transaction():
            connection = database.connection()
            for events, entries in turns:
                connection.execute("SAVEPOINT turn")
                try:
                    outcomes.append(_insert(connection, events, entries))
                except sqlite3.OperationalError:
                    raise
                except (sqlite3.Error, ValueError, OverflowError) as error:
                    connection.execute("ROLLBACK TO turn")
                    outcomes.append(_told_apart(error) if isinstance(error, sqlite3.IntegrityError) else error)
                connection.execute("RELEASE turn")
    except sqlite3.OperationalError as error:
        raise LogUnavailable(str(error)) from error
    return outcomes


def _told_apart(error: sqlite3.IntegrityError) -> IntegrityError:
    message = str(error)
    if "events.stream" in message:
        return VersionTaken(message)
    if "commands.id" in message:
        return CommandTaken(message)
    if "reservations.kind" in message:
        return Reserved(message)
    return IntegrityError(message)


# No version without the one before it: a decision may rest on more than a restored log holds.
_INSERT_EVENT = """
INSERT INTO events SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9
 WHERE ?3 <= 1 OR EXISTS (SELECT 1 FROM events WHERE stream = ?2 AND version = ?3 - 1)
"""


def _insert(connection: sqlite3.Connection, events: Sequence[Prepared], entries: Entries) -> tuple[int, str]:
    execute = connection.execute
    last = execute("SELECT position, recorded FROM events ORDER BY position DESC LIMIT 1").fetchone()
    first = last[0] + 1 if last else 1
    recorded = max(entries.now, last[1]) if last else entries.now
    command = entries.command
    if command is not None:
        told = (command.id, command.account, command.name, command.fingerprint, command.status, command.answer)
        placed = (*told, first, len(events), recorded)
        execute("INSERT INTO commands VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", placed)
    name = command.id if command is not None else ""
    for position, event in enumerate(events, first):
        text = event.text(position, recorded)
        row = (position, event.stream, event.version, event.topic, event.schema, recorded, name, text, leaf_hash(text))
        if not execute(_INSERT_EVENT, row).rowcount:
            raise sqlite3.IntegrityError("events.stream: no version before this one")
    for part in entries.parts:
        execute(
            "INSERT INTO parts VALUES (?, ?, ?, ?, ?)", (part.id, first + part.event, part.subject, part.key, part.box)
        )
    if entries.tokens:
        connection.executemany(
            "INSERT OR IGNORE INTO tokens VALUES (?, ?)", [(token.token, token.part) for token in entries.tokens]
        )
    for held in entries.reservations:
        execute("INSERT INTO reservations VALUES (?, ?, ?)", (held.kind, held.value, held.stream))
    return first, recorded

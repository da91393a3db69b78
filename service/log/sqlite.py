"""The event log on SQLite: its tables, the triggers that keep them as they stand, and appending to them."""

import sqlite3
from collections.abc import Sequence
from typing import Any

from eventsourcing.persistence import IntegrityError

from service.log import destroyed
from service.log.codec import Prepared, leaf_hash
from service.log.entries import CommandTaken, Entries, KeyGone, LogUnavailable, Reserved, VersionTaken
from service.log.sqlite_database import SqliteDatabase

Turn = tuple[Sequence[Prepared], Entries]

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
# Parts of destroyed keys may be deleted, so a delete trigger alone does not stop INSERT OR REPLACE from exchanging one.
_KEEPERS += """
CREATE TRIGGER IF NOT EXISTS parts_stand_replace BEFORE INSERT ON parts
WHEN EXISTS (SELECT 1 FROM parts WHERE id = NEW.id) BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
"""


def create_log(database: SqliteDatabase) -> None:
    """Make the tables of the log and the triggers that keep them append-only. Safe to run again."""
    database.script(SCHEMA + _KEEPERS + destroyed.SQLITE)


def append(database: SqliteDatabase, events: Sequence[Prepared], entries: Entries) -> tuple[int, str]:
    """Record events and all that belongs to them in one transaction; returns the first position and recording time.

    Raises `VersionTaken`, `CommandTaken`, `Reserved`, `KeyGone` or `LogUnavailable`; nothing is recorded then.
    """
    try:
        with database.transaction():
            return _insert(database.connection(), [(events, entries)])[0]
    except sqlite3.IntegrityError as error:
        raise _told_apart(error) from error
    except sqlite3.OperationalError as error:
        raise LogUnavailable(str(error)) from error


def append_together(database: SqliteDatabase, turns: Sequence[Turn]) -> list[tuple[int, str] | Exception]:
    """Record several commands in one transaction: its own result or its own error for each, as from `append`. When one
    is refused, each is recorded anew in a savepoint. Raises `LogUnavailable`; nothing is recorded then."""
    try:
        try:
            with database.transaction():
                return list(_insert(database.connection(), turns))
        except sqlite3.OperationalError:
            raise
        except (sqlite3.Error, ValueError, OverflowError):
            pass  # a statement of many rows does not tell whose it was
        with database.transaction():
            return [_in_savepoint(database.connection(), turn) for turn in turns]
    except sqlite3.OperationalError as error:
        raise LogUnavailable(str(error)) from error


def _in_savepoint(connection: sqlite3.Connection, turn: Turn) -> tuple[int, str] | Exception:
    connection.execute("SAVEPOINT turn")
    try:
        return _insert(connection, [turn])[0]
    except sqlite3.OperationalError:
        raise
    except (sqlite3.Error, ValueError, OverflowError) as error:
        connection.execute("ROLLBACK TO turn")
        return _told_apart(error) if isinstance(error, sqlite3.IntegrityError) else error
    finally:
        connection.execute("RELEASE turn")


def _told_apart(error: sqlite3.IntegrityError) -> IntegrityError:
    message = str(error)
    if "events.stream" in message:
        return VersionTaken(message)
    if message == "destroyed_keys":
        return KeyGone(message)
    if "commands.id" in message:
        return CommandTaken(message)
    if "reservations.kind" in message:
        return Reserved(message)
    return IntegrityError(message)


# No version without the one before it that it was decided on: a decision may rest on what a restored log does not hold.
_INSERT_EVENT = """
INSERT INTO events SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9
 WHERE ?3 <= 1 OR EXISTS (SELECT 1 FROM events WHERE stream = ?2 AND version = ?3 - 1 AND ?10 IN ('', command))
"""


_END = "SELECT version, command FROM events WHERE stream = ? ORDER BY version DESC LIMIT 1"


def _insert(connection: sqlite3.Connection, turns: Sequence[Turn]) -> list[tuple[int, str]]:
    last = connection.execute("SELECT position, recorded FROM events ORDER BY position DESC LIMIT 1").fetchone()
    position, recorded = (last[0] + 1, last[1]) if last else (1, "")
    outcomes = []
    commands, rows, parts, tokens, held = [], [], [], [], []
    written: set[str] = set()  # streams of the turns before
    for events, entries in turns:
        for stream, tip in entries.tips.items():
            if stream in written or connection.execute(_END, (stream,)).fetchone() != tip:
                raise sqlite3.IntegrityError("events.stream: a stream that this rests on has grown")
        recorded, command = max(recorded, entries.now), entries.command
        outcomes.append((position, recorded))
        if command is not None:
            told = (command.id, command.account, command.name, command.fingerprint, command.status, command.answer)
            commands.append((*told, position, len(events), recorded))
        parts += [(part.id, position + part.event, part.subject, part.key, part.box) for part in entries.parts]
        tokens += [(token.token, token.part) for token in entries.tokens]
        held += [(one.kind, one.value, one.stream) for one in entries.reservations]
        name, rests = command.id if command is not None else "", dict(entries.rests)
        for event in events:
            written.add(event.stream)
            text = event.text(position, recorded)
            what = (event.stream, event.version, event.topic, event.schema)
            rows.append((position, *what, recorded, name, text, leaf_hash(text), rests.pop(event.stream, "")))
            position += 1

    def run(sql: str, values: list[tuple[Any, ...]]) -> sqlite3.Cursor:
        return connection.execute(sql, values[0]) if len(values) == 1 else connection.executemany(sql, values)

    if commands:
        run("INSERT INTO commands VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", commands)
    if run(_INSERT_EVENT, rows).rowcount != len(rows):
        raise sqlite3.IntegrityError("events.stream: not the version before this one")
    if parts:
        run("INSERT INTO parts VALUES (?, ?, ?, ?, ?)", parts)
    if tokens:
        run("INSERT OR IGNORE INTO tokens VALUES (?, ?)", tokens)
    if held:
        run("INSERT INTO reservations VALUES (?, ?, ?)", held)
    return outcomes

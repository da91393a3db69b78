"""The event log on SQLite: its tables, the triggers that keep them as they stand, and appending to them."""

import sqlite3
from collections.abc import Sequence

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
            return _insert(database.connection(), events, entries)
    except sqlite3.IntegrityError as error:
        raise _told_apart(error) from error
    except sqlite3.OperationalError as error:
        raise LogUnavailable(f"{database.path}: {error}") from error


def append_together(database: SqliteDatabase, turns: Sequence[Turn]) -> list[tuple[int, str] | Exception]:
    """Record several commands in one transaction: its own result or its own error for each, as from `append`. When one
    is refused, each is recorded anew in a savepoint. Raises `LogUnavailable`; nothing is recorded then."""
    try:
        try:
            with database.transaction():
                return [_insert(database.connection(), *turn) for turn in turns]
        except sqlite3.OperationalError:
            raise
        except (sqlite3.Error, ValueError, OverflowError):
            pass  # whatever the others recorded before it is undone too
        with database.transaction():
            return [_in_savepoint(database.connection(), turn) for turn in turns]
    except sqlite3.OperationalError as error:
        raise LogUnavailable(f"{database.path}: {error}") from error


def _in_savepoint(connection: sqlite3.Connection, turn: Turn) -> tuple[int, str] | Exception:
    connection.execute("SAVEPOINT turn")
    try:
        return _insert(connection, *turn)
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
_FOLLOWS = "?2 <= 1 OR EXISTS (SELECT 1 FROM events WHERE stream = ?1 AND version = ?2 - 1 AND ?3 IN ('', command))"
_LAST = f"SELECT position, recorded, {_FOLLOWS} FROM events ORDER BY position DESC LIMIT 1"
_END = "SELECT version, command FROM events WHERE stream = ? ORDER BY version DESC LIMIT 1"
_INSERT_EVENT = "INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
_INSERT_COMMAND = "INSERT INTO commands VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
_INSERT_PART = "INSERT INTO parts VALUES (?, ?, ?, ?, ?)"


def _insert(connection: sqlite3.Connection, events: Sequence[Prepared], entries: Entries) -> tuple[int, str]:
    run = connection.cursor().execute
    for stream, tip in entries.tips.items():
        if run(_END, (stream,)).fetchone() != tip:
            raise sqlite3.IntegrityError("events.stream: a stream that this rests on has grown")
    rests, head = entries.rests, events[0]
    last, when, follows = run(_LAST, (head.stream, head.version, rests.get(head.stream, ""))).fetchone() or (0, "", 0)
    first, recorded, name = last + 1, max(when, entries.now), ""
    if (command := entries.command) is not None:
        name = command.id
        told = (name, command.account, command.name, command.fingerprint, command.status, command.answer)
        run(_INSERT_COMMAND, (*told, first, len(events), recorded))
    known = {head.stream: head.version - 1} if follows else {}
    for position, event in enumerate(events, first):
        stream, version = event.stream, event.version
        if stream not in known and run(f"SELECT {_FOLLOWS}", (stream, version, rests.get(stream, ""))).fetchone()[0]:
            known[stream] = version - 1
        if known.get(stream) != version - 1:
            raise sqlite3.IntegrityError("events.stream: not the version before this one")
        known[stream] = version
        text = event.text(position, recorded)
        row = (position, stream, version, event.topic, event.schema, recorded, name, text, leaf_hash(text))
        run(_INSERT_EVENT, row)
    for part in entries.parts:
        run(_INSERT_PART, (part.id, first + part.event, part.subject, part.key, part.box))
    for token in entries.tokens:
        run("INSERT OR IGNORE INTO tokens VALUES (?, ?)", (token.token, token.part))
    for one in entries.reservations:
        run("INSERT INTO reservations VALUES (?, ?, ?)", (one.kind, one.value, one.stream))
    return first, recorded

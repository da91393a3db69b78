"""The event log on PostgreSQL: one round trip to a function that takes the append lock and then inserts."""

from collections.abc import Sequence
from typing import Any

import msgspec
import psycopg
from eventsourcing.persistence import IntegrityError

from projections.pool import UNAVAILABLE
from service.log.codec import Prepared
from service.log.entries import CommandRow, CommandTaken, Entries, KeyGone, LogUnavailable, Reserved, VersionTaken
from service.log.postgres_database import PostgresDatabase
from service.log.postgres_statement import Statement, Value

_PLACES = ", ".join(f"${number}" for number in range(1, 21))
_CALL_ONE = Statement(f"SELECT append_event_alone({_PLACES})", "append_event")
_CALL = (
    "SELECT first, stamp FROM append_events_resting("
    "%s,%s,%s,%s,%s,%s,%s,%s::text[],%s::int[],%s::text[],%s::text[],%s::int[],%s::text[],%s::text[],%s::text[],"
    "%s::text[],%s::int[],%s::text[],%s::text[],%s::bytea[],%s::bytea[],%s::text[],%s::text[],%s::text[],%s::text[],%s)"
)
_NOTHING: list[Any] = []


def append(database: PostgresDatabase, events: Sequence[Prepared], entries: Entries) -> tuple[int, str]:
    """Record events and all that belongs to them in one statement; returns the first position and recording time.

    Raises `VersionTaken`, `CommandTaken`, `Reserved`, `KeyGone` or `LogUnavailable`. After the last the command table
    tells whether the statement took effect, because the connection may have been lost while the server committed.
    """
    try:
        with database.connection() as connection:
            if entries.command is not None and _plain(events, entries):
                return _placed(_CALL_ONE.run(connection, _one(events[0], entries, entries.command)))
            [(first, stamp)] = connection.execute(_CALL, _many(events, entries)).fetchall()
    except psycopg.errors.UniqueViolation as error:
        raise _told_apart(error) from error
    return int(first), str(stamp)


def _placed(rows: list[tuple[Any, ...]]) -> tuple[int, str]:
    [(told,)] = rows
    first, _, stamp = str(told).partition(" ")
    return int(first), stamp


def append_together(
    database: PostgresDatabase, turns: Sequence[tuple[Sequence[Prepared], Entries]]
) -> list[tuple[int, str] | Exception]:
    """Record several commands in one transaction and one round trip: its own result or its own error for each, as from
    `append`. One that is refused takes the transaction with it; then each is recorded alone.

    Raises `LogUnavailable`, after which the command table tells what was recorded.
    """
    plain = [
        _one(events[0], entries, entries.command)
        for events, entries in turns
        if entries.command is not None and _plain(events, entries)
    ]
    with database.connection() as connection:
        try:
            if len(plain) == len(turns):
                return [_placed(rows) for rows in _CALL_ONE.run_together(connection, plain)]
            with connection.pipeline():
                connection.execute("BEGIN")
                cursors = [connection.execute(_CALL, _many(*turn)) for turn in turns]
                connection.execute("COMMIT")
            return [(int(first), str(stamp)) for [(first, stamp)] in (cursor.fetchall() for cursor in cursors)]
        except UNAVAILABLE:
            raise
        except (psycopg.Error, ValueError):  # whose fault it was, each alone tells
            connection.rollback()
    return [_alone(database, *turn) for turn in turns]


def _alone(database: PostgresDatabase, events: Sequence[Prepared], entries: Entries) -> tuple[int, str] | Exception:
    try:
        return append(database, events, entries)
    except (IntegrityError, LogUnavailable, psycopg.Error, ValueError) as error:
        return error


def _told_apart(error: psycopg.errors.UniqueViolation) -> IntegrityError:
    kinds: dict[str, type[IntegrityError]] = {
        "events_version": VersionTaken,
        "commands_id": CommandTaken,
        "reservations_held": Reserved,
        "destroyed_keys": KeyGone,
    }
    name = error.diag.constraint_name or ""
    return kinds.get(name, IntegrityError)(name)


def _plain(events: Sequence[Prepared], entries: Entries) -> bool:
    return len(events) == 1 and len(entries.parts) < 2 and not (entries.tokens or entries.reservations)


def _tips(entries: Entries) -> str | None:
    tips = [f"{stream}\t{version}\t{command}" for stream, (version, command) in entries.tips.items()]
    return "\n".join(tips) if tips else None


def _one(event: Prepared, entries: Entries, command: CommandRow) -> list[Value]:
    after = entries.rests.get(event.stream, "")
    values: list[Value] = [entries.now, *msgspec.structs.astuple(command), event.stream, event.version, after]
    values += [event.topic, event.schema, event.head, event.middle, event.tail]
    if not entries.parts:
        return [*values, None, None, None, None, _tips(entries)]
    part = entries.parts[0]
    return [*values, part.id, part.subject, part.key, part.box, _tips(entries)]


def _many(events: Sequence[Prepared], entries: Entries) -> list[Any]:
    command, parts, tokens, held = entries.command, entries.parts, entries.tokens, entries.reservations
    values: list[Any] = [entries.now, *([None] * 6 if command is None else msgspec.structs.astuple(command))]
    rests = dict(entries.rests)
    values += [
        [event.stream for event in events],
        [event.version for event in events],
        [rests.pop(event.stream, "") for event in events],
        [event.topic for event in events],
        [event.schema for event in events],
        [event.head for event in events],
        [event.middle for event in events],
        [event.tail for event in events],
    ]
    if parts:
        values += [
            [part.id for part in parts],
            [part.event for part in parts],
            [part.subject for part in parts],
            [part.key for part in parts],
            [part.box for part in parts],
        ]
    else:
        values += [_NOTHING] * 5
    values += [[token.token for token in tokens], [token.part for token in tokens]] if tokens else [_NOTHING] * 2
    values += (
        [[one.kind for one in held], [one.value for one in held], [one.stream for one in held]]
        if held
        else [_NOTHING] * 3
    )
    values.append(_tips(entries))
    return values

"""The event log on PostgreSQL: one round trip to a function that takes the append lock and then inserts."""

from collections.abc import Sequence
from typing import Any

import msgspec
import psycopg
from eventsourcing.persistence import IntegrityError

from service.log import destroyed
from service.log.codec import Prepared
from service.log.entries import CommandRow, CommandTaken, Entries, KeyGone, LogUnavailable, Reserved, VersionTaken
from service.log.postgres_database import PostgresDatabase
from service.log.postgres_statement import Statement, Value

SCHEMA = """
CREATE TABLE IF NOT EXISTS events (
  position bigint PRIMARY KEY,
  stream text COLLATE "C" NOT NULL,
  version integer NOT NULL,
  topic text NOT NULL,
  schema integer NOT NULL,
  recorded text COLLATE "C" NOT NULL,
  command text NOT NULL,
  text text NOT NULL,
  leaf bytea NOT NULL,
  CONSTRAINT events_version UNIQUE (stream, version)
);
CREATE TABLE IF NOT EXISTS commands (
  id text COLLATE "C" CONSTRAINT commands_id PRIMARY KEY,
  account text NOT NULL,
  name text NOT NULL,
  fingerprint bytea NOT NULL,
  status integer NOT NULL,
  answer text NOT NULL,
  first bigint NOT NULL,
  count integer NOT NULL,
  recorded text COLLATE "C" NOT NULL
);
CREATE TABLE IF NOT EXISTS parts (
  id text COLLATE "C" PRIMARY KEY,
  position bigint NOT NULL,
  subject text COLLATE "C" NOT NULL,
  key text NOT NULL,
  box bytea NOT NULL
);
CREATE TABLE IF NOT EXISTS tokens (
  token bytea NOT NULL,
  part text COLLATE "C" NOT NULL,
  PRIMARY KEY (token, part)
);
CREATE TABLE IF NOT EXISTS reservations (
  kind text NOT NULL,
  value text COLLATE "C" NOT NULL,
  stream text NOT NULL,
  CONSTRAINT reservations_held PRIMARY KEY (kind, value)
);
CREATE OR REPLACE FUNCTION log_stands() RETURNS trigger LANGUAGE plpgsql AS
$$BEGIN RAISE EXCEPTION 'the log is append-only' USING ERRCODE = 'insufficient_privilege'; END$$;
"""

# What a decision only read must end as it was: ``tips`` has a line for each such stream, with its version and command.
# The end of each is fetched for itself: as a condition of EXISTS, the planner would rather hash the whole log once.
_RESTS = """  IF tips IS NOT NULL AND EXISTS (
    SELECT 1 FROM unnest(string_to_array(tips, E'\\n')) AS t(tip) LEFT JOIN LATERAL (
      SELECT e.version || E'\\t' || e.command AS tip FROM events e WHERE e.stream = split_part(t.tip, E'\\t', 1)
       ORDER BY e.version DESC LIMIT 1) AS stands ON true
     WHERE stands.tip IS DISTINCT FROM substr(t.tip, strpos(t.tip, E'\\t') + 1))
  THEN
    RAISE unique_violation USING MESSAGE = 'a stream that this rests on has grown', CONSTRAINT = 'events_version';
  END IF;
"""

# No version without the one before it that it was decided on: a decision may rest on what a restored log does not hold.
# The lock is taken in a statement of its own: taken together with max(), the maximum would be read from a snapshot that
# is older than the lock. NOTIFY stays out: it would serialise commits.
APPEND = (
    """
CREATE OR REPLACE FUNCTION append_events_resting(
  now text, command text, account text, command_name text, fingerprint bytea, status integer, answer text,
  streams text[], versions integer[], afters text[], topics text[], schemas integer[],
  heads text[], middles text[], tails text[],
  part_ids text[], part_events integer[], subjects text[], keys text[], boxes bytea[],
  token_values bytea[], token_parts text[], held_kinds text[], held_values text[], held_streams text[], tips text,
  OUT first bigint, OUT stamp text)
LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(7501, 1);
  SELECT e.position + 1, e.recorded INTO first, stamp FROM events e ORDER BY e.position DESC LIMIT 1;
  first := coalesce(first, 1);
"""
    + _RESTS
    + """  stamp := greatest(stamp COLLATE "C", now COLLATE "C");
  IF command IS NOT NULL THEN
    INSERT INTO commands VALUES
      (command, account, command_name, fingerprint, status, answer, first, cardinality(streams), stamp);
  END IF;
  INSERT INTO events
    SELECT first + n - 1, s, v, t, c, stamp, coalesce(command, ''), x.text,
           sha256('\\x00'::bytea || convert_to(x.text, 'UTF8'))
      FROM unnest(streams, versions, topics, schemas, heads, middles, tails) WITH ORDINALITY
           AS e(s, v, t, c, head, middle, tail, n),
           LATERAL (SELECT head || '"position":' || (first + n - 1) || ',' || middle || '"recorded":"' || stamp || '"'
                           || tail AS text) x
     ORDER BY n;
  IF EXISTS (SELECT 1 FROM unnest(streams, versions, afters) AS e(s, v, a) WHERE v > 1 AND NOT EXISTS
              (SELECT 1 FROM events x WHERE x.stream = s AND x.version = v - 1 AND a IN ('', x.command))) THEN
    RAISE unique_violation USING MESSAGE = 'not the version before this one', CONSTRAINT = 'events_version';
  END IF;
  IF cardinality(part_ids) > 0 THEN
    INSERT INTO parts SELECT i, first + e, s, k, b FROM unnest(part_ids, part_events, subjects, keys, boxes)
      AS p(i, e, s, k, b);
  END IF;
  IF cardinality(token_values) > 0 THEN
    INSERT INTO tokens SELECT t, p FROM unnest(token_values, token_parts) AS x(t, p) ON CONFLICT DO NOTHING;
  END IF;
  IF cardinality(held_kinds) > 0 THEN
    INSERT INTO reservations SELECT k, v, s FROM unnest(held_kinds, held_values, held_streams) AS h(k, v, s);
  END IF;
END$$;
"""
)

# The same for what most commands are, one event with at most one part: half the time, because no array is built.
APPEND_ONE = (
    """
CREATE OR REPLACE FUNCTION append_event_resting(
  now text, command text, account text, command_name text, fingerprint bytea, status integer, answer text,
  stream text, version integer, after text, topic text, schema integer, head text, middle text, tail text,
  part text, subject text, key text, box bytea, tips text, OUT first bigint, OUT stamp text)
LANGUAGE plpgsql AS $$
DECLARE
  whole text;
BEGIN
  PERFORM pg_advisory_xact_lock(7501, 1);
  SELECT e.position + 1, e.recorded INTO first, stamp FROM events e ORDER BY e.position DESC LIMIT 1;
  first := coalesce(first, 1);
"""
    + _RESTS
    + """  stamp := greatest(stamp COLLATE "C", now COLLATE "C");
  IF version > 1 AND NOT EXISTS (SELECT 1 FROM events e WHERE e.stream = append_event_resting.stream
                AND e.version = append_event_resting.version - 1 AND after IN ('', e.command)) THEN
    RAISE unique_violation USING MESSAGE = 'not the version before this one', CONSTRAINT = 'events_version';
  END IF;
  whole := head || '"position":' || first || ',' || middle || '"recorded":"' || stamp || '"' || tail;
  INSERT INTO commands VALUES (command, account, command_name, fingerprint, status, answer, first, 1, stamp);
  INSERT INTO events VALUES
    (first, stream, version, topic, schema, stamp, command, whole,
     sha256('\\x00'::bytea || convert_to(whole, 'UTF8')));
  IF part IS NOT NULL THEN
    INSERT INTO parts VALUES (part, first, subject, key, box);
  END IF;
END$$;
"""
)

_PLACES = ", ".join(f"${number}" for number in range(1, 21))
_CALL_ONE = Statement(f"SELECT first, stamp FROM append_event_resting({_PLACES})", "append_event")
_CALL = (
    "SELECT first, stamp FROM append_events_resting("
    "%s,%s,%s,%s,%s,%s,%s,%s::text[],%s::int[],%s::text[],%s::text[],%s::int[],%s::text[],%s::text[],%s::text[],"
    "%s::text[],%s::int[],%s::text[],%s::text[],%s::bytea[],%s::bytea[],%s::text[],%s::text[],%s::text[],%s::text[],%s)"
)
_NOTHING: list[Any] = []


def create_log(database: PostgresDatabase) -> None:
    """Make the tables, the append function and the triggers that keep the log append-only. Safe to run again."""
    keepers = "".join(
        f"DROP TRIGGER IF EXISTS {table}_stands ON {table};"
        f"CREATE TRIGGER {table}_stands BEFORE {verbs} ON {table} FOR EACH STATEMENT EXECUTE FUNCTION log_stands();"
        for table, verbs in {
            "events": "UPDATE OR DELETE OR TRUNCATE",
            "commands": "UPDATE OR DELETE OR TRUNCATE",
            "reservations": "UPDATE OR DELETE OR TRUNCATE",
            "parts": "UPDATE OR TRUNCATE",
            "tokens": "UPDATE OR TRUNCATE",
        }.items()
    )
    database.script(SCHEMA + APPEND + APPEND_ONE + keepers + destroyed.POSTGRES)


def append(database: PostgresDatabase, events: Sequence[Prepared], entries: Entries) -> tuple[int, str]:
    """Record events and all that belongs to them in one statement; returns the first position and recording time.

    Raises `VersionTaken`, `CommandTaken`, `Reserved`, `KeyGone` or `LogUnavailable`. After the last the command table
    tells whether the statement took effect, because the connection may have been lost while the server committed.
    """
    try:
        with database.connection() as connection:
            if entries.command is not None and _plain(events, entries):
                [row] = _CALL_ONE.run(connection, _one(events[0], entries, entries.command))
            else:
                [row] = connection.execute(_CALL, _many(events, entries)).fetchall()
    except psycopg.errors.UniqueViolation as error:
        raise _told_apart(error) from error
    return int(row[0]), str(row[1])


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
                found = _CALL_ONE.run_together(connection, plain)
            else:
                with connection.pipeline():
                    connection.execute("BEGIN")
                    cursors = [connection.execute(_CALL, _many(*turn)) for turn in turns]
                    connection.execute("COMMIT")
                found = [cursor.fetchall() for cursor in cursors]
            return [(int(first), str(stamp)) for [(first, stamp)] in found]
        except psycopg.OperationalError:
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

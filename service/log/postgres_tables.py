"""The tables of the event log on PostgreSQL, the functions that append to them, and the triggers that keep them."""

from service.log import destroyed
from service.log.postgres_database import PostgresDatabase

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
# In an IF of its own: a condition that holds a query is made ready as one, also where there is nothing to look at.
# The lock is taken in a statement of its own: taken together with max(), the maximum would be read from a snapshot that
# is older than the lock. NOTIFY stays out: it would serialise commits.
_OPENING = """BEGIN
  PERFORM pg_advisory_xact_lock(7501, 1);
  SELECT e.position + 1, e.recorded INTO first, stamp FROM events e ORDER BY e.position DESC LIMIT 1;
  first := coalesce(first, 1);
  IF tips IS NOT NULL THEN
    IF EXISTS (
      SELECT 1 FROM unnest(string_to_array(tips, E'\\n')) AS t(tip) LEFT JOIN LATERAL (
        SELECT e.version || E'\\t' || e.command AS tip FROM events e WHERE e.stream = split_part(t.tip, E'\\t', 1)
         ORDER BY e.version DESC LIMIT 1) AS stands ON true
       WHERE stands.tip IS DISTINCT FROM substr(t.tip, strpos(t.tip, E'\\t') + 1))
    THEN
      RAISE unique_violation USING MESSAGE = 'a stream that this rests on has grown', CONSTRAINT = 'events_version';
    END IF;
  END IF;
  stamp := greatest(stamp COLLATE "C", now COLLATE "C");
"""

# No version without the one before it that it was decided on: a decision may rest on what a restored log does not hold.
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
"""
    + _OPENING
    + """  IF command IS NOT NULL THEN
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

# The same for what most commands are, one event with at most one part: half the time, because no array is built and the
# answer is one text, position and recording time, where a row would first be kept in a table of its own.
APPEND_ONE = (
    """
CREATE OR REPLACE FUNCTION append_event_alone(
  now text, command text, account text, command_name text, fingerprint bytea, status integer, answer text,
  stream text, version integer, after text, topic text, schema integer, head text, middle text, tail text,
  part text, subject text, key text, box bytea, tips text)
RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  first bigint;
  stamp text;
  whole text;
"""
    + _OPENING
    + """  IF version > 1 AND NOT EXISTS (SELECT 1 FROM events e WHERE e.stream = append_event_alone.stream
                AND e.version = append_event_alone.version - 1 AND after IN ('', e.command)) THEN
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
  RETURN first || ' ' || stamp;
END$$;
"""
)


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

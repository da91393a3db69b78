"""The log refuses what does not belong in it, and keeps what stands in it, whoever asks."""

from __future__ import annotations

import re
import sys
from contextlib import suppress
from typing import Any

import pytest

from domain.kps import Kps
from projections.source import Malformed, NewerEvent
from service.log import files
from service.log.codec import UnknownEvent, leaf_hash
from service.log.database import Database
from service.log.ids import new_id
from service.log.reader import LogReader
from tests.service.casebooks import Desk, command, refusal, registered, registration

TABLES = ("events", "commands", "parts", "tokens", "reservations")
COLUMN = {"events": "text", "commands": "answer", "parts": "subject", "tokens": "part", "reservations": "stream"}


def without_keepers(owner: Database) -> None:
    """What only the owner of the database can do: take the log's keepers away."""
    if owner.engine == "sqlite":
        for (name,) in owner.rows("SELECT name FROM sqlite_master WHERE type = 'trigger'"):
            owner.rows(f"DROP TRIGGER {name}")
    else:
        owner.script("ALTER TABLE events DISABLE TRIGGER ALL; ALTER TABLE parts DISABLE TRIGGER ALL")


def plant(owner: Database, topic: str, like: Any) -> int:
    """Write a row of a topic of our own choosing behind the log's back, with a leaf hash that fits."""
    text = like.text.replace(f'"{like.topic}"', f'"{topic}"').replace(
        f'"position":{like.position}', f'"position":{like.position + 1}'
    )
    text = re.sub(r'"version":\d+', f'"version":{like.version + 1}', text)
    owner.rows(
        "INSERT INTO events VALUES (:position, :stream, :version, :topic, 1, :recorded, :command, :text, :leaf)",
        position=like.position + 1,
        stream=like.stream,
        version=like.version + 1,
        topic=topic,
        recorded=like.recorded,
        command=like.command,
        text=text,
        leaf=leaf_hash(text),
    )
    return like.position + 1


@pytest.mark.parametrize("topic", ["os:system", "antigravity:x", "antigravity.x", "service.app:create_app", ""])
def test_a_foreign_topic_in_a_row_is_refused_and_imports_nothing(desk: Desk, topic: str) -> None:
    casebook = desk.casebook()
    kps = registered(casebook)
    owner = desk.owner()
    without_keepers(owner)
    position = plant(owner, topic, casebook.log.stored(1, 1)[0])
    before = set(sys.modules)
    reader = LogReader(casebook.log.database)
    assert [event.topic for event in reader.read(0, 10) if not isinstance(event, Malformed)][-1] == "kps.registered"
    with pytest.raises(NewerEvent):
        reader.read(position - 1, 10)
    with pytest.raises(UnknownEvent):
        casebook.log.load(Kps, kps)
    with pytest.raises(UnknownEvent):
        casebook.log.history(kps)
    assert set(sys.modules) == before
    assert "antigravity" not in sys.modules


@pytest.mark.parametrize("table", TABLES)
def test_the_application_cannot_alter_or_delete_what_stands(desk: Desk, table: str) -> None:
    casebook = desk.casebook()
    registered(casebook, "Ibu Rahma 0812")
    casebook.record(command(), lambda d: (registration(kps := new_id())(d), d.reserve("sign_in", "rahma", kps)))
    database = casebook.log.database
    before = database.rows(f"SELECT * FROM {table} ORDER BY 1, 2")
    assert before
    statements = [
        f"UPDATE {table} SET {COLUMN[table]} = {COLUMN[table]}",
        f"DELETE FROM {table}",
        f"DROP TABLE {table}",
        f"ALTER TABLE {table} ADD COLUMN more text",
        f"ALTER TABLE {table} RENAME TO other",
        f"CREATE TRIGGER mine BEFORE INSERT ON {table} BEGIN SELECT 1; END"
        if database.engine == "sqlite"
        else f"CREATE TRIGGER mine BEFORE INSERT ON {table} EXECUTE FUNCTION log_stands()",
    ]
    if database.engine == "sqlite":
        statements += [f"DROP TRIGGER {table}_stands_update"]
        if table != "tokens":  # a token is all key: put in place of itself it is the same
            statements += [f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}"]
    else:
        statements += [
            f"TRUNCATE {table}",
            f"ALTER TABLE {table} DISABLE TRIGGER ALL",
            f"ALTER TABLE {table} OWNER TO wahana_app",
            "SET session_replication_role = replica",
            "DROP FUNCTION append_events_resting",
            "ALTER FUNCTION log_stands() RENAME TO other",
            "CREATE OR REPLACE FUNCTION log_stands() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN OLD; END'",
            "CREATE TABLE public.mine (a int)",
            "COPY (SELECT 1) TO PROGRAM 'true'",
        ]
    for statement in statements:
        with refusal(database.engine):
            database.rows(statement)
    assert database.rows(f"SELECT * FROM {table} ORDER BY 1, 2") == before


@pytest.mark.parametrize("table", TABLES)
def test_even_the_owner_is_stopped_by_the_triggers(desk: Desk, table: str) -> None:
    casebook = desk.casebook()
    registered(casebook, "Ibu Rahma 0812")
    casebook.record(command(), lambda d: (registration(kps := new_id())(d), d.reserve("sign_in", "rahma", kps)))
    owner = desk.owner()
    with refusal(owner.engine):
        owner.rows(f"UPDATE {table} SET {COLUMN[table]} = {COLUMN[table]}")
    with refusal(owner.engine):  # of parts and tokens too only what an event names as destroyed may go
        owner.rows(f"DELETE FROM {table}")
    if owner.engine == "sqlite":
        with refusal(owner.engine):
            owner.rows(f"REPLACE INTO {table} SELECT * FROM {table}")
    if owner.engine != "sqlite":
        with refusal(owner.engine):
            owner.rows(f"TRUNCATE {table}")


@pytest.mark.parametrize(
    "pragma",
    ["writable_schema=ON", "recursive_triggers=OFF", "foreign_keys=OFF", "journal_mode=OFF", "synchronous=OFF"],
)
def test_the_application_cannot_loosen_its_own_sqlite_connection(desk: Desk, pragma: str) -> None:
    database = desk.casebook().log.database
    if database.engine == "sqlite":
        with refusal("sqlite"):
            database.rows(f"PRAGMA {pragma}")
        with refusal("sqlite"):
            database.rows("ATTACH 'other.db' AS other")
    else:
        (rights,) = database.rows(
            "SELECT rolsuper, rolcreaterole, rolbypassrls FROM pg_roles WHERE rolname = current_user"
        )
        assert rights == (False, False, False)


def test_granting_again_takes_back_what_was_granted_by_hand(postgres_desk: Desk) -> None:
    from service.log.postgres_database import PostgresDatabase
    from service.log.postgres_grants import grant

    owner = postgres_desk.owner()
    assert isinstance(owner, PostgresDatabase)
    owner.script("GRANT ALL ON events TO wahana_app; GRANT DELETE ON commands TO PUBLIC")
    grant(owner, "wahana_app", append_only=files.APPEND_ONLY, state=files.STATE)
    rows = owner.rows(
        "SELECT table_name, grantee, privilege_type FROM information_schema.role_table_grants "
        "WHERE table_schema = 'public' AND grantee IN ('wahana_app', 'PUBLIC') ORDER BY 1, 3"
    )
    for table in (*TABLES, *files.APPEND_ONLY):
        assert [(who, what) for name, who, what in rows if name == table] == [
            ("wahana_app", "INSERT"),
            ("wahana_app", "SELECT"),
        ]


def test_a_connection_answers_as_before_after_what_was_asked_on_it_was_taken_back(desk: Desk) -> None:
    casebook, database = desk.casebook(), desk.connect(desk.url, size=1)
    stream = registered(casebook)

    def asked() -> None:
        sql = "SELECT max(version) FROM events WHERE stream = :stream"
        assert database.rows(sql, stream=stream) == database.quick(sql, stream=stream) == [(1,)]

    for _ in range(10):  # often enough that the server is given the statement to keep
        asked()
    for within in (database.transaction, database.snapshot):
        with suppress(ZeroDivisionError), within():
            asked()
            raise ZeroDivisionError
        asked()

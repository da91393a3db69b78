"""What each role may do in the office's PostgreSQL database: the application adds to the log and reads it, and changes the
state beside it; destruction removes what is under a destroyed key, the sealer adds proofs, and nothing else."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import psycopg
from psycopg import sql

from service.log import destroyed
from service.log.postgres_database import PostgresDatabase

VIEWS_SCHEMA = "wahana_views"  # where projections.postgres keeps its tables
LOG_TABLES = ("events", "commands", "parts", "tokens", "reservations")
_REMOVABLE = ("parts", "tokens", "file_chunks")
_LOOKED_AT = ("files", "file_claims")


@contextmanager
def _granting(database: PostgresDatabase, role: str) -> Iterator[tuple[Any, Callable[..., None]]]:
    """A transaction of the owner in which the role exists, and a way to run statements that name it."""
    with database.transaction(), database.connection() as connection:

        def run(text: str, **names: str) -> None:
            given = {key: sql.Identifier(value) for key, value in names.items()}
            connection.execute(sql.SQL(text).format(role=sql.Identifier(role), **given))

        connection.execute("SELECT pg_advisory_xact_lock(7501, 3)")
        if connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (role,)).fetchone() is None:
            # Roles are the server's and the lock is the database's: an office beside this one may be faster.
            with suppress(psycopg.errors.DuplicateObject, psycopg.errors.UniqueViolation), connection.transaction():
                run("CREATE ROLE {role} NOLOGIN")
        run("GRANT USAGE ON SCHEMA public TO {role}")
        yield connection, run


def grant(
    database: PostgresDatabase,
    role: str,
    *,
    append_only: Sequence[str] = (),
    state: Sequence[str] = (),
    read_only: Sequence[str] = (),
) -> None:
    """Let ``role`` work as the application: add to the log and read it, and change nothing that stands in it.

    ``append_only`` names further tables it may only add to and read, ``state`` those it may also change, and ``read_only``
    those that it may only read. The role is
    made when it is missing, without the right to sign in: grant it to a login role, or give it that right. Run it as
    the owner, after the tables are made. Safe to run again; what was granted before on these tables is taken back.
    """
    with _granting(database, role) as (connection, run):
        if connection.execute("SELECT 1 FROM pg_namespace WHERE nspname = %s", (VIEWS_SCHEMA,)).fetchone() is None:
            run("CREATE SCHEMA {schema} AUTHORIZATION {role}", schema=VIEWS_SCHEMA)
        for table in (*LOG_TABLES, *append_only, *state):
            run("REVOKE ALL ON {table} FROM PUBLIC, {role}", table=table)
            run("GRANT SELECT, INSERT ON {table} TO {role}", table=table)
        for table in state:
            run("GRANT UPDATE, DELETE ON {table} TO {role}", table=table)
        for table in (*read_only, destroyed.NAME):
            run("REVOKE ALL ON {table} FROM PUBLIC, {role}", table=table)
            run("GRANT SELECT ON {table} TO {role}", table=table)
        for function in ("append_events_resting", "append_event_alone"):
            run("REVOKE ALL ON FUNCTION {function} FROM PUBLIC", function=function)
            run("GRANT EXECUTE ON FUNCTION {function} TO {role}", function=function)


def grant_destroyer(database: PostgresDatabase, role: str) -> None:
    """Let ``role`` work as destruction: delete parts, tokens and pieces of files, which the triggers allow only under a
    destroyed key, and rewrite those tables so that nothing of it stays in them. It cannot record anything. As `grant`."""
    with _granting(database, role) as (connection, run):
        for table in (*_REMOVABLE, *_LOOKED_AT, destroyed.NAME):
            run("REVOKE ALL ON {table} FROM {role}", table=table)
            run("GRANT SELECT ON {table} TO {role}", table=table)
        for table in _REMOVABLE:
            run("GRANT DELETE ON {table} TO {role}", table=table)
            if connection.info.server_version >= 170000:  # before, only the owner may rewrite a table
                run("GRANT MAINTAIN ON {table} TO {role}", table=table)
        run("GRANT UPDATE (removed) ON {table} TO {role}", table=destroyed.NAME)


def sealers(database: PostgresDatabase, role: str) -> list[str]:
    """The roles besides ``role`` and the owner that may write checkpoints."""
    rows = database.rows(
        "SELECT DISTINCT r.rolname FROM pg_class c, aclexplode(c.relacl) a, pg_roles r"
        " WHERE c.oid = 'checkpoints'::regclass AND r.oid = a.grantee AND a.privilege_type = 'INSERT'"
        " AND r.oid <> c.relowner AND r.rolname <> :role",
        role=role,
    )
    return [name for (name,) in rows]


def grant_sealer(database: PostgresDatabase, role: str, proofs: Sequence[str]) -> None:
    """Let ``role`` work as the sealer: read the events and the witnesses' lines, and add to the tables of ``proofs``. It
    cannot record anything. As `grant`."""
    with _granting(database, role) as (_connection, run):
        for table in ("events", "cosignatures", *proofs):
            run("REVOKE ALL ON {table} FROM {role}", table=table)
            run("GRANT SELECT ON {table} TO {role}", table=table)
        for table in proofs:
            run("GRANT INSERT ON {table} TO {role}", table=table)


def take_back(database: PostgresDatabase, role: str, tables: Sequence[str]) -> None:
    """Let ``role`` do nothing more with ``tables``."""
    with _granting(database, role) as (_connection, run):
        for table in tables:
            run("REVOKE ALL ON {table} FROM {role}", table=table)

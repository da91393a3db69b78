"""What the application may do in its PostgreSQL database: add to the log and read it, and change the state beside it."""

from collections.abc import Sequence
from contextlib import suppress

import psycopg
from psycopg import sql

from service.log.postgres_database import PostgresDatabase

VIEWS_SCHEMA = "wahana_views"  # where projections.postgres keeps its tables
LOG_TABLES = ("events", "commands", "parts", "tokens", "reservations")


def grant(database: PostgresDatabase, role: str, *, append_only: Sequence[str] = (), state: Sequence[str] = ()) -> None:
    """Let ``role`` work as the application: add to the log and read it, and change nothing that stands in it.

    ``append_only`` names further tables it may only add to and read, ``state`` those it may also change. The role is
    made when it is missing, without the right to sign in: grant it to a login role, or give it that right. Run it as
    the owner, after the tables are made. Safe to run again; what was granted before on these tables is taken back.
    """
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
        if connection.execute("SELECT 1 FROM pg_namespace WHERE nspname = %s", (VIEWS_SCHEMA,)).fetchone() is None:
            run("CREATE SCHEMA {schema} AUTHORIZATION {role}", schema=VIEWS_SCHEMA)
        for table in (*LOG_TABLES, *append_only, *state):
            run("REVOKE ALL ON {table} FROM PUBLIC, {role}", table=table)
            run("GRANT SELECT, INSERT ON {table} TO {role}", table=table)
        for table in state:
            run("GRANT UPDATE, DELETE ON {table} TO {role}", table=table)
        for function in ("append_events_after", "append_event_after"):
            run("REVOKE ALL ON FUNCTION {function} FROM PUBLIC", function=function)
            run("GRANT EXECUTE ON FUNCTION {function} TO {role}", function=function)

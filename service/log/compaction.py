"""Rewriting database files so that nothing that was deleted stays in them: main file, write-ahead log and free pages."""

import re
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from service.log.database import Database
from service.log.entries import LogUnavailable
from service.log.sqlite_database import SqliteDatabase

if TYPE_CHECKING:
    from psycopg.errors import Diagnostic

    from service.log.postgres_database import PostgresDatabase

PATIENCE_SECONDS = 60.0


class NotCompacted(Exception):
    """Somebody kept reading an old state, or held a lock: deleted bytes may still lie in the files. Run it again."""


def compact(database: Database, tables: Sequence[str]) -> None:
    """Rewrite the file of an SQLite database, or these tables of a PostgreSQL one. Writers wait meanwhile.

    Of PostgreSQL the write-ahead log of the server and its archive still hold what was deleted, until they are recycled.
    Raises `NotCompacted`.
    """
    end = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            if isinstance(database, SqliteDatabase):
                _rewrite(database, end)
            else:
                for table in tables:
                    _rewrite_table(cast("PostgresDatabase", database), table, end)
            return
        except LogUnavailable as error:
            if time.monotonic() > end:
                raise NotCompacted(str(error)) from error
            time.sleep(0.2)


def _rewrite_table(database: "PostgresDatabase", table: str, end: float) -> None:
    while True:
        before = _file_of(database, table)
        kept = _vacuumed(database, table)
        # Without the right to, PostgreSQL skips a table with no more than a warning.
        if _file_of(database, table) == before:
            raise NotCompacted(f"{table}: the role may not rewrite it; as the owner: VACUUM FULL")
        if not kept:
            return
        if time.monotonic() > end:
            raise NotCompacted(f"{table}: {kept} deleted rows kept for somebody who reads an old state")
        time.sleep(0.5)


def _file_of(database: "PostgresDatabase", table: str) -> int:
    return int(database.rows(f"SELECT pg_relation_filenode('{table}')")[0][0])


def _vacuumed(database: "PostgresDatabase", table: str) -> int:
    """How many deleted rows went into the new file all the same, because a transaction may still see them. PostgreSQL tells
    it in the first number of a detail only."""
    kept = 0

    def told(notice: "Diagnostic") -> None:
        nonlocal kept
        if number := re.search(r"\d+", notice.message_detail or ""):
            kept += int(number[0])

    with database.connection() as connection:
        connection.add_notice_handler(told)
        try:
            connection.execute(f"VACUUM (FULL, VERBOSE) {table}".encode())
        finally:
            connection.remove_notice_handler(told)
    return kept


def _rewrite(database: SqliteDatabase, end: float) -> None:
    own = SqliteDatabase(database.path, owner=True)  # no guarded connection may rewrite the file
    try:
        own.rows("VACUUM")
        # Moves every page into the main file and cuts the write-ahead log to nothing; who reads an old state delays it.
        while own.rows("PRAGMA wal_checkpoint(TRUNCATE)")[0][0]:
            if time.monotonic() > end:
                raise NotCompacted(f"{database.path}: others kept reading")
            time.sleep(0.1)
    finally:
        own.close()

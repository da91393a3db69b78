"""Rewriting database files so that nothing that was deleted stays in them: main file, write-ahead log and free pages."""

import time
from collections.abc import Sequence

from service.log.database import Database
from service.log.entries import LogUnavailable
from service.log.sqlite_database import SqliteDatabase

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
                before = _files_of(database, tables)
                database.rows(f"VACUUM FULL {', '.join(tables)}")
                # Without the right to, PostgreSQL skips a table with no more than a warning.
                if before & _files_of(database, tables):
                    raise NotCompacted("the role may not rewrite these tables; as the owner: VACUUM FULL")
            return
        except LogUnavailable as error:
            if time.monotonic() > end:
                raise NotCompacted(str(error)) from error
            time.sleep(0.2)


def _files_of(database: Database, tables: Sequence[str]) -> set[int]:
    return {database.rows(f"SELECT pg_relation_filenode('{table}')")[0][0] for table in tables}


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

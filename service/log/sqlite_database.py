"""Connections to one SQLite file: WAL, every commit on disk before it is acknowledged, guarded unless the owner's."""

import json
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from os import getpid
from typing import Any

from service.log.entries import LogUnavailable

BUSY_MILLISECONDS = 5000
_LOG_TABLES = frozenset(
    {"events", "commands", "parts", "tokens", "reservations", "file_claims"}
    | {"tree_hashes", "checkpoints", "cosignatures", "log_keys", "destroyed_keys"}
)
# What destruction may remove: the triggers let go only what is under a destroyed key.
_REMOVABLE = frozenset({"parts", "tokens", "file_chunks"})
# What would switch off, for one connection, the rules that keep the log as it stands.
_KEPT_PRAGMAS = frozenset(
    {"foreign_keys", "ignore_check_constraints", "journal_mode", "recursive_triggers", "secure_delete", "synchronous"}
    | {"trusted_schema", "writable_schema"}
)
_FORBIDDEN = {
    sqlite3.SQLITE_ALTER_TABLE,
    sqlite3.SQLITE_ATTACH,
    sqlite3.SQLITE_CREATE_TABLE,
    sqlite3.SQLITE_CREATE_TEMP_TRIGGER,
    sqlite3.SQLITE_CREATE_TRIGGER,
    sqlite3.SQLITE_DROP_INDEX,
    sqlite3.SQLITE_DROP_TABLE,
    sqlite3.SQLITE_DROP_TRIGGER,
}


def _guard(action: int, table: str | None, _: str | None, __: str | None, trigger: str | None) -> int:
    """The application's connections may add to the log and read it, and change nothing that stands in it."""
    if action == sqlite3.SQLITE_INSERT and table == "destroyed_keys" and trigger is None:
        return sqlite3.SQLITE_DENY  # the event itself does it
    if action in _FORBIDDEN or (action in (sqlite3.SQLITE_DELETE, sqlite3.SQLITE_UPDATE) and table in _LOG_TABLES):
        return sqlite3.SQLITE_DENY
    if action == sqlite3.SQLITE_PRAGMA and table in _KEPT_PRAGMAS:
        return sqlite3.SQLITE_DENY
    return sqlite3.SQLITE_OK


def _destroyer_guard(action: int, table: str | None, column: str | None, base: str | None, trigger: str | None) -> int:
    """The connections of destruction may besides remove parts, tokens and pieces of files, and note that they did."""
    if action == sqlite3.SQLITE_DELETE and table in _REMOVABLE:
        return sqlite3.SQLITE_OK
    if action == sqlite3.SQLITE_UPDATE and table == "destroyed_keys" and column == "removed":
        return sqlite3.SQLITE_OK
    return _guard(action, table, column, base, trigger)


def _readable(raw: bytes) -> str:
    return raw.decode(errors="replace")  # bytes that are no text are damage, which the leaf hash tells


class _Transaction:
    """Whole or not at all; entering tells the database. A class, as a generator takes a tenth of the time of an append."""

    __slots__ = ("_connection", "_database")

    def __init__(self, database: "SqliteDatabase") -> None:
        self._database = database

    def __enter__(self) -> "SqliteDatabase":
        self._connection = self._database.connection()
        try:
            self._connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            raise self._database.unavailable(error) from error
        return self._database

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            if kind is None:
                self._connection.execute("COMMIT")
        except sqlite3.OperationalError as error:  # a full disk, which in this journal shows here
            raise self._database.unavailable(error) from error
        finally:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")


class SqliteDatabase:
    """Connections to one SQLite file: one per thread, opened after a fork; guarded unless they are the owner's. Those of
    a ``destroyer`` may remove what is under a destroyed key."""

    engine = "sqlite"

    def __init__(self, path: str, *, owner: bool = False, destroyer: bool = False) -> None:
        self.path = path
        self._owner = owner
        self._authorizer = _destroyer_guard if destroyer else _guard
        self._local = threading.local()
        self._inherited: list[sqlite3.Connection] = []

    def connection(self) -> sqlite3.Connection:
        """This thread's connection, in autocommit mode."""
        if getattr(self._local, "pid", None) != getpid():
            if getattr(self._local, "pid", None) is not None:
                # Opened before a fork: closing it here would release the parent's locks, so it is only put aside.
                self._inherited.append(self._local.connection)
            try:
                connection = sqlite3.connect(
                    self.path, isolation_level=None, timeout=BUSY_MILLISECONDS / 1000, cached_statements=256
                )
                connection.execute("PRAGMA journal_mode=WAL")
                connection.execute("PRAGMA synchronous=FULL")
                connection.execute("PRAGMA foreign_keys=ON")
                connection.execute("PRAGMA secure_delete=ON")
                # Without it, INSERT OR REPLACE would remove a row past the triggers that refuse its removal.
                connection.execute("PRAGMA recursive_triggers=ON")
                connection.execute("PRAGMA trusted_schema=OFF")
            except sqlite3.Error as error:
                raise self.unavailable(error) from error
            if not self._owner:
                connection.set_authorizer(self._authorizer)
            self._local.connection, self._local.pid = connection, getpid()
        connection = self._local.connection
        assert isinstance(connection, sqlite3.Connection)
        return connection

    def unavailable(self, error: sqlite3.Error) -> LogUnavailable:
        """What ``error`` is to whoever asked: it names the file, as there are several."""
        return LogUnavailable(f"{self.path}: {error}")

    def rows(self, sql: str, **values: Any) -> list[tuple[Any, ...]]:
        """Run one statement with ``:name`` parameters and return its rows."""
        values |= {name: json.dumps(value) for name, value in values.items() if isinstance(value, list)}
        connection = self.connection()
        try:
            return connection.execute(sql, values).fetchall()
        except sqlite3.OperationalError as error:
            if "decode" in str(error) and connection.text_factory is str:
                connection.text_factory = _readable
                return self.rows(sql, **values)
            raise self.unavailable(error) from error

    def quick(self, sql: str, **values: Any) -> list[tuple[Any, ...]]:
        """The same as `rows`: here nothing is quicker."""
        return self.rows(sql, **values)

    @staticmethod
    def among(name: str) -> str:
        """SQL that is true when the value before it is in the list given as parameter ``name``."""
        return f"IN (SELECT value FROM json_each(:{name}))"

    def transaction(self) -> "_Transaction":
        """A write transaction of this thread, begun at once so that it cannot fail half-way for want of the lock."""
        return _Transaction(self)

    @contextmanager
    def snapshot(self) -> Iterator[Callable[[str], Iterator[tuple[Any, ...]]]]:
        """One state of the database for as many queries as are asked; nobody waits for it."""
        connection = self.connection()

        def stream(sql: str) -> Iterator[tuple[Any, ...]]:
            try:
                yield from connection.execute(sql)
            except sqlite3.OperationalError as error:
                raise self.unavailable(error) from error

        connection.text_factory = _readable
        connection.execute("BEGIN")
        try:
            yield stream
        finally:
            connection.execute("ROLLBACK")

    def script(self, sql: str) -> None:
        """Run several statements (set-up only)."""
        self.connection().executescript(sql)

    def close(self) -> None:
        """Close this thread's connection."""
        if getattr(self._local, "pid", None) == getpid():
            self._local.connection.close()
            self._local.pid = None

"""Views in a SQLite file of their own."""

import json
import os
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import date
from pathlib import Path
from typing import Any

from projections.store import Busy, Dialect, Session, StoreUnavailable, Tables, translate

SQLITE = Dialect(
    name="sqlite",
    mark="?",
    text="TEXT",
    integer="INTEGER",
    clustered=" WITHOUT ROWID",
    prefix="",
    keys="IN (SELECT value FROM json_each(?))",
)
_INHERITED: list[sqlite3.Connection] = []  # opened before a fork: closing them here would break the parent's locks

sqlite3.register_adapter(
    date, date.isoformat
)  # a day is stored as ISO text, said here since Python 3.12 no longer does


class SqliteSession:
    """One transaction on a connection."""

    dialect = SQLITE

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        self.run_one = connection.execute

    def run(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        return self.run_one(sql, parameters).fetchall()

    def many(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        self.connection.executemany(sql, rows)

    def ask(self, sql: str, parameters: dict[str, Any]) -> list[dict[str, Any]]:
        cursor = self.run_one(*translate(sql, parameters, percent=False))
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor]

    def fetch(self, tables: Tables, keys: Iterable[str]) -> list[tuple[Any, ...]]:
        return self.run_one(tables.fetch, (json.dumps(list(keys)),)).fetchall()

    def stream(self, sql: str, parameters: Sequence[Any] = ()) -> Iterator[tuple[Any, ...]]:
        return iter(self.run_one(sql, parameters))

    def together(self) -> AbstractContextManager[None]:
        return nullcontext()


class SqliteReceiver:
    """Copies tables from an attached side file. With equal tables and indexes SQLite moves whole records."""

    def __init__(self, session: SqliteSession) -> None:
        self.session: Session = session

    def copy(self, source: Tables, target: Tables) -> None:
        for sql in (*target.create(), *target.index()):
            self.session.run(sql)
        self.session.run(f"INSERT INTO main.{target.current} SELECT * FROM side.{source.current}")
        self.session.run(f"INSERT INTO main.{target.past} SELECT * FROM side.{source.past}")

    def built(self) -> list[tuple[Any, ...]]:
        return self.session.run("SELECT * FROM side.generations")

    def lock(self) -> None:
        """The transaction began as the only writer."""


class SqliteStore:
    """The views file at ``path``. Connections belong to their thread and are opened on first use."""

    dialect: Dialect = SQLITE

    def __init__(self, path: str | Path) -> None:
        self.path = str(path)
        self._local = threading.local()

    def _connect(self) -> sqlite3.Connection:
        try:
            connection = sqlite3.connect(self.path, isolation_level=None, cached_statements=512)
            connection.execute("PRAGMA busy_timeout = 5000")
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            raise StoreUnavailable(f"{self.path}: {error}") from error
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA cache_size = -16000")
        connection.execute("PRAGMA journal_size_limit = 67108864")
        return connection

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        local = self._local
        if getattr(local, "pid", None) != os.getpid():
            _INHERITED.extend(getattr(local, "idle", ()))
            local.pid, local.idle = os.getpid(), []
        connection = local.idle.pop() if local.idle else self._connect()
        try:
            yield connection
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            local.idle.append(connection)
            raise
        if connection.in_transaction:
            connection.execute("COMMIT")
        local.idle.append(connection)

    @contextmanager
    def reading(self) -> Iterator[SqliteSession]:
        with self._connection() as connection:
            connection.execute("BEGIN")
            yield SqliteSession(connection)

    @contextmanager
    def writing(self, wait: float) -> Iterator[SqliteSession]:
        with self._connection() as connection:
            self._begin(connection, wait)
            yield SqliteSession(connection)

    @staticmethod
    def _begin(connection: sqlite3.Connection, wait: float) -> None:
        connection.execute(f"PRAGMA busy_timeout = {int(wait * 1000)}")
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY:
                raise Busy from None
            raise
        finally:
            connection.execute("PRAGMA busy_timeout = 5000")

    @contextmanager
    def receive(self, path: str, wait: float) -> Iterator[SqliteReceiver]:
        connection = self._connect()
        try:
            connection.execute("ATTACH DATABASE ? AS side", (path,))
            self._begin(connection, wait)
            try:
                yield SqliteReceiver(SqliteSession(connection))
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")
        finally:
            connection.close()

    def spool(self) -> str:
        return self.path

    def prepare(self) -> None:
        Path(self.path).parent.mkdir(parents=True, exist_ok=True)

    def close(self) -> None:
        if getattr(self._local, "pid", None) == os.getpid():
            for connection in self._local.idle:
                connection.close()
            self._local.idle = []

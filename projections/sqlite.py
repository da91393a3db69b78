"""Views in a SQLite file of their own."""

import fcntl
import json
import os
import sqlite3
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import date
from pathlib import Path
from typing import Any

from projections.processes import Pace
from projections.store import Busy, Dialect, RebuildRunning, StoreUnavailable, Tables, translate

SQLITE = Dialect(
    name="sqlite",
    mark="?",
    text="TEXT",
    integer="INTEGER",
    clustered=" WITHOUT ROWID",
    prefix="",
    keys="IN (SELECT value FROM json_each(?))",
    since_indexed=True,
)
PATIENCE = 60.0  # seconds that whoever fills tables waits for those who fold
LOOK_AGAIN = 0.001  # seconds
_REBUILT_HERE: set[str] = set()  # a lock of a process does not keep the process itself out
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

    def load(self, table: str, columns: str, rows: Sequence[Sequence[Any]], pace: Pace | None = None) -> None:
        marks = ", ".join("?" * len(rows[0]))
        self.connection.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})", rows)

    def together(self) -> AbstractContextManager[None]:
        return nullcontext()


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
            if connection.in_transaction:
                connection.execute("COMMIT")
        except sqlite3.OperationalError as error:  # such as a full disk
            raise StoreUnavailable(f"{self.path}: {error}") from error
        finally:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
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
        # The library would look again after 1, 2, 5 ... 100 ms: next to a rebuild the gaps are shorter than that.
        connection.execute("PRAGMA busy_timeout = 0")
        give_up = time.monotonic() + wait
        try:
            while True:
                try:
                    connection.execute("BEGIN IMMEDIATE")
                except sqlite3.OperationalError as error:
                    if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                        raise
                    if time.monotonic() >= give_up:
                        raise Busy from None
                    time.sleep(LOOK_AGAIN)
                else:
                    return
        finally:
            connection.execute("PRAGMA busy_timeout = 5000")

    def loading(self) -> AbstractContextManager[SqliteSession]:
        return self.writing(PATIENCE)

    def index(self, tables: Tables) -> None:
        for sql in tables.index():
            with self.writing(PATIENCE) as session:  # one at a time: others fold in between
                session.run(sql)

    @contextmanager
    def alone(self) -> Iterator[None]:
        path = f"{self.path}.rebuild.lock"
        if path in _REBUILT_HERE:
            raise RebuildRunning("another rebuild of these views is running")
        with Path(path).open("w") as lock:
            try:  # not flock(): a process forked for the rebuild would hold it when this one is gone
                fcntl.lockf(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise RebuildRunning("another rebuild of these views is running") from None
            _REBUILT_HERE.add(path)
            try:
                yield
            finally:
                _REBUILT_HERE.discard(path)

    def spool(self) -> str:
        return self.path

    def prepare(self) -> None:
        Path(self.path).parent.mkdir(parents=True, exist_ok=True)

    def close(self) -> None:
        if getattr(self._local, "pid", None) == os.getpid():
            for connection in self._local.idle:
                connection.close()
            self._local.idle = []

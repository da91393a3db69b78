"""Views in a PostgreSQL schema of their own. Needs the extra ``postgres``."""

import hashlib
import itertools
import os
import tempfile
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import psycopg
from psycopg.adapt import Buffer, Dumper
from psycopg.copy import LibpqWriter
from psycopg.errors import DeadlockDetected, LockNotAvailable

from projections.pool import UNAVAILABLE, Pool
from projections.processes import AT_A_GO, Pace
from projections.store import Busy, Dialect, RebuildRunning, Session, StoreUnavailable, Tables, translate

TEXT, INTEGER = 'TEXT COLLATE "C"', "BIGINT"
POOL_SECONDS = 5.0
SETTLING = 2000  # milliseconds
_INHERITED: list[Pool[Any]] = []  # opened before a fork: closing them here would end the parent's sessions
_CURSORS = itertools.count(1)


class _DayDumper(Dumper):
    """A day is stored as ISO text, as on SQLite; the statement says the type."""

    def dump(self, obj: Any) -> Buffer | None:
        return str(obj.isoformat()).encode()


class _YesNoDumper(Dumper):
    """Yes and no are stored as 1 and 0, as on SQLite; the statement says the type."""

    def dump(self, obj: Any) -> Buffer | None:
        return b"1" if obj else b"0"


class _Paced(LibpqWriter):
    """Sends what is copied in small pieces, with the pauses of ``pace``: the server's process cannot be put behind those
    that serve people."""

    def __init__(self, cursor: psycopg.Cursor[Any], pace: Pace) -> None:
        super().__init__(cursor)
        self._pace = pace

    def write(self, data: Buffer) -> None:
        for start in range(0, len(data), AT_A_GO):
            super().write(data[start : start + AT_A_GO])
            self._pace.pause()


class PostgresSession:
    """One transaction on a connection."""

    def __init__(self, connection: psycopg.Connection[Any], dialect: Dialect) -> None:
        self.connection, self.dialect = connection, dialect

    def run(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        cursor = self.connection.execute(sql.encode(), parameters or None)
        return cursor.fetchall() if cursor.description else []

    def many(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        with self.connection.cursor() as cursor:
            if len(rows) == 1:
                cursor.execute(sql.encode(), rows[0])
            else:
                cursor.executemany(sql.encode(), rows)

    def ask(self, sql: str, parameters: dict[str, Any]) -> list[dict[str, Any]]:
        text, values = translate(sql, parameters, percent=True)
        cursor = self.connection.execute(text.encode(), values)
        names = [column.name for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor]

    def fetch(self, tables: Tables, keys: Iterable[str]) -> list[tuple[Any, ...]]:
        return self.connection.execute(tables.fetch.encode(), (list(keys),)).fetchall()

    def stream(self, sql: str, parameters: Sequence[Any] = ()) -> Iterator[tuple[Any, ...]]:
        with self.connection.cursor(name=f"wahana_{next(_CURSORS)}") as cursor:
            cursor.itersize = 2000
            cursor.execute(sql.encode(), parameters or None)
            yield from cursor

    def load(self, table: str, columns: str, rows: Sequence[Sequence[Any]], pace: Pace | None = None) -> None:
        into = f"COPY {table} ({columns}) FROM STDIN".encode()
        with (
            self.connection.cursor() as cursor,
            cursor.copy(into, writer=_Paced(cursor, pace) if pace and pace.giving_way else None) as copy,
        ):
            write = copy.write_row
            for row in rows:
                write(row)

    @contextmanager
    def together(self) -> Iterator[None]:
        with self.connection.pipeline():
            yield


def _number(name: str) -> str:
    """The number under which a lock of this name is known to the server."""
    return str(int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], signed=True))


def _lock(connection: psycopg.Connection[Any], number: str, wait: float) -> None:
    try:
        connection.execute(f"SET LOCAL lock_timeout = {max(1, int(wait * 1000)):d}".encode())
        connection.execute(f"SELECT pg_advisory_xact_lock({number})".encode())
        connection.execute(b"SET LOCAL lock_timeout = 60000")
    except (LockNotAvailable, DeadlockDetected) as error:
        raise Busy from error


class PostgresStore:
    """The schema ``schema`` of the database at ``url``, with at most ``size`` connections a process.

    Rebuilding and verifying fold in a local file whose path begins with ``spool``.
    """

    def __init__(self, url: str, schema: str = "wahana_views", size: int = 8, spool: str | None = None) -> None:
        if not schema.isidentifier() or schema != schema.lower():
            raise ValueError(f"{schema!r} is no plain name for a schema")
        self.url, self.schema, self.size = url, schema, size
        self.dialect = Dialect(
            name="postgresql",
            mark="%s",
            text=TEXT,
            integer=INTEGER,
            clustered="",
            prefix=f"{schema}.",
            keys="= ANY(%s)",
            since_indexed=False,  # an update that changes no index costs a third there
        )
        self._lock = _number(f"wahana views {schema}")
        self._rebuild_lock = _number(f"wahana rebuild {schema}")
        place = hashlib.sha256(f"{url} {schema}".encode()).hexdigest()[:12]
        self._spool = spool or str(Path(tempfile.gettempdir()) / f"wahana-views-{os.getuid()}-{place}" / "views")
        self._pool: Pool[psycopg.Connection[Any]] | None = None
        self._process, self._opening = 0, threading.Lock()

    def _opened(self) -> "Pool[psycopg.Connection[Any]]":
        if self._pool is None or self._process != os.getpid():
            with self._opening:
                if self._pool is not None and self._process != os.getpid():
                    _INHERITED.append(self._pool)
                    self._pool = None
                if self._pool is None:
                    self._pool = Pool(
                        self.url,
                        min_size=1,
                        max_size=self.size,
                        open=True,
                        timeout=POOL_SECONDS,
                        kwargs={"autocommit": True, "connect_timeout": 5, "application_name": "wahana views"},
                        configure=_configure,
                    )
                    self._process = os.getpid()
        return self._pool

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[PostgresSession]:
        try:
            with self._session(begin) as session:
                yield session
        except UNAVAILABLE as error:  # also that of the pool when nobody answers in time
            raise StoreUnavailable(str(error).strip()) from error

    @contextmanager
    def _session(self, begin: str) -> Iterator[PostgresSession]:
        pool = self._opened()
        connection = pool.getconn()
        try:
            try:
                connection.execute(begin.encode())
            except psycopg.OperationalError:  # cut while it was idle; nothing has happened in it
                pool.putconn(connection)
                pool.check()
                connection = pool.getconn()
                connection.execute(begin.encode())
            yield PostgresSession(connection, self.dialect)
            connection.commit()
        except BaseException:
            if not connection.closed:
                connection.rollback()
            raise
        finally:
            pool.putconn(connection)

    def reading(self) -> AbstractContextManager[Session]:
        return self._transaction("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")

    @contextmanager
    def writing(self, wait: float) -> Iterator[Session]:
        with self._transaction("BEGIN ISOLATION LEVEL READ COMMITTED") as session:
            _lock(session.connection, self._lock, wait)
            yield session

    def loading(self) -> AbstractContextManager[Session]:
        return self._transaction("BEGIN ISOLATION LEVEL READ COMMITTED")

    def index(self, tables: Tables) -> None:
        keyed = "SELECT 1 FROM pg_constraint WHERE conrelid = %s::regclass AND contype = 'p'"
        with self.loading() as session:
            # The server may still be at it for a process that was killed.
            session.run(f"LOCK TABLE {tables.current}, {tables.past} IN SHARE ROW EXCLUSIVE MODE")
            if not session.run(keyed, (tables.current,)):
                session.run(f"ALTER TABLE {tables.current} ADD PRIMARY KEY (key)")
            for sql in (*tables.index(), f"ANALYZE {tables.current}", f"ANALYZE {tables.past}"):
                session.run(sql)

    @contextmanager
    def alone(self) -> Iterator[None]:
        try:
            held = psycopg.connect(self.url, autocommit=True, connect_timeout=5, application_name="wahana views")
        except psycopg.OperationalError as error:
            raise StoreUnavailable(str(error).strip()) from error
        with held:
            try:  # with a moment's patience: the server may not have noticed yet that a killed process is gone
                held.execute(f"SET lock_timeout = {SETTLING:d}".encode())
                held.execute(f"SELECT pg_advisory_lock({self._rebuild_lock})".encode())
            except LockNotAvailable:
                raise RebuildRunning("another rebuild of these views is running") from None
            yield

    def spool(self) -> str:
        return self._spool

    def prepare(self) -> None:
        Path(self._spool).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with self.writing(60) as session:
            # Asked first: the owner may have made it for a role that may not make schemas.
            if not session.run("SELECT 1 FROM pg_namespace WHERE nspname = %s", (self.schema,)):
                session.run(f"CREATE SCHEMA {self.schema}")

    def close(self) -> None:
        if self._pool is not None and self._process == os.getpid():
            self._pool.close()
        self._pool = None


def _configure(connection: psycopg.Connection[Any]) -> None:
    connection.adapters.register_dumper(date, _DayDumper)
    connection.adapters.register_dumper(bool, _YesNoDumper)
    connection.execute(b"SET synchronous_commit = off")
    # Indexes are made by one process of the server and not by several: people need the others.
    connection.execute(b"SET max_parallel_maintenance_workers = 0")
    connection.execute(b"SET client_min_messages = warning")

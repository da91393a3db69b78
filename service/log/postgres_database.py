"""Connections to one PostgreSQL database."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from itertools import count
from os import getpid
from threading import Lock
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict

from projections.pool import UNAVAILABLE, Pool
from service.log.entries import LogUnavailable
from service.log.postgres_statement import NAMED, Connection, Value, named

_Run = Callable[[str, dict[str, Any]], list[tuple[Any, ...]]]

POOL_SECONDS = 5.0
LOCK_MILLISECONDS = 5000


def _configure(connection: Connection) -> None:
    # Whoever holds a lock too long makes the log unavailable; a request does not wait for ever.
    connection.execute(f"SET lock_timeout = {LOCK_MILLISECONDS}")


def role_of(url: str) -> str:
    """The role that a PostgreSQL URL works as: that of its ``options=-c role=…``, else its user."""
    parts = conninfo_to_dict(url)
    options = str(parts.get("options") or "")
    return options.partition("role=")[2].split()[0] if "role=" in options else str(parts.get("user") or "")


class _Lent:
    """A connection, given back at the end; it commits for itself. A class, as a generator takes longer than it does."""

    __slots__ = ("_connection", "_database", "_pool")

    def __init__(self, database: "PostgresDatabase") -> None:
        self._database = database
        self._pool: Pool[Connection] | None = None

    def __enter__(self) -> Connection:
        current = self._database.current()
        if current is not None:
            return current
        try:
            pool = self._database.pool()
            self._connection = pool.getconn()
        except psycopg.OperationalError as error:  # `PoolTimeout` is one
            raise LogUnavailable(str(error)) from error
        self._pool = pool
        return self._connection

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: object) -> None:
        if self._pool is None:
            return
        try:
            self._pool.putconn(self._connection)  # rolls back what was left open
        except psycopg.OperationalError as lost:
            error = error or lost
        if isinstance(error, UNAVAILABLE):
            raise LogUnavailable(str(error)) from error


class PostgresDatabase:
    """A pool of connections to one PostgreSQL database, opened after a fork; autocommit outside `transaction`."""

    engine = "postgresql"

    def __init__(self, url: str, *, size: int = 8, owner: bool = False) -> None:
        self.url = url
        self._size = size
        self._owner = owner
        self._opening = Lock()
        self._pool: Pool[Connection] | None = None
        self._pid = 0
        self._current: ContextVar[Connection | None] = ContextVar("connection", default=None)

    def pool(self) -> Pool[Connection]:
        """The pool of this process."""
        with self._opening:
            if self._pool is None or self._pid != getpid():
                self._pid = getpid()
                self._pool = Pool(
                    self.url,
                    connection_class=Connection,
                    min_size=1,
                    max_size=self._size,
                    timeout=POOL_SECONDS,
                    configure=_configure,
                    kwargs={
                        "autocommit": True,
                        # After a rollback the driver has the server forget all it was given, ours too, if any was its own.
                        "prepare_threshold": None,
                        "client_encoding": "utf8",
                        "application_name": "wahana",
                        "connect_timeout": 3,
                        "keepalives_idle": 30,
                        "tcp_user_timeout": 15000,
                    },
                    open=True,
                )
        return self._pool

    def connection(self) -> "_Lent":
        """A connection of the pool, or the one of the transaction under way, for a ``with``."""
        return _Lent(self)

    def current(self) -> Connection | None:
        """The connection of the transaction under way."""
        return self._current.get()

    def rows(self, sql: str, **values: Any) -> list[tuple[Any, ...]]:
        """Run one statement with ``:name`` parameters and return its rows.

        A pooled connection may have died since it was last used. A check before each use would cost a round trip, so
        a read that finds it dead has the whole pool checked and is asked once more.
        """
        return self._asked(self._rows, sql, values)

    def quick(self, sql: str, **values: Value) -> list[tuple[Any, ...]]:
        """The same as `rows`, with less ado, for what is asked often and answered at once. Values are texts, whole
        numbers, bytes or None."""
        return self._asked(self._quick, sql, values)

    def _asked(self, run: _Run, sql: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
        try:
            return run(sql, values)
        except LogUnavailable:
            if self._current.get() is not None or not sql.startswith("SELECT"):
                raise
            self.refresh()
            return run(sql, values)

    def _quick(self, sql: str, values: dict[str, Value]) -> list[tuple[Any, ...]]:
        statement, names = named(sql)
        with self.connection() as connection:
            return statement.run(connection, [values[name] for name in names])

    def refresh(self) -> None:
        """Put living connections in the place of dead ones."""
        self.pool().check()

    def _rows(self, sql: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
        with self.connection() as connection:
            cursor = connection.execute(NAMED.sub(r"%(\1)s", sql), values or None)
            return cursor.fetchall() if cursor.description else []

    @staticmethod
    def among(name: str) -> str:
        """SQL that is true when the value before it is in the list given as parameter ``name``."""
        return f"= ANY(:{name})"

    @contextmanager
    def transaction(self) -> Iterator["PostgresDatabase"]:
        """A transaction of this context; `rows` inside it runs in it."""
        with self.connection() as connection, connection.transaction():
            reset = self._current.set(connection)
            try:
                yield self
            finally:
                self._current.reset(reset)

    @contextmanager
    def snapshot(self) -> Iterator[Callable[[str], Iterator[tuple[Any, ...]]]]:
        """One state of the database for as many queries as are asked; `rows` inside it reads the same."""
        with self.transaction(), self.connection() as connection:
            connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            numbers = count()

            def stream(sql: str) -> Iterator[tuple[Any, ...]]:
                with connection.cursor(f"stream_{next(numbers)}") as cursor:
                    cursor.itersize = 2000
                    yield from cursor.execute(sql)

            yield stream

    def script(self, sql: str) -> None:
        """Run several statements (set-up only)."""
        with self.connection() as connection, connection.transaction():
            connection.execute(sql)

    def close(self) -> None:
        """Close the pool of this process."""
        with self._opening:
            if self._pool is not None and self._pid == getpid():
                self._pool.close()
            self._pool = None

"""Connections to PostgreSQL that the threads of a process share."""

import re
from contextlib import suppress
from typing import TypeVar

import psycopg
from psycopg.errors import ReadOnlySqlTransaction
from psycopg_pool import ConnectionPool, PoolTimeout

C = TypeVar("C", bound=psycopg.Connection)

#: What passes when the server is back: also a standby that has not been made the primary yet.
UNAVAILABLE = (psycopg.OperationalError, ReadOnlySqlTransaction)


class Pool(ConnectionPool[C]):
    """A pool that the garbage collector may also take away in one of the pool's own threads: the library's would then wait
    for that thread to end, in itself, after it has told all of them to. Whoever gets no connection is told why."""

    _failure = ""

    def _connect(self, timeout: float | None = None) -> C:
        try:
            connection = super()._connect(timeout)
        except psycopg.Error as error:
            # A password with signs that a URL gives a meaning is taken for something else, and quoted.
            self._failure = re.sub(r"""(["'])[^"']*[@%][^"']*\1""", "…", (str(error).splitlines() or [""])[0])
            raise
        self._failure = ""
        return connection

    def getconn(self, timeout: float | None = None) -> C:
        try:
            return super().getconn(timeout)
        except PoolTimeout as error:
            if not self._failure:
                raise
            raise PoolTimeout(f"{error}: {self._failure}") from error

    def __del__(self) -> None:
        with suppress(RuntimeError):
            super().__del__()

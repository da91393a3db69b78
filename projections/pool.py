"""Connections to PostgreSQL that the threads of a process share."""

from contextlib import suppress
from typing import TypeVar

import psycopg
from psycopg_pool import ConnectionPool

C = TypeVar("C", bound=psycopg.Connection)


class Pool(ConnectionPool[C]):
    """A pool that the garbage collector may also take away in one of the pool's own threads: the library's would then wait
    for that thread to end, in itself, after it has told all of them to."""

    def __del__(self) -> None:
        with suppress(RuntimeError):
            super().__del__()

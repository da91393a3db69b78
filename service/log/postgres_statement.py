"""Statements that are put to PostgreSQL again and again, sent by way of libpq itself.

What the driver does for each execution (look for a prepared form, convert each value by its type, wait in Python) takes
more of a processor than the server takes for the answer. These statements have values of three kinds only and are known
beforehand, so none of it is needed. Nobody can interrupt one while the server works: they are for what is answered at once.
The driver may prepare nothing of its own on such a connection (``prepare_threshold=None``): with its own it would have the
server forget these too.
"""

import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import lru_cache
from select import POLLIN, POLLOUT, poll
from typing import Any

import psycopg
from psycopg.adapt import Transformer
from psycopg.errors import error_from_result
from psycopg.pq import ConnStatus, DiagnosticField, ExecStatus
from psycopg.pq.abc import PGconn, PGresult

PREPARED_AFTER = 5  # executions on one connection, as many as the driver would wait for
NAMED = re.compile(r"(?<![:\w]):([a-z_][a-z_0-9]*)")
# What the driver finds out for each result anew: smallint, integer, bigint, text and varchar, by their numbers.
_READERS: dict[int, Callable[[bytes], Any]] = {21: int, 23: int, 20: int, 25: bytes.decode, 1043: bytes.decode}
_DONE = (ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK)

Value = str | int | bytes | None


class Connection(psycopg.Connection[Any]):
    """A connection that knows how often it has run each statement, and by which name it was prepared."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.runs: dict[bytes, int] = {}
        self.transformer = Transformer(self)


class Statement:
    """A statement with ``$1``, ``$2`` …; the ``label`` in its name tells in the server's views what it is for."""

    def __init__(self, sql: str, label: str = "ask") -> None:
        self.sql = sql.encode()
        self.name = f"wahana {label} {abs(hash(sql)):x}".encode()

    def prepared(self, connection: Connection) -> bool:
        """Whether it is to be run by its name; it is given one when it was run often enough."""
        runs = connection.runs.get(self.sql, 0)
        if runs == PREPARED_AFTER:
            _good(connection, connection.pgconn.prepare(self.name, self.sql))
        connection.runs[self.sql] = runs + 1  # after it, so that one that could not be prepared is tried again
        return runs >= PREPARED_AFTER

    def run(self, connection: Connection, values: Sequence[Value]) -> list[tuple[Any, ...]]:
        """Run it once and return its rows. Raises the driver's errors."""
        written, formats = sent(values)
        if self.prepared(connection):
            result = connection.pgconn.exec_prepared(self.name, written, formats)
        else:
            result = connection.pgconn.exec_params(self.sql, written, None, formats)
        return rows(connection, result)

    def run_together(self, connection: Connection, every: Sequence[Sequence[Value]]) -> list[list[tuple[Any, ...]]]:
        """Run it for each of these values in one transaction and one round trip; the rows of each. Raises the driver's
        error of the first that fails: then none of them has taken effect."""
        ready = [sent(values) for values in every]
        prepared = self.prepared(connection)
        pgconn, results = connection.pgconn, list[PGresult]()
        pgconn.enter_pipeline_mode()
        try:
            for written, formats in ready:
                if prepared:
                    pgconn.send_query_prepared(self.name, written, formats)
                else:
                    pgconn.send_query_params(self.sql, written, None, formats)
            pgconn.pipeline_sync()  # until here it is one transaction, without BEGIN and COMMIT
            wait = _waiting(pgconn)
            while (result := wait()) is None or result.status != ExecStatus.PIPELINE_SYNC:
                if result is not None:
                    results.append(result)
        finally:
            with suppress(psycopg.OperationalError):  # a lost connection is on its way up already
                pgconn.exit_pipeline_mode()
        return [rows(connection, result) for result in results]


def _waiting(pgconn: PGconn) -> Callable[[], PGresult | None]:
    """A function that waits for the next result of a pipeline, while other threads run. Raises ``OperationalError``."""
    flow = poll()

    def wait() -> PGresult | None:
        while pgconn.flush():
            flow.register(pgconn.socket, POLLIN | POLLOUT)
            flow.poll()
            pgconn.consume_input()
        while pgconn.is_busy():
            flow.register(pgconn.socket, POLLIN)
            flow.poll()
            pgconn.consume_input()
        return pgconn.get_result()

    return wait


def sent(values: Sequence[Value]) -> tuple[Any, list[int]]:
    """Values as libpq takes them, and for each whether it is text (0) or bytes as they are (1).

    Raises ``psycopg.DataError`` for a text with a NUL, which libpq would end there.
    """
    written: list[bytes | None] = []
    formats = [0] * len(values)
    for number, value in enumerate(values):
        if isinstance(value, str):
            text = value.encode()
            if b"\x00" in text:
                raise psycopg.DataError("PostgreSQL text fields cannot contain NUL (0x00) bytes")
            written.append(text)
        elif isinstance(value, bytes):
            formats[number] = 1
            written.append(value)
        else:
            written.append(None if value is None else b"%d" % value)
    return written, formats


def rows(connection: Connection, result: PGresult) -> list[tuple[Any, ...]]:
    """The rows of a result. Raises the driver's error for any other."""
    _good(connection, result)
    readers = [_READERS.get(result.ftype(column)) for column in range(result.nfields)]
    if None in readers:  # bytes, mostly
        found = connection.transformer
        found.set_pgresult(result)
        return found.load_rows(0, result.ntuples, tuple)
    value = result.get_value
    return [
        tuple(
            [
                None if (text := value(row, column)) is None else read(text)  # type: ignore[misc]  # none is missing
                for column, read in enumerate(readers)
            ]
        )
        for row in range(result.ntuples)
    ]


def _good(connection: Connection, result: PGresult) -> None:
    if result.status in _DONE:
        return
    # An error without a code is the library's: the connection is lost, even where its status does not say so yet.
    if connection.pgconn.status != ConnStatus.OK or result.error_field(DiagnosticField.SQLSTATE) is None:
        raise psycopg.OperationalError(result.error_message.decode(errors="replace").strip())
    raise error_from_result(result)


@lru_cache(maxsize=256)
def named(sql: str) -> tuple[Statement, tuple[str, ...]]:
    """A statement with ``:name`` parameters as PostgreSQL numbers them, and their names in that order."""
    names: list[str] = []

    def number(found: re.Match[str]) -> str:
        names.append(found[1])
        return f"${len(names)}"

    return Statement(NAMED.sub(number, sql)), tuple(names)

"""The SQLite file of an office that moves to PostgreSQL: held alone and read as one state."""

import sqlite3
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec

from service.log.codec import leaf_hash
from service.log.kept import InUse
from service.log.reconciliation import Growing
from service.log.sqlite_database import BUSY_MILLISECONDS

Row = tuple[Any, ...]
Columns = dict[str, str]  # the type of each, as PostgreSQL calls it
#: What SQLite keeps in a column that is of this type on PostgreSQL.
KINDS = {"text": "text", "integer": "integer", "bigint": "integer", "bytea": "blob"}


class MoveRefused(Exception):
    """Nothing was moved; the message says why, for the operator."""


class MoveDiffers(MoveRefused):
    """Nothing was moved: the log is damaged, or what was written is not what was read."""


class Table(msgspec.Struct, frozen=True):
    """A table of the file: its columns, and those that its rows are told apart by."""

    name: str
    columns: tuple[str, ...]
    key: tuple[str, ...]


class Source:
    """What is in the file, for as long as nobody else has it."""

    def __init__(self, path: str, connection: sqlite3.Connection) -> None:
        self.path, self._connection = path, connection
        self._cursors: list[sqlite3.Cursor] = []

    def close(self) -> None:
        """Let go of the file, also where somebody has not read to the end: a cursor that is open would keep it."""
        for cursor in self._cursors:
            cursor.close()
        self._connection.close()

    def tables(self, without: Collection[str]) -> dict[str, Table]:
        """Every table but those that are left out. Raises `MoveRefused` where there is no log."""
        sql = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name"
        found = {}
        for (name,) in self._read(sql):
            if name not in without:
                columns = list(self._read(f"SELECT name, pk FROM pragma_table_info('{name}')"))
                key = tuple(one for one, number in sorted(columns, key=lambda column: column[1]) if number)
                found[name] = Table(name, tuple(one for one, _ in columns), key)
        if "events" not in found:
            raise MoveRefused(f"{self.path} holds no log")
        return found

    def count(self, table: Table, columns: Columns) -> int:
        """How many rows a table has. Raises `MoveRefused` for a value that its column on PostgreSQL cannot have: tables of
        SQLite that are not STRICT take any."""
        strange = (
            f"coalesce(sum(typeof({name}) NOT IN ('{KINDS[kind]}', 'null')), 0)" for name, kind in columns.items()
        )
        count, *wrong = next(self._read(f"SELECT count(*), {', '.join(strange)} FROM {table.name}"))
        for name, rows in zip(columns, wrong, strict=True):
            if rows:
                raise MoveRefused(f"{table.name}.{name}: {rows} values are not of the type {columns[name]}")
        return int(count)

    def rows(self, table: Table, columns: Iterable[str]) -> Iterator[Row]:
        """The rows of a table in the order of their key."""
        return self._read(f"SELECT {', '.join(columns)} FROM {table.name} ORDER BY {', '.join(table.key)}")

    def end(self) -> tuple[int, bytes]:
        """The last position and its leaf; 0 of an empty log."""
        return next(self._read("SELECT position, leaf FROM events ORDER BY position DESC LIMIT 1"), (0, b""))

    def _read(self, sql: str) -> Iterator[Row]:
        try:
            self._cursors.append(cursor := self._connection.execute(sql))
            for row in cursor:  # noqa: UP028 - "yield from" would close the cursor again, in whatever thread tidies up
                yield row
        except sqlite3.DatabaseError as error:  # also bytes that are no text
            raise MoveDiffers(f"{self.path}: {error}") from error


@contextmanager
def alone(path: str) -> Iterator[Source]:
    """The file, which nobody else has open then, and which nobody can open meanwhile: what somebody recorded in it
    afterwards would be lost. Nothing is written into it. Raises `MoveRefused`, `InUse`."""
    if not Path(path).is_file():  # opening would make it
        raise MoveRefused(f"{path}: no such file")
    uri = f"file:{quote(path)}?mode=rw"
    connection = sqlite3.connect(uri, uri=True, isolation_level=None, timeout=BUSY_MILLISECONDS / 1000)
    source = Source(path, connection)
    try:
        try:
            # Set before the file is first read: then its write-ahead log has no index in shared memory, which takes that
            # no other process has the file open, also one that does nothing just now.
            connection.execute("PRAGMA locking_mode=EXCLUSIVE")
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("PRAGMA query_only=ON")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error):
                raise
            raise InUse(
                f"{path} is in use: stop the service, the follower, the sealer and whatever else works with it"
            ) from error
        except sqlite3.DatabaseError as error:
            raise MoveRefused(f"{path}: {error}") from error
        yield source
    finally:
        source.close()


def chained(rows: Iterable[Row], columns: Sequence[str], tree: Growing) -> Iterator[Row]:
    """The same rows of events, each of which is the one after that before it and has the leaf of its text; they grow the
    tree. Raises `MoveDiffers`."""
    position, text, leaf = (columns.index(name) for name in ("position", "text", "leaf"))
    for row in rows:
        if row[position] != tree.size + 1:
            raise MoveDiffers(f"events: position {tree.size + 1} is missing")
        if leaf_hash(row[text]) != row[leaf]:
            raise MoveDiffers(f"events: the text at position {row[position]} does not match its leaf hash")
        tree.add(row[leaf])
        yield row


def counted(rows: Iterable[Row], one_more: Callable[[], None]) -> Iterator[Row]:
    """The same rows; each is told."""
    for row in rows:
        yield row
        one_more()

"""Moves the log of an office from its SQLite file into an empty PostgreSQL database: every table, in one transaction, and
compared row by row before it is committed.

The tables are those that are there on both sides; no list of them is kept here. Triggers and references stay in force: a
log that breaks the rules of the database is not moved.
"""

from collections.abc import Callable, Collection, Sequence
from itertools import zip_longest
from typing import Any

import msgspec
import psycopg
from psycopg.sql import SQL, Composed, Identifier

from service.log.move_source import KINDS, Columns, MoveDiffers, MoveRefused, Row, Source, Table, chained, counted
from service.log.postgres_database import PostgresDatabase
from service.log.reconciliation import Growing

#: In this order after all others: a claim refers to its file; under a destroyed key no part can be written, and while a
#: destruction has not ended some are there; and the event of a destruction notes its keys where they are not noted yet.
LAST = ("file_claims", "destroyed_keys", "events")
_AT_ONCE = 100  # rows that are fetched together: pieces of files have a quarter of a megabyte
_TOLD = 500  # rows between two words of progress

#: Hears how far it is: rows that are done, of how many, and what is being done.
Progress = Callable[[int, int, str], None]


class Moved(msgspec.Struct, frozen=True):
    """What was moved: the rows of each table, the log's last position, and the root over its leaves."""

    rows: dict[str, int]
    position: int
    root: bytes


class _Told:
    """Counts rows for whoever watches."""

    def __init__(self, progress: Progress, total: int, step: str) -> None:
        self._progress, self._total, self._step, self._done = progress, total, step, 0

    def __call__(self) -> None:
        self._done += 1
        if self._done % _TOLD == 0 or self._done == self._total:
            self._progress(self._done, self._total, self._step)


class _Target:
    """The empty database, in one transaction of its owner."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection

    def tables(self, without: Collection[str]) -> dict[str, Columns]:
        """Every table with its columns and their types."""
        found: dict[str, Columns] = {}
        for table, column, kind in self._connection.execute(
            "SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod) FROM pg_class c"
            " JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped"
            " WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace ORDER BY c.relname, a.attnum"
        ):
            if table not in without:
                found.setdefault(table, {})[column] = kind
        return found

    def must_be_empty(self, tables: Sequence[str], source: Source) -> None:
        """Nobody writes into these tables from here on, and none of them has a row. Raises `MoveRefused`."""
        named = SQL(", ").join(map(Identifier, tables))
        self._connection.execute(SQL("LOCK TABLE {} IN SHARE ROW EXCLUSIVE MODE").format(named))
        filled = [
            table
            for table in tables
            if self._connection.execute(SQL("SELECT 1 FROM {} LIMIT 1").format(Identifier(table))).fetchone()
        ]
        if not filled:
            return
        position, leaf = source.end()
        there = self._connection.execute("SELECT leaf FROM events WHERE position = %s", (position,)).fetchone()
        if there and there[0] == leaf:
            raise MoveRefused(f"the database holds this log already, up to position {position} at least: it was moved")
        raise MoveRefused(
            f"the database is not empty: {', '.join(filled)}; move into a new one, in which nothing but the move has run"
        )

    def copy(self, table: Table, columns: Columns, rows: Any) -> None:
        """Write the rows. Raises `MoveRefused`."""
        sql = self._named("COPY {table} ({columns}) FROM STDIN (FORMAT BINARY)", table, columns)
        try:
            with self._connection.cursor() as cursor, cursor.copy(sql) as copied:
                copied.set_types(list(columns.values()))
                for row in rows:
                    copied.write_row(row)
        except (psycopg.DataError, psycopg.IntegrityError) as error:  # its first line alone: the others quote the row
            first = (str(error).splitlines() or [""])[0]
            raise MoveRefused(f"{table.name}: PostgreSQL refuses a row: {first}") from None

    def rows(self, table: Table, columns: Columns) -> Any:
        """The rows in the order of their key, as SQLite has it: texts by their bytes."""
        by = SQL(", ").join(
            SQL('{} COLLATE "C"' if columns[name] == "text" else "{}").format(Identifier(name)) for name in table.key
        )
        sql = self._named("SELECT {columns} FROM {table} ORDER BY {by}", table, columns, by=by)
        with self._connection.cursor("moved") as cursor:
            cursor.itersize = _AT_ONCE
            cursor.execute(sql, binary=True)
            yield from cursor

    def analyze(self, tables: Sequence[str]) -> None:
        """Let the planner know how much there is now."""
        self._connection.execute(SQL("ANALYZE {}").format(SQL(", ").join(map(Identifier, tables))))

    @staticmethod
    def _named(text: str, table: Table, columns: Columns, **more: Composed) -> Composed:
        of = SQL(", ").join(map(Identifier, columns))
        return SQL(text).format(table=Identifier(table.name), columns=of, **more)


def move(source: Source, owner: PostgresDatabase, progress: Progress, *, without: Collection[str] = ()) -> Moved:
    """Copy every table of the file but those ``without``, compare, and commit. The tables are there already, and empty.

    Raises `MoveRefused` and `LogUnavailable`; nothing is there then. When the connection is lost while it commits, it may
    have been moved all the same: `MoveRefused` says so the next time.
    """
    with owner.transaction(), owner.connection() as connection:
        target = _Target(connection)
        tables = source.tables(without)
        columns = target.tables(without)
        _must_agree(tables, columns)
        target.must_be_empty(sorted(columns), source)
        order = [*(name for name in tables if name not in LAST), *LAST]
        counts = {name: source.count(tables[name], columns[name]) for name in order}
        total, tree = sum(counts.values()), Growing()
        told = _Told(progress, total, "move")
        for name in order:
            rows = counted(source.rows(tables[name], columns[name]), told)
            if name == "events":
                rows = chained(rows, list(columns[name]), tree)
            target.copy(tables[name], columns[name], rows)
        target.analyze(order)
        told, moved = _Told(progress, total, "prove"), Growing()
        for name in order:
            rows = target.rows(tables[name], columns[name])
            if name == "events":
                rows = chained(rows, list(columns[name]), moved)
            if (held := _same(name, source.rows(tables[name], columns[name]), counted(rows, told))) != counts[name]:
                raise MoveDiffers(f"{name}: {held} rows were moved, and there are {counts[name]}")
        if (moved.size, moved.root()) != (tree.size, tree.root()):
            raise MoveDiffers("events: the log that was written has another root")
    return Moved(counts, moved.size, moved.root())


def _must_agree(tables: dict[str, Table], columns: dict[str, Columns]) -> None:
    """Raises `MoveRefused` when the two have not the same tables with the same columns."""
    for one, other, where in ((tables, columns, "the file"), (columns, tables, "the database")):
        if strange := sorted(set(one) - set(other)):
            raise MoveRefused(f"only {where} has: {', '.join(strange)}; {_VERSIONS}")
    for name, table in tables.items():
        if set(table.columns) != set(columns[name]):
            raise MoveRefused(f"{name} has other columns in the file than in the database; {_VERSIONS}")
        for column, kind in columns[name].items():
            if kind not in KINDS:
                raise MoveRefused(f"{name}.{column}: the type {kind} cannot be moved")


_VERSIONS = "run `wahana init` of this version over the file first, and move into a database that holds nothing else"


def _same(table: str, rows: Any, moved: Any) -> int:
    """How many rows there are, each the same as the one it was made of. Raises `MoveDiffers`."""
    number = 0
    one: Row | None
    other: Row | None
    for number, (one, other) in enumerate(zip_longest(rows, moved), 1):
        if one != other:
            raise MoveDiffers(f"{table}: row {number} is not what was read")
    return number

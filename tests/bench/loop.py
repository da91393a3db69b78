"""The hand-written loops that rebuilds are measured against, on either engine."""

import gc
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from typing import Any

import psycopg

from domain.aggregate import Event
from projections import ALL
from projections.postgres import PostgresStore
from projections.sqlite import SQLITE
from projections.store import Tables
from service.log.codec import decode
from service.log.database import sqlite_path

KINDS = {str: 'text COLLATE "C"', int: "bigint", bool: "boolean", date: "date"}
KEPT = 10_000  # finished rows of one table in memory

Row = tuple[Any, ...]


def events(url: str) -> Iterator[Event]:
    """The events of a log, decoded, in their order."""
    sql = "SELECT topic, text FROM events ORDER BY position"
    if url.startswith("sqlite"):
        cursor: Any = sqlite3.connect(sqlite_path(url)).execute(sql)
    else:
        cursor = psycopg.connect(url).cursor(name="events")
        cursor.execute(sql)
    while found := cursor.fetchmany(5000):
        for topic, text in found:
            yield decode(topic, text)


class SqliteTables:
    """One transaction, no journal, nothing waited for."""

    dialect = SQLITE

    def __init__(self, url: str) -> None:
        self.connection = sqlite3.connect(sqlite_path(url), isolation_level=None)
        for sql in ("PRAGMA journal_mode=OFF", "PRAGMA synchronous=OFF", "BEGIN"):
            self.connection.execute(sql)
        self.run: Callable[[str], Any] = self.connection.execute

    def columns(self, one: Any) -> str:
        return ", ".join(f'"{name}"' for name in one.names)

    def add(self, table: str, rows: Sequence[Row]) -> None:
        if rows:
            marks = ", ".join("?" * len(rows[0]))
            self.connection.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)

    def commit(self) -> None:
        self.connection.execute("COMMIT")
        self.connection.close()


class PostgresTables:
    """One transaction, COPY, nothing waited for."""

    def __init__(self, url: str) -> None:
        self.dialect = PostgresStore(url).dialect._replace(prefix="loop.")
        self.connection = psycopg.connect(url)
        self.run("SET synchronous_commit = off")
        self.run("CREATE SCHEMA loop")

    def run(self, sql: str) -> None:
        self.connection.execute(sql.encode())

    def columns(self, one: Any) -> str:
        return ", ".join(f'"{column.name}" {KINDS[column.kind]}' for column in one.columns)

    def add(self, table: str, rows: Sequence[Row]) -> None:
        with self.connection.cursor() as cursor, cursor.copy(f"COPY {table} FROM STDIN".encode()) as copy:
            for row in rows:
                copy.write_row(row)

    def commit(self) -> None:
        self.connection.commit()
        self.connection.close()


def tables_at(to: str) -> Any:
    """Tables to be filled at a URL."""
    return SqliteTables(to) if to.startswith("sqlite") else PostgresTables(to)


def loop(log: Iterable[Event], out: Any) -> int:
    """The reference: the same tables, row versions and indexes, rows in memory until the end (those that never change
    again are written on the way), nothing checked, not resumable, no leaf hash, no switch."""
    gc.disable()
    known: dict[str, dict[str, list[Any]]] = {one.name: {} for one in ALL}
    done: dict[str, list[Row]] = {one.name: [] for one in ALL}
    handlers: dict[type, list[Any]] = {}
    tables = {one.name: Tables(one, 0, out.dialect) for one in ALL}
    for one in ALL:
        out.run(f"CREATE TABLE {tables[one.name].current} ({out.columns(one)}, since bigint)")
        out.run(f"CREATE TABLE {tables[one.name].past} ({out.columns(one)}, since bigint, until bigint)")
    count = 0

    def finished(one: Any, row: Row) -> None:
        rows = done[one.name]
        rows.append(row)
        if len(rows) >= KEPT:
            flush(one)

    def flush(one: Any) -> None:
        out.add(tables[one.name].current if one.once else tables[one.name].past, done[one.name])
        done[one.name].clear()

    for event in log:
        count += 1
        kind = type(event)
        plan = handlers.get(kind)
        if plan is None:
            plan = handlers[kind] = [(one, one.handler(kind), known[one.name]) for one in ALL if one.handler(kind)]
        for one, handler, table in plan:
            for key in one.keys(event):
                held = None if one.once else table.get(key)
                if held is None:
                    row = one.row(key)
                    handler(row, event)
                    if one.once:
                        finished(one, (*one.values(row), event.position))
                    else:
                        table[key] = [row, one.values(row), event.position]
                    continue
                row, before, since = held
                handler(row, event)
                after = one.values(row)
                if after != before:
                    finished(one, (*before, since, event.position))
                    held[1], held[2] = after, event.position
    for one in ALL:
        flush(one)
        if not one.once:
            out.add(tables[one.name].current, [(*held[1], held[2]) for _, held in sorted(known[one.name].items())])
        out.run(f"CREATE UNIQUE INDEX {one.name}_key ON {tables[one.name].current} (key)")
        for sql in tables[one.name].index():
            out.run(sql)
    out.commit()
    return count


def two_tables(log: str, to: str) -> int:
    """For orientation: a loop that keeps two small tables and no history (SQLite)."""
    out = SqliteTables(to)
    out.run("CREATE TABLE streams (key PRIMARY KEY, village, version, topic)")
    out.run("CREATE TABLE villages (key PRIMARY KEY, events)")
    streams: dict[str, Row] = {}
    villages: dict[str, int] = {}
    count = 0
    for event in events(log):
        count += 1
        streams[event.stream] = (event.stream, event.village, event.version, event.topic)
        villages[event.village or ""] = villages.get(event.village or "", 0) + 1
    out.add("streams", list(streams.values()))
    out.add("villages", list(villages.items()))
    out.commit()
    return count


def library(log: str, to: str) -> int:
    """For orientation: the library's own way, one event and one tracking record per transaction, over 20,000 events
    (SQLite)."""
    from eventsourcing.persistence import Tracking
    from eventsourcing.sqlite import SQLiteDatastore, SQLiteTrackingRecorder

    class Counts(SQLiteTrackingRecorder):
        def note(self, event: Event, position: int) -> None:
            with self.datastore.transaction(commit=True) as cursor:
                self._insert_tracking(cursor, Tracking("wahana", position))
                cursor.execute(
                    "INSERT INTO counted VALUES (?, 1) ON CONFLICT (key) DO UPDATE SET events = events + 1",
                    (event.stream,),
                )

    recorder = Counts(SQLiteDatastore(sqlite_path(to)))
    recorder.create_table()
    with recorder.datastore.transaction(commit=True) as cursor:
        cursor.execute("CREATE TABLE counted (key PRIMARY KEY, events)")
    count = 0
    for event in events(log):
        count += 1
        recorder.note(event, count)
        if count == 20_000:
            break
    return count

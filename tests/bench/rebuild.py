"""One rebuild, or one reference loop, over a prepared log, in a process of its own; prints seconds and memory.

python -m tests.bench.rebuild fill LOG.db EVENTS
python -m tests.bench.rebuild engine|loop|two-tables|library LOG.db [FOLDER]

What is written goes into FOLDER, or into one that is removed at the end.
"""

import gc
import json
import os
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterator
from typing import Any

import domain  # noqa: F401 - registers every event
from domain.aggregate import Event
from projections import ALL
from projections.engine import Views
from projections.rebuild import rebuild
from projections.sqlite import SqliteStore
from service.log.codec import decode
from service.log.database import connect
from service.log.reader import LogReader
from service.log.sqlite import SqliteDatabase, create_log
from tests.bench.history import rows
from tests.bench.measure import peak_megabytes

NOW = "2026-07-01T00:00:00.000000Z"


def fill(path: str, total: int) -> None:
    """Write a log of ``total`` generated events."""
    owner = connect(f"sqlite:///{path}", owner=True)
    assert isinstance(owner, SqliteDatabase)
    create_log(owner)
    connection = owner.connection()
    connection.execute("PRAGMA synchronous=OFF")
    connection.execute("BEGIN")
    connection.executemany("INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", rows(total))
    connection.execute("COMMIT")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    owner.close()


def engine(path: str, directory: str) -> int:
    """The engine's rebuild of every projection."""
    views = Views(
        SqliteStore(os.path.join(directory, "views.db")), ALL, LogReader(connect(f"sqlite:///{path}")), lambda: NOW
    )
    views.prepare()
    return rebuild(views).events


def _events(path: str) -> Iterator[Event]:
    connection = sqlite3.connect(path)
    cursor = connection.execute("SELECT topic, text FROM events ORDER BY position")
    while found := cursor.fetchmany(5000):
        for topic, text in found:
            yield decode(topic, text)


def loop(path: str, directory: str) -> int:
    """The hand-written reference: the same tables and row versions, rows in memory until the end (those that never change
    again are written on the way), nothing checked, not resumable, no leaf hash, no switch."""
    gc.disable()
    out = sqlite3.connect(os.path.join(directory, "loop.db"), isolation_level=None)
    out.execute("PRAGMA journal_mode=OFF")
    out.execute("PRAGMA synchronous=OFF")
    out.execute("BEGIN")
    known: dict[str, dict[str, list[Any]]] = {one.name: {} for one in ALL}
    past: dict[str, list[tuple[Any, ...]]] = {one.name: [] for one in ALL}
    handlers: dict[type, list[Any]] = {}
    for one in ALL:
        columns = ", ".join(f'"{name}"' for name in one.names)
        out.execute(f"CREATE TABLE {one.name} ({columns}, since)")
        out.execute(f"CREATE TABLE {one.name}_past ({columns}, since, until)")
    count = 0

    def flush(one: Any) -> None:
        marks = ", ".join("?" * (len(one.names) + (1 if one.once else 2)))
        name = one.name if one.once else f"{one.name}_past"
        out.executemany(f"INSERT INTO {name} VALUES ({marks})", past[one.name])
        past[one.name].clear()

    for event in _events(path):
        count += 1
        kind = type(event)
        plan = handlers.get(kind)
        if plan is None:
            plan = handlers[kind] = [(one, one.handler(kind), known[one.name]) for one in ALL if one.handler(kind)]
        for one, handler, table in plan:
            for key in one.keys(event):
                if one.once:
                    row = one.row(key)
                    handler(row, event)
                    past[one.name].append((*one.values(row), event.position))
                    if len(past[one.name]) > 10_000:
                        flush(one)
                    continue
                held = table.get(key)
                if held is None:
                    row = one.row(key)
                    handler(row, event)
                    table[key] = [row, one.values(row), event.position]
                    continue
                row, before, since = held
                handler(row, event)
                after = one.values(row)
                if after != before:
                    past[one.name].append((*before, since, event.position))
                    held[1], held[2] = after, event.position
                    if len(past[one.name]) > 10_000:
                        flush(one)
    for one in ALL:
        flush(one)
        marks = ", ".join("?" * (len(one.names) + 1))
        out.executemany(
            f"INSERT INTO {one.name} VALUES ({marks})",
            ((*held[1], held[2]) for _, held in sorted(known[one.name].items())),
        )
        out.execute(f"CREATE UNIQUE INDEX {one.name}_key ON {one.name} (key)")
        out.execute(f"CREATE INDEX {one.name}_past_key ON {one.name}_past (key, since)")
        for number, index in enumerate(one.indexes):
            listed = ", ".join(f'"{name}"' for name in index)
            out.execute(f"CREATE INDEX {one.name}_{number} ON {one.name} ({listed})")
            out.execute(f"CREATE INDEX {one.name}_past_{number} ON {one.name}_past ({listed})")
    out.execute("COMMIT")
    return count


def two_tables(path: str, directory: str) -> int:
    """For orientation: a loop that keeps two small tables and no history."""
    out = sqlite3.connect(os.path.join(directory, "two.db"), isolation_level=None)
    out.execute("PRAGMA synchronous=OFF")
    out.execute("BEGIN")
    out.execute("CREATE TABLE streams (key PRIMARY KEY, village, version, topic)")
    out.execute("CREATE TABLE villages (key PRIMARY KEY, events)")
    streams: dict[str, tuple[Any, ...]] = {}
    villages: dict[str, int] = {}
    count = 0
    for event in _events(path):
        count += 1
        streams[event.stream] = (event.stream, event.village, event.version, event.topic)
        villages[event.village or ""] = villages.get(event.village or "", 0) + 1
    out.executemany("INSERT INTO streams VALUES (?, ?, ?, ?)", streams.values())
    out.executemany("INSERT INTO villages VALUES (?, ?)", villages.items())
    out.execute("COMMIT")
    return count


def library(path: str, directory: str) -> int:
    """For orientation: the library's own way, one event and one tracking record per transaction, over 20,000 events."""
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

    recorder = Counts(SQLiteDatastore(os.path.join(directory, "library.db")))
    recorder.create_table()
    with recorder.datastore.transaction(commit=True) as cursor:
        cursor.execute("CREATE TABLE counted (key PRIMARY KEY, events)")
    count = 0
    for event in _events(path):
        count += 1
        recorder.note(event, count)
        if count == 20_000:
            break
    return count


WAYS = {"engine": engine, "loop": loop, "two-tables": two_tables, "library": library}

if __name__ == "__main__":
    way, log = sys.argv[1], sys.argv[2]
    if way == "fill":
        fill(log, int(sys.argv[3]))
        print("{}")
    else:
        with tempfile.TemporaryDirectory(prefix="wahana-bench-") as scratch:
            folder = sys.argv[3] if len(sys.argv) > 3 else scratch
            began = time.perf_counter()
            events = WAYS[way](log, folder)
            seconds = time.perf_counter() - began
        print(json.dumps({"events": events, "seconds": seconds, "megabytes": peak_megabytes()}))

"""(a) Appending: one prepared event of an existing subject, with part, leaf and command row, against a bare insert."""

import os
import sqlite3
import threading
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import msgspec

from domain.sealed import PartRef
from service.log.codec import prepare, template
from service.log.database import Database
from service.log.entries import CommandRow, Entries, Part
from service.log.eventlog import LogRecorder
from service.log.ids import new_id
from service.office import Office
from tests.bench.measure import Line, alternate, microseconds, timed
from tests.bench.offices import bench_office, registered_body

CALLS = 400
BOX = os.urandom(300)


def _prepared(here: Office) -> Callable[[], float]:
    """A function that saves the next event of one body: the recorder's work and nothing else."""
    stream = registered_body(here)
    event = here.log.history(stream)[0]
    versions = count(here.log.version(stream) + 1)
    database: Database = here.database
    recorder = LogRecorder(database)
    append = recorder._append
    ready: list[tuple[Any, Entries]] = []

    def more() -> None:
        for _ in range(CALLS):
            version, part = next(versions), new_id()
            reference = PartRef(part, new_id(), "c" * 64, "d" * 64)
            made = msgspec.structs.replace(event, version=version, id=new_id(), command=new_id(), parts=(reference,))
            row = CommandRow(
                made.command, "account", "kps.end", b"f" * 32, 201, f'[["{made.id}","{stream}",{version},"x"]]'
            )
            entries = Entries(here.now(), row, (Part(part, 0, stream, reference.key, BOX),))
            ready.append((prepare(stream, version, made.topic, template(made)), entries))

    def save() -> None:
        prepared, entries = ready.pop()
        append(database, [prepared], entries)

    def run() -> float:
        more()
        ready.reverse()
        return timed(save, CALLS)

    return run


def _bare_sqlite(folder: Path) -> Callable[[], float]:
    connection = sqlite3.connect(folder / "bare.db", isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE bare (id INTEGER PRIMARY KEY, text TEXT)")

    def save() -> None:
        connection.execute("INSERT INTO bare (text) VALUES (?)", ("x" * 700,))

    return lambda: timed(save, CALLS)


def _bare_postgres(url: str) -> Callable[[], float]:
    import psycopg

    connection = psycopg.connect(url, autocommit=True)
    connection.execute("CREATE TABLE bare (id bigserial PRIMARY KEY, text text)")

    def save() -> None:
        connection.execute("INSERT INTO bare (text) VALUES (%s)", ("x" * 700,))

    return lambda: timed(save, CALLS)


def _eight_writers(here: Office) -> float:
    """Seconds per command when eight threads register bodies at once."""
    began = time.perf_counter()
    threads = [threading.Thread(target=lambda: [registered_body(here) for _ in range(25)]) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return (time.perf_counter() - began) / 200


def lines(url: str | None, folder: Path) -> list[Line]:
    """The lines of one engine: SQLite when there is no PostgreSQL URL."""
    engine = "PostgreSQL" if url else "SQLite"
    here = bench_office(folder, url)
    bare = _bare_postgres(url) if url else _bare_sqlite(folder)
    ours, reference = alternate(7, _prepared(here), bare)
    registration, _ = alternate(3, lambda: timed(lambda: registered_body(here), 100), bare)
    eight = _eight_writers(here)
    bare_time = microseconds(reference)
    return [
        Line(f"(a) append, {engine}", microseconds(ours), bare_time, reference / ours, ">=", 0.5),
        Line(
            f"(a) registration: new key, tokens, views, {engine}",
            microseconds(registration),
            bare_time,
            reference / registration,
        ),
        Line(f"(a) registration, 8 writers, per command, {engine}", microseconds(eight), bare_time, reference / eight),
    ]

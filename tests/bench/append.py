"""(a) Appending: one prepared event of an existing subject, with part, leaf and command row, against a bare insert."""

import os
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
from tests.bench.offices import bare_connection, bare_insert, bench_office, registered_body

BOX = os.urandom(300)


def prepared_append(here: Office, calls: int) -> Callable[[], float]:
    """A function that saves the next event of one body: the recorder's work and nothing else."""
    stream = registered_body(here)
    event = here.log.history(stream)[0]
    versions = count(here.log.version(stream) + 1)
    database: Database = here.database
    recorder = LogRecorder(database)
    append = recorder._append
    ready: list[tuple[Any, Entries]] = []

    def more() -> None:
        for _ in range(calls):
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
        return timed(save, calls)

    return run


def _eight_writers(here: Office, each: int) -> float:
    """Seconds per command when eight threads register bodies at once."""
    began = time.perf_counter()
    threads = [threading.Thread(target=lambda: [registered_body(here) for _ in range(each)]) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return (time.perf_counter() - began) / (8 * each)


def lines(url: str | None, folder: Path, *, calls: int = 400, rounds: int = 7) -> list[Line]:
    """The lines of one engine: SQLite when there is no PostgreSQL URL."""
    engine = "PostgreSQL" if url else "SQLite"
    here = bench_office(folder, url)
    with bare_connection(url, folder / "bare.db") as connection:
        insert = bare_insert(connection, url, 1)
        text = "x" * 700

        def bare() -> float:
            return timed(lambda: insert(text), calls)

        ours, reference = alternate(rounds, prepared_append(here, calls), bare)
        registration, _ = alternate(min(rounds, 3), lambda: timed(lambda: registered_body(here), calls // 4), bare)
    eight = _eight_writers(here, calls // 16)
    here.close()
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

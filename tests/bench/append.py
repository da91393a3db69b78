"""(a) Appending: one prepared event of an existing subject, with part, leaf and command row, against a bare insert."""

import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path
from typing import Any

import msgspec

from domain.sealed import PartRef
from service.log.codec import Prepared, prepare, template
from service.log.database import connect
from service.log.entries import CommandRow, Entries, Part
from service.log.eventlog import EventLog
from service.log.ids import new_id
from service.office import Office
from tests.bench.measure import Line, alternate, microseconds, timed
from tests.bench.offices import bare_connection, bare_insert, bench_office, registered_body
from tests.trials.processes import CONTEXT, PATIENCE, started, told

BOX = os.urandom(300)
WRITERS = 16


class Bodies:
    """Prepared events of one body, ready to be appended one after another."""

    def __init__(self, here: Office) -> None:
        self.stream = registered_body(here)
        self.now = here.now
        self.event = here.log.history(self.stream)[0]
        self.versions = count(here.log.version(self.stream) + 1)

    def next(self) -> tuple[Prepared, Entries]:
        """The next event with its part and its command row."""
        version, part = next(self.versions), new_id()
        reference = PartRef(part, new_id(), "c" * 64, "d" * 64)
        made = msgspec.structs.replace(self.event, version=version, id=new_id(), command=new_id(), parts=(reference,))
        answer = f'[["{made.id}","{self.stream}",{version},"x"]]'
        row = CommandRow(made.command, "account", "kps.end", b"f" * 32, 201, answer)
        entries = Entries(self.now(), row, (Part(part, 0, self.stream, reference.key, BOX),))
        return prepare(self.stream, version, made.topic, template(made)), entries


def prepared_append(here: Office, calls: int) -> Callable[[], float]:
    """A function that saves the next events of one body: the recorder's work and nothing else."""
    body, append = Bodies(here), here.log.recorder.shared.append

    def run() -> float:
        ready = [body.next() for _ in range(calls)][::-1]

        def save() -> None:
            prepared, entries = ready.pop()
            append([prepared], entries)

        return timed(save, calls)

    return run


def _threads(here: Office, each: int) -> Callable[[], float]:
    """Seconds for each event when sixteen threads of one process save prepared events of a body of their own."""
    bodies, append = [Bodies(here) for _ in range(WRITERS)], here.log.recorder.shared.append
    pool = ThreadPoolExecutor(WRITERS)  # as a worker's threads: they live on, and so do their connections

    def run() -> float:
        work = [[body.next() for _ in range(each)] for body in bodies]
        start = threading.Barrier(WRITERS + 1)

        def write(ready: list[tuple[Prepared, Entries]]) -> None:
            start.wait()
            for prepared, entries in ready:
                append([prepared], entries)

        done = [pool.submit(write, ready) for ready in work]
        start.wait()
        began = time.perf_counter()
        for one in done:
            one.result()
        return (time.perf_counter() - began) / (WRITERS * each)

    return run


def write(url: str, ready: list[tuple[Prepared, Entries]], start: Any, pipe: Any) -> None:
    """Append what is ready, in a process of its own; says when it has done."""
    database = connect(url, size=1)
    append = EventLog(database).recorder.shared.append
    database.rows("SELECT 1")
    start.wait()
    for prepared, entries in ready:
        append([prepared], entries)
    pipe.send(time.monotonic())
    database.close()


def _processes(here: Office, each: int) -> float:
    """Seconds for each event when sixteen processes save prepared events of a body of their own."""
    bodies = [Bodies(here) for _ in range(WRITERS)]
    start = CONTEXT.Barrier(WRITERS + 1)
    url = here.config.database_url
    running = [started(write, url, [body.next() for _ in range(each)], start) for body in bodies]
    start.wait(PATIENCE)
    began = time.monotonic()
    return float(max(told(*one) for one in running) - began) / (WRITERS * each)


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

        ours, reference, sixteen = alternate(
            rounds, prepared_append(here, calls), bare, _threads(here, max(4, calls // 8))
        )
        registration, _ = alternate(min(rounds, 3), lambda: timed(lambda: registered_body(here), calls // 4), bare)
    eight = _eight_writers(here, calls // 16)
    processes = _processes(here, calls // 16)
    here.close()
    bare_time = microseconds(reference)
    return [
        Line(f"(a) append, {engine}", microseconds(ours), bare_time, reference / ours, ">=", 0.6),
        Line(
            f"(a) append, 16 threads of one process, per event, {engine}",
            microseconds(sixteen),
            bare_time,
            reference / sixteen,
            ">=",
            1.5,
        ),
        Line(
            f"(a) append, 16 processes, per event, {engine}",
            microseconds(processes),
            bare_time,
            reference / processes,
        ),
        Line(
            f"(a) registration: new key, tokens, views, {engine}",
            microseconds(registration),
            bare_time,
            reference / registration,
        ),
        Line(f"(a) registration, 8 writers, per command, {engine}", microseconds(eight), bare_time, reference / eight),
    ]

"""(e) Loading an aggregate of some ten events, against a raw read and typed decode of the same rows."""

from collections.abc import Callable
from itertools import cycle
from pathlib import Path
from typing import Any

import msgspec
from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event

from domain.aggregate import EVENTS
from domain.case import Case
from tests.bench.measure import Line, alternate, microseconds, timed
from tests.bench.offices import bare_connection, bench_office
from tests.bench.request import case_of_ten

GOAL = 6.0
SUBJECTS = 50


class Noted(Aggregate):
    """The library's own way to say what a case with ten events says."""

    @event("Opened")
    def __init__(self, beneficiary: str, channel: str, urgency: str, village: str) -> None:
        self.beneficiary, self.channel, self.urgency, self.village = beneficiary, channel, urgency, village
        self.services: list[str] = []

    @event("ServiceDelivered")
    def deliver(self, kind: str, quantity: int, unit: str, provider: str, by: str, post: str, on: str) -> None:
        self.services.append(kind)


def _library(folder: Path, calls: int) -> Callable[[], float]:
    database = str(folder / "library.db")
    app: Any = Application(env={"PERSISTENCE_MODULE": "eventsourcing.sqlite", "SQLITE_DBNAME": database})
    subjects = []
    for _ in range(SUBJECTS):
        noted = Noted("x" * 36, "kunjungan", "biasa", "75.01.01.1001")
        for _ in range(8):
            noted.deliver("L07", 1, "kali", "Dinas Sosial", "x" * 36, "Pekerja Sosial", "2026-03-02")
        app.save(noted)
        subjects.append(noted.id)
    turn = cycle(subjects)
    return lambda: timed(lambda: app.repository.get(next(turn)), calls)


def lines(url: str | None, folder: Path, *, calls: int = 500, rounds: int = 7) -> list[Line]:
    """The lines of one engine: SQLite when there is no PostgreSQL URL."""
    here = bench_office(folder, url)
    subjects = [case_of_ten(here, "bench") for _ in range(SUBJECTS)]
    events = len(here.log.history(subjects[0]))
    ours_turn, raw_turn = cycle(subjects), cycle(subjects)
    sql = f"SELECT topic, text FROM events WHERE stream = {'%s' if url else '?'} ORDER BY version"
    decoders = {topic: msgspec.json.Decoder(kind).decode for topic, kind in EVENTS.items()}
    with bare_connection(url, folder / "wahana.db") as connection:

        def read() -> None:
            for topic, text in connection.execute(sql, (next(raw_turn),)).fetchall():
                decoders[topic](text)

        runs = [lambda: timed(lambda: here.log.load(Case, next(ours_turn)), calls), lambda: timed(read, calls)]
        if url is None:
            runs.append(_library(folder, calls))
        ours, reference, *library = alternate(rounds, *runs)
    here.close()
    engine = "PostgreSQL" if url else "SQLite"
    raw_time = microseconds(reference)
    name = f"(e) loading a case of {events} events, {engine}"
    found = [Line(name, microseconds(ours), raw_time, ours / reference, "<=", GOAL)]
    if library:
        name = "(e) for orientation: the library's own repository and aggregate, SQLite"
        found.append(Line(name, microseconds(library[0]), raw_time, library[0] / reference))
    return found

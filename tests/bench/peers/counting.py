"""Ours beside a peer's projecting: one small view over the same log, caught up with in batches, and rebuilt."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from domain.aggregate import Event
from projections.engine import SMALL, Views
from projections.postgres import PostgresStore
from projections.projection import Projection
from projections.rebuild import rebuild
from projections.sqlite import SqliteStore
from projections.store import Store
from service.log.database import connect
from service.log.reader import LogReader
from tests.bench.history import rows
from tests.bench.rebuild import fill


@dataclass(slots=True)
class Counted:
    """One row to a stream: how many events it has and the last one's topic."""

    key: str
    events: int = 0
    topic: str = ""


counted = Projection("counted", row=Counted)


@counted.on(Event)
def note(row: Counted, event: Event) -> None:
    row.events += 1
    row.topic = event.topic


class Log:
    """A log of so many generated events, on SQLite in ``folder`` or at a PostgreSQL URL."""

    def __init__(self, url: str | None, folder: Path, events: int) -> None:
        self.url, self.folder, self.events = url or f"sqlite:///{folder / 'log.db'}", folder, events
        fill(self.url, events)
        self._numbers = count(1)

    def told(self) -> Path:
        """A file of the same events for peers, one JSON text a line: stream, version, topic, canonical text."""
        path = self.folder / "events"
        with path.open("w", encoding="utf-8") as lines:
            for row in rows(self.events):
                lines.write(json.dumps([row[1], row[2], row[3], row[7]]) + "\n")
        return path

    def catch_up(self) -> float:
        """Seconds an event to fold the log into an empty view, in batches of 1,000."""
        return self._timed(lambda views: views.catch_up(SMALL, bounded=False).folded)

    def rebuild(self) -> float:
        """Seconds an event to rebuild the view and switch to it."""
        return self._timed(lambda views: rebuild(views).events)

    def _timed(self, fold: Callable[[Views], int]) -> float:
        database, store = connect(self.url), self._store()
        views = Views(store, [counted], LogReader(database))
        views.prepare(self.events)
        began = time.perf_counter()
        folded = fold(views)
        seconds = time.perf_counter() - began
        assert folded == self.events
        store.close()
        database.close()
        return seconds / folded

    def _store(self) -> Store:
        number = next(self._numbers)
        if self.url.startswith("sqlite:"):
            return SqliteStore(self.folder / f"views-{number}.db")
        return PostgresStore(self.url, f"views_{number}", spool=str(self.folder / f"views-{number}"))

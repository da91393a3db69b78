"""One rebuild, or what stands beside it, over a prepared log, in a process of its own; prints seconds and memory.

python -m tests.bench.rebuild fill LOG EVENTS
python -m tests.bench.rebuild engine|verify|loop|two-tables|library LOG VIEWS [PROCESSES]
python -m tests.bench.rebuild live LOG VIEWS

LOG and VIEWS are URLs as in the settings; VIEWS is made empty first, but for ``verify``.
"""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg

import domain  # noqa: F401 - registers every event
from domain.aggregate import Event
from projections import ALL
from projections.engine import Malformed, Views
from projections.rebuild import rebuild
from projections.store import open_store
from projections.verify import verify
from service.log.database import connect, sqlite_path
from service.log.reader import LogReader
from tests.bench import loop
from tests.bench.history import rows
from tests.bench.measure import peak_megabytes

NOW = "2026-07-01T00:00:00.000000Z"
LIVE = {1: 1_000, 50: 2_000, 500: 4_000}  # batch, and how many events are folded in such batches


def fill(url: str, total: int) -> None:
    """Write a log of ``total`` generated events."""
    owner: Any = connect(url, owner=True)
    if url.startswith("sqlite"):
        from service.log.sqlite import create_log as create_sqlite_log

        create_sqlite_log(owner)
        connection = owner.connection()
        connection.execute("PRAGMA synchronous=OFF")
        connection.execute("BEGIN")
        connection.executemany("INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", rows(total))
        connection.execute("COMMIT")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    else:
        from service.log.postgres_tables import create_log as create_postgres_log

        create_postgres_log(owner)
        with psycopg.connect(url) as postgres:
            with postgres.cursor().copy("COPY events FROM STDIN") as copy:
                for row in rows(total):
                    copy.write_row(row)
            postgres.execute("ANALYZE events")
    owner.close()


def emptied(url: str) -> None:
    """Remove all views at ``url``."""
    if url.startswith("sqlite"):
        for suffix in ("", "-wal", "-shm"):
            Path(sqlite_path(url) + suffix).unlink(missing_ok=True)
    else:
        with psycopg.connect(url) as connection:
            connection.execute("DROP SCHEMA IF EXISTS wahana_views CASCADE")
            connection.execute("DROP SCHEMA IF EXISTS loop CASCADE")


def views_over(reader: LogReader, url: str) -> Views:
    views = Views(open_store(url), ALL, reader, lambda: NOW)
    views.prepare()
    return views


class Shorter(LogReader):
    """The log as it was when it had fewer events."""

    fewer = 0

    def head(self) -> tuple[int, bytes]:
        position = super().head()[0] - self.fewer
        return position, self.leaf(position) or b""

    def read(self, after: int, limit: int) -> list[Event | Malformed]:
        return super().read(after, min(limit, self.head()[0] - after)) if after < self.head()[0] else []


def live(log: str, to: str) -> dict[str, float]:
    """Seconds for an event, folded in batches while the log grows."""
    reader = Shorter(connect(log))
    reader.fewer = sum(LIVE.values())
    views = views_over(reader, to)
    rebuild(views)
    found: dict[str, float] = {}
    for batch, events in LIVE.items():
        reader.fewer -= events
        began = time.perf_counter()
        done = views.catch_up(batch, bounded=False)
        found[str(batch)] = (time.perf_counter() - began) / events
        assert done.folded == events
    return found


def main(way: str, log: str, *more: str) -> dict[str, Any]:
    if way == "fill":
        fill(log, int(more[0]))
        return {}
    to, processes = more[0], int(more[1]) if len(more) > 1 else 1
    if way != "verify":
        emptied(to)
    if way == "live":
        return live(log, to)
    ways: dict[str, Callable[[], int]] = {
        "engine": lambda: rebuild(views_over(LogReader(connect(log)), to), processes=processes).events,
        "verify": lambda: verify(views_over(LogReader(connect(log)), to), processes=processes).position,
        "loop": lambda: loop.loop(loop.events(log), loop.tables_at(to)),
        "two-tables": lambda: loop.two_tables(log, to),
        "library": lambda: loop.library(log, to),
    }
    began = time.perf_counter()
    events = ways[way]()
    seconds = time.perf_counter() - began
    return {"events": events, "seconds": seconds, "megabytes": peak_megabytes()}


if __name__ == "__main__":
    print(json.dumps(main(*sys.argv[1:])))

"""Building tables anew from the log, in a side file of their own: bulk, bounded memory, resumable after a kill."""

import contextlib
import gc
import os
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from projections import generations
from projections.fold import Fold, Unfoldable
from projections.generations import Generation
from projections.projection import Projection
from projections.source import Malformed, NewerEvent, Source
from projections.sqlite import SQLITE, SqliteSession
from projections.store import Tables, meta, tables

BUILDING = "building"
BATCH = 5_000
ROWS_HELD = 50_000  # in memory, of all projections together
EVENTS_AT_RISK = 100_000  # most that a kill makes fold again
MOST_MALFORMED = 100  # listed at once when handlers fail

Progress = Callable[[int, int, float, float], None]  # position, head, events per second, seconds left


class RebuildRefused(Exception):
    """Events could not be read or folded; nothing live was changed. ``malformed`` lists them."""

    def __init__(self, malformed: Sequence[Malformed]) -> None:
        self.malformed = tuple(malformed)
        listed = "; ".join(f"{each.position} ({each.topic}): {each.reason}" for each in self.malformed[:3])
        more = f" and {len(self.malformed) - 3} more" if len(self.malformed) > 3 else ""
        super().__init__(f"events that cannot be read: {listed}{more}")


class Build:
    """Tables of some projections in the side file at ``path``, as far as they are folded.

    An existing file is taken up where its last checkpoint left it, when it holds the same definitions and lies on the
    same log; otherwise it is begun anew.
    """

    def __init__(self, path: str, projections: Sequence[Projection[Any]], source: Source) -> None:
        self.path, self.projections, self.source = path, tuple(projections), source
        self.position = 0
        self.aside: list[Malformed] = []
        try:
            resumable = self._open() and self._resume()
        except sqlite3.DatabaseError:
            resumable = False
        if not resumable:
            self.discard()
            self._open()
            self._begin()

    def _open(self) -> bool:
        fresh = not os.path.exists(self.path)
        self.connection = sqlite3.connect(self.path, isolation_level=None, cached_statements=512)
        for pragma in (
            "locking_mode = EXCLUSIVE",
            "journal_mode = TRUNCATE",
            "synchronous = NORMAL",
            "cache_size = -24000",
            "temp_store = FILE",
        ):
            self.connection.execute(f"PRAGMA {pragma}")
        self.session = SqliteSession(self.connection)
        return not fresh

    def tables(self) -> list[Tables]:
        return [tables(projection, 0, SQLITE) for projection in self.projections]

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        self.connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self.connection.execute("ROLLBACK")
            raise
        self.connection.execute("COMMIT")

    def _begin(self) -> None:
        with self._transaction():
            meta(self.session)
            for each in self.tables():
                for sql in each.create():
                    self.session.run(sql)
                digest = each.projection.digest
                generations.add(self.session, Generation(each.projection.name, 0, digest, BUILDING, 0, ""))

    def _resume(self) -> bool:
        found = generations.load(self.session)
        if {each.digest for each in found} != {projection.digest for projection in self.projections}:
            return False
        self.position = found[0].position
        aside = generations.aside(self.session)
        self.aside = aside.get((found[0].projection, 0), [])
        return not self.position or (self.source.leaf(self.position) or b"").hex() == found[0].leaf

    def run(
        self, upto: int | None = None, progress: Progress | None = None, batch: int = BATCH, rows_held: int = ROWS_HELD
    ) -> int:
        """Fold up to position ``upto``, or to the head however it moves. Returns the number of events folded.

        An event that cannot be read or folded is put on ``aside`` with its stream left out from there, and the rest
        goes on. Raises `RebuildRefused` when there are too many to go on, and whatever ``progress`` raises.
        """
        began, first = time.monotonic(), self.position
        poison = {each.position: each for each in self.aside}

        def said() -> None:
            if progress is not None:
                head = upto or self.source.head()[0]
                rate = (self.position - first) / max(time.monotonic() - began, 1e-9)
                progress(self.position, head, rate, (head - self.position) / rate if rate else 0.0)

        while True:
            try:
                with _uncollected():
                    self._fold(upto, said, batch, rows_held, poison)
                return self.position - first
            except Unfoldable as error:
                poison[error.malformed.position] = error.malformed
                if len(poison) > MOST_MALFORMED:
                    raise RebuildRefused([poison[position] for position in sorted(poison)]) from error
                self._resume()

    def _fold(
        self, upto: int | None, said: Callable[[], None], batch: int, rows_held: int, poison: dict[int, Malformed]
    ) -> None:
        skipped: dict[str, int] = {}
        for each in self.aside:
            skipped.setdefault(each.stream, each.position)
        fold, over = Fold(self.tables(), self.source, skipped), False
        while not over:
            with self._transaction():
                begun = self.position
                while not over and self.position - begun < EVENTS_AT_RISK and fold.held() < rows_held // 2:
                    limit = batch if upto is None else min(batch, upto - self.position)
                    try:
                        events = self.source.read(self.position, limit) if limit > 0 else []
                    except NewerEvent:  # tables as late as this code is are better than none
                        events = []
                    over = not events
                    if poison:
                        events = [poison.get(event.position, event) for event in events]
                    aside = fold.take(self.session, events)
                    fold.write(self.session, rows=False)
                    if aside:
                        self.aside += aside
                        generations.set_aside(self.session, generations.load(self.session), aside)
                    if events:
                        self.position = events[-1].position
                        said()
                fold.write(self.session)
                fold.rotate()
                leaf = (self.source.leaf(self.position) or b"").hex()
                generations.move(self.session, generations.load(self.session), self.position, leaf)

    def index(self) -> None:
        """Make the secondary indexes, last of all."""
        for each in self.tables():
            for sql in each.index():
                self.session.run(sql)

    def close(self) -> None:
        self.connection.close()

    def discard(self) -> None:
        """Close and remove the file."""
        self.close()
        remove(self.path)


@contextlib.contextmanager
def _uncollected() -> Iterator[None]:
    """Without the cycle collector: folding makes no cycles, and millions of rows to look through in vain."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def remove(path: str) -> None:
    """Remove a side file and what SQLite keeps beside it."""
    for suffix in ("", "-journal", "-wal", "-shm"):
        Path(path + suffix).unlink(missing_ok=True)

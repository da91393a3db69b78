"""(c) Rebuilding all projections from large logs, against a hand-written loop that writes the same tables and versions.

Every run is a process of its own (`tests.bench.rebuild`), so that its memory is its own.
"""

import os
import shutil
from pathlib import Path
from typing import Any

from tests.bench.measure import Line, alone, alternate

GOAL, MEMORY = 0.4, 1.3


def filled(folder: Path, events: int) -> Path:
    """A log of so many events."""
    path = folder / f"log-{events}.db"
    alone("rebuild", "fill", str(path), str(events))
    return path


def _rate(seconds: float, events: int) -> str:
    return f"{events / seconds:,.0f} events/s"


class Timed:
    """Runs one way over one log, again and again, and remembers the most memory a run held.

    With ``keep`` the last run's tables stay there; otherwise they go with each run.
    """

    def __init__(self, way: str, log: Path, keep: Path | None = None) -> None:
        self.way, self.log, self.keep = way, log, keep
        self.events = self.megabytes = 0

    def __call__(self) -> float:
        if self.keep is not None:
            shutil.rmtree(self.keep, ignore_errors=True)
            self.keep.mkdir()
        found: dict[str, Any] = alone("rebuild", self.way, str(self.log), *([str(self.keep)] if self.keep else []))
        self.events, self.megabytes = found["events"], max(self.megabytes, found["megabytes"])
        return float(found["seconds"])


def _compared(log: Path, rounds: int, keep: Path | None, *, warm: bool) -> tuple[Line, Timed]:
    engine, loop = Timed("engine", log, keep), Timed("loop", log)
    ours, reference = alternate(rounds, engine, loop, warm=warm)
    events = engine.events
    shown = _rate(ours, events), _rate(reference, events)
    return Line(f"(c) rebuild of all projections, {events:,} events", *shown, reference / ours, ">=", GOAL), engine


def lines(folder: Path, *, small: int = 200_000, large: int | None = 1_000_000, rounds: int = 3) -> list[Line]:
    """The lines of the rebuild; with ``large`` the log and the views of that size stay in ``folder`` (`kept`)."""
    log = filled(folder, small)
    first, engine = _compared(log, rounds, None if large else kept(folder)[1].parent, warm=rounds > 1)
    found = [first]
    for way, what in (("two-tables", "a loop that keeps two small tables"), ("library", "the library's own runner")):
        other = Timed(way, log)
        seconds = other()
        ours = alternate(1, Timed("engine", log), warm=False)[0] / engine.events
        shown = _rate(ours, 1), _rate(seconds, other.events)
        found.append(Line(f"(c) for orientation: {what}", *shown, seconds / other.events / ours))
    if large:
        os.replace(filled(folder, large), kept(folder)[0])
        second, big = _compared(kept(folder)[0], 1, kept(folder)[1].parent, warm=False)
        memory = big.megabytes / engine.megabytes
        shown = f"{big.megabytes} MB", f"{engine.megabytes} MB"
        found += [second, Line(f"(c) most memory, {large:,} against {small:,} events", *shown, memory, "<=", MEMORY)]
    else:
        os.replace(log, kept(folder)[0])
    return found


def kept(folder: Path) -> tuple[Path, Path]:
    """Where `lines` leaves the largest log and its views."""
    return folder / "large.db", folder / "large" / "views.db"

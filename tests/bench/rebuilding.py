"""(c) Rebuilding all projections from large logs, against a hand-written loop that writes the same tables and versions.

Every run is a process of its own (`tests.bench.rebuild`), so that its memory is its own.
"""

import subprocess
import sys
import time
from pathlib import Path
from statistics import quantiles
from typing import Any

from service import config
from service.office import Office
from tests.bench import parts
from tests.bench.measure import Line, alone, alternate, microseconds
from tests.bench.offices import office_settings
from tests.bench.request import SERVICE, case_of_ten
from tests.house.tables import ROOT
from tests.service.offices import VILLAGE, Asking

GOALS = {1: 0.6, 2: 1.0}
STEADY, MEMORY, BUSY, VERIFY = 0.85, 1.2, 1.5, 1.3
PAUSE = 0.005  # seconds between two requests of people at work
SERVICES = 12  # recorded on each case


def _rate(seconds: float, events: int) -> str:
    return f"{events / seconds:,.0f} events/s"


class Timed:
    """Runs one way over one log into the same place, again and again, and remembers the most memory a run held."""

    def __init__(self, way: str, log: str, to: str, processes: int = 1) -> None:
        self.arguments = (way, log, to, str(processes))
        self.events = self.megabytes = 0

    def __call__(self) -> float:
        found: dict[str, Any] = alone("rebuild", *self.arguments)
        self.events, self.megabytes = found["events"], max(self.megabytes, found["megabytes"])
        return float(found["seconds"])


def _by(processes: int) -> str:
    return f"{processes} process{'' if processes == 1 else 'es'}"


def _compared(log: str, to: str, rounds: int, engine: str) -> tuple[list[Line], list[Timed], float]:
    """One process and two against the loop; also the runs of each, and seconds for an event of one process. Leaves the
    views of two processes at ``to``."""
    loop, runs = Timed("loop", log, to), [Timed("engine", log, to, processes) for processes in GOALS]
    reference, *ours = alternate(rounds, loop, *runs, warm=rounds > 1)
    found = []
    for (processes, goal), seconds in zip(GOALS.items(), ours, strict=True):
        name = f"(c) rebuild of all projections, {loop.events:,} events, {_by(processes)}, {engine}"
        shown = _rate(seconds, loop.events), _rate(reference, loop.events)
        found.append(Line(name, *shown, reference / seconds, ">=", goal))
    return found, runs, ours[0] / loop.events


def lines(url: str | None, folder: Path, *, events: int = 200_000, rounds: int = 3) -> list[Line]:
    """The lines of one engine over a log of so many events: SQLite when there is no PostgreSQL URL."""
    engine, log = ("PostgreSQL", url) if url else ("SQLite", f"sqlite:///{folder / 'log.db'}")
    to = url or f"sqlite:///{folder / 'views.db'}"
    alone("rebuild", "fill", log, str(events))
    found = parts.lines(log, to, engine)
    compared, _, per_event = _compared(log, to, rounds, engine)
    found += compared
    rebuilt, verified = alternate(1, Timed("engine", log, to, 2), Timed("verify", log, to, 2), warm=False)
    shown = f"{verified:,.1f} s", f"{rebuilt:,.1f} s"
    name = f"(c) project verify against a rebuild, 2 processes, {engine}"
    found.append(Line(name, *shown, verified / rebuilt, "<=", VERIFY))
    for batch, seconds in alone("rebuild", "live", log, to).items():
        name = f"(c) for orientation: catching up in batches of {batch}, one event, against one of a rebuild, {engine}"
        found.append(Line(name, microseconds(seconds), microseconds(per_event), seconds / per_event))
    if url is None:
        for way, what in (
            ("two-tables", "a loop that keeps two small tables"),
            ("library", "the library's own runner"),
        ):
            other = Timed(way, log, f"sqlite:///{folder / 'other.db'}")
            seconds = other() / max(other.events, 1)
            shown = _rate(per_event, 1), _rate(seconds, 1)
            found.append(Line(f"(c) for orientation: {what}", *shown, seconds / per_event))
    found.append(_at_work(log, to, folder, engine))
    return found


def _at_work(log: str, to: str, folder: Path, engine: str) -> Line:
    """The 95th percentile of a POST while views of its office are rebuilt, against that of the same POST without."""
    settings = office_settings(folder, log)
    here = Office(config.read(settings | {"WAHANA_VIEWS_URL": to}))
    here.initialise()
    here.views.catch_up(bounded=False)
    worker = Asking(here, "peksos", (VILLAGE[:8],))
    rebuilding = [sys.executable, "-c", REBUILD, log, to]
    with subprocess.Popen(rebuilding, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        quiet = _answered(here, worker, lambda asked: asked < 300)
        process.stdin.write(b"\n")
        process.stdin.flush()
        busy = _answered(here, worker, lambda asked: process.poll() is None)
        assert process.returncode == 0
    here.close()
    ours, reference = (quantiles(seconds, n=20)[-1] for seconds in (busy, quiet))
    name = f"(c) POST of a case action while all views are rebuilt, 95th percentile of {len(busy):,}, {engine}"
    return Line(name, microseconds(ours), microseconds(reference), ours / reference, "<=", BUSY)


REBUILD = """
import sys
import domain
from projections.processes import let_others_go_first
from projections.rebuild import rebuild
from service.log.database import connect
from service.log.reader import LogReader
from tests.bench.rebuild import views_over

views = views_over(LogReader(connect(sys.argv[1])), sys.argv[2])
views.store.close()
print("ready", flush=True)
sys.stdin.readline()
if views.store.dialect.name != "sqlite":  # as the command does
    let_others_go_first(10)
rebuild(views)
"""


def _answered(here: Office, worker: Asking, more: Any) -> list[float]:
    """Seconds of each of the POSTs that are sent, with pauses, as long as there is to be ``more``; two at least."""
    found: list[float] = []
    case = ""
    while len(found) < 2 or more(len(found)):
        if len(found) % SERVICES == 0:
            case = case_of_ten(here, worker.account)
        began = time.perf_counter()
        worker.done(f"/api/v1/cases/{case}/services", SERVICE)
        found.append(time.perf_counter() - began)
        time.sleep(PAUSE)
    return found


def large(folder: Path, *, small: int, events: int) -> list[Line]:
    """How a large log differs from a small one, on SQLite. The large log and its views stay in ``folder`` (`kept`)."""
    log, views = kept(folder)
    views.parent.mkdir()
    few, many = f"sqlite:///{folder / 'small.db'}", f"sqlite:///{log}"
    alone("rebuild", "fill", few, str(small))
    alone("rebuild", "fill", many, str(events))
    found, big, seconds = _compared(many, f"sqlite:///{views}", 1, "SQLite")
    to = f"sqlite:///{folder / 'small-views.db'}"
    return found + _grown([Timed("engine", few, to, processes) for processes in GOALS], big, seconds, "SQLite")


def large_on_postgres(few: str, many: str, *, small: int, events: int) -> list[Line]:
    """The same of two databases, each with its log and its views."""
    alone("rebuild", "fill", few, str(small))
    alone("rebuild", "fill", many, str(events))
    less, big = ([Timed("engine", log, log, processes) for processes in GOALS] for log in (few, many))
    took, _ = (run() for run in big)
    return _grown(less, big, took / big[0].events, "PostgreSQL")


def _grown(less: list[Timed], big: list[Timed], seconds: float, engine: str) -> list[Line]:
    """Runs of each number of processes over a small log against those over a large one, where one process took so many
    seconds for an event: the rate and the memory of a rebuild."""
    took, _ = (run() for run in less)
    events = less[0].events
    sizes = f"{big[0].events:,} against {events:,} events"
    shown = _rate(seconds, 1), _rate(took, events)
    found = [Line(f"(c) rate at {sizes}, {_by(1)}, {engine}", *shown, took / events / seconds, ">=", STEADY)]
    for processes, small, large in zip(GOALS, less, big, strict=True):
        memory = f"{large.megabytes} MB", f"{small.megabytes} MB"
        name = f"(c) most memory of {_by(processes)}, {sizes}, {engine}"
        found.append(Line(name, *memory, large.megabytes / small.megabytes, "<=", MEMORY))
    return found


def kept(folder: Path) -> tuple[Path, Path]:
    """Where `large` leaves its log and its views."""
    return folder / "large.db", folder / "large" / "views.db"

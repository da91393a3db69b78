"""(p) Beside peers, for orientation: the same work, as durable, on the same engine, in turn in the same run.

A peer that is not installed is told as absent; `make peers` installs them.
"""

import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from tests import postgres
from tests.bench.append import prepared_append
from tests.bench.measure import Line, alternate, microseconds, timed
from tests.bench.offices import bench_office, registered_body
from tests.bench.peers.counting import Log
from tests.bench.peers.program import Program

HERE = Path(__file__).parent
PEERS = Path(sys.prefix, "peers")
MODULES = HERE / "node_modules"
RELAXED = {"PGOPTIONS": "-c synchronous_commit=off"}  # as durable as our views, which can always be made again

Ours = dict[str, Callable[[], float]]


def beside(
    name: str,
    peer: Program,
    task: str,
    calls: int,
    ours: Ours,
    *,
    rounds: int,
    said: Callable[[float], str] = microseconds,
) -> list[Line]:
    """A line for each of ``ours`` beside one task of a peer, done ``calls`` times a round; ``said`` tells seconds."""
    if peer.absent:
        return [Line(f"(p) {what}: {name}", "", "absent", None) for what in ours]
    with peer:
        theirs, *taken = alternate(rounds, lambda: peer.ask(task, calls), *ours.values())
    return [
        Line(f"(p) {what}: {name}", said(seconds), said(theirs), theirs / seconds)
        for what, seconds in zip(ours, taken, strict=True)
    ]


def _rate(seconds: float) -> str:
    return f"{1 / seconds:,.0f} events/s"


def _python(module: str, *arguments: str) -> Program:
    command = [str(PEERS / "bin" / "python"), "-m", f"tests.bench.peers.{module}", *arguments]
    return Program(command, [PEERS / ".lock"])


def _emmett(url: str | None, path: Path, told: Path | None = None) -> Program:
    """Emmett on a PostgreSQL URL or on the file at ``path``; to project the events ``told``, relaxed."""
    node = shutil.which("node") or "node"
    needs = [Path(node), MODULES / "@event-driven-io" / "emmett"]
    if url is None:
        needs.append(MODULES / "sqlite3" / "build" / "Release" / "node_sqlite3.node")
    command = [node, str(HERE / "emmett.mjs"), *(("postgresql", url) if url else ("sqlite", str(path)))]
    return Program([*command, *([str(told)] if told else [])], needs, RELAXED if told else {})


def _library(url: str, told: Path) -> Program:
    return Program([sys.executable, "-m", "tests.bench.peers.library", url, str(told)], [], RELAXED)


def _appending(url: str | None, folder: Path, engine: str, calls: int, rounds: int) -> list[Line]:
    here = bench_office(folder, url)
    append: Ours = {"append": prepared_append(here, calls)}
    command: Ours = {"whole command": lambda: timed(lambda: registered_body(here), calls)}
    store = folder / "emmett.db"
    found = beside(f"Emmett, {engine}", _emmett(url, store), "append", calls, append, rounds=rounds)
    found += beside(f"Emmett, {engine}", _emmett(url, store), "command", calls, command, rounds=rounds)
    for name, module in (("SQLAlchemy-Continuum", "continuum"), ("django-simple-history", "simple_history")):
        peer = _python(module, url or f"sqlite:///{folder / module}.db")
        found += beside(f"{name}, {engine}", peer, "write", calls, append, rounds=rounds)
    here.close()
    return found


def _projecting(url: str | None, folder: Path, engine: str, events: int, rounds: int) -> list[Line]:
    database = url and postgres.make_database(url, f"peers_{folder.name}".lower().replace("-", "_"))
    log = Log(database, folder, events)
    told = log.told()
    ours: Ours = {"one small view caught up": log.catch_up, "one small view rebuilt": log.rebuild}
    peers = [("Emmett", _emmett(database, folder / "emmett-log.db", told))]
    if database:
        peers.append(("the library's ProjectionRunner", _library(database, told)))
    found = []
    for name, peer in peers:
        found += beside(f"{name}, {engine}", peer, "project", events, ours, rounds=rounds, said=_rate)
    return found


def lines(url: str | None, folder: Path, *, calls: int = 200, events: int = 5_000, rounds: int = 3) -> list[Line]:
    """The lines of one engine: SQLite when there is no PostgreSQL URL."""
    engine = "PostgreSQL" if url else "SQLite"
    return [
        *_appending(url, folder, engine, calls, rounds),
        *_projecting(url, folder, engine, events, rounds),
    ]

"""Processes that fold what is new, release what was set aside, and follow a log, for the trials of views."""

from __future__ import annotations

import json
import os
import random
import threading
import time
from typing import Any

from projections import ALL, generations
from projections.engine import CaughtUp, Views
from projections.fold import Fold, Rows
from projections.postgres import PostgresStore
from projections.release import release
from projections.sqlite import SqliteStore
from projections.store import Store
from service import config
from service.casebook import TooBusy
from service.log.eventlog import EventLog
from service.log.reader import LogReader
from service.office import Office
from tests.service.casebooks import Desk, command
from tests.trials.killed import deadly
from tests.trials.processes import PATIENCE, _some_decision

Step = tuple[Any, str, bool]  # a function by its owner and name, and whether it has returned

# What a catch-up does with a batch, in order; the head of the log is asked for again after the commit.
CATCHING: dict[str, Step] = {
    **{f"{moment} reading": (Views, "_read", moment == "after") for moment in ("before", "after")},
    **{f"{moment} folding": (Fold, "take", moment == "after") for moment in ("before", "after")},
    **{f"{moment} writing rows": (Fold, "write", moment == "after") for moment in ("before", "after")},
    **{f"{moment} setting aside": (generations, "set_aside", moment == "after") for moment in ("before", "after")},
    **{f"{moment} the checkpoint": (generations, "move", moment == "after") for moment in ("before", "after")},
    "before the commit": (Views, "advance", True),
    "after the commit": (LogReader, "head", False),
}
RELEASING: dict[str, Step] = {
    "before removing rows": (Rows, "clear", False),
    "between the rows of two views": (Rows, "clear", True),
    "after folding again": (Fold, "again", True),
    "after writing rows": (Fold, "write", True),
    "before the entry is removed": (generations, "take_back", False),
    "before the commit": (generations, "take_back", True),
}


def die(step: Step, call: int) -> None:
    """Let this process be killed at the ``call``-th time that it comes to a step."""
    owner, name, after = step
    deadly(owner, name, after=after, call=call)


def fold_until(settings: dict[str, str], batch: int, step: str, call: int, pipe: Any) -> None:
    """Catch up, a few events a transaction, until killed at a step of `CATCHING`; says when it was not."""
    die(CATCHING[step], call)
    Office(config.read(settings)).views.catch_up(batch, wait=30, bounded=False)
    pipe.send("not killed")


def release_until(settings: dict[str, str], stream: str, step: str, pipe: Any) -> None:
    """Release a stream until killed at a step of `RELEASING`; says when it was not."""
    if step:
        die(RELEASING[step], 1)
    release(Office(config.read(settings)).views, stream)
    pipe.send("not killed")


def write_so_many(desk: Desk, seed: int, events: int, shared: list[str], start: Any, pipe: Any) -> None:
    """Record random commands until they are so many events; sends how often it had to give way."""
    chance, casebook, recorded, gave_way = random.Random(seed), desk.casebook(), 0, 0
    casebook.territory()
    start.wait()
    while recorded < events:
        try:
            recorded += len(casebook.record(command(), _some_decision(chance, shared)).events)
        except TooBusy:
            gave_way += 1
    pipe.send(gave_way)
    pipe.close()


def view_store(desk: Desk) -> Store:
    """Where the views of a desk's log lie."""
    if desk.owner_url.startswith("sqlite:///"):
        return SqliteStore(desk.owner_url.removeprefix("sqlite:///") + "-views")
    return PostgresStore(desk.owner_url, size=2)


def follow_views(desk: Desk, head: Any, pipe: Any) -> None:
    """Follow with every view until ``head`` (negative: not known yet) is reached; sends the positions in the order in
    which they were folded."""
    views = Views(view_store(desk), ALL, LogReader(desk.connect(desk.url, size=1)))
    views.prepare()
    seen: list[int] = []
    take, stop = Fold.take, threading.Event()

    def seeing(fold: Fold, session: Any, events: Any) -> Any:
        seen.extend(event.position for event in events)
        return take(fold, session, events)

    def said(done: CaughtUp) -> None:
        if 0 <= head.value <= done.position:
            stop.set()

    Fold.take = seeing  # type: ignore[method-assign]  # in this process alone
    threading.Timer(PATIENCE, stop.set).start()
    views.follow(stop, poll=0.005, said=said)
    pipe.send(seen)
    pipe.close()
    os._exit(0)  # without waiting for the timer


def poll_feed(desk: Desk, seed: int, head: Any, pipe: Any) -> None:
    """Read the stored texts as the feed does, from the last position had, until ``head`` is reached; sends positions
    and ids."""
    chance, log = random.Random(seed), EventLog(desk.connect(desk.url, size=1))
    seen: list[tuple[int, str]] = []
    give_up = time.monotonic() + PATIENCE
    while time.monotonic() < give_up and not 0 <= head.value <= len(seen):
        rows = log.stored(seen[-1][0] if seen else 0, chance.choice([1, 10, 1000]))
        seen += [(row.position, json.loads(row.text)["id"]) for row in rows]
        time.sleep(0 if rows else 0.002)
    pipe.send(seen)
    pipe.close()

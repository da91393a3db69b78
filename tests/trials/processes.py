"""Writers and readers of the log in processes of their own, for the trials that contend, repeat and kill.

They come from a fork server that has everything imported: quick to start, and no database is open before the fork.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import random
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import Any

from domain.aggregate import Event
from service.casebook import Decision, TooBusy
from service.command import Answer, Command
from service.log.entries import LogUnavailable
from service.log.ids import new_id
from service.log.reader import LogReader
from tests.service.casebooks import Desk, command, registration, same, turn

CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(
    [
        *("tests.trials.processes", "tests.trials.killed", "tests.trials.sealing"),
        *("psycopg_pool", "service.log.postgres", "projections.postgres"),
    ]
)
PATIENCE = 900 if os.environ.get("WAHANA_TRIALS") == "full" else 120  # seconds until a trial gives up on a process

Acknowledged = tuple[int, str]


def _some_decision(chance: random.Random, shared: list[str]) -> Callable[[Decision], object]:
    """A new KPS (some with a sealed contact), a turn of one that others turn too, or both in one command."""
    what = chance.random()
    if what < 0.2:
        return registration(new_id(chance.randrange(1, 2**40)), chance.choice(["", "Ibu Rahma 0812"]))
    one, other = chance.sample(shared, 2)
    if what < 0.8:
        return turn(one)
    return lambda decision: (turn(one)(decision), turn(other)(decision))


def write_at_random(desk: Desk, seed: int, seconds: float, shared: list[str], start: Any, pipe: Any) -> None:
    """Record random commands for some seconds; sends what was acknowledged, and how often others were faster."""
    chance = random.Random(seed)
    casebook = desk.casebook()
    casebook.territory()
    acknowledged: list[Acknowledged] = []
    counts = {"commands": 0, "contended": 0, "too_busy": 0, "unavailable": 0, "repeated": 0, "unequal": 0}
    start.wait()
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        decide, tries = _some_decision(chance, shared), []

        def counted(decision: Decision, decide: Any = decide, tries: Any = tries) -> object:
            tries.append(1)
            return decide(decision)

        asked = command()
        try:
            answer = casebook.record(asked, counted)
        except TooBusy:
            counts["too_busy"] += 1
            continue
        except LogUnavailable:
            counts["unavailable"] += 1
            continue
        counts["commands"] += 1
        counts["contended"] += len(tries) > 1
        acknowledged += [(event.position, event.id) for event in answer.events]
        if counts["commands"] == 1 or chance.random() < 0.05:
            counts["repeated"] += 1
            counts["unequal"] += not same(answer, casebook.record(asked, counted))
    pipe.send((acknowledged, counts))
    pipe.close()


def follow(desk: Desk, seed: int, head: Any, pipe: Any) -> None:
    """Read from the beginning as positions appear, until ``head`` (negative: not known yet) is reached."""
    chance = random.Random(seed)
    reader = LogReader(desk.connect(desk.url, size=1))
    seen: list[Acknowledged] = []
    give_up = time.monotonic() + PATIENCE
    while time.monotonic() < give_up:
        last = head.value
        for event in reader.read(seen[-1][0] if seen else 0, chance.choice([1, 3, 50, 500])):
            assert isinstance(event, Event), event
            seen.append((event.position, event.id))
        if last >= 0 and seen and seen[-1][0] >= last:
            break
        time.sleep(chance.random() * 0.01)
    pipe.send(seen)
    pipe.close()


def repeat(desk: Desk, asked: Command, kps: str, threads: int, start: Any, pipe: Any) -> None:
    """Send one command from several threads at the same moment; sends the answers, or what was raised."""
    casebook = desk.casebook(database=desk.connect(desk.url, size=threads))
    casebook.territory()

    def once(_: int) -> Answer | str:
        start.wait()
        try:
            return casebook.record(asked, registration(kps, "Ibu Rahma 0812"))
        except Exception as error:
            return repr(error)

    with ThreadPoolExecutor(threads) as pool:
        pipe.send(list(pool.map(once, range(threads))))
    pipe.close()


def write_until_killed(desk: Desk, seed: int, shared: list[str], pipe: Any) -> None:
    """Record commands for ever; says each command's id before, and its answer after."""
    chance = random.Random(seed)
    casebook = desk.casebook()
    casebook.territory()
    while True:
        asked = command()
        pipe.send(("asks", asked))
        with contextlib.suppress(TooBusy):
            pipe.send(("has", casebook.record(asked, _some_decision(chance, shared))))


def started(target: Callable[..., None], *arguments: Any) -> tuple[Any, Any]:
    """A running process and the end of the pipe on which it reports."""
    ours, theirs = CONTEXT.Pipe(duplex=False)
    process = CONTEXT.Process(target=target, args=(*arguments, theirs), daemon=True)
    process.start()
    theirs.close()
    return process, ours


def told(process: Any, pipe: Any) -> Any:
    """What a process reported at its end. Fails when it ended without a report or takes too long."""
    assert pipe.poll(PATIENCE), "a process did not report in time"
    try:
        said = pipe.recv()
    except EOFError:
        process.join(10)
        raise AssertionError(f"a process ended with {process.exitcode} and no report") from None
    process.join(10)
    pipe.close()
    return said


def share_until_killed(desk: Desk, seed: int, threads: int, pipe: Any) -> None:
    """Register KPS from several threads for ever; sends position and id of each acknowledged event, and how many turns
    the last shared transaction before it held."""
    chance = random.Random(seed)
    casebook = desk.casebook(database=desk.connect(desk.url, size=threads))
    casebook.territory()
    engine, door, turns = casebook.log.recorder.shared._engine, Lock(), [0]
    together = engine.append_together

    def counted(database: Any, batch: Any) -> Any:
        turns[0] = len(batch)
        return together(database, batch)

    engine.append_together = counted  # type: ignore[method-assign]  # of this process only

    def write(kps: str) -> None:
        answer = casebook.record(command(), registration(kps))
        with door:
            pipe.send((answer.position, answer.events[0].id, turns[0]))

    with ThreadPoolExecutor(threads) as pool:
        while True:
            list(pool.map(write, [new_id(chance.randrange(1, 2**40)) for _ in range(100)]))

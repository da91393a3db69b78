"""One commit for everybody who waits: threads of one process that append at the same time share a transaction.

Whoever finds nobody appending appends alone, as if there were no others. Whoever finds somebody at it leaves her turn in
a queue; when the transaction under way is over, the first of the queue appends all that wait, and each gets her own
result or her own error. No thread of its own is needed, and nothing is kept across a fork.
"""

from collections import deque
from collections.abc import Sequence
from os import getpid
from threading import Lock
from typing import Any, Protocol

import msgspec

from service.log.codec import Prepared
from service.log.entries import Entries, LogUnavailable

MOST = 64  # turns of one transaction: others, in other processes, wait for its end

Turn = tuple[Sequence[Prepared], Entries]
Outcome = tuple[int, str] | Exception


class Engine(Protocol):
    """What an engine must do. ``append_together`` returns an outcome for each turn, in order, and raises nothing that
    concerns one of them only."""

    def append(self, database: Any, events: Sequence[Prepared], entries: Entries) -> tuple[int, str]: ...
    def append_together(self, database: Any, turns: Sequence[Turn]) -> list[Outcome]: ...


class _Waiting(msgspec.Struct, eq=False):
    """Somebody's turn. ``woken`` is held until there is an outcome, or until it is hers to append for all."""

    turn: Turn
    woken: Any
    outcome: Outcome | None = None


class _Line:
    """Who waits while somebody appends."""

    def __init__(self) -> None:
        self.door = Lock()
        self.busy = False
        self.queue: deque[_Waiting] = deque()


class SharedAppend:
    """Appends to one database for all threads of this process."""

    def __init__(self, engine: Engine, database: Any) -> None:
        self._engine, self._database = engine, database
        self._line, self._process = _Line(), getpid()

    def append(self, events: Sequence[Prepared], entries: Entries) -> tuple[int, str]:
        """Record in one transaction, which others may share; returns first position and recording time.

        Raises as the engine's ``append``.
        """
        if self._process != getpid():  # after a fork nobody of the parent's line will ever come back
            self._line, self._process = _Line(), getpid()
        line = self._line
        waiting = None
        with line.door:
            if line.busy:
                waiting = _Waiting((events, entries), Lock())
                waiting.woken.acquire()
                line.queue.append(waiting)
            line.busy = True
        if waiting is not None:
            waiting.woken.acquire()
            if waiting.outcome is None:
                self._lead(line, waiting)
            return _told(waiting.outcome)
        try:
            return self._engine.append(self._database, events, entries)
        finally:
            _pass_on(line)

    def _lead(self, line: _Line, mine: _Waiting) -> None:
        with line.door:
            all_of_us = [mine, *(line.queue.popleft() for _ in range(min(len(line.queue), MOST - 1)))]
        outcomes: list[Outcome] | None = None
        try:
            outcomes = self._engine.append_together(self._database, [one.turn for one in all_of_us])
        except LogUnavailable as error:
            outcomes = [LogUnavailable(str(error)) for _ in all_of_us]
        finally:
            if outcomes is None:  # a fault of the program: it is raised here, and the others may ask again
                outcomes = [LogUnavailable("the shared append failed") for _ in all_of_us]
            for one, outcome in zip(all_of_us, outcomes, strict=True):
                one.outcome = outcome
                if one is not mine:
                    one.woken.release()
            _pass_on(line)


def _pass_on(line: _Line) -> None:
    """Let the first who waits append for all; with nobody there, the next to come appends alone."""
    with line.door:
        if line.queue:
            line.queue.popleft().woken.release()
        else:
            line.busy = False


def _told(outcome: Outcome | None) -> tuple[int, str]:
    assert outcome is not None
    if isinstance(outcome, Exception):
        raise outcome
    return outcome

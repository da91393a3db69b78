"""One commit for everybody who waits: threads of one process that append at the same time share a transaction.

Whoever finds nobody appending appends alone, as if there were no others. Whoever finds somebody at it leaves her turn
in a queue; when the transaction under way is over, the first of the queue appends all that wait, and each gets her own
result or her own error. Those who have just shared a commit, or came during one, are likely to come again at once:
whoever leads after them waits for as many, no longer than that commit took. No thread of its own is needed, and nothing
is kept across a fork.
"""

from collections import deque
from collections.abc import Sequence
from os import getpid
from threading import Lock
from time import monotonic
from typing import Any, Protocol

import msgspec

from service.log.codec import Prepared
from service.log.entries import Entries, LogUnavailable

LONGEST = 0.02  # seconds to wait for company after a commit that took long, such as one that waited for another process
HASTY = 32  # commits that wait for nobody, after many were waited for in vain
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
    """Who waits while somebody appends. ``company`` is how many wanted the last commit or came during it, ``until`` when
    it is too late to wait for them; ``complete`` is held until as many are there again."""

    def __init__(self) -> None:
        self.door = Lock()
        self.busy = False
        self.queue: deque[_Waiting] = deque()
        self.company, self.until, self.hasty = 1, 0.0, 0
        self.gathering, self.complete = False, Lock()
        self.complete.acquire()

    def all_there(self, part: float = 1) -> bool:
        """Whether nobody is missing, with the one who leads; or so great a part of them is there."""
        return len(self.queue) + 1 >= self.company * part


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
        line, mine = self._line, None
        with line.door:
            if line.busy:
                mine = _Waiting((events, entries), Lock())
                mine.woken.acquire()
                line.queue.append(mine)
                if line.gathering and line.all_there():
                    line.gathering = False
                    line.complete.release()
            line.busy = True
        if mine is not None:
            mine.woken.acquire()
            if mine.outcome is not None:
                return _told(mine.outcome)
        began, shared = monotonic(), 0
        try:
            if line.company > 1:
                _gather(line)
                began = monotonic()
            # Whoever comes after this look at the queue waits for the next commit.
            others = _next(line) if line.queue else []
            if others:
                told = self._together(_Waiting((events, entries), Lock()), others)
            else:
                told = self._engine.append(self._database, events, entries)
            shared = len(others) + 1  # whoever was refused may not come again
            return told
        finally:
            _pass_on(line, shared, began)

    def _together(self, mine: _Waiting, others: list[_Waiting]) -> tuple[int, str]:
        all_of_us = [mine, *others]
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
            for one in others:
                one.woken.release()
        return _told(mine.outcome)


def _gather(line: _Line) -> None:
    """Wait until as many have come as shared the last commit, or for as long as that commit took."""
    with line.door:
        left = line.until - monotonic()
        if left <= 0 or line.all_there():
            return
        if line.hasty > 0:
            line.hasty -= 1
            return
        line.gathering = True
    complete = False
    try:
        complete = line.complete.acquire(timeout=left)
    finally:
        with line.door:
            if not complete and not line.gathering:
                line.complete.acquire()  # the last one came just now
            elif not complete and not line.all_there(0.75):
                line.hasty = HASTY
            line.gathering = False


def _next(line: _Line) -> list[_Waiting]:
    with line.door:
        return [line.queue.popleft() for _ in range(min(len(line.queue), MOST - 1))]


def _pass_on(line: _Line, shared: int, began: float) -> None:
    """Let the first who waits append for all; with nobody there, the next to come begins."""
    with line.door:
        line.company = min(shared + len(line.queue), MOST)
        if line.company > 1:
            now = monotonic()
            line.until = now + min(now - began, LONGEST)
        if line.queue:
            line.queue.popleft().woken.release()
        else:
            line.busy = False


def _told(outcome: Outcome | None) -> tuple[int, str]:
    assert outcome is not None
    if isinstance(outcome, Exception):
        raise outcome
    return outcome

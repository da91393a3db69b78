"""Work shared by several processes of this machine: forked ones take jobs beside their parent, one job at a time."""

import os
import signal
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.connection import Connection, Pipe, wait
from typing import Any, TypeVar

Job = TypeVar("Job")
Done = TypeVar("Done")

_TICKET = 4  # bytes; a pipe hands out as little as this in one piece
_behind: list[ThreadPoolExecutor] = []  # of this process: at most one, and none while it forks
MOST_JOBS = 16_000  # tickets that a pipe of 64 KiB holds
REST, LONGEST_REST = 8, 1.0  # times as long as the piece before, and seconds
AT_A_GO, PAUSE = 8_192, 0.001  # bytes, which a server takes in in about as many seconds as the pause has


class ProcessLost(Exception):
    """A process that shared the work ended before its job was done. What it had finished stands."""


def cores() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0))


def let_others_go_first(niceness: int = 19) -> None:
    """Leave this thread, with the threads and processes that it starts, a small share of a processor that others want as
    well, by default the least: whoever serves people goes first, and yet it ends where they never rest."""
    os.nice(max(0, niceness - os.nice(0)))


def behind_others(work: Callable[[], Done]) -> Done:
    """What ``work`` gives, done by a thread that lets others go first. This one waits and keeps its own priority, which
    Linux does not give back to whoever has let go of it: for what it does while it keeps others waiting. Not to be called
    by ``work`` itself; the thread lives until `shared` ends, as a new one for each piece would cost memory."""
    if not _behind:
        _behind.append(ThreadPoolExecutor(1, initializer=let_others_go_first))
    return _behind[0].submit(work).result()


def _nobody_behind() -> None:
    while _behind:
        _behind.pop().shutdown()


class Pace:
    """How long work that nobody waits for gives way while people record: it rests after each piece `REST` times as long as
    the piece took, as its writing keeps the disk and the lock from them, and amid what a database server does for it,
    whose processes cannot be put behind those that serve people.

    ``head`` tells the last position of the log: where it has moved between two looks, people are at work.
    """

    def __init__(self, head: Callable[[], int]) -> None:
        self._head = head
        self._seen: int | None = None
        self.giving_way = False
        self.rested = 0.0  # seconds

    def rest(self, worked: float) -> None:
        """After a piece that took so many seconds."""
        head = self._head()
        self.giving_way = self._seen is not None and head != self._seen
        self._seen = head
        if self.giving_way:
            rest = min(REST * worked, LONGEST_REST)
            time.sleep(rest)
            self.rested += rest

    def pause(self) -> None:
        """Amid a piece, after `AT_A_GO` bytes of it."""
        if self.giving_way:
            time.sleep(PAUSE)
            self.rested += PAUSE


def shared(jobs: Sequence[Job], work: Callable[[Job], Done], processes: int) -> Iterator[Done]:
    """Yields ``work(job)`` for every job, in the order in which they get done, by ``processes`` processes at a time.

    One of them is this one. With more than one, nothing that a fork must not share may be open: connections, threads.
    A process whose parent was killed ends with the job it is at. Raises what ``work`` raises, `ProcessLost`, and
    ``ValueError`` for more than `MOST_JOBS` jobs.
    """
    if processes <= 1 or len(jobs) <= 1:
        try:
            yield from map(work, jobs)
        finally:
            _nobody_behind()
        return
    if len(jobs) > MOST_JOBS:
        raise ValueError(f"{len(jobs)} jobs are too many to share")
    tickets, into = os.pipe()
    os.write(into, b"".join(number.to_bytes(_TICKET, "big") for number in range(len(jobs))))
    os.close(into)
    children: dict[Connection, int] = {}
    try:
        for _ in range(min(processes, len(jobs)) - 1):
            _fork(tickets, children, jobs, work)
        while ticket := os.read(tickets, _TICKET):
            yield work(jobs[int.from_bytes(ticket, "big")])
            yield from _results(children, 0)
        while children:
            yield from _results(children, None)
    finally:
        _nobody_behind()
        os.close(tickets)
        for connection, process in children.items():
            connection.close()
            os.kill(process, signal.SIGKILL)
            os.waitpid(process, 0)


def _fork(tickets: int, children: dict[Connection, int], jobs: Sequence[Job], work: Callable[[Job], object]) -> None:
    ours, theirs = Pipe()
    process = os.fork()
    if process:
        theirs.close()
        children[ours] = process
        return
    try:
        for each in (ours, *children):  # or nobody would notice that the parent is gone
            each.close()
        while ticket := os.read(tickets, _TICKET):
            theirs.send((work(jobs[int.from_bytes(ticket, "big")]), None))
        theirs.send((None, None))
    except BrokenPipeError:
        pass
    except Exception as error:
        error.add_note("".join(traceback.format_exception(error)))
        theirs.send((None, error))
    finally:
        os._exit(0)  # what was inherited is the parent's to close


def _results(children: dict[Connection, int], timeout: float | None) -> Iterator[Any]:
    """What forked processes have sent; waits for the first of it unless ``timeout`` says how long."""
    for connection in wait(list(children), timeout):
        assert isinstance(connection, Connection)
        try:
            done, error = connection.recv()
        except (EOFError, OSError):  # a reset when it was killed while it wrote
            raise ProcessLost("a process of this rebuild was ended from outside") from None
        if error is not None:
            raise error
        if done is None:
            connection.close()
            os.waitpid(children.pop(connection), 0)
        else:
            yield done

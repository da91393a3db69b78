"""Threads of one process share a commit: each gets her own result or her own error, and a lone writer notices nothing."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest

from domain.aggregate import Event
from domain.kps import Kps
from service.casebook import Casebook, Decision
from service.command import Answer
from service.log.database import Database
from service.log.entries import CommandTaken, LogUnavailable, Reserved, VersionTaken
from service.log.eventlog import EventLog
from service.log.ids import new_id
from service.log.shared import SharedAppend
from service.log.sqlite import SqliteDatabase
from tests.service.casebooks import Desk, as_role, command, registered, registration, same, turn
from tests.service.cutting_proxy import AFTER, BEFORE, DURING, CuttingProxy
from tests.service.test_log_order import entries, kps_event, positions
from tests.service.test_log_trials import whole_log
from tests.trials.plugin import Trial
from tests.trials.processes import share_until_killed, started

THREADS = 16


def wait_until(reached: Callable[[], bool]) -> None:
    until = time.monotonic() + 4
    while not reached():
        assert time.monotonic() < until, "never reached"
        time.sleep(0.002)


class Together:
    """Hears how many turns each shared transaction of a log held."""

    def __init__(self, log: EventLog, monkeypatch: pytest.MonkeyPatch) -> None:
        self.sizes: list[int] = []
        self.shared = log.recorder.shared
        together = self.shared._engine.append_together

        def counted(database: Database, turns: list[object]) -> object:
            self.sizes.append(len(turns))
            return together(database, turns)  # type: ignore[arg-type]  # as they came

        monkeypatch.setattr(self.shared._engine, "append_together", counted)

    def hold_the_first_until(self, waiting: int, monkeypatch: pytest.MonkeyPatch) -> None:
        """Whoever appends first does it when so many wait for her."""
        honest, first = self.shared._engine.append, iter([True])

        def held_up(*turn: Any) -> tuple[int, str]:
            if next(first, False):
                wait_until(lambda: len(self.shared._line.queue) == waiting)
            return honest(*turn)

        monkeypatch.setattr(self.shared._engine, "append", held_up)


@contextmanager
def held(desk: Desk) -> Iterator[Database]:
    """The log held by somebody else: whoever appends must wait until this is over."""
    owner = desk.owner()
    with owner.transaction():
        if owner.engine != "sqlite":
            owner.rows("SELECT pg_advisory_xact_lock(7501, 1)")
        yield owner


def all_at_once(
    desk: Desk,
    shared: SharedAppend,
    first: Callable[[], Answer],
    others: list[Callable[[], Answer]],
    ready: object = None,
) -> list[Future[Answer]]:
    """What comes of ``first``, which has to wait for the log, and of the others, who find it waiting and queue up."""
    pool = ThreadPoolExecutor(len(others) + 1)
    with held(desk) as owner:
        done = [pool.submit(first)]
        wait_until(lambda: shared._line.busy)
        if owner.engine != "sqlite":
            wait_until(lambda: owner.rows("SELECT count(*) FROM pg_locks WHERE NOT granted") == [(1,)])
        done += [pool.submit(other) for other in others]
        wait_until(lambda: len(shared._line.queue) == len(others))
        if callable(ready):
            ready()
    pool.shutdown()
    return done


def test_one_that_fails_fails_alone_and_no_neighbour_with_it(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    log = desk.casebook().log
    heard = Together(log, monkeypatch)
    stream, asked = new_id(), new_id()
    log.record([kps_event(stream)], entries(asked, "rahma"))
    bad = {
        3: (VersionTaken, lambda: log.record([kps_event(stream)], entries())),
        7: (CommandTaken, lambda: log.record([kps_event(new_id())], entries(asked))),
        11: (Reserved, lambda: log.record([kps_event(new_id())], entries(held="rahma"))),
    }
    turns = [bad.get(n, (None, lambda: log.record([kps_event(new_id())], entries())))[1] for n in range(THREADS)]
    done = all_at_once(desk, heard.shared, turns[0], turns[1:])  # type: ignore[arg-type]  # positions, not answers
    for number, one in enumerate(done):
        if number in bad:
            assert type(one.exception()) is bad[number][0]
    firsts = [one.result().first for n, one in enumerate(done) if n not in bad]  # type: ignore[index]  # positions
    assert sorted(firsts) == list(range(3, 3 + THREADS - len(bad)))
    assert heard.sizes == [THREADS - 1]
    assert positions(log) == list(range(1, 3 + THREADS - len(bad)))
    whole_log(desk)


def test_one_that_the_driver_refuses_fails_alone_too(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    log = desk.casebook().log
    heard = Together(log, monkeypatch)

    def turn_of(command: str) -> Callable[[], Answer]:
        event = kps_event(new_id())
        return lambda: log.record([event], entries(command))  # type: ignore[return-value]  # positions, not answers

    done = all_at_once(desk, heard.shared, turn_of(""), [turn_of(one) for one in ("", "\ud800", "")])
    assert [one.exception() is None for one in done] == [True, True, False, True]
    assert not isinstance(done[2].exception(), LogUnavailable)
    assert heard.sizes == [3]
    assert positions(log) == [1, 2, 3, 4]


def test_one_who_rests_on_what_her_neighbour_writes_in_the_same_commit_decides_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    casebook = desk.casebook()
    heard = Together(casebook.log, monkeypatch)
    first, read, mine = (registered(casebook) for _ in range(3))
    seen: list[int] = []

    def decide(decision: Decision) -> None:
        seen.append(decision.load(Kps, read).version)
        if len(seen) == 1:
            wait_until(lambda: len(heard.shared._line.queue) == 1)  # the neighbour, before her
        turn(mine)(decision)

    def recording(decision: Callable[[Decision], None]) -> Callable[[], Answer]:
        return lambda: casebook.record(command(), decision)

    turns = [recording(turn(first)), recording(turn(read)), recording(decide)]
    done = all_at_once(desk, heard.shared, turns[0], turns[1:])
    assert [one.result().events[0].stream for one in done] == [first, read, mine]
    assert heard.sizes == [2]
    assert seen == [1, 2]
    whole_log(desk)


def test_writers_of_one_body_decide_again_and_one_command_sent_by_many_is_recorded_once(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    casebook = desk.casebook()
    heard = Together(casebook.log, monkeypatch)
    kps, asked = registered(casebook), command()

    def work(number: int) -> Answer:
        return casebook.record(asked, registration("k-1")) if number % 4 == 0 else casebook.record(command(), turn(kps))

    turns = [(lambda number=number: work(number)) for number in range(THREADS)]
    answers = [one.result() for one in all_at_once(desk, heard.shared, turns[0], turns[1:])]
    assert heard.sizes[0] == THREADS - 1
    assert all(same(answer, answers[0]) for answer in answers[::4])
    assert [answer.repeated for answer in answers[::4]].count(False) == 1
    assert len({answer.position for answer in answers}) == 1 + THREADS - len(answers[::4])
    assert casebook.log.version(kps) == 1 + THREADS - len(answers[::4])
    whole_log(desk)


def test_those_who_wait_share_one_commit_in_which_recorded_never_falls(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    times = iter(f"2030-01-01T00:00:{60 - n:02}.000000Z" for n in range(1, 60))
    door = threading.Lock()

    def now() -> str:
        with door:
            return next(times)

    casebook = desk.casebook(now=now)
    heard = Together(casebook.log, monkeypatch)
    turns: list[Callable[[], Answer]] = [lambda: casebook.record(command(), registration(new_id()))] * 8
    answers = [one.result() for one in all_at_once(desk, heard.shared, turns[0], turns[1:])]
    assert heard.sizes == [7]
    assert len({answer.recorded for answer in answers}) == 1
    if casebook.log.database.engine == "postgresql":
        sizes = casebook.log.database.rows("SELECT count(*) FROM events GROUP BY xmin::text ORDER BY 1")
        assert sizes == [(1,), (1,), (7,)], "more than one transaction"
    whole_log(desk)


def test_a_lone_writer_never_waits_in_a_line(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    casebook = desk.casebook()
    heard = Together(casebook.log, monkeypatch)
    for _ in range(5):
        registered(casebook)
    assert heard.sizes == []
    assert not heard.shared._line.busy


class Slow:
    """An engine whose first append takes until it is let go, and may fail; tells how many turns each commit held."""

    def __init__(self, *, fails: bool = False) -> None:
        self.sizes: list[int] = []
        self.go, self.fails = threading.Event(), fails

    def append(self, database: object, events: object, rests: object) -> tuple[int, str]:
        self.sizes.append(1)
        assert self.go.wait(4)
        if self.fails and self.sizes == [1]:
            raise LogUnavailable
        return 1, ""

    def append_together(self, database: object, turns: list[object]) -> list[tuple[int, str]]:
        self.sizes.append(len(turns))
        return [(1, "")] * len(turns)


@pytest.mark.parametrize("fails", [False, True])
def test_a_commit_that_waited_long_or_failed_keeps_nobody_waiting(monkeypatch: pytest.MonkeyPatch, fails: bool) -> None:
    if fails:
        monkeypatch.setattr("service.log.shared.LONGEST", 10)
    engine = Slow(fails=fails)
    shared = SharedAppend(engine, None)  # type: ignore[arg-type]  # no real engine
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(shared.append, [], entries())
        wait_until(lambda: engine.sizes == [1])
        second = pool.submit(shared.append, [], entries())
        wait_until(lambda: len(shared._line.queue) == 1)
        time.sleep(1)  # how long the commit takes, which nobody may wait for once more
        engine.go.set()
        began = time.monotonic()
        assert second.result() == (1, "")
    assert time.monotonic() - began < 0.5
    assert (first.exception() is not None) is fails


@pytest.mark.parametrize(("comes_again", "sizes"), [(True, [1, 3]), (False, [1, 2])])
def test_whoever_leads_waits_for_those_of_the_last_commit_and_no_longer_than_it_took(
    monkeypatch: pytest.MonkeyPatch, comes_again: bool, sizes: list[int]
) -> None:
    engine = Slow()
    shared = SharedAppend(engine, None)  # type: ignore[arg-type]  # no real engine

    monkeypatch.setattr("service.log.shared.LONGEST", 10)

    def append(times: int) -> None:
        for _ in range(times):
            shared.append([], entries())

    with ThreadPoolExecutor(3) as pool:
        done = [pool.submit(append, 1 + comes_again)]
        wait_until(lambda: engine.sizes == [1])
        done += [pool.submit(append, 1) for _ in range(2)]
        wait_until(lambda: len(shared._line.queue) == 2)
        time.sleep(0.2)  # the commit takes long, so that there is time to come again
        engine.go.set()
    assert [one.result() for one in done] == [None] * 3
    assert engine.sizes == sizes
    assert (shared._line.hasty > 0) is not comes_again
    assert not shared._line.busy


def test_a_process_that_was_forked_while_somebody_appended_is_not_held_up(desk: Desk) -> None:
    casebook = desk.casebook()
    shared = casebook.log.recorder.shared
    shared._line.busy, shared._process = True, -1
    assert registered(casebook)


def test_a_log_that_is_held_too_long_is_unavailable_for_everybody_in_line_and_works_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.log.sqlite_database.BUSY_MILLISECONDS", 100)
    monkeypatch.setattr("service.log.postgres_database.LOCK_MILLISECONDS", 100)
    log = desk.casebook().log
    with held(desk), ThreadPoolExecutor(8) as pool:
        done = [pool.submit(log.record, [kps_event(new_id())], entries()) for _ in range(8)]
        assert {type(one.exception()) for one in done} == {LogUnavailable}
    log.record([kps_event(new_id())], entries())
    assert positions(log) == [1, 2]


@contextmanager
def full_disk(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A disk on which nothing more of the log has room. On PostgreSQL a trigger says what the server would."""
    owner = desk.owner()
    if owner.engine == "sqlite":
        honest = SqliteDatabase.connection

        def full(database: SqliteDatabase) -> sqlite3.Connection:
            connection = honest(database)
            connection.execute("PRAGMA max_page_count = 1")  # no more pages than there are
            return connection

        with monkeypatch.context() as patched:
            patched.setattr(SqliteDatabase, "connection", full)
            yield
    else:
        owner.script(
            "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS "
            "$$BEGIN RAISE EXCEPTION 'no space left on device' USING ERRCODE = 'disk_full'; END$$; "
            "CREATE TRIGGER full_disk BEFORE INSERT ON events EXECUTE FUNCTION full_disk()"
        )
        yield
        owner.script("DROP TRIGGER full_disk ON events; DROP FUNCTION full_disk")


@contextmanager
def long_lock(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Somebody else holds the log for longer than anybody waits."""
    with monkeypatch.context() as patched:
        patched.setattr("service.log.sqlite_database.BUSY_MILLISECONDS", 100)
        patched.setattr("service.log.postgres_database.LOCK_MILLISECONDS", 100)
        with held(desk):
            yield


@pytest.mark.parametrize("trouble", [full_disk, long_lock])
def test_what_keeps_a_shared_commit_from_the_disk_is_told_to_all_and_each_may_send_her_command_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, trouble: Any
) -> None:
    desk.casebook().territory()
    asked = [(command(), registration(new_id())) for _ in range(THREADS)]
    with trouble(desk, monkeypatch), ThreadPoolExecutor(THREADS) as pool:
        casebook = desk.casebook(database=desk.connect(desk.url, size=4))
        heard = Together(casebook.log, monkeypatch)
        heard.hold_the_first_until(THREADS - 1, monkeypatch)
        failed = [one.exception() for one in [pool.submit(casebook.record, *one) for one in asked]]
    assert heard.sizes[0] >= THREADS - 1, "whoever was first may be back in the line already"
    assert failed.count(None) < THREADS / 2
    assert {type(one) for one in failed} <= {LogUnavailable, type(None)}
    casebook = desk.casebook()
    before = len(whole_log(desk))
    with ThreadPoolExecutor(THREADS) as pool:
        answers = list(pool.map(lambda one: casebook.record(*one), asked))
    assert before == 1 + sum(answer.repeated for answer in answers) == 1 + failed.count(None)
    again = [casebook.record(*one) for one in asked]
    assert all(same(*two) for two in zip(answers, again, strict=True))
    assert len(whole_log(desk)) == 1 + THREADS


@pytest.mark.parametrize("when", [BEFORE, DURING, AFTER])
def test_a_connection_cut_at_a_shared_commit_leads_to_one_event_and_one_answer_for_each(
    postgres_desk: Desk, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    with CuttingProxy(as_role(postgres_desk.owner_url, "wahana_app")) as proxy:
        casebook: Casebook = postgres_desk.casebook(database=postgres_desk.connect(proxy.url, size=4))
        casebook.territory()
        heard = Together(casebook.log, monkeypatch)
        asked = [command() for _ in range(THREADS)]
        turns: list[Callable[[], Answer]] = [
            lambda one=one: casebook.record(one, registration(new_id()))  # type: ignore[misc]  # bound in the loop
            for one in asked
        ]
        done = all_at_once(postgres_desk, heard.shared, turns[0], turns[1:], lambda: proxy.arm(when))
        answers = [one.result() for one in done]
    assert proxy.cuts == 1
    assert heard.sizes[0] == THREADS - 1
    assert [answer.command for answer in answers] == [one.id for one in asked]
    log = whole_log(postgres_desk)
    assert sorted(answer.position for answer in answers) == list(range(2, 2 + THREADS))
    assert len(log) == 1 + THREADS
    for answer in answers:
        assert log[answer.position - 1].id == answer.events[0].id
    if when == AFTER:  # while the server works, it may or may not have noticed in time
        assert any(answer.repeated for answer in answers)


def test_a_process_killed_while_its_threads_share_commits_loses_nothing_that_was_acknowledged(
    desk: Desk, trial: Trial
) -> None:
    desk.casebook()
    desk.close()
    known: dict[str, int] = {}
    kills, shared = trial.size(4, 60), 0
    for number in range(kills):
        process, pipe = started(share_until_killed, desk, trial.seed + number, 8)
        assert pipe.poll(60)
        time.sleep(trial.random.random() * 0.15)
        process.kill()
        process.join(10)
        assert process.exitcode == -9
        while True:
            try:
                position, identity, others = pipe.recv()
            except EOFError:
                break
            known[identity] = position
            shared += others > 1
        pipe.close()
    log: list[Event] = whole_log(desk)
    assert known.items() <= {event.id: event.position for event in log}.items()
    commands = desk.casebook().log.database.rows("SELECT first, count FROM commands ORDER BY first")
    assert sum(count for _, count in commands) == len(log), "half of a command was recorded"
    trial.count(kills=kills, acknowledged=len(known), events=len(log), in_shared_commits=shared)
    assert shared > 0, "no commit was shared"

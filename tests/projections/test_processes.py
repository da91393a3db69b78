"""Several processes share the jobs of a rebuild."""

import os
import signal
import threading

import pytest

from projections.postgres import PostgresStore
from projections.processes import (
    AT_A_GO,
    LONGEST_REST,
    PAUSE,
    REST,
    Pace,
    ProcessLost,
    behind_others,
    let_others_go_first,
    shared,
)


def test_every_job_is_done_once_by_more_than_one_process() -> None:
    def slow(job: int) -> tuple[int, int]:
        return job, sum(range(200_000)) and os.getpid()

    done = list(shared(range(40), slow, 2))
    assert sorted(job for job, _ in done) == list(range(40))
    assert len({process for _, process in done}) == 2


def test_one_process_works_here_and_forks_nothing() -> None:
    assert list(shared([1, 2, 3], lambda job: (job, os.getpid()), 1)) == [(job, os.getpid()) for job in (1, 2, 3)]


def test_what_fails_in_another_process_fails_here() -> None:
    ours = os.getpid()

    def fails(job: int) -> int:
        if os.getpid() != ours:
            raise LookupError(f"job {job}")
        return sum(range(200_000))

    with pytest.raises(LookupError, match="job"):
        list(shared(range(400), fails, 2))


def test_a_process_that_is_killed_is_missed() -> None:
    ours = os.getpid()

    def killed(job: int) -> int:
        if os.getpid() != ours:
            os.kill(os.getpid(), signal.SIGKILL)
        return sum(range(200_000))

    with pytest.raises(ProcessLost):
        list(shared(range(400), killed, 2))


@pytest.fixture
def rests(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """What is slept, in seconds, without sleeping."""
    slept: list[float] = []
    monkeypatch.setattr("projections.processes.time.sleep", slept.append)
    return slept


def test_work_that_nobody_waits_for_rests_only_while_people_record(rests: list[float]) -> None:
    heads = iter([10, 10, 12, 12])
    pace = Pace(lambda: next(heads))
    for worked in (0.5, 0.5):
        pace.rest(worked)
        pace.pause()
    assert rests == []
    pace.rest(0.1)
    pace.pause()
    assert rests == [REST * 0.1, PAUSE]
    pace.rest(0.1)
    pace.pause()
    assert len(rests) == 2, "they have stopped"


def test_a_server_is_given_rows_in_small_pieces(postgres_url: str, rests: list[float]) -> None:
    heads = iter([10, 12])
    pace = Pace(lambda: next(heads))
    pace.rest(0)
    pace.rest(0)
    store = PostgresStore(postgres_url)
    store.prepare()
    rows = [(number, "x" * 100) for number in range(2_000)]
    with store.loading() as session:
        session.run("CREATE TABLE wahana_views.given (number BIGINT, text TEXT)")
        session.load("wahana_views.given", "number, text", rows, pace)
        assert session.run("SELECT number, text FROM wahana_views.given ORDER BY number") == rows
    store.close()
    assert rests[1:].count(PAUSE) >= 2_000 * 100 // AT_A_GO


@pytest.mark.parametrize("processes", [1, 2])
def test_what_keeps_others_waiting_keeps_its_priority(processes: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("projections.processes.let_others_go_first", let_others_go_first)  # in a thread that ends
    ours = os.nice(0)

    def piece(job: int) -> tuple[int, int, bool]:
        put_behind, there = behind_others(lambda: (os.nice(0), threading.get_ident()))
        return os.nice(0), put_behind, there != threading.get_ident()

    assert set(shared(range(20), piece, processes)) == {(ours, max(ours, 19), True)}
    assert not [one for one in threading.enumerate() if one.name.startswith("ThreadPoolExecutor")], "or a fork has it"
    assert os.nice(0) == ours
    with pytest.raises(ZeroDivisionError):
        list(shared([1, 2], lambda job: behind_others(lambda: job // 0), processes))


def test_no_rest_is_longer_than_a_moment(rests: list[float]) -> None:
    heads = iter([10, 11])
    pace = Pace(lambda: next(heads))
    pace.rest(60)
    pace.rest(60)
    assert rests == [LONGEST_REST]

"""Several processes share the jobs of a rebuild."""

import os
import signal

import pytest

from projections.processes import AT_A_GO, LONGEST_REST, PAUSE, Pace, ProcessLost, shared


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
    rows = list(range(3 * AT_A_GO))
    for worked in (0.5, 0.5):
        pace.rest(worked)
        assert list(pace.through(rows)) == rows
    assert rests == []
    pace.rest(0.3)
    assert list(pace.through(rows)) == rows
    assert rests == [0.3, PAUSE, PAUSE, PAUSE]
    pace.rest(0.3)
    assert list(pace.through(rows)) == rows
    assert len(rests) == 4, "they have stopped"


def test_no_rest_is_longer_than_a_moment(rests: list[float]) -> None:
    heads = iter([10, 11])
    pace = Pace(lambda: next(heads))
    pace.rest(60)
    pace.rest(60)
    assert rests == [LONGEST_REST]

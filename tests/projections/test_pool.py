"""The pool of connections to PostgreSQL."""

from __future__ import annotations

import threading
from typing import Any

import psycopg

from projections.pool import Pool


def test_a_pool_may_be_taken_away_by_a_thread_of_its_own(postgres_url: str) -> None:
    pool: Pool[psycopg.Connection[Any]] = Pool(postgres_url, min_size=1, open=True)
    pool.wait()
    workers = list(pool._workers)
    told: list[BaseException] = []

    def collected() -> None:
        try:
            pool.__del__()
        except BaseException as error:
            told.append(error)

    own = threading.Thread(target=collected)
    pool._workers.append(own)
    own.start()
    own.join(4)
    for worker in workers:
        worker.join(4)
    assert told == []
    assert not any(worker.is_alive() for worker in workers), "all were told to end"

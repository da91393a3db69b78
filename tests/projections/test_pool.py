"""The pool of connections to PostgreSQL."""

from __future__ import annotations

import threading
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict
from psycopg_pool import PoolTimeout

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


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("postgresql://nobody_here@/postgres?host={host}", 'role "nobody_here" does not exist'),
        ("postgresql://a:b@c@127.0.0.1:1/wahana", "failed to resolve host …"),
    ],
)
def test_whoever_gets_no_connection_is_told_why_and_no_password(postgres_url: str, url: str, said: str) -> None:
    host = str(conninfo_to_dict(postgres_url)["host"])
    pool: Pool[psycopg.Connection[Any]] = Pool(url.format(host=host), min_size=1, timeout=1, open=True)
    with pytest.raises(PoolTimeout) as refused:
        pool.getconn()
    pool.close()
    assert said in str(refused.value)
    assert "c@" not in str(refused.value)

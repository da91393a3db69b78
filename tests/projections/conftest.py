"""A store for views on each engine, and a ledger to fold."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from projections.engine import Views
from projections.postgres import PostgresStore
from projections.sqlite import SqliteStore
from projections.store import Store
from tests.projections.market import MARKET, Ledger


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    made: Store
    if request.param == "sqlite":
        made = SqliteStore(tmp_path / "views.db")
    else:
        made = PostgresStore(request.getfixturevalue("postgres_url"), spool=str(tmp_path / "views"))
    yield made
    made.close()


@pytest.fixture
def ledger() -> Ledger:
    return Ledger()


@pytest.fixture
def views(store: Store, ledger: Ledger) -> Views:
    views = Views(store, MARKET, ledger, now=lambda: "2026-12-02T00:00:00.000000Z")
    views.prepare()
    return views

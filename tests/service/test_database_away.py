"""What a database that goes down, fills up or may only be read is to whoever asks: unavailable, and never a fault."""

from __future__ import annotations

import sqlite3
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from projections.sqlite import SqliteStore
from projections.store import StoreUnavailable
from service.log.entries import LogUnavailable
from service.log.ids import new_id
from service.log.sqlite_database import SqliteDatabase
from tests.service.casebooks import Desk, as_role, command, registration
from tests.service.cutting_proxy import CuttingProxy


class Full(sqlite3.Connection):
    """A connection to a file on a disk without space: in this journal it shows at COMMIT."""

    def execute(self, sql: str, *parameters: Any) -> sqlite3.Cursor:
        if sql == "COMMIT":
            raise sqlite3.OperationalError("database or disk is full")
        return super().execute(sql, *parameters)


@pytest.fixture
def full(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite3, "connect", partial(sqlite3.connect, factory=Full))


def test_a_server_that_went_down_at_once_is_asked_again_when_it_is_back(postgres_desk: Desk) -> None:
    asked = "SELECT count(*) FROM events WHERE position < :first"
    # Over a socket of the machine the library then reports no code, and a connection that seems to stand.
    with TemporaryDirectory() as folder, CuttingProxy(as_role(postgres_desk.owner_url, "wahana_app"), folder) as proxy:
        database = postgres_desk.connect(proxy.url, size=2)
        assert database.quick(asked, first=1) == [(0,)]
        proxy.crash()
        assert database.quick(asked, first=1) == [(0,)]
        database.close()


def test_a_standby_that_is_not_the_primary_yet_is_unavailable_and_no_fault(postgres_desk: Desk) -> None:
    casebook, asked, decide = postgres_desk.casebook(), command(), registration(new_id(), "Ibu Rahma")
    casebook.territory()
    owner = postgres_desk.owner()
    name = owner.rows("SELECT current_database()")[0][0]
    over = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    owner.rows(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    owner.rows(over)
    with pytest.raises(LogUnavailable):
        casebook.record(asked, decide)
    owner.rows("SET default_transaction_read_only = off")
    owner.rows(f"ALTER DATABASE {name} RESET default_transaction_read_only")
    owner.rows(over)
    assert not casebook.record(asked, decide).repeated


def test_a_disk_without_space_is_unavailable_for_the_log_and_named(tmp_path: Path, full: None) -> None:
    database = SqliteDatabase(str(tmp_path / "keys.db"), owner=True)
    database.script("CREATE TABLE t (a INTEGER)")
    with pytest.raises(LogUnavailable, match=r"keys\.db: database or disk is full"), database.transaction():
        database.rows("INSERT INTO t VALUES (1)")
    assert not database.connection().in_transaction
    assert database.rows("SELECT * FROM t") == []


def test_a_disk_without_space_is_unavailable_for_the_views_and_named(tmp_path: Path, full: None) -> None:
    store = SqliteStore(tmp_path / "views.db")
    with pytest.raises(StoreUnavailable, match=r"views\.db: database or disk is full"), store.writing(1) as session:
        session.run("CREATE TABLE t (a INTEGER)")
    with pytest.raises(StoreUnavailable, match="no such table"), store.reading() as session:
        session.run("SELECT * FROM t")

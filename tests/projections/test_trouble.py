"""What the views do when the log or a handler is not as it should be."""

import os
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from domain.aggregate import Event
from domain.correction import Retracted
from projections import postgres
from projections.engine import LogReplaced, NewerEvent, Views, ViewsNotReady
from projections.postgres import PostgresStore
from projections.projection import Projection
from projections.source import Unreadable
from projections.sqlite import SqliteStore
from projections.store import Store, StoreUnavailable
from tests.projections.market import (
    MARKET,
    Ledger,
    ToughRow,
    closed,
    corrected,
    opened,
    stocked,
    tough,
)


def stall(views: Views, key: str = "a", as_of: int | str | None = None) -> dict[str, Any] | None:
    return views.at(as_of).one("SELECT * FROM {stalls} WHERE key = :key", key=key)


def test_a_malformed_event_is_set_aside_with_its_stream_and_the_rest_goes_on(views: Views, ledger: Ledger) -> None:
    ledger.write(opened("a"))
    ledger.write(stocked("a"))
    ledger.write(opened("b"))
    ledger.write(closed("a"))
    ledger.spoil(2)
    assert (stall(views, "b") or {})["open"] == 1
    assert (stall(views, "a") or {})["open"] == 1
    ledger.write(closed("a"))
    assert (stall(views, "a") or {})["open"] == 1
    for status in views.status():
        assert [(event.position, event.stream, event.reason) for event in status.set_aside] == [
            (2, "a", "not a number")
        ]
        assert status.lag == 0


@pytest.mark.parametrize("count", [0, 7])
def test_an_event_that_a_handler_cannot_take_is_set_aside_for_all_projections(
    store: Store, ledger: Ledger, count: int
) -> None:
    views = Views(store, (*MARKET, tough), ledger)
    views.prepare()
    ledger.write(opened("a"), stocked("a"), stocked("b"))
    ledger.write(stocked("a", count=count))
    ledger.write(stocked("b"), stocked("a"))
    assert views.catch_up().position == 6
    with views.at() as view:
        assert view.rows("SELECT key, count FROM {tough} ORDER BY key") == [
            {"key": "a", "count": 1},
            {"key": "b", "count": 2},
        ]
        assert view.one("SELECT pieces FROM {stalls} WHERE key = 'a'") == {"pieces": 1}
    assert {event.position for status in views.status() for event in status.set_aside} == {4}


def test_an_event_newer_than_this_program_makes_the_views_late_and_sets_nothing_aside(
    views: Views, ledger: Ledger
) -> None:
    ledger.write(opened("a"))
    ledger.write(stocked("a"))
    ledger.newer_from = 2
    assert views.catch_up().position == 1
    done = views.catch_up()
    assert (done.position, done.newer) == (1, 2)
    assert views.at().behind == 1
    assert not any(status.set_aside for status in views.status())


def test_a_stream_that_cannot_be_read_again_for_a_correction_is_set_aside(
    views: Views, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger.write(opened("a"))
    ledger.write(stocked("a"))
    views.catch_up()
    ledger.write(corrected("a", 2, count=5), opened("b"))

    def altered(stream: str, upto: int) -> list[Event]:
        raise Unreadable(2, "the text does not match its leaf hash")

    monkeypatch.setattr(ledger, "stream", altered)
    assert views.catch_up().position == 4
    assert (stall(views, "a") or {})["pieces"] == 1
    assert stall(views, "b") is not None
    reasons = {event.reason for status in views.status() for event in status.set_aside}
    assert reasons == {"stream: Unreadable: position 2: the text does not match its leaf hash"}


@pytest.mark.parametrize("error", [ConnectionError("the log is away"), NewerEvent(2)])
def test_a_log_that_is_away_or_newer_sets_nothing_aside(
    views: Views, ledger: Ledger, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    ledger.write(opened("a"))
    ledger.write(stocked("a"))
    views.catch_up()
    ledger.write(corrected("a", 2, count=5))

    def refused(stream: str, upto: int) -> list[Event]:
        raise error

    with monkeypatch.context() as patched, suppress(ConnectionError):
        patched.setattr(ledger, "stream", refused)
        assert views.catch_up().newer == 2
    assert {(status.position, status.set_aside) for status in views.status()} == {(2, ())}
    assert views.catch_up().position == 3
    assert (stall(views) or {})["pieces"] == 5


def test_a_restored_log_is_noticed(views: Views, ledger: Ledger) -> None:
    ledger.write(opened("a"))
    ledger.write(stocked("a"))
    views.catch_up()
    shorter = ledger.upto(1)
    with pytest.raises(LogReplaced):
        Views(views.store, MARKET, shorter).at().rows("SELECT * FROM {stalls}")
    with pytest.raises(LogReplaced):
        Views(views.store, MARKET, shorter).at(1).rows("SELECT * FROM {stalls}")
    shorter.write(stocked("a", count=5))
    with pytest.raises(LogReplaced):
        Views(views.store, MARKET, shorter).at().rows("SELECT * FROM {stalls}")
    shorter.write(stocked("a"))
    with pytest.raises(LogReplaced):
        Views(views.store, MARKET, shorter).catch_up()


def test_views_of_another_log_say_so_and_are_not_taken_for_ready(views: Views, ledger: Ledger) -> None:
    ledger.write(opened("a"))
    ledger.write(stocked("a"))
    views.catch_up()
    assert {(status.replaced, status.lag) for status in views.status()} == {(False, 0)}
    restored = Views(views.store, MARKET, ledger.upto(1))
    assert {(status.replaced, status.lag, status.position) for status in restored.status()} == {(True, 1, 2)}


def test_a_definition_without_tables_waits_for_a_rebuild_when_the_log_is_long(store: Store, ledger: Ledger) -> None:
    ledger.write(opened("a"), opened("b"), opened("c"))
    views = Views(store, MARKET, ledger)
    views.prepare(small=2)
    with pytest.raises(ViewsNotReady) as refused:
        views.at().rows("SELECT * FROM {stalls}")
    assert refused.value.names == ("goods", "lines", "stalls", "visits")
    views.prepare(small=3)
    assert views.at().one("SELECT count(*) AS n FROM {stalls}") == {"n": 3}


def test_a_database_of_the_views_that_is_away_is_one_and_the_same_trouble(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "POOL_SECONDS", 0.2)
    away = PostgresStore("postgresql://nobody@127.0.0.1:1/nothing", spool=str(tmp_path / "views"))
    for store in (away, SqliteStore(tmp_path / "no" / "such" / "folder" / "views.db")):
        with pytest.raises(StoreUnavailable), store.reading():
            pass
        with pytest.raises(StoreUnavailable), store.writing(0.1):
            pass
        store.close()


def test_nothing_that_a_fork_would_share_is_used_after_it(views: Views, ledger: Ledger) -> None:
    ledger.write(opened("a"))
    views.catch_up()
    child = os.fork()
    if child == 0:
        try:
            ledger.write(stocked("a"))
            os._exit(0 if (stall(views) or {})["pieces"] == 1 else 1)
        except BaseException:
            os._exit(2)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    ledger.write(stocked("a", count=1))
    assert (stall(views) or {})["pieces"] == 1


def test_only_a_raw_projection_may_register_for_corrections() -> None:
    projection = Projection("plain", row=ToughRow)
    with pytest.raises(TypeError):
        projection.on(Retracted)
    raw = Projection("raw_one", row=ToughRow, raw=True)
    raw.on(Event)(lambda row, event: None)
    assert raw.handler(Retracted) is not None

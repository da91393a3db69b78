"""What people see follows the log, at every moment of it, and says so when it cannot."""

import threading
import time
from typing import Any

import pytest

from projections.engine import NoSuchPosition, Views
from projections.store import Busy, Store
from projections.verify import verify
from tests.projections.market import (
    MARKET,
    Ledger,
    closed,
    corrected,
    emptied,
    opened,
    retracted,
    stocked,
    visited_by,
)


def stall(views: Views, key: str = "a", as_of: int | str | None = None) -> dict[str, Any] | None:
    return views.at(as_of).one("SELECT * FROM {stalls} WHERE key = :key", key=key)


def test_a_reader_sees_what_was_just_recorded(views: Views, ledger: Ledger) -> None:
    ledger.write(opened("a"), stocked("a", count=3))
    with views.at() as view:
        assert view.position == 2
        assert view.behind == 0
        assert view.rows("SELECT * FROM {stalls}") == [
            {
                "key": "a",
                "village": "75.01.01.1001",
                "name": "Kios",
                "opened_on": "2019-07-01",
                "open": 1,
                "pieces": 3,
                "visits": 0,
                "since": 2,
            }
        ]


def test_an_event_that_changes_nothing_leaves_no_version(views: Views, ledger: Ledger) -> None:
    ledger.write(opened("a"))
    ledger.write(visited_by("a", "nobody"))
    assert (stall(views) or {})["since"] == 1
    ledger.write(visited_by("b", "nobody"))
    assert stall(views, "b") is None


def test_every_event_that_changed_a_row_leaves_a_version_whatever_the_batch(views: Views, ledger: Ledger) -> None:
    ledger.write(opened("a"), stocked("a"), stocked("a"), closed("a"))
    views.catch_up()
    with views.store.reading() as session:
        past = session.run(f"SELECT pieces, since, until FROM {views.tables('stalls', 1).past} ORDER BY since")
    assert past == [(0, 1, 2), (1, 2, 3), (2, 3, 4)]


def test_a_past_position_shows_what_was_known_then_at_the_end_of_its_command(views: Views, ledger: Ledger) -> None:
    ledger.write(opened("a"), stocked("a", count=2))
    ledger.write(emptied("a"))
    ledger.write(stocked("a", count=9))
    with views.at(as_of=1) as view:
        assert (view.position, view.clock) == (2, ledger.time(2))
        assert view.rows("SELECT key, count FROM {goods}") == [{"key": "a/ikan", "count": 2}]
    assert views.at(as_of=3).rows("SELECT key FROM {goods}") == []
    view = views.at(as_of=ledger.time(3))
    assert (view.position, view.clock, view.rows("SELECT key FROM {goods}")) == (3, ledger.time(3), [])
    assert views.at().one("SELECT count FROM {goods}") == {"count": 9}
    assert views.at(as_of=0).rows("SELECT key FROM {stalls}") == []
    assert views.at(as_of="1999-01-01T00:00:00.000000Z").position == 0


def test_a_position_that_is_not_recorded_yet_cannot_be_asked(views: Views, ledger: Ledger) -> None:
    ledger.write(opened("a"))
    with pytest.raises(NoSuchPosition):
        _ = views.at(as_of=2).position


def test_a_correction_changes_today_and_leaves_the_past_as_it_was_known(views: Views, ledger: Ledger) -> None:
    ledger.write(opened("a"))
    ledger.write(stocked("a", count=30))
    ledger.write(corrected("a", 2, count=3))
    assert (stall(views) or {})["pieces"] == 3
    assert (stall(views, as_of=2) or {})["pieces"] == 30
    assert views.at().one("SELECT count, since FROM {goods}") == {"count": 3, "since": 3}


def test_a_retraction_removes_rows_that_no_longer_arise_and_its_own_retraction_brings_them_back(
    views: Views, ledger: Ledger
) -> None:
    ledger.write(opened("a"))
    ledger.write(visited_by("a"), stocked("a"))
    views.catch_up()
    ledger.write(retracted("a", 2), retracted("a", 3))
    assert views.at().rows("SELECT key FROM {visits}") == []
    assert views.at().rows("SELECT key FROM {goods}") == []
    ledger.write(retracted("a", 4))
    assert views.at().rows("SELECT key, visitor FROM {visits}") == [{"key": "id-000002", "visitor": "Ana"}]


def test_a_correction_that_moves_goods_drops_the_row_they_were_under(views: Views, ledger: Ledger) -> None:
    ledger.write(opened("a"), stocked("a", "ikan"))
    views.catch_up()
    ledger.write(corrected("a", 2, goods="beras"))
    assert views.at().rows("SELECT key FROM {goods}") == [{"key": "a/beras"}]


def test_goods_moved_by_one_correction_and_back_by_the_next_are_in_one_place_only(views: Views, ledger: Ledger) -> None:
    ledger.write(opened("a"), stocked("a", "ikan"))
    ledger.write(corrected("a", 2, goods="beras"))
    views.catch_up()
    ledger.write(retracted("a", 3))
    assert views.at().rows("SELECT key FROM {goods}") == [{"key": "a/ikan"}]
    assert views.at(as_of=3).rows("SELECT key FROM {goods}") == [{"key": "a/beras"}]


def test_a_raw_projection_is_told_of_corrections(views: Views, ledger: Ledger) -> None:
    ledger.write(opened("a"), stocked("a"))
    ledger.write(retracted("a", 2))
    assert views.at().one("SELECT struck FROM {lines} WHERE key = 'a#2'") == {"struck": 1}


def test_questions_inside_one_view_agree_while_others_write(views: Views, ledger: Ledger) -> None:
    ledger.write(opened("a"))
    with views.at() as view:
        assert view.one("SELECT count(*) AS n FROM {lines}") == {"n": 1}
        ledger.write(stocked("a"))
        other = threading.Thread(target=views.catch_up)
        other.start()
        other.join()
        assert view.one("SELECT count(*) AS n FROM {lines}") == {"n": 1}
        assert view.one("SELECT pieces FROM {stalls}") == {"pieces": 0}
    assert view.one("SELECT pieces FROM {stalls}") == {"pieces": 0}, "outside with, still the same position"
    assert views.at().one("SELECT pieces FROM {stalls}") == {"pieces": 1}


def test_lists_percent_signs_and_casts_mean_the_same_on_both_engines(views: Views, ledger: Ledger) -> None:
    ledger.write(opened("a", name="100% :kios"), opened("b"), opened("c"))
    with views.at() as view:
        sql = "SELECT key FROM {stalls} WHERE key IN :keys AND name LIKE '%' AND open = :open ORDER BY key"
        assert view.rows(sql, keys=["a", "c", "x"], open=True) == [{"key": "a"}, {"key": "c"}]
        assert view.rows(sql, keys=(), open=True) == []
        assert view.rows("SELECT key FROM {stalls} WHERE name = '100% :kios'") == [{"key": "a"}]


def test_far_behind_a_reader_gets_the_older_position_and_is_told(views: Views, ledger: Ledger) -> None:
    ledger.write(opened("a"))
    views.catch_up()
    for _ in range(12):
        ledger.write(stocked("a"))
    done = views.catch_up(limit=10)
    assert (done.position, done.head, done.folded) == (1, 13, 0)
    stop = threading.Event()
    views.follow(stop, poll=0, batch=5, said=lambda done: stop.set())
    assert views.catch_up(limit=10).position == 13


def test_a_batch_ends_where_its_command_ends(views: Views, ledger: Ledger) -> None:
    ledger.write(opened("a"), stocked("a"), stocked("a"))
    ledger.write(stocked("a"))
    seen = []
    views.store.prepare()
    with views.store.writing(1) as session:
        seen.append(views.advance(session, 2, {}).position)
    assert seen == [3]


def test_while_another_folds_a_reader_does_not_wait_long(views: Views, ledger: Ledger) -> None:
    ledger.write(opened("a"))
    folding, done = threading.Event(), threading.Event()

    def fold() -> None:
        with views.store.writing(1):
            folding.set()
            done.wait(10)

    other = threading.Thread(target=fold)
    other.start()
    folding.wait(10)
    assert views.catch_up(wait=0.05).position == 0
    with pytest.raises(Busy), views.store.writing(0.05):
        pass
    done.set()
    other.join()
    assert views.catch_up().position == 1


def test_who_waits_for_her_own_position_gets_it_once_the_other_has_folded(views: Views, ledger: Ledger) -> None:
    position = ledger.write(opened("a"))
    folding = threading.Event()

    def fold() -> None:
        with views.store.writing(1) as session:
            folding.set()
            time.sleep(0.05)
            views.advance(session, 10, {})

    other = threading.Thread(target=fold)
    other.start()
    folding.wait(10)
    assert views.at(wait_for=position).position == position
    other.join()
    began = time.monotonic()
    late = views.at(wait_for=position + 5)
    assert (late.position, late.behind) == (position, 5)
    assert 0.2 < time.monotonic() - began < 5


def test_many_threads_fold_every_event_once(views: Views, ledger: Ledger) -> None:
    for number in range(60):
        ledger.write(opened(f"s{number}"), stocked(f"s{number}"))
    threads = [threading.Thread(target=lambda: [views.catch_up(wait=5) for _ in range(5)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert views.at().one("SELECT sum(pieces) AS n FROM {stalls}") == {"n": 60}


def test_whoever_records_brings_views_nearer_that_lie_too_far_behind_for_a_reader(store: Store) -> None:
    ledger = Ledger()
    views = Views(store, MARKET, ledger)
    views.prepare()
    for number in range(15):
        ledger.write(*(opened(f"s{number}.{each}") for each in range(100)))
    assert views.catch_up().position == 0
    assert views.catch_up(200, wait=0, behind=True).position == 200, "no more than was asked for"
    while (done := views.catch_up(200, wait=0, behind=True)).position < done.head:
        assert done.folded > 0
    assert verify(views).differences == ()

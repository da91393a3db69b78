"""What was set aside is taken in again, and then the views are what a rebuild would make of the log, byte for byte."""

import os
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.aggregate import Event
from projections.engine import LogReplaced, NewerEvent, Views
from projections.fold import Unfoldable
from projections.release import NothingAside, release, retry
from projections.store import Store
from projections.verify import verify
from tests.projections.folded import fresh, state
from tests.projections.market import (
    MARKET,
    Ledger,
    Stall,
    ToughRow,
    closed,
    corrected,
    emptied,
    opened,
    retracted,
    stocked,
    tough,
    visited_by,
)
from tests.projections.test_same_bytes import COMMANDS, emptied_store, record


def left_out(views: Views) -> set[tuple[int, str]]:
    return {(bad.position, bad.stream) for status in views.status() for bad in status.set_aside}


def eventful(ledger: Ledger) -> None:
    """A stall with corrections before, at and after what happens at position 4; and another one."""
    ledger.write(opened("a"), opened("b"))
    ledger.write(stocked("a", count=5))
    ledger.write(corrected("a", 2, count=4))
    ledger.write(stocked("b"), visited_by("a"))
    ledger.write(corrected("a", 3, requested_by="kantor"), stocked("a", "beras", 2))
    ledger.write(retracted("a", 4), emptied("a"), closed("b"))
    ledger.write(corrected("a", 6, goods="jagung"), visited_by("a", "Ani"))


@pytest.mark.parametrize("name", [4, "a"])
def test_a_released_stream_is_what_a_rebuild_makes_of_it_with_its_history(
    views: Views, ledger: Ledger, tmp_path: Path, name: int | str
) -> None:
    eventful(ledger)
    true = ledger.spoil(4)
    views.catch_up(limit=3, bounded=False)
    assert left_out(views) == {(4, "a")}
    before = state(views)
    ledger.mend(true)
    done = release(views, name)
    assert (done.stream, done.position, done.stopped) == ("a", 4, None)
    assert done.projections == ("goods", "lines", "stalls", "visits")
    assert left_out(views) == set()
    assert state(views) == fresh(ledger, tmp_path / "fresh.db") != before
    assert verify(views).differences == ()
    assert views.at(as_of=8).rows("SELECT key, count FROM {goods} ORDER BY key") == [
        {"key": "a/beras", "count": 2},
        {"key": "a/ikan", "count": 4},
        {"key": "b/ikan", "count": 1},
    ]
    ledger.write(closed("a"), visited_by("b"))
    views.catch_up()
    assert state(views) == fresh(ledger, tmp_path / "later.db")


def test_what_still_cannot_be_folded_is_not_released_and_nothing_changes(views: Views, ledger: Ledger) -> None:
    eventful(ledger)
    true = ledger.spoil(4)
    ledger.spoil(7)
    views.catch_up()
    before = state(views)
    with pytest.raises(Unfoldable, match="position 4: not a number"):
        release(views, "a")
    ledger.mend(true)
    with pytest.raises(Unfoldable, match="position 7: not a number"):
        release(views, 4)
    assert (state(views), left_out(views)) == (before, {(4, "a")})


def test_a_retry_takes_in_what_folds_and_keeps_aside_what_does_not(
    views: Views, ledger: Ledger, tmp_path: Path
) -> None:
    eventful(ledger)
    ledger.write(opened("c"), stocked("c"))
    spoilt = [ledger.spoil(position) for position in (2, 4, 10, 15)]
    ledger.write(opened("d"))
    views.catch_up()
    assert left_out(views) == {(2, "b"), (4, "a"), (15, "c")}
    assert [(tried.stream, tried.stopped) for tried in retry(views)] == [("b", 2), ("a", 4), ("c", 15)]
    assert left_out(views) == {(2, "b"), (4, "a"), (15, "c")}
    for event in spoilt[:2]:
        ledger.mend(event)
    told = [(tried.stream, tried.position, tried.stopped, tried.reason) for tried in retry(views)]
    assert told == [("b", 2, None, ""), ("a", 4, 10, "not a number"), ("c", 15, 15, "not a number")]
    assert left_out(views) == {(10, "a"), (15, "c")}
    assert state(views) == fresh(ledger, tmp_path / "fresh.db")
    assert verify(views).differences == ()
    for event in spoilt[2:]:
        ledger.mend(event)
    assert [tried.stopped for tried in retry(views)] == [None, None]
    assert retry(views) == []
    assert state(views) == fresh(ledger, tmp_path / "whole.db")


def test_a_mended_program_takes_in_what_the_faulty_one_could_not(
    store: Store, ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    views = Views(store, (*MARKET, tough), ledger)
    views.prepare()
    ledger.write(opened("a"), stocked("a", count=1), stocked("a", count=0), stocked("a", count=7), stocked("b"))
    ledger.write(stocked("a", count=1))
    views.catch_up()
    assert left_out(views) == {(3, "a")}
    with pytest.raises(Unfoldable, match="position 3: tough: ZeroDivisionError"):
        release(views, "a")

    def halfway(row: ToughRow, event: Stall.Stocked) -> None:
        row.count += event.count if event.count != 7 else 2**80

    monkeypatch.setattr(tough, "handler", lambda kind: halfway if kind is Stall.Stocked else None)
    with pytest.raises(Unfoldable, match=r"position 4: tough.count: int"):
        release(views, "a")
    (tried,) = retry(views)
    assert (tried.position, tried.stopped) == (3, 4)
    assert left_out(views) == {(4, "a")}
    assert views.at().one("SELECT count, since FROM {tough} WHERE key = 'a'") == {"count": 1, "since": 2}

    def mended(row: ToughRow, event: Stall.Stocked) -> None:
        row.count += event.count

    monkeypatch.setattr(tough, "handler", lambda kind: mended if kind is Stall.Stocked else None)
    assert release(views, 4).projections == ("goods", "lines", "stalls", "tough", "visits")
    assert views.at().one("SELECT count, since FROM {tough} WHERE key = 'a'") == {"count": 9, "since": 6}
    assert verify(views).differences == ()


def test_a_retry_loses_nothing_that_the_views_hold(views: Views, ledger: Ledger, tmp_path: Path) -> None:
    """An event that was whole when it was folded and is spoilt now is noticed when a correction reads the stream."""
    ledger.write(opened("a"), stocked("a", count=2), stocked("a", count=3))
    views.catch_up()
    true = ledger.spoil(2)
    ledger.write(corrected("a", 3, count=1), opened("b"))
    views.catch_up()
    assert left_out(views) == {(4, "a")}
    before = state(views)
    (tried,) = retry(views)
    assert (tried.projections, tried.stopped, tried.reason) == ((), 2, "not a number")
    assert (state(views), left_out(views)) == (before, {(4, "a")})
    ledger.mend(true)
    assert release(views, "a").position == 4
    assert state(views) == fresh(ledger, tmp_path / "fresh.db")


def test_views_at_different_positions_are_each_released_up_to_their_own(
    views: Views, ledger: Ledger, tmp_path: Path
) -> None:
    eventful(ledger)
    true = ledger.spoil(4)
    with views.store.writing(1) as session:
        own = views.own(session)
        views.advance(session, 20, {}, {name: own[name] for name in ("stalls", "lines")})
        views.advance(session, 5, {}, {name: own[name] for name in ("goods", "visits")})
    assert {status.position for status in views.status()} == {6, 13}
    ledger.mend(true)
    release(views, 4)
    assert {status.position for status in views.status()} == {6, 13}
    views.catch_up()
    assert state(views) == fresh(ledger, tmp_path / "fresh.db")


def test_a_release_names_what_it_cannot_do(views: Views, ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    eventful(ledger)
    views.catch_up()
    for name in (4, "a"):
        with pytest.raises(NothingAside, match=f"nothing is set aside .* {name}"):
            release(views, name)
    ledger.write(stocked("a"))
    ledger.write(opened("c"))
    true = ledger.spoil(14)
    views.catch_up()
    ledger.mend(true)

    def newer(stream: str, upto: int) -> list[Event]:
        raise NewerEvent(12)

    with monkeypatch.context() as patched:
        patched.setattr(ledger, "stream", newer)
        with pytest.raises(NewerEvent):
            release(views, 14)
        assert [(tried.stopped, tried.reason) for tried in retry(views)] == [(12, str(NewerEvent(12)))]
    assert left_out(views) == {(14, "a")}
    other = ledger.upto(14)
    other.write(opened("x"))
    with pytest.raises(LogReplaced):
        release(Views(views.store, MARKET, other), 14)


@settings(
    max_examples=int(os.environ.get("WAHANA_TRIALS_PROJECTIONS", "40")),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    commands=COMMANDS,
    spoilt=st.sets(st.integers(1, 12), min_size=1, max_size=4),
    catches=st.sets(st.integers(0, 14)),
    retries=st.dictionaries(st.integers(0, 14), st.integers(1, 12), max_size=4),
    batch=st.integers(1, 5),
)
def test_whatever_is_set_aside_and_released_when_the_bytes_are_those_of_a_rebuild(
    store: Store,
    commands: list[list[Any]],
    spoilt: set[int],
    catches: set[int],
    retries: dict[int, int],
    batch: int,
) -> None:
    ledger = Ledger()
    true: dict[int, Any] = {}
    with emptied_store(store) as place, tempfile.TemporaryDirectory() as folder:
        views = Views(place, MARKET, ledger)
        views.prepare()
        for number, command in enumerate(commands):
            record(ledger, command)
            for position in spoilt - true.keys():
                if position <= len(ledger.events):
                    true[position] = ledger.spoil(position)
            if number in catches:
                views.catch_up(batch, bounded=False)
            if number in retries and retries[number] in true:
                ledger.mend(true[retries[number]])
                retry(views)
        ledger.write(opened("z"))
        views.catch_up(batch, bounded=False)
        for event in true.values():
            ledger.mend(event)
        for position, _ in sorted(left_out(views)):
            release(views, position)
        views.catch_up(batch, bounded=False)
        assert left_out(views) == set()
        assert state(views) == fresh(ledger, Path(folder) / "fresh.db")
        assert verify(views).differences == ()


def test_what_is_kept_of_today_is_asked_again_once_a_stream_is_taken_in(views: Views, ledger: Ledger) -> None:
    ledger.write(opened("a"), opened("b"))
    true = ledger.spoil(2)
    views.catch_up(bounded=False)

    def kept() -> list[str]:
        with views.at() as view:
            return [row["key"] for row in view.standing("SELECT s.key FROM {stalls} s ORDER BY s.key")]

    assert kept() == kept() == ["a"]
    ledger.mend(true)
    release(views, "b")
    assert kept() == ["a", "b"]
    ledger.write(opened("c"))
    views.catch_up(bounded=False)
    assert kept() == ["a", "b", "c"]
    assert len(views.standing) == 1, "what was true before is not kept"

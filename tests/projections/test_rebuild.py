"""Views are built anew beside the live ones, compared with the log, and switched."""

import threading
from pathlib import Path
from typing import Any

import pytest

from projections import generations
from projections.engine import Views
from projections.rebuild import Damaged, RebuildRefused, RebuildRunning, rebuild, switch_back
from projections.store import Store, Tables
from projections.verify import verify
from tests.projections.folded import fresh, history, state
from tests.projections.market import (
    MARKET,
    opened,
    stocked,
)


def test_reads_go_on_during_a_rebuild_and_what_is_recorded_meanwhile_is_in_it(store: Store) -> None:
    ledger = history()
    views = Views(store, MARKET, ledger)
    views.prepare()
    views.catch_up()
    rounds = 0

    def meanwhile(done: int, of: int, rate: float, left: float, step: str) -> None:
        nonlocal rounds
        rounds += 1
        if rounds < 4:
            ledger.write(opened(f"new{rounds}"))
            assert views.at().one("SELECT count(*) AS n FROM {stalls}") == {"n": 7 + rounds}

    done = rebuild(views, progress=meanwhile, batch=20)
    assert done.position == len(ledger.events)
    assert rounds > 4
    assert views.at().one("SELECT count(*) AS n FROM {stalls}") == {"n": 10}
    assert verify(views).differences == ()


def test_folding_lets_others_go_first_and_writing_which_keeps_others_waiting_does_not(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    views = Views(store, MARKET, history())
    views.prepare()
    behind: set[int] = set()
    at: dict[str, set[int]] = {"streams": set(), "loading": set()}

    def noted(of: object, name: str) -> None:
        real = getattr(of, name)

        def called(*asked: Any) -> Any:
            at[name].add(threading.get_ident())
            return real(*asked)

        monkeypatch.setattr(of, name, called)

    monkeypatch.setattr("projections.processes.let_others_go_first", lambda *_: behind.add(threading.get_ident()))
    noted(views.source, "streams")
    noted(store, "loading")
    rebuild(views, processes=1)
    assert at["streams"] <= behind
    assert at["loading"] == {threading.get_ident()}
    assert threading.get_ident() not in behind


def test_a_rebuild_ends_before_an_event_newer_than_this_program(store: Store) -> None:
    ledger = history(12)
    ledger.newer_from = 20
    views = Views(store, MARKET, ledger)
    views.prepare(small=0)
    assert rebuild(views, batch=7).position == 19
    assert views.catch_up().newer == 20
    ledger.newer_from = None
    assert views.catch_up().position == len(ledger.events)
    assert verify(views).differences == ()


def test_a_rebuild_of_one_projection_leaves_the_others(store: Store) -> None:
    ledger = history()
    views = Views(store, MARKET, ledger)
    views.prepare()
    views.catch_up()
    before = state(views)
    rebuild(views, ["goods"])
    ledger.write(opened("late"))
    views.catch_up()
    assert {status.projection for status in views.status() if status.generation == 2} == {"goods"}
    assert verify(views).differences == ()
    assert state(views)["goods"] == before["goods"]


def test_set_aside_streams_stay_aside_until_a_rebuild_can_read_them(store: Store) -> None:
    ledger = history(12)
    views = Views(store, MARKET, ledger)
    views.prepare()
    views.catch_up()
    position = ledger.write(stocked("s1", count=50))
    good = ledger.events[-1]
    ledger.spoil(position)
    ledger.write(stocked("s1", count=1), opened("z"))
    views.catch_up()
    assert verify(views).differences == (), "what is set aside is set aside in the comparison too"
    ledger.events[position - 1] = good
    rebuild(views, ["stalls"])
    aside = {status.projection: len(status.set_aside) for status in views.status() if status.serving}
    assert aside == {"stalls": 0, "goods": 1, "visits": 1, "lines": 1}
    ledger.write(stocked("s1", count=100))
    views.catch_up()
    assert state(views)["stalls"] == fresh(ledger, _beside(store))["stalls"]
    rebuild(views)
    assert state(views) == fresh(ledger, _beside(store, "2"))


def _beside(store: Store, mark: str = "") -> Path:
    return Path(f"{store.spool()}-fresh{mark}.db")


def test_a_switch_can_be_switched_back(store: Store) -> None:
    ledger = history(12)
    views = Views(store, MARKET, ledger)
    views.prepare()
    views.catch_up()
    rebuild(views)
    ledger.write(opened("late"))
    assert set(switch_back(views)) == {projection.name for projection in MARKET}
    assert {status.generation for status in views.status() if status.serving} == {1}
    assert views.at().one("SELECT key FROM {stalls} WHERE key = 'late'") == {"key": "late"}
    assert verify(views).differences == ()


def test_a_process_with_the_code_before_goes_on_with_its_own_generation(store: Store) -> None:
    ledger = history(12)
    before = Views(store, MARKET, ledger)
    before.prepare()
    before.catch_up()
    with store.writing(1) as session:
        for each in generations.load(session):
            generations.forget(session, each)
            generations.add(session, each._replace(digest="the code before"))
    after = Views(store, MARKET, ledger)
    after.prepare(small=0)
    rebuild(after)
    with store.reading() as session:
        states = {(each.number, each.state, each.digest == "the code before") for each in generations.load(session)}
    assert states == {(1, "old", True), (2, "live", False)}
    assert verify(after).differences == ()


def test_a_rebuild_after_a_rollback_leaves_what_the_code_before_serves(store: Store) -> None:
    ledger = history(12)
    after = Views(store, MARKET, ledger)
    after.prepare()
    after.catch_up()
    with store.writing(1) as session:
        for each in generations.load(session):
            generations.forget(session, each)
            generations.add(session, each._replace(digest="the code before"))
    rebuild(after)
    ledger.write(opened("late"))
    rebuild(after)  # while the program before serves its own again
    with store.reading() as session:
        states = {(each.number, each.state, each.digest == "the code before") for each in generations.load(session)}
        assert session.run(f"SELECT count(*) FROM {after.tables('stalls', 1).current}") == [(7,)]
    assert states == {(1, "old", True), (2, "old", False), (3, "live", False)}
    rebuild(after)
    assert {(status.generation, status.state) for status in after.status()} == {(1, "old"), (3, "old"), (4, "live")}


def test_a_rebuild_drops_what_no_reader_would_fold_any_more(store: Store) -> None:
    ledger = history(12)
    views = Views(store, MARKET, ledger)
    views.prepare()
    views.catch_up()
    with store.writing(1) as session:
        for each in generations.load(session):
            generations.forget(session, each)
            generations.add(session, each._replace(digest="the code before"))
    ledger.write(*(opened(f"late{each}") for each in range(1001)))
    rebuild(views)
    rebuild(views)
    assert {(status.generation, status.state) for status in views.status()} == {(2, "old"), (3, "live")}


def test_a_rebuild_after_a_switch_back_leaves_what_was_in_use(store: Store) -> None:
    ledger = history(12)
    views = Views(store, MARKET, ledger)
    views.prepare()
    views.catch_up()
    rebuild(views)
    switch_back(views)
    rebuild(views)
    assert {(status.generation, status.state) for status in views.status()} == {(1, "old"), (3, "live")}
    assert set(switch_back(views)) == {projection.name for projection in MARKET}
    assert verify(views).differences == ()


def test_a_switch_does_not_run_after_those_who_go_on_recording(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger = history(12)
    views = Views(store, MARKET, ledger)
    views.prepare()
    views.catch_up()
    advance, rounds = views.advance, 0

    def recording(*arguments: Any) -> Any:
        nonlocal rounds
        rounds += 1
        assert rounds < 20, "still running after them"
        done = advance(*arguments)
        ledger.write(opened(f"late{rounds}"))
        return done

    monkeypatch.setattr(views, "advance", recording)
    rebuild(views)
    switch_back(views)
    monkeypatch.undo()
    views.catch_up()
    assert verify(views).differences == ()


def test_verify_names_each_row_that_differs_and_the_events_behind_it(store: Store) -> None:
    ledger = history(12)
    views = Views(store, MARKET, ledger)
    views.prepare()
    views.catch_up()
    stalls = views.tables("stalls", 1)
    with store.writing(1) as session:
        session.run(f"UPDATE {stalls.current} SET pieces = 999 WHERE key = 's2'")
        session.run(f"DELETE FROM {stalls.past} WHERE key = 's1' AND since = 4")
        session.run(f"DELETE FROM {views.tables('visits', 1).current} WHERE visitor = 'v0'")
    found = [(each.projection, each.key, each.positions) for each in verify(views).differences]
    since = next(row[-1] for row in state(views)["stalls"] if row[0] == "s2")
    assert found == [("stalls", "s2", (since,)), ("stalls", "s1", (4, 5)), ("visits", "id-000003", (3,))]


def test_two_rebuilds_of_the_same_views_do_not_meet(store: Store) -> None:
    views = Views(store, MARKET, history(3))
    views.prepare()

    def again(done: int, of: int, rate: float, left: float, step: str) -> None:
        with pytest.raises(RebuildRunning):
            rebuild(views)

    rebuild(views, progress=again, batch=1000)


@pytest.mark.parametrize("processes", [1, 2])
def test_a_rebuild_that_stopped_half_way_goes_on_where_it_was(store: Store, processes: int) -> None:
    ledger = history()
    views = Views(store, MARKET, ledger)
    views.prepare()
    views.catch_up()
    before = state(views)

    def stop(done: int, of: int, rate: float, left: float, step: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rebuild(views, progress=stop, batch=20, processes=processes)
    assert state(views) == before, "what is under construction is seen by nobody"
    assert "building" in {status.state for status in views.status() if not status.serving}
    ledger.write(opened("late"))
    again = rebuild(views, batch=20, processes=processes)
    assert again.resumed > 0
    assert again.events == len(ledger.events) - again.resumed
    assert state(views) == fresh(ledger, _beside(store))


def test_an_unfinished_rebuild_of_other_views_is_thrown_away(store: Store) -> None:
    ledger = history()
    views = Views(store, MARKET, ledger)
    views.prepare()

    def stop(done: int, of: int, rate: float, left: float, step: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rebuild(views, progress=stop, batch=20, processes=1)
    assert rebuild(views, ["goods"]).resumed == 0
    assert {status.state for status in views.status()} == {"live", "old"}
    views.catch_up()
    assert verify(views).differences == ()


def test_a_rebuild_does_not_switch_to_tables_that_hold_something_else(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = history()
    views = Views(store, MARKET, ledger)
    views.prepare()
    views.catch_up()
    before = state(views)
    whole = type(store).index

    def losing(self: Store, made: Tables) -> None:
        whole(self, made)  # type: ignore[arg-type]  # the method of either store
        if made.projection.name == "goods":
            with self.writing(5) as session:
                session.run(f"DELETE FROM {made.past} WHERE since IN (SELECT min(since) FROM {made.past})")

    monkeypatch.setattr(type(store), "index", losing)
    with pytest.raises(Damaged, match="goods: the versions"):
        rebuild(views, processes=1)
    assert state(views) == before
    assert {(status.generation, status.state) for status in views.status()} == {(1, "live")}
    monkeypatch.undo()
    assert rebuild(views).resumed == 0
    assert state(views) == before


def test_what_is_switched_back_has_caught_up_already(store: Store) -> None:
    ledger = history(12)
    views = Views(store, MARKET, ledger)
    views.prepare()
    views.catch_up()
    rebuild(views)
    for number in range(3):
        ledger.write(*(opened(f"late{number}.{each}") for each in range(500)))
    ledger.spoil(len(ledger.events) - 3)
    switch_back(views)
    reached = {
        (status.generation, status.position, len(status.set_aside)) for status in views.status() if status.serving
    }
    assert reached == {(1, len(ledger.events), 1)}


def test_a_rebuild_taken_up_again_still_names_what_the_first_one_could_not_read(store: Store) -> None:
    ledger = history()
    views = Views(store, MARKET, ledger)
    views.prepare()
    views.catch_up()
    ledger.spoil(5)

    def stop(done: int, of: int, rate: float, left: float, step: str) -> None:
        if done == of:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rebuild(views, progress=stop, batch=20, processes=1)
    with pytest.raises(RebuildRefused) as refused:
        rebuild(views, processes=1)
    assert [event.position for event in refused.value.malformed] == [5]


def test_what_a_rebuild_gave_up_is_not_taken_for_finished(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger = history()
    views = Views(store, MARKET, ledger)
    views.prepare()
    views.catch_up()
    before, good = state(views), ledger.events[4]
    ledger.spoil(5)

    def dies(*_: object) -> list[str]:
        raise KeyboardInterrupt

    monkeypatch.setattr("projections.build.dropped", dies)
    with pytest.raises(KeyboardInterrupt):
        rebuild(views, processes=1)
    monkeypatch.undo()
    ledger.events[4] = good
    assert rebuild(views, processes=1).events == len(ledger.events)
    assert state(views) == before
    assert {status.state for status in views.status()} == {"live", "old"}

"""A rebuild switches without the streams of events that nobody can take in, once somebody has named each of them."""

from pathlib import Path
from typing import Any

import pytest

from projections import rebuild as rebuilding
from projections.engine import Views, ViewsNotReady
from projections.rebuild import NothingWrong, RebuildRefused, rebuild
from projections.release import release, retry
from projections.store import Store
from projections.verify import verify
from tests.projections.folded import fresh, history, state
from tests.projections.market import MARKET, Ledger, opened, stocked, tough


def aside(views: Views) -> set[int]:
    """The positions set aside in what is in use."""
    return {bad.position for status in views.status() if status.serving for bad in status.set_aside}


@pytest.mark.parametrize("processes", [1, 2])
def test_views_that_were_lost_are_in_use_again_as_live_ones_would_be(
    store: Store, processes: int, tmp_path: Path
) -> None:
    ledger = history()
    spoilt = [ledger.spoil(position) for position in (5, 9)]
    views = Views(store, MARKET, ledger)
    views.prepare(small=0)
    with pytest.raises(RebuildRefused):
        rebuild(views, processes=processes)
    with pytest.raises(ViewsNotReady):
        views.catch_up()
    done = rebuild(views, batch=20, processes=processes, named=(5, 9))
    assert (done.set_aside, aside(views)) == ((5, 9), {5, 9})
    assert state(views) == fresh(ledger, tmp_path / "live.db")
    found = verify(views)
    assert (found.differences, [event.position for event in found.set_aside]) == ((), [5, 9])
    ledger.write(opened("late"), stocked(spoilt[0].stream))
    views.catch_up()
    assert aside(views) == {5, 9}
    for event in spoilt:
        ledger.mend(event)
    release(views, 5)
    retry(views)
    found = verify(views)
    assert (found.differences, found.whole) == ((), True)


def test_one_that_was_not_named_refuses_the_switch_and_all_are_named(store: Store) -> None:
    ledger = history()
    views = Views(store, MARKET, ledger)
    views.prepare()
    views.catch_up()
    before = state(views)
    for position in (5, 9, 12):
        ledger.spoil(position)
    with pytest.raises(RebuildRefused) as refused:
        rebuild(views, batch=20, named=(5, 12))
    assert [event.position for event in refused.value.malformed] == [5, 9, 12]
    assert state(views) == before
    assert {(status.generation, status.set_aside) for status in views.status()} == {(1, ())}


def test_one_that_can_be_taken_in_is_not_set_aside_by_a_slip(store: Store) -> None:
    ledger = history()
    views = Views(store, MARKET, ledger)
    views.prepare()
    views.catch_up()
    ledger.spoil(5)
    heard = list[tuple[Any, ...]]()
    with pytest.raises(NothingWrong, match="8, 9000"):
        rebuild(views, progress=lambda *told: heard.append(told), named=(9000, 5, 8))
    assert heard == [], "refused before anything is built"
    assert {(status.generation, status.state) for status in views.status()} == {(1, "live")}
    assert rebuild(views, named=(5,)).set_aside == (5,)


def test_of_a_stream_its_first_one_is_enough_and_the_others_may_be_named(store: Store) -> None:
    ledger = history()
    views = Views(store, MARKET, ledger)
    views.prepare()
    own = [event.position for event in ledger.events if event.stream == "s0"]
    for position in own[1], own[3], own[-1]:
        ledger.spoil(position)
    with pytest.raises(RebuildRefused):
        rebuild(views, named=(own[3], own[-1]))
    for named in (own[1],), (own[1], own[3], own[-1]):
        assert rebuild(views, named=named).set_aside == (own[1],)
        assert aside(views) == {own[1]}


def test_what_a_handler_cannot_take_is_set_aside_as_well(store: Store) -> None:
    ledger = Ledger()
    ledger.write(opened("a"), opened("b"), stocked("b"))
    ledger.write(stocked("a", count=0), stocked("a"), stocked("b"))
    ledger.write(stocked("b", count=7), opened("c"))
    live = Views(store, (*MARKET, tough), ledger)
    live.prepare()
    live.catch_up()
    assert aside(live) == {4, 7}
    before = state(live)
    rebuild(live, batch=2, named=(4, 7))
    assert aside(live) == {4, 7}
    assert state(live) == before
    assert verify(live).differences == ()


def test_what_comes_while_it_is_at_work_must_be_named_too(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger = Ledger()
    ledger.write(*(opened(stall) for stall in ("a", "b", "c")))
    ledger.spoil(1)
    views = Views(store, (*MARKET, tough), ledger)
    views.prepare(small=0)
    caught_up = rebuilding._catch_up

    def then_more(*asked: Any) -> int:
        done = caught_up(*asked)
        if len(ledger.events) == 3:
            ledger.write(stocked("b", count=0), stocked("c", count=7))
        return done

    monkeypatch.setattr(rebuilding, "_catch_up", then_more)
    with pytest.raises(RebuildRefused) as refused:
        rebuild(views, named=(1,))
    assert [event.position for event in refused.value.malformed] == [1, 4, 5]
    assert rebuild(views, named=(1, 4, 5)).set_aside == (1, 4, 5)
    assert aside(views) == {1, 4, 5}
    assert verify(views).differences == ()


def test_what_a_handler_cannot_take_later_in_a_stream_is_no_reason_to_name_what_came_before(store: Store) -> None:
    ledger = Ledger()
    ledger.write(opened("a"), opened("b"), stocked("b"))
    ledger.write(stocked("b", count=0), stocked("b"))
    views = Views(store, (*MARKET, tough), ledger)
    views.prepare(small=0)
    for named in (2, 4), (3,):
        with pytest.raises(NothingWrong):
            rebuild(views, named=named)
    assert rebuild(views, named=(4, 5)).set_aside == (4,)


def test_an_interrupted_rebuild_outlives_a_slip_before_it_and_one_at_its_switch(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = history()
    ledger.spoil(5)
    views = Views(store, MARKET, ledger)
    views.prepare()

    def stop(done: int, of: int, rate: float, left: float, step: str) -> None:
        if done == of:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rebuild(views, progress=stop, batch=20, processes=1, named=(5,))
    with pytest.raises(NothingWrong):
        rebuild(views, named=(5, 8))
    with monkeypatch.context() as unseen:
        unseen.setattr(rebuilding, "_can_be_taken_in", lambda *_: [])
        with pytest.raises(NothingWrong, match="8"):
            rebuild(views, processes=1, named=(5, 8))
    again = rebuild(views, named=(5,))
    assert (again.events, again.set_aside) == (0, (5,)), "nothing is folded once more"


@pytest.mark.parametrize("processes", [1, 2])
def test_killed_half_way_it_goes_on_with_what_it_has_set_aside(store: Store, processes: int) -> None:
    ledger = history()
    for position in (5, 9):
        ledger.spoil(position)
    views = Views(store, MARKET, ledger)
    views.prepare()
    views.catch_up()
    live = state(views)

    def stop(done: int, of: int, rate: float, left: float, step: str) -> None:
        if done == of:
            raise KeyboardInterrupt

    def killed() -> None:
        with pytest.raises(KeyboardInterrupt):
            rebuild(views, progress=stop, batch=20, processes=processes, named=(5, 9))

    killed()
    again = rebuild(views, processes=processes, named=(5, 9))
    assert (again.resumed, again.events, again.set_aside) == (len(ledger.events), 0, (5, 9))
    assert state(views) == live
    killed()
    with pytest.raises(RebuildRefused) as refused:
        rebuild(views, processes=processes, named=(9,))
    assert [event.position for event in refused.value.malformed] == [5, 9]

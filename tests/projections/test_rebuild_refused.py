"""A rebuild names all that it cannot take in, and leaves what is live."""

from typing import Any

import pytest

from projections import rebuild as rebuilding
from projections.engine import Views
from projections.projection import Projection
from projections.rebuild import RebuildRefused, rebuild
from projections.store import Store
from projections.verify import verify
from tests.projections.folded import history, state
from tests.projections.market import MARKET, GoodsRow, Ledger, Stall, opened, stocked, tough


def few() -> Ledger:
    """Two stalls with something in them."""
    ledger = Ledger()
    for stall in ("s0", "s1"):
        ledger.write(opened(stall), stocked(stall))
    return ledger


def test_a_rebuild_names_every_malformed_event_and_leaves_the_live_tables(store: Store) -> None:
    ledger = history()
    views = Views(store, MARKET, ledger)
    views.prepare()
    views.catch_up()
    before = state(views)
    ledger.spoil(5)
    ledger.spoil(9)
    with pytest.raises(RebuildRefused) as refused:
        rebuild(views)
    assert [event.position for event in refused.value.malformed] == [5, 9]
    assert state(views) == before
    assert {status.generation for status in views.status()} == {1}


def test_a_rebuild_names_each_malformed_event_of_one_stream(store: Store) -> None:
    ledger = history()
    views = Views(store, MARKET, ledger)
    views.prepare()
    views.catch_up()
    own = [event.position for event in ledger.events if event.stream == "s0"]
    spoilt = [own[1], own[3], own[-1]]
    for position in spoilt:
        ledger.spoil(position)
    with pytest.raises(RebuildRefused) as refused:
        rebuild(views)
    assert [event.position for event in refused.value.malformed] == spoilt


def test_a_rebuild_names_every_event_that_a_handler_cannot_take(store: Store) -> None:
    ledger = Ledger()
    ledger.write(opened("a"), opened("b"), stocked("b"))
    views = Views(store, (*MARKET, tough), ledger)
    views.prepare()
    views.catch_up()
    ledger.write(stocked("a", count=0), stocked("a"), stocked("b"))
    ledger.write(stocked("b", count=7))
    with pytest.raises(RebuildRefused) as refused:
        rebuild(views, batch=2)
    assert [(event.position, event.stream) for event in refused.value.malformed] == [(4, "a"), (7, "b")]
    assert "tough: ZeroDivisionError" in refused.value.malformed[0].reason
    assert "tough.count: list" in refused.value.malformed[1].reason
    assert {status.generation for status in views.status()} == {1}
    views.catch_up()
    assert verify(views).differences == ()


def test_however_many_there_are_a_rebuild_names_them_all(store: Store) -> None:
    ledger = Ledger()
    views = Views(store, (*MARKET, tough), ledger)
    views.prepare()
    for number in range(300):
        ledger.write(opened(f"s{number}"), stocked(f"s{number}", count=(1, 0, 7)[number % 3]))
    with pytest.raises(RebuildRefused) as refused:
        rebuild(views, batch=150)
    assert [event.position for event in refused.value.malformed] == [at for at in range(2, 601, 2) if at % 6 != 2]
    assert not refused.value.given_up


def test_a_rebuild_names_all_that_came_while_it_was_at_work(store: Store) -> None:
    ledger = few()
    views = Views(store, (*MARKET, tough), ledger)
    views.prepare(small=0)
    bad: list[int] = []

    def meanwhile(done: int, of: int, rate: float, left: float, step: str) -> None:
        if step == "fold" and not bad:
            for number in range(1_500):
                ledger.write(opened(f"new{number}"))
            bad.append(ledger.write(stocked("new3", count=0)))
            bad.append(ledger.write(stocked("new900", count=1)))
            ledger.spoil(bad[-1])
            bad.append(ledger.write(stocked("new700", count=7)))

    with pytest.raises(RebuildRefused) as refused:
        rebuild(views, progress=meanwhile)
    assert [event.position for event in refused.value.malformed] == bad
    assert not refused.value.given_up
    assert views.status() == [], "nothing is left of it"


def test_what_came_last_is_named_too(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger = few()
    views = Views(store, (*MARKET, tough), ledger)
    views.prepare()
    views.catch_up()
    caught_up, bad = rebuilding._catch_up, list[int]()

    def then_more(*asked: Any) -> int:
        done = caught_up(*asked)
        if not bad:
            bad.extend([ledger.write(stocked("s0", count=0)), ledger.write(stocked("s1", count=7))])
        return done

    monkeypatch.setattr(rebuilding, "_catch_up", then_more)
    with pytest.raises(RebuildRefused) as refused:
        rebuild(views)
    assert [event.position for event in refused.value.malformed] == bad
    assert {status.generation for status in views.status()} == {1}


one_place = Projection("one_place", row=GoodsRow, keys=lambda event: ["the only one"], once=True)


@one_place.on(Stall.Opened)
def one_place_taken(row: GoodsRow, event: Stall.Opened) -> None:
    row.stall = event.stream


def test_a_rebuild_that_gives_up_does_not_pretend_to_have_named_all(store: Store) -> None:
    ledger = Ledger()
    views = Views(store, (*MARKET, one_place), ledger)
    views.prepare()
    for number in range(40):
        ledger.write(opened(f"s{number:02}"))
    with pytest.raises(RebuildRefused) as refused:
        rebuild(views)
    assert refused.value.given_up
    assert 1 < len(refused.value.malformed) < 39

"""What a rebuild says of its end is about true from early on, whatever the machine spends on indexes."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from projections import build
from projections.build import INDEXING
from projections.engine import Views
from projections.rebuild import rebuild
from projections.store import Store, Tables
from tests.projections.folded import history
from tests.projections.market import MARKET, Ledger, opened

AN_EVENT = 0.005  # seconds of folding
Said = list[tuple[float, float, str, int]]  # when, seconds left, step, done


class Machine:
    """Does the work of a rebuild in seconds of its own: as many for each event, as many for each row."""

    def __init__(self, store: Store, patch: pytest.MonkeyPatch) -> None:
        self.now, self.a_row, self.rows = 1000.0, 0.0, 0
        clock = SimpleNamespace(monotonic=lambda: self.now, sleep=self._pass)
        for module in ("progress", "build", "processes"):
            patch.setattr(f"projections.{module}.time", clock)
        folded, index = build.folded, store.index

        def fold(*asked: Any) -> Any:
            found = folded(*asked)
            self._pass(AN_EVENT * found.events)
            return found

        def make_indexes(tables: Tables) -> None:
            index(tables)
            with store.reading() as session:
                counts = [session.run(f"SELECT count(*) FROM {each}") for each in (tables.current, tables.past)]
            rows = sum(count for [(count,)] in counts)
            self.rows += rows
            self._pass(self.a_row * rows)

        patch.setattr(build, "folded", fold)
        patch.setattr(store, "index", make_indexes)

    def _pass(self, seconds: float) -> None:
        self.now += seconds

    def rebuilt(self, views: Views, meanwhile: Callable[[], object] = lambda: None) -> tuple[Said, float]:
        """What a rebuild said, and when it ended."""
        said: Said = []

        def progress(done: int, of: int, rate: float, left: float, step: str) -> None:
            assert done <= of
            said.append((self.now, left, step, done))
            meanwhile()

        rebuild(views, progress=progress, batch=8, processes=1)
        return said, self.now


@pytest.fixture
def ledger() -> Ledger:
    return history(200, streams=100)


@pytest.fixture
def views(store: Store, ledger: Ledger) -> Views:
    made = Views(store, MARKET, ledger)
    made.prepare()
    return made


@pytest.fixture
def machine(store: Store, monkeypatch: pytest.MonkeyPatch) -> Machine:
    return Machine(store, monkeypatch)


def calibrated(machine: Machine, views: Views, ledger: Ledger, share: float) -> None:
    """Let indexes take ``share`` of what folding takes, once a rebuild has told how many rows there are."""
    machine.rebuilt(views)
    machine.a_row = share * AN_EVENT * len(ledger.events) / machine.rows


@pytest.mark.parametrize("share", [0.6 * INDEXING, INDEXING, 1.5 * INDEXING])
def test_the_end_of_the_whole_rebuild_is_said_within_a_fifth(
    share: float, machine: Machine, views: Views, ledger: Ledger
) -> None:
    calibrated(machine, views, ledger, share)
    began = machine.now
    said, end = machine.rebuilt(views)
    whole = end - began
    assert {step for _, _, step, _ in said} == {"fold", "index", "catch up"}
    for at, left, step, done in said:
        assert abs(at + left - end) <= 0.2 * whole, (step, done)
    for at, left, step, done in said:
        if step == "index" and done:
            assert at + left == pytest.approx(end), "by now it is known what a row takes"


def test_while_people_record_what_folding_rests_is_no_measure_of_indexes(
    machine: Machine, views: Views, ledger: Ledger
) -> None:
    calibrated(machine, views, ledger, INDEXING)
    began, number = machine.now, 0

    def recorded() -> None:
        nonlocal number
        number += 1
        ledger.write(opened(f"new{number}"))

    events = len(ledger.events)
    said, end = machine.rebuilt(views, recorded)
    whole = end - began
    assert whole > 3 * AN_EVENT * events, "it gave way"
    for at, left, step, done in said:
        if step != "fold" or done > events / 5:  # at first there is no rest, as nobody was seen
            assert abs(at + left - end) <= 0.2 * whole, (step, done)


def test_one_taken_up_after_all_was_folded_says_no_end_that_nobody_knows(
    machine: Machine, views: Views, ledger: Ledger
) -> None:
    class Killed(Exception):
        pass

    def killed(done: int, of: int, rate: float, left: float, step: str) -> None:
        if step == "index":
            raise Killed

    with pytest.raises(Killed):
        rebuild(views, progress=killed, batch=20, processes=1)
    said, _ = machine.rebuilt(views)
    assert said[0][1:] == (0.0, "index", 0)

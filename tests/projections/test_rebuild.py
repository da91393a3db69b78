"""The four uses of one definition give the same bytes: live, rebuilt, as of, verified; on both engines."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from projections import generations
from projections.engine import Views
from projections.postgres import PostgresStore
from projections.rebuild import RebuildRefused, RebuildRunning, rebuild, switch_back
from projections.sqlite import SqliteStore
from projections.store import Store
from projections.verify import verify
from tests.projections.market import (
    MARKET,
    Ledger,
    closed,
    corrected,
    emptied,
    everything,
    opened,
    retracted,
    stocked,
    tough,
    visited_by,
)

STREAMS = st.sampled_from(["a", "b", "c"])
GOODS = st.sampled_from(["ikan", "beras"])
DAYS = st.integers(0, 3)
COUNTS = st.integers(0, 3)
TARGETS = st.integers(1, 6)
EVENTS = st.one_of(
    st.builds(opened, STREAMS, village=st.sampled_from(["75.01.01.1001", "75.01.01.1002"]), day=DAYS),
    st.builds(stocked, STREAMS, GOODS, COUNTS, DAYS),
    st.builds(stocked, STREAMS, GOODS, COUNTS, DAYS),
    st.builds(emptied, STREAMS, GOODS),
    st.builds(visited_by, STREAMS, st.sampled_from(["Ana", "nobody"]), DAYS),
    st.builds(closed, STREAMS),
    st.builds(lambda stream, target, count: corrected(stream, target, count=count), STREAMS, TARGETS, COUNTS),
    st.builds(lambda stream, target, goods: corrected(stream, target, goods=goods), STREAMS, TARGETS, GOODS),
    st.builds(retracted, STREAMS, TARGETS),
    st.builds(retracted, STREAMS, TARGETS),
)
COMMANDS = st.lists(st.lists(EVENTS, min_size=1, max_size=3), min_size=1, max_size=14)


def record(ledger: Ledger, command: list[Any]) -> None:
    """Record what an aggregate could have decided: a correction has an earlier event with that field to correct."""
    decided = []
    for event in command:
        target = getattr(event, "target", None)
        if target is not None:
            before = [each for each in ledger.events if each.stream == event.stream and each.version == target]
            changes = getattr(event, "changes", {})
            if not before or any(field not in type(before[0]).__struct_fields__ for field in changes):
                continue
        decided.append(event)
    if decided:
        ledger.write(*decided)


def state(views: Views) -> dict[str, list[tuple[Any, ...]]]:
    """Every row and version of the live tables."""
    with views.store.reading() as session:
        own = views.own(session)
        return everything([views.tables(name, each.number) for name, each in own.items()], session)


def fresh(ledger: Ledger, path: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Every row and version of tables folded at one go."""
    views = Views(SqliteStore(path), MARKET, ledger)
    views.prepare(small=len(ledger.events))
    views.catch_up(bounded=False)
    found = state(views)
    views.store.close()
    return found


class Killed(Exception):
    pass


@contextmanager
def emptied_store(store: Store) -> Iterator[Store]:
    """The store without any table in it."""
    if isinstance(store, PostgresStore):
        store.prepare()
        with store.writing(5) as session:
            session.run(f"DROP SCHEMA {store.schema} CASCADE")
        yield store
    else:
        with tempfile.TemporaryDirectory() as folder:
            made = SqliteStore(Path(folder) / "views.db")
            yield made
            made.close()


@settings(
    max_examples=int(os.environ.get("WAHANA_TRIALS_PROJECTIONS", "40")),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(commands=COMMANDS, catches=st.sets(st.integers(0, 14)), batch=st.integers(1, 5), kill=st.integers(1, 8))
def test_live_rebuilt_resumed_and_past_are_the_same_bytes(
    store: Store, commands: list[list[Any]], catches: set[int], batch: int, kill: int
) -> None:
    ledger = Ledger()
    with emptied_store(store) as place, tempfile.TemporaryDirectory() as folder:
        views = Views(place, MARKET, ledger)
        views.prepare()
        for number, command in enumerate(commands):
            record(ledger, command)
            if number in catches:
                views.catch_up(batch, bounded=False)
        views.catch_up(batch, bounded=False)
        live = state(views)
        expected = fresh(ledger, Path(folder) / "fresh.db")
        assert live == expected
        rounds = 0

        def kill_once(position: int, head: int, rate: float, left: float) -> None:
            nonlocal rounds
            rounds += 1
            if rounds == kill:
                raise Killed

        try:
            rebuild(views, progress=kill_once, batch=batch)
        except Killed:
            assert state(views) == live
            rebuild(views, batch=batch)
        assert state(views) == live
        checked = verify(views)
        assert checked.differences == ()
        for end in sorted(set(ledger.ends)):
            then = fresh(ledger.upto(end), Path(folder) / f"{end}.db")
            with views.at(as_of=end) as view:
                for projection in MARKET:
                    name = projection.name
                    columns = ", ".join(f'"{column}"' for column in (*projection.names, "since"))
                    found = view.rows(f"SELECT {columns} FROM {{{name}}} ORDER BY key")
                    assert [tuple(row.values()) for row in found] == then[name]


def history(commands: int = 60) -> Ledger:
    ledger = Ledger()
    for number in range(commands):
        stream = f"s{number % 7}"
        ledger.write(opened(stream), stocked(stream, "ikan", number), visited_by(stream, f"v{number}"))
        if number % 5 == 4:
            ledger.write(corrected(stream, 2, count=number + 1))
        if number % 6 == 5:
            ledger.write(retracted(stream, 3), emptied(stream))
    return ledger


def test_both_engines_hold_the_same_bytes(tmp_path: Path, postgres_url: str) -> None:
    ledger = history()
    digests = []
    for store in (SqliteStore(tmp_path / "views.db"), PostgresStore(postgres_url, spool=str(tmp_path / "pg"))):
        views = Views(store, MARKET, ledger)
        views.prepare()
        views.catch_up(bounded=False)
        live = verify(views)
        rebuild(views)
        rebuilt = verify(views)
        assert live.differences == rebuilt.differences == ()
        assert live.digests == rebuilt.digests
        digests.append(live.digests)
        store.close()
    assert digests[0] == digests[1]


def test_reads_go_on_during_a_rebuild_and_what_is_recorded_meanwhile_is_in_it(store: Store) -> None:
    ledger = history()
    views = Views(store, MARKET, ledger)
    views.prepare()
    views.catch_up()
    rounds = 0

    def meanwhile(position: int, head: int, rate: float, left: float) -> None:
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


def test_memory_of_a_rebuild_is_bounded_and_cold_rows_come_back(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr("projections.build.Build.run.__defaults__", (None, None, 4, 6))
    ledger = Ledger()
    for turn in range(3):
        for number in range(40):
            ledger.write(stocked(f"s{number}", "ikan", turn + 1), visited_by(f"s{number}"))
        ledger.write(corrected("s3", 1, count=turn))
    views = Views(SqliteStore(tmp_path / "views.db"), MARKET, ledger)
    views.prepare(small=0)
    rebuild(views, batch=4)
    assert state(views) == fresh(ledger, tmp_path / "fresh.db")
    views.store.close()


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
            generations.add(session, replace(each, digest="the code before"))
    after = Views(store, MARKET, ledger)
    after.prepare(small=0)
    rebuild(after)
    with store.reading() as session:
        states = {(each.number, each.state, each.digest == "the code before") for each in generations.load(session)}
    assert states == {(1, "old", True), (2, "live", False)}
    assert verify(after).differences == ()


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

    def again(position: int, head: int, rate: float, left: float) -> None:
        with pytest.raises(RebuildRunning):
            rebuild(views)

    rebuild(views, progress=again)


CHILD = """
import sys
from tests.projections.test_rebuild import history
from tests.projections.market import MARKET
from projections import build
from projections.engine import Views
from projections.rebuild import rebuild
from projections.sqlite import SqliteStore

build.EVENTS_AT_RISK = 20
views = Views(SqliteStore(sys.argv[1]), MARKET, history())
views.prepare(small=0)
rebuild(views, batch=3, progress=lambda *said: (print(said[0], flush=True), sys.stdin.readline()))
"""


@pytest.mark.parametrize("seed", range(int(os.environ.get("WAHANA_TRIALS_KILLS", "2"))))
def test_a_rebuild_killed_at_any_moment_goes_on_and_ends_the_same(tmp_path: Path, seed: int) -> None:
    path, ledger, moments = tmp_path / "views.db", history(), Random(seed)
    for rounds in (10, moments.randint(1, 9), moments.randint(8, 20)):
        child = subprocess.Popen(
            [sys.executable, "-c", CHILD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=Path.cwd()
        )
        assert child.stdin is not None
        assert child.stdout is not None
        for _ in range(rounds):
            assert child.stdout.readline()
            child.stdin.write(b"\n")
            child.stdin.flush()
        time.sleep(moments.random() / 1000)
        child.send_signal(signal.SIGKILL)
        assert child.wait() == -signal.SIGKILL
        child.stdout.close()
        child.stdin.close()
    views = Views(SqliteStore(path), MARKET, ledger)
    views.prepare(small=0)
    assert rebuild(views).resumed > 0
    assert state(views) == fresh(ledger, tmp_path / "fresh.db")
    assert list(tmp_path.glob("*rebuild-*")) == []
    views.store.close()


CATCHING = """
import sys
from tests.projections.test_rebuild import history
from tests.projections.market import MARKET
from projections.engine import Views
from projections.sqlite import SqliteStore

ledger = history(400)
views = Views(SqliteStore(sys.argv[1]), MARKET, ledger)
views.prepare(small=10_000)
print("ready", flush=True)
while True:
    with views.store.writing(5) as session:
        if not views.advance(session, 3, {}).folded:
            break
"""


@pytest.mark.parametrize("seed", range(int(os.environ.get("WAHANA_TRIALS_KILLS", "2"))))
def test_a_catch_up_killed_at_any_moment_leaves_no_half_of_an_event(tmp_path: Path, seed: int) -> None:
    path, ledger, moments = tmp_path / "views.db", history(400), Random(seed)
    child = subprocess.Popen([sys.executable, "-c", CATCHING, str(path)], stdout=subprocess.PIPE, cwd=Path.cwd())
    assert child.stdout is not None
    assert child.stdout.readline() == b"ready\n"
    time.sleep(0.02 + moments.random() / 20)
    child.send_signal(signal.SIGKILL)
    assert child.wait() == -signal.SIGKILL
    child.stdout.close()
    views = Views(SqliteStore(path), MARKET, ledger)
    reached = {status.position for status in views.status()}
    assert len(reached) == 1
    assert 0 < min(reached) < len(ledger.events)
    assert verify(views).differences == ()
    views.catch_up(bounded=False)
    assert state(views) == fresh(ledger, tmp_path / "fresh.db")
    views.store.close()

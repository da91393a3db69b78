"""The four uses of one definition give the same bytes: live, rebuilt, as of, verified; on both engines."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from projections.engine import Views
from projections.postgres import PostgresStore
from projections.rebuild import rebuild
from projections.sqlite import SqliteStore
from projections.store import Store
from projections.verify import verify
from tests.projections.folded import fresh, history, state
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

        def kill_once(done: int, of: int, rate: float, left: float, step: str) -> None:
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


def test_a_stream_longer_than_a_chunk_is_folded_as_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("projections.chunk.EVENTS", 2)  # read at a time
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

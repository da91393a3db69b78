"""Views over random histories of real commands, killed at each step, and followed while many write."""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from domain.aggregate import Event
from projections import ALL
from projections.engine import Views
from projections.postgres import PostgresStore
from projections.rebuild import rebuild
from projections.release import release, retry
from projections.source import Malformed, Unreadable
from projections.sqlite import SqliteStore
from projections.store import Store
from projections.verify import verify
from service.demo.world import Scale
from service.log.reader import LogReader
from tests.journeys.filled import filled_office
from tests.projections.folded import state
from tests.service.casebooks import Desk, registered
from tests.service.offices import settings_of
from tests.service.owner import Owner
from tests.service.test_demo import played
from tests.trials import folding
from tests.trials.plugin import Trial
from tests.trials.processes import CONTEXT, started, told

WRITERS, READERS = 16, 2


@pytest.fixture(autouse=True)
def nobody_left() -> Iterator[None]:
    """A trial that gives up leaves no process behind that takes the next one's time."""
    yield
    for child in multiprocessing.active_children():
        child.kill()


class Worn(LogReader):
    """A log in which some events cannot be read for a time, and which may be asked as it was when it was shorter."""

    def __init__(self, reader: LogReader) -> None:
        super().__init__(reader._database)
        self.spoilt: set[int] = set()
        self.end: int | None = None

    def head(self) -> tuple[int, bytes]:
        return super().head() if self.end is None else (self.end, self.leaf(self.end) or b"")

    def read(self, after: int, limit: int) -> list[Event | Malformed]:
        return [
            Malformed(each.position, each.stream, each.version, each.topic, "worn")
            if each.position in self.spoilt
            else each
            for each in super().read(after, limit)
            if self.end is None or each.position <= self.end
        ]

    def stream(self, stream: str, upto: int) -> list[Event]:
        found = super().stream(stream, upto)
        for event in found:
            if event.position in self.spoilt:
                raise Unreadable(event.position, "worn")
        return found


class Killed(Exception):
    pass


def left_out(views: Views) -> dict[int, str]:
    return {bad.position: bad.stream for status in views.status() for bad in status.set_aside}


def test_live_rebuilt_resumed_and_past_are_the_same_bytes_after_random_real_commands(
    tmp_path: Path, postgres_url: str, trial: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("WAHANA_TRIALS", "WAHANA_TRIALS_SEED"):  # the office that is played knows no such settings
        monkeypatch.delenv(name, raising=False)
    chance, counted = trial.random, {"histories": 0, "events": 0, "set_aside": 0, "batches": 0, "killed_rebuilds": 0}
    for number in range(trial.size(1, 12)):
        scale = Scale(
            people=chance.randint(8, 20),
            cases=chance.random(),
            families=1,
            communities=chance.randint(0, 1),
            duplicates=chance.randint(0, 2),
            bodies=chance.randint(2, 6),
            coachings=1,
            helpers=2,
            disasters=1,
            victims=chance.randint(6, 9),
        )
        office, made = played(tmp_path / f"office-{number}", chance.randrange(10**6), scale)
        source = Worn(office.reader)
        head, found = made.events, []
        past = source.moment(chance.randint(1, head - 1))[0]
        stores: list[Store] = [
            SqliteStore(tmp_path / f"views-{number}.db"),
            PostgresStore(postgres_url, schema=f"views_{number}", spool=str(tmp_path / f"spool-{number}")),
        ]
        for store in stores:
            views = Views(store, ALL, source)
            views.store.prepare()
            source.end = None
            views.prepare(small=head)
            source.spoilt = set(chance.sample(range(1, head), chance.randint(1, 6)))
            while True:
                with store.writing(5) as session:
                    done = views.advance(session, chance.choice([1, 7, 40, 300]), {})
                counted["batches"] += 1
                if not done.folded:
                    break
                if source.spoilt and chance.random() < 0.1:
                    source.spoilt.discard(chance.choice(sorted(source.spoilt)))
                    retry(views)
            aside = left_out(views)
            counted["set_aside"] += len(aside)
            assert verify(views).differences == (), "what is aside is left out of the comparison too"
            source.spoilt.clear()
            for stream in set(aside.values()):
                release(views, stream)
            assert left_out(views) == {}
            live = state(views)
            found.append((live, verify(views)))
            assert found[-1][1].differences == ()

            rounds = 0

            def kill(*said: Any, at: int = chance.randint(1, 3)) -> None:
                nonlocal rounds
                rounds += 1
                if rounds == at:
                    raise Killed

            try:
                rebuild(views, progress=kill, batch=max(1, head // 4))
            except Killed:
                counted["killed_rebuilds"] += 1
                assert state(views) == live
                rebuild(views)
            assert state(views) == live

            source.end = past
            then = Views(SqliteStore(tmp_path / f"{store.dialect.name}-{number}-then.db"), ALL, source)
            then.prepare(small=head)
            then.catch_up(bounded=False)
            expected, source.end = state(then), None
            for moment, stood in ((past, expected), (head, live)):
                with views.at(as_of=moment) as view:
                    for projection in ALL:
                        columns = ", ".join(f'"{column}"' for column in (*projection.names, "since"))
                        rows = view.rows(f"SELECT {columns} FROM {{{projection.name}}} ORDER BY key")
                        assert [tuple(row.values()) for row in rows] == stood[projection.name]
            then.store.close()
            store.close()
        assert found[0] == found[1]
        counted["histories"] += 1
        counted["events"] += head
        office.close()
    trial.count(**counted)
    assert counted["set_aside"] > 0
    assert counted["killed_rebuilds"] > 0


def test_a_catch_up_killed_at_each_of_its_steps_goes_on_as_if_nothing_had_been(
    tmp_path: Path, database_url: str, trial: Trial
) -> None:
    rounds = trial.size(1, 17)
    events = rounds * 260 + 200  # more than the rounds fold before they are killed
    here, settings = filled_office(tmp_path, database_url, events), settings_of(tmp_path, database_url)
    here.views.prepare(small=events)
    owner = Owner(database_url)
    spoilt = {position: owner.spoil(position) for position in range(20, events, 40)}
    kills = dict.fromkeys(folding.CATCHING, 0)
    for _ in range(rounds):
        for step in trial.random.sample(sorted(kills), len(kills)):
            call = 1 if "aside" in step else trial.random.randint(2, 4)  # some batches are folded first
            process, pipe = started(folding.fold_until, settings, 6, step, call)
            process.join(60)
            assert process.exitcode == -signal.SIGKILL, step
            pipe.close()
            kills[step] += 1
            positions = {status.position for status in here.views.status() if status.serving}
            assert len(positions) == 1, "half of a batch was folded"
    reached = positions.pop()
    assert reached < events, "or somebody else folded"
    assert here.views.catch_up(bounded=False).position == events
    assert verify(here.views).differences == ()
    aside = left_out(here.views)
    for position, text in spoilt.items():
        owner.mend(position, text)
    owner.close()
    assert all(tried.stopped is None for tried in retry(here.views))
    assert verify(here.views).differences == ()
    trial.count(kills=sum(kills.values()), steps=len(kills), events=events, reached=reached, set_aside=len(aside))
    here.close()


def test_a_release_killed_at_each_of_its_steps_has_released_all_or_nothing(
    tmp_path: Path, database_url: str, trial: Trial
) -> None:
    here, settings = filled_office(tmp_path, database_url, 400), settings_of(tmp_path, database_url)
    here.views.prepare(small=400)
    owner = Owner(database_url)
    spoilt = {position: owner.spoil(position) for position in range(20, 399, 20)}
    here.views.catch_up(bounded=False)
    before, aside = state(here.views), left_out(here.views)
    for position, text in spoilt.items():
        owner.mend(position, text)
    owner.close()
    streams, kills = sorted(set(aside.values())), 0
    for number in range(trial.size(6, 60)):
        step, stream = sorted(folding.RELEASING)[number % 6], trial.random.choice(streams)
        process, pipe = started(folding.release_until, settings, stream, step)
        process.join(60)
        assert process.exitcode == -signal.SIGKILL, step
        pipe.close()
        kills += 1
        assert (state(here.views), left_out(here.views)) == (before, aside)
    for stream in streams:
        assert told(*started(folding.release_until, settings, stream, "")) == "not killed"
    assert left_out(here.views) == {}
    assert verify(here.views).differences == ()
    trial.count(kills=kills, steps=len(folding.RELEASING), released=len(streams))
    here.close()


def test_followers_of_sixteen_writers_miss_nothing(desk: Desk, trial: Trial) -> None:
    rounds, events = trial.size(1, 5), trial.size(25, 1250)
    gave_way = 0
    for _ in range(rounds):
        shared = [registered(desk.casebook()) for _ in range(12)]  # new ones: what writers give way over is read anew
        desk.close()
        start, head = CONTEXT.Barrier(WRITERS), CONTEXT.Value("q", -1)
        follower = started(folding.follow_views, desk, head)
        readers = [started(folding.poll_feed, desk, trial.seed + number, head) for number in range(READERS)]
        seeds = [trial.random.randrange(2**32) for _ in range(WRITERS)]
        writers = [started(folding.write_so_many, desk, seed, events, shared, start) for seed in seeds]
        gave_way += sum(told(*writer) for writer in writers)
        log = LogReader(desk.connect(desk.url, size=1))
        last = log.head()[0]
        head.value = last
        folded, read = told(*follower), [told(*reader) for reader in readers]
        assert folded == list(range(last - len(folded) + 1, last + 1)), "each position once and in order"
        expected = [(row.position, row.id) for row in log.read(0, last) if isinstance(row, Event)]
        assert [position for position, _ in expected] == list(range(1, last + 1))
        assert read == [expected] * READERS
        views = Views(folding.view_store(desk), ALL, log)
        assert {status.position for status in views.status()} == {last}
        assert verify(views).differences == ()
        views.store.close()
        desk.close()
    trial.count(
        rounds=rounds, writers=WRITERS, events=last, readers=READERS, folded_last=len(folded), gave_way=gave_way
    )
    assert len(folded) >= WRITERS * events

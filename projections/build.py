"""Generations under construction: filled from the log by whole streams, beside the live ones and unseen by anybody.

What a rebuild has done stands in the store: its generations in the state ``building``, and its chunks, each with the
tally of the rows it wrote, in the transaction that wrote them. Killed at any moment, nothing is done twice.
"""

import json
import secrets
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from projections import generations, tally
from projections.chunk import EVENTS, Chunk, Folded, RebuildRefused, cut, first_of_streams, folded
from projections.generations import BUILDING, DISCARDED, Generation
from projections.processes import Pace, behind_others, shared
from projections.progress import Progress, Steps
from projections.projection import Projection
from projections.source import Malformed, NewerEvent, Source
from projections.store import Session, Store, Tables, dropped, meta, tables
from projections.tally import Tally

PATIENCE = 60.0  # seconds to wait for those who fold
INDEXING = 0.5  # times what folding takes, rests left out: indexes, and the look at what stands

Tallies = dict[str, tuple[Tally, Tally]]  # of the current and the past table, by projection


class Damaged(Exception):
    """What stands in new tables is not what was folded; they are thrown away, nothing live was changed."""


class _NotWhole(Exception):
    """A chunk must not stand as done: events of it could not be folded."""


@dataclass
class Build:
    """Tables of some projections as of ``position``, as far as they are made. ``done`` counts the events folded.

    ``chunks`` are those still to be folded, ``tallied`` the sum of the others. ``named`` are the positions of events that
    may be set aside.
    """

    store: Store
    source: Source
    projections: Sequence[Projection[Any]]
    mark: str
    position: int
    made: dict[str, Generation]
    chunks: list[Chunk] = field(default_factory=list)
    tallied: Tallies = field(default_factory=dict)
    named: Collection[int] = ()
    done: int = 0
    filled: bool = False  # every table is filled, indexed and compared with what was folded

    def __post_init__(self) -> None:
        self.pace = Pace(lambda: self.source.head()[0])

    def tables(self) -> list[Tables]:
        return [tables(each, self.made[each.name].number, self.store.dialect) for each in self.projections]

    def run(self, processes: int = 1, progress: Progress | None = None, aside: Sequence[Malformed] = ()) -> int:
        """Fill, index and compare. Returns the number of events folded by this call.

        Streams are left out from the events ``aside`` on, and from those ``named`` that cannot be read or folded, which are
        noted as set aside. Raises `RebuildRefused` when others cannot be either, `NewerEvent` for one up to ``position``
        that this code does not know, `Damaged`, and whatever ``progress`` raises.
        """
        if self.filled:
            return 0
        count, found, steps = 0, list[Malformed](), Steps(progress, lambda: self.pace.rested)
        steps.begin("fold", self.position, self.done, INDEXING)
        for events, malformed, tallied in self._shared(self.chunks, lambda chunk: self._fill(chunk, aside), processes):
            count += events
            self._add(tallied)
            found += [event for event in malformed if event not in aside]
            steps.done(count)
        if self._others(found):
            raise RebuildRefused(sorted({*found, *self._set_aside()}, key=lambda event: event.position))
        largest_first = sorted(self.tables(), key=lambda each: -self._size(each.projection.name))
        stands: dict[str, tuple[Tally, Tally]] = {}
        steps.begin("index", sum(self._size(each.projection.name) for each in largest_first))
        at_a_time = 1 if self.pace.giving_way else processes  # a server that makes indexes does not rest amid one
        for name, standing in self._shared(largest_first, self._index, at_a_time):
            stands[name] = standing
            steps.done(sum(map(self._size, stands)))
        for name, (current, past) in stands.items():
            for number, (word, stored) in enumerate((("rows", current), ("versions", past))):
                if stored != (self.tallied[name][number] if name in self.tallied else []):
                    raise Damaged(f"{name}: the {word} that stand are not those that were folded")
        with self.store.writing(PATIENCE) as session:
            forget_chunks(session)
        self.filled = True
        return count

    def _shared(self, jobs: Sequence[Any], work: Callable[[Any], Any], processes: int) -> Iterator[Any]:
        if processes > 1:
            self.store.close()
            self.source.close()
        return shared(jobs, work, processes)

    def _others(self, malformed: Sequence[Malformed]) -> list[Malformed]:
        """The first of each stream, where nobody named it."""
        return [event for event in first_of_streams(malformed) if event.position not in self.named]

    def _set_aside(self) -> set[Malformed]:
        with self.store.reading() as session:
            return generations.set_aside_in(session, self.made.values())

    def _size(self, name: str) -> int:
        return sum(part[0] for part in self.tallied.get(name, ()) if part)

    def _add(self, tallied: Tallies) -> None:
        for name, (current, past) in tallied.items():
            before = self.tallied.get(name, ([], []))
            self.tallied[name] = tally.added((before[0], current)), tally.added((before[1], past))

    def _fill(self, chunk: Chunk, aside: Sequence[Malformed]) -> tuple[int, list[Malformed], Tallies]:
        tallied: Tallies = {}

        def write(found: Folded) -> None:
            tallied.clear()
            for each in found.rows:
                projection = each.tables.projection
                tallied[projection.name] = tally.of_rows(projection, each.current), tally.of_rows(projection, each.past)
            with suppress(_NotWhole), self.store.loading() as session:
                if not _claim(session, self.mark, chunk.number, found.events, tallied):
                    return  # by a process whose parent was killed, while this rebuild took up what it had left
                for each in found.rows:
                    if each.current:
                        session.load(each.tables.current, f"{each.tables.listed}, since", each.current, self.pace)
                    if each.past:
                        session.load(each.tables.past, f"{each.tables.listed}, since, until", each.past, self.pace)
                out = [event for event in found.aside if event not in aside]
                if self._others(out):
                    raise _NotWhole  # or a rebuild that takes this one up would not know what is missing
                generations.set_aside(session, self.made.values(), first_of_streams(out))

        began = time.monotonic()
        found = folded(chunk, self.tables(), self.source, self.position, aside, write)
        self.pace.rest(time.monotonic() - began)
        return found.events, found.aside, tallied

    def _index(self, each: Tables) -> tuple[str, tuple[Tally, Tally]]:
        began = time.monotonic()
        self.store.index(each)
        self.pace.rest(time.monotonic() - began)
        return each.projection.name, behind_others(lambda: self._standing(each))

    def _standing(self, each: Tables) -> tuple[Tally, Tally]:
        with self.store.reading() as session:
            return tally.of_table(session, each, past=False), tally.of_table(session, each, past=True)


def _chunks(session: Session) -> str:
    return f"{session.dialect.prefix}chunks"


def _claim(session: Session, mark: str, number: int, events: int, tallied: Tallies) -> bool:
    """Note that a chunk is being written; false when it stands already."""
    at = session.dialect.mark
    return bool(
        session.run(
            f"UPDATE {_chunks(session)} SET events = {at}, tally = {at}"
            f" WHERE build = {at} AND number = {at} AND tally = '' RETURNING number",
            (events, json.dumps(tallied), mark, number),
        )
    )


def folded_so_far(store: Store) -> int | None:
    """How many events the rebuild under way has folded; None while there is none, or once all of them are."""
    with store.reading() as session:
        [(chunks, events)] = session.run(f"SELECT count(*), coalesce(sum(events), 0) FROM {_chunks(session)}")
    return int(events) if chunks else None


def forget_chunks(session: Session) -> None:
    session.run(f"DELETE FROM {_chunks(session)}")


def discard(store: Store) -> None:
    """Remove what an unfinished rebuild has left."""
    with store.writing(PATIENCE) as session:
        meta(session)
        left = [each for each in generations.load(session) if each.state in (BUILDING, DISCARDED)]
        for each in left:  # without its chunks, what is building would pass for filled
            generations.set_state(session, each, DISCARDED)
        forget_chunks(session)
    for each in left:  # one at a time: others fold in between
        with store.writing(PATIENCE) as session:
            for sql in dropped(each.projection, each.number, session.dialect):
                session.run(sql)
            generations.forget(session, each)


def resumed(store: Store, source: Source, projections: Sequence[Projection[Any]]) -> Build | None:
    """The unfinished rebuild of these definitions from this log, if there is one."""
    with store.writing(PATIENCE) as session:
        meta(session)
        made = {each.projection: each for each in generations.load(session) if each.state == BUILDING}
        stored = session.run(f"SELECT number, build, last, events, tally FROM {_chunks(session)} ORDER BY number")
    wanted = {projection.name: projection.digest for projection in projections}
    if not made or wanted != {each.projection: each.digest for each in made.values()}:
        return None
    for position, leaf in {(each.position, each.leaf) for each in made.values()}:
        if position and (source.leaf(position) or b"").hex() != leaf:
            return None
    position = min(each.position for each in made.values())
    build = Build(store, source, projections, stored[0][1] if stored else "", position, made, filled=not stored)
    after = ""
    for number, _, last, events, tallied in stored:
        if tallied:
            build.done += events
            build._add(json.loads(tallied))
        else:
            build.chunks.append(Chunk(number, after, last))
        after = last
    return build


def begun(
    store: Store, source: Source, projections: Sequence[Projection[Any]], upto: int, events: int = EVENTS
) -> Build:
    """A new rebuild of the log up to position ``upto``, in chunks of about so many events. `discard` goes before."""
    leaf, mark = (source.leaf(upto) or b"").hex(), secrets.token_hex(8)
    chunks, after = [], ""
    for number, last in enumerate(cut(source, upto, events)):
        chunks.append(Chunk(number, after, last))
        after = last
    with store.writing(PATIENCE) as session:
        meta(session)
        numbers: dict[str, int] = {}
        for each in generations.load(session):
            numbers[each.projection] = max(numbers.get(each.projection, 0), each.number)
        made = {
            each.name: Generation(each.name, numbers.get(each.name, 0) + 1, each.digest, BUILDING, upto, leaf)
            for each in projections
        }
        build = Build(store, source, projections, mark, upto, made, chunks)
        for table in build.tables():
            for sql in table.create(bulk=True):
                session.run(sql)
        for generation in made.values():
            generations.add(session, generation)
        at = ", ".join([session.dialect.mark] * 5)
        session.many(
            f"INSERT INTO {_chunks(session)} (number, build, last, events, tally) VALUES ({at})",
            [(chunk.number, mark, chunk.last, 0, "") for chunk in chunks],
        )
    return build


def built(
    store: Store,
    source: Source,
    projections: Sequence[Projection[Any]],
    upto: int,
    *,
    aside: Sequence[Malformed] = (),
    named: Collection[int] = (),
    processes: int = 1,
    progress: Progress | None = None,
    events: int = EVENTS,
) -> tuple[Build, int, int]:
    """Tables of these projections, filled, indexed and compared: the unfinished ones, or new ones up to position
    ``upto``, less when this code does not know an event before. Returns also the events folded by this call and those
    by an earlier one. Raises as `Build.run`; nothing is left behind then, unless it was ``progress`` that raised."""
    build = resumed(store, source, projections)
    while True:
        if build is None:
            discard(store)
            build = begun(store, source, projections, upto, events)
        before, build.named = build.done, named
        try:
            return build, build.run(processes, progress, aside), before
        except NewerEvent as newer:
            upto, build = newer.position - 1, None
        except (RebuildRefused, Damaged):
            discard(store)
            raise

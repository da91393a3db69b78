"""Verify: fold the log again and compare with what the views hold, table by table, and row by row where they differ; and
say what that left out."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from itertools import islice
from os import getpid
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from projections import generations
from projections.build import built
from projections.chunk import EVENTS, Chunk, Folded, cut, folded
from projections.engine import SMALL, Views
from projections.generations import Generation, ViewsNotReady
from projections.processes import cores, shared
from projections.progress import Progress, Steps
from projections.source import Malformed, NewerEvent
from projections.sqlite import SqliteStore
from projections.store import Session, Tables

BLOCK = 5_000  # rows read at a time
PATIENCE = 60.0  # seconds to wait for those who fold
_encoder = msgspec.json.Encoder()

Row = tuple[Any, ...]
Name = tuple[str, bool]  # of a projection; of its past table or the current one
Hashes = dict[Name, int]  # sums of the hashes of rows


@dataclass(frozen=True, slots=True)
class Difference:
    """A version that the views hold otherwise than a rebuild makes it. ``stored`` and ``rebuilt`` are the columns in
    order, with ``since`` (and ``until`` for a past version), or ``None`` where one lacks it. ``positions`` are those of
    the events behind it."""

    projection: str
    key: str
    positions: tuple[int, ...]
    stored: Row | None
    rebuilt: Row | None


@dataclass(frozen=True, slots=True)
class Verified:
    """What `verify` found at ``position``, while ``head`` was the last one of the log. ``digests`` are of the stored
    tables, by table name; ``generations`` are the numbers of those compared, by projection.

    Not compared were the streams of the events ``set_aside``, from these on, those of the events ``unread``, which cannot
    be read or folded again though the views have not set them aside, and what comes after ``position``, where it is below
    ``head``: because the event ``stopped_before`` needs a newer program, or because the views do not go further.
    """

    position: int
    head: int
    digests: dict[str, str]
    differences: tuple[Difference, ...]
    generations: dict[str, int]
    set_aside: tuple[Malformed, ...] = ()
    stopped_before: int | None = None
    unread: tuple[Malformed, ...] = ()

    @property
    def whole(self) -> bool:
        """Whether all that the log holds was compared."""
        return self.position == self.head and not self.set_aside and not self.unread


class _Done(NamedTuple):
    """What one job found: events folded and those that could not be, or nothing of both; and what rows hash to."""

    folded: int
    aside: list[Malformed]
    hashes: Hashes


def verify(
    views: Views, names: Iterable[str] | None = None, progress: Progress | None = None, processes: int | None = None
) -> Verified:
    """Compare the views, once they have caught up, with what the log folds to.

    Streams that are set aside are left out of both, and named; of those with an event that cannot be read and is not set
    aside, what comes from it on. The digest of a table is the sum, modulo 2**256, of the
    SHA-256 of its rows, each as a JSON array; it is the same on every database. ``progress`` and ``processes`` are those of
    `rebuild.rebuild`. Raises `ViewsNotReady` and `engine.LogReplaced`.
    """
    wanted = set(views.projections if names is None else names)
    head = views.source.head()[0]
    newer_from = views.catch_up(SMALL, PATIENCE, bounded=False).newer
    with views.store.reading() as session:
        own = {name: each for name, each in views.own(session).items() if name in wanted}
        aside = generations.aside(session)
    processes = min(processes or cores(), cores())
    position = min((each.position for each in own.values()), default=0)
    while True:
        try:
            groups: dict[tuple[Malformed, ...], list[Generation]] = {}
            for name, each in own.items():
                out = [event for event in aside.get((name, each.number), []) if event.position <= position]
                groups.setdefault(tuple(out), []).append(each)
            comparisons = [_Comparison(views, group, out, position) for out, group in groups.items()]
            return Verified(
                position,
                max(head, position),
                {name: found for each in comparisons for name, found in each.digests(progress, processes)},
                tuple(difference for each in comparisons for difference in each.differences(processes)),
                {name: each.number for name, each in own.items()},
                _in_order(event for out in groups for event in out),
                newer_from,
                _in_order(event for each in comparisons for event in each.aside),
            )
        except NewerEvent as newer:  # folded by a newer program; this one knows what came before
            position, newer_from = newer.position - 1, newer.position
            head = max(head, newer.position)


class _Comparison:
    """Of some projections, without the streams of the same events ``out``."""

    def __init__(self, views: Views, group: Sequence[Generation], out: Sequence[Malformed], position: int) -> None:
        self.views, self.out, self.position = views, out, position
        self.tables = {each.projection: views.tables(each.projection, each.number) for each in group}
        self.aside: list[Malformed] = []
        self.differing: list[Name] = []

    def digests(self, progress: Progress | None, processes: int) -> Iterator[tuple[str, str]]:
        """The digest of each stored table, by its name; notes which tables differ."""
        jobs: list[Name | Chunk] = [(name, past) for name in self.tables for past in (False, True)]
        after = ""
        for number, last in enumerate(cut(self.views.source, self.position, EVENTS)):
            jobs.append(Chunk(number, after, last))
            after = last
        if processes > 1:
            self.views.store.close()
            self.views.source.close()
        stored: Hashes = {}
        expected: Hashes = {}
        count, steps = 0, Steps(progress)
        steps.begin("compare", self.position)
        for done in shared(jobs, self._job, processes):
            if not done.folded and not done.aside:
                stored |= done.hashes
                continue
            self.aside += [event for event in done.aside if event not in self.out]
            for name, found in done.hashes.items():
                expected[name] = (expected.get(name, 0) + found) % 2**256
            count += done.folded
            steps.done(count)
        self.differing = [name for name, found in stored.items() if found != expected.get(name, 0)]
        for name, found in sorted(stored.items()):
            yield f"{name[0]}{'_past' if name[1] else ''}", f"{found:064x}"

    def _job(self, job: Name | Chunk) -> _Done:
        hashes: Hashes = {}
        if not isinstance(job, Chunk):
            name, past = job
            with self.views.store.reading() as session:
                rows = versions(session, self.tables[name], self.position, past=past, ordered=False)
                while block := list(islice(rows, BLOCK)):
                    hashes[job] = (hashes.get(job, 0) + hashed(block)) % 2**256
            return _Done(0, [], hashes or {job: 0})

        def add(found: Folded) -> None:
            hashes.clear()
            for each in found.rows:
                projection = each.tables.projection
                hashes[projection.name, False] = hashed(projection.stored(each.current))
                hashes[projection.name, True] = hashed(projection.stored(each.past))

        tables = list(self.tables.values())
        found = folded(job, tables, self.views.source, self.position, self.out, add)
        return _Done(found.events, found.aside, hashes)

    def differences(self, processes: int) -> Iterator[Difference]:
        """Each row that differs, after `digests`; found by making the tables concerned anew elsewhere."""
        names = [name for name in self.tables if (name, False) in self.differing or (name, True) in self.differing]
        if not names:
            return
        views = self.views
        with _scratch(views.store.spool()) as store:
            out = (*self.out, *self.aside)
            chosen = [views.projections[name] for name in names]
            build, _, _ = built(store, views.source, chosen, self.position, aside=out, processes=processes)
            with views.store.reading() as session, store.reading() as other:
                for rebuilt in build.tables():
                    stored = self.tables[rebuilt.projection.name]
                    for past in (False, True):
                        found = _compare(
                            stored,
                            versions(session, stored, self.position, past=past),
                            versions(other, rebuilt, self.position, past=past),
                        )
                        yield from (one for one in found if not self._of_unread(one))

    def _of_unread(self, difference: Difference) -> bool:
        """Whether it is but that the views have folded what cannot be read any more, or what comes after it."""
        begins = {event.stream: event.position for event in reversed(_in_order(self.aside))}
        first = min(begins.values(), default=self.position + 1)
        for position in difference.positions:
            if position >= first:
                read = self.views.source.read(position - 1, 1)
                if read and begins.get(read[0].stream, position + 1) <= position:
                    return True
        return False


def _in_order(events: Iterable[Malformed]) -> tuple[Malformed, ...]:
    return tuple(sorted(set(events), key=lambda event: event.position))


@contextmanager
def _scratch(spool: str) -> Iterator[SqliteStore]:
    prefix = f"{spool}.verify-"
    for stale in Path(prefix).parent.glob(f"{Path(prefix).name}*"):
        process = stale.name[len(Path(prefix).name) :].partition("-")[0]
        if process.isdigit() and not Path(f"/proc/{process}").exists():
            stale.unlink(missing_ok=True)
    path = f"{prefix}{getpid()}"
    store = SqliteStore(path)
    store.prepare()
    try:
        yield store
    finally:
        store.close()
        for suffix in ("", "-wal", "-shm"):
            Path(path + suffix).unlink(missing_ok=True)


def versions(session: Session, tables: Tables, position: int, *, past: bool, ordered: bool = True) -> Iterator[Row]:
    """The rows that stand at a position, or the versions closed by then; ``ordered`` by key and ``since``."""
    order = " ORDER BY key" if ordered else ""
    if past:
        order += ", since" if ordered else ""
        return session.stream(
            f"SELECT {tables.listed}, since, until FROM {tables.past} WHERE until <= {position:d}{order}"
        )
    reached = next((each.position for each in generations.load(session) if _same(each, tables)), None)
    if reached is None:  # dropped by a rebuild meanwhile
        raise ViewsNotReady([tables.projection.name])
    at = tables.at.replace(":as_of_position", f"{position:d}") if reached > position else tables.current
    return session.stream(f"SELECT {tables.listed}, since FROM {at} AS standing{order}")


def _same(generation: Generation, tables: Tables) -> bool:
    return generation.projection == tables.projection.name and generation.number == tables.generation


def hashed(rows: Sequence[Row]) -> int:
    """The sum of the SHA-256 of rows, each as a JSON array."""
    return sum([int.from_bytes(sha256(line).digest(), "big") for line in _encoder.encode_lines(rows).splitlines()])


def _compare(tables: Tables, stored: Iterator[Row], rebuilt: Iterator[Row]) -> Iterator[Difference]:
    """The differences of two sequences in the same order of key and ``since``."""
    name, since = tables.projection.name, len(tables.projection.names)

    def place(row: Row) -> tuple[str, int]:
        return row[0], row[since] if len(row) > since + 1 else 0

    left, right = next(stored, None), next(rebuilt, None)
    while left is not None or right is not None:
        first, second = left and place(left), right and place(right)
        take_left = first is not None and (second is None or first <= second)
        take_right = second is not None and (first is None or second <= first)
        if left != right:
            ours, theirs = left if take_left else None, right if take_right else None
            positions = sorted({position for row in (ours, theirs) if row for position in row[since:]})
            yield Difference(name, str((ours or theirs or ("",))[0]), tuple(positions), ours, theirs)
        left = next(stored, None) if take_left else left
        right = next(rebuilt, None) if take_right else right

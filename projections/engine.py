"""The engine: views catch up with the log and answer as of any position of it."""

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from domain.aggregate import Event
from projections import generations
from projections.fold import Fold, Unfoldable
from projections.generations import LIVE, OLD, Generation, Status, ViewsNotReady
from projections.kept import Kept, Moments
from projections.projection import Projection
from projections.source import Head, Malformed, NewerEvent, NoSuchPosition, Source
from projections.store import Busy, Session, Store, Tables, meta, tables
from projections.view import View

__all__ = [
    "CaughtUp",
    "LogReplaced",
    "Malformed",
    "NewerEvent",
    "NoSuchPosition",
    "Source",
    "Status",
    "View",
    "Views",
    "ViewsNotReady",
]

MOST_ASIDE = 20  # unfoldable events in one batch; more than these are a fault of the code, not of the events
SMALL = 1000  # events that may be folded while somebody waits


class LogReplaced(Exception):
    """The log no longer holds what the views were folded from: it was restored from a backup, or is another one."""

    def __init__(self, position: int) -> None:
        self.position = position
        super().__init__(
            f"the log differs from the one the views were folded from at position {position}: rebuild them"
        )


@dataclass(frozen=True, slots=True)
class CaughtUp:
    """How far the views are: ``newer`` is the position of an event this code does not know, ``stopped`` says why
    folding stopped."""

    position: int
    head: int
    folded: int = 0
    newer: int | None = None
    stopped: str | None = None


def utc_now() -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


class Views:
    """All projections of one log in one store. ``now`` gives RFC 3339 UTC text."""

    def __init__(
        self, store: Store, projections: Iterable[Projection[Any]], source: Source, now: Callable[[], str] = utc_now
    ) -> None:
        self.store, self.source, self.now = store, source, now
        self.projections = {projection.name: projection for projection in projections}
        self.few_changed, self.moments = Kept[tuple[Tables, int, int], bool](), Moments(source)  # used by `View`
        self.standing: dict[str, tuple[tuple[Any, ...], list[dict[str, Any]]]] = {}  # used by it too
        self._own: tuple[list[tuple[Any, ...]], dict[str, Generation]] | None = None  # as they were asked for last
        self.folded = 0  # how far the views were when they were asked last

    def tables(self, name: str, number: int) -> Tables:
        """The tables of a generation."""
        return tables(self.projections[name], number, self.store.dialect)

    def own(self, session: Session) -> dict[str, Generation]:
        """The generation of each projection that this process reads. Raises `ViewsNotReady`."""
        rows, kept = generations.rows(session), self._own
        if kept is not None and rows == kept[0]:
            return kept[1]
        own = generations.choose((Generation(*row) for row in rows), self.projections.values())
        if missing := sorted(set(self.projections) - set(own)):
            raise ViewsNotReady(missing)
        self.moments.read_from({each.number for each in own.values()})
        self._own = rows, own
        return own

    def prepare(self, small: int = SMALL) -> None:
        """Make the tables that are missing. A projection whose definition has no tables yet gets empty ones when the
        log has at most ``small`` events, which the next catch-up folds; otherwise it waits for a rebuild."""
        self.store.prepare()
        with self.store.writing(30) as session:
            meta(session)
            found = generations.load(session)
            own = generations.choose(found, self.projections.values())
            if self.source.head()[0] > small:
                return
            for name in self.projections.keys() - own.keys():
                others = [generation for generation in found if generation.projection == name]
                for generation in (one for one in others if one.state == LIVE):
                    generations.set_state(session, generation, OLD)
                number = max((generation.number for generation in others), default=0) + 1
                made = self.tables(name, number)
                for sql in (*made.create(), *made.index()):
                    session.run(sql)
                digest = self.projections[name].digest
                generations.add(session, Generation(name, number, digest, LIVE, 0, ""))

    def at(
        self,
        as_of: int | str | None = None,
        wait_for: int | None = None,
        *,
        once: bool = False,
        head: Head | None = None,
    ) -> View:
        """What is known today, or was known at a position or at a time (RFC 3339 UTC).

        Today's view first catches up, and waits up to a quarter of a second for the position ``wait_for``. Ask inside
        ``with`` when several questions must agree; ``once`` keeps their answers. ``head`` is the log's end, if known."""
        return View(self, as_of, wait_for, once, head or Head())

    def check(self, own: Iterable[Generation], head: int, leaf: bytes) -> None:
        """Raises `LogReplaced` when a checkpoint does not lie on this log; ``leaf`` is that of the position ``head``."""
        if replaced := self._replaced(own, head, leaf):
            self.moments.forget()
            raise LogReplaced(min(replaced)[0])

    def _replaced(self, found: Iterable[Generation], head: int, leaf: bytes) -> set[tuple[int, str]]:
        """The checkpoints, position and leaf hash, that do not lie on this log."""
        return {
            (position, stored)
            for position, stored in {(generation.position, generation.leaf) for generation in found}
            if position and (leaf if position == head else self.source.leaf(position) or b"").hex() != stored
        }

    def catch_up(
        self, limit: int = SMALL, wait: float = 0.25, *, bounded: bool = True, behind: bool = False
    ) -> CaughtUp:
        """Fold what is new. More than ``limit`` events behind, nothing is folded unless ``bounded`` is false: that is
        work for a follower, which folds ``limit`` events a transaction.

        While another process folds, waits for it up to ``wait`` seconds. Whoever has just recorded says ``behind``: then
        the lock is taken at once, without looking first, and ``limit`` events are folded however many there are. Raises
        `ViewsNotReady` and `LogReplaced`.
        """
        poison: dict[int, Malformed] = {}
        folded, once = 0, behind
        while True:
            head, leaf = self.source.head()
            try:
                with self.store.writing(wait) if behind else self.store.reading() as session:
                    own = self.own(session)
                    reached = min((generation.position for generation in own.values()), default=head)
                    if reached >= head or (bounded and not once and head - reached > limit):
                        if reached >= head:
                            self.check(own.values(), head, leaf)
                        return CaughtUp(reached, head, folded)
                    if behind:
                        done = self.advance(session, limit, poison, own, (head, leaf))
                if not behind:
                    behind = True
                    continue
            except Busy:
                with self.store.reading() as session:
                    own = self.own(session)
                return CaughtUp(min(generation.position for generation in own.values()), head, folded)
            except Unfoldable as error:
                poison[error.malformed.position] = error.malformed
                if len(poison) > MOST_ASIDE:
                    return CaughtUp(reached, head, folded, stopped=str(error))
                continue
            folded += done.folded
            if once or done.newer is not None or done.folded == 0 or done.position >= head:
                return CaughtUp(done.position, head, folded, newer=done.newer, stopped=done.stopped)
            poison = {}

    def advance(
        self,
        session: Session,
        limit: int,
        poison: dict[int, Malformed],
        own: dict[str, Generation] | None = None,
        head: tuple[int, bytes] = (0, b""),
    ) -> CaughtUp:
        """Fold up to ``limit`` events, in the transaction of ``session``, into the generations that are furthest
        behind. ``poison`` holds events to set aside; ``head`` is the end of the log when it is known already. Raises
        `Unfoldable`: then the transaction must not commit."""
        own = self.own(session) if own is None else own
        aside = generations.aside(session)
        low = min(generation.position for generation in own.values())
        lowest = [generation for generation in own.values() if generation.position == low]
        self.check(lowest, 0, b"")
        skipped = aside.get((lowest[0].projection, lowest[0].number), [])
        cohort = [each for each in lowest if aside.get((each.projection, each.number), []) == skipped]
        ceiling = min((generation.position for generation in own.values() if generation.position > low), default=None)
        try:
            events = self._read(low, limit, ceiling)
        except NewerEvent as newer:
            return CaughtUp(low, low, newer=newer.position, stopped=str(newer))
        if not events:
            return CaughtUp(low, low)
        if poison:
            events = [poison.get(event.position, event) for event in events]
        streams: dict[str, int] = {}
        for event in skipped:
            streams.setdefault(event.stream, event.position)
        fold = Fold([self.tables(each.projection, each.number) for each in cohort], self.source, streams)
        try:
            found = fold.take(session, events)
        except NewerEvent as newer:  # before a correction in its stream, folded by a newer program
            return CaughtUp(low, low, newer=newer.position, stopped=str(newer))
        fold.write(session)
        if found:
            generations.set_aside(session, cohort, found)
        position = events[-1].position
        leaf = head[1] if position == head[0] else self.source.leaf(position) or b""
        generations.move(session, cohort, position, leaf.hex())
        folded = {each.projection for each in cohort}
        others = [each.position for each in own.values() if each.projection not in folded]
        return CaughtUp(min([position, *others]), position, len(events))

    def _read(self, after: int, limit: int, ceiling: int | None) -> list[Event | Malformed]:
        """Some events, up to the end of a command."""
        events = self.source.read(after, limit)
        if len(events) == limit:
            end = self.source.moment(events[-1].position)[0]
            while events[-1].position < end:
                try:
                    more = self.source.read(events[-1].position, end - events[-1].position)
                except NewerEvent:
                    break
                if not more:
                    break
                events += more
        return events if ceiling is None else [event for event in events if event.position <= ceiling]

    def wait_for(self, position: int, wait: float = 0.25) -> None:
        """Catch up; while others fold, wait until ``position`` is reached or ``wait`` seconds are over."""
        until = time.monotonic() + wait
        while (left := until - time.monotonic()) > 0:
            done = self.catch_up(wait=left)
            if done.position >= position or done.head - done.position > SMALL or done.newer or done.stopped:
                return
            time.sleep(min(0.01, left))

    def follow(
        self,
        stop: threading.Event,
        poll: float = 0.5,
        batch: int = SMALL,
        said: Callable[[CaughtUp], None] | None = None,
    ) -> None:
        """Keep the views warm until ``stop`` is set, however far behind they are; ``said`` hears of each round."""
        while not stop.is_set():
            done = self.catch_up(batch, wait=1.0, bounded=False)
            if said is not None:
                said(done)
            stop.wait(poll)

    def status(self) -> list[Status]:
        """Every generation of every projection of this code, with its lag and what is set aside."""
        head, leaf = self.source.head()
        with self.store.reading() as session:
            found, aside = generations.load(session), generations.aside(session)
        elsewhere = self._replaced(found, head, leaf)
        replaced = {each for each in found if (each.position, each.leaf) in elsewhere}
        serving = generations.choose(found, self.projections.values())
        return [
            Status(
                projection=each.projection,
                generation=each.number,
                digest=each.digest,
                state=each.state,
                own=each.digest == self.projections[each.projection].digest,
                serving=serving.get(each.projection) == each,
                position=each.position,
                lag=head if each in replaced else max(0, head - each.position),
                replaced=each in replaced,
                set_aside=tuple(aside.get((each.projection, each.number), ())),
            )
            for each in found
            if each.projection in self.projections
        ]

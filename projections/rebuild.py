"""Rebuild: new tables beside the live ones from the whole log, then an atomic switch. Reads never stop."""

import fcntl
import hashlib
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from projections import generations
from projections.build import BATCH, BUILDING, Build, Progress, RebuildRefused, remove
from projections.engine import SMALL, Views
from projections.fold import Unfoldable
from projections.generations import LIVE, OLD, Generation
from projections.projection import Projection
from projections.sqlite import SQLITE
from projections.store import Session, meta, tables

__all__ = ["Progress", "RebuildRefused", "RebuildRunning", "Rebuilt", "rebuild", "switch_back"]

PATIENCE = 60.0  # seconds to wait for those who fold, before the switch


class RebuildRunning(Exception):
    """Another process on this machine is rebuilding views of the same store."""


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What a rebuild did: ``events`` folded by this call in ``seconds``, up to ``position``; ``resumed`` is the
    position at which an interrupted rebuild was taken up, 0 for one from the beginning."""

    projections: tuple[str, ...]
    events: int
    seconds: float
    rate: float
    position: int
    resumed: int


def rebuild(
    views: Views, names: Iterable[str] | None = None, progress: Progress | None = None, batch: int = BATCH
) -> Rebuilt:
    """Build the named projections (all by default) anew and switch to the new tables.

    Interrupted at any moment, the next call goes on where it was. The generation before is kept until the next
    rebuild. ``progress`` hears position, head, events per second and seconds left after each batch.

    Raises `RebuildRefused` when events cannot be read or folded, `RebuildRunning`, and `KeyError` for an unknown name.
    """
    chosen = [views.projections[name] for name in (views.projections if names is None else names)]
    views.store.prepare()
    with _alone(views.store.spool()):
        began = time.monotonic()
        path = _side_file(views.store.spool(), chosen)
        build = Build(path, chosen, views.source)
        resumed = build.position
        try:
            events = build.run(progress=progress, batch=batch)
            if build.aside:
                raise RebuildRefused(build.aside)
            build.index()
        except RebuildRefused:
            build.discard()
            raise
        except BaseException:
            build.close()
            raise
        build.close()
        folded = _switch(views, path, chosen)
        remove(path)
    seconds, events, position = time.monotonic() - began, events + folded, build.position + folded
    done = tuple(projection.name for projection in chosen)
    return Rebuilt(done, events, seconds, events / max(seconds, 1e-9), position, resumed)


@contextmanager
def _alone(spool: str) -> Iterator[None]:
    with Path(f"{spool}.rebuild.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise RebuildRunning("another rebuild of these views is running") from None
        yield


def _side_file(spool: str, chosen: Sequence[Projection[Any]]) -> str:
    """The side file for these definitions; those of others are removed."""
    prefix = f"{spool}.rebuild-"
    mark = hashlib.sha256("".join(sorted(projection.digest for projection in chosen)).encode()).hexdigest()[:12]
    path = prefix + mark
    for stale in Path(spool).parent.glob(f"{Path(prefix).name}*"):
        if not str(stale).startswith(path):
            stale.unlink(missing_ok=True)
    return path


def _switch(views: Views, path: str, chosen: Sequence[Projection[Any]]) -> int:
    """Take the tables over from the side file, catch up, and switch, all in one transaction. Returns the number of
    events folded on the way."""
    with views.store.receive(path, PATIENCE) as receiver:
        session = receiver.session
        meta(session)
        before = generations.load(session)
        numbers = dict.fromkeys(views.projections, 0)
        for each in before:
            numbers[each.projection] = max(numbers.get(each.projection, 0), each.number)
        built = {each.projection: each for each in (Generation(*row) for row in receiver.built())}
        made = {}
        for projection in chosen:
            number = numbers[projection.name] + 1
            receiver.copy(tables(projection, 0, SQLITE), views.tables(projection.name, number))
            old = built[projection.name]
            made[projection.name] = Generation(
                projection.name, number, projection.digest, BUILDING, old.position, old.leaf
            )
        receiver.lock()
        for each in made.values():
            generations.add(session, each)
        folded = _catch_up(views, session, made)
        for each in generations.load(session):
            if each.projection not in made:
                continue
            if each.number == made[each.projection].number:
                generations.set_state(session, each, LIVE)
            elif each.state == LIVE:
                generations.set_state(session, each, OLD)
            else:
                for sql in views.tables(each.projection, each.number).drop():
                    session.run(sql)
                generations.forget(session, each)
    return folded


def _catch_up(views: Views, session: Session, made: dict[str, Generation]) -> int:
    folded = 0
    while True:
        try:
            done = views.advance(session, SMALL, {}, made)
        except Unfoldable as error:
            raise RebuildRefused([error.malformed]) from error
        if not done.folded:
            return folded
        folded += done.folded
        aside = generations.aside(session)
        if found := [event for each in made.values() for event in aside.get((each.projection, each.number), [])]:
            raise RebuildRefused(sorted(set(found), key=lambda event: event.position))
        made |= {
            each.projection: each
            for each in generations.load(session)
            if each.projection in made and each.number == made[each.projection].number
        }


def switch_back(views: Views, names: Iterable[str] | None = None) -> tuple[str, ...]:
    """Make the generation before the last rebuild the live one again, where this code has one. Returns the names of
    those switched; they catch up like any other."""
    wanted = set(views.projections if names is None else names)
    switched = []
    with views.store.writing(PATIENCE) as session:
        found = generations.load(session)
        for live in [each for each in found if each.state == LIVE and each.projection in wanted]:
            for each in found:
                same = each.projection == live.projection and each.state == OLD
                if same and each.digest == views.projections[each.projection].digest:
                    generations.set_state(session, live, OLD)
                    generations.set_state(session, each, LIVE)
                    switched.append(each.projection)
    return tuple(switched)

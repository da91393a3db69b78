"""Rebuild: new tables beside the live ones from the whole log, then an atomic switch. Reads never stop."""

import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass

from projections import generations
from projections.build import PATIENCE, Damaged, Progress, Steps, built, discard
from projections.chunk import EVENTS, MOST_ROUNDS, RebuildRefused
from projections.engine import SMALL, Views
from projections.fold import Unfoldable
from projections.generations import LIVE, OLD, Generation
from projections.processes import cores
from projections.source import Malformed
from projections.store import RebuildRunning, Session

__all__ = ["Damaged", "Progress", "RebuildRefused", "RebuildRunning", "Rebuilt", "rebuild", "switch_back"]

FEW = 100  # events that may be left for the transaction that switches


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What a rebuild did: ``events`` folded by this call in ``seconds``, up to ``position``, by ``processes`` at a time;
    ``resumed`` is the number of events that an interrupted rebuild had folded before, 0 for one from the beginning."""

    projections: tuple[str, ...]
    events: int
    seconds: float
    rate: float
    position: int
    resumed: int
    processes: int


def rebuild(
    views: Views,
    names: Iterable[str] | None = None,
    progress: Progress | None = None,
    batch: int = EVENTS,
    processes: int | None = None,
) -> Rebuilt:
    """Build the named projections (all by default) anew, compare what stands with what was folded, and switch.

    Interrupted at any moment, the next call goes on where it was. The generation before is kept until the next
    rebuild. ``progress`` hears how far each step is, as `build.Progress` says; when folding, after each chunk of about
    ``batch`` events. ``processes`` work at a time, by default and at most one on each processor.

    Raises `RebuildRefused` when events cannot be read or folded, `Damaged` when the tables do not hold what was folded,
    `RebuildRunning`, and `KeyError` for an unknown name.
    """
    chosen = [views.projections[name] for name in (views.projections if names is None else names)]
    processes = min(processes or cores(), cores())
    views.store.prepare()
    with views.store.alone():
        began = time.monotonic()
        build, events, resumed = built(
            views.store,
            views.source,
            chosen,
            views.source.head()[0],
            processes=processes,
            progress=progress,
            events=batch,
        )
        try:
            caught_up, folded, position, before = _taken_over(views, build.made, Steps(progress))
        except RebuildRefused:
            discard(views.store)
            raise
        _drop_older(views, build.made, before)
    seconds, events = time.monotonic() - began, events + caught_up + folded
    done = tuple(projection.name for projection in chosen)
    return Rebuilt(done, events, seconds, events / max(seconds, 1e-9), position, resumed, processes)


def _now(session: Session, made: dict[str, Generation]) -> dict[str, Generation]:
    """The same generations with the positions they have reached."""
    numbers = {(each.projection, each.number) for each in made.values()}
    return {each.projection: each for each in generations.load(session) if (each.projection, each.number) in numbers}


def _refuse_aside(session: Session, made: dict[str, Generation]) -> None:
    """Raises `RebuildRefused` for events that were set aside in the generations."""
    aside = generations.aside(session)
    if found := {event for each in made.values() for event in aside.get((each.projection, each.number), [])}:
        raise RebuildRefused(sorted(found, key=lambda event: event.position))


def _catch_up(views: Views, made: dict[str, Generation], steps: Steps) -> int:
    """Fold what was recorded since, a transaction at a time, until little is left for the one that switches. Sets events
    aside, as every catch-up does, to name them all in the end: raises `RebuildRefused` then."""
    folded, poison = 0, dict[int, Malformed]()
    steps.begin("catch up", views.source.head()[0] - min(each.position for each in made.values()))
    while True:
        try:
            with views.store.writing(PATIENCE) as session:
                done = views.advance(session, SMALL, poison, _now(session, made))
        except Unfoldable as error:
            poison[error.malformed.position] = error.malformed
            if len(poison) > MOST_ROUNDS:
                raise RebuildRefused([poison[position] for position in sorted(poison)], given_up=True) from error
            continue
        poison = {}
        folded += done.folded
        steps.done(folded)
        if not done.folded or views.source.head()[0] - done.position <= FEW:
            with views.store.reading() as session:
                _refuse_aside(session, made)
            return folded


def _taken_over(views: Views, made: dict[str, Generation], steps: Steps) -> tuple[int, int, int, dict[str, Generation]]:
    """Catch up and switch. Returns the events folded before and in the transaction that switches, the position reached,
    and the generations that were live."""
    caught_up = 0
    while True:
        caught_up += _catch_up(views, made, steps)
        with suppress(Unfoldable):  # what came last: the catch-up names it, with what else there is
            return caught_up, *_switch(views, made)


def _switch(views: Views, made: dict[str, Generation]) -> tuple[int, int, dict[str, Generation]]:
    """Catch up with what the log holds when the lock is taken, and switch, in one transaction. Returns the number of
    events folded, the position reached, and the generations that were live."""
    folded = 0
    before: dict[str, Generation] = {}
    with views.store.writing(PATIENCE) as session:
        enough = views.source.head()[0]
        while (done := views.advance(session, SMALL, {}, _now(session, made))).folded:
            folded += done.folded
            if done.position >= enough:
                break
        _refuse_aside(session, made)
        for each in generations.load(session):
            if each.projection not in made:
                continue
            if each.number == made[each.projection].number:
                generations.set_state(session, each, LIVE)
            elif each.state == LIVE:
                before[each.projection] = each
                generations.set_state(session, each, OLD)
    return folded, done.position, before


def _drop_older(views: Views, made: dict[str, Generation], before: dict[str, Generation]) -> None:
    """Drop the old generations of each projection but those that are kept (`_kept`)."""
    with views.store.reading() as session:
        found = [each for each in generations.load(session) if each.projection in made and each.state == OLD]
    kept = {
        (name, number)
        for name, one in made.items()
        for number in _kept([each for each in found if each.projection == name], one.digest, before.get(name))
    }
    for each in found:
        if (each.projection, each.number) not in kept:
            with views.store.writing(PATIENCE) as session:
                for sql in views.tables(each.projection, each.number).drop():
                    session.run(sql)
                generations.forget(session, each)


def _kept(old: list[Generation], digest: str, before: Generation | None) -> set[int]:
    """The number of the generation that was live before, and of the furthest-folded one of other code: after a release
    was rolled back, a program may still serve that one. One that readers would no longer fold is nobody's."""
    if before is None:
        return {max(old, key=lambda each: (each.position, each.number)).number} if old else set()
    others = [
        each
        for each in old
        if each.number != before.number and each.digest != digest and before.position - each.position <= SMALL
    ]
    return {
        before.number,
        *(each.number for each in sorted(others, key=lambda each: (each.position, each.number))[-1:]),
    }


def switch_back(views: Views, names: Iterable[str] | None = None) -> tuple[str, ...]:
    """Make the generation before the last rebuild the live one again, where this code has one, caught up in the
    transaction that switches. Returns the names of those switched. Raises `engine.LogReplaced` when it was folded from
    another log."""
    wanted = set(views.projections if names is None else names)
    poison: dict[int, Malformed] = {}
    while True:
        with views.store.reading() as session:
            earlier = _earlier(views, session, wanted)
        if not earlier:
            return ()
        try:
            with views.store.writing(PATIENCE) as session:
                enough = views.source.head()[0]
                done = views.advance(session, SMALL, poison, _now(session, earlier))
                if done.folded and done.position < enough:
                    poison = {}
                    continue
                for each in generations.load(session):
                    if each.projection in earlier and each.state == LIVE:
                        generations.set_state(session, each, OLD)
                for each in earlier.values():
                    generations.set_state(session, each, LIVE)
            return tuple(earlier)
        except Unfoldable as error:  # set aside, as in every catch-up
            poison[error.malformed.position] = error.malformed


def _earlier(views: Views, session: Session, wanted: set[str]) -> dict[str, Generation]:
    """The newest old generation of each projection that this code can fold, where another one is live."""
    found = generations.load(session)
    live = {each.projection for each in found if each.state == LIVE}
    return {
        each.projection: each
        for each in found
        if each.projection in wanted & live
        and each.state == OLD
        and each.digest == views.projections[each.projection].digest
    }

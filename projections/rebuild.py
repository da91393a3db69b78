"""Rebuild: new tables beside the live ones from the whole log, then an atomic switch. Reads never stop."""

import time
from collections.abc import Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, NamedTuple

from projections import generations
from projections.build import PATIENCE, Build, Damaged, built, discard
from projections.chunk import EVENTS, MOST_ROUNDS, RebuildRefused, left_out_from
from projections.engine import SMALL, Views
from projections.fold import Unfoldable
from projections.generations import LIVE, OLD, Generation
from projections.processes import cores
from projections.progress import Progress, Steps
from projections.projection import Projection
from projections.source import Malformed, NewerEvent, Source
from projections.store import RebuildRunning, Session, tables

__all__ = [
    "Damaged",
    "NothingWrong",
    "Progress",
    "RebuildRefused",
    "RebuildRunning",
    "Rebuilt",
    "rebuild",
    "switch_back",
]

FEW = 100  # events that may be left for the transaction that switches


class NothingWrong(Exception):
    """Events were named to be set aside that can be taken in, or that there are not."""

    def __init__(self, positions: Iterable[int]) -> None:
        listed = ", ".join(str(position) for position in positions)
        super().__init__(f"what stands at these positions can be taken in and need not be set aside: {listed}")


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What a rebuild did: ``events`` folded by this call in ``seconds``, up to ``position``, by ``processes`` at a time;
    ``resumed`` is the number of events that an interrupted rebuild had folded before, 0 for one from the beginning;
    ``set_aside`` are the positions from which on streams are left out."""

    projections: tuple[str, ...]
    events: int
    seconds: float
    rate: float
    position: int
    resumed: int
    processes: int
    set_aside: tuple[int, ...]


class _Switched(NamedTuple):
    """What the transaction that switches did: the number of events folded, the position reached, the generations that were
    live, and the positions set aside."""

    folded: int
    position: int
    before: dict[str, Generation]
    aside: tuple[int, ...]


def rebuild(
    views: Views,
    names: Iterable[str] | None = None,
    progress: Progress | None = None,
    batch: int = EVENTS,
    processes: int | None = None,
    named: Collection[int] = (),
) -> Rebuilt:
    """Build the named projections (all by default) anew, compare what stands with what was folded, and switch.

    Interrupted at any moment, the next call goes on where it was. The generation before is kept until the next
    rebuild. ``progress`` hears how far it is and what is left of all but what is recorded meanwhile, as `progress.Progress`
    says; when folding, after each chunk of about ``batch`` events. ``processes`` work at a time, by default and at most one
    on each processor.

    Events that cannot be read or folded refuse the switch: raises `RebuildRefused`, which names them all. Those whose
    positions are ``named`` do not: their streams are left out from there on, as live views leave them out, until they are
    released; raises `NothingWrong` when there is no need to, before anything is built, or else keeps what was. Also
    raises `Damaged` when the tables do not hold what was folded, `RebuildRunning`, and `KeyError` for an unknown name.
    """
    chosen = [views.projections[name] for name in (views.projections if names is None else names)]
    processes = min(processes or cores(), cores())
    views.store.prepare()
    with views.store.alone():
        began = time.monotonic()
        if not_wrong := _can_be_taken_in(views, chosen, named):
            raise NothingWrong(not_wrong)
        build, events, resumed = built(
            views.store,
            views.source,
            chosen,
            views.source.head()[0],
            named=named,
            processes=processes,
            progress=progress,
            events=batch,
        )
        try:
            caught_up, switched = _taken_over(views, build, Steps(progress))
        except RebuildRefused:
            discard(views.store)
            raise
        _drop_older(views, build.made, switched.before)
    seconds, events = time.monotonic() - began, events + caught_up + switched.folded
    done = tuple(projection.name for projection in chosen)
    rate = events / max(seconds, 1e-9)
    return Rebuilt(done, events, seconds, rate, switched.position, resumed, processes, switched.aside)


def _now(session: Session, made: dict[str, Generation]) -> dict[str, Generation]:
    """The same generations with the positions they have reached."""
    numbers = {(each.projection, each.number) for each in made.values()}
    return {each.projection: each for each in generations.load(session) if (each.projection, each.number) in numbers}


def _aside(session: Session, build: Build) -> list[Malformed]:
    """What is set aside in the generations. Raises `RebuildRefused` when somebody has to name it first."""
    found = sorted(generations.set_aside_in(session, build.made.values()), key=lambda event: event.position)
    if any(event.position not in build.named for event in found):
        raise RebuildRefused(found)
    return found


def _can_be_taken_in(views: Views, chosen: Iterable[Projection[Any]], named: Collection[int]) -> list[int]:
    """The positions whose streams, each folded alone, are not left out there; also those that the log does not have."""
    source, found = views.source, list[int]()
    upto, made = source.head()[0], [tables(each, 0, views.store.dialect) for each in chosen]
    for position in sorted(named):
        with suppress(NewerEvent):  # nobody can say it yet
            read = source.read(position - 1, 1)
            begin = left_out_from(read[0].stream, made, source, upto) if read else None
            if begin is None or begin > position:
                found.append(position)
    return found


def _not_wrong(source: Source, named: Collection[int], aside: Iterable[Malformed]) -> list[int]:
    """The positions whose events are not left out by what is set aside."""
    first = {event.stream: event.position for event in aside}

    def left_out(position: int) -> bool:
        try:
            read = source.read(position - 1, 1)
        except NewerEvent:
            return False
        return bool(read) and read[0].position >= first.get(read[0].stream, position + 1)

    return [position for position in sorted(named) if not left_out(position)]


def _catch_up(views: Views, build: Build, steps: Steps) -> int:
    """Fold what was recorded since, a transaction at a time, until little is left for the one that switches. Sets events
    aside, as every catch-up does, to name them all in the end: raises `RebuildRefused` then."""
    made, folded, poison = build.made, 0, dict[int, Malformed]()
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
                _aside(session, build)
            return folded


def _taken_over(views: Views, build: Build, steps: Steps) -> tuple[int, _Switched]:
    """Catch up and switch. Returns the number of events folded before the transaction that switches, too."""
    caught_up = 0
    while True:
        caught_up += _catch_up(views, build, steps)
        with suppress(Unfoldable):  # what came last: the catch-up names it, with what else there is
            return caught_up, _switch(views, build)


def _switch(views: Views, build: Build) -> _Switched:
    """Catch up with what the log holds when the lock is taken, and switch, in one transaction."""
    made, folded = build.made, 0
    before: dict[str, Generation] = {}
    with views.store.writing(PATIENCE) as session:
        enough = views.source.head()[0]
        while (done := views.advance(session, SMALL, {}, _now(session, made))).folded:
            folded += done.folded
            if done.position >= enough:
                break
        aside = _aside(session, build)
        if not_wrong := _not_wrong(views.source, build.named, aside):
            raise NothingWrong(not_wrong)
        for each in generations.load(session):
            if each.projection not in made:
                continue
            if each.number == made[each.projection].number:
                generations.set_state(session, each, LIVE)
            elif each.state == LIVE:
                before[each.projection] = each
                generations.set_state(session, each, OLD)
    return _Switched(folded, done.position, before, tuple(event.position for event in aside))


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

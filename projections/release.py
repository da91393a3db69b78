"""Releasing: streams that were set aside are folded again, from their first event, in place of the rows they have.

`release` takes one stream in whole, or changes nothing and says why. `retry` tries them all; what still cannot be folded
stays aside from there on. Both write rows, row history and the list of what is aside in one transaction.
"""

import logging
from dataclasses import dataclass
from typing import Any

from domain.aggregate import Event
from projections import generations
from projections.engine import Views
from projections.fold import Fold, Unfoldable
from projections.generations import Generation
from projections.source import Malformed, NewerEvent, Source, Unreadable
from projections.store import Session

PATIENCE = 60.0  # seconds to wait for those who fold

log = logging.getLogger("wahana.views")


class NothingAside(Exception):
    """Nothing is set aside at that position or of that stream."""

    def __init__(self, what: int | str) -> None:
        super().__init__(f"nothing is set aside {'at position' if isinstance(what, int) else 'of stream'} {what}")


@dataclass(frozen=True, slots=True)
class Tried:
    """What became of a stream that was aside from ``position`` on: the ``projections`` that folded more of it, and
    where folding it ``stopped`` and why, when it stays aside."""

    stream: str
    position: int
    projections: tuple[str, ...]
    stopped: int | None = None
    reason: str = ""


def release(views: Views, what: int | str) -> Tried:
    """Take in the stream that is set aside at a position, or the stream of that id, up to where the views are.

    Raises `NothingAside`; `Unfoldable` or `NewerEvent` when an event of it still cannot be folded, and then nothing
    has changed; `store.Busy`, `ViewsNotReady` and `LogReplaced`.
    """
    waiting = _waiting(views)
    stream = next((each for position, each in waiting if what in (position, each)), None)
    if stream is None:
        raise NothingAside(what)
    first = next(position for position, each in waiting if each == stream)
    try:
        return _told(Tried(stream, first, _folded(views, stream, None)))
    except (Unfoldable, NewerEvent) as error:
        log.warning("not released", extra={"fields": {"stream": stream, "position": first, "reason": str(error)}})
        raise


def retry(views: Views) -> list[Tried]:
    """Try every stream that is set aside, in the order of its first position left out. Nothing that the views hold is
    lost by it. Raises `store.Busy`, `ViewsNotReady` and `LogReplaced`."""
    waiting = _waiting(views)
    first = {stream: position for position, stream in reversed(waiting)}
    return [_told(_tried(views, stream, position)) for position, stream in waiting if first[stream] == position]


def _waiting(views: Views) -> list[tuple[int, str]]:
    """The events that are set aside, by position and stream, in log order."""
    with views.store.reading() as session:
        return sorted({(bad.position, bad.stream) for _, aside in _left_out(views, session) for bad in aside})


def _told(tried: Tried) -> Tried:
    fields: dict[str, Any] = {"stream": tried.stream, "position": tried.position, "projections": tried.projections}
    if tried.stopped is not None:
        fields |= {"stopped": tried.stopped, "reason": tried.reason}
    log.warning("released" if tried.stopped is None else "stays aside", extra={"fields": fields})
    return tried


def _tried(views: Views, stream: str, position: int) -> Tried:
    """As much of a stream as can be folded."""
    end: Malformed | None = None
    while True:  # each time up to an earlier event
        try:
            names = _folded(views, stream, end)
        except Unfoldable as error:
            end = error.malformed
        except NewerEvent as newer:
            return Tried(stream, position, (), newer.position, str(newer))
        else:
            return Tried(stream, position, names, *((end.position, end.reason) if end else ()))


def _left_out(views: Views, session: Session) -> list[tuple[Generation, list[Malformed]]]:
    """The generations that this process reads, with what is set aside in each."""
    aside = generations.aside(session)
    return [(each, aside.get((each.projection, each.number), [])) for each in views.own(session).values()]


def _folded(views: Views, stream: str, end: Malformed | None) -> tuple[str, ...]:
    """Fold a stream again where it is set aside, whole or up to the event ``end``, and set it aside from there.

    Where it is aside from ``end`` or from before it, it is left as it is. Returns the projections that folded. Raises
    `Unfoldable` and `NewerEvent`.
    """
    with views.store.writing(PATIENCE) as session:
        cohorts: dict[tuple[int, int], list[Generation]] = {}
        for each, aside in _left_out(views, session):
            first = min((bad.position for bad in aside if bad.stream == stream), default=None)
            if first is not None and (end is None or first < end.position):
                cohorts.setdefault((each.position, first), []).append(each)
        concerned = [each for cohort in cohorts.values() for each in cohort]
        views.check(concerned, 0, b"")
        for (reached, _), cohort in cohorts.items():
            upto = reached if end is None else min(reached, end.position - 1)
            fold = Fold([views.tables(each.projection, each.number) for each in cohort], views.source, {})
            fold.again(session, _events(views.source, stream, upto))
            fold.write(session)
            generations.take_back(session, cohort, stream)
            if end is not None and end.position <= reached:
                generations.set_aside(session, cohort, [end])
    return tuple(sorted(each.projection for each in concerned))


def _events(source: Source, stream: str, upto: int) -> list[Event]:
    try:
        return source.stream(stream, upto)
    except Unreadable as error:
        event = next(event for event in source.read(error.position - 1, 1))
        said = event.reason if isinstance(event, Malformed) else str(error)
        raise Unfoldable(Malformed(error.position, stream, event.version, event.topic, said)) from error

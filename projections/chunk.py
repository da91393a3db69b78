"""Folding a part of the log by whole streams: a row is folded from one stream, so nothing need be looked up or kept."""

import contextlib
import gc
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import chain, groupby
from operator import attrgetter
from typing import Any, NamedTuple

from domain.aggregate import Event
from projections.fold import Fold, Unfoldable
from projections.processes import behind_others
from projections.source import Malformed, Source
from projections.store import Tables

EVENTS = 1_000  # of a chunk, about
MOST_CHUNKS = 10_000  # of the largest log: then chunks grow
SAMPLES = 8  # events looked at for each cut
LAST = "\U0010ffff"  # after every stream
_AFTER_ALL = 2**31 - 1  # versions of a stream
MOST_ROUNDS = 20  # for events that are to blame though each stream, alone, can be folded


class RebuildRefused(Exception):
    """Events could not be read or folded; nothing live was changed. ``malformed`` lists all that cannot be read, and of
    each stream the first that cannot be folded; unless ``given_up``: then there may be more."""

    def __init__(self, malformed: Sequence[Malformed], given_up: bool = False) -> None:
        self.malformed, self.given_up = tuple(malformed), given_up
        listed = "; ".join(f"{each.position} ({each.topic}): {each.reason}" for each in self.malformed[:3])
        more = f" and {len(self.malformed) - 3} more" if len(self.malformed) > 3 else ""
        super().__init__(f"events that cannot be read: {listed}{more}")

    def __reduce__(self) -> tuple[type["RebuildRefused"], tuple[Sequence[Malformed], bool]]:
        return RebuildRefused, (self.malformed, self.given_up)


def first_of_streams(malformed: Iterable[Malformed]) -> list[Malformed]:
    """The first event of each stream: from there on it is left out, with whatever comes after."""
    found: dict[str, Malformed] = {}
    for event in sorted(malformed, key=attrgetter("position")):
        found.setdefault(event.stream, event)
    return list(found.values())


class Chunk(NamedTuple):
    """The streams after ``after``, up to and including ``last``."""

    number: int
    after: str
    last: str


class Rows(NamedTuple):
    """What became of a chunk in one projection, values as in the row's fields: rows that stand, with ``since``, in order
    of their key; closed versions, with ``since`` and ``until``."""

    tables: Tables
    current: list[tuple[Any, ...]]
    past: list[tuple[Any, ...]]


class Folded(NamedTuple):
    """A chunk folded: how many events, those that could not be read or folded, and the rows."""

    events: int
    aside: list[Malformed]
    rows: list[Rows]


def cut(source: Source, upto: int, events: int) -> list[str]:
    """The last streams of chunks of about so many events that make up the log up to position ``upto``."""
    events = max(events, upto // MOST_CHUNKS)
    step = max(1, events // SAMPLES)
    seen = sorted(source.sample(upto, step))
    return sorted({*seen[events // step - 1 :: events // step], LAST})


def folded(
    chunk: Chunk,
    all_tables: Sequence[Tables],
    source: Source,
    upto: int,
    aside: Sequence[Malformed],
    take: Callable[[Folded], object],
) -> Folded:
    """Fold the events of a chunk at positions up to ``upto`` and give them to ``take``.

    Streams are left out from the events ``aside`` on. An event that cannot be read or folded, or gives a value that
    ``take`` cannot write, is put aside too, and all begins anew without the rest of its stream. Raises
    `RebuildRefused` when there is no end to it, and `NewerEvent`.
    """
    poison = {event.position: event for event in aside}
    out: dict[str, int] = {}
    for event in aside:
        out[event.stream] = min(event.position, out.get(event.stream, event.position))
    for rounds in range(MOST_ROUNDS):
        fold = Fold(all_tables, source, {})
        try:
            with _uncollected():
                found = behind_others(partial(_fold, fold, chunk, source, upto, poison, out))
                try:
                    take(found)
                except Exception as error:
                    unfit = fold.unfit()
                    if unfit is None:
                        raise
                    raise unfit from error
            return found
        except Unfoldable as error:
            poison[error.malformed.position] = error.malformed
            if not rounds:
                found_alone = _unfoldable(all_tables, chunk, source, upto, poison)
                poison |= {event.position: event for event in found_alone}
    raise RebuildRefused([poison[position] for position in sorted(poison)], given_up=True)


def _unfoldable(
    all_tables: Sequence[Tables], chunk: Chunk, source: Source, upto: int, poison: dict[int, Malformed]
) -> Iterator[Malformed]:
    """What cannot be folded of each stream of the chunk, folded alone: a fault of one says nothing of the others."""
    events = chain.from_iterable(_pages((chunk.after, _AFTER_ALL), chunk.last, source, upto))
    for _, stream in groupby(events, key=attrgetter("stream")):
        yield from _alone(all_tables, source, [poison.get(event.position, event) for event in stream])


def _alone(all_tables: Sequence[Tables], source: Source, found: list[Event | Malformed]) -> Iterator[Malformed]:
    """What cannot be folded of one stream."""
    failed = True
    while failed:
        fold, failed = Fold(all_tables, source, {}), False
        try:
            fold.take(None, found)
            if (unfit := fold.unfit()) is not None:
                raise unfit
        except Unfoldable as error:
            failed = True
            found = [error.malformed if each.position == error.malformed.position else each for each in found]
            yield error.malformed


def left_out_from(stream: str, all_tables: Sequence[Tables], source: Source, upto: int) -> int | None:
    """The position from which on a stream, folded alone, cannot be taken in; ``None`` when it can, whole. Raises
    `NewerEvent`."""
    events = list(chain.from_iterable(_pages((stream, 0), stream, source, upto)))
    unread = [event.position for event in events if isinstance(event, Malformed)]
    return min((*unread, *(event.position for event in _alone(all_tables, source, events))), default=None)


def _pages(after: tuple[str, int], last: str, source: Source, upto: int) -> Iterator[list[Event | Malformed]]:
    while events := source.streams(after, last, upto, EVENTS):
        after = (events[-1].stream, events[-1].version)
        yield events


def _fold(
    fold: Fold, chunk: Chunk, source: Source, upto: int, poison: dict[int, Malformed], out: dict[str, int]
) -> Folded:
    count, aside = 0, list[Malformed]()
    for events in _pages((chunk.after, _AFTER_ALL), chunk.last, source, upto):
        count += len(events)
        if poison:
            events = [poison.get(event.position, event) for event in events]
        fold.take(None, events)  # tells the first of a stream only
        aside += [
            event
            for event in events
            if isinstance(event, Malformed) and event.position <= out.get(event.stream, event.position)
        ]
    rows = []
    for each in fold.rows:
        current = each.fresh + [(*values, since) for _, values, since in each.hot.values() if since]
        current.sort(key=_first)
        if current or each.closed:
            rows.append(Rows(each.tables, current, each.closed))
    return Folded(count, aside, rows)


def _first(row: tuple[Any, ...]) -> Any:
    return row[0]


@contextlib.contextmanager
def _uncollected() -> Iterator[None]:
    """Without the cycle collector: folding makes no cycles, and there are many rows to look through in vain."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()

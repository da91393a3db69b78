"""Streams that this process has lately read or written: what a decision may begin from without asking the database.

What is remembered may be older than the log, or of a log that was put back since. An append on top of it is refused then,
by the log's own rules: no version of a stream is taken twice, and none follows on another than the one it was decided on.
A stream that a decision rests on and does not append to must end as it was remembered, which the append looks for in the
same transaction. Whatever is refused is decided again from the log.
"""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from threading import Lock

import msgspec

from domain.aggregate import Aggregate, Event
from domain.correction import Corrected, Retracted, replay
from service.log.entries import Tip
from service.log.eventlog import EventLog

MOST = 20_000  # events
LONGEST = 200  # events of one stream


class _Kept(msgspec.Struct, eq=False):
    """The stored events of one stream, and the aggregate that they make unless a decision has it."""

    events: tuple[Event, ...]
    made: Aggregate | None = None


class RecentStreams:
    """The stored events of the streams used last, whole and in order."""

    def __init__(self, log: EventLog, most: int = MOST) -> None:
        self._log = log
        self._most = most
        self._lock = Lock()
        self._events = 0
        self._streams: OrderedDict[str, _Kept] = OrderedDict()

    def recall(self, stream: str) -> tuple[Aggregate, Tip] | None:
        """The aggregate as its events were last seen, or None. It is the caller's until she gives it `back`."""
        with self._lock:
            kept = self._streams.get(stream)
            if kept is None:
                return None
            self._streams.move_to_end(stream)
            made, kept.made = kept.made, None
        if made is not None:
            return made, _tip(kept.events)
        return _made(kept.events)

    def load(self, stream: str) -> tuple[Aggregate, Tip, tuple[Event, ...]] | None:
        """The aggregate as the log has it now with its stored events, or None when there is none."""
        events = tuple(self._log.history(stream))
        with self._lock:
            self._take(stream)
            if 0 < len(events) <= LONGEST:
                self._put(stream, _Kept(events))
        return (*_made(events), events) if events else None

    def grow(self, events: Sequence[Event]) -> None:
        """Take in events that were just recorded; a stream that is not remembered up to them is forgotten."""
        with self._lock:
            for event in events:
                kept = self._take(event.stream)
                known = kept.events if kept else ()
                if event.version == len(known) + 1 <= LONGEST:
                    self._put(event.stream, _Kept((*known, event)))

    def back(self, aggregates: Mapping[str, Aggregate], rests: Mapping[str, str], recorded: Sequence[Event]) -> None:
        """Take back the aggregates of a decision once these events are ``recorded``, where they are what the remembered
        events of their streams would make; ``rests`` has the command of the last event of each as it was loaded."""
        odd = {
            event.stream for event in recorded if event.LOOKS_AT_ENVELOPE or isinstance(event, Corrected | Retracted)
        }
        ends = {**rests, **{event.stream: event.command for event in recorded}}
        with self._lock:
            for stream, aggregate in aggregates.items():
                kept = self._streams.get(stream)
                if kept and stream not in odd and _tip(kept.events) == (aggregate.version, ends.get(stream)):
                    kept.made = aggregate

    def seen(self) -> dict[str, tuple[Event, ...]]:
        """All that is remembered, by stream."""
        with self._lock:
            return {stream: kept.events for stream, kept in self._streams.items()}

    def _take(self, stream: str) -> _Kept | None:
        kept = self._streams.pop(stream, None)
        self._events -= len(kept.events) if kept else 0
        return kept

    def _put(self, stream: str, kept: _Kept) -> None:
        self._streams[stream] = kept
        self._events += len(kept.events)
        while self._events > self._most:
            self._take(next(iter(self._streams)))


def _tip(events: Sequence[Event]) -> Tip:
    return events[-1].version, events[-1].command


def _made(events: Sequence[Event]) -> tuple[Aggregate, Tip]:
    aggregate = replay(None, events)
    assert aggregate is not None
    return aggregate, _tip(events)

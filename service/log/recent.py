"""Streams that this process has lately read or written: what a decision may begin from without asking the database.

What is remembered may be older than the log, or of a log that was put back since. An append on top of it is refused then,
by the log's own rules: no version of a stream is taken twice, and none follows on another than the one it was decided on.
A decision that rests on a stream it does not append to asks `stands` first, and one that is refused is decided again from
the log.
"""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from threading import Lock

from domain.aggregate import Aggregate, Event
from domain.correction import replay
from service.log.eventlog import EventLog

MOST = 20_000  # events
LONGEST = 200  # events of one stream
#: A version of a stream and the command that recorded it: together they name one event for ever.
Tip = tuple[int, str]


class RecentStreams:
    """The stored events of the streams used last, whole and in order."""

    def __init__(self, log: EventLog, most: int = MOST) -> None:
        self._log = log
        self._most = most
        self._lock = Lock()
        self._events = 0
        self._streams: OrderedDict[str, tuple[Event, ...]] = OrderedDict()

    def recall(self, stream: str) -> tuple[Aggregate, Tip] | None:
        """The aggregate as its events were last seen, or None."""
        with self._lock:
            events = self._streams.get(stream)
            if events is None:
                return None
            self._streams.move_to_end(stream)
        return _made(events)

    def load(self, stream: str) -> tuple[Aggregate, Tip] | None:
        """The aggregate as the log has it now, or None when there is none."""
        events = tuple(self._log.history(stream))
        with self._lock:
            self._take(stream)
            if 0 < len(events) <= LONGEST:
                self._put(stream, events)
        return _made(events) if events else None

    def grow(self, events: Sequence[Event]) -> None:
        """Take in events that were just recorded; a stream that is not remembered up to them is forgotten."""
        with self._lock:
            for event in events:
                known = self._take(event.stream)
                if event.version == len(known) + 1 <= LONGEST:
                    self._put(event.stream, (*known, event))

    def stands(self, tips: Mapping[str, Tip]) -> bool:
        """Whether these streams still end as they did when they were remembered."""
        if not tips:
            return True
        database = self._log.database
        rows = database.rows(
            "SELECT stream, version, command FROM events e WHERE version = "
            "(SELECT max(version) FROM events WHERE stream = e.stream) AND stream " + database.among("streams"),
            streams=list(tips),
        )
        return {stream: (version, command) for stream, version, command in rows} == dict(tips)

    def seen(self) -> dict[str, tuple[Event, ...]]:
        """All that is remembered, by stream."""
        with self._lock:
            return dict(self._streams)

    def _take(self, stream: str) -> tuple[Event, ...]:
        events = self._streams.pop(stream, ())
        self._events -= len(events)
        return events

    def _put(self, stream: str, events: tuple[Event, ...]) -> None:
        self._streams[stream] = events
        self._events += len(events)
        while self._events > self._most:
            self._take(next(iter(self._streams)))


def _made(events: Sequence[Event]) -> tuple[Aggregate, Tip]:
    aggregate = replay(None, events)
    assert aggregate is not None
    return aggregate, (events[-1].version, events[-1].command)

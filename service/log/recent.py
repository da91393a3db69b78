"""Streams that this process has lately read or written: what a decision may begin from without asking the database.

What is remembered may be older than the log. An append on top of it is refused then, by the log's own rules: no version
of a stream is taken twice, and none follows on one that is missing. A decision that rests on a stream it does not append
to asks `stands` first, and one that is refused is decided again from the log.
"""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from threading import Lock

from domain.aggregate import Aggregate, Event
from domain.correction import replay
from service.log.eventlog import EventLog

MOST = 2000  # streams
LONGEST = 200  # events of one stream


class RecentStreams:
    """The stored events of the streams used last, whole and in order."""

    def __init__(self, log: EventLog, most: int = MOST) -> None:
        self._log = log
        self._most = most
        self._lock = Lock()
        self._streams: OrderedDict[str, tuple[Event, ...]] = OrderedDict()

    def recall(self, stream: str) -> Aggregate | None:
        """The aggregate as its events were last seen, or None."""
        with self._lock:
            events = self._streams.get(stream)
            if events is None:
                return None
            self._streams.move_to_end(stream)
        return replay(None, events)

    def load(self, stream: str) -> Aggregate | None:
        """The aggregate as the log has it now, or None when there is none."""
        events = self._log.history(stream)
        if 0 < len(events) <= LONGEST:
            with self._lock:
                self._put(stream, tuple(events))
        return replay(None, events)

    def grow(self, events: Sequence[Event]) -> None:
        """Take in events that were just recorded; a stream that is not remembered up to them is forgotten."""
        with self._lock:
            for event in events:
                known = self._streams.pop(event.stream, ())
                if event.version == len(known) + 1 <= LONGEST:
                    self._put(event.stream, (*known, event))

    def stands(self, versions: Mapping[str, int]) -> bool:
        """Whether these streams still have the versions they were remembered with."""
        if not versions:
            return True
        database = self._log.database
        rows = database.rows(
            f"SELECT stream, max(version) FROM events WHERE stream {database.among('streams')} GROUP BY stream",
            streams=list(versions),
        )
        return dict(rows) == versions

    def seen(self) -> dict[str, tuple[Event, ...]]:
        """All that is remembered, by stream."""
        with self._lock:
            return dict(self._streams)

    def _put(self, stream: str, events: tuple[Event, ...]) -> None:
        self._streams[stream] = events
        self._streams.move_to_end(stream)
        if len(self._streams) > self._most:
            self._streams.popitem(last=False)

"""What the engine asks of the event log. The log implements `Source`; nothing here knows how."""

from collections.abc import Collection
from typing import NamedTuple, Protocol

import msgspec

from domain.aggregate import Event


class Malformed(msgspec.Struct, frozen=True):
    """A stored event that cannot be read or folded. ``reason`` names no personal data."""

    position: int
    stream: str
    version: int
    topic: str
    reason: str


class Unreadable(Exception):
    """The event of a stream at ``position`` cannot be read: altered, missing, or of a shape that no code knows."""

    def __init__(self, position: int, said: str) -> None:
        self.position = position
        super().__init__(f"position {position}: {said}")


class NewerEvent(Exception):
    """The event at ``position`` is of a type or shape that this code does not know yet: the reader is late."""

    def __init__(self, position: int) -> None:
        self.position = position
        super().__init__(f"the event at position {position} needs a newer version of this program")


class NoSuchPosition(Exception):
    """A state was asked for at a position that the log has not reached."""

    def __init__(self, position: int, head: int) -> None:
        self.position, self.head = position, head
        super().__init__(f"position {position} is not recorded yet, the last one is {head}")


class Head(NamedTuple):
    """The end of the log: its last position and the leaf hash there. Whoever asked for it may have learnt besides the leaf
    hash at the position ``folded``, if nothing but readings was recorded after it (``quiet``)."""

    position: int = 0
    leaf: bytes = b""
    folded: int = 0
    quiet: bytes = b""


class Source(Protocol):
    """One total order of events without gaps, positions from 1. Times are RFC 3339 UTC text as `Event.recorded`."""

    def head(self) -> tuple[int, bytes]:
        """The last position and its leaf hash; ``(0, b"")`` when the log is empty."""

    def read(self, after: int, limit: int) -> "list[Event | Malformed]":
        """At most ``limit`` events after position ``after``, in order; fewer only at the end or before an event newer
        than this code. Raises `NewerEvent` when the first one is such."""

    def stream(self, stream: str, upto: int) -> list[Event]:
        """The events of one stream up to and including position ``upto``, in order, checked like those of `read`. Raises
        `Unreadable` when one of them cannot be read: then whoever folds sets the stream aside."""

    def sample(self, upto: int, step: int) -> list[str]:
        """The streams of every ``step``-th event up to a position, for cutting the log into ranges of streams."""

    def streams(self, after: tuple[str, int], last: str, upto: int, limit: int) -> "list[Event | Malformed]":
        """At most ``limit`` events in order of stream (by its bytes) and version: those after ``after`` (stream, version),
        of streams up to and including ``last``, at positions up to ``upto``. Checked like those of `read`. Raises
        `NewerEvent` when there is such an event among them."""

    def leaf(self, position: int) -> bytes | None:
        """The leaf hash at a position; ``None`` when nothing is there."""

    def position_at(self, time: str) -> int:
        """The last position recorded at or before ``time``, at the end of its command; 0 when there is none."""

    def only(self, after: int, topics: Collection[str]) -> bytes | None:
        """The leaf hash at a position when every event after it is of one of these topics, else ``None``."""

    def moment(self, position: int) -> tuple[int, str]:
        """The last position of the command that recorded ``position``, and when that one was recorded."""

    def close(self) -> None:
        """Close what this process holds open, as before a fork; the next question opens it again."""


def moment_of(source: Source, as_of: int | str) -> tuple[int, str]:
    """The position that was asked for, at the end of its command, and the time that is judged against: for a position that
    of its recording, for a time the time itself, and for "position@time" that time, but none before the recording."""
    where, time = _apart(as_of)
    if where is None:
        return source.position_at(time), time
    position, clock = source.moment(where or 1)
    return (position if where else 0), max(clock, time)


def position_in(as_of: int | str) -> int | None:
    """The position that is named in what was asked for; ``None`` for a time alone."""
    return _apart(as_of)[0]


def _apart(as_of: int | str) -> tuple[int | None, str]:
    if isinstance(as_of, int):
        return as_of, ""
    where, _, time = as_of.rpartition("@")
    return (int(where), time) if where else (None, as_of)

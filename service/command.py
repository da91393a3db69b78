"""A command, what it led to, and how its answer is read back from the log."""

from collections.abc import Sequence

import msgspec

from domain.aggregate import ENVELOPE, Event
from domain.sealed import Sealed
from service.log.entries import StoredCommand

OFFLINE = "offline"  # the source of what was recorded on a device without signal


class Command(msgspec.Struct, frozen=True, kw_only=True):
    """Who asks for what, and how. ``fingerprint`` is the keyed hash of the body; ``base`` the version the actor had seen of
    ``stream``."""

    id: str
    name: str
    account: str
    post: str
    source: str = "api"
    fingerprint: bytes = b""
    stream: str | None = None
    base: int | None = None
    performed_by: str | None = None
    device: str | None = None
    device_time: str | None = None
    fresh: bool = False  # the id was made a moment ago by the server, so nothing can be recorded under it yet


class Recorded(msgspec.Struct, frozen=True):
    """One event of an answer; ``leaf`` is its leaf hash."""

    id: str
    stream: str
    version: int
    topic: str
    position: int
    leaf: bytes


class Answer(msgspec.Struct, frozen=True):
    """What a command led to; the same, however often the command is sent. ``recorded`` is RFC 3339 UTC."""

    command: str
    recorded: str
    events: tuple[Recorded, ...]
    repeated: bool = False

    @property
    def position(self) -> int:
        return self.events[-1].position


def sealed_parts(event: Event) -> list[str]:
    """Ids of the parts an event's own fields refer to, each once, in order; looks into tuples of structures too."""
    found: dict[str, None] = {}

    def look(value: object) -> None:
        if isinstance(value, Sealed):
            found[value.part] = None
        elif isinstance(value, tuple):
            for one in value:
                look(one)
        elif isinstance(value, msgspec.Struct):
            for name in value.__struct_fields__:
                look(getattr(value, name))

    for name in event.__struct_fields__:
        if name not in ENVELOPE:
            look(getattr(event, name))
    return list(found)


def restored(stored: StoredCommand, leaves: Sequence[bytes]) -> Answer:
    """The answer of a stored command, as it was given the first time; ``leaves`` are its events' leaf hashes."""
    rows = msgspec.json.decode(stored.answer, type=list[tuple[str, str, int, str]])
    events = tuple(
        Recorded(*row, position=stored.first + index, leaf=leaf)
        for index, (row, leaf) in enumerate(zip(rows, leaves, strict=True))
    )
    return Answer(stored.id, stored.recorded, events, repeated=True)

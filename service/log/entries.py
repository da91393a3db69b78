"""What one command writes into the log besides its events, and how a write can fail."""

from collections.abc import Mapping
from typing import NamedTuple

import msgspec
from eventsourcing.persistence import IntegrityError, OperationalError

#: A version of a stream and the command that recorded it: together they name one event for ever.
Tip = tuple[int, str]


class VersionTaken(IntegrityError):
    """Somebody else wrote the next version of a stream first, or to a stream that the decision rests on."""


class CommandTaken(IntegrityError):
    """A command with this id is already recorded."""


class Reserved(IntegrityError):
    """A value that must be unique is already held by another stream."""


class KeyGone(IntegrityError):
    """A part was sealed with a key that was destroyed meanwhile."""


class LogUnavailable(OperationalError):
    """The database cannot be reached or does not answer in time."""


class Part(msgspec.Struct, frozen=True):
    """One encrypted part. ``event`` is its index among the events of the command; ``box`` is nonce and ciphertext."""

    id: str
    event: int
    subject: str
    key: str
    box: bytes


class Token(msgspec.Struct, frozen=True):
    """A keyed search token and the part it was taken from."""

    token: bytes
    part: str


class CommandRow(msgspec.Struct, frozen=True):
    """What is kept of a command: enough to answer it again, and no personal data.

    ``fingerprint`` is a keyed hash of what was asked; ``answer`` is JSON with ids and versions.
    """

    id: str
    account: str
    name: str
    fingerprint: bytes
    status: int
    answer: str


class Reservation(msgspec.Struct, frozen=True):
    """A value that may be held by one stream only, such as a sign-in name."""

    kind: str
    value: str
    stream: str


class Entries(msgspec.Struct, frozen=True):
    """All that goes into the same transaction as the events. ``now`` is the log's clock, RFC 3339 UTC, six digits.

    ``rests`` names, for streams that are appended to, the command that recorded the version before the first new one;
    ``tips`` how other streams must end, because the decision rests on them.
    """

    now: str
    command: CommandRow | None = None
    parts: tuple[Part, ...] = ()
    tokens: tuple[Token, ...] = ()
    reservations: tuple[Reservation, ...] = ()
    rests: Mapping[str, str] = {}
    tips: Mapping[str, Tip] = {}


class Appended(NamedTuple):
    """Where a command's events came to stand: first position, recording time, and the leaf hash of each."""

    first: int
    recorded: str
    leaves: tuple[bytes, ...]


class Stored(msgspec.Struct, frozen=True):
    """One row of the log as stored. ``text`` is the canonical text; every other field is a copy of something in it."""

    position: int
    stream: str
    version: int
    topic: str
    schema: int
    recorded: str
    command: str
    text: str
    leaf: bytes


class StoredCommand(msgspec.Struct, frozen=True):
    """A recorded command with the positions its events got."""

    id: str
    account: str
    name: str
    fingerprint: bytes
    status: int
    answer: str
    first: int
    count: int
    recorded: str

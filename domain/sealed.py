"""References to what the domain carries and cannot read."""

import msgspec


class Sealed(msgspec.Struct, frozen=True):
    """Stands in an event for something personal: the id of the encrypted part that holds it.

    The part's plaintext is a JSON object in which the value stands under the name of the event's field, so that several
    sealed fields of one event about one subject share one part.
    """

    part: str


class PartRef(msgspec.Struct, frozen=True):
    """What an event says of one of its parts: enough to prove that the part is the one written, and no more.

    ``id`` and ``key`` are UUIDs, ``commitment`` binds the key (lower-case hex SHA-256), ``sha256`` is that of the
    ciphertext, in lower-case hex.
    """

    id: str
    key: str
    commitment: str
    sha256: str


class Evidence(msgspec.Struct, frozen=True, omit_defaults=True):
    """A paper behind a fact: its kind, and its number and date, its encrypted file, or both.

    ``file``, ``key``, ``commitment`` and ``sha256`` (of the ciphertext) come together or not at all.
    """

    kind: str
    number: str | None = None
    dated: str | None = None
    file: str | None = None
    key: str | None = None
    commitment: str | None = None
    sha256: str | None = None

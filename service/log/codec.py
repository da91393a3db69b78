"""Events as canonical text and back.

The stored form of an event is one canonical UTF-8 JSON text (RFC 8785: sorted keys, no white space, whole
numbers only). ``docs/reference/log-format.md`` specifies it with test vectors, so that it can be read
without this code.

Position and recording time are known only under the append lock. A text is therefore encoded first with two
placeholders and split there; `Prepared` carries the three pieces and the log puts the true values between them.
"""

import hashlib
import json
import re
from collections.abc import Callable
from threading import Lock
from typing import Any

import msgspec

from domain.aggregate import EVENTS, Event

POSITION = 9007199254740991  # 2**53 - 1: the largest whole number that every JSON reader keeps exact
RECORDED = "0000-00-00T00:00:00.000000Z"
_POSITION_MARK = f'"position":{POSITION},'.encode()
_RECORDED_MARK = f'"recorded":"{RECORDED}"'.encode()
# What may be a fraction, an exponent or a number too large for RFC 8785; also hits texts that quote such a thing.
_DOUBTFUL = re.compile(rb"[:\[,]-?(?:\d+[.eE]|\d{16})")

Upcaster = Callable[[dict[str, Any]], dict[str, Any]]
UPCASTERS: dict[tuple[str, int], Upcaster] = {}

_encoder = msgspec.json.Encoder(order="sorted")
_decoders: dict[type[Event], msgspec.json.Decoder[Event]] = {}
_making = Lock()


class UnknownEvent(Exception):
    """A topic that is not registered, or a schema newer than this code: nothing is imported, nothing guessed."""


class MalformedEvent(Exception):
    """A text that does not fit the shape of its topic and schema."""


class Prepared(msgspec.Struct, frozen=True):
    """An event ready to be stored: its text in three pieces, around position and recording time."""

    stream: str
    version: int
    topic: str
    schema: int
    head: str
    middle: str
    tail: str

    def text(self, position: int, recorded: str) -> str:
        """The canonical text with its two last values in place."""
        return f'{self.head}"position":{position},{self.middle}"recorded":"{recorded}"{self.tail}'


class _Shape(msgspec.Struct):
    schema: int


_shape = msgspec.json.Decoder(_Shape)


def leaf_hash(text: str) -> bytes:
    """The Merkle leaf of a canonical text: SHA-256 of 0x00 and its bytes (RFC 9162, section 2.1.1)."""
    return hashlib.sha256(b"\x00" + text.encode()).digest()


def template(event: Event) -> bytes:
    """The canonical text of an event that is not recorded yet, with placeholders for position and recording time."""
    return _encoder.encode(msgspec.structs.replace(event, position=POSITION, recorded=RECORDED))


def prepare(stream: str, version: int, topic: str, state: bytes) -> Prepared:
    """Split a `template` at its placeholders.

    Raises `MalformedEvent` when they are not there exactly once, or when a number is not whole or not below 2**53.
    """
    head, mark, rest = state.partition(_POSITION_MARK)
    middle, second, tail = rest.partition(_RECORDED_MARK)
    if not mark or not second or _POSITION_MARK in rest or _RECORDED_MARK in head + tail:
        raise MalformedEvent(f"{topic}: position and recording time are not free to be set")
    if any(map(_DOUBTFUL.search, (head, middle, tail))):
        _refuse_inexact(topic, state)
    schema = EVENTS[topic].SCHEMA if topic in EVENTS else 1
    return Prepared(stream, version, topic, schema, head.decode(), middle.decode(), tail.decode())


def _refuse_inexact(topic: str, state: bytes) -> None:
    def whole(digits: str) -> int:
        if abs(int(digits)) > POSITION:
            raise MalformedEvent(f"{topic}: a number is not below 2**53")
        return int(digits)

    def fraction(digits: str) -> None:
        raise MalformedEvent(f"{topic}: a number is not whole")

    json.loads(state, parse_int=whole, parse_float=fraction)


def canonical(event: Event) -> str:
    """The canonical text of a recorded event."""
    return _encoder.encode(event).decode()


def _decoder(event_class: type[Event]) -> "msgspec.json.Decoder[Event]":
    with _making:
        return _decoders.setdefault(event_class, msgspec.json.Decoder(event_class))


def make_ready() -> None:
    """Make the decoders of all known events. To be called before there are threads: while msgspec finds out about a
    structure, another thread that decodes the same one would see it half done, and the process would die."""
    for event_class in EVENTS.values():
        _decoder(event_class)


def decode(topic: str, text: str | bytes, schema: int | None = None) -> Event:
    """Read a stored text into its event, through upcasters when it was written in an older shape.

    Raises `UnknownEvent` for a topic or schema this code does not know, `MalformedEvent` for a text that does not fit.
    """
    event_class = EVENTS.get(topic)
    if event_class is None:
        raise UnknownEvent(topic)
    try:
        if schema is None and event_class.SCHEMA > 1:
            schema = _shape.decode(text).schema
        if schema is not None and schema != event_class.SCHEMA:
            return _upcast(event_class, topic, schema, text)
        event = (_decoders.get(event_class) or _decoder(event_class)).decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        if schema is None and _schema_of(text) > event_class.SCHEMA:
            raise UnknownEvent(f"{topic} of a newer schema") from None
        raise MalformedEvent(f"{topic}: {type(error).__name__}") from None
    if event.schema != event_class.SCHEMA:
        raise UnknownEvent(f"{topic} schema {event.schema}")
    return event


def _schema_of(text: str | bytes) -> int:
    try:
        return _shape.decode(text).schema
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return 0


def _upcast(event_class: type[Event], topic: str, schema: int, text: str | bytes) -> Event:
    if schema > event_class.SCHEMA:
        raise UnknownEvent(f"{topic} schema {schema}")
    fields = msgspec.json.decode(text, type=dict[str, Any])
    for older in range(schema, event_class.SCHEMA):
        upcaster = UPCASTERS.get((topic, older))
        if upcaster is None:
            raise MalformedEvent(f"{topic}: no upcaster from schema {older}")
        try:
            fields = upcaster(fields)
        except (LookupError, TypeError, ValueError, AttributeError) as error:
            raise MalformedEvent(f"{topic}: {type(error).__name__} on the way from schema {older}") from None
    fields["schema"] = event_class.SCHEMA
    return msgspec.convert(fields, event_class)

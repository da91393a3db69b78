"""Events and the aggregates that decide them: the domain's only contact with the eventsourcing library.

Deciding and remembering are apart. A method of an aggregate decides, may raise a `Refused`, and triggers an event. The
event's ``apply`` only remembers: it never refuses, never reads a clock, never does I/O, because it runs again on every
replay, also of events that today's rules would refuse.
"""

from datetime import UTC, date, datetime
from typing import Any, ClassVar, Self, dataclass_transform

import msgspec
from eventsourcing.domain import BaseAggregate

from domain.sealed import Evidence, PartRef

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class EventMeta(msgspec.StructMeta):
    """Makes every event an immutable structure with keyword-only fields that omits what is empty when encoded."""

    def __new__(mcls, name: str, bases: tuple[type, ...], namespace: dict[str, Any], **options: Any) -> "EventMeta":
        settings: dict[str, Any] = {"kw_only": True, "frozen": True, "omit_defaults": True, **options}
        return super().__new__(mcls, name, bases, namespace, **settings)


@dataclass_transform(kw_only_default=True, frozen_default=True, field_specifiers=(msgspec.field,))
class Event(msgspec.Struct, metaclass=EventMeta, frozen=True):
    """The envelope that every event carries; subclasses add what they say.

    The stored name ``TOPIC`` is written by hand as ``noun.participle`` and never changes. ``SCHEMA`` counts the shapes
    an event has had. ``CONFLICTS`` names the topics that, recorded after the version an actor had seen, make her
    command stale; ``None`` means the event's own topic. ``OFFLINE_CONFLICTS`` takes their place for what was recorded
    offline, where entries made side by side are both kept. ``WITNESSED`` marks what the service itself did at that
    moment: it cannot have been entered in error, so it is never corrected or retracted. ``LOOKS_AT_ENVELOPE`` marks an
    event whose ``apply`` looks at what is known only once it is recorded: by whom, when.

    Defaults may only be ``None``, ``False``, ``""``, ``0`` or ``()``: they are left out of the stored text, so another
    default could change the reading of what is already stored.
    """

    TOPIC: ClassVar[str] = ""
    SCHEMA: ClassVar[int] = 1
    CONFLICTS: ClassVar[frozenset[str] | None] = None
    OFFLINE_CONFLICTS: ClassVar[frozenset[str] | None] = None
    WITNESSED: ClassVar[bool] = False
    LOOKS_AT_ENVELOPE: ClassVar[bool] = False

    stream: str
    version: int
    topic: str
    schema: int
    on: date  # the day it happened in the field
    id: str = ""
    position: int = 0
    recorded: str = ""  # the log's clock, RFC 3339 UTC with six digits
    by: str = ""  # account
    post: str = ""  # the post held at that time
    performed_by: str | None = None  # when a clerk records for someone else
    village: str | None = None  # Kemendagri code
    territory: str | None = None  # version of the list of villages
    command: str = ""
    source: str = ""  # form, offline, import, api
    base: int | None = None  # the version the actor had seen
    device: str | None = None
    device_time: str | None = None
    evidence: tuple[Evidence, ...] = ()
    parts: tuple[PartRef, ...] = ()
    corrects: str | None = None  # id of the event it corrects or retracts

    @property
    def originator_id(self) -> str:
        return self.stream

    @property
    def originator_version(self) -> int:
        return self.version

    def apply(self, aggregate: Any) -> None:
        """Remember this event on its aggregate."""


ENVELOPE: frozenset[str] = frozenset(Event.__struct_fields__)
EVENTS: dict[str, type[Event]] = {}
AGGREGATES: dict[str, type["Aggregate"]] = {}


def register(event_class: type[Event]) -> type[Event]:
    """Make an event readable: a stored topic is only ever resolved through ``EVENTS``."""
    known = EVENTS.setdefault(event_class.TOPIC, event_class)
    if known is not event_class or "." not in event_class.TOPIC:
        raise TypeError(f"topic {event_class.TOPIC!r} of {event_class} is missing or taken")
    return event_class


class Aggregate(BaseAggregate[str]):
    """Base of everything that decides. A subclass sets ``NOUN``, nests its events, and sets its empty state in
    ``start``."""

    NOUN: ClassVar[str] = ""
    STRICT_TIER: ClassVar[int] = 3

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if not cls.NOUN:
            return
        AGGREGATES[cls.NOUN] = cls
        for base in cls.__mro__:
            for value in vars(base).values():
                if isinstance(value, type) and issubclass(value, Event) and value is not Event:
                    if not value.TOPIC.startswith(f"{cls.NOUN}."):
                        raise TypeError(f"{value} must have a topic that begins with {cls.NOUN!r}")
                    register(value)

    def start(self) -> None:
        """Set the empty state, before the first event."""

    def _empty(self) -> None:
        self.village: str | None = None
        self.tier = 1
        self.retracted: set[int] = set()
        self.start()

    @classmethod
    def blank(cls, stream: str) -> Self:
        """An aggregate to which nothing has happened yet."""
        aggregate = cls.__new__(cls)
        aggregate.__base_init__(stream, 0, EPOCH)
        aggregate._empty()
        return aggregate

    @property
    def strict(self) -> bool:
        """Whether the subject is of the strictly restricted tier: whatever gives the type away is sealed."""
        return self.tier >= self.STRICT_TIER

    def trigger(self, event_class: type[Event], *, on: date, **fields: Any) -> None:
        """Decide: make the next event of this stream, remember it, and leave it to be recorded."""
        fields.setdefault("village", self.village)
        event = event_class(
            stream=self._id,
            version=self._version + 1,
            topic=event_class.TOPIC,
            schema=event_class.SCHEMA,
            on=on,
            **fields,
        )
        self.remember(event)
        self._pending_events.append(event)  # type: ignore[arg-type]  # our own events beside the library's

    def remember(self, event: Event) -> None:
        """Take in one event, new or stored."""
        event.apply(self)
        if event.village is not None:
            self.village = event.village
        self._version = event.version

"""Everything that was recorded, event by event, as it was recorded. Questions are asked in `projections.history_lists`."""

import functools
from collections.abc import Iterable
from dataclasses import dataclass

import msgspec

from domain.aggregate import ENVELOPE, Event
from domain.beneficiary import Beneficiary
from domain.incident import DisasterIncident
from domain.reading import Reading
from projections.projection import Projection


@dataclass(slots=True)
class HistoryRow:
    """One event. ``data`` is the JSON text of its own fields, sealed ones as ``{"part": id}``. ``about`` names whom an
    event of another stream tells of: the victim, the family joined or left."""

    key: str
    stream: str = ""
    version: int = 0
    topic: str = ""
    schema: int = 1
    on_day: str = ""
    recorded: str = ""
    by_account: str = ""
    post: str = ""
    performed_by: str | None = None
    village: str | None = None
    source: str = ""
    papers: int = 0
    about: str | None = None
    data: str = ""


@functools.cache
def _own_fields(kind: type[Event]) -> tuple[tuple[str, object], ...]:
    """The names of an event's own fields, each with the default that is left out."""
    return tuple((field.name, field.default) for field in msgspec.structs.fields(kind) if field.name not in ENVELOPE)


def _keys(event: Event) -> Iterable[str]:
    # Readings are not part of what happened to anybody; `projections.readings` tells them.
    return () if isinstance(event, Reading.Made) else (f"{event.stream}:{event.version}",)


history = Projection(
    "history",
    row=HistoryRow,
    keys=_keys,
    indexes=[("stream", "version"), ("about",), ("village", "recorded")],
    raw=True,
    once=True,
)


@history.on(Event)
def recorded(row: HistoryRow, event: Event) -> None:
    row.stream, row.version, row.topic, row.schema = event.stream, event.version, event.topic, event.schema
    row.on_day, row.recorded = event.on.isoformat(), event.recorded
    row.by_account, row.post, row.performed_by = event.by, event.post, event.performed_by
    row.village, row.source, row.papers = event.village, event.source, len(event.evidence)
    row.about = _about(event)
    said = ((name, getattr(event, name), default) for name, default in _own_fields(type(event)))
    own = {name: value for name, value, default in said if value != default}
    row.data = msgspec.json.encode(own, order="sorted").decode()


def _about(event: Event) -> str | None:
    if isinstance(event, DisasterIncident.VictimRecorded | DisasterIncident.VictimVerified):
        return event.victim
    return event.family if isinstance(event, Beneficiary.FamilyJoined | Beneficiary.FamilyLeft) else None

"""The territory: every village that was ever listed, and every change of the list."""

from dataclasses import dataclass
from datetime import date

import msgspec

from domain.territory import Redrawn, Territory
from domain.villages import Village
from projections.projection import DROP, Drop, Projection


@dataclass(slots=True)
class VillageRow:
    """One village as its latest change names it. ``valid_until`` is the first day on which it was split or merged away;
    which are in force on a day, `villages_in_force` says. Points are microdegrees."""

    key: str
    name: str = ""
    kind: str = ""
    kecamatan: str = ""
    kecamatan_name: str = ""
    postal_code: str = ""
    latitude: int = 0
    longitude: int = 0
    valid_from: date | None = None
    valid_until: date | None = None
    edition: str = ""
    changed_from: date | None = None


def _codes(event: Redrawn) -> list[str]:
    if isinstance(event, Territory.ListPublished):
        return [village.code for village in event.villages]
    if isinstance(event, Territory.VillageRenamed):
        return [event.code]
    if isinstance(event, Territory.VillageSplit):
        return list(dict.fromkeys([event.code, *(village.code for village in event.villages)]))
    if isinstance(event, Territory.VillageMerged):
        return list(dict.fromkeys([*event.codes, event.into.code]))
    return []


villages = Projection("villages", row=VillageRow, keys=_codes, indexes=[("kecamatan",)])


def _stands(row: VillageRow, event: Redrawn, village: Village) -> None:
    if row.valid_from is None or event.valid_from < row.valid_from:
        row.valid_from = event.valid_from
    if row.changed_from is not None and event.valid_from < row.changed_from:
        return  # a change entered late: a later one names the village
    row.changed_from, row.valid_until, row.edition = event.valid_from, None, event.edition
    row.name, row.kind = village.name, village.kind
    row.kecamatan, row.kecamatan_name = village.kecamatan, village.kecamatan_name
    row.postal_code, row.latitude, row.longitude = village.postal_code, village.latitude, village.longitude


def _ends(row: VillageRow, event: Redrawn) -> Drop | None:
    if row.valid_from is None:
        return DROP  # never listed: what listed it was withdrawn
    if row.changed_from is None or event.valid_from >= row.changed_from:
        row.changed_from, row.valid_until, row.edition = event.valid_from, event.valid_from, event.edition
    return None


@villages.on(Territory.ListPublished, Territory.VillageSplit)
def listed(row: VillageRow, event: Territory.ListPublished | Territory.VillageSplit) -> Drop | None:
    village = next((village for village in event.villages if village.code == row.key), None)
    if village is None:
        return _ends(row, event)
    _stands(row, event, village)
    return None


@villages.on(Territory.VillageRenamed)
def renamed(row: VillageRow, event: Territory.VillageRenamed) -> Drop | None:
    if row.valid_from is None:
        return DROP
    if row.changed_from is None or event.valid_from >= row.changed_from:
        row.name, row.changed_from, row.edition = event.name, event.valid_from, event.edition
    return None


@villages.on(Territory.VillageMerged)
def merged(row: VillageRow, event: Territory.VillageMerged) -> Drop | None:
    if event.into.code != row.key:
        return _ends(row, event)
    _stands(row, event, event.into)
    return None


@dataclass(slots=True)
class RedrawingRow:
    """One change of the list. ``body`` is the event as JSON, from which the domain redraws the list of any day."""

    key: str
    version: int = 0
    topic: str = ""
    valid_from: date | None = None
    edition: str = ""
    decree: str = ""
    changed: int = 0  # villages named by the change
    body: str = ""


redrawings = Projection(
    "redrawings", row=RedrawingRow, keys=lambda event: (f"{event.stream}:{event.version}",), indexes=[("version",)]
)


@redrawings.on(Redrawn)
def redrawn(row: RedrawingRow, event: Redrawn) -> None:
    row.version, row.topic, row.valid_from = event.version, event.topic, event.valid_from
    row.edition, row.decree, row.changed = event.edition, event.decree, len(_codes(event))
    row.body = msgspec.json.encode(event).decode()

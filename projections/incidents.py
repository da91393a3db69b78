"""Disasters, their victims, the relief delivered and the figures reported. Questions are asked in
`projections.incident_lists`."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from domain.aggregate import Event
from domain.incident import DisasterIncident
from projections.projection import Projection


@dataclass(slots=True)
class IncidentRow:
    """One disaster. ``villages`` are codes separated by commas; ``note`` is a part id."""

    key: str
    kind: str = ""
    kinds: str = ""
    name: str = ""
    struck_on: date | None = None
    declared_on: date | None = None
    kabupaten_scale: bool = False
    villages: str = ""
    note: str | None = None
    closed_on: date | None = None
    deliveries: int = 0
    value_rupiah: int = 0
    unlisted: int = 0  # people helped whom nobody has listed
    last_on: date | None = None
    version: int = 0


@dataclass(slots=True)
class VictimRow:
    """One victim of one disaster. ``outcome`` is that of the last check; ``note`` is a part id."""

    key: str
    incident: str = ""
    victim: str = ""
    village: str | None = None
    conditions: str = ""
    listing: str = ""
    household: int = 0
    nik_known: bool = False
    recorded_on: date | None = None
    note: str | None = None
    outcome: str | None = None
    outcomes: str | None = None
    verified_on: date | None = None
    deliveries: int = 0
    helped_on: date | None = None


@dataclass(slots=True)
class ReliefRow:
    """One delivery."""

    key: str
    incident: str = ""
    village: str | None = None
    on_day: date | None = None
    kind: str = ""
    kinds: str = ""
    goods: str = ""
    listing: str = ""
    quantity: int = 0
    unit: str = ""
    units: str = ""
    value_rupiah: int | None = None
    recipients: int = 0
    count: int | None = None


@dataclass(slots=True)
class FigureRow:
    """One figure, as reported or as agreed; ``listed`` are the people recorded one by one when it was agreed."""

    key: str
    incident: str = ""
    village: str | None = None
    on_day: date | None = None
    figure: str = ""
    figures: str = ""
    number: int = 0
    reporter: str | None = None
    agreed: bool = False
    listed: int | None = None


def _victim_keys(event: Event) -> Iterable[str]:
    if isinstance(event, DisasterIncident.VictimRecorded | DisasterIncident.VictimVerified):
        return (f"{event.stream}:{event.victim}",)
    if isinstance(event, DisasterIncident.ReliefDelivered):
        return tuple(f"{event.stream}:{victim}" for victim in event.recipients)
    return ()


def _own_key(*events: type[Event]) -> Any:
    return lambda event: (f"{event.stream}:{event.version}",) if isinstance(event, events) else ()


incidents = Projection("incidents", row=IncidentRow, indexes=[("struck_on", "key")])
victims = Projection(
    "victims", row=VictimRow, keys=_victim_keys, indexes=[("incident", "key"), ("victim",), ("village",)]
)
relief = Projection(
    "relief",
    row=ReliefRow,
    keys=_own_key(DisasterIncident.ReliefDelivered),
    indexes=[("incident", "on_day")],
    once=True,
)
figures = Projection(
    "figures",
    row=FigureRow,
    keys=_own_key(DisasterIncident.FigureReported, DisasterIncident.FigureReconciled),
    indexes=[("incident", "on_day")],
    once=True,
)


def _seen(row: IncidentRow, event: Event) -> None:
    row.version = event.version
    row.last_on = event.on if row.last_on is None else max(row.last_on, event.on)


@incidents.on(DisasterIncident.Declared)
def declared(row: IncidentRow, event: DisasterIncident.Declared) -> None:
    row.kind, row.kinds, row.name = event.kind, event.kinds, event.name
    row.struck_on, row.declared_on, row.kabupaten_scale = event.struck_on, event.on, event.kabupaten_scale
    row.villages, row.note = ",".join(event.villages), event.note.part if event.note else None
    _seen(row, event)


@incidents.on(DisasterIncident.Extended)
def extended(row: IncidentRow, event: DisasterIncident.Extended) -> None:
    known = row.villages.split(",") if row.villages else []
    row.villages = ",".join(dict.fromkeys([*known, *event.villages]))
    _seen(row, event)


@incidents.on(DisasterIncident.ReliefDelivered)
def relief_delivered(row: IncidentRow, event: DisasterIncident.ReliefDelivered) -> None:
    row.deliveries += 1
    row.value_rupiah += event.value_rupiah or 0
    row.unlisted += event.count or 0
    _seen(row, event)


@incidents.on(DisasterIncident.Closed)
def closed(row: IncidentRow, event: DisasterIncident.Closed) -> None:
    row.closed_on = event.on
    _seen(row, event)


@incidents.on(
    DisasterIncident.VictimRecorded,
    DisasterIncident.VictimVerified,
    DisasterIncident.FigureReported,
    DisasterIncident.FigureReconciled,
)
def noted(row: IncidentRow, event: Event) -> None:
    _seen(row, event)


@victims.on(DisasterIncident.VictimRecorded)
def victim_recorded(row: VictimRow, event: DisasterIncident.VictimRecorded) -> None:
    row.incident, row.victim, row.village = event.stream, event.victim, event.village
    row.conditions, row.listing = ",".join(event.conditions), event.listing
    row.household, row.nik_known, row.recorded_on = event.household, event.nik_known, event.on
    row.note = event.note.part if event.note else None


@victims.on(DisasterIncident.VictimVerified)
def victim_verified(row: VictimRow, event: DisasterIncident.VictimVerified) -> None:
    row.outcome, row.outcomes, row.verified_on = event.outcome, event.outcomes, event.on


@victims.on(DisasterIncident.ReliefDelivered)
def victim_helped(row: VictimRow, event: DisasterIncident.ReliefDelivered) -> None:
    row.deliveries += 1
    row.helped_on = event.on if row.helped_on is None else max(row.helped_on, event.on)


@relief.on(DisasterIncident.ReliefDelivered)
def delivery(row: ReliefRow, event: DisasterIncident.ReliefDelivered) -> None:
    row.incident, row.village, row.on_day = event.stream, event.village, event.on
    row.kind, row.kinds, row.goods, row.listing = event.kind, event.kinds, event.goods, event.listing
    row.quantity, row.unit, row.units, row.value_rupiah = event.quantity, event.unit, event.units, event.value_rupiah
    row.recipients, row.count = len(event.recipients), event.count


@figures.on(DisasterIncident.FigureReported)
def figure_reported(row: FigureRow, event: DisasterIncident.FigureReported) -> None:
    row.incident, row.village, row.on_day = event.stream, event.village, event.on
    row.figure, row.figures, row.number, row.reporter = event.figure, event.figures, event.number, event.reporter


@figures.on(DisasterIncident.FigureReconciled)
def figure_reconciled(row: FigureRow, event: DisasterIncident.FigureReconciled) -> None:
    row.incident, row.on_day, row.agreed, row.listed = event.stream, event.on, True, event.listed
    row.figure, row.figures, row.number = event.figure, event.figures, event.number

"""Emergency accesses: who opened whose record, until when, and whether it was reviewed. Whether one still holds, and
whether its review is late, is asked with a clock."""

from dataclasses import dataclass
from datetime import date

from domain.emergency import Emergency, until
from projections.projection import Projection


@dataclass(slots=True)
class EmergencyRow:
    key: str
    holder: str = ""
    post: str = ""
    beneficiary: str = ""
    village: str | None = None
    opened: str = ""
    ends: str = ""
    review_by: date | None = None
    reason: str | None = None
    ended: str | None = None
    reviewed_on: date | None = None
    reviewer: str | None = None
    justified: bool | None = None
    note: str | None = None
    version: int = 0


emergencies = Projection(
    "emergencies", row=EmergencyRow, indexes=[("beneficiary",), ("holder",), ("reviewed_on", "review_by")]
)


@emergencies.on(Emergency.Opened)
def opened(row: EmergencyRow, event: Emergency.Opened) -> None:
    row.holder, row.post, row.beneficiary, row.village = event.holder, event.post, event.beneficiary, event.village
    row.opened, row.ends = event.recorded, until(event.recorded, event.hours)
    row.review_by, row.reason, row.version = event.review_by, event.reason.part, event.version


@emergencies.on(Emergency.Ended)
def ended(row: EmergencyRow, event: Emergency.Ended) -> None:
    row.ended, row.version = event.recorded, event.version


@emergencies.on(Emergency.Reviewed)
def reviewed(row: EmergencyRow, event: Emergency.Reviewed) -> None:
    row.reviewed_on, row.reviewer, row.justified = event.on, event.reviewer, event.justified
    row.note, row.version = event.note.part if event.note else None, event.version

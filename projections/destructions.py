"""Destructions: what was proposed, who decided, and what was removed of whom. Asked in `projections.retention_lists`."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from domain.aggregate import Event
from domain.destruction import Destruction
from domain.destruction_state import APPROVED, BEGUN, CARRIED_OUT, MINUTED, NEEDED_APPROVALS, PROPOSED, REFUSED
from projections.projection import Projection


@dataclass(slots=True)
class DestructionRow:
    """One proposal. ``state`` is that of `domain.destruction_state`; ``approvers`` are accounts separated by commas."""

    key: str
    state: str = ""
    code: str = ""
    number: int = 0
    people: int = 0
    proposed_on: date | None = None
    proposed_by: str = ""
    approvals: int = 0
    approvers: str = ""
    refused_on: date | None = None
    berita_acara: str | None = None
    berita_acara_dated: date | None = None
    begun_on: date | None = None
    carried_out_on: date | None = None
    version: int = 0


@dataclass(slots=True)
class DestroyedRow:
    """One person of one proposal, and how much of her was removed once it was carried out."""

    key: str
    destruction: str = ""
    subject: str = ""
    began: date | None = None
    ends: date | None = None
    keys: int = 0
    parts: int = 0
    tokens: int = 0
    files: int = 0
    carried_out_on: date | None = None


def _keys(event: Any) -> Iterable[str]:
    if isinstance(event, Destruction.Proposed):
        return tuple(f"{event.stream}:{one.id}" for one in event.subjects)
    if isinstance(event, Destruction.CarriedOut):
        return tuple(f"{event.stream}:{one.id}" for one in event.removed)
    return ()


destructions = Projection("destructions", row=DestructionRow, indexes=[("state",)])
destroyed = Projection("destroyed", row=DestroyedRow, keys=_keys, indexes=[("destruction", "subject"), ("subject",)])


@destructions.on(Destruction.Proposed)
def proposed(row: DestructionRow, event: Destruction.Proposed) -> None:
    row.state, row.code, row.number, row.people = PROPOSED, event.code, event.number, len(event.subjects)
    row.proposed_on, row.proposed_by, row.version = event.on, event.proposed_by, event.version


@destructions.on(Destruction.Approved)
def approved(row: DestructionRow, event: Destruction.Approved) -> None:
    row.approvals += 1
    row.approvers = ",".join([*filter(None, row.approvers.split(",")), event.approved_by])
    row.state = APPROVED if row.approvals >= NEEDED_APPROVALS else row.state
    row.version = event.version


@destructions.on(Destruction.MinutesRecorded)
def minuted(row: DestructionRow, event: Destruction.MinutesRecorded) -> None:
    row.state, row.version = MINUTED, event.version
    row.berita_acara, row.berita_acara_dated = event.berita_acara, event.dated


@destructions.on(Destruction.Refused, Destruction.Begun, Destruction.CarriedOut)
def decided(row: DestructionRow, event: Event) -> None:
    row.version = event.version
    if isinstance(event, Destruction.Refused):
        row.state, row.refused_on = REFUSED, event.on
    elif isinstance(event, Destruction.Begun):
        row.state, row.begun_on = BEGUN, event.on
    else:
        row.state, row.carried_out_on = CARRIED_OUT, event.on


@destroyed.on(Destruction.Proposed)
def listed(row: DestroyedRow, event: Destruction.Proposed) -> None:
    one = next(one for one in event.subjects if row.key.endswith(one.id))
    row.destruction, row.subject, row.began, row.ends = event.stream, one.id, one.began, one.ends


@destroyed.on(Destruction.CarriedOut)
def removed(row: DestroyedRow, event: Destruction.CarriedOut) -> None:
    one = next(one for one in event.removed if row.key.endswith(one.id))
    row.destruction, row.subject = event.stream, one.id
    row.keys, row.parts, row.tokens, row.files = one.keys, one.parts, one.tokens, one.files
    row.carried_out_on = event.on

"""Documents under legal hold, and what became of their copies. Asked in `projections.retention_lists`."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from domain.beneficiary import Beneficiary
from domain.subject import KeyDestroyed
from projections.projection import DROP, Drop, Projection


@dataclass(slots=True)
class HeldDocumentRow:
    """One document, by the key of its copy. ``hold`` is also the file of the copy; ``reason`` the part that says why, and
    ``papers`` the numbers of what ordered the hold, separated by commas."""

    key: str
    beneficiary: str = ""
    hold: str = ""
    document: str = ""
    reason: str = ""
    papers: str = ""
    held_on: date | None = None
    lifted_on: date | None = None
    destroyed_on: date | None = None


def _keys(event: Any) -> Iterable[str]:
    if isinstance(event, Beneficiary.DocumentHeld | Beneficiary.DocumentReleased):
        return (event.key,)
    return event.keys if isinstance(event, KeyDestroyed) else ()


held_documents = Projection("held_documents", row=HeldDocumentRow, keys=_keys, indexes=[("beneficiary", "hold")])


@held_documents.on(Beneficiary.DocumentHeld)
def held(row: HeldDocumentRow, event: Beneficiary.DocumentHeld) -> None:
    row.beneficiary, row.hold, row.document, row.held_on = event.stream, event.hold, event.document, event.on
    row.reason, row.lifted_on = event.reason.part, None
    row.papers = ", ".join(paper.number for paper in event.evidence if paper.number)


@held_documents.on(Beneficiary.DocumentReleased)
def released(row: HeldDocumentRow, event: Beneficiary.DocumentReleased) -> None:
    row.lifted_on = event.on


@held_documents.on(KeyDestroyed)
def destroyed(row: HeldDocumentRow, event: KeyDestroyed) -> Drop | None:
    if not row.hold:
        return DROP  # a key of hers that is no document's
    row.destroyed_on = event.on
    return None

"""How the records in the tests of beneficiaries begin."""

from datetime import date
from typing import Any

from domain import ppks
from domain.aggregate import Event
from domain.beneficiary import (
    Beneficiary,
)
from domain.sealed import Sealed

DAY = date(2026, 3, 2)
LATER = date(2026, 4, 6)
VILLAGE = "75.01.02.2001"
OTHER_VILLAGE = "75.01.03.2004"
SECRET = Sealed(part="p")


def a_beneficiary(id: str = "b1", kind: str = "person", **fields: Any) -> Beneficiary:
    details: dict[str, Any] = {"village": VILLAGE, "channel": "desa", "identity": SECRET, "on": DAY}
    return Beneficiary.register(id, kind=kind, **{**details, **fields})


def classify(beneficiary: Beneficiary, classification: str, type: str | Sealed, **fields: Any) -> None:
    tier = ppks.tier_of(type) if isinstance(type, str) else 3
    details: dict[str, Any] = {"on": DAY, "tier": tier, "assessor": "account", "age": 40, "sex": "P"}
    beneficiary.classify(classification=classification, type=type, **{**details, **fields})


def a_strict_person() -> Beneficiary:
    person = a_beneficiary()
    classify(person, "c1", SECRET)
    return person


def last(beneficiary: Beneficiary) -> Any:
    return beneficiary.pending_events[-1]


def events(beneficiary: Beneficiary) -> list[Event]:
    return list(beneficiary.pending_events)  # type: ignore[arg-type]  # the library types them as its own events


def need(person: Beneficiary, **fields: Any) -> None:
    details: dict[str, Any] = {
        "on": DAY,
        "classification": "c1",
        "spm_service": "a",
        "services": ("L05", "L07"),
        "year": 2026,
    }
    person.determine_need(**{**details, **fields})

"""What tests of destruction begin with: a schedule, people whose period is over, and a decision that is ready."""

from __future__ import annotations

from datetime import date
from typing import Any

from domain.beneficiary import Beneficiary
from domain.destruction import Destruction
from domain.destruction_state import Candidate
from domain.retention import RETENTION_ID, Retention
from domain.sealed import Evidence, Sealed
from service.log.ids import new_id

DAY = date(2026, 1, 5)
LONG_AGO = date(2015, 1, 5)
LETTER = (Evidence("surat", "12/PN/2025"),)
PROPOSER, FIRST, SECOND = "pengusul", "kepala", "dpo"
REASON = Sealed("alasan")


def schedule(**more: Any) -> Retention:
    made = Retention.blank(RETENTION_ID)
    given: dict[str, Any] = {
        "on": date(2025, 1, 1),
        "code": "463.1",
        "label": "Berkas perorangan",
        "kinds": ("person",),
        "trigger": "kasus_terakhir_ditutup",
        "years": 5,
        "fate": "musnah",
        "basis": "JRA 2025",
    }
    made.set_class(**{**given, **more})
    return made


def person(kind: str = "person") -> Beneficiary:
    return Beneficiary.register(
        new_id(), on=LONG_AGO, village="75.01.02.2011", kind=kind, channel="desa", identity=Sealed("identitas")
    )


def due(*people: Beneficiary, began: date | None = LONG_AGO) -> list[Candidate]:
    return [Candidate(one, began) for one in people]


def proposed(*people: Beneficiary, retention: Retention | None = None) -> Destruction:
    return Destruction.propose(
        new_id(), on=DAY, by=PROPOSER, retention=retention or schedule(), candidates=due(*people)
    )


def approved(*people: Beneficiary) -> Destruction:
    made = proposed(*people)
    for who in (FIRST, SECOND):
        made.approve(on=DAY, by=who, people=people)
    return made


def ready(*people: Beneficiary) -> Destruction:
    made = approved(*people)
    made.record_minutes(on=DAY, berita_acara="045/BA/2026", dated=DAY)
    return made


def begin(made: Destruction, *people: Beneficiary, **more: Any) -> None:
    given: dict[str, Any] = {
        "on": DAY,
        "retention": schedule(),
        "candidates": due(*people),
        "keys": {one.id: (new_id(),) for one in people},
    }
    made.begin(**{**given, **more})

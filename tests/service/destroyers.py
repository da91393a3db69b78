"""Offices whose people's retention is over, and what is done there: holding a document, and `wahana destroy`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from domain.beneficiary import Beneficiary
from domain.sealed import Evidence
from domain.subject import KeyDestroyed
from service.casebook import Decision
from service.destroying import Destroyer, begun
from service.log.ids import new_id
from service.log.vault import held_label
from service.office import Office
from tests.service.destroyed import make
from tests.service.offices import record

ORDER = (Evidence("surat", "12/PN-LBT/2026"),)
WHY = "Bukti perkara perdata"


@pytest.fixture
def here(database_url: str, tmp_path: Path) -> Iterator[Office]:
    """Such an office on either engine. A module takes it by its name: ``here = destroyers.here``."""
    made = make(tmp_path, database_url)
    yield made
    made.close()


@pytest.fixture
def here_on_sqlite(tmp_path: Path) -> Iterator[Office]:
    made = make(tmp_path, "")
    yield made
    made.close()


def destroy(here: Office, stream: str | None = None) -> None:
    """`wahana destroy`, of one destruction or of whatever there is to do."""
    worker = Destroyer(here)
    try:
        for one in [stream] if stream else begun(here):
            worker.carry_out(one)
        for one in worker.people(stream) if stream else worker.unfinished():
            worker.finish(one)
    finally:
        worker.close()


def document_of(here: Office, person: str) -> str:
    return str(here.database.rows("SELECT id FROM files WHERE subject = :one ORDER BY id", one=person)[0][0])


def hold(here: Office, person: str) -> str:
    """Her document is held, as the API does it."""
    made = new_id()
    label, document = held_label(made), document_of(here, person)

    def decide(decision: Decision) -> None:
        here.files.held_copy(document, subject=person, label=label, id=made)
        kept = decision.paper("salinan_ditahan", file=made, number=None, dated=None, stream=person)
        reason = decision.seal(person, {"reason": WHY}, label=label)
        someone = decision.load(Beneficiary, person)
        someone.hold_document(on=here.today(), hold=made, document=document, kept=kept, reason=reason, evidence=ORDER)

    record(here, decide)
    return made


def release(here: Office, person: str, held: str) -> None:
    def decide(decision: Decision) -> None:
        reason = decision.seal(person, {"reason": "Perkara selesai"}, label=held_label(held))
        decision.load(Beneficiary, person).release_document(on=here.today(), hold=held, reason=reason, evidence=ORDER)

    record(here, decide)


def lost(here: Office, person: str) -> list[KeyDestroyed]:
    return [event for event in here.log.history(person) if isinstance(event, KeyDestroyed)]

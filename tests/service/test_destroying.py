"""Carrying out a destruction: what goes and what stays, and a backup that is put back. `test_kill_trials` kills it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from domain.beneficiary import Beneficiary
from domain.beneficiary_hold import UnderLegalHold
from domain.case import Case
from domain.destruction import Destruction
from domain.destruction_state import InsideRetention, RetentionNotBegun
from domain.refusals import NotFound
from domain.sealed import Evidence
from domain.subject import KeyDestroyed, SubjectDestroyed
from service.casebook import Decision
from service.certificate import certificate
from service.log import compaction
from service.log.compaction import NotCompacted
from service.log.database import connect
from service.log.ids import new_id
from service.log.kept import InUse
from service.log.shred_list import ShredList
from service.log.vault import GENERAL
from service.office import Office
from service.restored import Again, DestroyedCameBack, shred_what_came_back
from tests.service import destroyers
from tests.service.casebooks import refusal
from tests.service.destroyed import (
    MINUTES,
    backed_up,
    decided,
    left_of,
    lived,
    lying,
    make,
    name_of,
    reopened,
    restore,
    schedule,
    secrets,
    stored_in,
)
from tests.service.destroyers import destroy
from tests.service.offices import record

here = destroyers.here


def parts_of(here: Office, *people: str) -> list[str]:
    among = here.database.among("ids")
    return [row[0] for row in here.database.rows(f"SELECT id FROM parts WHERE subject {among}", ids=list(people))]


def test_only_the_person_herself_goes_and_the_log_stays_byte_for_byte(
    here: Office, tmp_path: Path, database_url: str
) -> None:
    one, other = lived(here, [1, 2], file=True)
    hers, others = secrets(here, [one]), secrets(here, [other])
    assert set(lying(stored_in(tmp_path, database_url), hers)) == set(hers), "the search finds what is there"
    parts, kept = parts_of(here, one), here.vault.open(parts_of(here, other))
    stream = decided(here, [one])
    texts = here.log.stored(0, 1000)
    destroy(here, stream)
    assert here.log.stored(0, len(texts)) == texts
    assert here.vault.open(parts) == {}
    assert parts_of(here, one) == []
    assert here.vault.open(parts_of(here, other)) == kept
    after = stored_in(tmp_path, database_url)
    assert lying(after, hers) == {}
    assert set(lying(after, others)) == set(others), "nobody else's bytes went"
    ((file,),) = here.database.rows("SELECT id FROM files WHERE subject = :one", one=one)
    with pytest.raises(NotFound):
        here.files.open(file)


def test_the_events_say_what_there_was_and_the_certificate_says_who_decided(here: Office) -> None:
    one, other = lived(here, [1, 2], file=True)
    stream = decided(here, [one, other])
    destroy(here, stream)
    lost = here.log.history(one)[-1]
    assert isinstance(lost, KeyDestroyed)
    assert (lost.destruction, len(lost.keys)) == (stream, 2)
    done = here.log.history(stream)[-1]
    assert isinstance(done, Destruction.CarriedOut)
    assert [(row.id, row.keys, row.parts, row.files) for row in done.removed] == [(one, 2, 4, 1), (other, 2, 4, 1)]
    assert all(row.tokens > 4 for row in done.removed)
    told = certificate(here, stream)
    assert told["totals"] == {
        "people": 2,
        "keys": 4,
        "parts": 8,
        "tokens": sum(r.tokens for r in done.removed),
        "files": 2,
    }
    for words in (MINUTES, "463.1 versi 1", one, other, *lost.keys, "2 warga", "pengusul", "kepala", "dpo"):
        assert words in told["text"]
    assert "Moodutu" not in told["text"]


def test_a_hold_placed_after_the_approval_stops_it_and_she_stays_whole(here: Office) -> None:
    (one,) = lived(here, [1])
    stream = decided(here, [one])

    def hold(decision: Decision) -> None:
        person = decision.load(Beneficiary, one)
        reason = decision.seal(one, {"reason": "Perkara perdata"})
        person.place_hold(on=date(2026, 1, 5), hold=new_id(), reason=reason, evidence=(Evidence("surat", "1/PN"),))

    record(here, hold)
    with pytest.raises(UnderLegalHold):
        destroy(here, stream)
    assert len(here.vault.open(parts_of(here, one))) == 5
    here.keys.key_for(one, "kompartemen baru")  # she is open for new records again


def test_a_case_opened_or_a_longer_period_set_since_the_approval_stops_it(here: Office) -> None:
    (one,) = lived(here, [1])
    stream = decided(here, [one])
    case = next(row[0] for row in here.database.rows("SELECT stream FROM events WHERE topic = 'case.opened'"))
    record(
        here,
        lambda decision: decision.load(Case, case).reopen(
            on=date(2026, 1, 5), reason=decision.seal(one, {"reason": "Kambuh"})
        ),
    )
    with pytest.raises(RetentionNotBegun):
        destroy(here, stream)
    (other,) = lived(here, [2])
    stream = decided(here, [other])
    schedule(here, on=here.today(), years=50)
    with pytest.raises(InsideRetention):
        destroy(here, stream)


def test_nothing_is_recorded_about_her_afterwards_by_whatever_way(here: Office) -> None:
    (one,) = lived(here, [1])
    case = next(row[0] for row in here.database.rows("SELECT stream FROM events WHERE topic = 'case.opened'"))
    destroy(here, decided(here, [one]))

    def aftercare(decision: Decision) -> None:
        note = decision.seal(one, {"note": "Masih ingat"})
        decision.load(Case, case).visit_aftercare(on=date(2016, 1, 1), condition="membaik", note=note)

    with pytest.raises(SubjectDestroyed):
        record(here, aftercare)
    with pytest.raises(SubjectDestroyed):
        here.files.store(b"x", subject=one, label=GENERAL, name="x", media_type="text/plain", account="a")


def test_whoever_still_has_her_key_cannot_write_under_it_once_it_is_named(
    here: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A command that had fetched the key before, and comes to the log after."""
    (one,) = lived(here, [1])
    case = next(row[0] for row in here.database.rows("SELECT stream FROM events WHERE topic = 'case.opened'"))
    fetched = here.keys.key_for(one, GENERAL)
    stream = decided(here, [one])
    destroy(here, stream)
    monkeypatch.setattr(here.keys, "key_for", lambda subject, label: fetched)

    def aftercare(decision: Decision) -> None:
        note = decision.seal(one, {"note": "Terlambat"})
        decision.load(Case, case).visit_aftercare(on=date(2016, 1, 1), condition="membaik", note=note)

    head = here.reader.head()
    with pytest.raises(SubjectDestroyed):
        record(here, aftercare)
    with pytest.raises(SubjectDestroyed):
        here.files.store(b"x", subject=one, label=GENERAL, name="x", media_type="text/plain", account="a")
    assert here.reader.head() == head


def test_nobody_can_delete_what_no_event_names_not_even_the_role_that_destroys(here: Office) -> None:
    lived(here, [1], file=True)
    worker = connect(here.config.destroyer_url, destroyer=True, size=1)
    for database in (here.database, worker):
        for table in ("parts", "tokens", "file_chunks"):
            with refusal(database.engine):
                database.rows(f"DELETE FROM {table}")
    for statement in (
        "DELETE FROM events",
        "UPDATE parts SET subject = 'x'",
        "DELETE FROM destroyed_keys",
        "DELETE FROM commands",
        "UPDATE destroyed_keys SET key = 'x'",
    ):
        with refusal(worker.engine):
            worker.rows(statement)
    for database in (here.database, worker):
        with refusal(here.database.engine):
            database.rows("INSERT INTO destroyed_keys VALUES ('k', 's', 0)")
    worker.close()


def test_two_processes_do_not_destroy_at_once(here: Office) -> None:
    (one,) = lived(here, [1])
    stream = decided(here, [one])
    with ShredList(here.shred_list).alone(), pytest.raises(InUse):
        destroy(here, stream)
    destroy(here, stream)


def test_a_backup_put_back_is_destroyed_again_before_it_opens(here: Office, tmp_path: Path, database_url: str) -> None:
    people = lived(here, [1, 2, 3], file=True)
    hers = secrets(here, people[:2])
    parts, kept = parts_of(here, *people[:2]), parts_of(here, people[2])
    backup = backed_up(here, tmp_path)
    destroy(here, decided(here, people[:2]))
    restore(here, backup, tmp_path)
    assert set(lying(stored_in(tmp_path, database_url), hers)) == set(hers), "they are back"
    back = reopened(tmp_path, database_url)
    assert len(back.vault.open(parts)) == 8, "and could be read without the shred list"
    assert shred_what_came_back(back) == Again(4, 2)
    assert shred_what_came_back(back) == Again()
    assert back.vault.open(parts) == {}
    assert len(back.vault.open(kept)) == 4
    assert left_of(tmp_path, database_url, hers) == {}
    for person in people[:2]:
        lost = back.log.history(person)[-1]
        assert isinstance(lost, KeyDestroyed)
        assert len(lost.keys) == 2
    with pytest.raises(SubjectDestroyed):
        back.keys.key_for(people[0], "kompartemen baru")
    back.close()


@pytest.mark.parametrize("listed", [True, False])
def test_only_the_keys_put_back_are_destroyed_again(
    here: Office, tmp_path: Path, database_url: str, listed: bool
) -> None:
    """Also when an older shred list was put back together with them: the log knows too."""
    people = lived(here, [1, 2])
    backup = backed_up(here, tmp_path)
    destroy(here, decided(here, people[:1]))
    here.close()
    path = tmp_path / "keys.db"
    for old in tmp_path.glob("keys.db*"):
        if not old.name.endswith(("shredded", ".lock")):
            old.unlink()
    path.write_bytes((backup / "keys.db").read_bytes())
    if not listed:
        here.shred_list.unlink()
    back = reopened(tmp_path, database_url)
    assert shred_what_came_back(back) == Again(2, 0)
    assert len(back.keys.ids_of(people)[people[1]]) == 2
    back.close()


def test_without_the_right_to_destroy_an_older_log_is_not_opened(postgres_url: str, tmp_path: Path) -> None:
    here = make(tmp_path, postgres_url)
    people = lived(here, [1, 2])
    parts = parts_of(here, *people[:1])
    backup = backed_up(here, tmp_path)
    destroy(here, decided(here, people[:1]))
    restore(here, backup, tmp_path)
    service = reopened(tmp_path, postgres_url, WAHANA_DESTROYER_URL="")
    for _ in range(2):
        with pytest.raises(DestroyedCameBack, match="wahana destroy --restored"):
            shred_what_came_back(service)
    assert service.vault.open(parts) == {}, "the keys are gone all the same"
    service.close()
    able = reopened(tmp_path, postgres_url)
    assert shred_what_came_back(able).people == 1
    able.close()


def test_names_are_found_before_and_not_after(here: Office) -> None:
    from service import search

    (one,) = lived(here, [7])

    def found() -> list[str]:
        with here.views.at() as view:
            return [row["key"] for row in search.find(here, view, "akun", {"name": name_of(7)})]

    assert found() == [one]
    destroy(here, decided(here, [one]))
    assert found() == []


def test_whoever_reads_an_old_state_delays_the_end_and_is_named(
    here: Office, tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (one,) = lived(here, [1], file=True)
    hers = secrets(here, [one])
    stream = decided(here, [one])
    monkeypatch.setattr(compaction, "PATIENCE_SECONDS", 0.5)
    reader = connect(here.config.database_url, size=1)
    with reader.snapshot() as asked:
        assert list(asked("SELECT count(*) FROM parts"))
        with pytest.raises(NotCompacted):
            destroy(here, stream)
    reader.close()
    assert here.log.history(stream)[-1].topic == "destruction.begun"
    destroy(here, stream)
    assert left_of(tmp_path, database_url, hers) == {}
    assert here.log.history(stream)[-1].topic == "destruction.carried_out"

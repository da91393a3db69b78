"""A court holds one document: everything else of a person is destroyed; that one few may read, and it goes when let go."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from domain.beneficiary import Beneficiary
from domain.beneficiary_hold import NoSuchHold
from domain.refusals import NotFound
from domain.sealed import Evidence
from domain.subject import KeyDestroyed, SubjectDestroyed
from service.casebook import Decision
from service.certificate import certificate
from service.cli import main
from service.destroying import Destroyer
from service.log.database import sqlite_path
from service.log.ids import new_id
from service.log.shred_list import ShredList
from service.log.vault import held_label
from service.office import Office
from service.restored import Again, shred_what_came_back
from tests.service.destroyed import (
    backed_up,
    decided,
    lived,
    lying,
    make,
    name_of,
    reopened,
    restore,
    secrets,
    settings,
    stored_in,
)
from tests.service.offices import VILLAGE, Asking, record
from tests.service.test_api_wksbm import uploaded

Client = Callable[[str], Asking]
ORDER = (Evidence("surat", "12/PN-LBT/2026"),)
WHY = "Bukti perkara perdata"
LETTER = [{"kind": "surat", "number": "12/PN-LBT/2026"}]


@pytest.fixture
def here(database_url: str, tmp_path: Path) -> Iterator[Office]:
    made = make(tmp_path, database_url)
    yield made
    made.views.store.close()
    made.close()


def document_of(here: Office, person: str) -> str:
    return str(here.database.rows("SELECT id FROM files WHERE subject = :one ORDER BY id", one=person)[0][0])


def hold(here: Office, person: str) -> str:
    """Her document is held, as the API does it."""
    made = new_id()
    label, document = held_label(made), document_of(here, person)

    def decide(decision: Decision) -> None:
        here.files.held_copy(document, subject=person, label=label, account="a", id=made)
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


def destroy(here: Office, stream: str | None = None) -> None:
    """`wahana destroy`, of one destruction or of whatever there is to do."""
    worker = Destroyer(here)
    try:
        for one in [stream] if stream else worker.begun():
            worker.carry_out(one)
        for one in [] if stream else worker.unfinished():
            worker.finish(one)
    finally:
        worker.close()


def reason_of(here: Office, person: str) -> dict[str, str]:
    event = next(one for one in here.log.history(person) if isinstance(one, Beneficiary.DocumentHeld))
    return here.vault.open([event.reason.part]).get(event.reason.part, {})


def lost(here: Office, person: str) -> list[KeyDestroyed]:
    return [event for event in here.log.history(person) if isinstance(event, KeyDestroyed)]


def test_the_document_and_its_reason_stay_and_nothing_else_until_it_is_let_go(
    here: Office, tmp_path: Path, database_url: str
) -> None:
    one, other = lived(here, [1, 2], file=True)
    document = document_of(here, one)
    held = hold(here, one)
    copy = {name: piece for name, piece in secrets(here, [one]).items() if f"of {held}" in name}
    whole = here.files.open(document)
    stream = decided(here, [one, other])
    destroy(here, stream)
    assert here.files.open(held) == whole
    assert reason_of(here, one) == {"reason": WHY}
    for file in (document, document_of(here, other)):
        with pytest.raises(NotFound):
            here.files.open(file)
    assert len(here.keys.ids_of([one])[one]) == 1, "of all her keys this one"
    (told,) = [row for row in certificate(here, stream)["people"] if row["id"] == one]
    assert told["held"] == [{"hold": held, "destroyed_on": None}]
    assert "satu surat ditahan untuk keperluan hukum" in certificate(here, stream)["text"]

    destroy(here)
    assert here.files.open(held) == whole, "while it is held, there is nothing to do"
    release(here, one, held)
    destroy(here)
    with pytest.raises(NotFound):
        here.files.open(held)
    assert reason_of(here, one) == {}
    assert here.keys.ids_of([one])[one] == ()
    assert copy
    assert lying(stored_in(tmp_path, database_url), copy) == {}
    assert [event.destruction for event in lost(here, one)] == [stream, stream]
    assert [row["destroyed_on"] for row in certificate(here, stream)["people"][0]["held"]] == [here.today().isoformat()]
    head = here.reader.head()
    destroy(here)
    assert here.reader.head() == head, "once is enough"


@pytest.mark.parametrize("killed_after", ["event", "listed", "keys", "parts", "rewritten"])
def test_it_may_be_killed_at_every_step_and_ends_the_same(
    here: Office, killed_after: str, tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (one,) = lived(here, [1], file=True)
    held = hold(here, one)
    copy = {name: piece for name, piece in secrets(here, [one]).items() if f"of {held}" in name}
    destroy(here, decided(here, [one]))
    release(here, one, held)

    class Killed(Exception):
        pass

    def kill(*_given: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        if killed_after == "event":
            patch.setattr(ShredList, "append", kill)
        worker = Destroyer(here, lambda step: kill() if step == killed_after else None)
        with pytest.raises(Killed):
            worker.finish(one)
        worker.close()
    destroy(here)
    with pytest.raises(NotFound):
        here.files.open(held)
    assert len(lost(here, one)) == 2
    assert len({key for entry in ShredList(here.shred_list).read() for key in entry.keys}) == 3
    assert lying(stored_in(tmp_path, database_url), copy) == {}
    worker = Destroyer(here)
    assert worker.begun() == worker.unfinished() == []
    worker.close()


def test_a_backup_put_back_loses_what_was_destroyed_since_in_both_steps(
    here: Office, tmp_path: Path, database_url: str
) -> None:
    (one,) = lived(here, [1], file=True)
    held = hold(here, one)
    backup = backed_up(here, tmp_path)
    destroy(here, decided(here, [one]))
    release(here, one, held)
    destroy(here)
    restore(here, backup, tmp_path)
    back = reopened(tmp_path, database_url)
    assert back.files.open(held), "it is back, and no lifting of its hold is known"
    assert shred_what_came_back(back).people == 1
    assert shred_what_came_back(back) == Again()
    with pytest.raises(NotFound):
        back.files.open(held)
    back.close()


@pytest.mark.parametrize("minuted", [False, True], ids=["before the proposal", "after the minutes"])
def test_a_document_goes_also_when_the_decision_was_lost_with_a_newer_log(
    here: Office, minuted: bool, tmp_path: Path, database_url: str
) -> None:
    one, other = lived(here, [1, 2], file=True)
    held, others = hold(here, one), hold(here, other)
    stream = decided(here, [one]) if minuted else ""
    backup = backed_up(here, tmp_path)
    destroy(here, stream or decided(here, [one]))
    if minuted:  # only the log is put back: the keys know by which decision she was closed
        path = Path(sqlite_path(here.config.keys_url))
        (backup / path.name).write_bytes(path.read_bytes())  # whole: it was just rewritten
    restore(here, backup, tmp_path)
    back = reopened(tmp_path, database_url)
    shred_what_came_back(back)
    back.initialise()
    if minuted:
        with pytest.raises(SubjectDestroyed):
            destroy(back, stream)
    release(back, one, held)
    done = CliRunner().invoke(main, ["destroy"], env=settings(tmp_path, database_url), catch_exceptions=False)
    assert done.exit_code == 0
    assert "its printed certificate stands" in done.stderr
    with pytest.raises(NotFound):
        back.files.open(held)
    assert back.files.open(others)
    with pytest.raises(SubjectDestroyed):
        back.keys.key_for(one, "kompartemen baru")
    doctor = CliRunner().invoke(main, ["doctor", "--json"], env=settings(tmp_path, database_url)).stdout
    assert "stopped before it began" not in doctor
    back.close()


def test_one_that_fails_does_not_stop_the_next(
    here: Office, tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = lived(here, [1, 2], file=True)
    held = [hold(here, one) for one in people]
    destroy(here, decided(here, people))
    for one, name in zip(people, held, strict=True):
        release(here, one, name)
    finish = Destroyer.finish

    def failing(worker: Destroyer, subject: str) -> str:
        if subject == min(people):
            raise NotFound
        return finish(worker, subject)

    monkeypatch.setattr(Destroyer, "finish", failing)
    done = CliRunner().invoke(main, ["destroy"], env=settings(tmp_path, database_url))
    assert done.exit_code == 1
    assert f"{min(people)}: not carried out: {NotFound.SENTENCE}" in done.stderr
    assert [bool(here.keys.ids_of(people)[one]) for one in sorted(people)] == [True, False]


def test_the_dry_run_lists_the_document_once_its_hold_is_lifted(
    here: Office, tmp_path: Path, database_url: str
) -> None:
    (one,) = lived(here, [1], file=True)
    held = hold(here, one)
    env = settings(tmp_path, database_url)

    def dry_run(*words: str) -> list[tuple[str, bool, list[str]]]:
        done = CliRunner().invoke(main, ["retention", "due", "--json", *words], env=env, catch_exceptions=False)
        return [(row["hold"], row["due"], row["prevents"]) for row in json.loads(done.stdout)["documents"]]

    assert dry_run("--all") == [(held, False, ["ditahan", "warga_belum_dimusnahkan"])]
    destroy(here, decided(here, [one]))
    assert dry_run("--all") == [(held, False, ["ditahan"])]
    assert dry_run() == []
    release(here, one, held)
    assert dry_run() == [(held, True, [])]
    text = CliRunner().invoke(main, ["retention", "due"], env=env, catch_exceptions=False).stdout
    assert f"surat  {held}" in text
    destroy(here)
    assert dry_run("--all") == []
    assert name_of(1) not in text


def test_a_hold_is_recorded_over_http_and_its_copy_is_read_by_those_who_record_holds(
    office: Office, client: Client
) -> None:
    worker, supervisor, dpo, auditor = client("peksos"), client("supervisor"), client("dpo"), client("auditor")
    body = {"village": VILLAGE, "kind": "person", "channel": "desa", "identity": {"name": "Rahma Katili"}}
    person, other = new_id(), new_id()
    file = uploaded(worker, person)
    worker.done("/api/v1/beneficiaries", {**body, "id": person, "evidence": [{"kind": "ktp", "file": file}]})
    worker.done("/api/v1/beneficiaries", {**body, "id": other, "identity": {"name": "Yusuf Pakaya"}})
    at = f"/api/v1/beneficiaries/{person}/document-holds"
    held = {"document": file, "reason": WHY, "evidence": LETTER}
    assert worker.post(at, held).status_code == 403
    assert supervisor.refused(at, {**held, "document": new_id()}) == "not_her_document"
    assert supervisor.refused(f"/api/v1/beneficiaries/{other}/document-holds", held) == "not_her_document"
    assert supervisor.refused(at, {**held, "evidence": []}) == "hold_needs_paper"
    name = new_id()
    supervisor.done(at, {**held, "hold": name})
    assert supervisor.refused(at, {**held, "hold": file}) == "not_her_document", "the id of another file"

    (row,) = supervisor.data("/api/v1/retention/held-documents")
    assert (row["hold"], row["reason"], row["papers"]) == (name, WHY, LETTER[0]["number"])
    assert row["prevents"] == ["ditahan", "warga_belum_dimusnahkan"]
    assert [one["reason"] for one in auditor.data("/api/v1/retention/held-documents")] == [None]
    assert worker.get("/api/v1/retention/held-documents").status_code == 403
    for who, status in ((supervisor, 200), (client("kepala_dinas"), 200), (dpo, 404), (auditor, 403), (worker, 404)):
        assert who.get(f"/api/v1/files/{name}").status_code == status
    assert worker.get(f"/api/v1/files/{file}").status_code == 200, "the document itself is read as before"
    history = f"/api/v1/beneficiaries/{person}/history"
    sentences = {who.role: who.data(history)["entries"][-1]["sentence"] for who in (supervisor, worker)}
    assert WHY in sentences["supervisor"]
    assert sentences["peksos"].endswith("Alasan: [tersegel].")
    version = supervisor.data(history)["entries"][-1]["version"]
    assert supervisor.get(f"/api/v1/streams/{person}/events/{version}").get_json()["rule"] == "decision_stands"
    lifting = {"reason": "Perkara selesai", "evidence": LETTER}
    assert supervisor.refused(f"{at}/{new_id()}/lifting", lifting) == NoSuchHold.RULE
    supervisor.done(f"{at}/{name}/lifting", lifting)
    (row,) = supervisor.data("/api/v1/retention/held-documents")
    assert (row["lifted_on"] is not None, row["due"]) == (True, False)

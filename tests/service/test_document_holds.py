"""A court holds one document: everything else of a person is destroyed; that one few may read, and it goes when let go."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from domain.beneficiary import Beneficiary
from domain.beneficiary_hold import HoldTaken, NoSuchHold
from domain.refusals import NotFound
from domain.sealed import Evidence
from domain.subject import KeyDestroyed, SubjectDestroyed
from projections import retention_lists
from service import config
from service.casebook import Decision
from service.certificate import certificate
from service.cli import main
from service.destroying import Destroyer, begun
from service.log.compaction import NotCompacted
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
from tests.service.offices import VILLAGE, Asking, record, restrict
from tests.service.test_api_wksbm import uploaded

Client = Callable[[str], Asking]
ORDER = (Evidence("surat", "12/PN-LBT/2026"),)
WHY = "Bukti perkara perdata"
ROLES = ("peksos", "supervisor", "kepala_dinas", "dpo", "auditor", "kades", "tksk", "psm")
HOLDERS = ("supervisor", "kepala_dinas", "dpo")
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
    assert told["held"] == [{"hold": held, "lifted_on": None, "destroyed_on": None, "keys_backups_expire": None}]
    assert f"satu surat ditahan untuk keperluan hukum ({held}): masih ditahan" in certificate(here, stream)["text"]

    destroy(here)
    assert here.files.open(held) == whole, "while it is held, there is nothing to do"
    release(here, one, held)
    assert f"({held}): penahanannya dicabut" in certificate(here, stream)["text"]
    assert "masih ditahan" not in certificate(here, stream)["text"]
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
    assert begun(here) == worker.unfinished() == []
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


def test_a_log_put_back_from_the_midst_of_the_first_step_ends_both(
    here: Office, tmp_path: Path, database_url: str
) -> None:
    """The shred list then has two lines of her; the first is of what the decision took."""
    (one,) = lived(here, [1], file=True)
    held, hers = hold(here, one), secrets(here, [one])
    stream = decided(here, [one])
    backup: list[Path] = []
    worker = Destroyer(here, lambda step: backup.append(backed_up(here, tmp_path)) if step == "begun" else None)
    worker.carry_out(stream)
    worker.close()
    keys = [row["key_ids"] for row in certificate(here, stream)["people"]]
    release(here, one, held)
    destroy(here)
    restore(here, backup[0], tmp_path)
    back = reopened(tmp_path, database_url)
    shred_what_came_back(back)
    destroy(back)
    told = certificate(back, stream)
    assert [row["key_ids"] for row in told["people"]] == keys
    assert (told["totals"]["keys"], told["totals"]["files"]) == (2, 1)
    assert lying(stored_in(tmp_path, database_url), hers) == {}
    back.close()


@pytest.mark.parametrize("named", [False, True])
def test_one_that_fails_does_not_stop_the_next(
    here: Office, named: bool, tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = lived(here, [1, 2], file=True)
    held = [hold(here, one) for one in people]
    stream = decided(here, people)
    destroy(here, stream)
    for one, name in zip(people, held, strict=True):
        release(here, one, name)
    finish = Destroyer.finish

    def failing(worker: Destroyer, subject: str) -> str:
        if subject == min(people):
            raise NotFound
        return finish(worker, subject)

    monkeypatch.setattr(Destroyer, "finish", failing)
    words = ["destroy", stream] if named else ["destroy"]
    done = CliRunner().invoke(main, words, env=settings(tmp_path, database_url))
    assert done.exit_code == 1
    assert f"{min(people)}: not carried out: {NotFound.SENTENCE}" in done.stderr
    assert [bool(here.keys.ids_of(people)[one]) for one in sorted(people)] == [True, False]


def test_one_that_was_begun_and_stopped_is_told_and_nobody_of_it_is_taken_alone(
    here: Office, tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    destruction = decided(here, lived(here, [1, 2, 3], file=True))
    tried: list[str] = []

    def read_all_along(database: object, tables: object) -> None:
        tried.append("compact")
        raise NotCompacted("somebody reads")

    env = settings(tmp_path, database_url)
    with monkeypatch.context() as patch:
        patch.setattr("service.destroying.compact", read_all_along)
        stopped = CliRunner().invoke(main, ["destroy", destruction], env=env)
        again = CliRunner().invoke(main, ["destroy"], env=env)
        checked = CliRunner().invoke(main, ["doctor"], env=env)
    assert (stopped.exit_code != 0, again.exit_code != 0, len(tried)) == (True, True, 2)
    assert "certificate stands" not in again.stderr
    assert "1 begun and not ended" in checked.stdout
    ended = CliRunner().invoke(main, ["destroy"], env=env)
    assert ended.exit_code == 0, ended.stderr
    assert begun(here) == []
    assert "0 begun and not ended, 0 keys" in CliRunner().invoke(main, ["doctor"], env=env).stdout


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
    doctor = CliRunner().invoke(main, ["doctor"], env=env, catch_exceptions=False).stdout
    assert "1 people whose documents' hold was lifted; run: wahana destroy" in doctor
    assert dry_run() == [(held, True, [])]
    text = CliRunner().invoke(main, ["retention", "due"], env=env, catch_exceptions=False).stdout
    assert f"surat  {held}" in text
    destroy(here)
    assert dry_run("--all") == []
    assert name_of(1) not in text


@pytest.fixture
def papers(client: Client) -> tuple[str, str, str]:
    """Somebody with two documents, which her worker handed in: she, one, the other."""
    worker, person = client("peksos"), new_id()
    one, other = (uploaded(worker, person, words) for words in (b"Kartu tanda penduduk", b"Surat nikah"))
    body = {"village": VILLAGE, "kind": "person", "channel": "desa", "identity": {"name": "Rahma Katili"}}
    evidence = [{"kind": "ktp", "file": one}, {"kind": "surat", "file": other}]
    worker.done("/api/v1/beneficiaries", {**body, "id": person, "evidence": evidence})
    return person, one, other


def test_a_hold_is_recorded_over_http_and_listed(client: Client, papers: tuple[str, str, str]) -> None:
    worker, supervisor, auditor = client("peksos"), client("supervisor"), client("auditor")
    person, file, _ = papers
    other = new_id()
    body = {"village": VILLAGE, "kind": "person", "channel": "desa", "identity": {"name": "Yusuf Pakaya"}}
    worker.done("/api/v1/beneficiaries", {**body, "id": other})
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
    assert (row["lifted_on"] is not None, row["due"], row["reason"]) == (True, False, None)


def test_a_copy_is_read_by_whoever_may_read_the_document_and_after_the_lifting_by_nobody(
    client: Client, papers: tuple[str, str, str]
) -> None:
    """The head of the office records holds and reads no papers: he gets none by holding it himself."""
    head, everybody = client("kepala_dinas"), [client(role) for role in ROLES]
    person, file, _ = papers
    at, name = f"/api/v1/beneficiaries/{person}/document-holds", new_id()
    held = {"document": file, "hold": name, "reason": WHY, "evidence": LETTER}
    assert head.refused(at, {**held, "evidence": []}) == "hold_needs_paper"
    assert head.get(f"/api/v1/files/{name}").status_code == 404
    head.done(at, held)
    assert {who.role: who.get(f"/api/v1/files/{name}").status_code for who in everybody} == {
        who.role: who.get(f"/api/v1/files/{file}").status_code for who in everybody
    }
    assert head.get(f"/api/v1/files/{name}").status_code == 404
    assert client("supervisor").get(f"/api/v1/files/{name}").status_code == 200
    readable = {who: client(who).data("/api/v1/retention/held-documents")[0]["readable"] for who in HOLDERS}
    assert readable == {"supervisor": True, "kepala_dinas": False, "dpo": False}
    head.done(f"{at}/{name}/lifting", {"reason": "Perkara selesai", "evidence": LETTER})
    assert not [who.role for who in everybody if who.get(f"/api/v1/files/{name}").status_code == 200]


def test_a_backup_of_the_keys_is_counted_from_the_day_on_which_the_held_copy_went(
    here: Office, tmp_path: Path, database_url: str
) -> None:
    (one,) = lived(here, [1], file=True)
    held, stream = hold(here, one), decided(here, [one])
    destroy(here, stream)
    release(here, one, held)
    first = certificate(here, stream)["keys_backups_expire"]
    later = Office(config.read(settings(tmp_path, database_url)), now=lambda: "2031-03-01T01:00:00.000000Z")
    destroy(later)
    told = certificate(later, stream)
    assert told["keys_backups_expire"] == first
    assert [row["keys_backups_expire"] for row in told["people"][0]["held"]] == ["2031-03-31"]
    assert (
        "dimusnahkan 1 Maret 2031, cadangan kuncinya habis masa simpannya paling lambat 31 Maret 2031" in told["text"]
    )
    later.views.store.close()
    later.close()


def test_whom_a_list_of_then_names_is_decided_by_the_rights_of_today(
    office: Office, client: Client, papers: tuple[str, str, str]
) -> None:
    """She became strictly restricted since: for the head of the office she is in no list, of no moment."""
    supervisor, head = client("supervisor"), client("kepala_dinas")
    person, file, _ = papers
    held = {"document": file, "reason": WHY, "evidence": LETTER}
    supervisor.done(f"/api/v1/beneficiaries/{person}/document-holds", held)
    before = office.reader.head()[0]
    lists = {"/api/v1/retention/held-documents": "beneficiary", "/api/v1/retention/due": "id"}
    for path, name in lists.items():
        assert [row[name] for row in head.data(path, as_of=before)] == [person]
    record(office, lambda decision: restrict(decision, decision.load(Beneficiary, person)))
    for path in lists:
        assert head.data(path) == head.data(path, as_of=before) == []


def test_a_copy_that_no_hold_refers_to_is_read_by_nobody(
    office: Office, client: Client, papers: tuple[str, str, str]
) -> None:
    person, file, _ = papers
    copy = office.files.held_copy(file, subject=person, label=held_label("x"), id=new_id())
    assert {client(role).get(f"/api/v1/files/{copy.id}").status_code for role in ROLES} <= {403, 404}


def test_nobody_hands_in_the_copy_of_a_hold_that_was_refused_as_a_paper_of_his_own(
    client: Client, papers: tuple[str, str, str]
) -> None:
    """The copy is made while it is decided: what is refused after that leaves it behind, under a number that he chose."""
    head, (person, file, _), copy = client("kepala_dinas"), papers, new_id()
    held = {"document": file, "hold": copy, "reason": WHY, "evidence": LETTER}
    at = f"/api/v1/beneficiaries/{person}"
    assert head.post(f"{at}/document-holds", held, **{"If-Match": '"99999"'}).status_code == 412
    paper = {"reason": WHY, "evidence": [{**LETTER[0], "file": copy}]}
    assert head.refused(f"{at}/holds", paper) == "file_of_another"
    assert head.get(f"/api/v1/files/{copy}").status_code == 404
    head.done(f"{at}/document-holds", held)
    assert head.get(f"/api/v1/files/{copy}").status_code == 404
    assert client("supervisor").get(f"/api/v1/files/{copy}").status_code == 200


def test_a_hold_keeps_the_document_that_it_names_and_no_other(
    office: Office, client: Client, papers: tuple[str, str, str]
) -> None:
    supervisor = client("supervisor")
    person, one, other = papers
    at, name = f"/api/v1/beneficiaries/{person}/document-holds", new_id()
    office.files.held_copy(one, subject=person, label=held_label(name), id=name)  # and then something failed
    held = {"document": one, "hold": name, "reason": WHY, "evidence": LETTER}
    assert supervisor.refused(at, {**held, "document": other}) == "not_her_document"
    supervisor.done(at, held)
    assert supervisor.refused(at, {**held, "document": other}) == "hold_taken"
    assert office.files.open(name)[1] == b"Kartu tanda penduduk"


def test_a_hold_that_was_lifted_by_mistake_is_placed_again_until_the_copy_is_destroyed(here: Office) -> None:
    (one,) = lived(here, [1], file=True)
    document, held = document_of(here, one), hold(here, one)
    destroy(here, decided(here, [one]))
    release(here, one, held)

    def again(decision: Decision) -> None:
        reason = decision.seal(one, {"reason": "Masih banding"}, label=held_label(held))
        kept = decision.paper("salinan_ditahan", file=held, number=None, dated=None, stream=one)
        decision.load(Beneficiary, one).hold_document(
            on=here.today(), hold=held, document=document, kept=kept, reason=reason, evidence=ORDER
        )

    record(here, again)
    with pytest.raises(HoldTaken):
        record(here, again)
    destroy(here)
    assert here.files.open(held), "it is held again"
    with here.views.at() as view:
        (row,) = retention_lists.held_documents(view)
    assert row["prevents"] == ["ditahan"]
    release(here, one, held)
    destroy(here)
    with pytest.raises(SubjectDestroyed):
        record(here, again)

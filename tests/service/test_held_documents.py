"""A document under hold outlives everything else of a person, and goes when it is let go, once and for all."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from domain.beneficiary import Beneficiary
from domain.beneficiary_hold import HoldTaken
from domain.refusals import NotFound
from domain.subject import SubjectDestroyed
from projections import retention_lists
from service import config
from service.casebook import Decision
from service.certificate import certificate
from service.cli import main
from service.destroying import Destroyer, begun
from service.log.compaction import NotCompacted
from service.log.shred_list import ShredList
from service.log.vault import held_label
from service.office import Office
from tests.service import destroyers
from tests.service.destroyed import decided, left_of, lived, name_of, secrets, settings
from tests.service.destroyers import ORDER, WHY, destroy, document_of, hold, lost, release
from tests.service.offices import record

here = destroyers.here


def reason_of(here: Office, person: str) -> dict[str, str]:
    event = next(one for one in here.log.history(person) if isinstance(one, Beneficiary.DocumentHeld))
    return here.vault.open([event.reason.part]).get(event.reason.part, {})


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
    assert left_of(tmp_path, database_url, copy) == {}
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
    assert left_of(tmp_path, database_url, copy) == {}
    worker = Destroyer(here)
    assert begun(here) == worker.unfinished() == []
    worker.close()


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

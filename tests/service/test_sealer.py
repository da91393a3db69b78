"""The sealer: signs what the log holds, never what contradicts what it signed, and mends what a sudden end left."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from domain.kps import Kps
from service.casebook import Casebook
from service.log import checkpoints
from service.log import kept as kept_module
from service.log.checkpoints import Checkpoints, StoredHashes
from service.log.codec import leaf_hash
from service.log.database import Database
from service.log.ids import new_id
from service.log.kept import InUse, Kept
from service.log.notes import Checkpoint, Note, Signer, opened
from service.log.reconciliation import reconcile
from service.log.sealer import Sealer, SealRefused
from service.log.sqlite import create_log
from service.log.sqlite_database import SqliteDatabase
from service.log.tree import Tree
from tests.service.casebooks import DAY, VILLAGE, Desk, command, refusal, registered, utc_now
from tests.service.test_log_safety import without_keepers
from tests.service.test_tree import mth

SIGNER = Signer("wahana/75.01", b"l" * 32)


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    made = Kept(tmp_path / "sealer")
    made.directory.mkdir()
    return made


@pytest.fixture
def sealer(desk: Desk, kept: Kept) -> Sealer:
    return Sealer(desk.connect(desk.url, size=1), kept, SIGNER, utc_now)


def many(desk: Desk, count: int, casebook: Casebook | None = None) -> None:
    """Record so many bodies behind one another, in one command."""

    def decide(decision: Any) -> None:
        for number in range(count):
            decision.begin(Kps.register(new_id(), on=DAY, village=VILLAGE, kind="arisan", name=f"Arisan {number}"))

    (casebook or desk.casebook()).record(command(), decide)


def naive(database: Database, size: int) -> bytes:
    """The root of the first texts, by the recursion of the standard."""
    rows = database.rows("SELECT text FROM events WHERE position <= :size ORDER BY position", size=size)
    assert len(rows) == size
    return mth([leaf_hash(text) for (text,) in rows])


def sealed(sealer: Sealer) -> Checkpoint:
    found = sealer.seal()
    assert found is not None
    return found


def test_a_checkpoint_is_signed_kept_and_published(desk: Desk, sealer: Sealer, kept: Kept) -> None:
    many(desk, 599)
    found, owner = sealed(sealer), desk.owner()
    assert found == Checkpoint("wahana/75.01", 600, naive(owner, 600))
    published = Checkpoints(owner).latest()
    assert published is not None
    assert (published.note, published.size) == (kept.read(), 600)
    assert opened(published.note, SIGNER.key) == found
    registered(desk.casebook())
    assert sealed(sealer) == Checkpoint("wahana/75.01", 601, naive(owner, 601))
    assert sealed(sealer).size == 601
    assert [one.size for one in Checkpoints(owner).before(None, 10)] == [601, 600]
    assert Tree(StoredHashes(owner), 600).root() == found.root
    assert owner.rows("SELECT level, number FROM tree_hashes ORDER BY 1, 2") == [(1, 0), (1, 1)]
    told = reconcile(owner, sealer.last())
    assert (told.events, told.sealed, told.unsealed, told.differences) == (601, 601, 0, ())


def test_an_empty_log_has_no_checkpoint(kept: Kept, tmp_path: Path) -> None:
    owner = SqliteDatabase(str(tmp_path / "empty.db"), owner=True)
    create_log(owner)
    checkpoints.create(owner)
    assert Sealer(owner, kept, SIGNER, utc_now).seal() is None
    assert kept.read() is None
    owner.close()


def delete_after(owner: Database, position: int) -> None:
    """What an older copy of the database would hold."""
    without_keepers(owner)
    if owner.engine != "sqlite":
        owner.script("ALTER TABLE checkpoints DISABLE TRIGGER ALL; ALTER TABLE commands DISABLE TRIGGER ALL")
    owner.rows("DELETE FROM events WHERE position > :position", position=position)
    owner.rows("DELETE FROM commands WHERE first > :position", position=position)
    owner.rows("DELETE FROM checkpoints WHERE size > :position", position=position)


def test_yesterdays_log_is_never_signed_again(desk: Desk, sealer: Sealer, kept: Kept) -> None:
    many(desk, 5)
    sealed(sealer)
    many(desk, 5)
    last, note = sealed(sealer), kept.read()
    owner = desk.owner()
    delete_after(owner, 8)
    with pytest.raises(SealRefused, match="8 events, the last checkpoint 11: an older log was put back"):
        sealer.seal()
    many(desk, 10)  # and once it has grown past the checkpoint, with other events
    with pytest.raises(SealRefused, match="first 11 events are not those"):
        sealer.seal()
    assert kept.read() == note
    assert [one.size for one in Checkpoints(owner).before(None, 10)] == [6]
    assert "the first 11 events are not those of the sealer's own checkpoint" in reconcile(owner, last).differences


def tampered(owner: Database, position: int, *, leaf: bool) -> None:
    """Alter a text as the database's owner could, with its leaf hash or without."""
    without_keepers(owner)
    [(text,)] = owner.rows("SELECT text FROM events WHERE position = :position", position=position)
    altered = text.replace("arisan", "koperasi")
    assert altered != text
    owner.rows("UPDATE events SET text = :text WHERE position = :position", text=altered, position=position)
    if leaf:
        value = leaf_hash(altered)
        owner.rows("UPDATE events SET leaf = :leaf WHERE position = :position", leaf=value, position=position)


@pytest.mark.parametrize("leaf", [False, True])
@pytest.mark.parametrize("position", [3, 290])
def test_an_altered_text_is_noticed_with_its_hash_or_without(
    desk: Desk, sealer: Sealer, position: int, leaf: bool
) -> None:
    many(desk, 299)
    last, owner = sealed(sealer), desk.owner()
    tampered(owner, position, leaf=leaf)
    found = reconcile(owner, last).differences
    named = f"position {position}: the text does not match its leaf hash"
    assert (named in found) is not leaf
    assert "the first 300 events are not those of the sealer's own checkpoint" in found
    many(desk, 1)
    if position > 256:  # in what the sealer reads again each time
        with pytest.raises(SealRefused, match="first 300 events" if leaf else named):
            sealer.seal()
    else:
        assert f"tree_hashes, level 1, number {(position - 1) // 256}: not the hash of its leaves" in found


def test_an_altered_text_above_the_last_checkpoint_is_not_signed(desk: Desk, sealer: Sealer) -> None:
    many(desk, 5)
    tampered(desk.owner(), 4, leaf=False)
    with pytest.raises(SealRefused, match="position 4: the text does not match"):
        sealer.seal()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # PostgreSQL keeps no text that is not UTF-8
def test_bytes_that_are_no_text_are_named_and_not_taken_for_a_database_that_is_away(desk: Desk, sealer: Sealer) -> None:
    many(desk, 5)
    owner = desk.owner()
    without_keepers(owner)
    owner.rows("UPDATE events SET text = CAST(text || x'ff' AS TEXT) WHERE position = 4")
    with pytest.raises(SealRefused, match="position 4: the text does not match its leaf hash"):
        sealer.seal()
    assert "position 4: the text does not match its leaf hash" in reconcile(owner, None).differences


def test_a_gap_is_not_signed_and_is_told(desk: Desk, sealer: Sealer) -> None:
    many(desk, 300)
    owner = desk.owner()
    without_keepers(owner)
    owner.rows("DELETE FROM events WHERE position = 7")
    with pytest.raises(SealRefused, match="position 7 is missing"):
        sealer.seal()
    told = reconcile(owner, None)
    assert (told.events, told.unsealed) == (300, 301)
    assert told.differences == ("300 events, but 0 are sealed and the last position is 301",)


def test_a_hash_of_the_tree_or_a_checkpoint_that_was_exchanged_is_told(desk: Desk, sealer: Sealer) -> None:
    many(desk, 299)
    sealed(sealer)
    many(desk, 300)
    last, owner = sealed(sealer), desk.owner()
    without_keepers(owner)
    if owner.engine != "sqlite":
        owner.script("ALTER TABLE checkpoints DISABLE TRIGGER ALL; ALTER TABLE tree_hashes DISABLE TRIGGER ALL")
    owner.rows("UPDATE tree_hashes SET hash = :hash WHERE number = 1", hash=b"x" * 32)
    owner.rows("UPDATE checkpoints SET note = :note WHERE size = 300", note=SIGNER.note(last.text))
    assert reconcile(owner, last).differences == (
        "the checkpoint of size 300 has another root than the log",
        "tree_hashes, level 1, number 1: not the hash of its leaves",
    )
    with pytest.raises(SealRefused, match="first 600 events are not those"):
        sealer.seal()


BEFORE_IT_IS_KEPT = {("write_flushed", False), ("write_flushed", True), ("put_in_place", False)}


class Stopped(Exception):
    """The process ends here."""


@pytest.mark.parametrize("step", ["write_flushed", "put_in_place", "flush_directory", "publish"])
@pytest.mark.parametrize("after", [False, True])
def test_what_a_sudden_end_left_unpublished_is_published_first(
    desk: Desk, sealer: Sealer, kept: Kept, monkeypatch: pytest.MonkeyPatch, step: str, after: bool
) -> None:
    many(desk, 5)
    sealed(sealer)
    many(desk, 3)
    place: Any = Checkpoints if step == "publish" else kept_module
    real = getattr(place, step)

    def stop(*values: Any) -> None:
        if after:
            real(*values)
        raise Stopped

    with monkeypatch.context() as patched:
        patched.setattr(place, step, stop)
        with pytest.raises(Stopped):
            sealer.seal()
    note, owner = kept.read(), desk.owner()
    on_disk = Checkpoint.parse(Note.parse(note or "").text).size
    assert on_disk == (6 if (step, after) in BEFORE_IT_IS_KEPT else 9)
    many(desk, 2)
    assert sealed(sealer).size == 11
    sizes = [one.size for one in Checkpoints(owner).before(None, 10)]
    assert sizes == ([11, 9, 6] if on_disk == 9 else [11, 6])
    assert reconcile(owner, sealer.last()).differences == ()


def test_an_older_copy_of_the_directory_does_not_lead_to_a_second_root(desk: Desk, sealer: Sealer, kept: Kept) -> None:
    many(desk, 5)
    sealed(sealer)
    copy = kept.directory.with_name("copy")
    shutil.copytree(kept.directory, copy)
    many(desk, 5)
    last = sealed(sealer)
    shutil.rmtree(kept.directory)
    copy.rename(kept.directory)
    assert sealed(sealer) == last
    assert opened(kept.read() or "", SIGNER.key) == last
    (kept.directory / "checkpoint").unlink()  # and without any
    with pytest.raises(SealRefused, match="holds no checkpoint, and one of size 11 is published"):
        sealer.seal()
    assert kept.read() is None, "the database's word was taken up"
    assert sealer.seal(take_up=True) == last
    assert sealed(sealer) == last
    delete = desk.owner()
    without_keepers(delete)
    delete.rows("DELETE FROM events WHERE position > 8")
    (kept.directory / "checkpoint").unlink()
    with pytest.raises(SealRefused, match="8 events, the last checkpoint 11"):
        sealer.seal(take_up=True)


def test_an_old_note_under_a_greater_size_does_not_lead_back(desk: Desk, sealer: Sealer, kept: Kept) -> None:
    many(desk, 5)
    sealed(sealer)
    old = kept.read()
    many(desk, 5)
    last = sealed(sealer)
    desk.connect(desk.url, size=1).rows("INSERT INTO checkpoints VALUES (99, :note, :now)", note=old, now=utc_now())
    assert sealed(sealer) == last
    assert opened(kept.read() or "", SIGNER.key) == last


@pytest.mark.parametrize("number", [0, 1, 2])
def test_a_hash_of_the_tree_that_somebody_added_first_is_not_signed(
    desk: Desk, sealer: Sealer, kept: Kept, number: int
) -> None:
    many(desk, 99)
    sealed(sealer)
    note, application = kept.read(), desk.connect(desk.url, size=1)
    application.rows("INSERT INTO tree_hashes VALUES (1, :number, :hash)", number=number, hash=b"x" * 32)
    many(desk, 700)
    with pytest.raises(SealRefused, match=f"tree_hashes, level 1, number {number}: not the hash of its leaves"):
        sealer.seal()
    assert kept.read() == note


def test_a_hash_added_after_a_sudden_end_is_not_signed(
    desk: Desk, sealer: Sealer, monkeypatch: pytest.MonkeyPatch
) -> None:
    many(desk, 599)
    with monkeypatch.context() as patched:
        patched.setattr(Checkpoints, "publish", lambda *_: None)
        with pytest.raises(SealRefused):
            sealer.seal()
    desk.connect(desk.url, size=1).rows("INSERT INTO tree_hashes VALUES (1, 1, :hash)", hash=b"x" * 32)
    with pytest.raises(SealRefused, match="tree_hashes, level 1, number 1: not the hash of its leaves"):
        sealer.seal()


def test_a_missing_hash_of_the_tree_is_made_again_from_the_texts(desk: Desk, sealer: Sealer) -> None:
    many(desk, 599)
    sealed(sealer)
    owner = desk.owner()
    without_keepers(owner)
    if owner.engine != "sqlite":
        owner.script("ALTER TABLE tree_hashes DISABLE TRIGGER ALL")
    owner.rows("DELETE FROM tree_hashes WHERE number = 0")
    many(desk, 1)
    assert sealed(sealer).root == naive(owner, 601)


def test_another_key_does_not_go_on_with_a_log(desk: Desk, sealer: Sealer, kept: Kept) -> None:
    sealed(sealer)
    other = Sealer(desk.connect(desk.url, size=1), kept, Signer("wahana/75.01", b"o" * 32), utc_now)
    with pytest.raises(SealRefused, match="not signed by wahana"):
        other.seal()
    (kept.directory / "checkpoint").unlink()
    with pytest.raises(SealRefused, match="are all of another key"):
        other.seal()
    assert kept.read() is None, "a second root for one size was signed"


def test_there_is_one_sealer_at_a_time(kept: Kept) -> None:
    with kept.alone(), pytest.raises(InUse), Kept(kept.directory).alone():
        pass
    with kept.alone():
        pass


def test_the_application_can_add_to_the_tables_of_proof_and_change_nothing(desk: Desk, sealer: Sealer) -> None:
    many(desk, 299)
    sealed(sealer)
    application = desk.connect(desk.url, size=1)
    Checkpoints(application).cosign(300, SIGNER.sign("x"), utc_now())
    for table, column in (("tree_hashes", "hash"), ("checkpoints", "note"), ("cosignatures", "line")):
        before = application.rows(f"SELECT * FROM {table}")
        assert before
        statements = [f"UPDATE {table} SET {column} = {column}", f"DELETE FROM {table}", f"DROP TABLE {table}"]
        statements += [f"REPLACE INTO {table} SELECT * FROM {table}"] if application.engine == "sqlite" else []
        for statement in statements:
            with refusal(application.engine):
                application.rows(statement)
        with refusal(application.engine):
            desk.owner().rows(f"DELETE FROM {table}")
        assert application.rows(f"SELECT * FROM {table}") == before

"""Papers and photographs: stored encrypted, kept once claimed, swept when nobody claims them."""

from __future__ import annotations

import os
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag

from domain.kps import Kps
from domain.refusals import NotFound
from service.casebook import Decision
from service.log import files as file_store
from service.log.files import CHUNK, LARGEST, FileEmpty, FileRow, Files, FileTooLarge
from service.log.ids import new_id
from tests.service.casebooks import DAY, Desk, command, refusal, registered

DAYS_LATER = 3 * 24 * 3600 * 1000


def put(files: Files, content: bytes = b"Surat keputusan", subject: str = "s1") -> FileRow:
    return files.store(
        content, subject=subject, label="umum", name="SK Canary.pdf", media_type="application/pdf", account="akun-1"
    )


def milliseconds(file: FileRow) -> int:
    return int(file.id.replace("-", "")[:12], 16)


def attached(desk: Desk) -> FileRow:
    """A file that an event refers to."""
    casebook = desk.casebook()
    kps = registered(casebook)
    file = put(casebook.files, subject=kps)

    def decide(decision: Decision) -> None:
        paper = decision.paper("sk", file=file.id, number="1/2019", dated="2019-08-01", stream=kps)
        decision.load(Kps, kps).end(on=DAY, evidence=(paper,))

    casebook.record(command(), decide)
    (evidence,) = casebook.log.history(kps)[-1].evidence
    assert (evidence.file, evidence.key, evidence.commitment, evidence.sha256) == (
        file.id,
        file.key,
        file.commitment,
        file.sha256,
    )
    return file


@pytest.mark.parametrize("size", [1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK + 7])
def test_a_file_comes_back_as_it_was_with_its_name_and_type(desk: Desk, size: int) -> None:
    files, content = desk.casebook().files, os.urandom(size)
    row = put(files, content)
    head, read = files.open(row.id)
    assert read == content
    assert (head.name, head.media_type, head.size) == ("SK Canary.pdf", "application/pdf", size)
    chunks = desk.owner().rows("SELECT count(*) FROM file_chunks WHERE file = :file", file=row.id)
    assert chunks == [(1 + -(-size // CHUNK),)]


def test_nothing_of_a_file_is_stored_in_the_open_but_its_size(desk: Desk) -> None:
    files = desk.casebook().files
    row = put(files, b"Ibu Rahma Canary-99 " * 3000)
    stored = repr(desk.owner().rows("SELECT * FROM files")).encode()
    stored += b"".join(bytes(box) for (box,) in desk.owner().rows("SELECT box FROM file_chunks"))
    assert str(row.size).encode() in stored
    for secret in (b"Canary", b"Rahma", b"pdf"):
        assert secret not in stored


def test_a_file_that_is_empty_or_too_large_is_refused(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    files = desk.casebook().files
    with pytest.raises(FileEmpty):
        put(files, b"")
    with pytest.raises(FileTooLarge, match="20 MB"):
        put(files, bytes(LARGEST + 1))
    monkeypatch.setattr(file_store, "LARGEST", 10)
    assert put(files, b"1234567890").size == 10
    with pytest.raises(FileTooLarge):
        put(files, b"12345678901")


def test_a_file_that_was_never_uploaded_cannot_be_mentioned(desk: Desk) -> None:
    files = desk.casebook().files
    with pytest.raises(NotFound):
        files.evidence("sk", new_id())
    with pytest.raises(NotFound):
        files.open(new_id())


def test_the_sweep_removes_what_nobody_claimed_and_leaves_the_rest(desk: Desk) -> None:
    files = desk.casebook().files
    orphan, kept = put(files), attached(desk)
    now = milliseconds(kept)
    assert files.sweep(now) == 0, "a day has not passed"
    assert files.sweep(now + DAYS_LATER) == 1
    with pytest.raises(NotFound):
        files.open(orphan.id)
    assert files.open(kept.id)[1] == b"Surat keputusan"
    assert desk.owner().rows("SELECT DISTINCT file FROM file_chunks") == [(kept.id,)]
    assert files.sweep(now + DAYS_LATER) == 0


def test_the_age_of_a_file_is_told_by_its_arrival_not_by_its_id(desk: Desk) -> None:
    """An outbox makes ids days before there is signal, or by a clock that is ahead."""
    now, hour = 1_790_000_000_000, 3600 * 1000
    database, keys = desk.casebook().log.database, desk.keys()
    said = {"subject": "s1", "label": "umum", "name": "a", "media_type": "text/plain", "account": "a"}
    young = Files(database, keys, lambda: now).store(b"a", id=new_id(now - 48 * hour), **said)
    old = Files(database, keys, lambda: now - 25 * hour).store(b"a", id=new_id(now + 48 * hour), **said)
    files = desk.casebook().files
    assert files.sweep(now) == 1
    assert files.row(young.id) == young
    with pytest.raises(NotFound):
        files.row(old.id)
    assert files.sweep(now + 25 * hour) == 1


def test_files_from_before_arrivals_were_kept_are_as_old_as_their_ids(desk: Desk) -> None:
    owner, files, now = desk.owner(), desk.casebook().files, 1_790_000_000_000
    owner.script("ALTER TABLE files DROP COLUMN arrived")
    for age in (23, 25):
        owner.rows("INSERT INTO files VALUES (:id, 's1', 'k', 'c', 'h', 1, 'a')", id=new_id(now - age * 3600 * 1000))
    Files(owner, desk.keys()).create()
    assert files.sweep(now) == 1
    assert files.sweep(now + 2 * 3600 * 1000) == 1


def test_a_claimed_file_cannot_be_removed_or_altered_by_the_application(desk: Desk) -> None:
    file = attached(desk)
    database = desk.casebook().log.database
    refused: list[Any] = []
    for statement in (
        "DELETE FROM file_chunks WHERE file = :file",
        "UPDATE file_chunks SET box = box WHERE file = :file",
        "UPDATE files SET size = 1 WHERE id = :file",
        "UPDATE file_claims SET stream = 'x' WHERE file = :file",
        "DELETE FROM file_claims WHERE file = :file",
    ):
        with refusal(database.engine) as raised:
            database.rows(statement, file=file.id)
        refused.append(raised.value)
    with pytest.raises(Exception, match=r"(?i)foreign key"):
        database.rows("DELETE FROM files WHERE id = :file", file=file.id)
    assert len(refused) == 5
    assert desk.casebook().files.open(file.id)[1] == b"Surat keputusan"


def tampered(desk: Desk, *statements: str, **values: Any) -> None:
    owner = desk.owner()
    if owner.engine == "sqlite":
        owner.script("DROP TRIGGER file_chunks_stand; DROP TRIGGER file_chunks_claimed")
    else:
        owner.script("ALTER TABLE file_chunks DISABLE TRIGGER ALL")
    for statement in statements:
        owner.rows(statement, **values)


@pytest.mark.parametrize("number", [0, 1, 2])
def test_an_altered_chunk_does_not_open(desk: Desk, number: int) -> None:
    files = desk.casebook().files
    row = put(files, os.urandom(CHUNK + 1))
    ((box,),) = desk.owner().rows("SELECT box FROM file_chunks WHERE file = :f AND number = :n", f=row.id, n=number)
    changed = bytes(box[:-1]) + bytes([box[-1] ^ 1])
    tampered(desk, "UPDATE file_chunks SET box = :b WHERE file = :f AND number = :n", b=changed, f=row.id, n=number)
    with pytest.raises(InvalidTag):
        files.open(row.id)


def test_chunks_exchanged_or_cut_off_do_not_open(desk: Desk) -> None:
    files = desk.casebook().files
    one, other = put(files, os.urandom(2 * CHUNK)), put(files, os.urandom(2 * CHUNK))
    tampered(
        desk,
        "UPDATE file_chunks SET number = 9 WHERE file = :one AND number = 1",
        "UPDATE file_chunks SET number = 1 WHERE file = :one AND number = 2",
        "UPDATE file_chunks SET number = 2 WHERE file = :one AND number = 9",
        one=one.id,
    )
    desk.owner().rows("DELETE FROM file_chunks WHERE file = :other AND number = 2", other=other.id)
    for row in (one, other):
        with pytest.raises(InvalidTag):
            files.open(row.id)


def test_a_file_whose_key_was_destroyed_is_gone(desk: Desk) -> None:
    files = desk.casebook().files
    one, other = put(files, subject="s1"), put(files, subject="s2")
    desk.connect(desk.keys_url, owner=True).rows("DELETE FROM subject_keys WHERE subject = 's1'")
    with pytest.raises(NotFound):
        files.open(one.id)
    assert files.open(other.id)[1] == b"Surat keputusan"

"""Papers and photographs: encrypted in chunks, uploaded before the command that mentions them.

Nothing of a file is stored in the open but its size. An event refers to a file by id, key, commitment and the SHA-256 of
its ciphertext; name, media type and the hash of the plaintext are sealed inside the file's own head. A file that no event
has claimed within a day of its arrival is an orphan and may be swept.
"""

import hashlib
import os
import time
from collections.abc import Callable
from typing import Any

import msgspec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from domain.refusals import NotFound, Refused
from domain.sealed import Evidence
from domain.subject import SubjectDestroyed
from service.log.database import Database, add_columns
from service.log.ids import new_id
from service.log.keys import KeyStore, commitment
from service.log.opened import note
from service.pictures import bare

CHUNK = 256 * 1024
LARGEST = 20 * 1024 * 1024
ORPHAN_AFTER_MILLISECONDS = 24 * 3600 * 1000

SCHEMA = """
CREATE TABLE IF NOT EXISTS files (
  id TEXT PRIMARY KEY, subject TEXT NOT NULL, key TEXT NOT NULL, commitment TEXT NOT NULL, sha256 TEXT NOT NULL,
  size BIGINT NOT NULL, account TEXT NOT NULL, arrived BIGINT NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS file_chunks (
  file TEXT NOT NULL, number INTEGER NOT NULL, box {blob} NOT NULL, PRIMARY KEY (file, number));
CREATE TABLE IF NOT EXISTS file_claims (file TEXT PRIMARY KEY REFERENCES files (id), stream TEXT NOT NULL);
"""
# By the server's clock: an id may be older, from a device without signal, or from a clock that is ahead. Files from before
# there was this column have 0, and ids that the server made.
_SINCE = {"arrived": "BIGINT NOT NULL DEFAULT 0"}
# A claimed file stands: its row is held by the claim's reference, its chunks by these. Claims are only ever added.
# Of a claimed file the row stays for ever; its pieces go when its key was lawfully destroyed.
_SQLITE_KEEPERS = """
DROP TRIGGER IF EXISTS file_chunks_claimed;
CREATE TRIGGER file_chunks_claimed BEFORE DELETE ON file_chunks
WHEN EXISTS (SELECT 1 FROM file_claims WHERE file = OLD.file)
  AND NOT EXISTS (SELECT 1 FROM files f JOIN destroyed_keys d ON d.key = f.key WHERE f.id = OLD.file)
BEGIN SELECT RAISE(ABORT, 'a claimed file stands'); END;
CREATE TRIGGER IF NOT EXISTS file_chunks_stand BEFORE UPDATE ON file_chunks
BEGIN SELECT RAISE(ABORT, 'a stored file stands'); END;
CREATE TRIGGER IF NOT EXISTS files_stand BEFORE UPDATE ON files
BEGIN SELECT RAISE(ABORT, 'a stored file stands'); END;
"""
_POSTGRES_KEEPERS = """
ALTER TABLE file_chunks ALTER COLUMN box SET STATISTICS 0;
CREATE OR REPLACE FUNCTION claimed_file_stands() RETURNS trigger LANGUAGE plpgsql AS
$$BEGIN
  IF TG_OP = 'DELETE' THEN
    IF NOT EXISTS (SELECT 1 FROM file_claims WHERE file = OLD.file)
       OR EXISTS (SELECT 1 FROM files f JOIN destroyed_keys d ON d.key = f.key WHERE f.id = OLD.file) THEN
      RETURN OLD;
    END IF;
  END IF;
  RAISE EXCEPTION 'a claimed file stands' USING ERRCODE = 'insufficient_privilege';
END$$;
CREATE OR REPLACE TRIGGER file_chunks_claimed BEFORE UPDATE OR DELETE ON file_chunks
  FOR EACH ROW EXECUTE FUNCTION claimed_file_stands();
CREATE OR REPLACE TRIGGER files_stand BEFORE UPDATE ON files FOR EACH ROW EXECUTE FUNCTION claimed_file_stands();
"""
APPEND_ONLY = ("file_claims",)
STATE = ("files", "file_chunks")


class FileTooLarge(Refused):
    RULE = "file_too_large"
    SENTENCE = "Berkas lebih besar dari {limit} MB."


class FileEmpty(Refused):
    RULE = "file_empty"
    SENTENCE = "Berkas ini kosong."


class FileOfAnother(Refused):
    RULE = "file_of_another"
    SENTENCE = (
        "Berkas ini diunggah atas nama catatan lain. Unggah lagi atas nama warga atau lembaga yang catatannya diisi."
    )


def _must_fit(content: bytes) -> None:
    if len(content) > LARGEST:
        raise FileTooLarge(limit=LARGEST // 1024 // 1024)
    if not content:
        raise FileEmpty


class FileHead(msgspec.Struct, frozen=True):
    """What is sealed about a file: its name, media type, the SHA-256 and the size of its plaintext, and how many bytes
    were ``sent``; 0 in files from before that was kept."""

    name: str
    media_type: str
    sha256: str
    size: int
    sent: int = 0


_head = msgspec.json.Decoder(FileHead)  # made before there are threads


class FileRow(msgspec.Struct, frozen=True):
    """What is known of a stored file without opening it. ``subject`` is whose key it is under."""

    id: str
    subject: str
    key: str
    commitment: str
    sha256: str
    size: int
    account: str


class Files:
    """Stores and opens encrypted files in the log's database, outside the append transaction. ``milliseconds`` is the
    clock by which they arrive; the machine's for none."""

    def __init__(self, database: Database, keys: KeyStore, milliseconds: Callable[[], int] | None = None) -> None:
        self._database = database
        self._keys = keys
        self._milliseconds = milliseconds or (lambda: time.time_ns() // 1_000_000)

    def create(self) -> None:
        """Make the tables, after those of the log and of destroyed keys. Safe to run again."""
        sqlite = self._database.engine == "sqlite"
        keepers = _SQLITE_KEEPERS if sqlite else _POSTGRES_KEEPERS
        self._database.script(SCHEMA.format(blob="BLOB" if sqlite else "bytea") + keepers)
        add_columns(self._database, "files", _SINCE)

    def store(self, content: bytes, *, subject: str, label: str, **said: Any) -> FileRow:
        """Encrypt and store a file under a subject's key; ``said`` as of `store_under`. Raises `FileTooLarge`,
        `FileEmpty`, `PictureUnreadable`, `SubjectClosed` or `SubjectDestroyed`."""
        _must_fit(content)
        return self.store_under(self._keys.key_for(subject, label), content, subject=subject, **said)

    def store_under(
        self,
        under: tuple[str, bytes],
        content: bytes,
        *,
        subject: str,
        name: str,
        media_type: str,
        account: str,
        strict: bool = False,
        id: str = "",
    ) -> FileRow:
        """As `store`, with a key that is there. Of somebody ``strict``ly restricted a picture is kept without the place
        where it was taken. With the ``id`` of a file that stands, nothing is stored: it was sent twice."""
        _must_fit(content)
        picture = bare(content, media_type)  # also to refuse what will never be shown
        sent, content = len(content), picture if strict else content
        key_id, key = under
        file_id = id or new_id()
        head = FileHead(name, media_type, hashlib.sha256(content).hexdigest(), len(content), sent)
        pieces = [msgspec.json.encode(head), *(content[at : at + CHUNK] for at in range(0, len(content), CHUNK))]
        boxes = [self._seal(key, file_id, key_id, number, len(pieces), piece) for number, piece in enumerate(pieces)]
        digest = hashlib.sha256(b"".join(boxes)).hexdigest()
        row = FileRow(file_id, subject, key_id, commitment(key), digest, len(content), account)
        with self._database.transaction():
            if self._database.engine != "sqlite":  # destruction waits for files that are being stored
                self._database.rows("SELECT pg_advisory_xact_lock_shared(7501, 4)")
            if self._database.rows("SELECT 1 FROM destroyed_keys WHERE key = :key", key=key_id):
                raise SubjectDestroyed
            if not self._database.rows(
                "INSERT INTO files (id, subject, key, commitment, sha256, size, account, arrived) "
                "VALUES (:id, :subject, :key, :commitment, :sha256, :size, :account, :arrived) "
                "ON CONFLICT DO NOTHING RETURNING id",
                arrived=self._milliseconds(),
                **msgspec.structs.asdict(row),
            ):
                return self.row(file_id)
            for number, box in enumerate(boxes):
                self._database.rows(
                    "INSERT INTO file_chunks VALUES (:file, :number, :box)", file=file_id, number=number, box=box
                )
        return row

    def row(self, file_id: str) -> FileRow:
        """A stored file's row. Raises `NotFound`."""
        rows = self._database.rows(
            "SELECT id, subject, key, commitment, sha256, size, account FROM files WHERE id = :id", id=file_id
        )
        if not rows:
            raise NotFound
        return FileRow(*rows[0])

    def sent(self, file_id: str) -> int:
        """How many bytes of a file came: what is kept of a picture would tell its sender that somebody is strictly
        restricted. Raises `NotFound`."""
        head, _ = self._opened(self.row(file_id))
        return head.sent or head.size

    def is_under_own(self, row: FileRow) -> bool:
        """Whether a file is under a key of its subject, and not under one of nobody's."""
        return row.key in self._keys.ids_of([row.subject])[row.subject]

    def evidence(self, kind: str, file_id: str, number: str | None = None, dated: str | None = None) -> Evidence:
        """What an event stores of a file that backs it. Raises `NotFound`."""
        row = self.row(file_id)
        return Evidence(kind, number, dated, row.id, row.key, row.commitment, row.sha256)

    def held_copy(self, file_id: str, *, subject: str, label: str, id: str) -> FileRow:
        """A copy of a file under a key of its own, so that it can outlive the file; the same one when it is made again.
        Nobody has uploaded it, and nobody reads it by this. Raises `NotFound`, also when anything else lies under that id,
        `SubjectClosed` and `SubjectDestroyed`."""
        head, content = self._opened(self.row(file_id))
        under = self._keys.key_for(subject, label)
        row = self.store_under(
            under, content, subject=subject, name=head.name, media_type=head.media_type, account="", id=id
        )
        if row.key != under[0] or self._opened(row)[0].sha256 != head.sha256:
            raise NotFound
        return row

    def claim(self, file_id: str, stream: str) -> None:
        """Keep a file: an event of ``stream`` refers to it."""
        self._database.rows(
            "INSERT INTO file_claims VALUES (:file, :stream) ON CONFLICT DO NOTHING", file=file_id, stream=stream
        )

    def claimed_by(self, file_id: str) -> str | None:
        """The stream whose event first referred to a file; ``None`` while nothing does."""
        rows = self._database.rows("SELECT stream FROM file_claims WHERE file = :file", file=file_id)
        return str(rows[0][0]) if rows else None

    def open(self, file_id: str) -> tuple[FileHead, bytes]:
        """A file's head and content. Raises `NotFound` when it or its key is gone, ``InvalidTag`` when it was altered."""
        row = self.row(file_id)
        opened = self._opened(row)
        note(file_id, row.subject)
        return opened

    def _opened(self, row: FileRow) -> tuple[FileHead, bytes]:
        key = self._keys.keys([row.key]).get(row.key)
        boxes = [
            bytes(found[0])
            for found in self._database.rows(
                "SELECT box FROM file_chunks WHERE file = :file ORDER BY number", file=row.id
            )
        ]
        if key is None or not boxes:
            raise NotFound
        pieces = [self._unseal(key, row.id, row.key, number, len(boxes), box) for number, box in enumerate(boxes)]
        return _head.decode(pieces[0]), b"".join(pieces[1:])

    def sweep(self, now_milliseconds: int) -> int:
        """Remove the files that no event claimed within a day of their arrival; returns how many."""
        before = now_milliseconds - ORPHAN_AFTER_MILLISECONDS
        orphans = [
            row[0]
            for row in self._database.rows(
                "SELECT id FROM files WHERE arrived < :before AND (arrived > 0 OR id < :older) "
                "AND id NOT IN (SELECT file FROM file_claims)",
                before=before,
                older=new_id(before)[:13],
            )
        ]
        for file_id in orphans:
            with self._database.transaction():
                self._database.rows("DELETE FROM file_chunks WHERE file = :file", file=file_id)
                self._database.rows("DELETE FROM files WHERE id = :file", file=file_id)
        return len(orphans)

    @staticmethod
    def _bound(file_id: str, key_id: str, number: int, count: int) -> bytes:
        return f"{file_id}\n{key_id}\n{number}\n{count}".encode()

    def _seal(self, key: bytes, file_id: str, key_id: str, number: int, count: int, piece: bytes) -> bytes:
        nonce = os.urandom(12)
        return nonce + AESGCM(key).encrypt(nonce, piece, self._bound(file_id, key_id, number, count))

    def _unseal(self, key: bytes, file_id: str, key_id: str, number: int, count: int, box: bytes) -> Any:
        return AESGCM(key).decrypt(box[:12], box[12:], self._bound(file_id, key_id, number, count))

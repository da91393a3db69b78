"""Files that come in pieces over a bad line: kept until the last piece is there, then stored like any other.

Every piece is encrypted under the subject's own key from the moment it arrives. An upload has the id of the file that it
becomes. A piece is only ever put behind the last one, so that two workers cannot disagree about what there is.
"""

import os
from datetime import UTC, datetime
from typing import Any

import msgspec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from domain.refusals import NotFound, Refused
from domain.subject import SubjectDestroyed
from service.log.database import Database
from service.log.files import LARGEST, ORPHAN_AFTER_MILLISECONDS, FileEmpty, Files, FileTooLarge
from service.log.ids import new_id
from service.log.keys import KeyStore

SCHEMA = """
CREATE TABLE IF NOT EXISTS uploads (
  id TEXT PRIMARY KEY, subject TEXT NOT NULL, key TEXT NOT NULL, head {blob} NOT NULL, length BIGINT NOT NULL,
  account TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS upload_pieces (
  upload TEXT NOT NULL, start BIGINT NOT NULL, size BIGINT NOT NULL, box {blob} NOT NULL,
  PRIMARY KEY (upload, start));
"""
STATE = ("uploads", "upload_pieces")


class WrongOffset(Refused):
    RULE = "wrong_offset"
    SENTENCE = "Potongan ini bukan lanjutan dari yang sudah diterima. Tanyakan dahulu sampai mana, lalu lanjutkan."


class Announced(msgspec.Struct, frozen=True):
    """What was said of a file before it came; sealed."""

    name: str
    media_type: str
    strict: bool


class Upload(msgspec.Struct, frozen=True):
    """How far an upload is. ``offset`` is the number of bytes that are here; at ``length`` it is a file."""

    id: str
    subject: str
    key: str
    head: bytes
    length: int
    account: str
    offset: int = 0


class Uploads:
    """Takes files piece by piece, beside the stored ones in the log's database."""

    def __init__(self, database: Database, keys: KeyStore, files: Files) -> None:
        self._database = database
        self._keys = keys
        self._files = files

    def create(self) -> None:
        """Make the tables. Safe to run again."""
        self._database.script(SCHEMA.format(blob="BLOB" if self._database.engine == "sqlite" else "bytea"))

    def begin(
        self, announced: Announced, length: int, *, under: tuple[str, bytes], subject: str, account: str, now: int
    ) -> Upload:
        """Announce a file of ``length`` bytes, to be kept ``under`` a key that is there. Raises `FileTooLarge` or
        `FileEmpty`. What others left unfinished a day ago goes on this occasion: there is no clock that runs by itself."""
        if length > LARGEST:
            raise FileTooLarge(limit=LARGEST // 1024 // 1024)
        if length < 1:
            raise FileEmpty
        self.sweep(now)
        (key_id, key), id = under, new_id(now)
        head = _sealed(key, msgspec.json.encode(announced), f"{id}\n{key_id}\nhead")
        made = Upload(id, subject, key_id, head, length, account)
        self._database.rows(
            "INSERT INTO uploads VALUES (:id, :subject, :key, :head, :length, :account)",
            **{name: value for name, value in msgspec.structs.asdict(made).items() if name != "offset"},
        )
        return made

    def state(self, id: str, account: str, now: int) -> Upload:
        """How far an upload of this account is; whole ones as long as their file stands. Raises `NotFound`, also of those
        that were begun more than a day ago."""
        if not id or id < _before(now):
            raise NotFound
        rows = self._database.rows(
            "SELECT id, subject, key, head, length, account, (SELECT sum(size) FROM upload_pieces WHERE upload = :id) "
            "FROM uploads WHERE id = :id AND account = :account",
            id=id,
            account=account,
        )
        if not rows:
            whole = self._files.row(id)
            if whole.account != account:
                raise NotFound
            sent = self._files.sent(id)
            return Upload(id, whole.subject, whole.key, b"", sent, account, sent)
        (_, subject, key, head, length, _, offset) = rows[0]
        return Upload(id, subject, key, bytes(head), length, account, int(offset or 0))

    def add(self, upload: Upload, piece: bytes) -> Upload:
        """Put a piece behind the others; with the last one the file is stored. Raises `WrongOffset` when another request
        was faster, `FileTooLarge` for more than was announced, `PictureUnreadable`, `SubjectDestroyed`."""
        reached = upload.offset + len(piece)
        if reached > upload.length:
            raise FileTooLarge(limit=LARGEST // 1024 // 1024)
        key = self._keys.keys([upload.key]).get(upload.key)
        if key is None:
            raise SubjectDestroyed
        if reached == upload.length:
            self._store(upload, key, piece)
        elif piece:
            box = _sealed(key, piece, f"{upload.id}\n{upload.key}\n{upload.offset}")
            if not self._database.rows(
                "INSERT INTO upload_pieces SELECT :upload, :start, :size, :box "
                "WHERE EXISTS (SELECT 1 FROM uploads WHERE id = :upload) ON CONFLICT DO NOTHING RETURNING start",
                upload=upload.id,
                start=upload.offset,
                size=len(piece),
                box=box,
            ):
                raise WrongOffset
        return msgspec.structs.replace(upload, offset=reached)

    def _store(self, upload: Upload, key: bytes, last: bytes) -> None:
        """The whole file on the way of every other, then no pieces any more. When this ends in between, the file stands."""
        rows = self._database.rows(
            "SELECT start, box FROM upload_pieces WHERE upload = :id ORDER BY start", id=upload.id
        )
        content = b"".join(_opened(key, bytes(box), f"{upload.id}\n{upload.key}\n{start}") for start, box in rows)
        if len(content) != upload.offset:  # another request is just removing them: it stored the file
            raise WrongOffset
        said = msgspec.json.decode(_opened(key, upload.head, f"{upload.id}\n{upload.key}\nhead"), type=Announced)
        self._files.store_under(
            (upload.key, key),
            content + last,
            subject=upload.subject,
            name=said.name,
            media_type=said.media_type,
            account=upload.account,
            strict=said.strict,
            id=upload.id,
        )
        self.end(upload)

    def end(self, upload: Upload) -> None:
        """Remove what has come of an upload. A file that is whole stays until it is swept."""
        with self._database.transaction():
            self._database.rows("DELETE FROM upload_pieces WHERE upload = :id", id=upload.id)
            self._database.rows("DELETE FROM uploads WHERE id = :id", id=upload.id)

    def sweep(self, now: int) -> int:
        """Remove what was begun more than a day ago and never ended; returns how many."""
        before = _before(now)
        with self._database.transaction():
            self._database.rows("DELETE FROM upload_pieces WHERE upload < :before", before=before)
            return len(self._database.rows("DELETE FROM uploads WHERE id < :before RETURNING id", before=before))


def expires(upload: Upload) -> datetime:
    """When what has come of an upload may be removed."""
    begun = int(upload.id.replace("-", "")[:12], 16)
    return datetime.fromtimestamp((begun + ORPHAN_AFTER_MILLISECONDS) / 1000, UTC)


def _before(now: int) -> str:
    return new_id(now - ORPHAN_AFTER_MILLISECONDS)[:13]


def _sealed(key: bytes, plain: bytes, bound: str) -> bytes:
    nonce = os.urandom(12)
    return nonce + AESGCM(key).encrypt(nonce, plain, bound.encode())


def _opened(key: bytes, box: bytes, bound: str) -> Any:
    return AESGCM(key).decrypt(box[:12], box[12:], bound.encode())

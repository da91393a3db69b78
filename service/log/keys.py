"""The key store: one data key per subject and compartment, wrapped by the master key, in a database of its own.

There is no commit across two databases. A key is durable here before any event uses it; a key that no event uses is
harmless. Destroying a subject's key makes everything sealed with it unreadable everywhere, backups of the log included,
so this store has short-lived backups of its own.
"""

import hashlib
import os
from collections.abc import Collection, Iterator

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap

from service.log.database import Database
from service.log.ids import new_id

SCHEMA = """
CREATE TABLE IF NOT EXISTS subject_keys (
  id TEXT PRIMARY KEY,
  subject TEXT NOT NULL,
  compartment TEXT NOT NULL,
  label {blob} NOT NULL,
  wrapped {blob} NOT NULL,
  master TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS subject_keys_of ON subject_keys (subject);
"""


class KeyUnreadable(Exception):
    """A stored key does not open with the master key at hand: the wrong master key, or a damaged store."""


def commitment(key: bytes) -> str:
    """Binds a key without revealing it, because AES-GCM alone does not commit to its key. Lower-case hex SHA-256."""
    return hashlib.sha256(b"wahana key commitment\x00" + key).hexdigest()


class KeyStore:
    """Makes and finds data keys. ``master`` is 32 bytes. Compartment labels are sealed; their ids are random."""

    def __init__(self, database: Database, master: bytes) -> None:
        self._database = database
        self._master = master
        self.master_id = hashlib.sha256(b"wahana master key id\x00" + master).hexdigest()[:16]

    def create(self) -> None:
        """Make the store's tables. Safe to run again."""
        self._database.script(SCHEMA.format(blob="BLOB" if self._database.engine == "sqlite" else "bytea"))

    def key_for(self, subject: str, label: str) -> tuple[str, bytes]:
        """Id and key of a subject's compartment; made, and durable, when there is none yet."""
        found = self._find(subject, label)
        if found is not None:
            return found
        key, key_id = os.urandom(32), new_id()
        with self._database.transaction():
            if self._database.engine != "sqlite":
                self._database.rows("SELECT pg_advisory_xact_lock(7501, 2)")
            found = self._find(subject, label)
            if found is not None:
                return found
            self._database.rows(
                "INSERT INTO subject_keys VALUES (:id, :subject, :compartment, :label, :wrapped, :master)",
                id=key_id,
                subject=subject,
                compartment=new_id(),
                label=self._seal_label(key_id, label),
                wrapped=aes_key_wrap(self._master, key),
                master=self.master_id,
            )
        return key_id, key

    def keys(self, ids: list[str]) -> dict[str, bytes]:
        """The keys that still exist among ``ids``; a destroyed key is simply not there."""
        found = self._database.rows(
            f"SELECT id, wrapped FROM subject_keys WHERE id {self._database.among('ids')}",
            ids=ids,
        )
        return {row[0]: self._unwrap(bytes(row[1])) for row in found}

    def labels(self, subjects: Collection[str]) -> dict[str, set[str]]:
        """The compartment labels under which each subject has keys, in one query; a subject without any is left out."""
        found: dict[str, set[str]] = {}
        if subjects:
            rows = self._database.rows(
                f"SELECT subject, id, label FROM subject_keys WHERE subject {self._database.among('subjects')}",
                subjects=sorted(subjects),
            )
            for subject, key_id, sealed in rows:
                found.setdefault(subject, set()).add(self._open_label(key_id, bytes(sealed)))
        return found

    def commitments(self) -> Iterator[tuple[str, tuple[str, str]]]:
        """Id, subject and commitment of every key; the commitment of a key that does not open is empty."""
        after = ""
        while rows := self._database.rows(
            "SELECT id, subject, wrapped FROM subject_keys WHERE id > :after ORDER BY id LIMIT 1000", after=after
        ):
            for key, subject, wrapped in rows:
                try:
                    yield key, (subject, commitment(self._unwrap(bytes(wrapped))))
                except KeyUnreadable:
                    yield key, (subject, "")
            after = rows[-1][0]

    def _find(self, subject: str, label: str) -> tuple[str, bytes] | None:
        rows = self._database.rows(
            "SELECT id, label, wrapped FROM subject_keys WHERE subject = :subject", subject=subject
        )
        for key_id, sealed, wrapped in rows:
            if self._open_label(key_id, bytes(sealed)) == label:
                return key_id, self._unwrap(bytes(wrapped))
        return None

    def _unwrap(self, wrapped: bytes) -> bytes:
        try:
            return aes_key_unwrap(self._master, wrapped)
        except InvalidUnwrap as error:
            raise KeyUnreadable("a subject key does not open with this master key") from error

    def _seal_label(self, key_id: str, label: str) -> bytes:
        nonce = os.urandom(12)
        return nonce + AESGCM(self._master).encrypt(nonce, label.encode(), key_id.encode())

    def _open_label(self, key_id: str, sealed: bytes) -> str:
        try:
            return AESGCM(self._master).decrypt(sealed[:12], sealed[12:], key_id.encode()).decode()
        except InvalidTag as error:
            raise KeyUnreadable("a compartment label does not open with this master key") from error

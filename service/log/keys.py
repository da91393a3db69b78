"""The key store: one data key per subject and compartment, wrapped by the master key, in a database of its own.

There is no commit across two databases. A key is durable here before any event uses it; a key that no event uses is
harmless. Destroying a subject's key makes everything sealed with it unreadable everywhere, backups of the log included,
so this store has short-lived backups of its own. A subject that is being destroyed is closed: it gets no new key. The store
cannot tell whether the destruction was begun since, or refused: that stands in the log.
"""

import hashlib
import os
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap

from domain.subject import SubjectClosed, SubjectDestroyed
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
CREATE TABLE IF NOT EXISTS closed_subjects (subject TEXT PRIMARY KEY, destruction TEXT NOT NULL);
"""
REWRAPPED_AT_ONCE = 500


class KeyUnreadable(Exception):
    """A stored key does not open with the master key at hand: the wrong master key, or a damaged store."""


def commitment(key: bytes) -> str:
    """Binds a key without revealing it, because AES-GCM alone does not commit to its key. Lower-case hex SHA-256."""
    return hashlib.sha256(b"wahana key commitment\x00" + key).hexdigest()


def master_id(master: bytes) -> str:
    """The name of a master key, which reveals nothing of it: 16 hex digits."""
    return hashlib.sha256(b"wahana master key id\x00" + master).hexdigest()[:16]


class KeyStore:
    """Makes and finds data keys. ``master`` is 32 bytes; ``old`` are master keys that may still wrap some, until they are
    rewrapped. ``destroyed`` says of a closed subject whether its destruction was begun. Compartment labels are sealed;
    their ids are random."""

    def __init__(
        self,
        database: Database,
        master: bytes,
        old: Sequence[bytes] = (),
        destroyed: Callable[[str], bool] = lambda subject: False,
    ) -> None:
        self.database = database
        self._destroyed = destroyed
        self._master = master
        self.master_id = master_id(master)
        self._masters = {master_id(one): one for one in (*old, master)}

    def create(self) -> None:
        """Make the store's tables. Safe to run again."""
        self.database.script(SCHEMA.format(blob="BLOB" if self.database.engine == "sqlite" else "bytea"))
        if self.database.engine != "sqlite":  # the planner's statistics would keep samples of what is destroyed
            for column in ("wrapped", "label"):
                self.database.script(f"ALTER TABLE subject_keys ALTER COLUMN {column} SET STATISTICS 0")

    def must_open(self) -> None:
        """Raise `KeyUnreadable` when the store has keys and no master key at hand wraps any of them: it is a wrong one, and
        what it would wrap nobody could open later."""
        ours = f"SELECT 1 FROM subject_keys WHERE master {self.database.among('masters')} LIMIT 1"
        if not self.database.rows(ours, masters=sorted(self._masters)):
            for (master,) in self.database.rows("SELECT master FROM subject_keys LIMIT 1"):
                self._of(master)

    def key_for(self, subject: str, label: str) -> tuple[str, bytes]:
        """Id and key of a subject's compartment; made, and durable, when there is none yet. Raises `SubjectDestroyed`,
        and `SubjectClosed` while that is not certain, and as `must_open`."""
        found = self._find(subject, label)
        if found is not None:
            return found
        key, key_id = os.urandom(32), new_id()
        with self.database.transaction():
            self._alone()
            self.must_open()
            found = self._find(subject, label)
            if found is not None:
                return found
            if self.database.rows("SELECT 1 FROM closed_subjects WHERE subject = :subject", subject=subject):
                raise SubjectDestroyed if self._destroyed(subject) else SubjectClosed
            self.database.rows(
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
        found = self.database.rows(
            f"SELECT id, wrapped, master FROM subject_keys WHERE id {self.database.among('ids')}",
            ids=ids,
        )
        return {row[0]: self._unwrap(bytes(row[1]), row[2]) for row in found}

    def labelled(self, subjects: Collection[str]) -> dict[str, dict[str, tuple[str, bytes]]]:
        """The keys of each subject, in one query: the compartment's label and the key itself, by the key's id; a subject
        without any is left out."""
        found: dict[str, dict[str, tuple[str, bytes]]] = {}
        if subjects:
            among = self.database.among("subjects")
            rows = self.database.rows(
                f"SELECT subject, id, label, wrapped, master FROM subject_keys WHERE subject {among}",
                subjects=sorted(subjects),
            )
            for subject, key, sealed, wrapped, master in rows:
                label = self._open_label(key, bytes(sealed), master)
                found.setdefault(subject, {})[key] = label, self._unwrap(bytes(wrapped), master)
        return found

    def commitments(self) -> Iterator[tuple[str, tuple[str, str]]]:
        """Id, subject and commitment of every key; the commitment of a key that does not open is empty."""
        after = ""
        while rows := self.database.rows(
            "SELECT id, subject, wrapped, master FROM subject_keys WHERE id > :after ORDER BY id LIMIT 1000",
            after=after,
        ):
            for key, subject, wrapped, master in rows:
                try:
                    yield key, (subject, commitment(self._unwrap(bytes(wrapped), master)))
                except KeyUnreadable:
                    yield key, (subject, "")
            after = rows[-1][0]

    def close_subjects(self, subjects: Iterable[str], destruction: str) -> None:
        """Give these subjects no new key from here on."""
        with self.database.transaction():
            self._alone()
            for subject in sorted(set(subjects)):
                self.database.rows(
                    "INSERT INTO closed_subjects VALUES (:subject, :destruction) ON CONFLICT DO NOTHING",
                    subject=subject,
                    destruction=destruction,
                )

    def open_subjects(self, subjects: list[str], destruction: str) -> None:
        """Let those of these subjects have keys again whom a destruction closed that was not begun after all."""
        among = self.database.among("subjects")
        self.database.rows(
            f"DELETE FROM closed_subjects WHERE destruction = :destruction AND subject {among}",
            destruction=destruction,
            subjects=subjects,
        )

    def closed(self) -> dict[str, str]:
        """The closed subjects, each with the destruction that closed it."""
        return dict(self.database.rows("SELECT subject, destruction FROM closed_subjects"))

    def ids_of(self, subjects: list[str]) -> dict[str, tuple[str, ...]]:
        """The ids of all keys of some subjects, by subject."""
        found: dict[str, list[str]] = {subject: [] for subject in subjects}
        for key, subject in self.database.rows(
            f"SELECT id, subject FROM subject_keys WHERE subject {self.database.among('subjects')} ORDER BY id",
            subjects=subjects,
        ):
            found[subject].append(key)
        return {subject: tuple(keys) for subject, keys in found.items()}

    def standing(self, ids: list[str]) -> list[str]:
        """Which of these keys are still here."""
        among = self.database.among("ids")
        return [row[0] for row in self.database.rows(f"SELECT id FROM subject_keys WHERE id {among}", ids=ids)]

    def remove(self, ids: list[str]) -> None:
        """Delete keys for ever; the file still has to be rewritten (`service.log.compaction`)."""
        with self.database.transaction():
            self.database.rows(f"DELETE FROM subject_keys WHERE id {self.database.among('ids')}", ids=ids)

    def rewrap(self) -> int:
        """Wrap some keys anew that another master key wraps, with their labels; returns how many, 0 at the end. Safe to
        interrupt and to repeat. Raises `KeyUnreadable` for a key of a master key that is not at hand."""
        with self.database.transaction():
            self._alone()
            rows = self.database.rows(
                "SELECT id, label, wrapped, master FROM subject_keys WHERE master <> :master ORDER BY id LIMIT :limit",
                master=self.master_id,
                limit=REWRAPPED_AT_ONCE,
            )
            for key, label, wrapped, master in rows:
                self.database.rows(
                    "UPDATE subject_keys SET wrapped = :wrapped, label = :label, master = :master WHERE id = :id",
                    id=key,
                    wrapped=aes_key_wrap(self._master, self._unwrap(bytes(wrapped), master)),
                    label=self._seal_label(key, self._open_label(key, bytes(label), master)),
                    master=self.master_id,
                )
        return len(rows)

    def masters(self) -> dict[str, int]:
        """How many keys each master key wraps, by its name."""
        return dict(self.database.rows("SELECT master, count(*) FROM subject_keys GROUP BY master ORDER BY master"))

    def _alone(self) -> None:
        if self.database.engine != "sqlite":
            self.database.rows("SELECT pg_advisory_xact_lock(7501, 2)")

    def _find(self, subject: str, label: str) -> tuple[str, bytes] | None:
        rows = self.database.quick(
            "SELECT id, label, wrapped, master FROM subject_keys WHERE subject = :subject", subject=subject
        )
        for key_id, sealed, wrapped, master in rows:
            if self._open_label(key_id, bytes(sealed), master) == label:
                return key_id, self._unwrap(bytes(wrapped), master)
        return None

    def _of(self, master: str) -> bytes:
        if master not in self._masters:
            raise KeyUnreadable(f"a subject key is wrapped by master key {master}, which is not at hand")
        return self._masters[master]

    def _unwrap(self, wrapped: bytes, master: str) -> bytes:
        try:
            return aes_key_unwrap(self._of(master), wrapped)
        except InvalidUnwrap as error:
            raise KeyUnreadable("a subject key does not open with this master key") from error

    def _seal_label(self, key_id: str, label: str) -> bytes:
        nonce = os.urandom(12)
        return nonce + AESGCM(self._master).encrypt(nonce, label.encode(), key_id.encode())

    def _open_label(self, key_id: str, sealed: bytes, master: str) -> str:
        try:
            return AESGCM(self._of(master)).decrypt(sealed[:12], sealed[12:], key_id.encode()).decode()
        except InvalidTag as error:
            raise KeyUnreadable("a compartment label does not open with this master key") from error

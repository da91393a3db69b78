"""The sealer: signs what the log holds, and never what contradicts the checkpoint it signed before.

It trusts the texts and the note in its own directory, nothing else: each new leaf is recomputed from its text, and the tree
of the log's first events must have the root that was signed. A note is on disk before it is published, so that whoever
kills the sealer, and whatever is restored, there are never two roots for one size.
"""

import logging
from collections.abc import Callable, Sequence
from contextlib import suppress

from service.log.checkpoints import Checkpoints, Published, StoredHashes, signed
from service.log.codec import leaf_hash
from service.log.database import Database
from service.log.kept import Kept
from service.log.notes import BadNote, Checkpoint, Signer
from service.log.policy import LogKeys
from service.log.tree import WIDTH, HashesMissing, Tree, completed

_ANOTHER = "another checkpoint of size {} is published, by another key or by hand"
_EARLIER = "the last checkpoint is of {} events, and the policy leaves the sizes up to {} to the key before this one"
_EMPTY = (
    "{} holds no checkpoint, and one of size {} is published: put the directory back, or, when it is lost for ever and "
    "the log is known to be whole, take up that checkpoint once with `wahana seal --take-up`"
)
_STRANGE = (
    "{} holds no checkpoint, and those of this log that are published are all of another key: put back the key in use, or "
    "name the change in WAHANA_POLICY; a log that begins anew has a new WAHANA_LOG_ORIGIN"
)
_NAMED = (
    "the database names another key as the log's: somebody wrote into log_keys; name the right one in WAHANA_POLICY"
)
MOST_CLAIMED = 1000  # events that wait because rows stand at all their sizes
_LARGEST = 2**53 - 1  # size
log = logging.getLogger(__name__)


class SealRefused(Exception):
    """Nothing was signed; the message says why, for the operator."""


class TextLeaves:
    """Hashes as the log's texts make them, those of level 1 and above from ``new`` or else from the database.

    Anybody who may record may add hashes to the database: what was made from the texts comes before what is stored.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._stored = StoredHashes(database)
        self.new: dict[tuple[int, int], bytes] = {}

    def hashes(self, level: int, first: int, count: int) -> Sequence[bytes]:
        """As `service.log.tree.Hashes`. Raises `SealRefused` for a text that its leaf hash does not fit."""
        if level:
            made = [number for number in range(first, first + count) if (level, number) in self.new]
            upto = made[0] if made else first + count
            stored = self._stored.hashes(level, first, upto - first) if upto > first else []
            return [*stored, *(self.new[level, number] for number in made)]
        return self._leaves(first, count)

    def compare(self) -> None:
        """Raises `SealRefused` when the database holds another hash than one that was made."""
        rows = []
        for level in {level for level, _ in self.new}:
            first = min(number for at, number in self.new if at == level)
            sql = "SELECT number, hash FROM tree_hashes WHERE level = :level AND number >= :first"
            rows += [(level, *row) for row in self._database.rows(sql, level=level, first=first)]
        for level, number, value in rows:
            if self.new.get((level, number), bytes(value)) != bytes(value):
                raise SealRefused(f"tree_hashes, level {level}, number {number}: not the hash of its leaves")

    def _leaves(self, first: int, count: int) -> list[bytes]:
        rows = self._database.rows(
            "SELECT position, text, leaf FROM events WHERE position > :first AND position <= :end ORDER BY position",
            first=first,
            end=first + count,
        )
        found = []
        for expected, (position, text, leaf) in enumerate(rows, first + 1):
            recomputed = leaf_hash(text)
            if position != expected:
                raise SealRefused(f"position {expected} is missing")
            if recomputed != bytes(leaf):
                raise SealRefused(f"position {position}: the text does not match its leaf hash")
            found.append(recomputed)
        return found


class Sealer:
    """Seals one log. ``kept`` is its own directory, held alone by the caller; ``now`` the machine's clock as RFC 3339;
    ``keys`` are those of the log when the signer's is not the only one it had."""

    def __init__(
        self, database: Database, kept: Kept, signer: Signer, now: Callable[[], str], keys: LogKeys | None = None
    ) -> None:
        self._database = database
        self._kept = kept
        self._signer = signer
        self._now = now
        self._keys, self._policy = keys or LogKeys((signer.key,)), keys is not None
        self._published = Checkpoints(database)

    def head(self) -> int:
        """The log's last position."""
        return int(self._database.rows("SELECT coalesce(max(position), 0) FROM events")[0][0])

    def last(self) -> Checkpoint | None:
        """The checkpoint that stands in the directory. Raises `SealRefused` when the log's key did not sign it."""
        note = self._kept.read()
        try:
            return None if note is None else self._keys.opened(note)
        except BadNote as error:
            raise SealRefused(f"the checkpoint in {self._kept.directory}: {error}") from None

    def seal(self, *, take_up: bool = False) -> Checkpoint | None:
        """Sign and publish what is new, and publish first what a sudden end left unpublished.

        With ``take_up`` a directory that holds no checkpoint takes the database's word for the last one of the log's keys.
        Returns the checkpoint that stands now, or None while the log is empty. Raises `SealRefused`, `LogUnavailable`.
        """
        try:
            return self._seal(take_up)
        except HashesMissing as error:
            raise SealRefused(f"hashes of the tree are missing: {error}") from None

    def _seal(self, take_up: bool) -> Checkpoint | None:
        head, (last, found) = self.head(), self._last_of_all(take_up)
        if last and head < last.size:
            raise SealRefused(f"the log has {head} events, the last checkpoint {last.size}: an older log was put back")
        sealed = last.size if last else 0
        size = self._unclaimed(sealed, head)
        source = self._grown(sealed, size)
        if last:
            if Tree(source, last.size).root() != last.root:
                raise SealRefused(f"the first {last.size} events are not those of the last checkpoint")
            if found:
                self._kept.write(found)
            self._publish(source, last)
        if size == sealed:
            return last
        if self._keys.at(sealed + 1) != self._signer.key:  # or sizes in between would be left to an earlier key
            raise SealRefused(_EARLIER.format(sealed, self._keys.ends[-1]))
        new = Checkpoint(self._signer.key.name, size, Tree(source, size).root())
        self._kept.write(self._signer.note(new.text))
        self._publish(source, new)
        return new

    def _unclaimed(self, sealed: int, head: int) -> int:
        """The greatest size at which nothing stands yet. Whoever may record may add rows, to hinder the seal: what lies
        below them is sealed, and they are `strange`. Where there is nothing below, the one that is sealed; raises
        `SealRefused` when so many events wait for that reason that it is no accident."""
        rows = {one.size: one for one in self._published.between(sealed, head)}
        size = next((size for size in range(head, sealed, -1) if size not in rows), sealed)
        if any(signed(one, self._keys) for one in rows.values() if one.size > size) or head - size > MOST_CLAIMED:
            raise SealRefused(_ANOTHER.format(head))
        if size < head:
            log.warning("somebody wrote checkpoints of more than %s events: sealing what is below them", size)
        return size

    def _last_of_all(self, take_up: bool) -> tuple[Checkpoint | None, str]:
        """The last checkpoint in the directory, or a later one that was published, with its note: an older copy was put
        back. The note is not kept before its root is found to be that of the tree's hashes; those of full tiles are held
        against the texts by `reconcile`."""
        last = self.last()
        later = self._signed_after(last.size if last else 0)
        if later is None:
            if last is None and self._named_otherwise():
                raise SealRefused(_STRANGE.format(self._kept.directory))
            return last, ""
        checkpoint, note = later
        if last is None and not take_up:
            raise SealRefused(_EMPTY.format(self._kept.directory, checkpoint.size))
        if last and Tree(StoredHashes(self._database), last.size).root() != last.root:
            raise SealRefused(f"the first {last.size} events are not those of the checkpoint in the directory")
        log.warning("the directory held no or an older checkpoint: taking up that of size %s", checkpoint.size)
        return checkpoint, note

    def _named_otherwise(self) -> bool:
        """Whether the database names a key of this log's name that is none of its keys."""
        named = self._published.named_key()
        return named is not None and named.name == self._signer.key.name and named not in self._keys.keys

    def _signed_after(self, size: int) -> tuple[Checkpoint, str] | None:
        """The greatest published checkpoint above a size that the log's key signed, with its note."""
        for one in reversed(self._published.between(size, _LARGEST)):
            with suppress(BadNote):
                checkpoint = self._keys.opened(one.note)
                if checkpoint.size == one.size:
                    return checkpoint, one.note
        return None

    def _grown(self, sealed: int, head: int) -> TextLeaves:
        """The log's hashes, with those made from the texts that the last checkpoint, of size ``sealed``, does not vouch
        for, or that a sudden end kept from the database."""
        source, whole = TextLeaves(self._database), sealed // WIDTH
        sql = "FROM tree_hashes WHERE level = 1 AND number < :whole"
        if self._database.rows(f"SELECT count(*) {sql}", whole=whole)[0][0] < whole:
            there = {number for (number,) in self._database.rows(f"SELECT number {sql}", whole=whole)}
            sealed = WIDTH * next(number for number in range(whole) if number not in there)
        for level, number, value in completed(source, sealed, head):
            source.new[level, number] = value
        source.compare()
        return source

    def _publish(self, source: TextLeaves, checkpoint: Checkpoint) -> None:
        note = self._kept.read() or ""
        if self._published.named_key() is None:
            self._published.name_key(self._keys.keys[0])
        if not self._policy and (self._published.named_key() is None or self._named_otherwise()):
            raise SealRefused(_NAMED)
        there = self._published.at(checkpoint.size)
        if there is None:
            self._published.publish(source.new, Published(checkpoint.size, note, self._now()))
            there = self._published.at(checkpoint.size)
        if there is None or (there.note != note and signed(there, self._keys)):
            raise SealRefused(_ANOTHER.format(checkpoint.size))

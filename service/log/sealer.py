"""The sealer: signs what the log holds, and never what contradicts the checkpoint it signed before.

It trusts the texts and the note in its own directory, nothing else: each new leaf is recomputed from its text, and the tree
of the log's first events must have the root that was signed. A note is on disk before it is published, so that whoever
kills the sealer, and whatever is restored, there are never two roots for one size.
"""

import logging
from collections.abc import Callable, Sequence

from service.log.checkpoints import Checkpoints, Published, StoredHashes
from service.log.codec import leaf_hash
from service.log.database import Database
from service.log.kept import Kept
from service.log.notes import BadNote, Checkpoint, Signer, opened
from service.log.tree import WIDTH, HashesMissing, Tree, completed

_ANOTHER = "another checkpoint of size {} is published, by another key or by hand"
log = logging.getLogger(__name__)


class SealRefused(Exception):
    """Nothing was signed; the message says why, for the operator."""


class TextLeaves:
    """Hashes as the log's texts make them, those of level 1 and above from the database or from ``new``."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._stored = StoredHashes(database)
        self.new: dict[tuple[int, int], bytes] = {}

    def hashes(self, level: int, first: int, count: int) -> Sequence[bytes]:
        """As `service.log.tree.Hashes`. Raises `SealRefused` for a text that its leaf hash does not fit."""
        if level:
            stored = self._stored.hashes(level, first, count)
            rest = range(first + len(stored), first + count)
            return [*stored, *(self.new[level, number] for number in rest if (level, number) in self.new)]
        return self._leaves(first, count)

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
    """Seals one log. ``kept`` is its own directory, held alone by the caller; ``now`` the machine's clock as RFC 3339."""

    def __init__(self, database: Database, kept: Kept, signer: Signer, now: Callable[[], str]) -> None:
        self._database = database
        self._kept = kept
        self._signer = signer
        self._now = now
        self._published = Checkpoints(database)

    def head(self) -> int:
        """The log's last position."""
        return int(self._database.rows("SELECT coalesce(max(position), 0) FROM events")[0][0])

    def last(self) -> Checkpoint | None:
        """The checkpoint that stands in the directory. Raises `SealRefused` when it is not of this key."""
        note = self._kept.read()
        try:
            return None if note is None else opened(note, self._signer.key)
        except BadNote as error:
            raise SealRefused(f"the checkpoint in {self._kept.directory}: {error}") from None

    def seal(self) -> Checkpoint | None:
        """Sign and publish what is new, and publish first what a sudden end left unpublished.

        Returns the checkpoint that stands now, or None while the log is empty. Raises `SealRefused`, `LogUnavailable`.
        """
        head, last = self.head(), self._last_of_all()
        if last and head < last.size:
            raise SealRefused(f"the log has {head} events, the last checkpoint {last.size}: an older log was put back")
        source = self._grown(head)
        if last:
            if Tree(source, last.size).root() != last.root:
                raise SealRefused(f"the first {last.size} events are not those of the last checkpoint")
            self._publish(source, last)
        if head == (last.size if last else 0):
            return last
        if self._published.at(head) is not None:
            raise SealRefused(_ANOTHER.format(head))
        new = Checkpoint(self._signer.key.name, head, Tree(source, head).root())
        self._kept.write(self._signer.note(new.text))
        self._publish(source, new)
        return new

    def _last_of_all(self) -> Checkpoint | None:
        """The last checkpoint in the directory, or a later one that this key published: an older copy was put back."""
        last, published = self.last(), self._published.latest()
        if published is None or published.size <= (last.size if last else 0):
            return last
        try:
            later = opened(published.note, self._signer.key)
        except BadNote:
            return last
        if last and Tree(StoredHashes(self._database), last.size).root() != last.root:
            raise SealRefused(f"the first {last.size} events are not those of the checkpoint in the directory")
        log.warning("the directory held an older checkpoint than was published: taking up that of size %s", later.size)
        self._kept.write(published.note)
        return later

    def _grown(self, head: int) -> TextLeaves:
        """The log's hashes, with those that the database does not hold yet made from the texts."""
        source = TextLeaves(self._database)
        rows = self._database.rows("SELECT coalesce(max(number), -1) + 1 FROM tree_hashes WHERE level = 1")
        try:
            for level, number, value in completed(source, rows[0][0] * WIDTH, head):
                source.new[level, number] = value
        except HashesMissing as error:
            raise SealRefused(f"hashes of the tree are missing: {error}") from None
        return source

    def _publish(self, source: TextLeaves, checkpoint: Checkpoint) -> None:
        note = self._kept.read() or ""
        there = self._published.at(checkpoint.size)
        if there is None:
            self._published.publish(source.new, Published(checkpoint.size, note, self._now()))
            there = self._published.at(checkpoint.size)
        if there is None or there.note != note:
            raise SealRefused(_ANOTHER.format(checkpoint.size))
